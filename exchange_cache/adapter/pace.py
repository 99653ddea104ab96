"""How much of an exchange's allowances is used, as each answer reports it; kept between processes.

Only allowances that are counted over a minute matter here: a window of a second is over before the
next process starts. Pure functions from headers and the time to a wait.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from exchange_cache.adapter.allowances import Allowance

MINUTE_MS = 60_000
#: From this share of the allowance on, the next request waits for the next minute.
NEARLY_ALL = 0.9
#: Added to the end of the minute, because clocks differ.
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
    """The use that an answer reports, per pool. ``faster``: the user's own pace as a multiple of
    the exchange's usual one."""
    values = {str(header).lower(): str(value) for header, value in headers.items()}
    section, found = section_of(endpoint), {}
    for allowance in allowances:
        value = values.get(allowance.header, "")
        for begins, a_minute in allowance.a_minute.items():
            if value.isdigit() and section.startswith(begins):
                share = int(value) / (a_minute * faster)
                until_ms = (now_ms // MINUTE_MS + 1) * MINUTE_MS
                found[begins + allowance.suffix] = Used(share, until_ms)
    return found


def section_of(endpoint: str | None) -> str:
    """The section of an endpoint (``GET fapiPrivateV2 account``); ``api`` for public and
    private."""
    words = (endpoint or "").split()
    name = words[1].lower() if len(words) > 1 else ""
    return "api" if name.startswith(("public", "private")) else name


def is_private(endpoint: str | None) -> bool:
    """Whether an endpoint (``VERB section path``) needs the key."""
    return endpoint is not None and "public" not in endpoint.split(" ")[1].lower()


def wait_ms(used: Mapping[str, Used], endpoint: str | None, now_ms: int) -> int:
    """Milliseconds that a request to an endpoint waits because its pool is nearly used up."""
    section = section_of(endpoint)
    pools = [pool for name, pool in used.items() if section.startswith(name.partition("-")[0])]
    full = [pool for pool in pools if pool.share >= NEARLY_ALL and _holds(pool, now_ms)]
    return max((pool.until_ms + MARGIN_MS - now_ms for pool in full), default=0)


def _holds(pool: Used, now_ms: int) -> bool:
    """Whether the minute is still running; an end more than a minute ahead is a clock fault."""
    return now_ms < pool.until_ms <= now_ms + MINUTE_MS


def to_memory(used: Mapping[str, Used], now_ms: int) -> dict[str, list[float]]:
    """The pools whose minute is still running, for JSON."""
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
