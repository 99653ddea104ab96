"""Lets a transaction commit only while its process still has its locks.

The session that holds them can be lost while other connections live, or come back. Then the server
has given the locks to others, and nothing of this process may be written any more. Every session
of locks holds one that no other process ever takes: a transaction that gets it knows that it is
lost. Whoever takes a lock waits until the transaction that is being written has ended, so none of
an earlier holder commits later.
"""

from __future__ import annotations

from exchange_cache.cache.postgres.faults import CacheUnreachable
from exchange_cache.cache.server import Server

#: The key of a lock: those of two caches in one database differ by their schema.
KEY = "hashtextextended(current_schema() || '/lock/' || {name}, 0)"
#: Writers take turns, as with a file: what a transaction read stays true until it ends. The lock
#: belongs to the transaction, so the server frees it with its connection.
WRITE = "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || '/write', 0))"


class LocksLost(CacheUnreachable):
    """The session that held the locks of this process has ended."""


def is_lost(name: str) -> str:
    """The question of a transaction whether the session that holds ``name`` has ended."""
    return f"SELECT pg_try_advisory_xact_lock_shared({KEY.format(name=repr(name))})"


def locks_lost(server: Server) -> LocksLost:
    return LocksLost(
        f"the connection that held the locks of this process in {server} was lost; nothing more"
        " was written, and what was stored is unharmed",
        hint="run it again; the next sync continues with what is stored",
    )
