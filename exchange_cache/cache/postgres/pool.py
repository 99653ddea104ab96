"""The connections of one process to its server: as many, whatever the number of its threads.

A thread has a connection for a statement, a transaction or a stream, one at a time, and waits for
it. Whoever writes has one in reserve: no thread that waits for its turn to write holds it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from exchange_cache.cache.postgres.connecting import psycopg

Connection = psycopg.Connection[Any]

#: Besides the one in reserve, and the session of the locks.
MOST = 6


class Pool:
    """Connections that are used again; one that was lost, or is within a transaction, is not."""

    def __init__(self, connect: Callable[[], Connection], most: int = MOST) -> None:
        self._connect = connect
        self._free = threading.BoundedSemaphore(most)
        self._lock = threading.Lock()
        self._idle: list[Connection] = []
        self._lent: dict[Connection, bool] = {}  # whether it counts
        self._closed = False

    def take(self, *, reserved: bool = False) -> Connection:
        """A connection of the caller's own; waits until one is free unless it is ``reserved`` for
        the only writer of this process."""
        if not reserved:
            self._free.acquire()
        try:
            with self._lock:
                self._closed = False
                found = self._idle.pop() if self._idle else None
            found = self._connect() if found is None else found
        except BaseException:
            if not reserved:
                self._free.release()
            raise
        with self._lock:
            self._lent[found] = not reserved
        return found

    def give(self, connection: Connection) -> None:
        """Give one back."""
        idle = connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
        with self._lock:
            counts = self._lent.pop(connection, False)
            gone = [] if idle and not self._closed else [connection]
            if connection.broken:  # so are the others, most likely
                gone, self._idle = [*gone, *self._idle], []
            if not gone:
                self._idle.append(connection)
        for one in gone:
            one.close()
        if counts:
            self._free.release()

    def close(self) -> None:
        """Close those that nobody uses; the others, when they are given back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()
