"""Caches of the second schema: what would count twice beside the rows of today is renamed, or
forgotten and read again."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.migrations import MIGRATIONS, migrate
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamKey, StreamState
from exchange_cache.clock import to_ms
from exchange_cache.ledger.coverage import Ranges
from exchange_cache.records import DataType, Fill, FillKind, Transfer, TransferKind
from tests.builders import NOW, at, fill, transfer

Record = Fill | Transfer
NOW_MS = to_ms(NOW)
#: Kinds that the second schema called otherwise.
FORMER_KINDS = {"unclassified": "other"}


def read(history: str, *records: Record) -> tuple[StreamState, Sequence[Record]]:
    data_type, scope = history.split("/")
    key = StreamKey(account="main", data_type=DataType(data_type), scope=scope)
    return StreamState(key=key, covered=Ranges.of((0, NOW_MS)), completed_ms=NOW_MS), records


@contextmanager
def opened(
    cache_file: Path, *histories: tuple[StreamState, Sequence[Record]]
) -> Iterator[ExchangeCacheRepository]:
    """A cache of the second schema with these histories, opened by the program of today."""
    cache_file.parent.mkdir()
    today = cache_file.with_name("today.sqlite3")
    with closing(ExchangeCacheRepository.open(today)) as written:
        for state, records in histories:
            written.ledger.save_page(state, records, NOW)
    with closing(sqlite3.connect(cache_file, isolation_level=None)) as old:
        database = CacheDatabase(cache_file)
        migrate(database.peewee, "here", MIGRATIONS[:2])
        database.close()
        old.execute("ATTACH ? AS today", (str(today),))
        for table in ("fills", "orders", "transfers", "coverage", "streams"):
            take_over(old, f"exchange_{table}")
        for now, former in FORMER_KINDS.items():
            old.execute("UPDATE exchange_transfers SET kind = ? WHERE kind = ?", (former, now))
    repository = ExchangeCacheRepository.open_existing(cache_file)
    assert repository is not None
    yield repository
    repository.close()


def take_over(old: sqlite3.Connection, table: str) -> None:
    """Copy the rows that today's program wrote, in the columns that the old table has."""
    columns = ", ".join(name for _, name, *_ in old.execute(f"PRAGMA main.table_info({table})"))
    old.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM today.{table}")


def remembered(repository: ExchangeCacheRepository) -> set[str]:
    """The histories whose reading is still known to be whole."""
    states = repository.ledger.states("main")
    return {
        f"{one.key.data_type}/{one.key.scope}"
        for one in states
        if one.covered == Ranges.of((0, NOW_MS))
    }


def test_fills_of_hyperliquid_get_the_names_of_today_and_keep_their_history(
    cache_file: Path,
) -> None:
    bought, sold = fill(fill_id="7", time=at(0)), fill(fill_id="8", time=at(1), side="sell")
    ledger = read("transfers/ledger", transfer(scope="ledger", transfer_id="0xab:deposit"))
    with opened(
        cache_file, read("fills/fills", bought, sold), ledger, read("transfers/funding")
    ) as repository:
        names = {one.fill_id for one in repository.ledger.fills()}
        assert names == {f"7:{to_ms(at(0))}:B", f"8:{to_ms(at(1))}:A"}
        assert list(repository.ledger.transfers()) == []
        assert remembered(repository) == {"fills/fills", "transfers/funding"}


@pytest.mark.parametrize(
    ("scope", "beside"),
    [
        ("ledger", ("transfers/funding-usdt",)),  # Gate
        ("log", ("fills/fills",)),  # Kraken Futures
    ],
)
def test_converts_reported_as_two_moves_are_read_again(
    cache_file: Path, scope: str, beside: tuple[str, ...]
) -> None:
    kept = transfer(scope=scope, transfer_id="1", kind=TransferKind.INTERNAL)
    leg = replace(kept, transfer_id="2", kind=TransferKind.UNCLASSIFIED)
    with opened(
        cache_file, read(f"transfers/{scope}", kept, leg), *(read(one) for one in beside)
    ) as repository:
        assert list(repository.ledger.transfers()) == [kept]
        assert remembered(repository) == set(beside)


def test_moves_of_bitvavo_are_read_again(cache_file: Path) -> None:
    moves = (
        read(f"transfers/{scope}", transfer(scope=scope, transfer_id="0xab"))
        for scope in ("deposits", "withdrawals")
    )
    with opened(cache_file, *moves, read("transfers/history")) as repository:
        assert list(repository.ledger.transfers()) == []
        assert remembered(repository) == {"transfers/history"}


def test_halves_of_converts_at_coinbase_are_read_again(cache_file: Path) -> None:
    trade = fill(fill_id="1")
    half = fill(fill_id="2", kind=FillKind.CONVERT)
    spot = (read("fills/spot", trade), read("orders/spot"))
    with opened(cache_file, *spot, read("transfers/transactions", half)) as repository:
        assert list(repository.ledger.fills()) == [trade]
        assert remembered(repository) == {"fills/spot", "orders/spot"}


def test_histories_of_bingx_per_symbol_that_nobody_would_end_are_forgotten(
    cache_file: Path,
) -> None:
    trade = fill(fill_id="1")
    state, records = read("fills/spot", trade)
    failed = replace(
        state,
        key=replace(state.key, symbol="BTC/USDT"),
        state="failed",
        completed_ms=None,
        error="it was down",
    )
    with opened(
        cache_file, (failed, records), read("transfers/moves-spot-usdtmperp")
    ) as repository:
        assert list(repository.ledger.fills()) == [trade]
        assert [one.key.scope for one in repository.ledger.states("main")] == [
            "moves-spot-usdtmperp"
        ]


def test_histories_of_others_stay_as_they_are(cache_file: Path) -> None:
    trade, convert = fill(fill_id="1"), fill(fill_id="2", kind=FillKind.CONVERT)
    row = transfer(scope="ledger", transfer_id="1", kind=TransferKind.UNCLASSIFIED)
    with opened(
        cache_file,
        read("fills/spot", trade, convert),
        read("orders/spot"),
        read("transfers/ledger", row),
    ) as repository:
        assert set(repository.ledger.fills()) == {trade, convert}
        assert list(repository.ledger.transfers()) == [row]
        assert remembered(repository) == {"fills/spot", "orders/spot", "transfers/ledger"}
