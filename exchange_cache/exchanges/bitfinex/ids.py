"""The symbols of Bitfinex' pairs that are not listed any more."""

from __future__ import annotations

from exchange_cache.adapter.grammar import Identity, Unlisted

_PAIR = r"t(?:([A-Za-z0-9]{3})([A-Za-z0-9]{3})|([A-Za-z0-9]+):([A-Za-z0-9]+))"


def grammar(unlisted: Unlisted) -> Identity | None:
    """``tRLCETH`` has two assets of three letters, a longer one is set off by a colon
    (``tDUSK:USD``), and derivatives end in F0 (``tBTCF0:USTF0``). What begins with an f is
    funding, no pair.
    https://docs.bitfinex.com (symbols)
    """
    found = unlisted.match(_PAIR)
    if found is None:
        return None
    base, quote = (part for part in found if part)
    if base.endswith("F0") != quote.endswith("F0"):
        return None
    if base.endswith("F0"):
        return unlisted.linear(base.removesuffix("F0"), quote.removesuffix("F0"))
    return unlisted.spot(base, quote)
