"""The ids of Gate's markets that are not listed any more."""

from __future__ import annotations

from exchange_cache.adapter.grammar import ON_DAY, Identity, Unlisted, expiry_of

_CONTRACT = rf"([A-Za-z0-9]+?)_(USDT|USD)(?:_{ON_DAY})?"


def grammar(unlisted: Unlisted) -> Identity | None:
    """The history says the category: ``BTC_USDT`` is a pair or a perpetual, ``BTC_USD`` settles in
    BTC, ``BTC_USDT_20240329`` is dated; the size of a contract is its ``quanto_multiplier``, which
    no id states.
    https://www.gate.com/docs/developers/apiv4/en/#futures
    """
    if unlisted.is_spot:
        pair = unlisted.separated("_")
        return None if pair is None else unlisted.spot(*pair)
    found = unlisted.match(_CONTRACT)
    if found is None:
        return None
    base, quote, day = found
    made = unlisted.inverse if quote == "USD" else unlisted.linear
    return made(base, quote, expiry=expiry_of(day) if day else None)
