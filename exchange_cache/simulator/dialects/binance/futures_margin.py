"""The arithmetic of a margin wallet: notional, margins, profit and liquidation price, in the settle
asset.

Cross margin, single-asset mode, as developers.binance.com describes for both families. Nothing here
speaks HTTP.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from exchange_cache.simulator.venue import INVERSE, Balance, Market, Order, Position

ZERO = Decimal(0)
_EIGHT = Decimal("1e-8")

# initial leverage, notional (or contracts' worth in coin) from, to, maintenance ratio, cumulated
# correction
BRACKETS: tuple[tuple[int, int, int, Decimal, Decimal], ...] = (
    (125, 0, 50_000, Decimal("0.004"), ZERO),
    (100, 50_000, 500_000, Decimal("0.005"), Decimal(50)),
    (50, 500_000, 10_000_000, Decimal("0.01"), Decimal(2550)),
    (20, 10_000_000, 80_000_000, Decimal("0.025"), Decimal(152_550)),
)  # fmt: skip
_RATIO = BRACKETS[0][3]


@dataclass(frozen=True, slots=True)
class Exposure:
    """A position at a mark price. `notional` and `amount` carry the side's sign; all money is in
    the settle asset."""

    position: Position
    mark: Decimal

    @property
    def market(self) -> Market:
        return self.position.market

    @property
    def sign(self) -> int:
        return 1 if self.position.side == "long" else -1

    @property
    def amount(self) -> Decimal:
        return self.sign * self.position.contracts

    @property
    def notional(self) -> Decimal:
        return (self.sign * self.position.notional(self.mark)).quantize(_EIGHT)

    @property
    def pnl(self) -> Decimal:
        return self.position.pnl(self.mark)

    @property
    def initial_margin(self) -> Decimal:
        return (abs(self.notional) / self.position.leverage).quantize(_EIGHT)

    @property
    def maintenance_margin(self) -> Decimal:
        return (abs(self.notional) * _RATIO).quantize(_EIGHT)

    @property
    def position_side(self) -> str:
        return self.position.side.upper() if self.position.hedge else "BOTH"

    def liquidation_price(self, wallet_balance: Decimal) -> Decimal:
        """Where the wallet alone no longer carries the position; zero when no price does that."""
        size, entry = self.position.contracts * self.market.contract_size, self.position.entry_price
        if self.market.kind == INVERSE:
            worth = self.sign * size / entry + wallet_balance
            price = size * (self.sign + _RATIO) / worth if worth else ZERO
        else:
            price = (self.sign * entry * size - wallet_balance) / (size * (self.sign - _RATIO))
        return max(price, ZERO).quantize(self.market.tick, rounding=ROUND_DOWN)


@dataclass(frozen=True, slots=True)
class AssetMargin:
    """One asset of a margin wallet with what hangs on it."""

    asset: str
    wallet: Decimal
    pnl: Decimal
    position_margin: Decimal
    order_margin: Decimal
    maintenance: Decimal

    @property
    def balance(self) -> Decimal:
        return self.wallet + self.pnl

    @property
    def initial(self) -> Decimal:
        return self.position_margin + self.order_margin

    @property
    def available(self) -> Decimal:
        return max(ZERO, self.balance - self.initial)

    @property
    def withdrawable(self) -> Decimal:
        return max(ZERO, min(self.wallet, self.balance) - self.initial)


def asset_margin(
    asset: str, held: Balance | None, exposures: Sequence[Exposure], orders: Sequence[Order]
) -> AssetMargin:
    """The margin figures of an asset from the exposures and open orders that settle in it."""
    mine = [e for e in exposures if e.market.settle == asset]
    return AssetMargin(
        asset=asset,
        wallet=ZERO if held is None else held.total,
        pnl=sum((e.pnl for e in mine), ZERO),
        position_margin=sum((e.initial_margin for e in mine), ZERO),
        order_margin=sum((order_margin(o) for o in orders if o.market.settle == asset), ZERO),
        maintenance=sum((e.maintenance_margin for e in mine), ZERO),
    )


def order_margin(order: Order) -> Decimal:
    """What an open order ties up, nothing for a reducing or market one."""
    if order.price is None or order.reduce_only:
        return ZERO
    return (order.market.cost(order.price, order.amount - order.filled) / order.leverage).quantize(
        _EIGHT
    )
