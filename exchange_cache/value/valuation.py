"""The portfolio from what is cached: balances, positions and prices of now, and the cost that the
last sync derived.

Every total is honest: what has no price is named and in no total, what rests on a stale price or a
stale balance is summed apart, debts count negative, and the unrealised PnL of a position is added
only where its wallet's total does not contain it already. Called by the portfolio accessor; pure,
and independent of the length of the history.

One asset has one price in one reading (so that quantity x price = value on the screen): the best
quote among the accounts that hold it, a fresh one first, then the shortest route, then the largest
part. Where accounts disagree widely a finding says so, because the same code may then be two coins.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, localcontext

from exchange_cache.clock import SKEW
from exchange_cache.cost.basis import AssetBasis, bases_of
from exchange_cache.cost.reconcile import Reconciled, is_about_history, reason_words, reconcile
from exchange_cache.cost.unrealised import Inside, is_inverse, unrealised_inside, unrealised_of
from exchange_cache.findings import Finding
from exchange_cache.money import EXACT, ZERO, published
from exchange_cache.records import Balance, DataType, Position, Price
from exchange_cache.value.checks import (
    freshness_findings,
    holding_findings,
    position_findings,
    price_conflict,
)
from exchange_cache.value.freshness import Freshness
from exchange_cache.value.places import place_differences
from exchange_cache.value.price_graph import PriceGraph, PriceQuote
from exchange_cache.value.reading import (
    AccountAverage,
    Holding,
    PortfolioReading,
    PositionReading,
    Totals,
    WalletShare,
)

#: Two accounts whose prices of one asset differ by more than this may not mean the same asset.
PRICE_CONFLICT = Decimal("0.2")


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
        ages = _Ages(freshness, now)
        inside = unrealised_inside(positions, balances)
        own = tuple(
            _read_position(one, graph, ages, inside=one.key in inside.keys) for one in positions
        )
        costs = _Costs(bases, shown)
        by_asset: dict[str, list[Balance]] = defaultdict(list)
        for balance in balances:
            if balance.total or balance.free or balance.used:
                by_asset[balance.asset].append(balance)
        findings = tuple(findings)
        drafts = [
            _draft(asset, rows, graph, ages, costs, inside, reporting_asset)
            for asset, rows in sorted(by_asset.items())
        ]
        totals = _totals(drafts, own, costs)
        made = (
            _holding(draft, costs, totals, _reasons(draft, costs, inside, findings))
            for draft in drafts
        )
        holdings = tuple(sorted(made, key=_by_value))
        told = [
            *freshness_findings(freshness),
            *(
                finding
                for holding in holdings
                for finding in holding_findings(holding, reporting_asset, now)
            ),
            *(
                finding
                for draft in drafts
                if (finding := price_conflict(draft.asset, draft.quotes, PRICE_CONFLICT))
                is not None
            ),
            *position_findings(own),
            *findings,
        ]
        return PortfolioReading(
            as_of=now,
            reporting_asset=reporting_asset,
            totals=totals,
            holdings=holdings,
            positions=own,
            freshness=tuple(freshness),
            warnings=tuple(dict.fromkeys(told)),
            accounts=tuple(accounts),
            oldest=_oldest(balances, positions, holdings),
        )


class _Ages:
    """Which rows are too old: by their own time, because a part that failed keeps its old rows
    under a newer success."""

    def __init__(self, freshness: Iterable[Freshness], now: datetime) -> None:
        self._now = now
        self._verdicts = {(one.account, one.data_type): one for one in freshness}

    def is_stale(self, account: str, data_type: DataType, fetched_at: datetime) -> bool:
        verdict = self._verdicts.get((account, data_type))
        if verdict is None:
            return False
        age = self._now - fetched_at
        return verdict.due or age > verdict.ttl or age < -SKEW  # what is lost makes only itself old


class _Costs:
    """The basis of an asset for the accounts that are shown: pooled when these are all, else their
    own ones summed."""

    def __init__(self, bases: Iterable[AssetBasis], shown: frozenset[str]) -> None:
        bases = tuple(bases)
        self._by_asset = bases_of(bases, shown)
        self._own: dict[str, list[AssetBasis]] = defaultdict(list)
        for basis in bases:
            if basis.account in shown:
                self._own[basis.asset].append(basis)

    def of(self, asset: str) -> AssetBasis | None:
        return self._by_asset.get(asset)

    def own(self, asset: str) -> Sequence[AssetBasis]:
        """Account by account."""
        return self._own[asset]

    def realised(self) -> Decimal | None:
        """Closed results of every asset, also of those that are no longer held."""
        known = [
            one.realised_pnl for one in self._by_asset.values() if one.realised_pnl is not None
        ]
        return sum(known, ZERO) if known else None

    def averages(self, asset: str) -> tuple[AccountAverage, ...]:
        own = [one for one in self._own[asset] if one.explained_quantity or one.unknown_quantity]
        if len({one.average_entry_price for one in own}) < 2:
            return ()
        return tuple(
            AccountAverage(
                account=one.account or "",
                explained_quantity=one.explained_quantity,
                unknown_quantity=one.unknown_quantity,
                average_entry_price=one.average_entry_price,
            )
            for one in sorted(own, key=lambda one: one.account or "")
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """A holding before the total is known."""

    asset: str
    rows: tuple[Balance, ...]
    quote: PriceQuote | None
    quotes: Mapping[str, PriceQuote]
    value: Decimal | None
    stale_value: Decimal | None
    reconciled: Reconciled
    unrealised: Decimal | None


def _draft(
    asset: str,
    rows: Sequence[Balance],
    graph: PriceGraph,
    ages: _Ages,
    costs: _Costs,
    inside: Inside,
    reporting_asset: str,
) -> _Draft:
    quantity = sum((row.total for row in rows), ZERO)
    quotes = _quotes(asset, rows, graph)
    quote = _best(quotes, rows)
    aged = sum(
        (
            row.total
            for row in rows
            if ages.is_stale(row.account, DataType.BALANCES, row.fetched_at)
        ),
        ZERO,
    )
    value = None if quote is None else quantity * quote.value
    split = reconcile(
        costs.of(asset),
        quantity,
        asset=asset,
        reporting_asset=reporting_asset,
        unrealised_inside=inside.by_asset.get(asset, ZERO),
    )
    known = quote is not None and split.explained != 0 and asset != reporting_asset
    return _Draft(
        asset=asset,
        rows=tuple(rows),
        quote=quote,
        quotes=quotes,
        value=value,
        stale_value=None if quote is None else value if quote.stale else aged * quote.value,
        reconciled=split,
        unrealised=split.explained * quote.value - split.cost
        if known and quote is not None
        else None,
    )


def _quotes(asset: str, rows: Iterable[Balance], graph: PriceGraph) -> dict[str, PriceQuote]:
    """What each holding account would price it at."""
    holders = sorted({row.account for row in rows})
    return {
        account: quote for account in holders if (quote := graph.quote(asset, account)) is not None
    }


def _best(quotes: Mapping[str, PriceQuote], rows: Iterable[Balance]) -> PriceQuote | None:
    held: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for row in rows:
        held[row.account] += row.total
    ranked = sorted(
        quotes,
        key=lambda account: (
            quotes[account].stale,
            len(quotes[account].route),
            -abs(held[account]),
            account,
        ),
    )
    return quotes[ranked[0]] if ranked else None


def _reasons(
    draft: _Draft, costs: _Costs, inside: Inside, findings: Iterable[Finding]
) -> tuple[str, ...]:
    """The reasons in words; one that says that history is missing also says at which accounts, and
    what they lack."""
    reasons = draft.reconciled.reasons
    missing = [reason for reason in reasons if is_about_history(reason)]
    if not missing:
        return tuple(reason_words(reason) for reason in reasons)
    places = place_differences(
        draft.asset,
        bases=costs.own(draft.asset),
        balances=draft.rows,
        findings=findings,
        inside=inside.by_place,
    )
    where = f" ({'; '.join(place.cause for place in places)})" if places else ""
    return tuple(
        reason_words(reason) + (where if reason == missing[-1] else "") for reason in reasons
    )


def _holding(draft: _Draft, costs: _Costs, totals: Totals, reasons: tuple[str, ...]) -> Holding:
    split, quote, basis = draft.reconciled, draft.quote, costs.of(draft.asset)
    return Holding(
        asset=draft.asset,
        quantity=split.balance,
        price=None if quote is None else quote.value,
        price_as_of=None if quote is None else quote.as_of,
        price_route=() if quote is None else quote.route,
        price_state="unpriced" if quote is None else "stale" if quote.stale else "fresh",
        value=draft.value,
        share=published(draft.value / totals.value)
        if draft.value is not None and totals.value > 0
        else None,
        average_entry_price=split.average_entry_price,
        explained_quantity=split.explained,
        unknown_quantity=split.unknown,
        unknown_reasons=reasons,
        unrealised_pnl=draft.unrealised,
        unrealised_fraction=published(draft.unrealised / abs(split.cost))
        if draft.unrealised is not None and split.cost
        else None,
        realised_pnl=None if basis is None else basis.realised_pnl,
        change_24h=None if quote is None else quote.change_24h,
        wallets=tuple(_share(row) for row in draft.rows),
        cost=split.cost if split.explained else None,
        fees_paid=None if basis is None else basis.fees_paid,
        stale_value=draft.stale_value,
        account_averages=costs.averages(draft.asset),
    )


def _share(row: Balance) -> WalletShare:
    return WalletShare(
        account=row.account,
        wallet=row.wallet,
        code=row.code,
        free=row.free,
        used=row.used,
        total=row.total,
        earn=row.earn,
        fetched_at=row.fetched_at,
    )


def _by_value(holding: Holding) -> tuple[bool, Decimal, str]:
    """The most valuable first, the unpriced last."""
    return (holding.value is None, -(holding.value or ZERO), holding.asset)


def _entry_notional(position: Position) -> Decimal | None:
    """What was put at stake, in the settle asset."""
    if not position.entry_price:
        return None
    size = position.contracts * position.contract_size
    return size / position.entry_price if is_inverse(position) else size * position.entry_price


def _read_position(
    position: Position, graph: PriceGraph, ages: _Ages, *, inside: bool
) -> PositionReading:
    unrealised, quote = (
        unrealised_of(position),
        graph.quote(position.settle_asset, position.account),
    )
    notional, mark, liquidation = (
        _entry_notional(position),
        position.mark_price,
        position.liquidation_price,
    )
    aged = ages.is_stale(position.account, DataType.POSITIONS, position.fetched_at)
    return PositionReading(
        position=position,
        unrealised_value=None if unrealised is None or quote is None else unrealised * quote.value,
        unrealised_fraction=published(unrealised / notional)
        if unrealised is not None and notional
        else None,
        liquidation_distance=published(abs(liquidation - mark) / mark)
        if liquidation and mark
        else None,
        in_wallet=inside,
        stale=aged or (quote is not None and quote.stale),
    )


def _totals(
    drafts: Sequence[_Draft], positions: Sequence[PositionReading], costs: _Costs
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
    unpriced |= {
        one.position.settle_asset
        for one in outside
        if one.unrealised_value is None and unrealised_of(one.position) is not None
    }
    change, change_value = _change(drafts)
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


def _change(drafts: Iterable[_Draft]) -> tuple[Decimal | None, Decimal | None]:
    """What the prices of 24 hours did to today's quantities, over the holdings whose change is
    known."""
    known = [
        (draft.value, draft.value / (1 + draft.quote.change_24h))
        for draft in drafts
        if draft.value is not None
        and draft.quote is not None
        and draft.quote.change_24h is not None
    ]
    if not known:
        return None, None
    before = sum((old for _, old in known), ZERO)
    change = sum((new for new, _ in known), ZERO) - before
    return (published(change / before) if before > 0 else None), published(change)


def _oldest(
    balances: Iterable[Balance], positions: Iterable[Position], holdings: Iterable[Holding]
) -> datetime | None:
    times = [row.fetched_at for row in balances]
    times += [row.fetched_at for row in positions]
    times += [holding.price_as_of for holding in holdings if holding.price_as_of is not None]
    return min(times, default=None)
