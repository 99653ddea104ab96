"""How Binance writes things: refusals, parameters, numbers, and which rows of a list a request
gets. Used by every part of the dialect."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar

from exchange_cache.simulator.venue import Order
from exchange_cache.simulator.venue.prices import DAY_MS
from exchange_cache.simulator.wire import ApiError, Request, Response

T = TypeVar("T")
_STATUS = {"filled": "FILLED", "canceled": "CANCELED", "expired": "EXPIRED"}


def refuse(code: int, message: str, status: int = 400) -> ApiError:
    """A refusal in Binance's form (rest-api errors)."""
    return ApiError(Response(status=status, body={"code": code, "msg": message}))


def missing(name: str) -> ApiError:
    return refuse(
        -1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed."
    )


def bad_combination() -> ApiError:
    return refuse(-1128, "Combination of optional parameters invalid.")


def text(request: Request, name: str) -> str | None:
    """A parameter from query or body, None when it was not sent; sent but empty is refused."""
    value = request.params.get(name)
    if value == "":
        raise refuse(-1105, f"Parameter '{name}' was empty.")
    return None if value is None else str(value)


def required(request: Request, name: str) -> str:
    value = text(request, name)
    if value is None:
        raise missing(name)
    return value


def number(request: Request, name: str) -> int | None:
    """A whole number, None when it was not sent."""
    value = text(request, name)
    if value is None:
        return None
    if not re.fullmatch(r"[0-9]{1,20}", value):
        raise refuse(
            -1100,
            f"Illegal characters found in parameter '{name}'; legal range is '^[0-9]{{1,20}}$'.",
        )
    return int(value)


def limit_of(request: Request, default: int, maximum: int, name: str = "limit") -> int:
    """The page size, cut to the maximum as the spot and wallet interfaces do."""
    value = number(request, name)
    if value == 0:
        raise refuse(-1130, f"Data sent for parameter '{name}' is not valid.")
    return default if value is None else min(value, maximum)


def paged(request: Request, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """A numbered page of `rows` with their number, as the wallet interfaces list things; ten rows
    by default, 100 at most."""
    page, size = max(1, number(request, "current") or 1), limit_of(request, 10, 100, "size")
    return {"total": len(rows), "rows": rows[(page - 1) * size : page * size]}


def only(request: Request, *names: str) -> None:
    """Refuse parameters the spot interface does not know."""
    known = {*names, "timestamp", "recvWindow", "signature"}
    sent = request.params
    unread = [name for name in sent if name not in known]
    if unread:
        read = len(sent) - len(unread)
        raise refuse(
            -1104,
            f"Not all sent parameters were read; read '{read}' parameter(s) but was sent"
            f" '{len(sent)}'.",
        )


def symbol_of(request: Request) -> str:
    """The mandatory symbol, in capitals as Binance insists."""
    value = required(request, "symbol")
    if value != value.upper():
        raise refuse(
            -1100,
            "Illegal characters found in parameter 'symbol'; legal range is"
            " '^[\\w\\-._&&[^a-z]]{1,50}$'.",
        )
    return value


def eight(value: Decimal) -> str:
    """Eight decimals, as balances, quantities and prices are written."""
    return f"{value:.8f}"


def plain(value: Decimal) -> str:
    """No superfluous zeros, never an exponent."""
    short = f"{value:f}"
    return (short.rstrip("0").rstrip(".") or "0") if "." in short else short


def on_step(value: Decimal, step: Decimal) -> str:
    """With as many decimals as the step has, as futures prices and quantities are written."""
    return f"{value.quantize(step) if step < 1 else value.quantize(Decimal(1)):f}"


def decimals(step: Decimal) -> int:
    exponent = step.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def wire_status(order: Order) -> str:
    if order.status == "open":
        return "PARTIALLY_FILLED" if order.filled else "NEW"
    return _STATUS[order.status]


def utc_text(time_ms: int) -> str:
    """UTC as withdrawals are dated: 2023-03-23 16:52:41."""
    return datetime.fromtimestamp(time_ms // 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def pick(
    rows: Sequence[T],
    limit: int,
    *,
    id_of: Callable[[T], str],
    from_id: int | None,
    oldest_first: bool,
) -> list[T]:
    """A page, lowest id first: from an id on, or the oldest, or the newest of `rows`."""
    ordered = sorted(rows, key=lambda row: int(id_of(row)))
    if from_id is not None:
        return [row for row in ordered if int(id_of(row)) >= from_id][:limit]
    return ordered[:limit] if oldest_first else ordered[-limit:]


def times_of(request: Request) -> tuple[int | None, int | None]:
    return number(request, "startTime"), number(request, "endTime")


def days(count: float) -> int:
    """Milliseconds in so many days."""
    return int(count * DAY_MS)
