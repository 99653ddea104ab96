"""The ids of Coinbase's products that are not listed any more."""

from __future__ import annotations

from exchange_cache.adapter.grammar import Identity, Unlisted

_FORMER = ("USD", "USDC", "USDT", "EUR", "GBP", "BTC", "ETH", "DAI", "SGD", "BRL", "INR")


def grammar(unlisted: Unlisted) -> Identity | None:
    """``BTC-USD`` is a pair, ``BTC-PERP-INTX`` an international perpetual of one unit that settles
    in USDC. A US future (``BIT-28JUN24-CDE``) is named by its contract's code, which says nothing
    of the asset.
    https://docs.cdp.coinbase.com (products)
    """
    found = unlisted.match(r"([A-Za-z0-9]+)-PERP-INTX")
    if found is not None:
        return unlisted.linear(found[0], "USDC", contract_size="1")
    pair = unlisted.separated("-")
    if pair is None or pair[1].upper() not in {*unlisted.quotes, *_FORMER}:
        return None
    return unlisted.spot(*pair)
