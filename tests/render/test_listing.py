"""Lists in every format."""

from decimal import Decimal

import pytest

from exchange_cache.records import Balance
from exchange_cache.render import words
from exchange_cache.render.listing import Column, Listing
from exchange_cache.render.lists import balances_listing, fills_listing
from tests.builders import fill
from tests.render.builders import NOW, READ, listed, tty


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


@pytest.mark.parametrize("kind", ["signed", "decimal", "percent"])
def test_the_digits_of_a_column_are_counted_once_whatever_its_length(
    monkeypatch: pytest.MonkeyPatch, kind: str
):
    """Counted anew for each row, 12,000 fills took 25 seconds."""
    counted = []
    count = words.quantity_digits
    monkeypatch.setattr(words, "quantity_digits", lambda *all: counted.append(1) or count(*all))
    listing = Listing(
        title="",
        columns=(Column(key="x", heading="X", kind=kind),),
        rows=tuple({"x": Decimal(number)} for number in range(50)),
        as_of=NOW,
    )
    assert listed(listing).count("\n") > 50
    assert len(counted) <= 1


def test_an_empty_list_says_that_it_is_empty():
    assert listed(fills_listing([], NOW)) == "0 fills\n\nNo fills.\n"


def _fills(*accounts):
    return [
        fill(
            account=account,
            fill_id=account + symbol,
            symbol=symbol,
            amount="0.12345678",
            fees=("0.00012345 BTC",),
        )
        for account in accounts
        for symbol in ("BTC/USDT", "DOGE/USDT")
    ]


def test_a_narrow_list_of_one_account_names_it_once_and_keeps_the_fee():
    shown = listed(fills_listing(_fills("savings"), NOW), terminal=tty(80))
    assert shown.splitlines()[0].startswith("2 fills of savings   ")
    assert "Account" not in shown
    assert shown.count("0.00012345 BTC") == 2
    assert max(map(len, shown.splitlines())) <= 80


def test_a_wide_list_of_one_account_and_any_of_two_keep_its_column():
    wide = listed(fills_listing(_fills("savings"), NOW), terminal=tty(200))
    assert "of savings" not in wide
    assert wide.count("savings") == 2
    two = listed(fills_listing(_fills("savings", "other"), NOW), terminal=tty(80))
    assert " of " not in two.splitlines()[0]
    assert "Account" in two


@pytest.mark.parametrize("width", [60, 80, 100, 140])
def test_two_balances_of_one_wallet_differ_in_what_is_shown(width):
    held = [
        Balance(
            account="main",
            wallet="margin-isolated",
            code=code,
            asset="BTC",
            free=Decimal("5.00000001"),
            used=Decimal("1234567.1"),
            total=Decimal("12345678.00000001"),
            debt=Decimal("1234567.12345678"),
            fetched_at=READ,
        )
        for code in ("BTC", "BTC.F")
    ]
    shown = listed(balances_listing(held, NOW), terminal=tty(width))
    assert shown.count("BTC.F") == 1
