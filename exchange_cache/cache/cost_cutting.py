"""Cuts the stored states of cost back to a position: those of all assets, or of some."""

from __future__ import annotations

from collections.abc import Collection

from exchange_cache.cache.database import CacheDatabase
from exchange_cache.clock import from_ms
from exchange_cache.cost.basis import Method


def cut_back(database: CacheDatabase, at_ms: int) -> None:
    """Forget what came after a moment, of every asset; what late rows are noted behind it, too."""
    stale = "SELECT book FROM cost_states WHERE at_ms > ?"
    database.execute(f"UPDATE cost_books SET answered = 0 WHERE id IN ({stale})", (at_ms,))
    for table in ("cost_states", "cost_exposures", "cost_positions"):
        database.execute(f"DELETE FROM {table} WHERE at_ms > ?", (at_ms,))
    database.execute("DELETE FROM cost_lots WHERE since_ms > ?", (at_ms,))
    for (book,) in database.select("SELECT id FROM cost_books", ()):
        _reopen_lots(database, book, at_ms)
    for table in ("cost_unrated", "cost_late"):
        database.execute(f"DELETE FROM {table} WHERE at_ms >= ?", (at_ms,))
    database.execute("DELETE FROM cost_days WHERE day >= ?", (_day(at_ms),))


def cut_assets(
    database: CacheDatabase, assets: Collection[str], settles: Collection[str], at_ms: int
) -> None:
    """Forget what came after a moment of these assets, and of the contracts that are settled in
    one of ``settles``; no row of another asset is read."""
    own = f"asset IN ({_marks(assets)})"
    database.execute(f"UPDATE cost_books SET answered = 0 WHERE {own}", tuple(assets))
    for (book,) in database.select(f"SELECT id FROM cost_books WHERE {own}", tuple(assets)):
        database.execute("DELETE FROM cost_states WHERE book = ? AND at_ms > ?", (book, at_ms))
        newer = "DELETE FROM cost_lots WHERE book = ? AND method = ? AND +since_ms > ? AND until_ms"
        for method in Method:
            database.execute(f"{newer} IS NULL", (book, str(method), at_ms))
            database.execute(f"{newer} > ?", (book, str(method), at_ms, at_ms))
        _reopen_lots(database, book, at_ms)
        database.execute("DELETE FROM cost_days WHERE book = ? AND day >= ?", (book, _day(at_ms)))
    database.execute(f"DELETE FROM cost_unrated WHERE {own} AND at_ms >= ?", (*assets, at_ms))
    settled = f"json_extract(state, '$.settle') IN ({_marks(settles)})"
    database.execute(f"DELETE FROM cost_exposures WHERE at_ms > ? AND {settled}", (at_ms, *settles))


def _reopen_lots(database: CacheDatabase, book: int, at_ms: int) -> None:
    """Hold the lots of a book again that were used up after a moment."""
    query = "UPDATE cost_lots SET until_ms = NULL WHERE book = ? AND method = ? AND until_ms > ?"
    for method in Method:
        database.execute(query, (book, str(method), at_ms))


def _day(at_ms: int) -> str:
    return from_ms(at_ms).date().isoformat()


def _marks(values: Collection[str]) -> str:
    return ", ".join("?" * len(values))
