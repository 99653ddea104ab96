"""The stored states of cost: read at a position, written at the next one, cut back to an earlier
one (``cost_models`` explains the tables)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from exchange_cache.cache.cost_cut import note_cut
from exchange_cache.cache.cost_lots import StoredLots, write_lots
from exchange_cache.cache.cost_position import Position, Progress
from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.derived import insert_bases
from exchange_cache.clock import from_ms, to_ms
from exchange_cache.cost.basis import AssetBasis, Method
from exchange_cache.cost.contracts import Contract, Place
from exchange_cache.cost.fold import Fold, Holding
from exchange_cache.cost.lot_book import LotBook
from exchange_cache.cost.stored_state import pack, pack_contract, unpack, unpack_contract

#: Later than any position.
_LAST_MS = 1 << 62
#: What takes more than one row to know, and the time (ms) of its event.
Link = tuple[str, int]


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

    def newest(self) -> Position:
        """The position behind all events that are in states."""
        return self.position(_LAST_MS)

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
        for table in COST_TABLES:
            self._run(f"DELETE FROM {table}")
        self._run("INSERT INTO cost_progress VALUES (?, ?, 0)", self._asset, settings)
        note_cut(self._database, 0)

    def forget(self) -> None:
        """Derive everything from nothing the next time."""
        with self.write():
            self._run("DELETE FROM cost_progress")

    def cut_back(self, to: Position, valid_ms: int) -> None:
        """Forget what came after a position, because the states hold only up to a moment."""
        at = to.at_ms
        if valid_ms < self.newest().at_ms:
            note_cut(self._database, valid_ms)
        stale = "SELECT book FROM cost_states WHERE at_ms > ?"
        self._run(f"UPDATE cost_books SET answered = 0 WHERE id IN ({stale})", at)
        for table in ("cost_states", "cost_exposures", "cost_positions"):
            self._run(f"DELETE FROM {table} WHERE at_ms > ?", at)
        self._run("DELETE FROM cost_lots WHERE id > ?", to.lots)
        self._run("UPDATE cost_lots SET until_ms = NULL WHERE until_ms > ?", at)
        self._run("DELETE FROM cost_unrated WHERE at_ms >= ?", at)
        day = from_ms(at).date().isoformat()
        self._run("DELETE FROM cost_days WHERE day >= ?", day)
        self._run("UPDATE cost_progress SET valid_ms = ?", at)

    def set_links(self, links: Iterable[Link]) -> None:
        self._run("DELETE FROM cost_links")
        self._many("INSERT OR IGNORE INTO cost_links VALUES (?, ?)", links)

    def add_unrated(self, hours: Iterable[tuple[str, datetime]]) -> None:
        """Remember the assets and hours that had no stored rate."""
        rows = [(asset, to_ms(hour)) for asset, hour in hours]
        self._many("INSERT OR IGNORE INTO cost_unrated VALUES (?, ?)", rows)

    def unrated(self) -> set[tuple[str, datetime]]:
        """Those that still have none."""
        query = (
            "SELECT asset, at_ms FROM cost_unrated AS u WHERE NOT EXISTS (SELECT 1 FROM asset_rates"
            " AS r WHERE r.asset = u.asset AND r.quote = ? AND r.at_ms = u.at_ms)"
        )
        return {(asset, from_ms(at_ms)) for asset, at_ms in self._rows(query, self._asset)}

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
                query = "DELETE FROM cost_states WHERE book = ? AND at_ms = ?"
                self._run(query, book, before.at_ms)
            query = "INSERT OR REPLACE INTO cost_states VALUES (?, ?, ?, ?)"
            self._run(query, book, now.at_ms, holding.trail.events, pack(holding))
            self._store_parts(fold, holding, book, now, kept)
            holding.changed = False
        self._many(
            "INSERT OR REPLACE INTO cost_exposures VALUES (?, ?, ?, ?, ?)",
            [(*place, now.at_ms, pack_contract(one)) for place, one in contracts.items()],
        )
        if not before.kept:
            self._run("DELETE FROM cost_positions WHERE at_ms = ?", before.at_ms)
        ((lots,),) = self._rows("SELECT coalesce(max(id), 0) FROM cost_lots")
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
        if holding.origin is not None:
            self._copy_days(holding, book)
            holding.origin = None
        for method, state in zip(fold.settings.methods, holding.states, strict=False):
            if isinstance(state.book, LotBook):
                write_lots(self._database, book, method, state.book, now.at_ms, kept_ms)
            days = [
                (book, str(method), day.isoformat(), str(amount))
                for day, amount in state.by_day.items()
            ]
            self._many("INSERT OR REPLACE INTO cost_days VALUES (?, ?, ?, ?)", days)
            if state.by_day:
                last = max(state.by_day)
                state.by_day = {last: state.by_day[last]}

    def _copy_days(self, pool: Holding, book: int) -> None:
        """Give a new pool the days of its first account before those that it knows itself."""
        for state in pool.states:
            if state.by_day:
                self._run(
                    "INSERT OR REPLACE INTO cost_days SELECT ?, d.method, d.day, d.amount FROM"
                    " cost_days AS d JOIN cost_books AS b ON b.id = d.book WHERE b.account = ? AND"
                    " b.asset = ? AND d.method = ? AND d.day < ?",
                    book,
                    pool.origin,
                    pool.asset,
                    str(state.book.method),
                    min(state.by_day).isoformat(),
                )

    def _books(self) -> dict[tuple[str, str], int]:
        found = self._rows("SELECT id, account, asset FROM cost_books")
        return {(account, asset): number for number, account, asset in found}

    def _book(self, books: dict[tuple[str, str], int], holding: Holding) -> int:
        place = (holding.account, holding.asset)
        if place not in books:
            self._run("INSERT INTO cost_books (account, asset, answered) VALUES (?, ?, 0)", *place)
            ((books[place],),) = self._rows("SELECT last_insert_rowid()")
        else:
            self._run("UPDATE cost_books SET answered = 0 WHERE id = ?", books[place])
        return books[place]

    # --- reading ----------------------------------------------------------------------------------

    def holdings(
        self, fold: Fold, asset: str, position: Position, *, live: bool
    ) -> Iterator[Holding]:
        """The stored holdings of an asset at a position; ``live``: it is the newest one, and is
        continued from."""
        query = (
            "SELECT b.id, b.account, (SELECT state FROM cost_states AS s WHERE s.book = b.id AND"
            " s.at_ms <= ? ORDER BY s.at_ms DESC LIMIT 1) FROM cost_books AS b WHERE b.asset = ?"
        )
        for book, account, text in self._rows(query, position.at_ms, asset):
            if text is None:
                continue
            holding = fold.new(account, asset)
            unpack(holding, text)
            at_ms = None if live else position.at_ms
            for state in holding.states:
                if isinstance(state.book, LotBook):
                    method = state.book.method
                    state.book.source = StoredLots(self._database, book, method, at_ms)
            yield holding

    def before_events(self, account: str, asset: str, number: int) -> int:
        """The newest position before the last ``number`` events of a book; a pool of which there is
        no book is that of its only account."""
        query = (
            "SELECT max(s.at_ms) FROM cost_books AS b JOIN cost_states AS s ON s.book = b.id WHERE"
            " b.asset = ? AND b.account = (SELECT CASE WHEN count(*) = 1 THEN max(account) ELSE ?"
            " END FROM cost_books WHERE asset = b.asset) AND s.events <= (SELECT max(events) FROM"
            " cost_states AS n WHERE n.book = b.id) - ?"
        )
        ((at_ms,),) = self._rows(query, asset, account, number)
        return int(at_ms or 0)

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

    def accounts(self) -> frozenset[str]:
        """Every account that has a state."""
        query = (
            "SELECT DISTINCT account FROM cost_books AS b WHERE account != '' AND EXISTS"
            " (SELECT 1 FROM cost_states AS s WHERE s.book = b.id)"
        )
        return frozenset(account for (account,) in self._rows(query))

    def assets(self) -> list[str]:
        """Every asset that has a book."""
        query = "SELECT DISTINCT asset FROM cost_books ORDER BY asset"
        return [asset for (asset,) in self._rows(query)]

    def with_days(self, basis: AssetBasis, book: str, *, shared: bool) -> AssetBasis:
        """A basis with what was realised on the days before those that it states, too. ``book``:
        the account whose book it is of; ``shared``: all methods share one state."""
        first = min((day for day, _ in basis.realised_by_day), default=None)
        if first is None:
            return basis
        earlier = self._rows(
            "SELECT day, amount FROM cost_days WHERE book = (SELECT id FROM cost_books WHERE"
            " account = ? AND asset = ?) AND method = ? AND day < ? ORDER BY day",
            book,
            basis.asset,
            str(Method.AVERAGE if shared else basis.method),
            first.isoformat(),
        )
        known = ((date.fromisoformat(day), Decimal(amount)) for day, amount in earlier)
        return replace(basis, realised_by_day=(*known, *basis.realised_by_day))

    # --- answers ----------------------------------------------------------------------------------

    def unanswered(self) -> list[str]:
        """The assets of which a stored cost is not that of the newest state."""
        query = "SELECT DISTINCT asset FROM cost_books WHERE answered = 0"
        return [asset for (asset,) in self._rows(query)]

    def set_unanswered(self, assets: Iterable[str]) -> None:
        """The stored costs of these assets change with any event, so they are derived each time."""
        self._many("UPDATE cost_books SET answered = 0 WHERE asset = ?", [(one,) for one in assets])

    def save_bases(
        self, assets: Collection[str], bases: Iterable[AssetBasis], now: datetime
    ) -> None:
        """Replace the stored costs of these assets, by every method, and remove those of assets
        that have no book."""
        own = [(self._asset, asset) for asset in assets]
        self._many("DELETE FROM exchange_cost_basis WHERE reporting_asset = ? AND asset = ?", own)
        self._run(
            "DELETE FROM exchange_cost_basis WHERE reporting_asset = ? AND asset NOT IN"
            " (SELECT asset FROM cost_books)",
            self._asset,
        )
        insert_bases(self._database, self._asset, bases, now)
        self._many("UPDATE cost_books SET answered = 1 WHERE asset = ?", [(one,) for one in assets])

    # --- queries ----------------------------------------------------------------------------------

    def _rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with self._database.errors():
            found: list[tuple[Any, ...]] = self._database.peewee.execute_sql(
                query, values
            ).fetchall()
            return found

    def _run(self, query: str, *values: Any) -> None:
        with self._database.errors():
            self._database.peewee.execute_sql(query, values)

    def _many(self, query: str, rows: Iterable[Sequence[Any]]) -> None:
        with self._database.errors():
            self._database.peewee.connection().executemany(query, rows)


COST_TABLES = (
    "cost_progress",
    "cost_positions",
    "cost_books",
    "cost_states",
    "cost_exposures",
    "cost_lots",
    "cost_days",
    "cost_links",
    "cost_unrated",
)
