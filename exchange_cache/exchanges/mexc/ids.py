"""The ids of MEXC's markets that are not listed any more."""

from __future__ import annotations

from exchange_cache.adapter.grammar import Identity, Unlisted

_FORMER = ("USDT", "USDC", "BTC", "ETH", "MX", "TUSD", "BUSD", "EUR", "USDE", "USD1")


def grammar(unlisted: Unlisted) -> Identity | None:
    """``NEWCOINUSDT`` is a pair, ``NEWCOIN_USDT`` a contract, and ``BTC_USD`` one that settles in
    the base. What one contract is stands in the list alone.
    https://mexcdevelop.github.io/apidocs/contract_v1_en/
    """
    found = unlisted.match(r"([A-Za-z0-9]+?)_(USDT|USDC|USD)(?:1)?")
    if found is not None and not unlisted.is_spot:
        made = unlisted.inverse if found[1] == "USD" else unlisted.linear
        return made(*found)
    pair = unlisted.pair(unlisted.market_id, _FORMER) if unlisted.is_spot else None
    return None if pair is None else unlisted.spot(*pair)
