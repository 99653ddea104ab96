"""Connects to the server of a cache; the only module that loads the driver."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from exchange_cache.cache.postgres.faults import translate
from exchange_cache.cache.server import Server

try:
    import psycopg
    from psycopg.adapt import Dumper, Loader
    from psycopg.conninfo import conninfo_to_dict, make_conninfo
    from psycopg.pq import Format
except ImportError as error:
    from exchange_cache.errors import ConfigError

    raise ConfigError(
        f"a cache on a PostgreSQL server needs the driver psycopg 3 ({error})",
        hint="install it: pip install 'excache[postgres]'",
    ) from error

#: As long as every command waits for a writer.
LOCK_TIMEOUT_MS = 20_000
#: What a URL or the environment (``PG*``) does not set. A server that vanished without a word is
#: noticed within a minute and a half.
_DEFAULTS: Mapping[str, str] = {
    "application_name": "excache",
    "client_encoding": "utf8",
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",
}
_OF_ENVIRONMENT = {"application_name": "PGAPPNAME", "connect_timeout": "PGCONNECT_TIMEOUT"}


#: Each with the version of the server that has it.
_LIMITS = (
    ("statement_timeout", 0),
    ("idle_in_transaction_session_timeout", 0),
    ("idle_session_timeout", 140000),
    ("transaction_timeout", 170000),
)


class _Flag(Dumper):
    """Flags are integers, as in SQLite."""

    format = Format.TEXT
    oid = psycopg.adapters.types["int8"].oid

    def dump(self, obj: Any) -> bytes:
        return b"1" if obj else b"0"


class _Whole(Loader):
    """Sums of integers are numeric; nothing else here is."""

    def load(self, data: Any) -> int:
        return int(bytes(data))


def connect(server: Server) -> psycopg.Connection[Any]:
    """A connection that commits each statement unless a transaction is begun. libpq reads the
    environment (``PG*``) and ~/.pgpass by itself.

    Raises what ``translate`` makes of a server that cannot be reached or refuses.
    """
    try:
        stated = conninfo_to_dict(server.url)
        settings = {
            name: value
            for name, value in _DEFAULTS.items()
            if name not in stated and _OF_ENVIRONMENT.get(name, "") not in os.environ
        }
        connection = psycopg.connect(make_conninfo(server.url, **settings), autocommit=True)
        connection.adapters.register_dumper(bool, _Flag)
        connection.adapters.register_loader("numeric", _Whole)
        connection.execute(_session(connection.info.server_version).encode())
    except psycopg.Error as error:
        raise translate(error, server) from error
    return connection


def _session(version: int) -> str:
    """The settings of a session. The time limits of a server's own configuration are meant for
    programs that forget their sessions: one of ours holds a lock for a whole sync, and copies and
    upgrades take as long as the rows need. A writer reads what was stored when its turn came, which
    no snapshot of its beginning shows."""
    limits = [name for name, since in _LIMITS if version >= since]
    stated = [
        f"lock_timeout = {LOCK_TIMEOUT_MS}",
        "bytea_output = hex",
        "default_transaction_isolation = 'read committed'",
    ]
    return "; ".join(f"SET {one}" for one in (*stated, *(f"{name} = 0" for name in limits)))


__all__ = ["LOCK_TIMEOUT_MS", "connect", "psycopg"]
