"""The names of Deribit's instruments that are not listed any more."""

from __future__ import annotations

from exchange_cache.adapter.grammar import ON_DAY, Identity, Unlisted, expiry_of

_ASSETS = r"([A-Z0-9]+)(?:_(USDC|USDT|USD))?"
_FUTURE = rf"{_ASSETS}-(?:PERPETUAL|{ON_DAY})"
_OPTION = rf"{_ASSETS}-{ON_DAY}-([\dd]+)-([CP])"


def grammar(unlisted: Unlisted) -> Identity | None:
    """``BTC-PERPETUAL``, ``BTC-28JUN24`` and ``BTC-28JUN24-60000-C`` are quoted in USD and settle
    in BTC; with ``_USDC`` they settle in USDC, and ``BTC_USDC`` alone is a pair. A ``d`` in a
    strike is its point. Combinations (``-FS-``, ``-CS-``) are reported by their legs.
    https://docs.deribit.com/articles/deribit-naming
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
