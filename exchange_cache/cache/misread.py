"""What the repair of misread markets needs of the tables: rows by their symbol, their twins under
another one, and the same row under its right name.

A row is known by its symbol, so the same fill stored before and after its market was known is two
rows. They have one id, one order and one moment.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.repairing import FaultyRow
from exchange_cache.records import DataType, FillKind

_TABLES = {DataType.FILLS: "exchange_fills", DataType.ORDERS: "exchange_orders"}
_IDS = {DataType.FILLS: "fill_id", DataType.ORDERS: "order_id"}
_TIMES = {DataType.FILLS: "time_ms", DataType.ORDERS: "created_ms"}
#: What moves under another name: neither converts nor dust have a market.
_TRADES = f"kind IN ('{FillKind.TRADE}', '{FillKind.LEVERAGED}')"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A spot market by its name and its two assets."""

    symbol: str
    base: str
    quote: str


class Misread:
    """Finds and changes the rows of ``sync.repair_markets``; every method is one transaction."""

    def __init__(self, database: CacheDatabase) -> None:
        self._database = database

    def places(self, account: str) -> tuple[tuple[DataType, str, str], ...]:
        """Data type, category and symbol of everything that an account traded or ordered."""
        fills = self._rows(
            f"SELECT DISTINCT category, symbol FROM exchange_fills WHERE account = ? AND {_TRADES}",
            account,
        )
        orders = self._rows(
            "SELECT DISTINCT category, symbol FROM exchange_orders WHERE account = ?", account
        )
        return (
            *((DataType.FILLS, *place) for place in fills),
            *((DataType.ORDERS, *place) for place in orders),
        )

    def rows(
        self, account: str, data_type: DataType, category: str, symbol: str
    ) -> tuple[FaultyRow, ...]:
        return self._faulty(account, data_type, "r.category = ? AND r.symbol = ?", category, symbol)

    def twins(
        self, account: str, data_type: DataType, category: str, symbol: str
    ) -> tuple[FaultyRow, ...]:
        """The rows of a symbol that are stored under another one as well, or wait there."""
        name, time = _IDS[data_type], _TIMES[data_type]
        table = _TABLES[data_type]
        stored = (
            f"EXISTS (SELECT 1 FROM {table} o WHERE o.account = r.account AND o.{name} = r.{name}"
            f" AND o.{time} = r.{time} AND o.side = r.side"
            " AND (o.category <> r.category OR o.symbol <> r.symbol))"
        )
        waiting = (
            "EXISTS (SELECT 1 FROM unidentified_rows u WHERE u.account = r.account"
            f" AND u.data_type = '{data_type}' AND u.time_ms = r.{time}"
            f" AND u.row_id = u.market_id || ':' || r.{name})"
        )
        condition = f"r.category = ? AND r.symbol = ? AND ({stored} OR {waiting})"
        return self._faulty(account, data_type, condition, category, symbol)

    def contracts_as_spot(self, account: str) -> tuple[FaultyRow, ...]:
        """Fills of the spot category with a realised result, which only contracts have."""
        return self._faulty(
            account, DataType.FILLS, "r.category = 'spot' AND r.realised_pnl IS NOT NULL"
        )

    def listed_twice(self, account: str) -> tuple[FaultyRow, ...]:
        """Orders of the margin category that are the same order as one of spot: a list of all open
        orders was read once for each."""
        twin = (
            "EXISTS (SELECT 1 FROM exchange_orders o WHERE o.account = r.account"
            " AND o.category = 'spot' AND o.symbol = r.symbol AND o.order_id = r.order_id"
            " AND o.created_ms = r.created_ms)"
        )
        return self._faulty(account, DataType.ORDERS, f"r.category = 'margin' AND {twin}")

    def join_months(self, account: str) -> int:
        """Rows of a dated contract of which only the month was known, moved to the contract of a
        day of that month that is stored as well; how many."""
        month = "-[0-9][0-9][0-9][0-9]"
        moved = 0
        with self._database.write():
            for table in _TABLES.values():
                own = f"FROM {table} WHERE account = ? AND category = 'inverse' AND symbol GLOB ?"
                found = self._rows(f"SELECT DISTINCT symbol {own}", account, f"*{month}")
                for (symbol,) in found:
                    days = self._rows(
                        f"SELECT DISTINCT symbol {own}", account, f"{symbol}[0-9][0-9]"
                    )
                    if len(days) == 1:
                        moved += self._move(table, account, symbol, days[0][0])
        return moved

    def _move(self, table: str, account: str, symbol: str, to: str) -> int:
        """Rows of one contract under the name of another, in the place of those there."""
        own = f"{table} WHERE account = ? AND category = 'inverse' AND symbol = ?"
        name = next(_IDS[kind] for kind, known in _TABLES.items() if known == table)
        ids = f"SELECT {name} FROM {own}"
        self._run(f"DELETE FROM {own} AND {name} IN ({ids})", account, to, account, symbol)
        return self._run(
            f"UPDATE {table} SET symbol = ?"
            " WHERE account = ? AND category = 'inverse' AND symbol = ?",
            *(to, account, symbol),
        )

    def rename(self, faulty: Iterable[FaultyRow], to: Pair, was: Pair) -> None:
        """Rows of one spot pair under its right name; their fees were paid in its assets."""
        with self._database.write():
            for row in faulty:
                table = _TABLES[row.data_type]
                name = _IDS[row.data_type]
                self._run(
                    f"DELETE FROM {table} WHERE rowid <> ? AND symbol = ? AND (account, category,"
                    f" {name}) = (SELECT account, category, {name} FROM {table} WHERE rowid = ?)",
                    *(row.rowid, to.symbol, row.rowid),
                )
                fees: tuple[str, ...] = ()
                if row.data_type is DataType.FILLS:
                    pairs = ((was.base, to.base), (was.quote, to.quote))
                    fees = tuple(f'["{asset}",' for pair in pairs for asset in pair)
                paid = ", fees = replace(replace(fees, ?, ?), ?, ?)" if fees else ""
                self._run(
                    f"UPDATE {table} SET symbol = ?, base = ?, quote = ?{paid} WHERE rowid = ?",
                    *(to.symbol, to.base, to.quote, *fees, row.rowid),
                )

    def rename_transfers(
        self, account: str, symbol: str, to: str | None, settle: str | None
    ) -> int:
        """Income under the right symbol; where its asset was a word for none, it is what the
        contract settles in."""
        with self._database.write():
            if settle is not None:
                self._run(
                    "UPDATE exchange_transfers SET asset = ? WHERE account = ? AND symbol = ?"
                    " AND asset = 'None'",
                    *(settle, account, symbol),
                )
            return self._run(
                "UPDATE exchange_transfers SET symbol = ? WHERE account = ? AND symbol = ?",
                *(to, account, symbol),
            )

    def transfer_symbols(self, account: str) -> tuple[tuple[str, bool], ...]:
        """The symbols that income names, and whether its asset is a word for none."""
        found = self._rows(
            "SELECT symbol, max(CASE WHEN asset = 'None' THEN 1 ELSE 0 END) FROM exchange_transfers"
            " WHERE account = ? AND symbol IS NOT NULL GROUP BY symbol",
            account,
        )
        return tuple((symbol, bool(nothing)) for symbol, nothing in found)

    def price_options_in_what_they_settle_in(self, account: str) -> int:
        """Inverse options that were stored with the quote USD."""
        with self._database.write():
            count = self._run(
                "UPDATE exchange_fills SET quote = settle WHERE account = ?"
                " AND category = 'option' AND settle = base AND quote <> settle",
                account,
            )
            return count + self._run(
                "UPDATE exchange_orders SET quote = base WHERE account = ?"
                " AND category = 'option' AND quote <> base"
                " AND symbol LIKE '%:' || base || '-%'",
                account,
            )

    def _faulty(
        self, account: str, data_type: DataType, condition: str, *values: object
    ) -> tuple[FaultyRow, ...]:
        kind = "r.kind" if data_type is DataType.FILLS else "''"
        only = f" AND {_TRADES}" if data_type is DataType.FILLS else ""
        found = self._rows(
            f"SELECT r.rowid, r.symbol, r.{_TIMES[data_type]}, {kind} FROM {_TABLES[data_type]} r"
            f" WHERE r.account = ? AND {condition}{only}",
            *(account, *values),
        )
        return tuple(
            FaultyRow(
                data_type=data_type,
                rowid=rowid,
                account=account,
                place=symbol,
                at_ms=at_ms,
                kind=word,
            )
            for rowid, symbol, at_ms, word in found
        )

    def _rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        return self._database.select(sql, values)

    def _run(self, sql: str, *values: object) -> int:
        """One statement inside the caller's transaction."""
        return self._database.execute(sql, values)
