"""Converts fills to events: what was received and given, at which value, and where each fee
belongs.

``events`` explains the decisions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import NamedTuple

from exchange_cache.ledger.converts import moving_fills
from exchange_cache.ledger.events import (
    DERIVATIVE,
    EXPENSE,
    FEE,
    TRADE,
    LedgerEvent,
    Leg,
    cash_leg,
    digest_of,
)
from exchange_cache.ledger.fill_order import fill_order
from exchange_cache.ledger.rates import Rates
from exchange_cache.ledger.results import realised_by_fill
from exchange_cache.money import ZERO, rounded, to_text
from exchange_cache.records import MARGIN, Fill, Side


def fill_events(fills: Iterable[Fill], rates: Rates) -> Iterator[LedgerEvent]:
    """One event per fill that moved assets; for a derivative's fill, its cash side."""
    unique = moving_fills(fills)
    results = realised_by_fill([fill for fill in unique.values() if fill.is_derivative])
    for fill in unique.values():
        yield fill_event(fill, results.get(fill.key, ZERO), rates)


def fill_event(fill: Fill, result: Decimal, rates: Rates) -> LedgerEvent:
    """The event of one fill, no half of a convert; ``result``: what a derivative's fill
    realised."""
    if fill.is_derivative:
        return _derivative_event(fill, result, rates)
    return _trade_event(fill, rates)


class _Fees(NamedTuple):
    """A fill's fees: those in its own assets, the value of those in third assets (None without a
    rate), and the legs of the latter."""

    base: Decimal
    quote: Decimal
    third: Decimal
    legs: tuple[Leg, ...]
    flags: tuple[str, ...]


def _fees(fill: Fill, rates: Rates) -> _Fees:
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
            rate = rates.rate(fee.asset, fill.time)
            if rate is None:
                flags += ("fee_unvalued",)
                legs += (
                    Leg(fee.asset, -fee.amount, None, EXPENSE, at_cost=True, reason="no_rate"),
                )
            else:
                value = rounded(fee.amount * rate.value)
                third += value
                legs += (Leg(fee.asset, -fee.amount, abs(value), FEE, resolution=rate.resolution),)
    return _Fees(base, quote, third, legs, flags)


def _trade_event(fill: Fill, rates: Rates) -> LedgerEvent:
    fees = (
        _fees(fill, rates) if fill.fees or not fill.fees_known else _Fees(ZERO, ZERO, ZERO, (), ())
    )
    buys = fill.side is Side.BUY
    base = fill.quantity - fees.base if buys else fill.quantity + fees.base
    quote = fill.cost + fees.quote if buys else fill.cost - fees.quote
    worth = _fill_value(fill, base, quote, rates)
    value = worth.value
    third_on_base = fill.base != rates.reporting_asset
    base_value = _with_fee(value, fees.third if third_on_base else ZERO, adds=buys)
    quote_value = _with_fee(value, ZERO if third_on_base else fees.third, adds=not buys)
    lends = fill.category == MARGIN
    sides = (
        *_leg(fill.quote, -quote if buys else quote, quote_value, adds=not buys, lends=lends),
        *_leg(fill.base, base if buys else -base, base_value, adds=buys, lends=lends),
    )
    legs = (
        *(leg._replace(resolution=worth.resolution) for leg in sides),
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
        order=_order(fill),
        digest=digest_of(kind, fill.account, source, fill.time, legs, flags),
        subject=fill.base if third_on_base else fill.quote,
        price=fill.price,
        fees=fill.fees,
        fees_value=_fees_value(fill, fees, value, quote),
        flags=flags,
        note=worth.note,
    )


def _order(fill: Fill) -> tuple[object, ...]:
    """The fill's place in ``event_order``: after receipts, in the order of fills."""
    time, account, *places = fill_order(fill)
    return (time, 1, account, *places)


class _Worth(NamedTuple):
    """A fill's value in the reporting asset, fees included (None without a rate), a note on the
    rate, and the width of its candle in seconds."""

    value: Decimal | None
    note: str = ""
    resolution: int = 0


def _fill_value(fill: Fill, base: Decimal, quote: Decimal, rates: Rates) -> _Worth:
    if fill.quote == rates.reporting_asset:
        return _Worth(rounded(quote))
    if fill.base == rates.reporting_asset:
        return _Worth(rounded(base))
    found = rates.rate(fill.quote, fill.time)
    if found is not None:
        return _Worth(rounded(quote * found.value), found.note(fill.quote), found.resolution)
    found = rates.rate(fill.base, fill.time)
    if found is not None and fill.cost:
        value = rounded(fill.quantity * found.value * quote / fill.cost)
        return _Worth(value, found.note(fill.base), found.resolution)
    return _Worth(None, f"no rate for {fill.quote} or {fill.base} at that time")


def _with_fee(value: Decimal | None, fee: Decimal, *, adds: bool) -> Decimal | None:
    if value is None:
        return None
    return value + fee if adds else value - fee


def _leg(
    asset: str, quantity: Decimal, value: Decimal | None, *, adds: bool, lends: bool
) -> tuple[Leg, ...]:
    """One side of a trade. A fee larger than the trade reverses it: an addition becomes a removal
    with a negative value."""
    turned = quantity <= 0 if adds else quantity > 0
    if turned and value is not None:
        value = -value
    return (
        (Leg(asset, quantity, value, TRADE, reason="no_rate", lends=lends),)
        if quantity or value
        else ()
    )


def _unattached(legs: tuple[Leg, ...]) -> tuple[Leg, ...]:
    """The fees of a fill without a value: they cannot be part of a cost, so they are an expense."""
    return tuple(leg._replace(flow=EXPENSE) for leg in legs)


def _fees_value(fill: Fill, fees: _Fees, value: Decimal | None, quote: Decimal) -> Decimal:
    """All fees in the reporting asset, for information: the legs already contain them."""
    if value is None or not (fees.base or fees.quote):
        return fees.third
    in_quote = fees.quote + (fees.base * fill.cost / fill.quantity if fill.quantity else ZERO)
    return fees.third + (rounded(in_quote * value / quote) if quote else ZERO)


def _derivative_event(fill: Fill, result: Decimal, rates: Rates) -> LedgerEvent:
    """The cash side of a derivative's fill: its realised result and its fees."""
    assert fill.settle is not None
    legs: tuple[Leg, ...] = ()
    if result:
        legs += (cash_leg(fill.settle, result, DERIVATIVE, fill.time, rates),)
    fees_value = ZERO
    for fee in fill.fees:
        if fee.amount:
            leg = cash_leg(fee.asset, -fee.amount, EXPENSE, fill.time, rates)
            legs += (leg,)
            fees_value += (
                ZERO if leg.value is None else (leg.value if fee.amount > 0 else -leg.value)
            )
    source = f"{fill.category}/{fill.symbol}/{fill.fill_id}"
    return LedgerEvent(
        time=fill.time,
        kind="derivative",
        account=fill.account,
        symbol=fill.symbol,
        source_id=fill.fill_id,
        legs=legs,
        order=_order(fill),
        digest=digest_of("derivative", fill.account, source, fill.time, legs),
        subject=fill.settle,
        price=fill.price,
        fees=fill.fees,
        fees_value=fees_value,
        flags=() if fill.fees_known else ("fee_missing",),
        note=f"{fill.side} {to_text(fill.quantity)} {fill.base}",
    )
