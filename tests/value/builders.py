"""A reading from rows and events, and a verdict of freshness."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from exchange_cache.records import DataType
from exchange_cache.value.freshness import Freshness, State
from exchange_cache.value.reading import Holding, PortfolioReading
from exchange_cache.value.valuation import value_portfolio
from tests.cost.builders import NOW, basis_book

HOUR = timedelta(hours=1)
_TWINS = {"ETH2": "ETH"}


def reading(
    *rows: Any,
    events: Any = (),
    rates: Any = None,
    accounts: tuple[str, ...] = ("main",),
    **more: Any,
) -> PortfolioReading:
    named = {"Balance": "balances", "Position": "positions", "Price": "prices"}
    given: dict[str, list[Any]] = {name: [] for name in named.values()}
    for row in rows:
        given[named[type(row).__name__]].append(row)
    more.setdefault("reporting_asset", "USDT")
    if events:
        more["bases"] = basis_book(
            *events, rates=rates, reporting_asset=more["reporting_asset"]
        ).bases
    return value_portfolio(**given, accounts=accounts, now=NOW, price_ttl=HOUR, **more)  # type: ignore[arg-type]


def holding(found: PortfolioReading, asset: str = "BTC") -> Holding:
    return next(one for one in found.holdings if one.asset == asset)


def codes(found: PortfolioReading) -> list[str]:
    return [one.code for one in found.warnings]


def verdict(
    state: State,
    age: timedelta | None = None,
    *,
    account: str = "main",
    error: str | None = None,
    kind: DataType = DataType.BALANCES,
) -> Freshness:
    when = None if age is None else NOW - age
    return Freshness(
        account=account,
        data_type=kind,
        state=state,
        succeeded_at=when,
        age=age,
        ttl=HOUR,
        error=error,
    )


def asset_of(code: str) -> str:
    """The asset of a code of the simulated exchanges: LDBTC and BTC.F are BTC."""
    stem = code.split(".")[0]
    stem = stem[2:] if stem.startswith("LD") and stem != "LDO" else stem
    return _TWINS.get(stem, stem)
