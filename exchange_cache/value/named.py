"""Balances and prices under the names that config.toml gives to the codes of an account.

Two exchanges may use one code for two assets. The user parts them by naming the asset at one of the
accounts; from then on nothing of that account is added to, or priced by, the other one. What is
stored keeps its code. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from exchange_cache.records import Balance, Price

#: By account, the asset that a code means there.
Names = Mapping[str, Mapping[str, str]]


def named_balances(balances: Iterable[Balance], names: Names) -> tuple[Balance, ...]:
    """The balances, with the asset that each account means."""
    return tuple(
        one if asset is None else replace(one, asset=asset)
        for one in balances
        for asset in (names.get(one.account, {}).get(one.asset),)
    )


def named_prices(prices: Iterable[Price], names: Names) -> tuple[Price, ...]:
    """The prices of the assets that each account means."""
    return tuple(_named(one, names.get(one.account, {})) for one in prices)


def _named(price: Price, own: Mapping[str, str]) -> Price:
    base, quote = own.get(price.base, price.base), own.get(price.quote, price.quote)
    same = (base, quote) == (price.base, price.quote)
    return price if same else replace(price, base=base, quote=quote)


def codes_of(assets: Iterable[str], names: Names) -> set[str]:
    """The assets and the codes that mean one of them at some account."""
    named = set(assets)
    return named | {code for own in names.values() for code, asset in own.items() if asset in named}
