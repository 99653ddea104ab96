"""Finds the market of a symbol or a raw id, listed or not: histories outlive listings.

An id that the list does not contain is read by the grammar of its exchange (``adapter.grammar``),
and the market that it names is added to the ccxt instance as a synthetic one, so that ccxt can
request it and parse its rows. What nothing states (another pair, the size of one contract) is never
guessed: MarketUnidentified, and the row waits (``adapter.unidentified``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from exchange_cache.adapter.former import gone
from exchange_cache.adapter.grammar import ANY, Identity, Unlisted
from exchange_cache.adapter.policy import ExchangePolicy
from exchange_cache.adapter.port import MarketInfo
from exchange_cache.errors import MarketUnidentified
from exchange_cache.money import to_amount

Market = Mapping[str, Any]
NO_ROW: Mapping[str, Any] = {}


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
    found: Market | None = (client.markets or {}).get(symbol)
    if found is not None:
        return found
    if "/" not in symbol:
        return by_id(client, policy, symbol, category)
    identity = _identity_of(symbol, category)
    template = policy.unlisted_ids.get(identity.category, "{base}{quote}")
    market_id = template.format(base=identity.base, quote=identity.quote)
    market_id += f"_{identity.expiry}" if identity.expiry else ""
    stated = policy.grammar(_unlisted_id(client, market_id, identity.category, NO_ROW))
    fitting = stated is not None and stated.symbol == identity.symbol
    return _unlisted(client, policy, market_id, stated if stated and fitting else identity)


def refuse_made_up(client: Any, symbol: str, category: str) -> None:
    """MarketUnidentified for a symbol that ccxt split out of an unlisted id, unless its quote is
    one that listed markets have."""
    pair = symbol.partition(":")[0]
    if symbol in client.markets or "/" not in pair:
        return
    quote = pair.partition("/")[2]
    if quote.upper() not in _unlisted_id(client, symbol, category, NO_ROW).quotes:
        raise MarketUnidentified(
            f"{client.id} does not list the market {symbol!r}, nor any against {quote!r}",
            market_id=symbol,
        )


def _identity_of(symbol: str, category: str) -> Identity:
    """What a unified symbol states; the category that it is asked for, where it states none."""
    pair, _, tail = symbol.partition(":")
    base, quote = pair.split("/", 1)
    if not tail:
        contract = category in {"linear", "inverse", "option"}
        settle = base if category == "inverse" else quote
        return Identity(
            base=base,
            quote=quote,
            category=category if contract else "spot",
            settle=settle if contract else None,
        )
    settle, *rest = tail.split("-")
    expiry, strike, right = [*rest, None, None, None][:3]
    return Identity(
        base=base,
        quote=quote,
        category="option" if strike else "linear" if settle == quote else "inverse",
        settle=settle,
        expiry=expiry,
        strike=strike,
        right=right,
    )


def listed_by_id(client: Any, market_id: str, category: str) -> Market | None:
    """The market of the exchange's own id in a category, listed or made before; None otherwise."""
    found = (market for market in _candidates(client, market_id))
    return next((market for market in found if fits(category_of(market), category)), None)


def by_id(
    client: Any,
    policy: ExchangePolicy,
    market_id: str,
    category: str,
    row: Mapping[str, Any] = NO_ROW,
) -> Market:
    """The market of the exchange's own id in a category; a synthetic one when it is not listed.

    MarketUnidentified where neither the list nor the id (with the ``row`` that names it) tells.
    """
    found = listed_by_id(client, market_id, category)
    if found is not None and not _is_without_size(client, found):
        return found
    identity = policy.grammar(_unlisted_id(client, market_id, category, row))
    if found is not None:
        return _sized(client, found, identity)
    if identity is None or not fits(identity.category, category):
        raise MarketUnidentified(
            f"{client.id} does not list the market {market_id!r}, and its id does not say what it"
            " is",
            market_id=market_id,
        )
    return _unlisted(client, policy, market_id, identity)


def _is_without_size(client: Any, market: Market) -> bool:
    """Whether this is a synthetic contract of which no row has stated the size so far."""
    synthetic = client.unlisted.get(market["symbol"]) is market
    return synthetic and bool(market.get("contract")) and market.get("contractSize") is None


def _sized(client: Any, market: Market, identity: Identity | None) -> Market:
    """A synthetic contract with the size that a row states, where it does."""
    if identity is None or identity.contract_size is None:
        return market
    sized = {**market, "contractSize": identity.contract_size}
    client.unlisted[sized["symbol"]] = client.markets[sized["symbol"]] = sized
    others = [one for one in client.markets_by_id[market["id"]] if one is not market]
    client.markets_by_id[market["id"]] = [*others, sized]
    return sized


def _unlisted_id(client: Any, market_id: str, category: str, row: Mapping[str, Any]) -> Unlisted:
    """An unlisted id, beside what the list says of the assets of its category; that is collected
    once for each list."""
    if category not in client.among:
        found = unlisted_among(
            listed(client), "", category, lambda name: str(client.safe_currency_code(name))
        )
        client.among[category] = replace(found, assets=found.assets | set(client.currencies or ()))
    known: Unlisted = client.among[category]
    return replace(known, market_id=market_id, row=row)


def unlisted_among(
    markets: Iterable[Market], market_id: str, category: str, code: Callable[[str], str]
) -> Unlisted:
    """An id that is not among ``markets``, with what these say of quotes and assets; ``code`` takes
    an asset's id in capitals."""
    quotes, assets = set(), set()
    for market in markets:
        own = {str(market[name]).upper() for name in ("quoteId", "quote") if market.get(name)}
        quotes |= own if fits(category_of(market), category) else set()
        assets |= own
        assets |= {str(market[name]).upper() for name in ("baseId", "base") if market.get(name)}
    return Unlisted(
        market_id=market_id,
        category=category,
        code=lambda asset_id: code(asset_id.upper()),
        quotes=frozenset(quotes),
        assets=frozenset(assets),
    )


def _candidates(client: Any, market_id: str) -> Iterator[Market]:
    found = (client.markets_by_id or {}).get(market_id) or []
    yield from found if isinstance(found, list) else [found]
    alternative = (client.options.get("marketsByAltname") or {}).get(market_id)
    if isinstance(alternative, Mapping):
        yield (client.markets or {}).get(alternative.get("symbol")) or alternative


def fits(found: str, category: str) -> bool:
    """Whether a market of one category may be what a row of another names."""
    return category in {found, ANY} or (category == "margin" and found == "spot")


def stand_ins(client: Any, category: str) -> Iterator[Market]:
    """Markets of no exchange, one for each category that a row of this one may belong to: with one
    of them in the place of its own market, a sound row can be read."""
    own = "spot" if category == "margin" else category
    for kind in ("spot", "linear", "inverse", "option") if category == ANY else (own,):
        identity = Identity(
            base="?",
            quote="?",
            category=kind,
            settle=None if kind == "spot" else "?",
            contract_size=None if kind == "spot" else "1",
        )
        yield _structure(client, "?", identity, identity.contract_size)


# --- markets that are no longer listed ------------------------------------------------------------


def _unlisted(client: Any, policy: ExchangePolicy, market_id: str, identity: Identity) -> Market:
    """The market of an identity: a listed one under another id, or a synthetic one."""
    known = _same(client, identity)
    if known is not None and category_of(known) == identity.category:
        return known
    size = _contract_size(client, policy, identity)
    market = _structure(client, market_id, identity, size)
    _add(client, market_id, market)
    return market


def _structure(client: Any, market_id: str, identity: Identity, size: Any) -> Market:
    """An identity as ccxt writes a market."""
    market: dict[str, Any] = client.safe_market_structure(
        {
            **{"id": market_id, "symbol": identity.symbol, "active": False, "info": {}},
            **{"base": identity.base, "quote": identity.quote, "settle": identity.settle},
            **{"baseId": identity.base, "quoteId": identity.quote, "settleId": identity.settle},
            **_kind_of(identity),
            "contractSize": size,
            **dict(identity.scales),
        }
    )
    market["subType"] = identity.category if identity.is_contract else None
    return market


def _same(client: Any, identity: Identity) -> Market | None:
    """The market of this symbol; where only the month of its expiry is known, the one of a day of
    that month."""
    markets = client.markets or {}
    found: Market | None = markets.get(identity.symbol)
    if found is not None or len(identity.expiry or "") != len("2406"):
        return found
    days = [
        market
        for symbol, market in markets.items()
        if symbol.startswith(identity.symbol) and symbol[len(identity.symbol) :].isdigit()
    ]
    return days[0] if len(days) == 1 else None


def _kind_of(identity: Identity) -> dict[str, Any]:
    """The flags by which ccxt knows what kind of market it is."""
    contract, option = identity.is_contract, identity.category == "option"
    dated = contract and identity.expiry is not None
    kinds = {"option": option, "future": dated and not option, "swap": contract and not dated}
    return {
        "type": next((kind for kind, holds in kinds.items() if holds), "spot"),
        "spot": not contract,
        "margin": False,
        **kinds,
        "contract": contract,
        "linear": identity.settle == identity.quote if contract else None,
        "inverse": identity.settle != identity.quote if contract else None,
        "strike": identity.strike,
        "optionType": {"C": "call", "P": "put"}.get(identity.right or ""),
    }


def _add(client: Any, market_id: str, market: Market) -> None:
    """Add a market to ccxt that the exchange no longer lists."""
    client.unlisted[market["symbol"]] = market
    client.markets[market["symbol"]] = market
    client.markets_by_id.setdefault(market_id, []).append(market)


def add_unlisted(client: Any, policy: ExchangePolicy, market_id: str, identity: Identity) -> None:
    """Add a market that the exchange lists as a former one, unless it is known."""
    if listed_by_id(client, market_id, identity.category) is None:
        _unlisted(client, policy, market_id, identity)


def keep_former(client: Any, *markets: Market) -> None:
    """Remember what these markets were, as far as the exchange does not list them."""
    current = {str(market["symbol"]) for market in listed(client)}
    known = {**client.former, **gone(markets, current)}
    client.former = {name: market for name, market in known.items() if name not in current}


def add_former(client: Any) -> None:
    """Add the remembered markets to ccxt, which the exchange no longer lists."""
    add_all(client, client.former)


def add_all(client: Any, markets: Mapping[str, Market]) -> None:
    """Add unlisted markets to ccxt, by symbol, as far as it does not have them."""
    for symbol, market in markets.items():
        if symbol not in client.markets:
            _add(client, str(market["id"]), market)


def listed(client: Any) -> list[Market]:
    """The markets that the exchange lists, without the synthetic ones."""
    markets = (client.markets or {}).items()
    return [market for symbol, market in markets if client.unlisted.get(symbol) is not market]


def _contract_size(client: Any, policy: ExchangePolicy, identity: Identity) -> Any:
    """What the id or its row states, the size of a listed contract on the same pair, else what the
    policy says; None makes the translation leave the row unidentified."""
    if not identity.is_contract or identity.contract_size is not None:
        return identity.contract_size
    for market in client.markets.values():
        if (
            market.get("contract")
            and (market["base"], market["quote"]) == (identity.base, identity.quote)
            and category_of(market) == identity.category
            and market.get("contractSize") is not None
        ):
            return market["contractSize"]
    return policy.unlisted_contract_sizes.get(identity.category)
