"""The statement that reads fills, orders or transfers by a :class:`Filter`.

The newest (or oldest) rows are read from the end of an index: for each account by its own times, or
for one symbol by that of the symbol, so their number alone decides how long it takes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from exchange_cache.cache.codec import Codec
from exchange_cache.cache.codecs import FILLS, ORDERS, TRANSFERS
from exchange_cache.cache.filter import Filter
from exchange_cache.clock import to_ms
from exchange_cache.data_types import DataType

#: With more accounts all of their rows are sorted: SQLite limits the parts of a statement.
MOST_ACCOUNTS = 100
#: Few orders at a time are of these, however many there are.
FEW = ("open", "unknown")


class Kind(NamedTuple):
    """One table: its order is by ``time`` and ``then``, ``assets`` are what a row moves, and the
    last three columns are its key beside the account."""

    data_type: DataType
    table: str
    codec: Codec[Any]
    time: str
    then: tuple[str, ...]
    assets: tuple[str, ...]
    place: str
    symbol: str  # "" where the key has none
    row_id: str
    by_symbol: bool = False  # whether an index holds the rows of each symbol by time


KINDS: dict[DataType, Kind] = {
    one.data_type: one
    for one in (
        Kind(
            data_type=DataType.FILLS,
            table="exchange_fills",
            codec=FILLS,
            time="time_ms",
            then=("account", "category", "sequence", "symbol", "length(fill_id)", "fill_id"),
            assets=("base", "quote"),
            place="category",
            symbol="symbol",
            row_id="fill_id",
            by_symbol=True,
        ),
        Kind(
            data_type=DataType.ORDERS,
            table="exchange_orders",
            codec=ORDERS,
            time="created_ms",
            then=("order_id", "account", "category", "symbol"),
            assets=("base", "quote"),
            place="category",
            symbol="symbol",
            row_id="order_id",
        ),
        Kind(
            data_type=DataType.TRANSFERS,
            table="exchange_transfers",
            codec=TRANSFERS,
            time="time_ms",
            then=("transfer_id", "account", "scope"),
            assets=("asset",),
            place="scope",
            symbol="",
            row_id="transfer_id",
        ),
    )
}


def statement(kind: Kind, only: Filter) -> tuple[str, list[Any]]:
    """The statement and its values."""
    accounts = None if only.accounts is None else list(dict.fromkeys(only.accounts))
    if only.limit is None or accounts is None or not 1 < len(accounts) <= MOST_ACCOUNTS:
        return _plain(kind, only, accounts)
    if only.symbol is not None and kind.by_symbol:
        return _plain(kind, only, accounts)
    parts = [_plain(kind, only, [account]) for account in accounts]
    union = " UNION ALL ".join(f"SELECT * FROM ({part}) AS own" for part, _ in parts)
    values = [value for _, own in parts for value in own]
    sql = f"SELECT * FROM ({union}) AS found ORDER BY {_order(kind, only)} LIMIT ?"
    return sql, [*values, only.limit]


def _plain(kind: Kind, only: Filter, accounts: Sequence[str] | None) -> tuple[str, list[Any]]:
    conditions, values = [], []
    for condition, own in _conditions(kind, only, accounts):
        conditions.append(condition)
        values += own
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    sql = f"SELECT {', '.join(kind.codec.names)} FROM {kind.table}{where}"
    sql += f" ORDER BY {_order(kind, only)}"
    return (sql, values) if only.limit is None else (f"{sql} LIMIT ?", [*values, only.limit])


def _order(kind: Kind, only: Filter) -> str:
    # a + keeps SQLite from reading all orders in their order, where the index of the status has few
    time = f"+{kind.time}" if only.status in FEW else kind.time
    return ", ".join(f"{name} DESC" if only.newest_first else name for name in (time, *kind.then))


def _conditions(
    kind: Kind, only: Filter, accounts: Sequence[str] | None
) -> Iterator[tuple[str, list[Any]]]:
    if accounts is not None:
        # a + keeps SQLite from reading the index of the accounts instead of that of the symbol
        account = "+account" if only.symbol is not None and kind.by_symbol else "account"
        yield f"{account} IN ({_marks(accounts)})", list(accounts)
    for column, value in (("symbol", only.symbol), ("kind", only.kind), ("status", only.status)):
        if value is not None:
            yield f"{column} = ?", [str(value)]
    if only.asset is not None:
        either = " OR ".join(f"{column} = ?" for column in kind.assets)
        yield f"({either})", [only.asset] * len(kind.assets)
    for owner, asset in only.ignored:
        yield f"NOT (account = ? AND {kind.assets[0]} = ?)", [owner, asset]
    for condition, moment in (
        (f"{kind.time} >= ?", only.since),
        (f"{kind.time} < ?", only.until),
        ("seen_ms >= ?", only.seen_since),
        ("seen_ms <= ?", only.seen_until),
    ):
        if moment is not None:
            yield condition, [to_ms(moment)]
    if not only.vanished:
        yield _counting(kind), [str(kind.data_type)]


def _counting(kind: Kind) -> str:
    """Not what its exchange no longer serves."""
    symbol = f"{kind.table}.{kind.symbol}" if kind.symbol else "''"
    return (
        "NOT EXISTS (SELECT 1 FROM ledger_absences AS gone WHERE"
        f" gone.account = {kind.table}.account AND gone.data_type = ?"
        f" AND gone.place = {kind.table}.{kind.place} AND gone.symbol = {symbol}"
        f" AND gone.row_id = {kind.table}.{kind.row_id} AND gone.vanished_ms IS NOT NULL)"
    )


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
