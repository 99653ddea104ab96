"""What stands before the figures of a portfolio."""

from datetime import timedelta

import pytest

from exchange_cache.findings import ALARMS
from exchange_cache.records import DataType
from exchange_cache.sync.key_rights import words_of
from exchange_cache.value.freshness import State
from tests.render.builders import (
    ASCII,
    finding,
    position,
    reading,
    screen,
    tty,
    verdict,
    verdicts,
)


def test_near_liquidations_come_right_after_the_total_the_nearest_first() -> None:
    value = reading(
        positions=(
            position("bybit", "XRP/USDT:USDT", distance="0.089"),
            position("bybit", "BTC/USDT:USDT", distance="0.1"),
            position("bybit", "ETH/USDT:USDT", distance="0.0131"),
            position("main", "SOL/USDT:USDT", distance="0.05", side="short"),
        )
    )
    lines = screen(value, tty(120)).splitlines()
    assert lines[1] == (
        "▲ bybit ETH long 1.3 % from liquidation (50,120.00); main SOL short 5.0 %;"
        " bybit XRP long 8.9 %"
    )
    narrow = screen(value, tty(60)).splitlines()
    assert narrow[1] == "▲ bybit ETH long 1.3 % from liquidation (50,120.00); 2 more"
    assert screen(value, ASCII).splitlines()[1].startswith("!! bybit ETH long 1.3 %")


@pytest.mark.parametrize("code", sorted(ALARMS))
def test_an_emptied_account_is_a_danger_and_not_well(code: str) -> None:
    gone = finding(
        code, "1 BTC left the account", account="main", hint="excache sync --account main"
    )
    own = (verdict("main"), verdict("bybit"))
    shown = screen(reading(freshness=own, warnings=(gone,), accounts=("main", "bybit")))
    assert "1 of 2 ✓\n▲ main: 1 BTC left the account   excache sync --account main\n" in shown


def test_a_key_that_may_withdraw_is_a_danger_and_one_that_may_trade_is_not() -> None:
    may = finding("key_rights", words_of(("trade", "withdraw")), account="main", hint="make one")
    assert (
        "▲ main: this key may TRADE and WITHDRAW; replace it with one that only reads"
        "   excache account check main" in screen(reading(warnings=(may,)))
    )
    trades = finding("key_rights", words_of(("trade",)), account="main", hint="make one")
    assert "TRADE" not in screen(reading(warnings=(trades,)))


def test_accounts_that_are_merely_old_share_a_line() -> None:
    own = tuple(verdict(name, age=timedelta(hours=hours)) for name, hours in (("a", 2), ("b", 3)))
    shown = screen(reading(freshness=own, accounts=("a", "b")))
    assert "! balances of all accounts up to 3 h old   excache reload\n" in shown
    assert "✓" not in shown
    some = screen(reading(freshness=(*own, verdict("c")), accounts=("a", "b", "c")))
    assert "! balances of a and b up to 3 h old   excache reload --account a --account b" in some
    assert "1 of 3 ✓" in some
    ahead = screen(reading(freshness=own, accounts=("a", "b")), refreshing=True)
    assert "! balances of all accounts up to 3 h old; refreshing now\n" in ahead


def test_a_failed_account_has_its_own_line_before_those_that_are_old() -> None:
    own = (
        verdict("a", age=timedelta(hours=2)),
        verdict("b", age=timedelta(hours=3)),
        *verdicts("c", error="timed out", code="unavailable"),
    )
    lines = screen(reading(freshness=own, accounts=("a", "b", "c"))).splitlines()
    assert lines[1].startswith("! c: everything 12 min old, last try failed (timed out)")
    assert lines[2].startswith("! balances of a and b up to 3 h old")


def test_twenty_failed_accounts_do_not_fill_the_screen() -> None:
    names = [f"a{number:02}" for number in range(20)]
    own = tuple(verdict(name, error=f"{name} is down", code="unavailable") for name in names)
    shown = screen(reading(freshness=own, accounts=tuple(names)))
    assert shown.count("excache reload") == 4
    assert "! 16 more have problems: a04, a05," in shown
    assert "excache status\n" in shown


def test_what_an_exchange_does_not_offer_is_no_trouble() -> None:
    own = (verdict("main"), verdict("main", DataType.POSITIONS, age=None, state=State.NOT_OFFERED))
    assert "1 of 1 ✓\n" in screen(reading(freshness=own))


def test_first_syncs_that_did_not_end_share_a_line_and_are_not_called_never_synced() -> None:
    names = ("main", "bybit", "okx")
    kinds = (DataType.FILLS, DataType.ORDERS, DataType.TRANSFERS)
    begun = [
        one
        for name in names
        for one in (verdict(name), *(verdict(name, kind, age=None) for kind in kinds))
    ]
    shown = screen(reading(freshness=tuple(begun), accounts=names), tty(80))
    assert "! all accounts: the first sync is not complete   excache sync\n" in shown
    assert "never synced" not in shown
    more = (*begun, verdict("new", age=None))
    shown = screen(reading(freshness=more, accounts=(*names, "new")), tty(100))
    assert "✗ new: never synced   excache sync --account new\n" in shown
    assert "! main, bybit, okx: the first sync is not complete" in shown
