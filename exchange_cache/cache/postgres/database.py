"""The database of a cache on a PostgreSQL server, for whoever writes."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from exchange_cache.cache import orm
from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.postgres import batches
from exchange_cache.cache.postgres.connecting import connect, psycopg
from exchange_cache.cache.postgres.definitions import definition, is_definition
from exchange_cache.cache.postgres.dialect import statement
from exchange_cache.cache.postgres.faults import translate
from exchange_cache.cache.server import Place, Server, storable

#: Writers take turns, as with a file: what a transaction read stays true until it ends. The lock
#: belongs to the transaction, so the server frees it with its connection.
WRITE = "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || '/write', 0))"
SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ"
SIZE = "SELECT pg_database_size(current_database())"
_BATCH = 1000


class ServerDatabase(CacheDatabase):
    """One database of a server. Each thread has its own connection."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.path = server.beside
        self.read_only = False
        self.alone = None
        self._turn = threading.RLock()
        self._types: dict[str, batches.Types] = {}
        self.peewee = _Postgres(server)

    @contextmanager
    def errors(self) -> Iterator[None]:
        try:
            yield
        except (orm.PeeweeException, psycopg.Error) as error:
            raise translate(error, self.server) from error

    @property
    def place(self) -> Place:
        return self.server

    def tables(self) -> frozenset[str]:
        sql = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
        return frozenset(str(name) for (name,) in self.select(sql, ()))

    def size(self) -> int:
        ((found,),) = self.select(SIZE, ())
        return int(found)

    def faults(self) -> list[str]:
        invalid = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid"
        off = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'D'"
        found = [(f"the index {name} is invalid") for (name,) in self.select(invalid, ())]
        return found + [f"the trigger {name} is disabled" for (name,) in self.select(off, ())]

    def number_on(self, models: Iterable[Any]) -> None:
        for model in models:
            if model._meta.primary_key is not False and hasattr(model, "id"):
                table = model._meta.table_name
                self.select(
                    f"SELECT setval(pg_get_serial_sequence('{table}', 'id'),"
                    f" (SELECT coalesce(max(id), 0) + 1 FROM {table}), FALSE)",
                    (),
                )

    @contextmanager
    def write(self) -> Iterator[None]:
        with self._turn, self.errors(), self.peewee.atomic(f"BEGIN; {WRITE}"):
            yield

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        if self.peewee.in_transaction():
            yield
            return
        with self.errors(), self.peewee.atomic(SNAPSHOT):
            yield

    def run_each(self, query: Any, rows: Iterable[Sequence[Any]]) -> int:
        with self.errors():
            sql, _ = self.peewee.get_sql_context().sql(query).query()
            return self._each_row(sql.partition(" RETURNING ")[0], rows)

    def insert(self, sql: str, values: Sequence[Any]) -> int:
        with self.errors():
            ((number,),) = self.peewee.execute_sql(f"{sql} RETURNING id", values).fetchall()
            return int(number)

    def run_all(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        with self.errors():
            self._each_row(sql, rows)

    def each(self, sql: str, values: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        with self.errors():
            lasting = not self.peewee.in_transaction()
            name = f"c{uuid4().hex}"
            cursor = self.peewee.connection().cursor(name=name, withhold=lasting)
            with cursor:
                cursor.execute(statement(sql), values)
                while rows := cursor.fetchmany(_BATCH):
                    yield from rows

    def _each_row(self, sql: str, rows: Iterable[Sequence[Any]]) -> int:
        # What makes the rows may read by this connection, which is busy while it executes.
        every, table = list(rows), batches.table_of(sql)
        if table is not None and len(every) >= batches.LEAST:
            together = batches.insert_of_all(sql, self._types_of(table))
            cursor = self.peewee.execute_sql(together, batches.columns_of(every))
        else:
            cursor = self.peewee.cursor()
            cursor.executemany(statement(sql), [[storable(one) for one in row] for row in every])
        return max(int(cursor.rowcount), 0)

    def _types_of(self, table: str) -> batches.Types:
        if table not in self._types:
            self._types[table] = dict(self.select(batches.TYPES, (table,)))
        return self._types[table]


class _Postgres(orm.Database):
    """What peewee needs to know of the engine; statements are translated where they are sent."""

    returning_clause = True

    def __init__(self, server: Server) -> None:
        self._server = server
        super().__init__(str(server), operations={"LIKE": "GLOB"})

    def _connect(self) -> Any:
        return connect(self._server)

    def execute_sql(self, sql: str, params: Any = None, *unused: Any) -> Any:
        if is_definition(sql):
            cursor = self._cursor()
            cursor.execute(definition(sql), prepare=False)
            return cursor
        if isinstance(params, Mapping):
            params = {name: storable(value) for name, value in params.items()}
        elif params:
            params = [storable(value) for value in params]
        return super().execute_sql(statement(sql), params)  # type: ignore[no-untyped-call]

    def _cursor(self) -> Any:
        return self.cursor()  # type: ignore[no-untyped-call]

    def begin(self, opening: str = "BEGIN") -> None:
        self._cursor().execute(opening, prepare=False)

    def table_exists(self, table_name: str, schema: Any = None) -> bool:
        found = self.execute_sql("SELECT to_regclass(?) IS NOT NULL", (table_name,))
        return bool(found.fetchone()[0])

    def get_binary_type(self) -> type[bytes]:
        return bytes

    def conflict_statement(self, on_conflict: Any, query: Any) -> None:
        return None

    def conflict_update(self, on_conflict: Any, query: Any) -> Any:
        """Replacing a row updates each column that is inserted, as all of them are."""
        action = (on_conflict._action or "").lower()
        if action == "ignore":
            return orm.SQL("ON CONFLICT DO NOTHING")
        if action == "replace":
            key = query.table._meta.primary_key
            names = getattr(key, "field_names", None) or (key.name,)
            on_conflict._conflict_target = [getattr(query.table, name) for name in names]
            inserted = query._columns or query._insert
            on_conflict._preserve = [one for one in inserted if one.name not in names]
            if not on_conflict._preserve:
                return orm.SQL("ON CONFLICT DO NOTHING")
        return self._build_on_conflict_update(on_conflict, query)  # type: ignore[attr-defined]
