"""Recognises a cache by its tables: of this program, of a later one, or no cache at all."""

from __future__ import annotations

from exchange_cache.cache import migrations, orm
from exchange_cache.cache.database import CacheDatabase, incomplete
from exchange_cache.errors import CacheCorrupt


def is_behind(database: CacheDatabase, tables: frozenset[str] | None = None) -> bool:
    """Whether a migration is missing; ``tables``: those of the database, where they are known.

    CacheCorrupt for a file of another program, or a cache without one of its tables; CacheTooNew
    for a schema of a later one of ours.
    """
    tables = database.tables() if tables is None else tables
    applied = _applied(database, tables)
    migrations.refuse_newer(max(applied, default=0), str(database.place))
    behind = migrations.is_behind(applied)
    missing = migrations.TABLES - tables
    if missing and applied and not behind:
        raise incomplete(str(database.place), ", ".join(sorted(missing)))
    return behind


def _applied(database: CacheDatabase, tables: frozenset[str]) -> frozenset[int]:
    """The migrations that the file records; none for an empty one."""
    if "schema_migrations" not in tables:
        if tables & migrations.TABLES:
            raise incomplete(str(database.place), "schema_migrations")
        if tables:
            raise _foreign(database, tables)
        return frozenset()
    query = "SELECT version, name, applied_ms FROM schema_migrations"
    try:
        return frozenset(int(version) for version, *_ in database.peewee.execute_sql(query))
    except (orm.PeeweeException, ValueError) as error:
        if isinstance(error, ValueError) or any(words in str(error) for words in _NO_COLUMN):
            raise _foreign(database, tables) from error
        raise


#: What SQLite and PostgreSQL call it.
_NO_COLUMN = ("no such column", "column ")


def _foreign(database: CacheDatabase, tables: frozenset[str]) -> CacheCorrupt:
    some = ", ".join(sorted(tables)[:3])
    return CacheCorrupt(
        f"{database.place} is a database of another program (its tables: {some}"
        f"{' …' if len(tables) > 3 else ''}); it was left unchanged",
        hint="let cache_url in config.toml, or EXCACHE_HOME, name another place",
    )
