"""Open derivative positions: what a fill does to them, and the profit or loss it realises.

One-way accounts hold one position per market, and a fill against it reduces or flips it. Hedge-mode
orders carry a `position_side` and touch only that side.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from exchange_cache.simulator.venue.records import INVERSE, ZERO, Market, Order, Position

PositionKey = tuple[str, str, str]  # account, symbol, "net" | "long" | "short"


@dataclass(frozen=True, slots=True)
class Change:
    """What a fill did: contracts closed and the pnl realised by closing them."""

    closed: Decimal
    pnl: Decimal


class Positions:
    """All open positions of the venue."""

    def __init__(self) -> None:
        self._open: dict[PositionKey, Position] = {}

    def of(self, account: str) -> list[Position]:
        return [p for key, p in list(self._open.items()) if key[0] == account]

    def get(self, account: str, symbol: str, position_side: str | None = None) -> Position | None:
        return self._open.get((account, symbol, position_side or "net"))

    def apply(self, order: Order, amount: Decimal, price: Decimal, time_ms: int) -> Change:
        """Let a fill of `amount` contracts act on the position it belongs to."""
        key = (order.account, order.symbol, order.position_side or "net")
        position = self._open.get(key)
        adds_to = order.position_side or ("long" if order.side == "buy" else "short")
        closing = (order.side == "sell") == (adds_to == "long") if order.position_side else False
        if position is None:
            self._open[key] = self._opened(order, adds_to, amount, price, time_ms)
            return Change(ZERO, ZERO)
        if position.side == adds_to and not closing:
            position.entry_price = _mean_entry(position, amount, price)
            position.contracts += amount
            position.updated_ms = time_ms
            return Change(ZERO, ZERO)
        return self._reduce(key, position, order, amount, price, time_ms)

    def deliver(self, account: str, market: Market, price: Decimal) -> Decimal | None:
        """Close the one-way position of a market that ends, at its delivery price; returns the
        result, None where there is no position."""
        position = self._open.pop((account, market.symbol, "net"), None)
        return None if position is None else position.pnl(price, position.contracts)

    def _reduce(
        self,
        key: PositionKey,
        position: Position,
        order: Order,
        amount: Decimal,
        price: Decimal,
        time_ms: int,
    ) -> Change:
        closed = min(amount, position.contracts)
        pnl = position.pnl(price, closed)
        position.contracts -= closed
        position.realised_pnl += pnl
        position.updated_ms = time_ms
        if position.contracts == 0:
            del self._open[key]
        if amount > closed:
            side = "long" if order.side == "buy" else "short"
            self._open[key] = self._opened(order, side, amount - closed, price, time_ms)
        return Change(closed, pnl)

    @staticmethod
    def _opened(order: Order, side: str, amount: Decimal, price: Decimal, time_ms: int) -> Position:
        return Position(
            exchange=order.exchange,
            account=order.account,
            market=order.market,
            side=side,
            hedge=order.position_side is not None,
            wallet=order.wallet,
            contracts=amount,
            entry_price=price,
            leverage=order.leverage,
            opened_ms=time_ms,
            updated_ms=time_ms,
        )


def _mean_entry(position: Position, amount: Decimal, price: Decimal) -> Decimal:
    total = position.contracts + amount
    if position.market.kind == INVERSE:
        return (total / (position.contracts / position.entry_price + amount / price)).quantize(
            Decimal("1e-8")
        )
    return ((position.contracts * position.entry_price + amount * price) / total).quantize(
        Decimal("1e-8")
    )
