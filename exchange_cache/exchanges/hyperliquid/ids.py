"""The names of Hyperliquid's coins that are not listed any more."""

from __future__ import annotations

from exchange_cache.adapter.grammar import Identity, Unlisted


def grammar(unlisted: Unlisted) -> Identity | None:
    """``COIN/USDC:USDC`` and ``COIN-USDC-PERP`` are what the engine and ccxt make of a perpetual's
    name; ``PURR/USDC`` is a pair. ``@107`` is a number of the list, which says nothing by itself.
    https://hyperliquid.gitbook.io/hyperliquid-docs (asset ids)
    """
    found = unlisted.match(r"([A-Za-z0-9-]+?)(?:/USDC:USDC|-USDC-PERP)")
    if found is not None:
        return unlisted.linear(found[0], "USDC")
    pair = unlisted.separated("/")
    return None if pair is None else unlisted.spot(*pair)
