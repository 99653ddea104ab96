"""The state of a client as JSON, for a fresh process that would otherwise download it again or not
know it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from exchange_cache.adapter import pace
from exchange_cache.adapter.markets import add_former, listed, market_info
from exchange_cache.adapter.port import MarketInfo
from exchange_cache.clock import from_ms, is_ahead

#: The paces of other accounts by which other processes of this address ended.
BESIDE = "beside"
#: Which ids were sought in vain, and when (ms).
SOUGHT = "sought_markets"

#: Options that name the kind of account at any exchange; requested once, then kept.
ACCOUNT_FLAGS = (
    "enableUnifiedMargin",
    "enableUnifiedAccount",
    "unifiedMarginStatus",
    "hf",
    "uta",
    "unifiedAccount",
)


def remember(
    client: Any, keep_options: tuple[str, ...], markets_at_ms: int | None
) -> dict[str, object]:
    """State of a client for JSON: markets without their raw form, currencies, kept options, account
    flags, time offset."""
    import ccxt

    kept = {
        name: client.options[name]
        for name in (*keep_options, *ACCOUNT_FLAGS)
        if client.options.get(name) is not None
    }
    state: dict[str, object] = {
        "ccxt": ccxt.__version__,
        "options": _plain(kept),
        "time_difference": client.options.get("timeDifference", 0),
        **remember_pace(client),
    }
    if client.markets:
        state["markets_at"] = markets_at_ms
        state["markets"] = [_without_info(market) for market in listed(client)]
        state["former_markets"] = [_without_info(market) for market in client.former.values()]
        state["currencies"] = {
            code: _without_info(currency) for code, currency in (client.currencies or {}).items()
        }
    return state


def remember_pace(client: Any) -> dict[str, object]:
    """The small part of a client's state that keeps a new process within the rate limits."""
    return {
        "last_request_ms": int(client.lastRestRequestTimestamp or 0),
        "used": pace.to_memory(client.budget.used, client.milliseconds()),
        "dear": client.budget.dear(client.milliseconds()),
    }


def restore(client: Any, state: Mapping[str, object] | None) -> int | None:
    """Put remembered state into a new client; returns when its markets were downloaded (ms), or
    None when they must be downloaded."""
    import ccxt

    if not state:
        return None
    options = state.get("options")
    if isinstance(options, Mapping):
        client.options.update(options)
    client.options["timeDifference"] = state.get("time_difference") or 0
    client.lastRestRequestTimestamp = state.get("last_request_ms") or 0
    client.budget.resume(client.milliseconds(), *_pace(state))
    beside = state.get(BESIDE)
    for account, kept in (beside if isinstance(beside, Mapping) else {}).items():
        client.budget.resume_beside(account, client.milliseconds(), *_pace(kept))
    former = state.get("former_markets")
    if isinstance(former, list):
        client.former = {str(market["symbol"]): market for market in former}
    markets = state.get("markets")
    if state.get("ccxt") != ccxt.__version__ or not isinstance(markets, list) or not markets:
        return None
    client.set_markets(markets, state.get("currencies"))
    add_former(client)
    markets_at = state.get("markets_at")
    if not isinstance(markets_at, int):
        return 0
    return 0 if is_ahead(from_ms(markets_at), from_ms(client.milliseconds())) else markets_at


def _pace(
    state: Mapping[str, Any],
) -> tuple[float, list[tuple[int, float]], Mapping[str, pace.Used]]:
    """When the last request was sent, the expensive ones, and what is used of allowances."""
    dear = state.get("dear")
    return (
        float(state.get("last_request_ms") or 0),
        [(int(at), float(cost)) for at, cost in dear] if isinstance(dear, list) else [],
        pace.from_memory(state.get("used")),
    )


def remembered_markets(state: Mapping[str, object]) -> dict[str, MarketInfo]:
    """The markets that an earlier process kept, by symbol."""
    kept = state.get("markets")
    return {
        str(market["symbol"]): market_info(market)
        for market in (kept if isinstance(kept, list) else ())
        if market.get("base") and market.get("quote")
    }


def sought(state: Mapping[str, object] | None) -> dict[str, int]:
    """The ids that earlier processes sought in vain, and when."""
    found = (state or {}).get(SOUGHT)
    items = found.items() if isinstance(found, Mapping) else ()
    return {str(name): at for name, at in items if isinstance(at, int)}


def _without_info(structure: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: _plain(value) for key, value in structure.items() if key not in {"info", "marginModes"}
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items() if key != "info"}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
