"""The stored states of cost: read at a position, written at the next one, cut back to an earlier
one (``cost_models`` explains the tables)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from exchange_cache.cache.cost_lots import StoredLots, write_lots
from exchange_cache.cache.database import CacheDatabase
from exchange_cache.clock import from_ms
from exchange_cache.cost.basis import AssetBasis, Method
from exchange_cache.cost.contracts import Contract, Place
from exchange_cache.cost.fold import POOL, Fold, Holding
from exchange_cache.cost.lots import LotBook
from exchange_cache.cost.stored_state import pack, pack_contract, unpack, unpack_contract

#: Derived again from nothing when these change.
Link = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Position:
    """Every event before ``at_ms`` is in the states there."""

    at_ms: int = 0
    kept: bool = True
    events: int = 0
    lots: int = 0
    last_event: datetime | None = None
    last_order: int = -1


@dataclass(frozen=True, slots=True)
class Progress:
    """What the states were derived with, and up to which moment they hold."""

    settings: str
    valid_ms: int


class CostStates:
    """The states of one reporting asset."""

    def __init__(self, database: CacheDatabase, reporting_asset: str) -> None:
        self._database = database
        self._asset = reporting_asset

    @contextmanager
    def write(self) -> Iterator[None]:
        """One transaction."""
        with self._database.write():
            yield

    # --- progress ---------------------------------------------------------------------------------

    def progress(self) -> Progress | None:
        for settings, valid_ms in self._rows(
            "SELECT settings, valid_ms FROM cost_progress WHERE reporting_asset = ?", self._asset
        ):
            return Progress(settings, valid_ms)
        return None

    def position(self, until_ms: int) -> Position:
        """The newest position up to a moment; that before everything, if there is none."""
        for at, kept, events, lots, last, order in self._rows(
            "SELECT at_ms, kept, events, lots, last_event, last_order FROM cost_positions"
            " WHERE at_ms <= ? ORDER BY at_ms DESC LIMIT 1",
            until_ms,
        ):
            moment = None if last is None else datetime.fromisoformat(last)
            return Position(at, bool(kept), events, lots, moment, order)
        return Position()

    def last_kept(self) -> Position:
        """The newest position that stays."""
        for (at,) in self._rows("SELECT max(at_ms) FROM cost_positions WHERE kept = 1"):
            return Position() if at is None else self.position(at)
        return Position()

    def links(self) -> dict[str, int]:
        return dict(self._rows("SELECT link, at_ms FROM cost_links"))

    # --- writing ----------------------------------------------------------------------------------

    def begin_again(self, settings: str) -> None:
        """Forget everything, of any reporting asset."""
        for table in _TABLES:
            self._run(f"DELETE FROM {table}")
        self._run("INSERT INTO cost_progress VALUES (?, ?, 0)", self._asset, settings)

    def cut_back(self, to: Position) -> None:
        """Forget what came after a position."""
        at = to.at_ms
        stale = "SELECT book FROM cost_states WHERE at_ms > ?"
        self._run(f"UPDATE cost_books SET answered = 0 WHERE id IN ({stale})", at)
        for table in ("cost_states", "cost_exposures", "cost_positions"):
            self._run(f"DELETE FROM {table} WHERE at_ms > ?", at)
        self._run("DELETE FROM cost_lots WHERE id > ?", to.lots)
        self._run("UPDATE cost_lots SET until_ms = NULL WHERE until_ms > ?", at)
        day = from_ms(at).date().isoformat()
        self._run("DELETE FROM cost_days WHERE day >= ?", day)
        self._run("UPDATE cost_progress SET valid_ms = ?", at)

    def set_links(self, links: Iterable[Link]) -> None:
        self._run("DELETE FROM cost_links")
        self._many("INSERT OR IGNORE INTO cost_links VALUES (?, ?)", links)

    def store(
        self, fold: Fold, contracts: dict[Place, Contract], before: Position, now: Position
    ) -> Position:
        """Write what changed since ``before`` at the position ``now``; the position as stored."""
        kept = self.last_kept().at_ms
        books = self._books()
        changed = [one for one in fold.holdings.values() if one.changed]
        for holding in changed:
            book = self._book(books, holding)
            if not before.kept:
                self._run("DELETE FROM cost_states WHERE book = ? AND at_ms = ?", book, before.at_ms)
            self._run("INSERT OR REPLACE INTO cost_states VALUES (?, ?, ?)", book, now.at_ms, pack(holding))
            self._store_parts(fold, holding, book, now, kept)
            holding.changed = False
        self._many(
            "INSERT OR REPLACE INTO cost_exposures VALUES (?, ?, ?, ?, ?)",
            [(*place, now.at_ms, pack_contract(one)) for place, one in contracts.items()],
        )
        if not before.kept:
            self._run("DELETE FROM cost_positions WHERE at_ms = ?", before.at_ms)
        lots = self._rows("SELECT coalesce(max(id), 0) FROM cost_lots")[0][0]
        now = replace(now, lots=lots)
        last = None if now.last_event is None else now.last_event.isoformat()
        self._run(
            "INSERT OR REPLACE INTO cost_positions VALUES (?, ?, ?, ?, ?, ?)",
            now.at_ms, int(now.kept), now.events, now.lots, last, now.last_order,
        )  # fmt: skip
        self._run("UPDATE cost_progress SET valid_ms = ?", now.at_ms)
        return now

    def _store_parts(
        self, fold: Fold, holding: Holding, book: int, now: Position, kept_ms: int
    ) -> None:
        """The lots of a holding that changed, and its days."""
        for method, state in zip(fold.settings.methods, holding.states, strict=False):
            if isinstance(state.book, LotBook):
                write_lots(self._database, book, method, state.book, now.at_ms, kept_ms)
            days = [(book, str(method), day.isoformat(), str(amount)) for day, amount in state.by_day.items()]
            self._many("INSERT OR REPLACE INTO cost_days VALUES (?, ?, ?, ?)", days)
            if state.by_day:
                last = max(state.by_day)
                state.by_day = {last: state.by_day[last]}

    def _books(self) -> dict[tuple[str, str], int]:
        return {(account, asset): number for number, account, asset in self._rows("SELECT id, account, asset FROM cost_books")}

    def _book(self, books: dict[tuple[str, str], int], holding: Holding) -> int:
        place = (holding.account, holding.asset)
        if place not in books:
            self._run("INSERT INTO cost_books (account, asset, answered) VALUES (?, ?, 0)", *place)
            books[place] = self._rows("SELECT last_insert_rowid()")[0][0]
        else:
            self._run("UPDATE cost_books SET answered = 0 WHERE id = ?", books[place])
        return books[place]

    # --- reading ----------------------------------------------------------------------------------

    def holdings(self, fold: Fold, asset: str, at_ms: int) -> Iterator[Holding]:
        """The stored holdings of an asset at a position, the pool first."""
        found = self._rows(
            "SELECT b.id, b.account, (SELECT state FROM cost_states AS s WHERE s.book = b.id AND"
            " s.at_ms <= ? ORDER BY s.at_ms DESC LIMIT 1) FROM cost_books AS b WHERE b.asset = ?"
            " ORDER BY b.account",
            at_ms,
            asset,
        )
        newest = self.position(at_ms).at_ms == self._head()
        for book, account, text in found:
            if text is None:
                continue
            holding = fold.new(account, asset)
            unpack(holding, text)
            for method, state in zip(fold.settings.methods, holding.states, strict=False):
                if isinstance(state.book, LotBook):
                    state.book.source = StoredLots(self._database, book, method, None if newest else at_ms)
            yield holding

    def _head(self) -> int:
        return int(self._rows("SELECT coalesce(max(at_ms), 0) FROM cost_positions")[0][0])

    def contract(self, place: Place, at_ms: int) -> Contract | None:
        """The stored state of a contract at a position."""
        for (text,) in self._rows(
            "SELECT state FROM cost_exposures WHERE account = ? AND category = ? AND symbol = ?"
            " AND at_ms <= ? ORDER BY at_ms DESC LIMIT 1",
            *place,
            at_ms,
        ):
            return unpack_contract(text)
        return None

    def contract_places(self) -> list[Place]:
        query = "SELECT DISTINCT account, category, symbol FROM cost_exposures"
        return [(account, category, symbol) for account, category, symbol in self._rows(query)]

    def assets(self) -> list[str]:
        """Every asset that has a book."""
        return [asset for (asset,) in self._rows("SELECT DISTINCT asset FROM cost_books ORDER BY asset")]

    def days(self, basis: AssetBasis, single: str) -> tuple[tuple[date, Decimal], ...]:
        """What was realised on each day before those that the basis states. ``single``: the account
        whose book a pooled basis is, if only one has any."""
        first = min((day for day, _ in basis.realised_by_day), default=None)
        account = single if basis.account is None else basis.account
        method = Method.AVERAGE if basis.asset == self._asset else basis.method
        found = self._rows(
            "SELECT day, amount FROM cost_days WHERE book = (SELECT id FROM cost_books WHERE"
            " account = ? AND asset = ?) AND method = ? AND day < ? ORDER BY day",
            account,
            basis.asset,
            str(method),
            "9999" if first is None else first.isoformat(),
        )
        return tuple((date.fromisoformat(day), Decimal(amount)) for day, amount in found)

    # --- answers ----------------------------------------------------------------------------------

    def unanswered(self) -> list[str]:
        """The assets of which a stored cost is not that of the newest state."""
        return [asset for (asset,) in self._rows("SELECT DISTINCT asset FROM cost_books WHERE answered = 0")]

    def set_answered(self, assets: Iterable[str]) -> None:
        self._many("UPDATE cost_books SET answered = 1 WHERE asset = ?", [(one,) for one in assets])

    def set_unanswered(self, assets: Iterable[str]) -> None:
        """The stored costs of these assets depend on events that no position contains."""
        self._many("UPDATE cost_books SET answered = 0 WHERE asset = ?", [(one,) for one in assets])

    # --- queries ----------------------------------------------------------------------------------

    def _rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with self._database.errors():
            return self._database.peewee.execute_sql(query, values).fetchall()

    def _run(self, query: str, *values: Any) -> None:
        with self._database.errors():
            self._database.peewee.execute_sql(query, values)

    def _many(self, query: str, rows: Iterable[Sequence[Any]]) -> None:
        with self._database.errors():
            self._database.peewee.connection().executemany(query, rows)


_TABLES = (
    "cost_progress",
    "cost_positions",
    "cost_books",
    "cost_states",
    "cost_exposures",
    "cost_lots",
    "cost_days",
    "cost_links",
)
