"""How much of an exchange's allowance is used up, as it tells with every answer: kept between
processes, so that none starts blind.

Only exchanges that count over a minute matter here (binance: developers.binance.com, "LIMITS");
windows of a second are over before the next process has begun. Pure: headers and the time go in,
the wait comes out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

MINUTE_MS = 60_000
#: From this share of the allowance on, the next request waits for the next minute.
NEARLY_ALL = 0.9
#: After the minute is over: clocks differ.
MARGIN_MS = 500

#: header -> (pool it counts for; {section}: that of the endpoint, allowance a minute)
_HEADERS: Mapping[str, tuple[str, int]] = {
    "x-mbx-used-weight-1m": ("{section}", 0),
    "x-sapi-used-ip-weight-1m": ("sapi", 12_000),
    "x-sapi-used-uid-weight-1m": ("sapi-uid", 180_000),
}
_SECTIONS: Mapping[str, int] = {"api": 6000, "fapi": 2400, "dapi": 2400, "papi": 6000}


@dataclass(frozen=True, slots=True)
class Used:
    """The share of an allowance that is used until a moment."""

    share: float
    until_ms: int


def used_of(
    headers: Mapping[str, str], endpoint: str | None, now_ms: int, *, faster: float = 1.0
) -> dict[str, Used]:
    """What an answer told, per pool. ``faster``: how many times the user's own pace is above the
    exchange's usual one."""
    found: dict[str, Used] = {}
    for header, value in headers.items():
        told = _HEADERS.get(str(header).lower())
        if told is None or not str(value).isdigit():
            continue
        pool, allowance = told
        if not allowance:
            pool = section_of(endpoint)
            allowance = _SECTIONS.get(pool, 0)
        if allowance:
            found[pool] = Used(
                int(value) / (allowance * faster), (now_ms // MINUTE_MS + 1) * MINUTE_MS
            )
    return found


def section_of(endpoint: str | None) -> str:
    """The pool that an endpoint (``GET fapiPrivateV2 account``) counts for."""
    words = (endpoint or "").split()
    name = words[1].lower() if len(words) > 1 else ""
    section = next(
        (section for section in ("fapi", "dapi", "sapi", "papi") if name.startswith(section)), ""
    )
    return section or ("api" if name.startswith(("public", "private")) else name)


def wait_ms(used: Mapping[str, Used], endpoint: str | None, now_ms: int) -> int:
    """How long a request to an endpoint should wait because its pool is nearly used up."""
    section = section_of(endpoint)
    pools = [used[name] for name in (section, f"{section}-uid") if name in used]
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
