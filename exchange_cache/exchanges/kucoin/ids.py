"""The ids of KuCoin's markets that are not listed any more."""

from __future__ import annotations

from exchange_cache.adapter.grammar import IN_MONTH, Identity, Unlisted, expiry_of
from exchange_cache.money import EXACT, ZERO, to_amount_or_none, to_text

_CONTRACT = rf"([A-Za-z0-9]+?)(USDT|USDC|USD)M|([A-Za-z0-9]+?)M{IN_MONTH}"


def grammar(unlisted: Unlisted) -> Identity | None:
    """``BTC-USDT`` is a pair, ``ETHUSDTM`` a perpetual, ``XBTUSDM`` one that settles in the base,
    and ``XBTMU24`` its quarterly kin. No id states the size of a contract; a fill does by its
    value.
    https://www.kucoin.com/docs-new/rest/futures-trading/market-data/get-all-symbols
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
    fields = (unlisted.row.get(name) for name in ("value", "price", "size"))
    value, price, size = (to_amount_or_none(field) or ZERO for field in fields)
    if not (value > 0 and price > 0 and size > 0):
        return None
    units = EXACT.multiply(value, price) if inverse else EXACT.divide(value, price)
    found = EXACT.divide(units, size)
    nearest = EXACT.scaleb(1, int(EXACT.to_integral_value(EXACT.log10(found))))
    apart = EXACT.abs(EXACT.subtract(EXACT.divide(found, nearest), 1))
    return to_text(nearest) if apart < EXACT.create_decimal("0.01") else None
