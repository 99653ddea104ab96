"""The ids of Binance's markets that are not listed any more."""

from __future__ import annotations

from exchange_cache.adapter.grammar import ON_DAY, Identity, Unlisted, expiry_of, power_of_ten
from exchange_cache.money import EXACT

#: Quotes that Binance had; an exchange forgets them with their last pair.
_FORMER = (
    *("USDT", "USDC", "FDUSD", "BUSD", "TUSD", "USDP", "PAX", "USDS", "UST", "DAI", "VAI"),
    *("BTC", "ETH", "BNB", "TRX", "XRP", "DOGE", "DOT", "SOL"),
    *("EUR", "GBP", "AUD", "TRY", "BRL", "RUB", "UAH", "NGN", "ZAR", "PLN", "RON", "ARS"),
    *("IDRT", "BIDR", "BKRW", "BVND", "JPY", "MXN", "CZK", "COP"),
)


def grammar(unlisted: Unlisted) -> Identity | None:
    """``LUNAUSDT`` is a spot pair or a USDⓈ-M perpetual, as the history says, ``BTCUSDT_240329`` a
    dated one; ``BTCUSD_PERP`` and ``BTCUSD_240329`` are COIN-M. A COIN-M contract is 100 USD of
    BTC, usually 10 USD of anything else; fills and filled orders state by their base what it is.
    https://www.binance.com/en/support/faq/a4470430e3164c13932be8967961aede (specifications)
    """
    if unlisted.is_spot:
        pair = unlisted.pair(unlisted.market_id, _FORMER)
        return None if pair is None else unlisted.spot(*pair)
    if unlisted.category == "inverse":
        return _coin_margined(unlisted)
    if unlisted.category != "linear":
        return None
    stem, _, day = unlisted.market_id.partition("_")
    pair = unlisted.pair(stem, ("USDT", "USDC", "BUSD", "BTC"))
    if pair is None or (day and not (day.isdigit() and len(day) == 6)):
        return None
    return unlisted.linear(*pair, expiry=day or None)


def _coin_margined(unlisted: Unlisted) -> Identity | None:
    found = unlisted.match(rf"([A-Za-z0-9]+)USD_(?:PERP|{ON_DAY})")
    if found is None:
        return None
    base, day = found
    expiry = expiry_of(day) if day else None
    return unlisted.inverse(base, "USD", expiry=expiry, contract_size=_size(unlisted, base))


def _size(unlisted: Unlisted, base: str) -> str | None:
    """USD in a contract: contracts times size over price is what the row states in the base."""
    if base == "BTC":
        return "100"
    stated = unlisted.figures("baseQty", "price", "qty") or unlisted.figures(
        "cumBase", "avgPrice", "executedQty"
    )
    if stated is None:
        return None
    units, price, contracts = stated
    return power_of_ten(EXACT.multiply(units, price), contracts)
