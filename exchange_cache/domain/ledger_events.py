"""Fills and transfers as events whose legs are already valued in the reporting asset: what the cost basis consumes.

A fill has at least two legs: one asset comes, another goes, both at the same value; every fee is inside the legs. The
legs of an event say all there is to know; how an asset's book takes them is the business of ``cost_basis``.

Decisions:
- The value of a fill is what was paid, fees included: the quote's amount (itself, when it is the reporting asset; else
  at its rate at the fill's time), else the base's at its rate. Without any rate the bought part is *unknown* and the
  sold part's cost leaves without a result.
- A fee in a third asset is worth its value at the fill's time: it goes onto the price of what is bought, or off the
  proceeds of what is sold, and the fee asset is disposed of at that same value. So the fee asset's gain or loss since
  it was bought is realised there, once, and money neither appears nor vanishes. Without a rate it leaves at its own cost
  as an expense, and a note says that the average lacks it. A rebate is the same with the other sign.
- A reward is income: it comes in at its market value at receipt; without a rate it is an unknown quantity.
- An unpaired deposit is an unknown quantity, unless the caller names its asset as ``cash``: money of a country costs what
  it is worth on the day, so it comes in at its rate.
- A withdrawal to the outside takes its cost along and realises nothing. A fee outside a trade leaves at its cost.
- A transfer between own accounts is one event at the earlier of its two times, so that clock skew oversells nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple, Protocol

from exchange_cache.domain.derivatives import realised_by_fill
from exchange_cache.domain.money import ZERO, to_text
from exchange_cache.domain.pairing import Pair, Pairing, has_happened
from exchange_cache.domain.quotients import rounded
from exchange_cache.domain.records import Fee, Fill, Side, Transfer, TransferKind

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """What one unit was worth in the reporting asset; ``resolution`` is the width of the candle in seconds (0: exact)."""

    value: Decimal
    route: tuple[str, ...] = ()
    resolution: int = 0


class RateLookup(Protocol):
    """Past prices in the reporting asset; None where none can be had. Never asked for the reporting asset itself."""

    def rate(self, asset: str, at: datetime) -> Rate | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedBasis:
    """What the user says that units without a price cost: ``price`` in the reporting asset. No account: any account."""

    account: str | None
    asset: str
    quantity: Decimal
    price: Decimal
    at: datetime

    def __post_init__(self) -> None:
        if self.quantity <= 0:
            raise ValueError(f"a stated quantity must be positive, not {self.quantity}")
        if self.price < 0:
            raise ValueError(f"a stated price must not be negative, not {self.price}")


#: Flows: where the value of a leg comes from or goes to. Those of trades cancel out over the assets of a fill.
TRADE = "trade"
FEE = "fee"  # of a trade, in a third asset
DEPOSIT = "deposit"
WITHDRAWAL = "withdrawal"
INCOME = "income"
FUNDING = "funding"
DERIVATIVE = "derivative"
EXPENSE = "expense"
MOVE = "move"
FLOWS = (TRADE, FEE, DEPOSIT, WITHDRAWAL, INCOME, FUNDING, DERIVATIVE, EXPENSE, MOVE)


class Leg(NamedTuple):
    """A change of one asset: positive comes, negative goes. ``value`` None: unknown; ``at_cost``: goes at what it cost."""

    asset: str
    quantity: Decimal
    value: Decimal | None
    flow: str
    at_cost: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEvent:
    """One thing that happened at one account (a move: from ``account`` to ``to_account``)."""

    time: datetime
    kind: str  # buy, sell, convert, dust, fiat, deposit, withdrawal, reward, move, fee, funding, derivative, stated, other
    account: str
    symbol: str | None
    source_id: str
    legs: tuple[Leg, ...]
    order: tuple[object, ...]
    digest: bytes
    subject: str  # the asset that the event's fees are booked on
    price: Decimal | None = None
    fees: tuple[Fee, ...] = ()
    fees_value: Decimal = ZERO
    to_account: str | None = None
    flags: tuple[str, ...] = ()  # no_rate, fee_missing, fee_unvalued
    note: str = ""


def natural(text: str) -> tuple[int, str]:
    """An order of ids in which 9 comes before 10."""
    return (len(text), text)


class _Rates:
    """Rates with the reporting asset's own, remembering the routes that were used."""

    def __init__(self, lookup: RateLookup, reporting_asset: str) -> None:
        self._lookup = lookup
        self.reporting_asset = reporting_asset

    def rate(self, asset: str, at: datetime) -> Rate | None:
        return Rate(value=Decimal(1)) if asset == self.reporting_asset else self._lookup.rate(asset, at)

    def value(self, asset: str, quantity: Decimal, at: datetime) -> Decimal | None:
        found = self.rate(asset, at)
        return None if found is None else rounded(quantity * found.value)


def build_events(
    fills: Iterable[Fill],
    transfers: Iterable[Transfer],
    pairing: Pairing,
    *,
    reporting_asset: str,
    rates: RateLookup,
    stated: Sequence[StatedBasis] = (),
    cash: Collection[str] = (),
) -> list[LedgerEvent]:
    """All events in their one order; the order of the input, and rows that come twice, change nothing."""
    own = _Rates(rates, reporting_asset)
    unique = {fill.key: fill for fill in fills}
    derived = [fill for fill in unique.values() if fill.is_derivative]
    results = realised_by_fill(derived)
    events = [_fill_event(fill, own) for fill in unique.values() if not fill.is_derivative]
    events += [_derivative_event(fill, results[fill.key], own) for fill in derived]
    events += _move_events(pairing.pairs, reporting_asset)
    events += _arrivals(transfers, pairing, stated, own, cash)
    events += [_withdrawal_event(transfer) for transfer in pairing.withdrawals]
    events += _other_events(transfers, own)
    events.sort(key=lambda event: event.order)
    return events


def _order(time: datetime, rank: int, account: str, *parts: str) -> tuple[object, ...]:
    """Same instant: arrivals, then trades by id, then moves, then what leaves."""
    return (time, rank, account, parts[0] if parts else "", *(natural(part) for part in parts[1:]))


def _digest(kind: str, account: str, source: str, time: datetime, legs: Iterable[Leg]) -> bytes:
    """The event's inputs in one canonical line: equal numbers give equal lines however they were written."""
    told = ";".join([f"{leg.asset} {leg.quantity.normalize()!s} {leg.value and leg.value.normalize()!s}" for leg in legs])
    return f"{kind}|{account}|{source}|{(time - _EPOCH) // _MILLISECOND}|{told}\n".encode()


class _Fees(NamedTuple):
    """A fill's fees: those in its own assets, the value of those in third assets (None: one has no rate), and their legs."""

    base: Decimal
    quote: Decimal
    third: Decimal
    legs: tuple[Leg, ...]
    flags: tuple[str, ...]


def _fees(fill: Fill, rates: _Rates) -> _Fees:
    base = quote = third = ZERO
    legs: tuple[Leg, ...] = ()
    flags: tuple[str, ...] = () if fill.fees_known else ("fee_missing",)
    for fee in fill.fees:
        if not fee.amount:
            continue
        if fee.asset == fill.base:
            base += fee.amount
        elif fee.asset == fill.quote:
            quote += fee.amount
        else:
            value = rates.value(fee.asset, fee.amount, fill.time)
            if value is None:
                flags += ("fee_unvalued",)
                legs += (Leg(fee.asset, -fee.amount, None, EXPENSE, at_cost=True, reason="no_rate"),)
            else:
                third += value
                legs += (Leg(fee.asset, -fee.amount, abs(value), FEE),)
    return _Fees(base, quote, third, legs, flags)


def _fill_event(fill: Fill, rates: _Rates) -> LedgerEvent:
    fees = _fees(fill, rates) if fill.fees or not fill.fees_known else _Fees(ZERO, ZERO, ZERO, (), ())
    buys = fill.side is Side.BUY
    base = fill.quantity - fees.base if buys else fill.quantity + fees.base
    quote = fill.cost + fees.quote if buys else fill.cost - fees.quote
    value, note = _fill_value(fill, base, quote, rates)
    third_on_base = fill.base != rates.reporting_asset
    base_value = _with_fee(value, fees.third if third_on_base else ZERO, comes=buys)
    quote_value = _with_fee(value, ZERO if third_on_base else fees.third, comes=not buys)
    legs = (
        *_leg(fill.quote, -quote if buys else quote, quote_value, comes=not buys),
        *_leg(fill.base, base if buys else -base, base_value, comes=buys),
        *(fees.legs if value is not None else _unattached(fees.legs)),
    )
    flags = fees.flags if value is not None else ("no_rate", *fees.flags)
    kind = str(fill.side) if fill.kind == "trade" else str(fill.kind)
    source = f"{fill.category}/{fill.symbol}/{fill.fill_id}"
    return LedgerEvent(
        time=fill.time,
        kind=kind,
        account=fill.account,
        symbol=fill.symbol,
        source_id=fill.fill_id,
        legs=legs,
        order=(fill.time, 1, fill.account, fill.category, fill.symbol, len(fill.fill_id), fill.fill_id),
        digest=_digest(kind, fill.account, source, fill.time, legs),
        subject=fill.base if third_on_base else fill.quote,
        price=fill.price,
        fees=fill.fees,
        fees_value=_fees_value(fill, fees, value, quote),
        flags=flags,
        note=note,
    )


def _fill_value(fill: Fill, base: Decimal, quote: Decimal, rates: _Rates) -> tuple[Decimal | None, str]:
    """What changed hands, in the reporting asset and with the fees in base and quote, and a note on the rate that was used."""
    if fill.quote == rates.reporting_asset:
        return rounded(quote), ""
    if fill.base == rates.reporting_asset:
        return rounded(base), ""
    found = rates.rate(fill.quote, fill.time)
    if found is not None:
        return rounded(quote * found.value), _rate_note(fill.quote, found)
    found = rates.rate(fill.base, fill.time)
    if found is not None and fill.cost:
        return rounded(fill.quantity * found.value * quote / fill.cost), _rate_note(fill.base, found)
    return None, f"no rate of {fill.quote} or {fill.base} at that time"


def _rate_note(asset: str, rate: Rate) -> str:
    return f"1 {asset} = {to_text(rounded(rate.value))} by {' x '.join(rate.route) or 'the rate given'} within {rate.resolution} s"


def _with_fee(value: Decimal | None, fee: Decimal, *, comes: bool) -> Decimal | None:
    if value is None:
        return None
    return value + fee if comes else value - fee


def _leg(asset: str, quantity: Decimal, value: Decimal | None, *, comes: bool) -> tuple[Leg, ...]:
    """One side of a trade. A fee larger than the trade turns its side round: what should come goes, for a negative value."""
    turned = quantity <= 0 if comes else quantity > 0
    if turned and value is not None:
        value = -value
    return (Leg(asset, quantity, value, TRADE, reason="no_rate"),) if quantity or value else ()


def _unattached(legs: tuple[Leg, ...]) -> tuple[Leg, ...]:
    """Fees of a fill that has no value: nothing can carry them, so they are an expense of their own."""
    return tuple(leg._replace(flow=EXPENSE) for leg in legs)


def _fees_value(fill: Fill, fees: _Fees, value: Decimal | None, quote: Decimal) -> Decimal:
    """All fees of the fill in the reporting asset, for information: they are inside the legs already."""
    if value is None or not (fees.base or fees.quote):
        return fees.third
    in_quote = fees.quote + (fees.base * fill.cost / fill.quantity if fill.quantity else ZERO)
    return fees.third + (rounded(in_quote * value / quote) if quote else ZERO)


def _derivative_event(fill: Fill, result: Decimal, rates: _Rates) -> LedgerEvent:
    """The cash side of a derivative's fill: its realised result and its fees; the exposure itself is no holding."""
    assert fill.settle is not None
    legs: tuple[Leg, ...] = ()
    if result:
        legs += (_cash(fill.settle, result, DERIVATIVE, fill.time, rates),)
    fees_value = ZERO
    for fee in fill.fees:
        if fee.amount:
            leg = _cash(fee.asset, -fee.amount, EXPENSE, fill.time, rates)
            legs += (leg,)
            fees_value += ZERO if leg.value is None else (leg.value if fee.amount > 0 else -leg.value)
    source = f"{fill.category}/{fill.symbol}/{fill.fill_id}"
    return LedgerEvent(
        time=fill.time,
        kind="derivative",
        account=fill.account,
        symbol=fill.symbol,
        source_id=fill.fill_id,
        legs=legs,
        order=(fill.time, 1, fill.account, fill.category, fill.symbol, len(fill.fill_id), fill.fill_id),
        digest=_digest("derivative", fill.account, source, fill.time, legs),
        subject=fill.settle,
        price=fill.price,
        fees=fill.fees,
        fees_value=fees_value,
        flags=() if fill.fees_known else ("fee_missing",),
        note=f"{fill.side} {to_text(fill.quantity)} {fill.base}",
    )


def _cash(asset: str, quantity: Decimal, flow: str, at: datetime, rates: _Rates) -> Leg:
    """Money that comes or goes without a counterpart; what goes without a rate goes at its cost."""
    value = rates.value(asset, abs(quantity), at)
    return Leg(asset, quantity, value, flow, at_cost=value is None and quantity < 0, reason="no_rate")


def _move_events(pairs: Iterable[Pair], reporting_asset: str) -> Iterator[LedgerEvent]:
    for pair in pairs:
        left, arrived = pair.withdrawal, pair.deposit
        moved = min(left.quantity, arrived.quantity)
        fees = _fee_legs(left.fee, burnt=left.quantity - moved, asset=left.asset)
        fees += _fee_legs(arrived.fee, burnt=ZERO, asset=arrived.asset)
        more = arrived.quantity - moved
        legs = (Leg(left.asset, moved, None, MOVE), *fees)
        if more:
            legs += (Leg(left.asset, more, more if left.asset == reporting_asset else None, DEPOSIT, reason="deposit"),)
        time = min(left.time, arrived.time)
        yield LedgerEvent(
            time=time,
            kind="move",
            account=left.account,
            symbol=None,
            source_id=left.transfer_id,
            legs=legs,
            order=_order(time, 2, left.account, left.scope, left.transfer_id),
            digest=_digest("move", left.account, f"{left.transfer_id}>{arrived.account}/{arrived.transfer_id}", time, legs),
            subject=left.asset,
            fees=tuple(fee for fee in (left.fee, arrived.fee) if fee is not None),
            to_account=arrived.account,
            note=f"{left.account} -> {arrived.account}, paired by {pair.by}",
        )


def _fee_legs(fee: Fee | None, *, burnt: Decimal, asset: str) -> tuple[Leg, ...]:
    """The fee besides the quantity of a transfer, and what was lost on the way."""
    legs: tuple[Leg, ...] = ()
    if fee is not None and fee.amount:
        legs += (Leg(fee.asset, -fee.amount, None, EXPENSE, at_cost=fee.amount > 0, reason="rebate"),)
    if burnt:
        legs += (Leg(asset, -burnt, None, EXPENSE, at_cost=True),)
    return legs


def _withdrawal_event(transfer: Transfer) -> LedgerEvent:
    legs = (
        Leg(transfer.asset, -transfer.quantity, None, WITHDRAWAL, at_cost=True),
        *_fee_legs(transfer.fee, burnt=ZERO, asset=transfer.asset),
    )
    return _transfer_event(transfer, "withdrawal", 3, tuple(leg for leg in legs if leg.quantity))


def _transfer_event(transfer: Transfer, kind: str, rank: int, legs: tuple[Leg, ...], note: str = "") -> LedgerEvent:
    return LedgerEvent(
        time=transfer.time,
        kind=kind,
        account=transfer.account,
        symbol=transfer.symbol,
        source_id=transfer.transfer_id,
        legs=legs,
        order=_order(transfer.time, rank, transfer.account, transfer.scope, transfer.transfer_id),
        digest=_digest(kind, transfer.account, f"{transfer.scope}/{transfer.transfer_id}", transfer.time, legs),
        subject=transfer.asset,
        fees=() if transfer.fee is None else (transfer.fee,),
        note=note,
    )


def _other_events(transfers: Iterable[Transfer], rates: _Rates) -> Iterator[LedgerEvent]:
    """What is neither a deposit nor a withdrawal nor (a reward that may have a stated basis) an arrival."""
    unique = {transfer.key: transfer for transfer in transfers if transfer.status == "ok"}
    for transfer in unique.values():
        kind, quantity = transfer.kind, transfer.quantity
        fee = _fee_legs(transfer.fee, burnt=ZERO, asset=transfer.asset)
        if kind is TransferKind.INTERNAL and fee:
            yield _transfer_event(transfer, "fee", 3, fee)
        elif kind is TransferKind.FUNDING:
            leg = _cash(transfer.asset, quantity, FUNDING, transfer.time, rates)
            yield _transfer_event(transfer, "funding", 0 if quantity > 0 else 3, (*((leg,) if quantity else ()), *fee))
        elif kind is TransferKind.FEE:
            leg = _cash(transfer.asset, quantity, EXPENSE, transfer.time, rates)
            yield _transfer_event(
                transfer, "fee", 0 if quantity > 0 else 3, (*((leg._replace(at_cost=quantity < 0),) if quantity else ()), *fee)
            )
        elif kind is TransferKind.OTHER and quantity < 0:
            yield _transfer_event(transfer, "other", 3, (Leg(transfer.asset, quantity, None, WITHDRAWAL, at_cost=True), *fee))


def _arrivals(
    transfers: Iterable[Transfer], pairing: Pairing, stated: Sequence[StatedBasis], rates: _Rates, cash: Collection[str]
) -> Iterator[LedgerEvent]:
    """Deposits, rewards and other income, with what the user has said about their cost, and the rest of what was said."""
    kinds = (TransferKind.REWARD, TransferKind.OTHER)
    income = {t.key: t for t in transfers if t.kind in kinds and has_happened(t) and t.quantity > 0}
    coming = sorted((*pairing.deposits, *income.values()), key=lambda transfer: (transfer.time, transfer.key))
    values = {transfer.key: _arrival_value(transfer, rates, cash) for transfer in coming}
    unpriced = [transfer for transfer in coming if values[transfer.key] is None]
    told, left = _allocate(stated, unpriced)
    for transfer in coming:
        yield _arrival_event(transfer, values[transfer.key], told.get(transfer.key, ()))
    yield from (_stated_event(statement) for statement in left if statement.account is not None)


def _arrival_value(transfer: Transfer, rates: _Rates, cash: Collection[str]) -> Decimal | None:
    known = transfer.asset == rates.reporting_asset or (transfer.kind is TransferKind.DEPOSIT and transfer.asset in cash)
    if known or transfer.kind is TransferKind.REWARD:
        return rates.value(transfer.asset, transfer.quantity, transfer.time)
    return None


def _allocate(
    stated: Sequence[StatedBasis], arrivals: list[Transfer]
) -> tuple[Mapping[tuple[str, str, str], tuple[StatedBasis, ...]], list[StatedBasis]]:
    """Give each statement to the arrivals of its asset nearest to its time; what finds none is handed back."""
    open_quantity = {transfer.key: transfer.quantity for transfer in arrivals}
    told: dict[tuple[str, str, str], tuple[StatedBasis, ...]] = {}
    left: list[StatedBasis] = []
    for statement in sorted(stated, key=lambda one: (one.at, one.asset, one.account or "", one.quantity, one.price)):
        fitting = [t for t in arrivals if t.asset == statement.asset and statement.account in (None, t.account)]
        rest = statement.quantity
        for transfer in sorted(fitting, key=lambda t: (abs(t.time - statement.at), t.key)):
            part = min(rest, open_quantity[transfer.key])
            if part > 0:
                open_quantity[transfer.key] -= part
                rest -= part
                told[transfer.key] = (*told.get(transfer.key, ()), replace(statement, quantity=part))
        if rest > 0:
            left.append(replace(statement, quantity=rest))
    return told, left


def _arrival_event(transfer: Transfer, value: Decimal | None, told: tuple[StatedBasis, ...]) -> LedgerEvent:
    kind = str(transfer.kind)
    flow = INCOME if transfer.kind is TransferKind.REWARD else DEPOSIT
    rest = transfer.quantity - sum((statement.quantity for statement in told), ZERO)
    legs = tuple(Leg(transfer.asset, one.quantity, rounded(one.quantity * one.price), DEPOSIT) for one in told)
    if rest > 0:
        legs += (Leg(transfer.asset, rest, value, flow, reason=kind),)
    note = "" if not told else "cost as stated: " + ", ".join(f"{to_text(one.quantity)} at {to_text(one.price)}" for one in told)
    return _transfer_event(transfer, kind, 0, (*legs, *_fee_legs(transfer.fee, burnt=ZERO, asset=transfer.asset)), note)


def _stated_event(statement: StatedBasis) -> LedgerEvent:
    """Units that no record shows arriving, of which the user says when and at which price they came."""
    account = statement.account or ""
    legs = (Leg(statement.asset, statement.quantity, rounded(statement.quantity * statement.price), DEPOSIT),)
    source = f"stated/{to_text(statement.quantity)}@{to_text(statement.price)}"
    return LedgerEvent(
        time=statement.at,
        kind="stated",
        account=account,
        symbol=None,
        source_id=source,
        legs=legs,
        order=_order(statement.at, 0, account, "stated", source),
        digest=_digest("stated", account, source, statement.at, legs),
        subject=statement.asset,
        price=statement.price,
        note="opening quantity as stated",
    )
