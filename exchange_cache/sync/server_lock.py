"""The writer lock of a cache on a server: it excludes writers of every machine."""

from __future__ import annotations

import socket
from datetime import timedelta

from exchange_cache.cache.postgres.session_lock import SessionLocks
from exchange_cache.cache.server import Server
from exchange_cache.clock import Clock, from_ms, to_ms
from exchange_cache.sync.lock import Holder, WriterLock

#: A session's name has at most 63 bytes.
_HOST, _NAME = 24, 63


class ServerLock(WriterLock):
    """A lock by name; '' is that of everything."""

    def __init__(self, server: Server, clock: Clock, name: str = "") -> None:
        super().__init__(server.beside, clock)
        self._locks = SessionLocks(server)
        self._name = name
        self._taken = False

    def try_acquire(self, command: str) -> bool:
        host = socket.gethostname().encode("ascii", "replace").decode()[:_HOST]
        since = to_ms(self._clock.now()) // 1000
        note = f"{self._pid}@{host} {since} {command}"
        self._taken = self._locks.take(self._name, note[:_NAME])
        return self._taken

    def holder(self) -> Holder | None:
        note = self._locks.holder(self._name)
        if not self._taken:
            self._locks.close()
        return None if note is None else _read(note, self._clock)

    def release(self) -> None:
        if self._taken:
            self._locks.free(self._name)
        self._taken = False
        self._locks.close()


def _read(note: str, clock: Clock) -> Holder:
    """What a session's name states; the name of any other program is its own."""
    place, _, rest = note.partition(" ")
    pid, _, host = place.partition("@")
    since, _, command = rest.partition(" ")
    if not (pid.isdecimal() and since.isdecimal()):
        return Holder(pid=0, command=note, since=clock.now())
    began = from_ms(int(since) * 1000)
    held = max(clock.now() - began, timedelta(0))
    return Holder(pid=int(pid), command=command, since=began, held=held, host=host)
