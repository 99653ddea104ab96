"""Counts what SQLite does: the steps of its virtual machine, which timing cannot blur."""

from __future__ import annotations

from collections.abc import Callable

from exchange_cache.cache.repository import ExchangeCacheRepository


def steps(repository: ExchangeCacheRepository, act: Callable[[], object]) -> int:
    """How many steps SQLite takes for an act on this thread."""
    counted = 0

    def count() -> int:
        nonlocal counted
        counted += 1
        return 0

    connection = repository._database.peewee.connection()
    connection.set_progress_handler(count, 1)
    try:
        act()
    finally:
        connection.set_progress_handler(None, 0)
    return counted
