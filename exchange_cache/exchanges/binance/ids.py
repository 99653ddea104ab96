"""The ids of Binance's markets that are not listed any more."""

from __future__ import annotations

from exchange_cache.adapter.grammar import ON_DAY, Identity, Unlisted, expiry_of

#: Quotes that Binance had; an exchange forgets them with their last pair.
_FORMER = (
    *("USDT", "USDC", "FDUSD", "BUSD", "TUSD", "USDP", "PAX", "USDS", "UST", "DAI", "VAI"),
    *("BTC", "ETH", "BNB", "TRX", "XRP", "DOGE", "DOT", "SOL"),
    *("EUR", "GBP", "AUD", "TRY", "BRL", "RUB", "UAH", "NGN", "ZAR", "PLN", "RON", "ARS"),
    *("IDRT", "BIDR", "BKRW", "BVND", "JPY", "MXN", "CZK", "COP"),
)


def grammar(unlisted: Unlisted) -> Identity | None:
    """``LUNAUSDT`` is a spot pair or a USDⓈ-M perpetual, as the history says, ``BTCUSDT_240329`` a
    dated one; ``BTCUSD_PERP`` and ``BTCUSD_240329`` are COIN-M, whose contracts are 100 USD of BTC
    and 10 USD of everything else.
    https://www.binance.com/en/support/faq/85eac2bba0b342819122dc9bd4745e9a (contract
    specifications); ids: https://developers.binance.com/docs/derivatives (exchangeInfo)
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
    size = "100" if base == "BTC" else "10"
    return unlisted.inverse(base, "USD", expiry=expiry_of(day) if day else None, contract_size=size)
