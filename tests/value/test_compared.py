"""Net worth at two moments."""

from __future__ import annotations

from decimal import Decimal

from exchange_cache.value.compared import Compared


def test_a_percentage_is_that_of_the_same_accounts() -> None:
    found = Compared(before=Decimal(200), after=Decimal(150), common=2, came=("okx",))
    assert (found.change, found.fraction) == (-50, Decimal("-0.25"))


def test_nothing_has_no_percentage() -> None:
    assert Compared(before=Decimal(0), after=Decimal(5), common=1).fraction is None
