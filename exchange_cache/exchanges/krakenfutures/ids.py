"""The ids of Kraken Futures' contracts that are not listed any more."""

from __future__ import annotations

from exchange_cache.adapter.grammar import ON_DAY, Identity, Unlisted, expiry_of

#: The two letters before the pair: perpetual or fixed, then flexible, inverse or vanilla.
_CONTRACT = rf"(PF|FF|PI|FI|PV|FV)_([A-Za-z0-9]+?)(USD|XBT)(?:_{ON_DAY})?"


def grammar(unlisted: Unlisted) -> Identity | None:
    """``PF_DEFIUSD`` and ``FF_XBTUSD_240329`` settle in USD, ``PI_LTCUSD`` and ``FI_XBTUSD_201225``
    in the base, ``PV_XRPXBT`` in XBT; a contract is one unit. Indices (``IN_``, ``RR_``) are traded
    by nobody.
    https://docs.kraken.com/api/docs/futures-api
    """
    found = unlisted.match(_CONTRACT)
    if found is None:
        return None
    letters, base, quote, day = found
    expiry = expiry_of(day) if day else None
    if (expiry is None) != letters.startswith("P") or (quote == "XBT") != letters.endswith("V"):
        return None
    made = unlisted.inverse if letters.endswith("I") else unlisted.linear
    return made(base, quote, expiry=expiry)
