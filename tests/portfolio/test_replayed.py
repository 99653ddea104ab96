"""Replayed holdings as records, and the warnings of a replay."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from exchange_cache.portfolio.replayed import (
    Repeated,
    balance_of,
    of_the_past,
    open_results,
    still_read,
)
from tests.builders import NOW, position
from tests.render.builders import finding, holding, position as open_position, reading, wallet

SAME = "excache portfolio --at 2026-01-31T12:00Z --quote EUR"


def test_a_replayed_balance_has_no_known_wallet_and_no_split() -> None:
    found = balance_of(("main", "BTC"), Decimal("0.5"), NOW)
    assert (found.account, found.wallet, found.asset) == ("main", "replayed", "BTC")
    assert (found.total, found.free, found.used) == (Decimal("0.5"), None, None)
    assert found.fetched_at == NOW


def test_warnings_about_prices_concern_that_day() -> None:
    value = reading(
        holding("BTC", "1"),
        *(holding(f"A{number}", "1", None) for number in range(8)),
        warnings=(finding("unpriced", "no route", asset="A0"), finding("other", "stays")),
    )
    first, second = of_the_past(
        value, NOW, lambda moment, assets: [(a, moment) for a in assets], Repeated.of(NOW, "").same
    )
    assert (first.code, first.message) == (
        "past_prices",
        "no price of that day is stored for A0, A1, A2, A3, A4, A5 and 2 more",
    )
    assert first.hint == "excache portfolio --at 2026-01-31T12:00Z --wait"
    assert second.code == "other"


def test_a_command_is_offered_only_where_it_can_help() -> None:
    later = replace(holding("ETH", "1"), price_state="stale")
    value = reading(later, holding("BTC", "1", None), holding("KFEE", "1", None))
    found = of_the_past(value, NOW, lambda moment, assets: [("BTC", moment)], SAME)
    command = f"{SAME} --wait"
    assert [(one.code, one.message, one.hint) for one in found] == [
        ("past_prices", "no price of that day is stored for BTC", command),
        (
            "past_prices",
            "no price of that day is stored for KFEE; none of your exchanges serves one",
            None,
        ),
        ("past_prices_later", "valued at the first price after that time: ETH", None),
    ]


def test_open_positions_are_named_since_their_results_are_unknown() -> None:
    assert list(open_results([])) == []
    (found,) = open_results([position()])
    assert found.code == "past_open_result"
    assert found.message.startswith("results of positions open then are in no total")


def test_what_settings_have_switched_off_is_in_no_standing() -> None:
    value = reading(
        holding("BTC", "3", wallets=(wallet("BTC", "1"), wallet("BTC", "2", name="swap"))),
        holding("SPAM", "9", wallets=(wallet("SPAM", "9"),)),
        positions=(open_position(), open_position(wallet="margin")),
    )
    found = still_read(value, {"main": {"spot"}}, {"main": {"SPAM"}})
    assert [(one.asset, [part.wallet for part in one.wallets]) for one in found.holdings] == [
        ("BTC", ["spot"])
    ]
    assert [own.position.wallet for own in found.positions] == ["margin"]
    assert still_read(value, {}, {}).holdings == value.holdings
