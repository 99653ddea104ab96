"""The names of Kraken's pairs that are not listed any more."""

from __future__ import annotations

import re
from dataclasses import replace

from exchange_cache.adapter.grammar import Identity, Unlisted

_FORMER = (
    *("USD", "EUR", "GBP", "CAD", "JPY", "CHF", "AUD", "USDT", "USDC", "DAI", "XBT", "ETH", "DOT"),
)
#: Of the eight letters of an old pair (XETHZUSD): crypto with an X, money with a Z before it.
_OLD = r"[XZ]([A-Za-z0-9]{3})(?:X(XBT|ETH|LTC|XDG|XRP)|Z(USD|EUR|GBP|CAD|JPY|AUD|CHF|KRW))"


def grammar(unlisted: Unlisted) -> Identity | None:
    """``ANTUSD`` and ``ANTXBT`` are names, ``XETHXXBT`` is the old form, ``ANT/USD`` the one of
    sockets. Every pair is spot.
    https://docs.kraken.com/api/docs/rest-api/get-tradable-asset-pairs
    """
    if not unlisted.is_spot:
        return None
    found = unlisted.match(_OLD)
    if found is not None:
        base, crypto, money = found
        return unlisted.spot(base, crypto or money)
    pair = unlisted.separated("/") or _name(unlisted)
    return None if pair is None else unlisted.spot(*pair)


def _name(unlisted: Unlisted) -> tuple[str, str] | None:
    """A name states its quote as the public writes it, never with the old letter (ZUSD)."""
    plain = (quote for quote in unlisted.quotes if not re.fullmatch(r"[XZ][A-Za-z0-9]{3}", quote))
    return replace(unlisted, quotes=frozenset(plain)).pair(unlisted.market_id, _FORMER)
