"""Margin trading in an account's past: funding, borrowing with interest, orders in parts, repaying.

Money comes by deposits of its own and leaves by withdrawals of its own, in the same moment as the
move between the wallets, so that no other wallet has more or less to trade with. Chance has a
sequence of its own as well.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from decimal import ROUND_UP, Decimal
from functools import partial

from exchange_cache.simulator.venue.prices import DAY_MS
from exchange_cache.simulator.venue.records import Market, Order, VenueError
from exchange_cache.simulator.venue.story import Story
from exchange_cache.simulator.venue.trader import floor_step

_FEE_AND_A_LITTLE = Decimal("0.998")
_SHARES = (Decimal("0.45"), Decimal("0.35"), Decimal("0.2"))


class MarginTrader:
    """One margin wallet's deeds. Methods with `days_ago` schedule, those with `time_ms` act;
    interest comes `every_days`."""

    def __init__(
        self, story: Story, wallet: str, *, rate: str = "0.0003", every_days: float = 1
    ) -> None:
        self._s = story
        self.wallet = wallet
        self.rng = random.Random(f"{story.seed}:margin:{story.account}:{wallet}")
        self._rate = Decimal(rate)
        self._every_ms = int(every_days * DAY_MS)
        self._accruing: set[str] = set()

    # -- money in and out
    #   -----------------------------------------------------------------------------------------

    def at(self, days_ago: float, action: Callable[[int], None]) -> None:
        self._s.agenda.at(self._s.when(days_ago), action)

    def fund(self, days_ago: float, asset: str, amount: int) -> None:
        """Deposit to the first wallet and move all of it on."""

        def act(time_ms: int) -> None:
            money, first = Decimal(amount), self._s.profile.wallets[0]
            self._s.moves.deposit(
                self._s.account, asset, money, time_ms, begun_ms=time_ms - 22 * 60_000
            )
            self._s.moves.internal(self._s.account, asset, money, first, self.wallet, time_ms)

        self.at(days_ago, act)

    def leave(self, days_ago: float, asset: str, part: float, fee: str) -> None:
        """Move a part of what is free to the first wallet and withdraw it."""

        def act(time_ms: int) -> None:
            amount, first = (
                floor_step(self.free(asset) * Decimal(repr(part)), Decimal("0.01")),
                self._s.profile.wallets[0],
            )
            if amount <= Decimal(fee):
                return
            self._s.moves.internal(self._s.account, asset, amount, self.wallet, first, time_ms)
            self._s.moves.withdraw(
                self._s.account, asset, amount - Decimal(fee), time_ms, fee=Decimal(fee)
            )

        self.at(days_ago, act)

    def sweep_dust(self, days_ago: float, assets: Sequence[str], to_asset: str) -> None:
        self._s.sweep_dust(days_ago, tuple(assets), to_asset, self.wallet)

    # -- debts
    #   --------------------------------------------------------------------------------------------

    def borrow(self, asset: str, amount: Decimal, time_ms: int) -> None:
        """Borrow; the first interest is due at once, more while anything is owed."""
        self._s.loans.borrow(self._s.account, self.wallet, asset, amount, time_ms)
        self._accrue(asset, time_ms, "ON_BORROW")
        if asset not in self._accruing:
            self._accruing.add(asset)
            self._s.agenda.at(self._next_hour(time_ms), lambda t: self._periodic(asset, t))

    def repay(self, asset: str, time_ms: int) -> None:
        """Repay as much as is owed and free."""
        owed = self._s.loans.debt(self._s.account, self.wallet, asset).total
        amount = min(owed, self.free(asset))
        if amount > 0:
            self._s.loans.repay(self._s.account, self.wallet, asset, amount, time_ms)

    def owed(self, asset: str) -> Decimal:
        return self._s.loans.debt(self._s.account, self.wallet, asset).total

    def free(self, asset: str) -> Decimal:
        return self._s.state.books.free(self._s.account, self.wallet, asset)

    def _periodic(self, asset: str, time_ms: int) -> None:
        if self._accrue(asset, time_ms, "PERIODIC"):
            self._s.agenda.at(time_ms + self._every_ms, lambda t: self._periodic(asset, t))
        else:
            self._accruing.discard(asset)

    def _accrue(self, asset: str, time_ms: int, way: str) -> bool:
        hour = Decimal(1) / 24
        days = hour if way == "ON_BORROW" else Decimal(self._every_ms) / DAY_MS
        event = self._s.loans.accrue(
            self._s.account, self.wallet, asset, time_ms, rate=self._rate, days=days, way=way
        )
        return event is not None

    def _next_hour(self, time_ms: int) -> int:
        """Interest is charged on the hour."""
        later = time_ms + self._every_ms
        return later - later % 3_600_000

    # -- orders
    #   --------------------------------------------------------------------------------------------

    def worth(self, market: Market, money: Decimal | int, time_ms: int) -> Decimal:
        """Whole lots of the base that cost about `money`."""
        return floor_step(Decimal(money) / self._s.state.prices.price(market, time_ms), market.lot)

    def to_cover(self, market: Market) -> Decimal:
        """What must be bought so that the debt is covered after the fee, in whole lots."""
        lots = (self.owed(market.base) / _FEE_AND_A_LITTLE / market.lot).quantize(
            Decimal(1), rounding=ROUND_UP
        )
        return lots * market.lot

    def market_order(
        self, market: Market, side: str, amount: Decimal, time_ms: int, *, parts: int = 2
    ) -> None:
        """Fill at once in parts of one millisecond; unpayable orders are not sent."""
        order = self._place(market, side, amount, time_ms, None)
        if order is not None:
            price = self._s.state.prices.price(market, time_ms, 1.0004 if side == "buy" else 0.9996)
            for piece in self._pieces(order, parts):
                self._s.trader.fill(order, piece, price, time_ms + 3, maker=False)

    def limit_order(
        self,
        market: Market,
        side: str,
        amount: Decimal,
        time_ms: int,
        *,
        parts: int = 3,
        then: Callable[[int], None] | None = None,
    ) -> None:
        """Fill as maker: the first two parts in one millisecond, the others within the hour; `then`
        follows the last."""
        order = self._place(market, side, amount, time_ms, 0.9992 if side == "buy" else 1.0008)
        if order is None or order.price is None:
            return
        when = time_ms + 1500
        for number, piece in enumerate(self._pieces(order, parts)):
            if number > 1:
                when += self.rng.randrange(60_000, 1_200_000)
            self._s.agenda.at(when, partial(self._fill, order, piece))
        if then is not None:
            self._s.agenda.at(when + 60_000, then)

    def cancel_part_filled(self, market: Market, amount: Decimal, time_ms: int) -> None:
        """A limit order to buy, cancelled an hour after a third of it was filled."""
        order = self._place(market, "buy", amount, time_ms, 0.999)
        if order is not None:
            self._fill(order, floor_step(order.amount / 3, market.lot), time_ms + 900)
            self._s.agenda.at(
                time_ms + 3_600_000, lambda t: self._s.trader.finish(order, "canceled", t)
            )

    def leave_open(
        self, market: Market, side: str, amount: Decimal, factor: float, time_ms: int
    ) -> None:
        """A limit order away from the market (`factor` x price) that stays open."""
        self._place(market, side, amount, time_ms, factor)

    def _place(
        self, market: Market, side: str, amount: Decimal, time_ms: int, factor: float | None
    ) -> Order | None:
        price = None if factor is None else self._s.state.prices.price(market, time_ms, factor)
        kind = "market" if price is None else "limit"
        try:
            return self._s.trader.place(
                self._s.account,
                market,
                side,
                kind,
                amount,
                time_ms,
                price=price,
                wallet=self.wallet,
            )
        except VenueError:
            return None

    def _fill(self, order: Order, piece: Decimal, time_ms: int) -> None:
        assert order.price is not None
        self._s.trader.fill(order, piece, order.price, time_ms, maker=True)

    def _pieces(self, order: Order, parts: int) -> list[Decimal]:
        """The order in `parts` pieces of whole lots, the last taking what is left."""
        pieces = [
            floor_step(order.amount * share, order.market.lot) for share in _SHARES[: parts - 1]
        ]
        return [*pieces, order.amount - sum(pieces, Decimal(0))]


def widest_fall(
    story: Story, symbol: str, from_days: int, to_days: int, step: int
) -> tuple[int, int]:
    """The days before now (earlier, later) between which the price fell most."""
    market = story.market(symbol)
    days = range(from_days, to_days - 1, -step)
    prices = {day: story.state.prices.price(market, story.when(day)) for day in days}
    pairs = [(a, b) for a in days for b in days if a > b]
    return max(pairs, key=lambda pair: prices[pair[0]] / prices[pair[1]])
