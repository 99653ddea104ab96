"""The ids of BingX's markets that are not listed any more."""

from __future__ import annotations

from exchange_cache.adapter.grammar import Identity, Unlisted


def grammar(unlisted: Unlisted) -> Identity | None:
    """``BTC-USDT`` is a pair or a linear perpetual, as the history says; ``BTC-USD`` of the coin-M
    interface settles in the base. Nothing is dated.
    https://bingx-api.github.io/docs/
    """
    pair = unlisted.separated("-")
    if pair is None:
        return None
    if unlisted.is_spot:
        return unlisted.spot(*pair)
    if unlisted.category == "inverse":
        return unlisted.inverse(*pair) if pair[1] == "USD" else None
    return unlisted.linear(*pair) if unlisted.category == "linear" else None
