"""One writer for each format."""

import pytest

from exchange_cache.render.formats import FORMATS
from exchange_cache.render.output import write_portfolio
from tests.render.builders import (
    NOW,
    PIPED,
    printed,
    reading,
)


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_prints_an_empty_portfolio(form):
    assert printed(write_portfolio, reading(), form=form, terminal=PIPED, now=NOW)


def test_an_unknown_format_is_refused_by_name():
    with pytest.raises(ValueError, match="unknown format 'yaml'"):
        printed(write_portfolio, reading(), form="yaml", terminal=PIPED, now=NOW)
