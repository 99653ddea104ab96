"""Locks that a session of the server holds: freed by the server the moment the session ends.

The session's name states its holder, so that nothing remains to be cleared when it dies.
"""

from __future__ import annotations

from typing import Any

from exchange_cache.cache.postgres.connecting import connect, psycopg
from exchange_cache.cache.postgres.faults import translate
from exchange_cache.cache.postgres.fencing import KEY, WRITE
from exchange_cache.cache.server import Server

_KEY = KEY.format(name="%(name)s")
_NAME = "SELECT set_config('application_name', %(holder)s, FALSE)"
_TAKE = f"SELECT pg_try_advisory_lock({_KEY})"
_SHARE = f"SELECT pg_try_advisory_lock_shared({_KEY})"
_FREE = f"SELECT pg_advisory_unlock({_KEY})"
_UNSHARE = f"SELECT pg_advisory_unlock_shared({_KEY})"
_HOLDERS = f"""
SELECT a.application_name, l.mode = 'ExclusiveLock'
FROM pg_locks AS l JOIN pg_stat_activity AS a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND ((l.classid::bigint << 32) | l.objid::bigint) = {_KEY}
ORDER BY a.backend_start
"""


class SessionLocks:
    """The locks of one session. It is opened with the first that is taken."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._session: psycopg.Connection[Any] | None = None

    def take(self, name: str, holder: str) -> bool:
        """Take a lock unless another session has it; ``holder`` names this session (63 bytes).

        What an earlier holder was writing is written, or never will be (see ``fencing``).
        """
        if not self._try(_TAKE, name, holder):
            return False
        try:
            self._execute(WRITE)
        except psycopg.Error as error:
            self.free(name)
            raise translate(error, self._server) from error
        return True

    def share(self, name: str, holder: str) -> bool:
        """The same with others who share it, unless a session has it alone."""
        return self._try(_SHARE, name, holder)

    def _try(self, sql: str, name: str, holder: str) -> bool:
        try:
            self._value(_NAME, holder=holder)
            return bool(self._value(sql, name=name))
        except psycopg.Error as error:
            raise translate(error, self._server) from error

    def holders(self, name: str) -> tuple[tuple[str, bool], ...]:
        """What the sessions that have a lock state of themselves, the first first, and whether
        they have it alone."""
        try:
            found = self._execute(_HOLDERS, name=name).fetchall()
        except psycopg.Error as error:
            raise translate(error, self._server) from error
        return tuple((str(note), bool(alone)) for note, alone in found)

    def free(self, name: str) -> None:
        """Give a lock back; where the session is lost, the server did that."""
        self._give(_FREE, name)

    def unshare(self, name: str) -> None:
        """Give a shared lock back."""
        self._give(_UNSHARE, name)

    def _give(self, sql: str, name: str) -> None:
        if self._session is None or self._session.closed:
            return
        try:
            self._value(sql, name=name)
        except psycopg.OperationalError:
            self.close()

    def close(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None

    def _value(self, sql: str, **values: str) -> Any:
        found = self._execute(sql, **values).fetchone()
        return None if found is None else found[0]

    def _execute(self, sql: str, **values: str) -> psycopg.Cursor[Any]:
        if self._session is None:
            self._session = connect(self._server)
        return self._session.execute(sql.encode(), values)
