"""The stored states of cost: what a new fill rewrites, and how they are cut back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from exchange_cache.cache.cost_position import Position
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import from_ms, to_ms
from exchange_cache.ledger.asset_events import AssetEvents
from exchange_cache.sync import derivation
from exchange_cache.sync.costs import ledger_of
from tests.cost.builders import NOW, at, contract, fill
from tests.sync.test_derivation import closing_at, keep
from tests.sync.test_past_states import derive, of

#: Tables that hold states. The newest day of a book is in its state, too.
STATES = ("cost_states", "cost_lots", "cost_exposures", "cost_positions", "cost_books")


@pytest.fixture
def repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ExchangeCacheRepository]:
    monkeypatch.setattr(derivation, "STEP", 10)
    with closing_at(tmp_path / "cache") as made:
        yield made


def some(number: int, first: int = 0) -> list[Any]:
    """Purchases and sales of several assets by two accounts, an hour apart."""
    return [
        fill(
            "sell" if hour % 5 == 4 else "buy",
            "1",
            str(10 + hour % 7),
            symbol=("BTC/USDT", "ETH/USDT", "XRP/USDT")[hour % 3],
            hour=hour,
            account="ab"[hour % 2],
            fill_id=f"{hour:05}",
        )
        for hour in range(first, first + number)
    ]


def select(repository: ExchangeCacheRepository, query: str) -> list[tuple[Any, ...]]:
    return repository._database.select(query, ())


def contents(repository: ExchangeCacheRepository) -> dict[str, list[tuple[Any, ...]]]:
    return {table: select(repository, f"SELECT * FROM {table}") for table in STATES}


def changes(repository: ExchangeCacheRepository) -> int:
    """How many rows this connection has written."""
    return int(repository._database.peewee.connection().total_changes)


def test_a_new_fill_rewrites_as_many_rows_in_a_long_history_as_in_a_short_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(derivation, "STEP", 50)
    written = []
    for number in (120, 1200):
        with closing_at(tmp_path / str(number)) as repository:
            keep(repository, *some(number))
            derive(repository)
            keep(repository, fill("buy", "1", "9", hour=number, account="a"))
            before = changes(repository)
            derive(repository)
            written.append(changes(repository) - before)
    # states, lots of three methods and days of two accounts and the pool, of two assets; and the
    # answers of both by four methods
    assert abs(written[1] - written[0]) <= 6
    assert written[1] < 130


def test_nothing_new_rewrites_no_state(repository: ExchangeCacheRepository) -> None:
    keep(repository, *some(35))
    derive(repository)
    before = contents(repository)
    derive(repository)
    assert contents(repository) == before


def test_cutting_back_restores_the_states_of_the_position(
    repository: ExchangeCacheRepository,
) -> None:
    keep(repository, *some(30), contract("buy", "1", "5", hour=3, account="a"))
    derive(repository)
    states = repository.cost_states("USDT")
    kept = states.last_kept()
    lots = "SELECT book, method, place, lot_order, quantity FROM cost_lots WHERE until_ms IS NULL"
    with states.write():
        states.cut_back(kept)
    before = sorted(select(repository, lots))
    keep(repository, *some(40, first=30))
    derive(repository)
    assert sorted(select(repository, lots)) != before
    with states.write():
        states.cut_back(kept)
    assert sorted(select(repository, lots)) == before
    assert states.newest() == kept
    last = select(repository, "SELECT max(at_ms) FROM cost_states")
    assert last <= [(kept.at_ms,)]


def test_positions_stay_after_so_many_rows_and_the_newest_one_goes(
    repository: ExchangeCacheRepository,
) -> None:
    for number in range(3):
        keep(repository, *some(4, first=4 * number))
        derive(repository)
    found = select(repository, "SELECT at_ms, kept, events FROM cost_positions ORDER BY at_ms")
    assert [(kept, events) for _, kept, events in found] == [(1, 10), (0, 12)]
    states = repository.cost_states("USDT")
    assert states.position(found[0][0] - 1) == Position()
    assert states.newest().at_ms == to_ms(at(11)) + 1


def test_a_row_from_before_lowers_the_moment_up_to_which_states_hold(
    repository: ExchangeCacheRepository,
) -> None:
    keep(repository, *some(30))
    derive(repository)
    ledger = ledger_of(repository, of(AssetEvents()))
    assert ledger.valid_until() == to_ms(at(29)) + 1
    keep(repository, fill("buy", "1", "9", hour=17.5, account="a"))
    assert ledger.valid_until() == to_ms(at(17.5))
    assert from_ms(ledger.position(to_ms(NOW)).at_ms) <= at(17.5)


def test_days_before_the_newest_are_rows_and_join_the_answer(
    repository: ExchangeCacheRepository,
) -> None:
    rows = [
        fill("sell" if n % 2 else "buy", "1", str(5 + n), hour=24 * n, account="a")
        for n in range(8)
    ]
    for row in rows:
        keep(repository, row)
        derive(repository)
    bases = repository.derived.bases("fifo", "USDT")
    (basis,) = [one for one in bases if one.asset == "BTC" and one.account == "a"]
    assert [amount for _, amount in basis.realised_by_day] == [1, 1, 1, 1]
    assert [day for day, _ in basis.realised_by_day] == [at(24 * n).date() for n in (1, 3, 5, 7)]
