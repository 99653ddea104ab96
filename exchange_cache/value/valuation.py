"""The portfolio from cached data: present balances, positions and prices, and the costs that the
last sync derived.

Assets without a price are listed and in no total; values with a stale price or balance are summed
separately; debts are negative; the unrealised PnL of a position is added only if its wallet's total
does not contain it. A finding reports accounts that differ widely on a price: the same code may
then be two coins, and each account's part is valued at its own exchange. Called by the portfolio
accessor; pure, and independent of the length of the history.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import localcontext

from exchange_cache.cost.basis import AssetBasis
from exchange_cache.cost.unrealised import unrealised_inside
from exchange_cache.findings import Finding
from exchange_cache.money import EXACT, ZERO
from exchange_cache.records import Balance, Position, Price
from exchange_cache.value.checks import (
    freshness_findings,
    holding_findings,
    position_findings,
    price_conflict,
)
from exchange_cache.value.day_change import Held, day_change
from exchange_cache.value.freshness import Ages, Freshness
from exchange_cache.value.holdings import Costs, Draft, by_value, draft_holding, finished
from exchange_cache.value.positions import read_position, unpriced_settlements
from exchange_cache.value.price_graph import PriceGraph
from exchange_cache.value.reading import Holding, PortfolioReading, PositionReading, Totals


def value_portfolio(
    *,
    balances: Iterable[Balance],
    positions: Iterable[Position],
    prices: Iterable[Price],
    bases: Iterable[AssetBasis] = (),
    freshness: Sequence[Freshness] = (),
    findings: Iterable[Finding] = (),
    reporting_asset: str,
    accounts: Sequence[str],
    now: datetime,
    price_ttl: timedelta,
    exchange_of: Mapping[str, str] | None = None,
) -> PortfolioReading:
    """The reading of ``accounts``. ``bases``: pooled (account None) and per account, in the
    reporting asset."""
    shown = frozenset(accounts)
    balances = sorted((one for one in balances if one.account in shown), key=lambda one: one.key)
    positions = sorted((one for one in positions if one.account in shown), key=lambda one: one.key)
    with localcontext(EXACT):
        graph = PriceGraph(
            prices, reporting_asset=reporting_asset, now=now, ttl=price_ttl, exchange_of=exchange_of
        )
        ages = Ages(freshness, now)
        inside = unrealised_inside(positions, balances)
        own = tuple(
            read_position(one, graph, ages, inside=one.key in inside.keys) for one in positions
        )
        costs = Costs(bases, shown)
        by_asset: dict[str, list[Balance]] = defaultdict(list)
        for balance in balances:
            if balance.total or balance.free or balance.used:
                by_asset[balance.asset].append(balance)
        findings = tuple(findings)
        drafts = [
            draft_holding(asset, rows, graph, ages, costs, inside, reporting_asset)
            for asset, rows in sorted(by_asset.items())
        ]
        totals = _totals(drafts, own, costs, reporting_asset)
        made = (finished(draft, costs, totals, inside, findings) for draft in drafts)
        holdings = tuple(sorted(made, key=by_value))
        warnings = (
            *freshness_findings(freshness),
            *_holding_warnings(holdings, drafts, reporting_asset, now),
            *position_findings(own),
            *findings,
        )
        return PortfolioReading(
            as_of=now,
            reporting_asset=reporting_asset,
            totals=totals,
            holdings=holdings,
            positions=own,
            freshness=tuple(freshness),
            warnings=tuple(dict.fromkeys(warnings)),
            accounts=tuple(accounts),
            oldest=_oldest(balances, positions, holdings),
        )


def _holding_warnings(
    holdings: Iterable[Holding], drafts: Iterable[Draft], reporting_asset: str, now: datetime
) -> Iterator[Finding]:
    for holding in holdings:
        yield from holding_findings(holding, reporting_asset, now)
    for draft in drafts:
        conflict = price_conflict(draft.asset, draft.quotes)
        if conflict is not None:
            yield conflict


def _totals(
    drafts: Sequence[Draft],
    positions: Sequence[PositionReading],
    costs: Costs,
    reporting_asset: str,
) -> Totals:
    outside = [one for one in positions if not one.in_wallet]
    value = sum((draft.value for draft in drafts if draft.value is not None), ZERO)
    value += sum(
        (one.unrealised_value for one in outside if one.unrealised_value is not None), ZERO
    )
    stale = sum((draft.stale_value for draft in drafts if draft.stale_value is not None), ZERO)
    stale += sum(
        (one.unrealised_value for one in outside if one.unrealised_value is not None and one.stale),
        ZERO,
    )
    results = [draft.unrealised for draft in drafts if draft.unrealised is not None]
    results += [one.unrealised_value for one in positions if one.unrealised_value is not None]
    unpriced = {draft.asset for draft in drafts if draft.value is None}
    unpriced |= unpriced_settlements(outside)
    changes = (None if draft.quote is None else draft.quote.change_24h for draft in drafts)
    held = [Held(one.asset, one.value, change) for one, change in zip(drafts, changes, strict=True)]
    change, change_value = day_change(held, reporting_asset)
    return Totals(
        value=value,
        priced_value=value - stale,
        stale_value=stale,
        unpriced_assets=tuple(sorted(unpriced)),
        realised_pnl=costs.realised(),
        unrealised_pnl=sum(results, ZERO) if results else None,
        change_24h=change,
        change_24h_value=change_value,
    )


def _oldest(
    balances: Iterable[Balance], positions: Iterable[Position], holdings: Iterable[Holding]
) -> datetime | None:
    times = [row.fetched_at for row in balances]
    times += [row.fetched_at for row in positions]
    times += [holding.price_as_of for holding in holdings if holding.price_as_of is not None]
    return min(times, default=None)
