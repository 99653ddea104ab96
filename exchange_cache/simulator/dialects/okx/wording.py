"""How OKX writes things: the envelope, refusals with their HTTP status, numbers, instrument types,
pages by id or by time."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, TypeVar

from exchange_cache.simulator.venue import INVERSE, LINEAR, SPOT, Market
from exchange_cache.simulator.wire import ApiError, Request, Response

T = TypeVar("T")
DAY_MS = 86_400_000
HOUR_MS = 3_600_000
PAGE = 100
FUTURES, OPTION, MARGIN, SWAP = "FUTURES", "OPTION", "MARGIN", "SWAP"
INST_TYPES = ("SPOT", MARGIN, SWAP, FUTURES, OPTION)
KINDS: dict[str, tuple[str, ...]] = {
    "SPOT": (SPOT,),
    SWAP: (LINEAR, INVERSE),
    FUTURES: (LINEAR, INVERSE),
}
FIAT = frozenset({"EUR", "USD", "GBP"})
ZERO = Decimal(0)


def ok(rows: list[Any]) -> dict[str, Any]:
    return {"code": "0", "data": rows, "msg": ""}


def refuse(code: str, message: str, status: int = 400) -> ApiError:
    """A refusal of a request that was understood: with an empty `data`."""
    return ApiError(Response(status=status, body={"code": code, "data": [], "msg": message}))


def deny(code: str, message: str, status: int = 401) -> ApiError:
    """A refusal at the gate: without `data`."""
    return ApiError(Response(status=status, body={"msg": message, "code": code}))


def wrong(name: str) -> ApiError:
    return refuse("51000", f"Parameter {name} error")


def num(value: Decimal | int | None) -> str:
    """Plain notation without trailing zeros; nothing is an empty string."""
    if value is None:
        return ""
    return f"{Decimal(value).normalize() + 0:f}" if value else "0"


def tidy(value: Decimal, places: str = "1e-10") -> str:
    """A computed number, rounded."""
    return num(value.quantize(Decimal(places)))


def text_of(request: Request, name: str) -> str:
    """A parameter as text, an empty string when it is not there."""
    return str(request.query.get(name) or "")


def inst_type(market: Market) -> str:
    return str(market.extra.get("inst_type", "SPOT" if market.kind == SPOT else SWAP))


def family(market: Market) -> str:
    """Underlying and instrument family of a contract, empty on spot."""
    return "" if market.kind == SPOT else f"{market.base}-{market.quote}"


def asked_type(
    request: Request, *, required: bool = True, allowed: tuple[str, ...] = INST_TYPES
) -> str:
    """The `instType` parameter; "" when it may be missing and is."""
    asked = text_of(request, "instType").upper()
    if not asked:
        if required:
            raise refuse("50014", "Parameter instType can not be empty.")
        return ""
    if asked not in allowed:
        raise wrong("instType")
    return asked


def number(request: Request, name: str) -> int | None:
    """A whole-number parameter, None without it."""
    asked = text_of(request, name)
    if not asked:
        return None
    if not asked.isdigit():
        raise wrong(name)
    return int(asked)


def limit_of(request: Request, most: int = PAGE) -> int:
    """`limit`, a hundred by default and cut to the most a page holds."""
    asked = number(request, "limit")
    if asked == 0:
        raise wrong("limit")
    return min(PAGE if asked is None else asked, most)


def page(request: Request, rows: Iterable[T], key: Callable[[T], int], most: int = PAGE) -> list[T]:
    """Newest first by `key` (an id or a time): older than `after`, newer than `before`, both
    exclusive.

    With `before` alone the newest rows come, not those next to it.
    """
    after, before = number(request, "after"), number(request, "before")
    keyed = [(key(row), index, row) for index, row in enumerate(rows)]
    kept = [
        item
        for item in keyed
        if (after is None or item[0] < after) and (before is None or item[0] > before)
    ]
    kept.sort(key=lambda item: item[:2], reverse=True)
    return [row for _, _, row in kept[: limit_of(request, most)]]


def currencies_of(request: Request, name: str = "ccy", most: int = 20) -> list[str]:
    """The comma list of currencies, empty when none is named."""
    names = [part for part in text_of(request, name).split(",") if part]
    if len(names) > most:
        raise refuse("50025", f"Parameter {name} count exceeds the limit {most}.", 200)
    return names


def stable_number(name: str, digits: int = 18) -> str:
    """The number that stands for a thing whose own id is none."""
    value = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big")
    return str(10 ** (digits - 1) + value % (9 * 10 ** (digits - 1)))
