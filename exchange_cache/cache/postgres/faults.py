"""Translates errors of the server into the project's own, each with its cure."""

from __future__ import annotations

import re
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
        make = next((how for words, how in _BY_WORDS if words.search(text)), _unreachable)
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
    """What the server states, without the statement that it quotes."""
    stated = getattr(getattr(error, "diag", None), "message_primary", None)
    return " ".join(str(stated or error).split())


def _unreachable(server: Server, text: str) -> CacheError:
    return CacheUnreachable(
        f"the server of the cache {server} does not answer ({text}); what it stored is unharmed",
        hint="try again when it runs; the next sync continues with what is stored",
    )


def _unsuited(server: Server, text: str) -> CacheError:
    return CacheUnreachable(
        f"no server of the cache {server} is the one that target_session_attrs asks for ({text})",
        hint="try again when a replica is promoted, or the primary runs",
    )


def _busy(server: Server, text: str) -> CacheError:
    return CacheBusy(
        f"the cache {server} is busy ({text})",
        hint="excache status shows who works with it, pg_stat_activity of the server who else does",
    )


def _full(server: Server, text: str) -> CacheError:
    return DiskFull(server)


def _conflicting(server: Server, text: str) -> CacheError:
    if "conflict with recovery" in text:
        return CacheBusy(
            f"the replica {server} ended a read to follow its primary ({text})",
            hint="try again; hot_standby_feedback = on of the replica avoids it",
        )
    return _busy(server, text)


def _refused(server: Server, text: str) -> CacheError:
    return CacheError(
        f"the server refused the cache {server}: {text}",
        hint="check the role and its password: ~/.pgpass (mode 0600), PGPASSFILE or PGPASSWORD",
    )


def _distrusted(server: Server, text: str) -> CacheError:
    return CacheError(
        f"the connection to the cache {server} is not trusted: {text}",
        hint=(
            "check sslmode and sslrootcert of cache_url (or PGSSLMODE, PGSSLROOTCERT), and that the"
            " certificate names this host"
        ),
    )


def _misstated(server: Server, text: str) -> CacheError:
    return CacheError(
        f"the address of the cache {server} is not usable: {text}",
        hint="check cache_url in config.toml and the PG* variables of the environment",
    )


def _forbidden(server: Server, text: str) -> CacheError:
    return CacheUnwritable(
        f"the cache {server} refuses this role: {text}",
        hint="excache db grants prints the SQL for an owner, a writer and a reader",
    )


def _read_only(server: Server, text: str) -> CacheError:
    return CacheUnwritable(
        f"the cache {server} is a replica, or its session may only read: {text}",
        hint=(
            "let cache_url name the primary (of several hosts, target_session_attrs=read-write"
            " finds it)"
        ),
    )


def _absent(server: Server, text: str) -> CacheError:
    return CacheError(
        f"the cache {server} does not exist: {text}",
        hint="create the database (createdb excache), then run excache sync",
    )


def _no_schema(server: Server, text: str) -> CacheError:
    return CacheError(
        f"the cache {server} has no schema: {text}",
        hint="create the schema that search_path names, and let this role use it",
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
    "25006": _read_only,
    "25P03": _unreachable,  # idle for too long
    "28000": _refused,
    "28P01": _refused,
    "3D000": _absent,
    "3F000": _no_schema,
    "40001": _conflicting,
    "42501": _forbidden,
    "42P01": _incomplete,
    "53100": _full,
    "55P03": _busy,
    "57014": _busy,
}
_BY_CLASS: Mapping[str, _How] = {
    "08": _unreachable,
    "40": _busy,
    "53": _busy,  # connections, memory, temporary files
    "57": _unreachable,
    "58": _unreadable,
    "XX": _unreadable,
}
#: The driver states no code while it connects. The first that is found counts: of several hosts,
#: each states something.
_BY_WORDS: tuple[tuple[re.Pattern[str], _How], ...] = tuple(
    (re.compile(words), how)
    for words, how in (
        (r"too many (clients|connections)|connection slots", _busy),
        (r"[Nn]o space left", _full),
        (r"session is (not )?read-only|in hot standby mode", _unsuited),
        (
            r"(?i)certificate|\bSSL (error|is required)|does not support SSL|server .*\bsslmode\b"
            r"|private key file",
            _distrusted,
        ),
        (
            r"invalid (sslmode|connection option|URI|port|integer|target_session|channel|percent)"
            r"|definition of service|service file|syntax error in|missing \"=\"",
            _misstated,
        ),
        (r"password|authentication|pg_hba\.conf|role \"", _refused),
        (r"database \".*\" does not exist", _absent),
    )
)
