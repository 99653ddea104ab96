"""``excache db copy`` and ``excache db grants``: moving a cache, and the roles of a server."""

from __future__ import annotations

from contextlib import closing

import click

from exchange_cache.cli.app import App
from exchange_cache.errors import NothingCached, UsageError

_GRANTS = """\
-- As a superuser, once. Then every machine sets cache_url with its own role, and excache sync of
-- the owner creates the tables.
CREATE ROLE excache_owner LOGIN;
CREATE ROLE excache_writer LOGIN;
CREATE ROLE excache_reader LOGIN;
CREATE DATABASE excache OWNER excache_owner ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE excache FROM PUBLIC;
GRANT CONNECT ON DATABASE excache TO excache_writer, excache_reader;
\\connect excache
ALTER SCHEMA public OWNER TO excache_owner;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO excache_writer, excache_reader;
-- The tables that there are, and those of later versions.
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO excache_writer;
GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO excache_writer;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO excache_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE excache_owner IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO excache_writer;
ALTER DEFAULT PRIVILEGES FOR ROLE excache_owner IN SCHEMA public
  GRANT USAGE, SELECT, UPDATE ON SEQUENCES TO excache_writer;
ALTER DEFAULT PRIVILEGES FOR ROLE excache_owner IN SCHEMA public
  GRANT SELECT ON TABLES TO excache_reader;
-- Passwords: \\password excache_owner, and so on; each machine keeps its own in ~/.pgpass."""


@click.command("copy")
@click.option(
    "--to",
    "target",
    required=True,
    metavar="URL",
    help="An empty place: postgresql:// and a server, or sqlite:/// and a file.",
)
@click.pass_obj
def copy(app: App, target: str) -> None:
    """Copy the cache to another place, of either engine.

    Every row of one moment is copied and compared by its digest. An interrupted copy continues when
    the command runs again. The cache that is copied can be read and written meanwhile; what was
    written since is not in the copy. Then let cache_url of config.toml name the new place.

    \b
    Example:
      excache db copy --to sqlite:////srv/excache/cache.sqlite3
    """
    from exchange_cache.cache.repository import ExchangeCacheRepository
    from exchange_cache.cli.cache_file import place_of
    from exchange_cache.config.faults import Wrong
    from exchange_cache.config.values import cache_url
    from exchange_cache.sync.locks import lock_of

    try:
        place = place_of(cache_url(target), app.paths)
    except Wrong as error:
        raise UsageError(f"--to {error}", hint="excache db copy --help") from error
    source = app.cached()
    if source is None:
        raise NothingCached(f"there is no cache at {app.place} yet", hint="excache sync")
    if place == app.place:
        raise UsageError(f"{place} is the cache itself", hint="name another place")
    with (
        closing(ExchangeCacheRepository.open(place)) as other,
        lock_of(place, app.clock) as lock,
    ):
        lock.acquire("db copy", wait_seconds=5)
        rows = source.copy_to(other)
    app.say(f"Copied {rows:,} rows to {place}; each table equals its source.")


@click.command("grants")
@click.pass_obj
def grants(app: App) -> None:
    """Print the SQL for an owner, a writer and a reader.

    The owner creates and upgrades the tables, a writer syncs, a reader prints everything and
    changes nothing. Names of roles and of the database may be replaced.

    \b
    Example:
      excache db grants
    """
    app.answer(_GRANTS)
