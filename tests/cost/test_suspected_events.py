"""Asset events that the data suggest: found, with the setting that states them filled in."""

from __future__ import annotations

import tomllib
from dataclasses import replace

import pytest

from exchange_cache.config.asset_events import asset_events
from exchange_cache.cost.suspected_events import suspected_swaps, suspected_units
from exchange_cache.findings import Finding
from exchange_cache.ledger.asset_events import AssetEvent, AssetEvents, EventKind
from exchange_cache.records import Transfer
from tests.cost.builders import D, at, balance, fill, pooled, transfer

OUT = transfer("unclassified", "-1000", "OLD", hour=50, transfer_id="out")
BACK = transfer("reward", "1000", "NEW", hour=50, transfer_id="in")
DOT = pooled(fill("buy", "10", "300", symbol="DOT/USDT", hour=5), asset="DOT")


def found(*rows: Transfer, assets: AssetEvents | None = None) -> list[Finding]:
    return list(suspected_swaps(rows, assets or AssetEvents()))


def stated(finding: Finding) -> AssetEvent:
    """The event that the hint's line of config.toml states."""
    assert finding.hint is not None
    name, _, line = finding.hint.partition(": ")
    assert name == "config.toml"
    (event,) = asset_events(tomllib.loads(line)["asset_events"])
    return event


def test_equal_and_opposite_legs_of_one_moment_are_suspected() -> None:
    (one,) = found(OUT, BACK)
    assert (one.code, one.account, one.asset) == ("asset_event_suspected", "main", "NEW")
    assert "1,000 OLD left and 1,000 NEW were credited at one moment" in one.message
    event = stated(one)
    assert (event.kind, event.old, event.new) == (EventKind.RENAME, "OLD", "NEW")
    assert (event.at, event.factor) == (at(50), 1)


def test_the_proposed_setting_states_the_factor() -> None:
    (one,) = found(OUT, replace(BACK, quantity=D(60000)))
    assert stated(one).factor == 60


def test_the_proposed_setting_ends_the_suspicion() -> None:
    (one,) = found(OUT, BACK)
    assert found(OUT, BACK, assets=AssetEvents(events=(stated(one),))) == []


@pytest.mark.parametrize(
    "row",
    [
        replace(BACK, quantity=D("713.29")),
        replace(BACK, time=at(51)),
        replace(BACK, asset="OLD"),
        transfer("deposit", "1000", "NEW", hour=50),
    ],
    ids=["a price", "another moment", "a reversal", "a deposit"],
)
def test_other_rows_are_not_suspected(row: Transfer) -> None:
    assert found(OUT, row) == []


def test_a_balance_a_hundred_times_the_history_is_suspected() -> None:
    held = balance("1000", "DOT")
    (one,) = suspected_units([held], [DOT])
    assert "exactly 100 times the 10 that the history adds up to" in one.message
    event = stated(one)
    assert (event.kind, event.old, event.new) == (EventKind.REDENOMINATION, "DOT", "DOT")
    assert (event.factor, event.at) == (100, at(24))


@pytest.mark.parametrize("total", ["10", "20", "999", "0", "-1000"])
def test_other_balances_are_not_suspected(total: str) -> None:
    assert list(suspected_units([balance(total, "DOT")], [DOT])) == []
