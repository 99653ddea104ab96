"""The ids of HTX's markets that are not listed any more."""

from __future__ import annotations

from exchange_cache.adapter.grammar import ON_DAY, Identity, Unlisted, expiry_of

_FORMER = ("USDT", "USDC", "USDD", "HUSD", "BTC", "ETH", "HT", "TRX", "EUR", "GBP", "TRY", "BRL")


def grammar(unlisted: Unlisted) -> Identity | None:
    """``ethhusd`` is a pair, ``BTC-USDT`` a linear contract (``BTC-USDT-240329`` a dated one).
    ``BTC-USD`` and ``BTC240329`` settle in the base; a contract of BTC is 100 USD, any other 10.
    https://www.htx.com/support/900000090423 (coin-margined contracts)
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
        size = "100" if base == "BTC" else "10"
        return unlisted.inverse(base, quote, expiry=expiry, contract_size=size)
    return unlisted.linear(base, quote, expiry=expiry)


def _delivery(unlisted: Unlisted) -> tuple[str, str, str] | None:
    found = unlisted.match(r"([A-Z]+)(\d{6})")
    return None if found is None else (found[0], "USD", found[1])
