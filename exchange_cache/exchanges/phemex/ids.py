"""The ids of Phemex' markets that are not listed any more."""

from __future__ import annotations

from exchange_cache.adapter.grammar import Identity, Unlisted

_FORMER = ("USDT", "USDC", "BTC", "ETH", "EUR", "TRY", "BRL", "BRZ")

_SPOT_SCALES = (("priceScale", 8), ("valueScale", 8), ("ratioScale", 8))


def grammar(unlisted: Unlisted) -> Identity | None:
    """``sBTCUSDT`` is a pair, whose figures are scaled by 8 places, ``BTCUSDT`` a linear perpetual.
    The scales of the older contracts (``BTCUSD``, ``uBTCUSD``) stand in the list alone.
    https://phemex-docs.github.io (symbols, scales)
    """
    found = unlisted.match(r"s([A-Za-z0-9]+)")
    if found is not None:
        pair = unlisted.pair(found[0], _FORMER)
        return None if pair is None else unlisted.spot(*pair, scales=_SPOT_SCALES)
    found = unlisted.match(r"([A-Z0-9]+)(USDT|USDC)")
    return None if found is None or unlisted.is_spot else unlisted.linear(*found)
