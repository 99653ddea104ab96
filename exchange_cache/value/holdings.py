"""One asset over all wallets: its price, its value and its cost.

An asset has one price per reading (so that quantity x price = value on the screen): the best quote
among the accounts that hold it. Fresh quotes precede stale ones, then short routes long ones, then
large parts small ones. If the accounts' quotes conflict, one code may be two assets: then each part
has the price of its own account, and the price shown is value / quantity.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from exchange_cache.cost.basis import AssetBasis, bases_of
from exchange_cache.cost.reconcile import Reconciled, is_about_history, reason_words, reconcile
from exchange_cache.cost.unrealised import Inside
from exchange_cache.findings import Finding
from exchange_cache.money import ZERO, published
from exchange_cache.records import Balance, DataType
from exchange_cache.value.freshness import Ages
from exchange_cache.value.places import place_differences
from exchange_cache.value.price_graph import PriceGraph, PriceQuote, conflicting
from exchange_cache.value.reading import AccountAverage, Holding, Totals, WalletShare


class Costs:
    """The basis of an asset for the accounts that are shown."""

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
        """The bases of an asset, one per account."""
        return self._own[asset]

    def realised(self) -> Decimal | None:
        """Closed results of every asset, including assets no longer held."""
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
class Draft:
    """A holding before the total is known."""

    asset: str
    rows: tuple[Balance, ...]
    quote: PriceQuote | None
    quotes: Mapping[str, PriceQuote]
    own_prices: Mapping[str, Decimal]
    value: Decimal | None
    stale_value: Decimal | None
    reconciled: Reconciled
    unrealised: Decimal | None


def draft_holding(
    asset: str,
    rows: Sequence[Balance],
    graph: PriceGraph,
    ages: Ages,
    costs: Costs,
    inside: Inside,
    reporting_asset: str,
) -> Draft:
    quantity = sum((row.total for row in rows), ZERO)
    quotes = _quotes(asset, rows, graph)
    quote = _best(quotes, rows)
    own: dict[str, Decimal] = {}
    if quote is not None and quantity and conflicting(quotes):
        own = {row.account: quotes.get(row.account, quote).value for row in rows}
        quote = _mean(quotes, quote, _value(rows, quote, own), quantity)
    aged = sum(
        (
            row.total
            for row in rows
            if ages.is_stale(row.account, DataType.BALANCES, row.fetched_at)
        ),
        ZERO,
    )
    value = None if quote is None else _value(rows, quote, own)
    split = reconcile(
        costs.of(asset),
        quantity,
        asset=asset,
        reporting_asset=reporting_asset,
        unrealised_inside=inside.by_asset.get(asset, ZERO),
    )
    known = quote is not None and split.explained != 0 and asset != reporting_asset
    return Draft(
        asset=asset,
        rows=tuple(rows),
        quote=quote,
        quotes=quotes,
        own_prices=own,
        value=value,
        stale_value=None if quote is None else value if quote.stale else aged * quote.value,
        reconciled=split,
        unrealised=split.explained * quote.value - split.cost
        if known and quote is not None
        else None,
    )


def _value(rows: Iterable[Balance], quote: PriceQuote, own: Mapping[str, Decimal]) -> Decimal:
    return sum((row.total * own.get(row.account, quote.value) for row in rows), ZERO)


def _mean(
    quotes: Mapping[str, PriceQuote], best: PriceQuote, value: Decimal, quantity: Decimal
) -> PriceQuote:
    """The price of a holding whose parts have different prices, by the routes of all of them."""
    routes = dict.fromkeys(leg for account in sorted(quotes) for leg in quotes[account].route)
    return replace(best, value=published(value / quantity), route=tuple(routes), change_24h=None)


def _quotes(asset: str, rows: Iterable[Balance], graph: PriceGraph) -> dict[str, PriceQuote]:
    """The price of an asset at each account that holds it."""
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
    draft: Draft, costs: Costs, inside: Inside, findings: Iterable[Finding]
) -> tuple[str, ...]:
    """The reasons as sentences; where history is missing, also which part at which accounts."""
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


def finished(
    draft: Draft,
    costs: Costs,
    totals: Totals,
    inside: Inside,
    findings: Iterable[Finding],
) -> Holding:
    """The holding, once the total is known."""
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
        unknown_reasons=_reasons(draft, costs, inside, findings),
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
        own_prices=draft.own_prices,
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


def by_value(holding: Holding) -> tuple[bool, Decimal, str]:
    """The most valuable first, the unpriced last."""
    return (holding.value is None, -(holding.value or ZERO), holding.asset)
