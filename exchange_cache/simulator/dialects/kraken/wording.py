"""How Kraken writes things: refusals, decimals, times with a fraction below the millisecond,
offsets and time bounds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, TypeVar

from exchange_cache.simulator.venue import Market
from exchange_cache.simulator.wire import ApiError, Request, Response

PAGE = 50
T = TypeVar("T")
_TEN = frozenset({"XXBT", "XETH", "DOT", "XBT.F", "XBT.M", "DOT.S", "ETH.F"})
_FOUR = frozenset({"ZEUR", "ZUSD", "ZGBP"})


def refusal(*errors: str) -> Response:
    """An error as Kraken answers it: status 200, a list of texts, no result."""
    return Response(body={"error": list(errors)})


def decimals(asset_id: str) -> int:
    """Record-keeping decimals of an asset, as in the Assets call."""
    return 10 if asset_id in _TEN else 4 if asset_id in _FOUR else 2 if asset_id == "KFEE" else 8


def asset_class(asset_id: str) -> str:
    """Tokenised shares (AAPLx) are a class of their own, by the x at the end of their name.

    https://docs.kraken.com/api-reference/market-data/get-asset-info
    """
    return "tokenized_asset" if asset_id.endswith("x") else "currency"


def fixed(value: Decimal, places: int) -> str:
    return f"{value:.{places}f}"


def price_text(market: Market, price: Decimal) -> str:
    return fixed(price, step_decimals(market.tick))


def step_decimals(step: Decimal) -> int:
    """Decimals of a tick or lot: 0.001 -> 3."""
    return max(0, -int(step.normalize().as_tuple().exponent))


def cost_decimals(market: Market) -> int:
    """Decimals of costs and fees: five for fiat quotes, ten for bitcoin, eight for the rest."""
    return {"EUR": 5, "USD": 5, "BTC": 10}.get(market.quote, 8)


def seconds(time_ms: int) -> float:
    """Unix time in seconds with Kraken's fraction below the millisecond; never rounds into another
    millisecond."""
    return round(time_ms / 1000 + 0.0002 + time_ms % 7 * 0.0001, 4)


def number(params: dict[str, Any], name: str, default: int = 0) -> int:
    """A whole-number parameter; anything else is refused."""
    text = str(params.get(name) or default)
    if not text.isdigit():
        raise ApiError(refusal(f"EGeneral:Invalid arguments:{name}"))
    return int(text)


def truthy(params: dict[str, Any], name: str) -> bool:
    return str(params.get(name, "")).lower() in ("true", "1", "yes")


def bound(
    params: dict[str, Any], name: str, time_of_txid: Callable[[str], float | None]
) -> float | None:
    """`start` or `end`: Unix seconds (a fraction is accepted) or the id of a record, whose time
    then counts."""
    text = str(params.get(name) or "")
    if not text or text == "0":
        return None
    try:
        return float(text)
    except ValueError:
        found = time_of_txid(text)
    if found is None:
        raise ApiError(refusal(f"EGeneral:Invalid arguments:{name}"))
    return found


def inside(when: float, start: float | None, end: float | None) -> bool:
    """start exclusive, end inclusive, as documented."""
    return (start is None or when > start) and (end is None or when <= end)


def window_ms(start: float | None, end: float | None) -> tuple[int | None, int | None]:
    """Whole milliseconds that surely contain the bounds, for the venue's query."""
    return (
        None if start is None else int(start * 1000) - 1,
        None if end is None else int(end * 1000) + 1,
    )


def page(request: Request, rows: Iterable[T]) -> tuple[list[T], int]:
    """Fifty rows from `ofs` on, newest first, and how many there are; `rows` come oldest first."""
    everything = list(rows)
    everything.reverse()
    offset = number(request.form, "ofs")
    return everything[offset : offset + PAGE], len(everything)
