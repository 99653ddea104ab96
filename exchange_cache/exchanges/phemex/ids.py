"""The ids of Phemex' markets that are not listed any more."""

from __future__ import annotations

from exchange_cache.adapter.grammar import Identity, Unlisted

_FORMER = ("USDT", "USDC", "BTC", "ETH", "EUR", "TRY", "BRL", "BRZ")


def grammar(unlisted: Unlisted) -> Identity | None:
    """``sBTCUSDT`` is a pair, ``BTCUSDT`` a linear perpetual. The figures of the older contracts
    (``BTCUSD``, ``uBTCUSD``) are scaled, and their scales stand in the list alone.
    https://phemex-docs.github.io/#symbol-naming
    """
    found = unlisted.match(r"s([A-Za-z0-9]+)")
    if found is not None:
        pair = unlisted.pair(found[0], _FORMER)
        return None if pair is None else unlisted.spot(*pair)
    found = unlisted.match(r"([A-Z0-9]+)(USDT)")
    return None if found is None or unlisted.is_spot else unlisted.linear(*found)
