"""How much of an exchange's allowances is used up, as every answer reports it: kept between
processes, so that none starts blind.

Only exchanges that count over a minute matter here: a window of a second is over before the next
process begins. Pure: headers and the time go in, the wait comes out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from exchange_cache.adapter.policy import Allowance

MINUTE_MS = 60_000
#: From this share of the allowance on, the next request waits for the next minute.
NEARLY_ALL = 0.9
#: After the minute is over: clocks differ.
MARGIN_MS = 500


@dataclass(frozen=True, slots=True)
class Used:
    """The share of an allowance that is used until a moment."""

    share: float
    until_ms: int


def used_of(
    headers: Mapping[str, str],
    endpoint: str | None,
    now_ms: int,
    *,
    allowances: Iterable[Allowance],
    faster: float = 1.0,
) -> dict[str, Used]:
    """What an answer reports, per pool. ``faster``: how many times the user's own pace is above the
    exchange's usual one."""
    values = {str(header).lower(): str(value) for header, value in headers.items()}
    section, found = _section(endpoint), {}
    for allowance in allowances:
        value = values.get(allowance.header, "")
        for begins, a_minute in allowance.a_minute.items():
            if value.isdigit() and section.startswith(begins):
                share = int(value) / (a_minute * faster)
                until_ms = (now_ms // MINUTE_MS + 1) * MINUTE_MS
                found[begins + allowance.suffix] = Used(share, until_ms)
    return found


def _section(endpoint: str | None) -> str:
    """The section of an endpoint (``GET fapiPrivateV2 account``); the plain ones are ``api``."""
    words = (endpoint or "").split()
    name = words[1].lower() if len(words) > 1 else ""
    return "api" if name.startswith(("public", "private")) else name


def wait_ms(used: Mapping[str, Used], endpoint: str | None, now_ms: int) -> int:
    """How long a request to an endpoint should wait because its pool is nearly used up."""
    section = _section(endpoint)
    pools = [pool for name, pool in used.items() if section.startswith(name.partition("-")[0])]
    full = [pool for pool in pools if pool.share >= NEARLY_ALL and _holds(pool, now_ms)]
    return max((pool.until_ms + MARGIN_MS - now_ms for pool in full), default=0)


def _holds(pool: Used, now_ms: int) -> bool:
    """Whether the minute is not over; one that ends later than in a minute was never begun."""
    return now_ms < pool.until_ms <= now_ms + MINUTE_MS


def to_memory(used: Mapping[str, Used], now_ms: int) -> dict[str, list[float]]:
    """What is still true, JSON-able."""
    held = {name: pool for name, pool in sorted(used.items()) if _holds(pool, now_ms)}
    return {name: [round(pool.share, 4), pool.until_ms] for name, pool in held.items()}


def from_memory(kept: object) -> dict[str, Used]:
    if not isinstance(kept, Mapping):
        return {}
    return {
        str(name): Used(float(pool[0]), int(pool[1]))
        for name, pool in kept.items()
        if isinstance(pool, list) and len(pool) == 2
    }
