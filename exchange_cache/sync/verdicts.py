"""What a failure or a rest means for the state of a stream."""

from __future__ import annotations

from collections.abc import Callable

from exchange_cache.cache.streams import StreamState
from exchange_cache.errors import (
    ClockSkew,
    ExchangeFault,
    ExchangeUnavailable,
    KeyRefused,
    NotOffered,
    OutOfRetention,
    PermissionMissing,
    RateLimited,
)


def stream_state(error: ExchangeFault) -> str:
    if isinstance(error, PermissionMissing):
        return "no_permission"
    if isinstance(error, NotOffered):
        return "not_offered"
    return "out_of_retention" if isinstance(error, OutOfRetention) else "failed"


def belongs_to_symbol(error: ExchangeFault) -> bool:
    """Whether an error concerns one symbol only: not when the exchange is down, limits requests, or
    refuses the key or the clock."""
    if type(error) is ExchangeUnavailable:
        return False
    return not isinstance(
        error, RateLimited | KeyRefused | PermissionMissing | ClockSkew | NotOffered
    )


def as_found(state: StreamState, account: str) -> Callable[[], tuple[int, int]]:
    """Work that repeats the last result: nothing new, or that the account has no such history."""
    if state.state == "not_offered":
        return raiser(NotOffered(state.error or "there is no such history", account=account))
    return lambda: (0, 0)


def raiser(error: ExchangeFault) -> Callable[[], tuple[int, int]]:
    def work() -> tuple[int, int]:
        raise error

    return work
