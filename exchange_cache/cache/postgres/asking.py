"""Asks a server one thing by a connection of its own."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from functools import partial
from typing import Any

from exchange_cache.cache.postgres.connecting import connect, psycopg
from exchange_cache.cache.postgres.dialect import statement
from exchange_cache.cache.postgres.faults import translate
from exchange_cache.cache.postgres.replica import replica_of
from exchange_cache.cache.server import Server

_MAY_WRITE = "SELECT NOT pg_is_in_recovery() AND has_table_privilege('sync_runs', 'INSERT')"


def may_write(server: Server) -> bool:
    """Whether this role may write there: not on a replica, nor with grants to read alone."""
    return first(server, _MAY_WRITE, ()) == (True,)


def first(server: Server, sql: str, values: Sequence[Any]) -> tuple[Any, ...] | None:
    """The first row of a statement; None without one, or without the table."""
    with closing(connect(server)) as connection:
        return next(iter(_select(server, connection, sql, values)), None)


def held(server: Server, sql: str, values: Sequence[Any]) -> tuple[Any, ...] | None:
    """The same, but None from a replica that is behind its primary or cut off from it."""
    with closing(connect(server)) as connection:
        # Servers of version 14 and later state what they are to every session.
        if connection.info.parameter_status("in_hot_standby") != "off":
            replica = replica_of(partial(_select, server, connection))
            if replica is not None and not replica.is_current:
                return None
        return next(iter(_select(server, connection, sql, values)), None)


def _select(
    server: Server, connection: psycopg.Connection[Any], sql: str, values: Sequence[Any]
) -> list[tuple[Any, ...]]:
    try:
        return connection.execute(statement(sql).encode(), values).fetchall()
    except psycopg.errors.UndefinedTable:
        return []  # no cache yet
    except psycopg.Error as error:
        raise translate(error, server) from error
