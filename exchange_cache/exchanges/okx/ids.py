"""The ids of OKX's instruments that are not listed any more."""

from __future__ import annotations

from exchange_cache.adapter.grammar import ON_DAY, Identity, Unlisted, expiry_of

_CONTRACT = rf"([A-Za-z0-9]+)-(USDT|USDC|USD)-(?:SWAP|{ON_DAY})"
_OPTION = rf"([A-Za-z0-9]+)-USD-{ON_DAY}-([\d.]+)-([CP])"


def grammar(unlisted: Unlisted) -> Identity | None:
    """``BTC-USDT`` is a pair, ``BTC-USDT-SWAP`` a perpetual, ``BTC-USD-240329`` a dated future
    (in USD they settle in the base) and ``BTC-USD-240329-60000-C`` an option; an id never states
    the size of a contract.
    https://www.okx.com/docs-v5/en/#public-data-rest-api-get-instruments
    """
    found = unlisted.match(_OPTION)
    if found is not None:
        base, *dated = found
        return unlisted.option(base, "USD", base, *dated)
    found = unlisted.match(_CONTRACT)
    if found is not None:
        base, quote, day = found
        made = unlisted.inverse if quote == "USD" else unlisted.linear
        return made(base, quote, expiry=expiry_of(day) if day else None)
    pair = unlisted.separated("-")
    return None if pair is None else unlisted.spot(*pair)
