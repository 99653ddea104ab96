"""Opens the cache on a server: recognised, and migrated to this program's schema."""

from __future__ import annotations

from typing import Any

from exchange_cache.cache import migrations, views
from exchange_cache.cache.postgres.database import ServerDatabase
from exchange_cache.cache.recognising import is_behind
from exchange_cache.cache.server import Server
from exchange_cache.errors import CacheUnwritable

#: This role, the owner of the tables (or of the schema that has none), and whether rows come from
#: elsewhere.
_WHO = """
SELECT current_user::text, pg_get_userbyid(coalesce(
    (SELECT relowner FROM pg_class WHERE oid = to_regclass('schema_migrations')),
    (SELECT nspowner FROM pg_namespace WHERE nspname = current_schema())))::text,
  pg_is_in_recovery()
"""


def open_server(server: Server, *, create: bool = True) -> ServerDatabase | None:
    """The cache, migrated to this program's schema; None where the database is empty and ``create``
    is False.

    All migrations are one transaction, of one process at a time: the second finds them done.
    """
    database = ServerDatabase(server)
    try:
        tables = database.tables()
        if not create and not tables:
            database.close()
            return None
        with database.errors():
            behind = is_behind(database, tables)
        if behind:
            _migrate(database)
    except BaseException:
        database.close()
        raise
    return database


def _migrate(database: ServerDatabase) -> None:
    try:
        with database.write():
            migrations.migrate(database.peewee, str(database.server), make_views=_make_views)
    except CacheUnwritable as error:
        raise _not_its_owner(database) from error


def _not_its_owner(database: ServerDatabase) -> CacheUnwritable:
    """Why this role, or a replica, does not bring the schema up to date, and who does."""
    ((role, owner, is_replica),) = database.select(_WHO, ())
    tables = database.tables()
    if tables:
        ((version,),) = database.select("SELECT max(version) FROM schema_migrations", ())
        state = f"has schema {version}, this excache needs {migrations.LATEST}"
    else:
        state = "has no tables yet"
    may_not = "a replica follows its primary" if is_replica else f"{role} may not change that"
    return CacheUnwritable(
        f"the cache {database.server} {state}, and {may_not}",
        hint=(
            f"run excache {'db migrate' if tables else 'sync'} once as the owner {owner}"
            f"{' on the primary' if is_replica else ''}"
        ),
    )


def _make_views(database: Any) -> None:
    for statement in views.statements(views.POSTGRESQL):
        database.execute_sql(statement)
