"""Reads the rows of the ledger in order and window by window, without more than one of them in
memory (``ledger.timeline.LedgerRows``)."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.ledger_models import FILLS, TRANSFERS
from exchange_cache.clock import to_ms
from exchange_cache.ledger.bookings import MAY_BOOK
from exchange_cache.records import Fill, Transfer

_FILLS = ", ".join(f"f.{name}" for name in FILLS.names)
_TRANSFERS = ", ".join(f"t.{name}" for name in TRANSFERS.names)
#: Without rows that their exchange no longer serves.
_COUNTING_FILLS = """ NOT EXISTS (SELECT 1 FROM ledger_absences AS a
  WHERE a.account = f.account AND a.data_type = 'fills' AND a.place = f.category
  AND a.symbol = f.symbol AND a.row_id = f.fill_id AND a.vanished_ms IS NOT NULL)"""
_COUNTING_TRANSFERS = """ NOT EXISTS (SELECT 1 FROM ledger_absences AS a
  WHERE a.account = t.account AND a.data_type = 'transfers' AND a.place = t.scope
  AND a.symbol = '' AND a.row_id = t.transfer_id AND a.vanished_ms IS NOT NULL)"""
_ORDER = "f.time_ms, f.account, f.category, f.sequence, f.symbol, length(f.fill_id), f.fill_id"
_MAY_BOOK = f"({', '.join(repr(str(kind)) for kind in sorted(MAY_BOOK))})"
_ENDS = "('deposit', 'withdrawal', 'subscription')"


class StoredRows:
    """The rows as they are stored, without those that have vanished. ``without``: accounts that do
    not count. ``only``: of a window, only the rows that move one of these codes. ``streamed``: the
    fills of a window are read while they are used, not at once."""

    def __init__(
        self,
        database: CacheDatabase,
        without: Collection[str] = (),
        only: Collection[str] | None = None,
        *,
        streamed: bool = False,
    ) -> None:
        self._database, self._streamed = database, streamed
        self._without = frozenset(without)
        marks = ", ".join("?" * len(self._without))
        self._counted = f" AND account NOT IN ({marks})" if self._without else ""
        self._only = None if only is None else tuple(sorted(only))

    def accounts(self) -> frozenset[str]:
        found: set[str] = set()
        for table in ("exchange_fills", "exchange_transfers"):
            last = ""
            query = f"SELECT min(account) FROM {table} WHERE account > ?"
            while (account := self._value(query, (last,))) is not None:
                last = str(account)
                found.add(last)
        return frozenset(found) - self._without

    def converts(self) -> tuple[Fill, ...]:
        query = f"SELECT {_FILLS} FROM exchange_fills AS f WHERE kind = 'convert'"
        counted = f"{query} AND {_COUNTING_FILLS}{self._counted}"
        return FILLS.read(self._rows(counted, tuple(self._without)))

    def ends(self) -> tuple[Transfer, ...]:
        return self._transfers(f"kind IN {_ENDS}")

    def internal(self) -> tuple[Transfer, ...]:
        return self._transfers("kind = 'internal'")

    def of_codes(self, codes: Collection[str]) -> tuple[Transfer, ...]:
        marks = ", ".join("?" * len(codes))
        return self._transfers(f"kind NOT IN {_ENDS} AND asset IN ({marks})", tuple(codes))

    def others(self) -> tuple[Transfer, ...]:
        return self._transfers(f"kind NOT IN {_ENDS}")

    def spot_of(self, account: str, asset: str, since: datetime) -> Iterator[Fill]:
        """The fills of an account from a moment on, contracts apart, that buy or sell an asset; one
        by one."""
        query = (
            f"SELECT {_FILLS} FROM exchange_fills AS f WHERE account = ? AND time_ms >= ?"
            f" AND settle IS NULL AND (base = ? OR quote = ?) AND {_COUNTING_FILLS}"
        )
        values = (account, to_ms(since), asset, asset)
        yield from FILLS.each(self._each(f"{query} ORDER BY {_ORDER}", values))

    def moved_of(self, account: str, assets: Collection[str]) -> tuple[Transfer, ...]:
        """The transfers of these assets at an account."""
        codes = ", ".join("?" * len(assets))
        return self._transfers(f"account = ? AND asset IN ({codes})", (account, *assets))

    def first_time(self, account: str) -> int | None:
        """The time of the first row of an account."""
        found = [
            self._value(
                f"SELECT time_ms FROM {table} AS {name} WHERE +account = ? AND {counting}"
                " ORDER BY time_ms LIMIT 1",
                (account,),
            )
            for table, name, counting in (
                ("exchange_fills", "f", _COUNTING_FILLS),
                ("exchange_transfers", "t", _COUNTING_TRANSFERS),
            )
        ]
        return min((int(one) for one in found if one is not None), default=None)

    def unclassified(self, codes: Collection[str]) -> tuple[Transfer, ...]:
        """All transfers of no known kind, and those that may book an event of these codes."""
        marks = ", ".join("?" * len(codes))
        may_book = f"(kind IN {_MAY_BOOK} AND asset IN ({marks}))"
        return self._transfers(f"(kind = 'unclassified' OR {may_book})", tuple(codes))

    def exchanged(self, codes: Collection[str], within_ms: int) -> tuple[Transfer, ...]:
        """The transfers of kinds that may book an event, of these codes or within a time of one of
        their account that took units."""
        marks = ", ".join("?" * len(codes))
        near = (
            "SELECT n.rowid FROM exchange_transfers AS g CROSS JOIN exchange_transfers AS n"
            " INDEXED BY exchange_transfers_account ON n.account = g.account"
            " AND n.time_ms BETWEEN g.time_ms - ? AND g.time_ms + ?"
            f" WHERE g.kind IN {_MAY_BOOK} AND g.quantity LIKE '-%'"
        )
        where = f"kind IN {_MAY_BOOK} AND (asset IN ({marks}) OR t.rowid IN ({near}))"
        return self._transfers(where, (*codes, within_ms, within_ms))

    def fills(self, start: datetime, end: datetime) -> Iterator[Fill]:
        query = (
            f"SELECT {_FILLS} FROM exchange_fills AS f WHERE time_ms >= ? AND time_ms < ?"
            f" AND kind NOT IN ('convert', 'leveraged') AND {_COUNTING_FILLS}{self._counted}"
        )
        values: tuple[Any, ...] = (to_ms(start), to_ms(end), *self._without)
        if self._only is not None:
            codes = ", ".join("?" * len(self._only))
            fees = " OR f.fees LIKE ?" * len(self._only)
            query += f" AND (base IN ({codes}) OR quote IN ({codes}) OR settle IN ({codes}){fees})"
            values += self._only * 3 + tuple(f"%{json.dumps(code)}%" for code in self._only)
        read = self._each if self._streamed else self._rows
        yield from FILLS.each(read(f"{query} ORDER BY {_ORDER}", values))

    def trade_prices(
        self, start_ms: int, end_ms: int, quote: str | None = None
    ) -> Iterator[tuple[str, str, int, str, str]]:
        """What spot trades of the order book (the prices of converts and dust include a spread)
        paid for one unit: its asset, the quote, the time (ms), the price and the account; one by
        one. ``quote``: of those that paid with it alone."""
        paid = "" if quote is None else " AND quote = ?"
        query = (
            "SELECT base, quote, time_ms, price, account FROM exchange_fills AS f"
            " WHERE time_ms >= ? AND time_ms < ? AND category = 'spot' AND kind = 'trade'"
            f" AND CAST(price AS REAL) > 0{paid} AND {_COUNTING_FILLS}{self._counted}"
            f" ORDER BY {_ORDER}"
        )
        values = (start_ms, end_ms, *([] if quote is None else [quote]), *self._without)
        yield from self._each(query, values)

    def derivatives(self, start: datetime, end: datetime) -> Iterator[Fill]:
        """The fills of contracts and options among them."""
        query = (
            f"SELECT {_FILLS} FROM exchange_fills AS f WHERE time_ms >= ? AND time_ms < ?"
            f" AND settle IS NOT NULL AND kind NOT IN ('convert', 'leveraged')"
            f" AND {_COUNTING_FILLS}{self._counted} ORDER BY {_ORDER}"
        )
        yield from FILLS.each(self._rows(query, (to_ms(start), to_ms(end), *self._without)))

    def transfers(self, start: datetime, end: datetime) -> tuple[Transfer, ...]:
        window: tuple[Any, ...] = (to_ms(start), to_ms(end))
        where = f"time_ms >= ? AND time_ms < ? AND kind NOT IN {_ENDS}"
        if self._only is not None:
            codes = ", ".join("?" * len(self._only))
            where += f" AND (asset IN ({codes}) OR fee_asset IN ({codes}))"
            window += self._only * 2
        return self._transfers(where, window)

    def next_time(self, start_ms: int) -> int | None:
        """The time of the first row that is not older than a moment."""
        found = [
            self._value(f"SELECT min(time_ms) FROM {table} WHERE time_ms >= ?", (start_ms,))
            for table in ("exchange_fills", "exchange_transfers")
        ]
        return min((int(one) for one in found if one is not None), default=None)

    def last_time(self) -> int | None:
        """The time of the newest row."""
        found = [
            self._value(f"SELECT max(time_ms) FROM {table}")
            for table in ("exchange_fills", "exchange_transfers")
        ]
        return max((int(one) for one in found if one is not None), default=None)

    def time_after(self, start_ms: int, rows: int) -> int | None:
        """The time of the row that follows so many; None where there are fewer."""
        found = [
            self._value(
                f"SELECT time_ms FROM {table} WHERE time_ms >= ? ORDER BY time_ms LIMIT 1 OFFSET ?",
                (start_ms, rows),
            )
            for table in ("exchange_fills", "exchange_transfers")
        ]
        return min((int(one) for one in found if one is not None), default=None)

    def windows(self, start_ms: int, end_ms: int, rows: int) -> Iterator[tuple[int, int]]:
        """Windows (ms) of about so many rows, from a moment to another."""
        while (first := self.next_time(start_ms)) is not None and first < end_ms:
            stop = self.time_after(first, rows)
            if stop is None or stop >= end_ms:
                break
            stop = max(stop, first + 1)
            yield start_ms, stop
            start_ms = stop
        yield start_ms, end_ms

    def _transfers(self, where: str, values: Sequence[Any] = ()) -> tuple[Transfer, ...]:
        query = f"SELECT {_TRANSFERS} FROM exchange_transfers AS t WHERE {where}"
        counted = f"{query} AND {_COUNTING_TRANSFERS}{self._counted}"
        return TRANSFERS.read(self._rows(counted, (*values, *self._without)))

    def _value(self, query: str, values: Sequence[Any] = ()) -> Any:
        for (value,) in self._rows(query, values):
            return value
        return None

    def _each(self, query: str, values: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """Like ``_rows``, one by one."""
        return self._database.each(query, values)

    def _rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return self._database.select(query, values)
