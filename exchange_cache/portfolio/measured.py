"""The portfolio in the Prometheus text format: value, results and age of each account, and how far
positions are from their liquidation. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal

from exchange_cache.findings import Finding
from exchange_cache.money import EXACT, to_text
from exchange_cache.portfolio.statistics import Exposition
from exchange_cache.value.freshness import Freshness
from exchange_cache.value.grouping import group_values
from exchange_cache.value.reading import PortfolioReading, PositionReading
from exchange_cache.value.results import POOLING, PnlReport

#: Digits behind the point: of the 16 that a sample keeps, more than enough.
_STEP = Decimal("1e-12")


def measured(reading: PortfolioReading, results: PnlReport, findings: Iterable[Finding]) -> str:
    """The families of a reading; ``results`` are by account over all time, ``findings`` open."""
    made = Exposition()
    made.family(
        "excache_portfolio_value",
        "gauge",
        "Value of everything that has a price.",
        [("", {"asset": reading.reporting_asset}, _number(reading.totals.value))],
    )
    made.family(
        "excache_unpriced_assets",
        "gauge",
        "Assets without a price, which no value contains.",
        [("", {}, str(len(reading.totals.unpriced_assets)))],
    )
    _add_accounts(made, reading, results)
    _add_ages(made, reading.freshness)
    _add_findings(made, reading, findings)
    _add_positions(made, reading.positions)
    return "\n".join(made.lines) + "\n"


def _number(value: Decimal) -> str:
    return to_text(value.quantize(_STEP, context=EXACT))


def _add_accounts(made: Exposition, reading: PortfolioReading, results: PnlReport) -> None:
    asset = reading.reporting_asset
    values = {one.name: one.value for one in group_values(reading, "account")}
    lines = {line.name: line.identity for line in results.lines if line.name != POOLING}
    families: tuple[tuple[str, str, Mapping[str, Decimal]], ...] = (
        ("value", "Value of what an account holds.", values),
        (
            "realised_pnl",
            "Closed results of an account, fees, funding and income included.",
            {name: identity.realised for name, identity in lines.items()},
        ),
        (
            "unrealised_pnl",
            "Open results of an account, of units whose cost is known.",
            {name: identity.unrealised for name, identity in lines.items()},
        ),
    )
    for name, text, figures in families:
        made.family(
            f"excache_account_{name}",
            "gauge",
            text,
            (
                ("", {"account": account, "asset": asset}, _number(figures[account]))
                for account in sorted(figures)
            ),
        )


def _add_ages(made: Exposition, freshness: Iterable[Freshness]) -> None:
    made.family(
        "excache_data_age_seconds",
        "gauge",
        "Age of the oldest part of a kind of data.",
        (
            (
                "",
                {"account": one.account, "data_type": str(one.data_type)},
                f"{one.age.total_seconds():.0f}",
            )
            for one in freshness
            if one.age is not None
        ),
    )


def _add_findings(made: Exposition, reading: PortfolioReading, findings: Iterable[Finding]) -> None:
    counted = Counter(found.account or "" for found in findings)
    names = dict.fromkeys((*reading.accounts, *sorted(counted)))
    made.family(
        "excache_account_findings",
        "gauge",
        "Open findings of an account; of none: what concerns all of them.",
        (("", {"account": name}, str(counted[name])) for name in names),
    )


def _add_positions(made: Exposition, positions: Iterable[PositionReading]) -> None:
    made.family(
        "excache_liquidation_distance_ratio",
        "gauge",
        "How far a position is from its liquidation, as a part of the mark price.",
        (
            (
                "",
                {
                    "account": own.position.account,
                    "symbol": own.position.symbol,
                    "side": own.position.side,
                },
                _number(own.liquidation_distance),
            )
            for own in positions
            if own.liquidation_distance is not None
        ),
    )
