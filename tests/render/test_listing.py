"""Lists in every format."""

import pytest

from exchange_cache.render.listing import Column, Listing
from exchange_cache.render.lists import (
    fills_listing,
)
from tests.render.builders import (
    NOW,
    listed,
)


def test_a_column_of_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="column x: unknown kind 'money'"):
        Column(key="x", kind="money")


def test_a_number_must_be_a_decimal():
    listing = Listing(
        title="",
        columns=(Column(key="x", heading="X", kind="decimal"),),
        rows=({"x": 0.1},),
        as_of=NOW,
    )
    with pytest.raises(TypeError, match=r"not a Decimal: 0\.1"):
        listed(listing)


def test_an_empty_list_says_that_it_is_empty():
    assert listed(fills_listing([], NOW)) == "0 fills\n\nNo fills.\n"
