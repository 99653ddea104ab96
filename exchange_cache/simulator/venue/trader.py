"""Executes orders: the only place that makes Orders and Fills and books what they cost.

`place` opens an order and holds its money, `fill` executes a part of it, `finish` closes it.
Callers decide when and at which price; the trader sees to steps, fees, holds, positions and the
ledger.
"""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_UP, Decimal
from typing import TYPE_CHECKING

from exchange_cache.simulator.venue.records import SPOT, ZERO, Fill, Market, Order, VenueError

if TYPE_CHECKING:
    from exchange_cache.simulator.venue.state import State

_EIGHT = Decimal("1e-8")


class Trader:
    """Order execution over the venue's state."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.pays_with_coin: set[str] = set()
        self.pays_in_base: set[str] = set()  # accounts that ask for it with each spot order

    def place(
        self,
        account: str,
        market: Market,
        side: str,
        order_type: str,
        amount: Decimal,
        time_ms: int,
        *,
        price: Decimal | None = None,
        quote_amount: Decimal | None = None,
        reduce_only: bool = False,
        position_side: str | None = None,
        leverage: Decimal = Decimal(1),
        time_in_force: str = "GTC",
        post_only: bool = False,
        wallet: str | None = None,
        forced: bool = False,
        may_borrow: bool = False,
    ) -> Order:
        """Open an order of `amount` (rounded down to the lot) paid by `wallet`, by default the one
        that the market's kind has.

        Raises VenueError when it is too small or not payable.
        """
        state = self._state
        amount = floor_step(amount, market.lot)
        wallet = wallet or state.profile_of(account).wallet_for[market.kind]
        if amount < market.min_amount:
            raise VenueError(
                f"{market.symbol}: amount {amount} is below the minimum {market.min_amount}"
            )
        hold_asset, hold = self.needed(market, side, amount, price, time_ms)
        fee_in_base = account in self.pays_in_base and market.kind == SPOT
        if fee_in_base and side == "sell":
            hold = (hold * Decimal("1.006")).quantize(_EIGHT, rounding=ROUND_UP)
        if hold_asset is not None and state.books.free(account, wallet, hold_asset) < hold:
            raise VenueError(
                f"{account}: not enough {hold_asset} in {wallet} for {side} {amount}"
                f" {market.symbol}"
            )
        maker = state.ids[account]
        seq = state.next_seq()
        order = Order(
            exchange=market.exchange,
            account=account,
            market=market,
            id=maker.new("order", market),
            client_id=maker.client_id(seq),
            seq=seq,
            side=side,
            type=order_type,
            price=price,
            amount=amount,
            quote_amount=quote_amount,
            created_ms=time_ms,
            updated_ms=time_ms,
            wallet=wallet,
            time_in_force=time_in_force,
            post_only=post_only,
            reduce_only=reduce_only,
            position_side=position_side,
            leverage=leverage,
            forced=forced,
            may_borrow=may_borrow,
            fee_in_base=fee_in_base,
        )
        if hold_asset is not None and order_type == "limit":
            order.hold_asset, order.hold = hold_asset, hold
            state.books.hold(account, wallet, hold_asset, hold)
        state.add_order(order)
        return order

    def needed(
        self, market: Market, side: str, amount: Decimal, price: Decimal | None, time_ms: int
    ) -> tuple[str | None, Decimal]:
        """The asset and amount an order may cost, fees in quote included (spot only)."""
        if market.kind != SPOT:
            return None, ZERO
        if side == "sell":
            return market.base, amount
        at = price if price is not None else self._state.prices.price(market, time_ms, 1.004)
        return market.quote, (market.cost(at, amount) * Decimal("1.006")).quantize(
            _EIGHT, rounding=ROUND_UP
        )

    def free(self, account: str, wallet: str, asset: str) -> Decimal:
        """What an order may spend of an asset."""
        return self._state.books.free(account, wallet, asset)

    def fill(
        self, order: Order, amount: Decimal, price: Decimal, time_ms: int, *, maker: bool
    ) -> Fill:
        """Execute `amount` of an open order at `price`."""
        state, market = self._state, order.market
        cost = market.cost(price, amount)
        self._release(order, amount)
        position = (
            None if market.kind == SPOT else state.positions.apply(order, amount, price, time_ms)
        )
        fee_asset, fee = self._fee(order, amount, cost, time_ms, maker)
        fill = Fill(
            exchange=order.exchange,
            account=order.account,
            market=market,
            id=state.ids[order.account].new("fill", market),
            order_id=order.id,
            client_id=order.client_id,
            order_type=order.type,
            time_ms=time_ms,
            seq=state.next_seq(),
            side=order.side,
            price=price,
            amount=amount,
            cost=cost,
            fees=((fee_asset, fee),),
            maker=maker,
            wallet=order.wallet,
            position_side=order.position_side,
            closed_amount=ZERO if position is None else position.closed,
            realised_pnl=ZERO if position is None else position.pnl,
        )
        self._book(fill, fee_asset, fee)
        order.filled += amount
        order.cost += cost
        order.updated_ms = time_ms
        order.fees[fee_asset] = order.fees.get(fee_asset, ZERO) + fee
        order.fill_ids.append(fill.id)
        state.add_fill(fill)
        if order.filled == order.amount:
            self._end(order, "filled", time_ms)
        return fill

    def finish(self, order: Order, status: str, time_ms: int) -> None:
        """Close an order that is not filled: canceled or expired."""
        if order.status == "open":
            self._end(order, status, time_ms)

    def _end(self, order: Order, status: str, time_ms: int) -> None:
        if order.hold_asset is not None and order.hold:
            self._state.books.hold(order.account, order.wallet, order.hold_asset, -order.hold)
            order.hold = ZERO
        order.status = status
        order.updated_ms = time_ms
        self._state.close_order(order)

    def _release(self, order: Order, amount: Decimal) -> None:
        """Give back the part of the hold that belongs to `amount`."""
        if order.hold_asset is None or not order.hold:
            return
        part = (order.hold * amount / (order.amount - order.filled)).quantize(
            _EIGHT, rounding=ROUND_UP
        )
        part = min(part, order.hold)
        order.hold -= part
        self._state.books.hold(order.account, order.wallet, order.hold_asset, -part)

    def _fee(
        self, order: Order, amount: Decimal, cost: Decimal, time_ms: int, maker: bool
    ) -> tuple[str, Decimal]:
        """The asset and the amount of the fee; negative for a rebate."""
        profile, market = self._state.profile_of(order.account), order.market
        rate = profile.fees.rate(market.kind, maker)
        coin = profile.fees.coin
        if market.kind == SPOT and coin is not None and order.account in self.pays_with_coin:
            paid = cost * rate * profile.fees.coin_factor
            fee = _round(paid * Decimal(repr(self._state.prices.rate(market.quote, coin, time_ms))))
            spare = amount if coin == market.base and order.side == "buy" else ZERO
            spend = (
                amount
                if coin == market.base and order.side == "sell"
                else cost
                if coin == market.quote
                else ZERO
            )
            if self._state.books.free(order.account, order.wallet, coin) + spare - spend >= fee:
                return coin, fee
        if market.kind != SPOT:
            return market.settle or market.quote, _round(cost * rate)
        if order.fee_in_base or (profile.fees.spot_asset == "received" and order.side == "buy"):
            return market.base, _round(amount * rate)
        step = market.cost_step
        return market.quote, _round(cost * rate) if step is None else (cost * rate).quantize(step)

    def _book(self, fill: Fill, fee_asset: str, fee: Decimal) -> None:
        """Write the ledger lines of a fill."""
        market = fill.market
        moves: dict[str, Decimal] = {}
        if market.kind == SPOT:
            sign = 1 if fill.side == "buy" else -1
            moves = {market.quote: -sign * fill.cost, market.base: sign * fill.amount}
        else:
            moves = {market.settle or market.quote: fill.realised_pnl}
        moves.setdefault(fee_asset, ZERO)
        for asset, amount in sorted(moves.items(), key=lambda item: item[1]):
            paid = fee if asset == fee_asset else ZERO
            self._state.books.post(
                fill.exchange, fill.account, fill.wallet, asset, fill.time_ms, "trade", fill,
                amount=amount, fee=paid, against="market",
            )  # fmt: skip


def floor_step(amount: Decimal, step: Decimal) -> Decimal:
    """`amount` rounded down to a multiple of `step`."""
    return (amount / step).quantize(Decimal(1), rounding=ROUND_DOWN) * step


def _round(fee: Decimal) -> Decimal:
    return fee.quantize(_EIGHT, rounding=ROUND_UP if fee > 0 else ROUND_DOWN)
