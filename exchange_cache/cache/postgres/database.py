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
from exchange_cache.cache.postgres.fencing import WRITE, is_lost, locks_lost
from exchange_cache.cache.postgres.pool import Connection, Pool
from exchange_cache.cache.server import Place, Server, storable

SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ"
SIZE = "SELECT pg_database_size(current_database())"
_BATCH = 1000


class ServerDatabase(CacheDatabase):
    """One database of a server, by a few connections for all threads."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.fence: Sequence[str] = ()
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
        with self._turn, self.errors(), self.peewee.atomic(WRITE, tuple(self.fence)):
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
            with (
                self.peewee.kept() as connection,
                connection.cursor(name=name, withhold=lasting) as cursor,
            ):
                cursor.execute(statement(sql), values)
                while rows := cursor.fetchmany(_BATCH):
                    yield from rows

    def _each_row(self, sql: str, rows: Iterable[Sequence[Any]]) -> int:
        # What makes the rows may read by this connection, which is busy while it executes.
        every, table = list(rows), batches.table_of(sql)
        if table is not None and len(every) >= batches.LEAST:
            together = batches.insert_of_all(sql, self._types_of(table))
            cursor = self.peewee.execute_sql(together, batches.columns_of(every))
            return max(int(cursor.rowcount), 0)
        with self.peewee.kept() as connection:
            cursor = connection.cursor()
            cursor.executemany(statement(sql), [[storable(one) for one in row] for row in every])
            return max(int(cursor.rowcount), 0)

    def close(self) -> None:
        super().close()
        self.peewee.pool.close()

    def _types_of(self, table: str) -> batches.Types:
        if table not in self._types:
            self._types[table] = dict(self.select(batches.TYPES, (table,)))
        return self._types[table]


class _Keeping(threading.local):
    """Why this thread keeps its connection outside a transaction."""

    def __init__(self) -> None:
        self.count: list[None] = []


class _Postgres(orm.Database):
    """What peewee needs to know of the engine; statements are translated where they are sent."""

    returning_clause = True
    _state: Any

    def __init__(self, server: Server) -> None:
        self._server = server
        self.pool = Pool(lambda: connect(server))
        self._keeping = _Keeping()
        super().__init__(str(server), operations={"LIKE": "GLOB"})

    # --- connections: a thread has one while it needs it ------------------------------------------

    def connect(self, reuse_if_open: bool = False, *, reserved: bool = False) -> bool:
        found = self.pool.take(reserved=reserved)
        self._state.set_connection(found)
        return True

    def close(self) -> bool:
        found: Connection | None = self._state.conn
        self._state.reset()
        if found is not None:
            self.pool.give(found)
        return found is not None

    @contextmanager
    def kept(self) -> Iterator[Connection]:
        """The connection of this thread, which keeps it until then."""
        keeping = self._keeping
        count = keeping.count
        try:
            connection: Connection = self.connection()  # type: ignore[no-untyped-call]
            count.append(None)
            try:
                yield connection
            finally:
                count.pop()
        finally:
            if keeping.count is count:  # not where another thread drops what it did not finish
                self._rest()

    def _rest(self) -> None:
        """Give the connection back unless this thread goes on with it."""
        if not (self.in_transaction() or self._keeping.count):
            self.close()

    # --- statements -------------------------------------------------------------------------------

    def execute_sql(self, sql: str, params: Any = None, *unused: Any) -> Any:
        if isinstance(params, Mapping):
            params = {name: storable(value) for name, value in params.items()}
        elif params:
            params = [storable(value) for value in params]
        try:
            if is_definition(sql):
                cursor = self._cursor()
                cursor.execute(definition(sql), prepare=False)
                return cursor
            return super().execute_sql(statement(sql), params)  # type: ignore[no-untyped-call]
        finally:
            self._rest()

    def _cursor(self) -> Any:
        return self.cursor()  # type: ignore[no-untyped-call]

    def begin(self, opening: str = "BEGIN", fence: Sequence[str] = ()) -> None:
        """``WRITE`` begins with the connection in reserve, and fails where a session that holds a
        lock of ``fence`` has ended."""
        writing = opening == WRITE
        if writing and self.is_closed():
            self.connect(reserved=True)
        try:
            cursor = self._cursor()
            if not writing:
                cursor.execute(opening, prepare=False)
                return
            questions = [is_lost(name) for name in fence]
            cursor.execute("; ".join(["BEGIN", WRITE, *questions]), prepare=False)
            if (True,) in _answers(cursor):
                raise locks_lost(self._server)
        except BaseException:
            self._give_up()
            raise

    def commit(self) -> None:
        try:
            super().commit()
        except BaseException:
            self._give_up()
            raise
        self._rest()

    def rollback(self) -> None:
        if self.is_closed():
            return
        try:
            super().rollback()
        except BaseException:
            self._give_up()
            raise
        self._rest()

    def _give_up(self) -> None:
        """End the transaction with its connection."""
        if self._state.conn is not None:
            self._state.conn.close()
        self.close()

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


def _answers(cursor: Any) -> list[Any]:
    """The rows of several statements."""
    found: list[Any] = []
    more = True
    while more:
        found += cursor.fetchall() if cursor.description else []
        more = cursor.nextset()
    return found
