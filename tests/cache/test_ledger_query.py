"""Rows by a filter: exactly those that match, in their order, and the newest ones in steps of an
index."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from exchange_cache.cache.filter import Filter
from exchange_cache.cache.ledger_query import KINDS, MOST_ACCOUNTS, statement
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.revision_models import ABSENCES, Absence, AbsenceRow, row_key
from exchange_cache.cache.streams import StreamKey, StreamState
from exchange_cache.data_types import DataType
from exchange_cache.records import Fill, FillKind, Order, Transfer
from tests.builders import NOW, T0, fill, order, transfer
from tests.cache.counting import steps

SECOND = timedelta(seconds=1)
ACCOUNTS = ("main", "other", "gone")
Record = Fill | Order | Transfer


def moment(record: Record) -> datetime:
    return record.created_at if isinstance(record, Order) else record.time


def place_in_order(record: Record) -> tuple[Any, ...]:
    """Where a row stands among those of its kind."""
    if isinstance(record, Fill):
        known = (record.sequence is not None, record.sequence or 0)
        ids = (len(record.fill_id), record.fill_id)
        return (record.time, record.account, record.category, *known, record.symbol, *ids)
    if isinstance(record, Order):
        key = (record.order_id, record.account, record.category, record.symbol)
        return (record.created_at, *key)
    return (record.time, record.transfer_id, record.account, record.scope)


def assets_of(record: Record) -> tuple[str, ...]:
    return (record.asset,) if isinstance(record, Transfer) else (record.base, record.quote)


def matching(records: list[Record], only: Filter, gone: set[Record]) -> list[Record]:
    """The same question asked of all records, one by one."""
    found = [
        one
        for one in records
        if (only.accounts is None or one.account in only.accounts)
        and (only.asset is None or only.asset in assets_of(one))
        and only.symbol in (None, one.symbol)
        and (only.kind is None or one.kind == only.kind)  # type: ignore[union-attr]
        and (only.status is None or one.status == only.status)  # type: ignore[union-attr]
        and (only.since is None or moment(one) >= only.since)
        and (only.until is None or moment(one) < only.until)
        and (only.vanished or one not in gone)
    ]
    found.sort(key=place_in_order, reverse=only.newest_first)
    return found[: only.limit]


def made(kind: DataType, chance: random.Random) -> list[Record]:
    """Many rows of one moment, of few symbols, in three accounts."""
    rows: list[Record] = []
    for number in range(120):
        account, symbol = chance.choice(ACCOUNTS), chance.choice(("BTC/USDT", "ETH/BTC"))
        time = T0 + SECOND * chance.randrange(12)
        name = f"{number * 7 % 120}"
        if kind is DataType.FILLS:
            why = FillKind(chance.choice(("trade", "convert")))
            turn = chance.choice((None, 1, 2))
            more = {"time": time, "kind": why, "sequence": turn, "account": account}
            rows.append(fill(name, symbol=symbol, **more))
        elif kind is DataType.ORDERS:
            state = chance.choice(("closed", "canceled"))
            rows.append(order(name, state, symbol=symbol, account=account, created_at=time))
        else:
            asset, why = chance.choice(("BTC", "ETH")), chance.choice(("deposit", "reward"))
            rows.append(
                transfer(name, asset=asset, kind=why, account=account, time=time, symbol=symbol)
            )
    return rows


def filters(kind: DataType) -> Iterator[Filter]:
    more: dict[str, Any] = {"kind": "deposit"} if kind is DataType.TRANSFERS else {}
    more = {"status": "canceled"} if kind is DataType.ORDERS else more
    more = {"kind": "convert"} if kind is DataType.FILLS else more
    for accounts, asset, symbol, extra, span, limit, newest, vanished in product(
        (None, ("main",), ("gone", "main"), ("main", "main", "other", "gone"), ()),
        (None, "ETH", "NOSUCH"),
        (None, "BTC/USDT"),
        ({}, more),
        ({}, {"since": T0 + SECOND * 3, "until": T0 + SECOND * 7}),
        (None, 1, 7, 500),
        (False, True),
        (False, True),
    ):
        yield Filter(
            accounts=accounts,
            asset=asset,
            symbol=symbol,
            limit=limit,
            newest_first=newest,
            vanished=vanished,
            **extra,
            **span,
        )


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_filter_reads_exactly_what_matches(
    repository: ExchangeCacheRepository, kind: DataType
) -> None:
    records = made(kind, random.Random(5))
    for account in ACCOUNTS:
        key = StreamKey(account=account, data_type=kind, scope="test")
        own = [one for one in records if one.account == account]
        repository.ledger.save_page(repository.ledger.state(key), own, NOW)
    gone = set(records[::9])
    for one in gone:
        absence = Absence(
            row=row_key(one),
            served_by="x",
            stream_symbol="",
            at=moment(one),
            missed_at=NOW,
            vanished_at=NOW,
        )
        repository._database.run(AbsenceRow.insert(**ABSENCES.encode(absence)))
    read: Callable[[Filter], tuple[Record, ...]] = getattr(repository.ledger, str(kind))
    for only in filters(kind):
        assert list(read(only)) == matching(records, only, gone), only


def test_rows_by_when_they_were_first_seen(repository: ExchangeCacheRepository) -> None:
    key = StreamKey(account="main", data_type=DataType.FILLS, scope="test")
    for number in range(4):
        page = [fill(str(number))]
        repository.ledger.save_page(repository.ledger.state(key), page, NOW + SECOND * number)
    only = Filter(seen_since=NOW + SECOND, seen_until=NOW + SECOND * 2)
    assert [one.fill_id for one in repository.ledger.fills(only)] == ["1", "2"]


def test_more_accounts_than_a_statement_may_have_parts(
    repository: ExchangeCacheRepository,
) -> None:
    names = [f"a{number}" for number in range(MOST_ACCOUNTS + 450)]
    key = StreamKey(account="a7", data_type=DataType.FILLS, scope="test")
    page = [fill("1", account="a7"), fill("2", account="a7")]
    repository.ledger.save_page(repository.ledger.state(key), page, NOW)
    for some in (names, names[:MOST_ACCOUNTS]):
        only = Filter(accounts=some, limit=1, newest_first=True)
        assert [one.fill_id for one in repository.ledger.fills(only)] == ["2"]


@pytest.mark.parametrize(
    "only",
    [
        Filter(limit=20, newest_first=True, vanished=True),
        Filter(limit=20),
        Filter(accounts=("main",), limit=20, newest_first=True),
        Filter(accounts=("main", "small"), limit=20, newest_first=True),
        Filter(accounts=("small",), limit=20, newest_first=True),
        Filter(accounts=("main", "small"), symbol="BTC/USDT", limit=20, newest_first=True),
        Filter(accounts=("main",), since=T0 + SECOND * 5, limit=20, newest_first=True),
    ],
    ids=str,
)
@pytest.mark.parametrize("kind", [DataType.FILLS, DataType.ORDERS, DataType.TRANSFERS])
def test_the_newest_rows_take_as_long_in_a_long_history(
    repository: ExchangeCacheRepository, cache_file: Path, kind: DataType, only: Filter
) -> None:
    """Counted in steps of SQLite's virtual machine; at first there are 100 rows, then 4,000."""
    if kind is DataType.TRANSFERS and only.symbol:
        pytest.skip("no list of transfers is filtered by symbol")
    make: dict[DataType, Callable[[str, str, datetime], Record]] = {
        DataType.FILLS: lambda name, account, at: fill(name, account=account, time=at),
        DataType.ORDERS: lambda name, account, at: order(name, account=account, created_at=at),
        DataType.TRANSFERS: lambda name, account, at: transfer(name, account=account, time=at),
    }
    steps = []
    for number in (100, 4000):
        for account, rows in (("main", number), ("small", 30)):
            key = StreamKey(account=account, data_type=kind, scope="test")
            page = [make[kind](f"{one:05}", account, T0 + SECOND * one) for one in range(rows)]
            repository.ledger.save_page(repository.ledger.state(key), page, NOW)
        steps.append(_steps(cache_file, *statement(KINDS[kind], only)))
    assert 0 < steps[1] <= steps[0] * 1.1


def test_open_orders_are_read_without_those_that_ended(
    repository: ExchangeCacheRepository,
) -> None:
    key, counted = StreamKey(account="main", data_type=DataType.ORDERS, scope="spot"), []
    only = Filter(accounts=["main"], status="open")
    for number in (20, 2_000):
        ended = [order(str(one), "closed") for one in range(number)]
        repository.ledger.save_page(StreamState(key=key), [*ended, order("open", "open")], NOW)
        counted.append(steps(repository, lambda: repository.ledger.orders(only)))
    assert [one.order_id for one in repository.ledger.orders(only)] == ["open"]
    assert 0 < counted[1] <= counted[0] * 1.1


def _steps(cache: Path, sql: str, values: list[Any]) -> int:
    counted = 0

    def count() -> int:
        nonlocal counted
        counted += 1
        return 0

    with closing(sqlite3.connect(cache)) as connection:
        connection.set_progress_handler(count, 1)
        assert len(connection.execute(sql, values).fetchall()) == 20
    return counted


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("limit", [None, 7])
def test_ignored_assets_are_left_out_of_their_account_before_rows_are_counted(
    repository: ExchangeCacheRepository, kind: DataType, limit: int | None
) -> None:
    records = made(kind, random.Random(5))
    for account in ACCOUNTS:
        key = StreamKey(account=account, data_type=kind, scope="test")
        own = [one for one in records if one.account == account]
        repository.ledger.save_page(repository.ledger.state(key), own, NOW)
    name = KINDS[kind].assets[0]
    ignored = (records[0].account, getattr(records[0], name))
    only = Filter(accounts=ACCOUNTS, limit=limit, newest_first=True)
    read: Callable[[Filter], tuple[Record, ...]] = getattr(repository.ledger, str(kind))
    kept = [
        one
        for one in read(replace(only, limit=None))
        if (one.account, getattr(one, name)) != ignored
    ]
    assert 0 < len(kept) < len(records)
    assert list(read(replace(only, ignored=(ignored,)))) == kept[:limit]
