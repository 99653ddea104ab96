"""The ids of HTX's markets that are not listed any more."""

from __future__ import annotations

from exchange_cache.adapter.grammar import ON_DAY, Identity, Unlisted, expiry_of, power_of_ten
from exchange_cache.money import EXACT

_FORMER = ("USDT", "USDC", "USDD", "HUSD", "BTC", "ETH", "HT", "TRX", "EUR", "GBP", "TRY", "BRL")


def grammar(unlisted: Unlisted) -> Identity | None:
    """``ethhusd`` is a pair, ``BTC-USDT`` a linear contract (``BTC-USDT-240329`` a dated one);
    ``BTC-USD`` and ``BTC240329`` settle in the base. A contract of ``BTC-USD`` is 100 USD; what
    another is, fills and filled orders state by their turnover.
    https://www.huobi.com/support/en-us/detail/900000106046/ (face value)
    """
    if unlisted.is_spot:
        pair = unlisted.pair(unlisted.market_id, _FORMER)
        return None if pair is None else unlisted.spot(*pair)
    found = unlisted.match(rf"([A-Za-z0-9]+)-(USDT|USD)(?:-{ON_DAY})?") or _delivery(unlisted)
    if found is None:
        return None
    base, quote, day = found
    expiry = expiry_of(day) if day else None
    if quote == "USD":
        size = "100" if base == "BTC" else _inverse_size(unlisted)
        return unlisted.inverse(base, quote, expiry=expiry, contract_size=size)
    return unlisted.linear(base, quote, expiry=expiry, contract_size=_linear_size(unlisted))


def _inverse_size(unlisted: Unlisted) -> str | None:
    """The turnover of a coin-margined trade is in USD: contracts times size."""
    stated = unlisted.figures("trade_turnover", "trade_volume")
    return None if stated is None else power_of_ten(*stated)


def _linear_size(unlisted: Unlisted) -> str | None:
    """That of a linear trade is in USDT: contracts times size times price."""
    stated = unlisted.figures("trade_turnover", "trade_price", "trade_volume")
    if stated is None:
        return None
    turnover, price, contracts = stated
    return power_of_ten(EXACT.divide(turnover, price), contracts)


def _delivery(unlisted: Unlisted) -> tuple[str, str, str] | None:
    found = unlisted.match(r"([A-Z]+)(\d{6})")
    return None if found is None else (found[0], "USD", found[1])
