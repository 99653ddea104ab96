"""Finds the market of a symbol or a raw id, listed or not: histories outlive listings.

A market that the exchange no longer lists is added to the ccxt instance as a synthetic one, so that
ccxt can request it and parse its rows. Its contract size is that of a listed sibling or the
policy's; without either, the row is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from exchange_cache.adapter.policy import ExchangePolicy
from exchange_cache.adapter.port import MarketInfo
from exchange_cache.adapter.translate_moves import MONEY
from exchange_cache.errors import BadResponse
from exchange_cache.money import to_amount

Market = Mapping[str, Any]

#: Quotes that exchanges once used and may no longer list.
_ONCE_QUOTES = frozenset(
    {"UST", "PAX", "USDP", "NGN", "RUB", "UAH", "IDRT", "BIDR", "VAI", "TRX", "XRP"}
)

_DATED = re.compile(r"[-_](\d{6,8}|\d{1,2}[A-Z]{3}\d{2})$")
_OPTION = re.compile(r"-\d+(?:[.d]\d+)?-[CP]$")
_PERPETUAL = re.compile(r"([-_](SWAP|PERP|PERPETUAL))$", re.IGNORECASE)


def category_of(market: Market) -> str:
    """spot, linear, inverse or option."""
    if market.get("option"):
        return "option"
    if market.get("contract"):
        return "inverse" if market.get("inverse") else "linear"
    return "spot"


def market_info(market: Market) -> MarketInfo:
    """A ccxt market, reduced to what sync needs."""
    limits = market.get("limits") or {}
    minimum = (limits.get("amount") or {}).get("min")
    size = market.get("contractSize")
    return MarketInfo(
        symbol=str(market["symbol"]),
        market_id=str(market["id"]),
        category=category_of(market),
        base=str(market["base"]),
        quote=str(market["quote"]),
        settle=market.get("settle"),
        contract_size=None if size is None else to_amount(str(size)),
        active=market.get("active") is not False,
        min_amount=None if minimum is None else to_amount(str(minimum)),
        margin=market.get("margin") is True,
    )


def by_symbol(client: Any, policy: ExchangePolicy, symbol: str, category: str) -> Market:
    """The market of a unified symbol or a raw id; a synthetic one when it is not listed."""
    listed = (client.markets or {}).get(symbol)
    if listed is not None:
        found: Market = listed
        return found
    if "/" not in symbol:
        return by_id(client, policy, symbol, category)
    pair, _, tail = symbol.partition(":")
    base, quote = pair.split("/", 1)
    template = policy.unlisted_ids.get(category, "{base}{quote}")
    expiry = tail.partition("-")[2]
    market_id = template.format(base=base, quote=quote) + (f"_{expiry}" if expiry else "")
    return _unlisted(client, policy, market_id, category, base, quote, expiry or None)


def by_id(client: Any, policy: ExchangePolicy, market_id: str, category: str) -> Market:
    """The market of the exchange's own id in a category; a synthetic one when it is not listed."""
    for market in _candidates(client, market_id):
        if _fits(category_of(market), category):
            return market
    if category == "option" or (category == ANY and _OPTION.search(market_id)):
        return _expired_option(client, market_id)
    base, quote, expiry = _split(client, market_id)
    if category == ANY:
        category = _guessed_category(client, market_id, quote, expiry)
    return _unlisted(client, policy, market_id, category, base, quote, expiry)


def _candidates(client: Any, market_id: str) -> Iterator[Market]:
    found = (client.markets_by_id or {}).get(market_id) or []
    yield from found if isinstance(found, list) else [found]
    alternative = (client.options.get("marketsByAltname") or {}).get(market_id)
    if isinstance(alternative, Mapping):
        yield (client.markets or {}).get(alternative.get("symbol")) or alternative


#: The category of a stream whose rows belong to several: the id alone decides.
ANY = "any"


def _fits(found: str, category: str) -> bool:
    return category in {found, ANY} or (category == "margin" and found == "spot")


# --- markets that are no longer listed ------------------------------------------------------------


def _split(client: Any, market_id: str) -> tuple[str, str, str | None]:
    """(base, quote, expiry) from an id such as LUNAUSDT, LUNA-USDT-SWAP or BTCUSD_240329."""
    dated = _DATED.search(market_id)
    stem = _DATED.sub("", _PERPETUAL.sub("", market_id))
    parts = [part for part in re.split(r"[-_/]", stem) if part]
    if len(parts) >= 2:
        base_id, quote_id = parts[0], parts[1]
    else:
        quote_id = next(
            (
                quote
                for quote in _quotes(client)
                if stem.upper().endswith(quote) and len(stem) > len(quote)
            ),
            "",
        )
        if not quote_id:
            raise BadResponse(
                f"{client.id} names a market {market_id!r} that it does not list and whose assets"
                " are not known"
            )
        base_id = stem[: -len(quote_id)]
    base, quote = (client.safe_currency_code(item.upper()) for item in (base_id, quote_id))
    return base, quote, _expiry(dated.group(1)) if dated else None


_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


def _expiry(text: str) -> str:
    """YYMMDD from YYMMDD, YYYYMMDD or 28JUN24."""
    if text.isdigit():
        return text[-6:]
    return f"{text[-2:]}{_MONTHS.index(text[-5:-2]) + 1:02d}{int(text[:-5]):02d}"


def _quotes(client: Any) -> list[str]:
    """Quote ids and codes that the exchange uses or once used, longest first."""
    listed = {
        str(market[name])
        for market in (client.markets or {}).values()
        for name in ("quoteId", "quote")
        if market.get(name)
    }
    return sorted(listed | set(MONEY) | _ONCE_QUOTES, key=lambda item: (-len(item), item))


def _guessed_category(client: Any, market_id: str, quote: str, expiry: str | None) -> str:
    """The category of an unlisted id: its form marks a contract, and listed contracts in its quote
    decide linear or inverse."""
    listed = [
        market
        for market in client.markets.values()
        if market.get("contract") and not market.get("option")
    ]
    marked = (
        bool(_PERPETUAL.search(market_id))
        or bool(expiry)
        or (quote.endswith("M") and quote not in _quotes(client))
    )
    if not marked:
        return "spot"
    return next(
        (category_of(market) for market in listed if market["quote"] == quote),
        "inverse" if quote == "USD" else "linear",
    )


def _expired_option(client: Any, market_id: str) -> Market:
    """The synthetic market of an expired option, whose id ccxt can read; one contract is one unit
    of the base unless stated."""
    market = dict(client.safe_market(market_id, None, None, "option"))
    if not market.get("base"):
        raise BadResponse(
            f"{client.id} names an option {market_id!r} that it does not list and that cannot be"
            " read"
        )
    market |= {
        "contractSize": market.get("contractSize") or "1",
        "active": False,
        "contract": True,
        "option": True,
    }
    _add(client, market_id, market)
    return market


def _unlisted(
    client: Any,
    policy: ExchangePolicy,
    market_id: str,
    category: str,
    base: str,
    quote: str,
    expiry: str | None,
) -> Market:
    contract = category not in {"spot", "margin"}
    settle = (base if category == "inverse" else quote) if contract else None
    symbol = (
        f"{base}/{quote}" + (f":{settle}" if contract else "") + (f"-{expiry}" if expiry else "")
    )
    known = (client.markets or {}).get(symbol)
    if known is not None and _fits(category_of(known), category):
        found: Market = known
        return found
    size = _contract_size(client, policy, category, base, quote) if contract else None
    market: dict[str, Any] = client.safe_market_structure(
        {
            **{"id": market_id, "symbol": symbol, "active": False, "info": {}},
            **{"base": base, "quote": quote, "settle": settle},
            **{"baseId": base, "quoteId": quote, "settleId": settle},
            **_kind_of(category, expiry),
            "contractSize": size,
        }
    )
    market["subType"] = category if contract else None
    _add(client, market_id, market)
    return market


def _kind_of(category: str, expiry: str | None) -> dict[str, Any]:
    """The flags by which ccxt knows what kind of market it is."""
    contract = category not in {"spot", "margin"}
    return {
        "type": ("future" if expiry else "swap") if contract else "spot",
        "spot": not contract,
        "margin": False,
        "swap": contract and not expiry,
        "future": contract and bool(expiry),
        "option": category == "option",
        "contract": contract,
        "linear": category == "linear" if contract else None,
        "inverse": category == "inverse" if contract else None,
    }


def _add(client: Any, market_id: str, market: dict[str, Any]) -> None:
    """Add a market to ccxt that the exchange no longer lists."""
    client.unlisted[market["symbol"]] = market
    client.markets[market["symbol"]] = market
    client.markets_by_id.setdefault(market_id, []).append(market)


def listed(client: Any) -> list[Market]:
    """The markets that the exchange lists, without the synthetic ones."""
    markets = (client.markets or {}).items()
    return [market for symbol, market in markets if client.unlisted.get(symbol) is not market]


def _contract_size(
    client: Any, policy: ExchangePolicy, category: str, base: str, quote: str
) -> Any:
    """The size of a listed contract on the same pair, else the policy's; with None the translation
    refuses the row."""
    for market in client.markets.values():
        if (
            market.get("contract")
            and (market["base"], market["quote"]) == (base, quote)
            and category_of(market) == category
        ):
            return market.get("contractSize")
    return policy.unlisted_contract_sizes.get(category)
