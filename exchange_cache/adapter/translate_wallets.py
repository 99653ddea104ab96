"""Translates ccxt's dicts for balances and tickers into balances and prices. An earn twin's balance
has the asset that prices it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from exchange_cache.adapter.policy import Averages, ExchangePolicy, WalletPolicy
from exchange_cache.adapter.values import Origin, Row, moment_or_none, number
from exchange_cache.money import EXACT, ZERO
from exchange_cache.records import Balance, Price

_NOT_CODES = frozenset({"info", "timestamp", "datetime", "free", "used", "total", "debt"})


def codes(structure: Row) -> set[str]:
    """Every code that an answer names, including empty ones, which the account may have held
    once."""
    return {
        code
        for code, row in structure.items()
        if code not in _NOT_CODES and isinstance(row, Mapping)
    }


def balances(
    origin: Origin,
    structure: Row,
    wallet: WalletPolicy,
    policy: ExchangePolicy,
    known: Collection[str],
    averages: Averages | None = None,
) -> tuple[Balance, ...]:
    """Every code of a ccxt balance structure that is not zero; ``known`` are the assets that the
    exchange lists, ``averages`` those that it reports per code."""
    found = []
    for code, row in structure.items():
        if code in _NOT_CODES or not isinstance(row, Mapping):
            continue
        made = balance(origin, code, row, wallet, policy, known)
        if made is not None:
            found.append(replace(made, told_averages=(averages or {}).get(code, ())))
    return tuple(found)


def balance(
    origin: Origin,
    code: str,
    row: Row,
    wallet: WalletPolicy,
    policy: ExchangePolicy,
    known: Collection[str],
) -> Balance | None:
    """One code of a wallet; None when all its figures are zero."""
    free, used, total = (number(origin, row, name) for name in ("free", "used", "total"))
    debt = number(origin, row, "debt")
    if total is None:
        total = _sum(origin, code, free, used)
    if debt is not None and not wallet.debt_in_total:
        total = EXACT.subtract(total, debt.copy_abs())
    if not any((free, used, total, debt)):
        return None
    asset, earn = asset_of(code, policy, known)
    return Balance(
        account=origin.account,
        wallet=wallet.name,
        code=code,
        asset=asset,
        free=free,
        used=used,
        total=total,
        debt=debt if debt else None,
        earn=earn or wallet.name == "earn",
        includes_unrealised=wallet.includes_unrealised,
        fetched_at=origin.fetched_at,
    )


def _sum(origin: Origin, code: str, free: Decimal | None, used: Decimal | None) -> Decimal:
    """The total as free plus used; used alone is no total."""
    if free is None:
        raise origin.bad("has neither a total nor what is free", {"currency": code})
    return EXACT.add(free, used or ZERO)


def asset_of(code: str, policy: ExchangePolicy, known: Collection[str]) -> tuple[str, bool]:
    """(the asset that prices a code, whether the code is an earn twin of it)."""
    if code in policy.real_codes:
        return code, False
    if code in policy.asset_aliases:
        return policy.asset_aliases[code], not code.endswith(".HOLD")
    for prefix in policy.earn_prefixes:
        if (
            code.startswith(prefix)
            and len(code) > len(prefix)
            and _is_known(code.removeprefix(prefix), known)
        ):
            return code.removeprefix(prefix), True
    for suffix in policy.earn_suffixes:
        if code.endswith(suffix) and len(code) > len(suffix):
            return _twin(code.removesuffix(suffix), policy, known), True
    return code, False


def _is_known(asset: str, known: Collection[str]) -> bool:
    return not known or asset in known


def _twin(stem: str, policy: ExchangePolicy, known: Collection[str]) -> str:
    """The asset of an earn code without its suffix: DOT28 -> DOT (the number is the bonding
    period), ETH2 -> ETH."""
    if stem in policy.asset_aliases:
        return policy.asset_aliases[stem]
    shorter = stem.rstrip("0123456789")
    return shorter if shorter and stem not in known and shorter in known else stem


def price(origin: Origin, ticker: Row, market: Row | None) -> Price | None:
    """One ccxt ticker as a price; None when its market is not listed or it has no figure."""
    if market is None or not market.get("base") or not market.get("quote"):
        return None
    figures: dict[str, Any] = {
        "last": number(origin, ticker, "last"),
        "bid": number(origin, ticker, "bid"),
        "ask": number(origin, ticker, "ask"),
        "mark": number(origin, ticker, "markPrice"),
    }
    if not any(figures.values()):
        return None
    return Price(
        account=origin.account,
        symbol=str(market["symbol"]),
        base=str(market["base"]),
        quote=str(market["quote"]),
        category=origin.category,
        open_24h=number(origin, ticker, "open"),
        fetched_at=origin.fetched_at,
        as_of=moment_or_none(origin, ticker, "timestamp"),
        **figures,
    )
