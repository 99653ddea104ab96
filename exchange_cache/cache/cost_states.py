"""The stored states of cost: read at a position, written at the next one, cut back to an earlier
one (``cost_models`` explains the tables)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from exchange_cache.cache.cost_cut import note_cut
from exchange_cache.cache.cost_cutting import cut_assets, cut_back
from exchange_cache.cache.cost_days import CostDays
from exchange_cache.cache.cost_late import CostLate
from exchange_cache.cache.cost_lots import StoredLots, write_lots
from exchange_cache.cache.cost_position import Position, Progress
from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.derived import insert_bases
from exchange_cache.clock import from_ms, to_ms
from exchange_cache.cost.basis import AssetBasis
from exchange_cache.cost.contracts import Contract, Place
from exchange_cache.cost.fold import Fold, Holding
from exchange_cache.cost.lot_book import LotBook
from exchange_cache.cost.stored_state import pack, pack_contract, unpack, unpack_contract

#: Later than any position.
_LAST_MS = 1 << 62


class CostStates:
    """The states of one reporting asset."""

    def __init__(self, database: CacheDatabase, reporting_asset: str) -> None:
        self._database = database
        self._asset = reporting_asset
        self.days = CostDays(database)
        self.late = CostLate(database)

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
        found = self._positions("WHERE at_ms <= ? ORDER BY at_ms DESC LIMIT 1", until_ms)
        return next(found, Position())

    def positions(self) -> list[Position]:
        """That before everything, and all others in order."""
        return [Position(), *self._positions("ORDER BY at_ms")]

    def _positions(self, which: str, *values: int) -> Iterator[Position]:
        for at, kept, events, last, order in self._rows(
            f"SELECT at_ms, kept, events, last_event, last_order FROM cost_positions {which}",
            *values,
        ):
            moment = None if last is None else datetime.fromisoformat(last)
            yield Position(at, bool(kept), events, moment, order)

    def newest(self) -> Position:
        """The position behind all events that are in states."""
        return self.position(_LAST_MS)

    def last_kept(self) -> Position:
        """The newest position that stays."""
        for (at,) in self._rows("SELECT max(at_ms) FROM cost_positions WHERE kept = 1"):
            return Position() if at is None else self.position(at)
        return Position()

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

    def cut_back(self, to: Position) -> None:
        """Forget what came after a position, of every asset."""
        cut_back(self._database, to.at_ms)

    def cut_assets(self, assets: Collection[str], settles: Collection[str], at_ms: int) -> None:
        """Forget what came after a position of these assets, and of the contracts that are settled
        in one of ``settles``."""
        cut_assets(self._database, assets, settles, at_ms)

    def note_cut(self, at_ms: int) -> None:
        """Note that what follows from rows after a moment changes."""
        note_cut(self._database, at_ms)

    def hold_until(self, at_ms: int) -> None:
        """Note that the states hold up to a moment."""
        self._run("UPDATE cost_progress SET valid_ms = ?", at_ms)

    def add_unrated(self, hours: Iterable[tuple[str, datetime]]) -> None:
        """Remember the assets and hours that had no stored rate."""
        rows = [(asset, to_ms(hour)) for asset, hour in hours]
        self._database.run_all(
            "INSERT INTO cost_unrated VALUES (?, ?) ON CONFLICT DO NOTHING", rows
        )

    def unrated(self) -> set[tuple[str, datetime]]:
        """Those that still have none."""
        query = (
            "SELECT asset, at_ms FROM cost_unrated AS u WHERE NOT EXISTS (SELECT 1 FROM asset_rates"
            " AS r WHERE r.asset = u.asset AND r.quote = ? AND r.at_ms = u.at_ms)"
        )
        return {(asset, from_ms(at_ms)) for asset, at_ms in self._rows(query, self._asset)}

    def store(
        self, fold: Fold, contracts: dict[Place, Contract], before: Position, now: Position
    ) -> None:
        """Write what changed since ``before`` at a new position ``now``."""
        if not before.kept:
            books = self._books()
            for one in fold.holdings.values():
                if one.changed and (one.account, one.asset) in books:
                    query = "DELETE FROM cost_states WHERE book = ? AND at_ms = ?"
                    self._run(query, books[one.account, one.asset], before.at_ms)
            self._run("DELETE FROM cost_positions WHERE at_ms = ?", before.at_ms)
        self.store_changes(fold, contracts, now.at_ms, self.last_kept().at_ms)
        self.set_position(now)
        self.hold_until(now.at_ms)

    def set_position(self, now: Position) -> None:
        last = None if now.last_event is None else now.last_event.isoformat()
        self._run(
            "INSERT INTO cost_positions VALUES (?, ?, ?, ?, ?) ON CONFLICT (at_ms) DO UPDATE"
            " SET kept = EXCLUDED.kept, events = EXCLUDED.events,"
            " last_event = EXCLUDED.last_event, last_order = EXCLUDED.last_order",
            now.at_ms, int(now.kept), now.events, last, now.last_order,
        )  # fmt: skip

    def store_changes(
        self, fold: Fold, contracts: dict[Place, Contract], at_ms: int, kept_ms: int
    ) -> None:
        """Write the holdings that changed and these contracts at a position. ``kept_ms``: the
        newest position before it that stays."""
        books = self._books()
        for holding in [one for one in fold.holdings.values() if one.changed]:
            book = self._book(books, holding)
            self.set_state(book, at_ms, holding)
            self._store_parts(fold, holding, book, at_ms, kept_ms)
            holding.changed = False
        self._database.run_all(
            "INSERT INTO cost_exposures VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (account, category, symbol, at_ms) DO UPDATE SET state = EXCLUDED.state",
            [(*place, at_ms, pack_contract(one)) for place, one in contracts.items()],
        )

    def set_state(self, book: int, at_ms: int, holding: Holding) -> None:
        query = (
            "INSERT INTO cost_states VALUES (?, ?, ?, ?) ON CONFLICT (book, at_ms)"
            " DO UPDATE SET events = EXCLUDED.events, state = EXCLUDED.state"
        )
        self._run(query, book, at_ms, holding.trail.events, pack(holding))

    def _store_parts(
        self, fold: Fold, holding: Holding, book: int, at_ms: int, kept_ms: int
    ) -> None:
        """The lots of a holding that changed, and its days."""
        if holding.origin is not None:
            self.days.copy(holding, book)
            holding.origin = None
        for method, state in zip(fold.settings.methods, holding.states, strict=False):
            if isinstance(state.book, LotBook):
                write_lots(self._database, book, method, state.book, at_ms, kept_ms)
            self.days.store(book, method, state)

    def _books(self) -> dict[tuple[str, str], int]:
        found = self._rows("SELECT id, account, asset FROM cost_books")
        return {(account, asset): number for number, account, asset in found}

    def _book(self, books: dict[tuple[str, str], int], holding: Holding) -> int:
        place = (holding.account, holding.asset)
        if place not in books:
            new = "INSERT INTO cost_books (account, asset, answered) VALUES (?, ?, 0)"
            books[place] = self._database.insert(new, place)
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

    # --- shifts -----------------------------------------------------------------------------------

    def times(self, account: str, asset: str, since_ms: int) -> list[int]:
        """When a book has a state, from a moment on."""
        query = (
            "SELECT at_ms FROM cost_states WHERE at_ms >= ? AND book ="
            " (SELECT id FROM cost_books WHERE account = ? AND asset = ?)"
        )
        return [at_ms for (at_ms,) in self._rows(query, since_ms, account, asset)]

    def replace(self, holdings: Mapping[int, Holding]) -> None:
        """Store the states of one book at several positions."""
        books = self._books()
        for at_ms, holding in holdings.items():
            self.set_state(self._book(books, holding), at_ms, holding)

    # --- answers ----------------------------------------------------------------------------------

    def unanswered(self) -> list[str]:
        """The assets of which a stored cost is not that of the newest state."""
        query = "SELECT DISTINCT asset FROM cost_books WHERE answered = 0"
        return [asset for (asset,) in self._rows(query)]

    def set_unanswered(self, assets: Iterable[str]) -> None:
        """The stored costs of these assets change with any event, so they are derived each time."""
        self._database.run_all(
            "UPDATE cost_books SET answered = 0 WHERE asset = ?", [(one,) for one in assets]
        )

    def save_bases(
        self, assets: Collection[str], bases: Iterable[AssetBasis], now: datetime
    ) -> None:
        """Replace the stored costs of these assets, by every method, and remove those of assets
        that have no book."""
        own = [(self._asset, asset) for asset in assets]
        self._database.run_all(
            "DELETE FROM exchange_cost_basis WHERE reporting_asset = ? AND asset = ?", own
        )
        self._run(
            "DELETE FROM exchange_cost_basis WHERE reporting_asset = ? AND asset NOT IN"
            " (SELECT asset FROM cost_books)",
            self._asset,
        )
        insert_bases(self._database, self._asset, bases, now)
        self._database.run_all(
            "UPDATE cost_books SET answered = 1 WHERE asset = ?", [(one,) for one in assets]
        )

    # --- queries ----------------------------------------------------------------------------------

    def _rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        return self._database.select(query, values)

    def _run(self, query: str, *values: Any) -> None:
        self._database.execute(query, values)


COST_TABLES = (
    "cost_progress",
    "cost_positions",
    "cost_books",
    "cost_states",
    "cost_exposures",
    "cost_lots",
    "cost_days",
    "cost_links",
    "cost_late",
    "cost_unrated",
)
