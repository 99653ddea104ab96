"""The names of Deribit's instruments that are not listed any more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from exchange_cache.adapter.former import FormerMarkets
from exchange_cache.adapter.grammar import ANY, NAMED_DAY, Identity, Unlisted, expiry_of

_ASSETS = r"([A-Z0-9]+)(?:_(USDC|USDT|USD))?"
_FUTURE = rf"{_ASSETS}-(?:PERPETUAL|{NAMED_DAY})"
_OPTION = rf"{_ASSETS}-{NAMED_DAY}-([\dd]+)-([CP])"


def grammar(unlisted: Unlisted) -> Identity | None:
    """``BTC-PERPETUAL``, ``BTC-28JUN24`` and ``BTC-28JUN24-60000-C`` are quoted in USD and settle
    in BTC; with ``_USDC`` they settle in USDC, and ``BTC_USDC`` alone is a pair. A ``d`` in a
    strike is its point. Combinations (``-FS-``, ``-CS-``) are reported by their legs.
    https://docs.deribit.com (naming of instruments)
    """
    found = unlisted.match(_OPTION)
    if found is not None:
        base, quote, day, strike, right = found
        strike = strike.replace("d", ".")
        return unlisted.option(base, quote or "USD", quote or base, day, strike, right)
    found = unlisted.match(_FUTURE)
    if found is not None:
        base, quote, day = found
        made = unlisted.linear if quote else unlisted.inverse
        return made(base, quote or "USD", expiry=expiry_of(day) if day else None)
    pair = unlisted.separated("_")
    return None if pair is None else unlisted.spot(*pair)


def _expired(row: Mapping[str, Any], code: Callable[[str], str]) -> tuple[str, Identity] | None:
    """A contract that expired lately, whose name says what it is, with its size."""
    name = str(row["instrument_name"])
    unlisted = Unlisted(market_id=name, category=ANY, code=lambda asset_id: code(asset_id.upper()))
    identity = grammar(unlisted)
    if identity is None or not identity.is_contract:
        return None
    return name, replace(identity, contract_size=str(row["contract_size"]))


FORMER = (
    FormerMarkets(
        category=ANY,
        method="publicGetGetInstruments",
        params={"currency": "any", "expired": "true"},
        rows="result",
        read=_expired,
        source="https://docs.deribit.com/api-reference/market-data/public-get_instruments",
    ),
)
