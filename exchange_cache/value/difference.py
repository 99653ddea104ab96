"""Why the value changed between two moments, cause by cause, and the unexplained rest.

Every part is computed independently, and they add up to the last digit. For each asset:

- *price*: the effect of its price change on the units held at the start, and, from their own time
  on, on deposits, withdrawals, fees, funding and rewards.
- *trades*: purchases and sales at the prices of the end, which is what trading gained or lost
  compared with holding. It contains the closed results of derivatives.
- the other causes: at the prices of their own time or, where unknown, at the price of the end.
- *open positions*: the change of their unrealised result.
- *unpriced*: what a price that is known at one of the two times only seems to add or remove.
- *unexplained*: what the balances hold beyond all stored fills and transfers, at the price of the
  end. It is zero when the histories are complete. Otherwise it is an alarm: units were removed or
  received in a way that the exchange does not report.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from decimal import Context, Decimal, localcontext

from exchange_cache.cost.unrealised import unrealised_of
from exchange_cache.ledger.replay import Cause, Flow, Place
from exchange_cache.money import ZERO
from exchange_cache.value.reading import PortfolioReading

#: Exact for sums and products of prices (34 digits) and quantities.
_WIDE = Context(prec=200)

WalletPlace = tuple[str, str, str]  # account, wallet, asset

#: The price of an asset in the reporting asset at a moment; None if unknown.
PriceAt = Callable[[str, datetime], Decimal | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The holdings at a moment: ``quantities`` without unrealised results, true at ``times`` (per
    account); prices by asset; ``wallets`` has the totals of the known wallets. ``open_results`` are
    by settle asset, in the reporting asset, wherever the exchange books them."""

    at: datetime
    quantities: Mapping[Place, Decimal]
    prices: Mapping[str, Decimal]
    open_results: Mapping[str, Decimal]
    times: Mapping[str, datetime]
    observed: bool = True  # False: replayed from the ledger, so nothing is unexplained
    partial: bool = False  # it contains what is only assumed, because nothing is known of it
    wallets: Mapping[WalletPlace, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The change of one asset (or of all) in the reporting asset, part by part."""

    price: Decimal = ZERO
    trades: Decimal = ZERO
    deposits: Decimal = ZERO
    withdrawals: Decimal = ZERO
    moves: Decimal = ZERO
    unread_wallets: Decimal = ZERO
    subscribed: Decimal = ZERO
    adjustments: Decimal = ZERO
    unclassified: Decimal = ZERO
    fees: Decimal = ZERO
    funding: Decimal = ZERO
    rewards: Decimal = ZERO
    open_positions: Decimal = ZERO
    unpriced: Decimal = ZERO
    unexplained: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        with localcontext(_WIDE):
            return sum((getattr(self, one.name) for one in fields(self)), ZERO)


PARTS = tuple(one.name for one in fields(Parts))


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetDifference:
    """One asset: its quantity and value before and after, and the reasons for the difference."""

    asset: str
    quantity_before: Decimal
    quantity_after: Decimal
    value_before: Decimal
    value_after: Decimal
    parts: Parts
    priced_before: bool = True  # False: held at the start, without a known price
    priced_after: bool = True  # False: held or moved, without a known price at the end


@dataclass(frozen=True, slots=True, kw_only=True)
class Unexplained:
    """A quantity of one account that no stored fill or transfer explains; ``value`` at the last
    known price, or None."""

    account: str
    asset: str
    quantity: Decimal
    value: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """``value_after`` - ``value_before`` = ``parts.total``, to the last digit."""

    reporting_asset: str
    start: datetime
    end: datetime
    value_before: Decimal
    value_after: Decimal
    parts: Parts
    assets: tuple[AssetDifference, ...]
    unexplained: tuple[Unexplained, ...]
    observed_since: datetime | None  # outflows are detectable since; None: never
    priced_late: tuple[str, ...]  # assets with flows valued at the price of the end
    partial: bool = False  # the value before contains what is only assumed

    @property
    def unpriced_before(self) -> tuple[str, ...]:
        """The assets that were held at the start and have no price of that time."""
        return tuple(sorted(row.asset for row in self.assets if not row.priced_before))

    @property
    def unpriced_after(self) -> tuple[str, ...]:
        """The assets that were held or moved and have no price of the end."""
        return tuple(sorted(row.asset for row in self.assets if not row.priced_after))

    @property
    def comparable(self) -> Decimal:
        """The change without what a missing price only seems to add or remove."""
        with localcontext(_WIDE):
            return self.parts.total - self.parts.unpriced

    @property
    def fraction(self) -> Decimal | None:
        """The comparable change as a share of the same holdings before it; None if they are not
        known, or if what has no price was traded in between, too."""
        priced = [row for row in self.assets if row.priced_before and row.priced_after]
        others = [row for row in self.assets if row not in priced]
        with localcontext(_WIDE):
            before = sum((row.value_before for row in priced), ZERO)
            apart = all(row.parts.total == row.parts.unpriced for row in others)
            known = apart and before > 0 and not self.partial
            return self.comparable / before if known else None


def standing_of(reading: PortfolioReading) -> Standing:
    """Convert a reading to a standing."""
    quantities: dict[Place, Decimal] = defaultdict(lambda: ZERO)
    results: dict[str, Decimal] = defaultdict(lambda: ZERO)
    times: dict[str, datetime] = {}
    wallets: dict[WalletPlace, Decimal] = defaultdict(lambda: ZERO)
    with localcontext(_WIDE):
        prices = {
            holding.asset: holding.price
            for holding in reading.holdings
            if holding.price is not None
        }
        for holding in reading.holdings:
            for part in holding.wallets:
                quantities[part.account, holding.asset] += part.total
                wallets[part.account, part.wallet, holding.asset] += part.total
                times[part.account] = min(part.fetched_at, times.get(part.account, part.fetched_at))
        for own in reading.positions:
            position, result = own.position, unrealised_of(own.position)
            if own.in_wallet and result:
                quantities[position.account, position.settle_asset] -= result
                results[position.settle_asset] += result * prices.get(position.settle_asset, ZERO)
            elif not own.in_wallet and own.unrealised_value is not None:
                results[position.settle_asset] += own.unrealised_value
    return Standing(
        at=reading.as_of,
        quantities={place: quantity for place, quantity in quantities.items() if quantity},
        prices={reading.reporting_asset: Decimal(1), **prices},
        open_results=dict(results),
        times={account: times.get(account, reading.as_of) for account in reading.accounts},
        wallets=dict(wallets),
    )


def difference(
    start: Standing,
    end: Standing,
    flows: Iterable[Flow],
    *,
    reporting_asset: str,
    price_at: PriceAt,
) -> Difference:
    """Explain the difference by ``flows``, which have at least those of the accounts in between."""
    with localcontext(_WIDE):
        between = [flow for flow in flows if lies_between(flow, start, end)]
        end = replace(end, prices=_with_replaced(end.prices, between))
        late: set[str] = set()
        missing = _unexplained(start, end, between)
        known = {**start.prices, **end.prices}  # an asset no longer held has no price at the end
        moved: dict[str, list[Flow]] = defaultdict(list)
        for flow in between:
            moved[flow.asset].append(flow)
        assets = moved.keys() | {asset for _, asset in (*start.quantities, *end.quantities)}
        assets |= start.open_results.keys() | end.open_results.keys()
        rows = []
        for asset in sorted(assets):
            gone = sum((quantity for (_, name), quantity in missing.items() if name == asset), ZERO)
            rows.append(_asset(asset, start, end, moved.get(asset, ()), gone, price_at, late))
        rows.sort(key=lambda row: (-abs(row.parts.total), row.asset))
        return Difference(
            reporting_asset=reporting_asset,
            start=start.at,
            end=end.at,
            value_before=sum((row.value_before for row in rows), ZERO),
            value_after=sum((row.value_after for row in rows), ZERO),
            parts=Parts(
                **{name: sum((getattr(row.parts, name) for row in rows), ZERO) for name in PARTS}
            ),
            assets=tuple(rows),
            unexplained=tuple(
                _valued(place, quantity, known)
                for place, quantity in sorted(missing.items())
                if quantity
            ),
            observed_since=start.at if start.observed and end.observed else None,
            priced_late=tuple(sorted(late)),
            partial=start.partial,
        )


def completed(
    start: Standing, end: Standing, flows: Iterable[Flow], price_at: PriceAt
) -> tuple[Standing, Standing]:
    """Both standings, with stored prices of their times for what they do not price themselves: an
    asset that is no longer held at the end, or whose price was fetched later."""
    between = [flow for flow in flows if lies_between(flow, start, end)]
    end = replace(end, prices=_with_replaced(end.prices, between))
    held = {asset for _, asset in start.quantities}
    later = {asset for _, asset in end.quantities} | {flow.asset for flow in between}
    return _priced(start, held, price_at), _priced(end, held | later, price_at)


def _priced(known: Standing, assets: Iterable[str], price_at: PriceAt) -> Standing:
    missing = sorted(set(assets) - known.prices.keys())
    found = {asset: price_at(asset, known.at) for asset in missing}
    prices = {asset: price for asset, price in found.items() if price is not None}
    return replace(known, prices={**known.prices, **prices})


def lies_between(flow: Flow, start: Standing, end: Standing) -> bool:
    """Whether a flow happened after its account was seen at the start, and before the end."""
    if flow.account not in start.times and flow.account not in end.times:
        return False
    return (
        start.times.get(flow.account, start.at) < flow.time <= end.times.get(flow.account, end.at)
    )


def _unexplained(start: Standing, end: Standing, between: Iterable[Flow]) -> dict[Place, Decimal]:
    missing: dict[Place, Decimal] = defaultdict(lambda: ZERO)
    for place, quantity in end.quantities.items():
        missing[place] += quantity
    for place, quantity in start.quantities.items():
        missing[place] -= quantity
    for flow in between:
        missing[flow.account, flow.asset] -= flow.quantity
    return missing


def _asset(
    asset: str,
    start: Standing,
    end: Standing,
    own: Iterable[Flow],
    gone: Decimal,
    price_at: PriceAt,
    late: set[str],
) -> AssetDifference:
    before = sum(
        (quantity for (_, name), quantity in start.quantities.items() if name == asset), ZERO
    )
    after = sum((quantity for (_, name), quantity in end.quantities.items() if name == asset), ZERO)
    then, now = start.prices.get(asset), end.prices.get(asset)
    result_before, result_after = (
        start.open_results.get(asset, ZERO),
        end.open_results.get(asset, ZERO),
    )
    sums: dict[str, Decimal] = dict.fromkeys(PARTS, ZERO)
    sums["open_positions"] = result_after - result_before
    sums["unexplained"] = gone * (now or ZERO)
    if then is not None and now is not None:
        sums["price"] = before * (now - then)
    else:
        sums["unpriced"] = before * (now or ZERO) - before * (then or ZERO)
    for flow in own if now is not None else ():
        assert now is not None
        at_time = now if flow.cause is Cause.TRADES else _price_then(flow, price_at)
        if at_time is None:
            late.add(asset)
            at_time = now if flow.worth is None else _worth_now(flow.worth, end, now)
        sums[str(flow.cause)] += flow.quantity * at_time
        sums["price"] += flow.quantity * (now - at_time)
    return AssetDifference(
        asset=asset,
        quantity_before=before,
        quantity_after=after,
        value_before=before * (then or ZERO) + result_before,
        value_after=after * (now or ZERO) + result_after,
        parts=Parts(**sums),
        priced_before=then is not None or not before,
        priced_after=now is not None,
    )


def _with_replaced(prices: Mapping[str, Decimal], between: Iterable[Flow]) -> dict[str, Decimal]:
    """The prices, and for an asset that an event turned into another one the price of what it
    became."""
    found = dict(prices)
    for flow in between:
        if flow.worth is not None and flow.worth[0] in found:
            found.setdefault(flow.asset, found[flow.worth[0]] * flow.worth[1])
    return found


def _price_then(flow: Flow, price_at: PriceAt) -> Decimal | None:
    """The price of one unit at the time of a flow, or of what it is worth then."""
    if flow.worth is None:
        return price_at(flow.asset, flow.priced_at)
    asset, units = flow.worth
    found = price_at(asset, flow.priced_at)
    return None if found is None else found * units


def _worth_now(worth: tuple[str, Decimal], end: Standing, otherwise: Decimal) -> Decimal:
    price = end.prices.get(worth[0])
    return otherwise if price is None else price * worth[1]


def _valued(place: Place, quantity: Decimal, prices: Mapping[str, Decimal]) -> Unexplained:
    price = prices.get(place[1])
    return Unexplained(
        account=place[0],
        asset=place[1],
        quantity=quantity,
        value=None if price is None else quantity * price,
    )
