"""The ids of OKX's instruments that are not listed any more, and its options, which the market list
leaves out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from exchange_cache.adapter.former import FormerMarkets
from exchange_cache.adapter.grammar import ON_DAY, Identity, Unlisted, expiry_of
from exchange_cache.money import EXACT, to_amount, to_text

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


def _option(row: Mapping[str, Any], code: Callable[[str], str]) -> tuple[str, Identity] | None:
    """An option that is traded; one contract is ``ctVal`` x ``ctMult`` of the base."""
    name = str(row["instId"])
    identity = grammar(Unlisted(market_id=name, category="option", code=code))
    if identity is None:
        return None
    size = EXACT.multiply(to_amount(str(row["ctVal"])), to_amount(str(row["ctMult"])))
    return name, replace(identity, contract_size=to_text(size))


#: Expired options of a family are of the size of those that are traded.
FORMER = tuple(
    FormerMarkets(
        category="option",
        method="publicGetPublicInstruments",
        params={"instType": "OPTION", "instFamily": family},
        rows="data",
        read=_option,
        source="https://www.okx.com/docs-v5/en/#public-data-rest-api-get-instruments",
    )
    for family in ("BTC-USD", "ETH-USD")
)
