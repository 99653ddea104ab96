"""Spot fills as an exchange's own average counts them: quantities of one asset, valued in the
figure's unit.

Valuing a trade may need past rates. Each is known only to within its candle's range, so every worth
has a relative error. Used only by ``reported_averages``.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from exchange_cache.cost.reconcile import ROUNDING
from exchange_cache.ledger.rates import Rate, Rates
from exchange_cache.money import FIAT, ZERO, rounded
from exchange_cache.records import AverageMethod, Fee, Fill, Side

#: The assumed relative distance of a price from the close of its hour; a longer candle increases it
#: by the square root of its length.
HOURLY_MOVE = Decimal("0.05")
#: The same for national currencies and assets pegged to them.
HOURLY_MOVE_OF_MONEY = Decimal("0.005")
_MONEY = FIAT | {"USDT", "USDC", "DAI", "FDUSD", "TUSD", "USDG", "EURC"}
_HOUR_SECONDS = 3600


class AssetTrade(NamedTuple):
    """A spot fill seen from one asset; ``net`` is after fees in that asset."""

    adds: bool
    gross: Decimal
    net: Decimal
    fill: Fill


class Worth(NamedTuple):
    """The worth of a trade in a unit, its fees in other assets, and the relative error of both by
    their rates."""

    value: Decimal
    fees: Decimal
    slack: Decimal


def asset_trade(fill: Fill, asset: str) -> AssetTrade:
    """The side of a spot fill that concerns ``asset``, which is its base or its quote."""
    own_base = fill.base == asset
    adds = (fill.side is Side.BUY) == own_base
    gross = fill.quantity if own_base else fill.cost
    inside = sum((fee.amount for fee in fill.fees if fee.asset == asset), ZERO)
    return AssetTrade(adds, gross, gross - inside if adds else gross + inside, fill)


class Start(NamedTuple):
    """Where the present holding begins: the time of its first trade (None: nothing is held), how
    many trades of that very time are older, and whether any are."""

    since: datetime | None
    skipped: int
    older: bool


def present_start(trades: Iterable[AssetTrade]) -> Start | None:
    """The beginning of the trades since nothing was held; None if more was sold than bought."""
    held, older, moment, before = ZERO, False, None, 0
    start: tuple[datetime, int] | None = None
    for trade in trades:
        before = before + 1 if trade.fill.time == moment else 0
        moment = trade.fill.time
        start = start or (moment, before)
        held += trade.net if trade.adds else -trade.net
        if held < -trade.net * ROUNDING:
            return None
        if held <= 0:
            held, older, start = ZERO, True, None
    return Start(None, 0, older) if start is None else Start(*start, older)


def worth_in(unit: str, trade: AssetTrade, asset: str, rates: Rates) -> Worth | None:
    """The worth of a trade in ``unit``; None without a rate. It looks up all rates, so that all of
    them are fetched."""
    fill = trade.fill
    value = _worth(unit, fill.quote, fill.cost, fill.time, rates)
    fees = [_fee(unit, fee, fill, rates) for fee in fill.fees if fee.asset != asset]
    if value is None or None in fees:
        return None
    return Worth(value[0], sum((fee[0] for fee in fees if fee is not None), ZERO), value[1])


def _fee(unit: str, fee: Fee, fill: Fill, rates: Rates) -> tuple[Decimal, Decimal] | None:
    """The worth of a fee; a fee in the base is valued at the fill's own price."""
    if fee.asset == fill.base:
        return _worth(unit, fill.quote, fee.amount * fill.price, fill.time, rates)
    return _worth(unit, fee.asset, fee.amount, fill.time, rates)


def _worth(
    unit: str, asset: str, amount: Decimal, at: datetime, rates: Rates
) -> tuple[Decimal, Decimal] | None:
    if asset == unit:
        return amount, ZERO
    own, per = rates.rate(asset, at), rates.rate(unit, at)
    if own is None or per is None or not per.value:
        return None
    return rounded(amount * own.value / per.value), _move(asset, own) + _move(unit, per)


def _move(asset: str, rate: Rate) -> Decimal:
    hourly = HOURLY_MOVE_OF_MONEY if asset in _MONEY else HOURLY_MOVE
    return rounded(hourly * (Decimal(rate.resolution) / _HOUR_SECONDS).sqrt())


class Figure:
    """The figure after trades, one after another, with fees included or excluded, every rate off by
    its error in one direction (``edge``: -1 gives the low end, 1 the high end)."""

    def __init__(self, method: AverageMethod, *, fees: bool, edge: int) -> None:
        self._method, self._fees, self._edge = method, fees, edge
        self._size = self._cost = self._spent = ZERO
        self._exists = True

    def add(self, trade: AssetTrade, worth: Worth) -> None:
        quantity = trade.net if self._fees else trade.gross
        fee = worth.fees if self._fees else ZERO
        drift = self._edge * worth.value * worth.slack
        if trade.adds:
            paid = worth.value + fee + drift
            self._size += quantity
            self._cost += paid
            self._spent += paid
        elif quantity >= self._size:
            self._exists = False
        if trade.adds or not self._exists:
            return
        self._cost -= rounded(self._cost * quantity / self._size)
        self._size -= quantity
        self._spent -= worth.value - fee - drift

    def value(self) -> Decimal | None:
        """None if the figure does not exist: without the rebates, all was sold in between."""
        if not self._exists:
            return None
        return (self._cost if self._method is AverageMethod.MOVING else self._spent) / self._size
