"""The ids of Bybit's markets that are not listed any more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from exchange_cache.adapter.former import FormerMarkets
from exchange_cache.adapter.grammar import IN_MONTH, NAMED_DAY, Identity, Unlisted, expiry_of
from exchange_cache.adapter.paging_rules import CursorPaging
from exchange_cache.clock import from_ms

#: Quotes of spot pairs that Bybit had.
_FORMER = (
    *("USDT", "USDC", "BTC", "ETH", "DAI", "EUR", "USDE", "MNT", "BIT", "BRZ", "BRL", "PLN", "TRY"),
    *("USD1", "USDQ", "USDR", "EURQ", "EURR"),
)
_OPTION = rf"([A-Za-z0-9]+)-{NAMED_DAY}-([\d.]+)-([CP])(?:-(USDT|USDC))?"


def grammar(unlisted: Unlisted) -> Identity | None:
    """The history says the category: ``BTCUSDT`` is spot or linear, ``BTCUSD`` inverse. USDC
    contracts are ``FTTPERP`` and ``BTC-28JUN24``, dated USDT ones ``BTCUSDT-28JUN24``, quarterly
    inverse ones ``BTCUSDM24`` (the month alone), options ``BTC-28JUN24-60000-C[-USDT]``.
    https://bybit-exchange.github.io/docs/v5/enum#symbol
    """
    read = {"linear": _linear, "inverse": _inverse, "option": _option}.get(unlisted.category)
    if read is not None:
        return read(unlisted)
    pair = unlisted.pair(unlisted.market_id, _FORMER) if unlisted.is_spot else None
    return None if pair is None else unlisted.spot(*pair)


def _linear(unlisted: Unlisted) -> Identity | None:
    found = unlisted.match(rf"([A-Za-z0-9]+?)(USDT)?-{NAMED_DAY}")
    if found is not None:
        base, quote, day = found
        return unlisted.linear(base, quote or "USDC", expiry=expiry_of(day))
    found = unlisted.match(r"([A-Za-z0-9]+)PERP")
    if found is not None:
        return unlisted.linear(found[0], "USDC")
    found = unlisted.match(r"([A-Za-z0-9]+)(USDT)")
    return None if found is None else unlisted.linear(*found)


def _inverse(unlisted: Unlisted) -> Identity | None:
    found = unlisted.match(rf"([A-Za-z0-9]+)USD{IN_MONTH}?")
    if found is None:
        return None
    base, month = found
    return unlisted.inverse(base, "USD", expiry=expiry_of(month) if month else None)


def _option(unlisted: Unlisted) -> Identity | None:
    found = unlisted.match(_OPTION)
    if found is None:
        return None
    base, day, strike, right, quote = found
    settle = quote or "USDC"
    return unlisted.option(base, settle, settle, day, strike, right)


def _closed(row: Mapping[str, Any], code: Callable[[str], str]) -> tuple[str, Identity] | None:
    """A contract that was delivered or delisted; ``deliveryTime`` is the day of either, and only
    dated contracts have it in their symbol."""
    linear, dated = row["settleCoin"] == row["quoteCoin"], "Futures" in str(row["contractType"])
    day = from_ms(int(str(row["deliveryTime"])))
    identity = Identity(
        base=code(row["baseCoin"]),
        quote=code(row["quoteCoin"]),
        settle=code(row["settleCoin"]),
        category="linear" if linear else "inverse",
        expiry=f"{day:%y%m%d}" if dated else None,
        contract_size="1",
    )
    return str(row["symbol"]), identity


FORMER = tuple(
    FormerMarkets(
        category=category,
        method="publicGetV5MarketInstrumentsInfo",
        params={"category": category, "status": "Closed", "limit": 1000},
        rows="result.list",
        read=_closed,
        paging=CursorPaging(param="cursor", path="result.nextPageCursor"),
        source="https://bybit-exchange.github.io/docs/v5/market/instrument",
    )
    for category in ("linear", "inverse")
)
