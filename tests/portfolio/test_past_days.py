"""The days before the first snapshot: read in windows, and again only from the first change."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from exchange_cache.clock import from_ms, to_ms
from exchange_cache.portfolio.past_days import DAY_MS, Days, days_in
from exchange_cache.sync import derivation, past_flows
from exchange_cache.sync.past_flows import PastFlows
from tests.portfolio.conftest import NOON, FirstSyncs, StillWorld

START = to_ms(NOON) // DAY_MS


@pytest.fixture
def synced(
    first_syncs: FirstSyncs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[StillWorld]:
    monkeypatch.setattr(derivation, "STEP", 20)
    monkeypatch.setattr(past_flows, "WINDOW", 20)
    yield from first_syncs.world(tmp_path, seed=8, fills=300, accounts={"kraken": "kraken"})


def execute(world: StillWorld, *statements: str) -> None:
    with sqlite3.connect(world.world.home / "cache.sqlite3") as connection:
        for one in statements:
            connection.execute(one)
    connection.close()


def stored(world: StillWorld) -> dict[str, Any]:
    repository = world.world.repository()
    found = {key: repository.progress.recalled("*", f"net_worth_{key}") for key in ("past", "days")}
    repository.close()
    return found


def points(world: StillWorld) -> Any:
    found = stored(world)
    named = found["past"]["gaps"]
    rows = [
        [at, worth, [named[one] for one in gaps]] for at, worth, gaps in found["past"]["points"]
    ]
    days = days_in(found["days"])
    return rows, days.moves, days.seen, days.first_ms


@pytest.fixture
def read_from(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The beginning (ms) of every window that is read."""
    starts: list[int] = []
    between = PastFlows.between

    def noted(self: PastFlows, start_ms: int, end_ms: int) -> Any:
        starts.append(start_ms)
        return between(self, start_ms, end_ms)

    monkeypatch.setattr(PastFlows, "between", noted)
    return starts


#: A late row of each kind, a copy of one that is stored.
_AGO = to_ms(NOON) - 30 * DAY_MS
_FILL = f"""INSERT INTO exchange_fills ({{names}}) SELECT {{values}} FROM exchange_fills
  WHERE kind = 'trade' AND settle IS NULL ORDER BY abs(time_ms - {_AGO}) LIMIT 1"""
_TRANSFER = f"""INSERT INTO exchange_transfers ({{names}}) SELECT {{values}}
  FROM exchange_transfers WHERE kind = 'deposit' ORDER BY abs(time_ms - {_AGO}) LIMIT 1"""


def copy(world: StillWorld, table: str, statement: str, key: str) -> str:
    with sqlite3.connect(world.world.home / "cache.sqlite3") as connection:
        names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    connection.close()
    changed = {key: "'late'", "time_ms": f"{_AGO}"}
    values = ", ".join(changed.get(name, name) for name in names)
    return statement.format(names=", ".join(names), values=values)


@pytest.mark.parametrize("kind", ["fill", "transfer", "price", "gone", "changed"])
def test_after_a_late_row_only_the_days_from_it_on_are_read_again(
    synced: StillWorld, read_from: list[int], kind: str
) -> None:
    before = points(synced)
    statement = {
        "fill": lambda: copy(synced, "exchange_fills", _FILL, "fill_id"),
        "transfer": lambda: copy(synced, "exchange_transfers", _TRANSFER, "transfer_id"),
        "price": lambda: f"UPDATE asset_rates SET value = '7' WHERE at_ms > {_AGO}",
        "gone": lambda: f"DELETE FROM exchange_fills WHERE time_ms > {_AGO}",
        "changed": lambda: f"UPDATE exchange_fills SET cost = '7' WHERE time_ms > {_AGO}",
    }[kind]()
    execute(synced, statement)
    synced.pass_time(hours=2)
    synced.sync()
    again = points(synced)
    assert again != before
    first, starts = again[3], sorted(read_from)
    assert starts and starts[0] > first + 5 * DAY_MS, "not from the beginning"

    execute(synced, "DELETE FROM exchange_memory WHERE key LIKE 'net_worth_%'")
    synced.pass_time(hours=2)
    synced.sync()
    assert min(read_from) <= first
    assert points(synced) == again, "as from nothing"


def test_nothing_is_read_where_no_older_row_is_new(
    synced: StillWorld, read_from: list[int]
) -> None:
    synced.pass_time(hours=2)
    synced.sync()
    before = stored(synced)
    read_from.clear()
    synced.pass_time(hours=2)
    synced.venue.trade("kraken", "BTC/EUR", "buy", Decimal("0.01"))
    synced.sync()
    old = [one for one in read_from if one < to_ms(NOON) - DAY_MS]
    assert not old and stored(synced) == before


def test_parts_and_accounts_are_answered_by_the_stored_days(
    synced: StillWorld, read_from: list[int]
) -> None:
    for options in (
        ("--by", "asset"),
        ("--by", "account"),
        ("--account", "kraken", "--every", "day"),
    ):
        assert synced.run("history", *options, "--json").json()["rows"]
    assert not read_from


def test_another_ignored_asset_begins_anew(synced: StillWorld, read_from: list[int]) -> None:
    config = synced.world.home / "config.toml"
    config.write_text(
        config.read_text().replace(
            "[accounts.kraken]\n", '[accounts.kraken]\nignore_assets = ["BTC"]\n', 1
        )
    )
    assert "ignore_assets" in config.read_text()
    synced.pass_time(hours=2)
    synced.sync()
    moves = points(synced)[1]
    assert moves and not [place for place in moves if place[1] == "BTC"]


def test_the_first_and_the_last_price_of_a_day_stay() -> None:
    days = Days(anchor={}, times={}, at=NOON)
    for minute, price in ((5, "5"), (3, "3"), (9, "9"), (9, "10"), (7, "7")):
        days.see("BTC", START * DAY_MS + minute, price)
    seen = [(asset, to_ms(at) - START * DAY_MS, str(one)) for asset, at, one in days.sightings()]
    assert seen == [("BTC", 3, "3"), ("BTC", 9, "10")]


def test_a_movement_at_midnight_belongs_to_the_day_that_it_ends() -> None:
    days = Days(anchor={}, times={}, at=NOON)
    days.moves = {("a", "BTC"): {START: 1, START + 1: 2}}  # type: ignore[dict-item]
    days.first_ms = START * DAY_MS
    assert days.forget_from(START * DAY_MS + 1) == START * DAY_MS
    assert days.moves == {("a", "BTC"): {START: 1}} and days.first_ms == START * DAY_MS
    assert from_ms(START * DAY_MS) + timedelta(hours=12) == NOON
