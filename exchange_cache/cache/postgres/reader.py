"""Reads the cache on a server without what writes to it: no peewee, one connection."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from exchange_cache.cache import migrations
from exchange_cache.cache.postgres.connecting import connect, psycopg
from exchange_cache.cache.postgres.dialect import statement
from exchange_cache.cache.postgres.faults import translate
from exchange_cache.cache.server import Server

#: The schema, and whether this is a replica: one round trip.
_STATE = "SELECT version, pg_is_in_recovery() FROM schema_migrations"
_SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


class ReadServer:
    """One connection to a cache of this program's schema."""

    def __init__(
        self, server: Server, connection: psycopg.Connection[Any], *, is_replica: bool
    ) -> None:
        self.is_replica = is_replica
        self.path = server.beside
        self.place = server
        self._connection = connection

    def select(self, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """All rows of a statement; a CacheError names what is wrong with the server."""
        try:
            return self._connection.execute(statement(sql).encode(), values).fetchall()
        except psycopg.Error as error:
            raise translate(error, self.place) from error

    def size(self) -> int:
        ((found,),) = self.select("SELECT pg_database_size(current_database())", ())
        return int(found)

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """One consistent view for several reads; blocks nobody."""
        self._run(_SNAPSHOT)
        try:
            yield
        finally:
            self._run("ROLLBACK")

    def _run(self, sql: str) -> None:
        try:
            self._connection.execute(sql.encode())
        except psycopg.Error as error:
            raise translate(error, self.place) from error

    def close(self) -> None:
        self._connection.close()


def open_server_reader(server: Server) -> ReadServer | None:
    """The cache of a server; None if there is none of this program's schema: then opening it as a
    repository migrates it, or states what is wrong."""
    connection = connect(server)
    try:
        found = connection.execute(_STATE).fetchall()
    except psycopg.Error:
        found = []
    if {version for version, _ in found} == {step.version for step in migrations.MIGRATIONS}:
        return ReadServer(server, connection, is_replica=found[0][1])
    connection.close()
    return None
