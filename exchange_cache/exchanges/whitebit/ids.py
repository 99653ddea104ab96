"""The ids of WhiteBIT's markets that are not listed any more."""

from __future__ import annotations

from exchange_cache.adapter.grammar import Identity, Unlisted


def grammar(unlisted: Unlisted) -> Identity | None:
    """``BTC_USDT`` is a pair, ``BTC_PERP`` a perpetual that settles in USDT.
    https://docs.whitebit.com (markets)
    """
    pair = unlisted.separated("_")
    if pair is None:
        return None
    return unlisted.linear(pair[0], "USDT") if pair[1] == "PERP" else unlisted.spot(*pair)
