"""The ids of KuCoin's markets that are not listed any more."""

from __future__ import annotations

from exchange_cache.adapter.grammar import IN_MONTH, Identity, Unlisted, expiry_of, power_of_ten
from exchange_cache.money import EXACT

_CONTRACT = rf"([A-Za-z0-9]+?)(USDT|USDC|USD)M|([A-Za-z0-9]+?)M{IN_MONTH}"


def grammar(unlisted: Unlisted) -> Identity | None:
    """``BTC-USDT`` is a pair, ``ETHUSDTM`` a perpetual, ``XBTUSDM`` one that settles in the base,
    and ``XBTMU24`` its quarterly kin. No id states the size of a contract; a fill does by its
    value.
    https://www.kucoin.com/docs-new (futures symbols)
    """
    pair = unlisted.separated("-")
    if pair is not None:
        return unlisted.spot(*pair)
    found = unlisted.match(_CONTRACT)
    if found is None or unlisted.is_spot:
        return None
    base, quote, dated, month = found
    if dated:
        return unlisted.inverse(
            dated, "USD", expiry=expiry_of(month), contract_size=_size(unlisted, inverse=True)
        )
    inverse = quote == "USD"
    made = unlisted.inverse if inverse else unlisted.linear
    return made(base, quote, contract_size=_size(unlisted, inverse=inverse))


def _size(unlisted: Unlisted, *, inverse: bool) -> str | None:
    """The multiplier, a power of ten, out of the ``value`` of a fill, which KuCoin rounds: price
    times size times multiplier, of inverse contracts size times multiplier over price."""
    stated = unlisted.figures("value", "price", "size")
    if stated is None:
        return None
    value, price, size = stated
    units = EXACT.multiply(value, price) if inverse else EXACT.divide(value, price)
    return power_of_ten(units, size)
