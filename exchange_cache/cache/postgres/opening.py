"""Opens the cache on a server: recognised, and migrated to this program's schema."""

from __future__ import annotations

from typing import Any

from exchange_cache.cache import migrations, views
from exchange_cache.cache.postgres.database import ServerDatabase
from exchange_cache.cache.recognising import is_behind
from exchange_cache.cache.server import Server


def open_server(server: Server, *, create: bool = True) -> ServerDatabase | None:
    """The cache, migrated to this program's schema; None where the database is empty and ``create``
    is False.

    All migrations are one transaction, of one process at a time: the second finds them done.
    """
    database = ServerDatabase(server)
    try:
        if not create and not database.tables():
            database.close()
            return None
        if is_behind(database):
            with database.write():
                migrations.migrate(database.peewee, str(server), make_views=_make_views)
    except BaseException:
        database.close()
        raise
    return database


def _make_views(database: Any) -> None:
    for statement in views.statements(views.POSTGRESQL):
        database.execute_sql(statement)
