"""The state of the accounts on the portfolio screen."""

from datetime import timedelta

import pytest

from exchange_cache.records import DataType
from exchange_cache.render.health import of_accounts
from tests.render.builders import (
    NOW,
    holding,
    reading,
    screen,
    tty,
    verdict,
    verdicts,
    wallet,
)


def test_an_account_that_never_synced_says_so_with_the_cure():
    shown = screen(reading(freshness=verdicts("main", age=None), oldest=None), tty(80))
    assert "✗ main: never synced   excache sync" in shown
    assert shown.splitlines()[0].split("   ")[-1].strip() == "never synced"


def test_a_refused_key_names_the_command_that_checks_it():
    refused = verdicts(
        "kraken",
        age=timedelta(hours=3),
        error="the key was refused (EAPI:Invalid key)",
        code="key_refused",
    )
    shown = screen(reading(freshness=refused))
    assert "! kraken: everything 3 h old (the key was refused (EAPI:Invalid key))" in shown
    assert "excache account check kraken" in shown


def test_a_fresh_part_whose_last_try_failed_is_not_called_well():
    shown = screen(reading(freshness=(verdict("main", error="timed out", code="unavailable"),)))
    assert (
        "! main: balances 12 min old, last try failed (timed out)   excache reload --account main"
        in shown
    )


def test_while_refreshing_there_is_nothing_to_cure():
    stale = (verdict("main", age=timedelta(hours=2)),)
    assert "! main: balances 2 h old (refreshing now)\n" in screen(
        reading(freshness=stale), refreshing=True
    )


def test_the_head_tells_the_age_of_the_oldest_fresh_part():
    own = (
        verdict("a", age=timedelta(minutes=3)),
        verdict("b", age=timedelta(minutes=50)),
        verdict("c", age=timedelta(days=3)),
    )
    assert "     50 min ago, 2 of 3 ✓" in screen(reading(freshness=own, accounts=("a", "b", "c")))


def test_one_error_of_several_parts_is_reported_once():
    down = "kraken did not answer ({}): connection refused"
    own = (
        verdict("main", error=down.format("balances of wallet spot"), code="unavailable"),
        verdict(
            "main",
            DataType.PRICES,
            error="spot, linear: " + down.format("prices spot"),
            code="unavailable",
        ),
    )
    shown = screen(reading(freshness=own))
    assert "last try failed (kraken did not answer: connection refused)   excache reload" in shown


def test_a_delisted_price_does_not_date_a_portfolio_that_is_due():
    old = timedelta(days=510)
    value = reading(
        holding("BTC", "1", "50000", state="stale", wallets=(wallet("BTC", "1"),)),
        holding("SRM", "10", "3", state="stale", price_age=old, wallets=(wallet("SRM", "10"),)),
        freshness=verdicts("main", age=timedelta(hours=3)),
        oldest=NOW - old,
    )
    shown = screen(value, tty(160))
    assert shown.splitlines()[0].endswith("   3 h ago")
    assert "! old price: SRM (30.00)   excache prices --asset SRM" in shown


def test_an_account_that_holds_next_to_nothing_does_not_date_the_whole():
    lost = verdicts("old", age=timedelta(days=400))
    value = reading(
        holding(
            "BTC", "1.001", "50000", wallets=(wallet("BTC", "1"), wallet("BTC", "0.001", "old"))
        ),
        freshness=(*verdicts("main", age=timedelta(hours=3)), *lost),
        oldest=NOW - timedelta(days=400),
    )
    shown = screen(value, tty(160))
    assert shown.splitlines()[0].endswith("   3 h ago")
    assert "! everything of all accounts up to 400 d old" in shown


@pytest.mark.parametrize(
    ("names", "accounts", "options"),
    [
        (("a", "b"), 2, ""),
        (("a", "b"), 5, " --account a --account b"),
        (("a", "b"), None, " --account a --account b"),
        (("a", "b", "c", "d"), 20, ""),
    ],
)
def test_a_command_names_few_accounts(
    names: tuple[str, ...], accounts: int | None, options: str
) -> None:
    assert of_accounts(names, accounts) == options
