"""Translates errors of the server into the project's own, each with its cure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from exchange_cache.cache.server import Server
from exchange_cache.errors import (
    CacheBusy,
    CacheCorrupt,
    CacheError,
    CacheUnreadable,
    CacheUnwritable,
    DiskFull,
)


class CacheUnreachable(CacheError):
    """The server of the cache cannot be reached, or the connection to it was lost."""

    exit_code = 75
    retryable = True
    code = "cache_unreachable"


def translate(error: BaseException, server: Server) -> CacheError:
    """One of ours that names the server and the cure; peewee wraps the driver's errors."""
    state, text = _state_and_text(error)
    make = _BY_STATE.get(state or "") or _BY_CLASS.get((state or "")[:2])
    if make is None and state is None and _is_of_connection(error):
        words = text.lower()
        make = next((how for word, how in _BY_WORD if word in words), _unreachable)
    if make is not None:
        return make(server, text)
    return CacheError(f"the cache {server} reported: {text}")


def _state_and_text(error: BaseException) -> tuple[str | None, str]:
    """The server's code, if it stated one, and its message on one line."""
    found: BaseException | None = error
    while found is not None:
        state = getattr(found, "sqlstate", None)
        if state is not None:
            return state, _line(found)
        found = found.__context__
    return None, _line(error)


def _is_of_connection(error: BaseException) -> bool:
    """Whether the driver, not the server, reports it, and not as a mistake in a statement."""
    found: BaseException | None = error
    while found is not None:
        if type(found).__name__ in _OF_CONNECTION:
            return True
        found = found.__context__
    return False


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())


def _unreachable(server: Server, text: str) -> CacheError:
    return CacheUnreachable(
        f"the server of the cache {server} does not answer ({text}); what it stored is unharmed",
        hint="try again when it runs; the next sync continues with what is stored",
    )


def _busy(server: Server, text: str) -> CacheError:
    return CacheBusy(
        f"the cache {server} is busy ({text})", hint="excache status shows who works with it"
    )


def _full(server: Server, text: str) -> CacheError:
    return DiskFull(server)


def _refused(server: Server, text: str) -> CacheError:
    return CacheError(
        f"the server refused the cache {server}: {text}",
        hint="check the role and its password: ~/.pgpass, PGPASSFILE or PGPASSWORD",
    )


def _forbidden(server: Server, text: str) -> CacheError:
    return CacheUnwritable(
        f"the cache {server} cannot be written by this role ({text})",
        hint="excache db grants prints the SQL for an owner, a writer and a reader",
    )


def _absent(server: Server, text: str) -> CacheError:
    return CacheError(
        f"the cache {server} does not exist: {text}",
        hint="create the database (createdb excache), then run excache sync",
    )


def _incomplete(server: Server, text: str) -> CacheError:
    return CacheCorrupt(
        f"the cache {server} is incomplete ({text}); it was left unchanged",
        hint="restore a backup of the server, or of excache db backup",
    )


def _unreadable(server: Server, text: str) -> CacheError:
    return CacheUnreadable(
        f"the server failed to read or write the cache {server} ({text})",
        hint="check the disk and the log of the server, then run excache db check",
    )


_OF_CONNECTION = frozenset({"OperationalError", "InterfaceError", "ConnectionTimeout"})
_How = Callable[[Server, str], CacheError]
_BY_STATE: Mapping[str, _How] = {
    "25006": _forbidden,  # a replica, or a session for reading
    "28000": _refused,
    "28P01": _refused,
    "3D000": _absent,
    "42501": _forbidden,
    "42P01": _incomplete,
    "53100": _full,
    "53300": _busy,
    "55P03": _busy,
    "57014": _busy,
}
_BY_CLASS: Mapping[str, _How] = {
    "08": _unreachable,
    "40": _busy,
    "57": _unreachable,
    "58": _unreadable,
    "XX": _unreadable,
}
#: The driver states no code while it connects.
_BY_WORD: tuple[tuple[str, _How], ...] = (
    ("password", _refused),
    ("authentication", _refused),
    ("pg_hba.conf", _refused),
    ("role ", _refused),
    ("database ", _absent),
    ("too many clients", _busy),
    ("connection slots", _busy),
)
