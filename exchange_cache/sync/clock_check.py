"""This machine's clock compared with those of the exchanges: what a run takes off it, and what is
said when it is off.

Signed answers state the exchange's time (``adapter.exchange_time``); nothing here makes a request.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from exchange_cache.adapter.port import ExchangePort
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.stored import StoredFinding
from exchange_cache.clock import Clock, CorrectedClock

#: A clock further off than this is reported.
TOLERANCE = timedelta(minutes=1)
#: Where the offset that an account's last run measured is remembered.
CLOCK_OFFSET = "clock_offset"
_CURE = "set this machine's clock (for example: timedatectl set-ntp true)"


def ahead_of(port: ExchangePort) -> timedelta:
    """How far this machine's clock is shown to be ahead of the exchange of an account."""
    offset = port.clock_offset
    return timedelta(0) if offset is None else offset.ahead


def ahead_of_all(ports: Iterable[ExchangePort]) -> timedelta:
    """How far this machine's clock is ahead of every exchange that stated its time."""
    stated = [port for port in ports if port.clock_offset is not None]
    return min((ahead_of(port) for port in stated), default=timedelta(0))


def corrected(clock: Clock, port: ExchangePort) -> Clock:
    """The clock by which everything of an account is dated: never ahead of its exchange."""
    return CorrectedClock(clock, lambda: ahead_of(port))


def remember_offset(repository: ExchangeCacheRepository, port: ExchangePort, now: datetime) -> None:
    """Keep what a run measured, for findings; a run that measured nothing leaves the known one."""
    offset = port.clock_offset
    if offset is not None:
        kept = {"exchange": port.policy.exchange, "ahead_ms": offset.nearest_ms}
        repository.progress.remember(port.account, {CLOCK_OFFSET: kept}, now)


def clock_notes(ports: Iterable[ExchangePort]) -> tuple[str, ...]:
    """One sentence for a run whose machine's clock is off, however many exchanges say so."""
    off = [
        (port.policy.exchange, offset.nearest_ms)
        for port in ports
        if (offset := port.clock_offset) is not None and _is_off(offset.nearest_ms)
    ]
    if not off:
        return ()
    _, offset_ms = max(off, key=lambda one: abs(one[1]))
    names = ", ".join(dict.fromkeys(exchange for exchange, _ in off))
    return (f"{_sentence(offset_ms, names)}; {_CURE}",)


def clock_findings(
    repository: ExchangeCacheRepository, account: str, now: datetime
) -> Iterator[StoredFinding]:
    """The finding of an account whose last run met a clock that is off."""
    kept = repository.progress.recalled(account, CLOCK_OFFSET)
    offset_ms = int(kept["ahead_ms"]) if isinstance(kept, dict) else 0
    if isinstance(kept, dict) and _is_off(offset_ms):
        yield StoredFinding(
            account=account,
            code="clock_off",
            scope="clock",
            asset="",
            message=_sentence(offset_ms, str(kept["exchange"])),
            hint=_CURE,
            since=now,
        )


def clock_warning(offset_ms: int | None, exchange: str) -> str | None:
    """The sentence for a clock that is off by this; None where it is not, or nobody knows."""
    if offset_ms is None or not _is_off(offset_ms):
        return None
    return f"{_sentence(offset_ms, exchange)}; {_CURE}"


def _is_off(offset_ms: int) -> bool:
    return abs(offset_ms) > TOLERANCE // timedelta(milliseconds=1)


def _sentence(offset_ms: int, names: str) -> str:
    sense = "ahead of" if offset_ms > 0 else "behind"
    return (
        f"this machine's clock is {_length(abs(offset_ms))} {sense} that of {names}; what is stored"
        " is dated no later than the exchange's time"
    )


def _length(length_ms: int) -> str:
    minutes = length_ms // 60_000
    days, hours = minutes // 1440, minutes // 60 % 24
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"
