"""A reading while the averages are not computed, or not with the newest fills and transfers."""

from __future__ import annotations

from dataclasses import replace

from exchange_cache.cost.reconcile import is_history_sentence
from exchange_cache.findings import costs_open_finding
from exchange_cache.value.reading import Holding, PortfolioReading
from exchange_cache.value.states import NOT_COMPUTED

#: The warnings about the costs of one asset.
_OF_COST = frozenset({"unknown_cost", "ledger_exceeds_balance"})


def not_computed(reading: PortfolioReading, *, known: bool) -> PortfolioReading:
    """The reading without claims about missing history; ``known``: older averages are stored.
    Without any, results of positions alone would be no result of the whole."""
    finding = costs_open_finding(known=known)
    open_ones = {
        one.asset
        for one in reading.holdings
        if (_is_open(one) if known else bool(one.unknown_quantity))
    }
    totals = reading.totals
    if not known:
        totals = replace(totals, unrealised_pnl=None, realised_pnl=None)
    return replace(
        reading,
        totals=totals,
        holdings=tuple(
            replace(one, unknown_reasons=(NOT_COMPUTED,)) if one.asset in open_ones else one
            for one in reading.holdings
        ),
        warnings=(
            *(
                one
                for one in reading.warnings
                if not (one.asset in open_ones and one.code in _OF_COST)
            ),
            finding,
        ),
    )


def _is_open(holding: Holding) -> bool:
    """Whether missing history would be the reason of its unknown part."""
    return bool(holding.unknown_quantity) and any(
        is_history_sentence(reason) for reason in holding.unknown_reasons
    )
