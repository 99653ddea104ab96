"""The ids of Bitget's markets that are not listed any more."""

from __future__ import annotations

from exchange_cache.adapter.grammar import IN_MONTH, ON_DAY, Identity, Unlisted, expiry_of

_FORMER = ("USDT", "USDC", "BTC", "ETH", "EUR", "BRL", "BGB", "USDE", "TRY")


def grammar(unlisted: Unlisted) -> Identity | None:
    """The history says the category: ``BTCUSDT`` is spot or linear, ``BTCPERP`` linear in USDC,
    ``BTCUSD`` inverse, ``BTCUSDM24`` its quarterly kin (the month alone).
    https://www.bitget.com/api-doc (symbols)
    """
    if unlisted.is_spot:
        pair = unlisted.pair(unlisted.market_id, _FORMER)
        return None if pair is None else unlisted.spot(*pair)
    if unlisted.category == "inverse":
        found = unlisted.match(rf"([A-Za-z0-9]+)USD(?:{IN_MONTH}|_{ON_DAY})?")
        if found is None:
            return None
        base, month, day = found
        expiry = month or day
        return unlisted.inverse(base, "USD", expiry=expiry_of(expiry) if expiry else None)
    if unlisted.category != "linear":
        return None
    found = unlisted.match(r"([A-Za-z0-9]+?)(?:PERP|USDC)")
    if found is not None:
        return unlisted.linear(found[0], "USDC")
    found = unlisted.match(r"([A-Za-z0-9]+)(USDT)")
    return None if found is None else unlisted.linear(*found)
