"""Random perpetual trading: round trips long and short, positions left open, funding every eight
hours."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from exchange_cache.simulator.venue.prices import DAY_MS
from exchange_cache.simulator.venue.records import INVERSE, Market, VenueError
from exchange_cache.simulator.venue.story import Story
from exchange_cache.simulator.venue.trader import floor_step

FUNDING_MS = 8 * 3_600_000


def trade_perp(
    story: Story,
    symbol: str,
    fills: int,
    *,
    from_days: float,
    to_days: float,
    pauses: Sequence[tuple[float, float]] = (),
) -> None:
    """Round trips in one-way mode that make about `fills` fills and end flat."""
    trader = PerpTrader(story, story.market(symbol))
    trips = max(1, fills // 5)
    length = (from_days - to_days) / trips
    for index in range(trips):
        start = from_days - index * length
        if any(high >= start > low - length for high, low in pauses):
            continue
        trader.schedule_trip(start, length)


def open_position(
    story: Story,
    symbol: str,
    side: str,
    days_ago: float,
    part: float,
    *,
    leverage: int = 5,
    hedge: bool = False,
) -> None:
    """Open a position worth `part` of the margin wallet and keep it."""
    trader = PerpTrader(story, story.market(symbol))

    def act(time_ms: int) -> None:
        trader.open(time_ms, side, part, leverage=leverage, hedge=hedge, pieces=2)

    story.agenda.at(story.when(days_ago), act)


class PerpTrader:
    """Opens, adds to, reduces and closes positions in one market."""

    def __init__(self, story: Story, market: Market) -> None:
        self._s = story
        self._market = market
        self._wallet = story.profile.wallet_for[market.kind]

    def schedule_trip(self, from_days: float, length_days: float) -> None:
        """Open (two fills), perhaps add, reduce, close: all within `length_days`."""
        s, rng = self._s, self._s.rng
        start = int(s.now_ms - from_days * DAY_MS)
        span = int(min(length_days, 6.0) * DAY_MS * 0.9)
        moments = sorted(rng.randrange(span) for _ in range(4))
        side = rng.choice(("long", "short"))
        part = rng.uniform(0.05, 0.25)
        s.agenda.at(
            start + moments[0],
            lambda t: self.open(t, side, part, leverage=rng.choice((2, 5, 10)), pieces=2),
        )
        if rng.random() < 0.5:
            s.agenda.at(
                start + moments[1], lambda t: self.open(t, side, part / 2, leverage=5, pieces=1)
            )
        s.agenda.at(start + moments[2], lambda t: self.reduce(t, 0.5))
        s.agenda.at(start + moments[3], lambda t: self.reduce(t, 1.0))

    def open(
        self,
        time_ms: int,
        side: str,
        part: float,
        *,
        leverage: int,
        pieces: int,
        hedge: bool = False,
    ) -> None:
        """Open or add with `pieces` fills; nothing happens when the margin wallet is too small."""
        s, market = self._s, self._market
        current = s.state.positions.get(s.account, market.symbol, side if hedge else None)
        price = s.state.prices.price(market, time_ms)
        contracts = self._contracts(part, price)
        maker = s.rng.random() < 0.5
        try:
            order = s.trader.place(
                s.account,
                market,
                "buy" if side == "long" else "sell",
                "limit" if maker else "market",
                contracts,
                time_ms,
                price=price if maker else None,
                position_side=side if hedge else None,
                leverage=Decimal(leverage),
            )
        except VenueError:
            return
        rest = order.amount
        for left in range(pieces, 0, -1):
            piece = rest if left == 1 else floor_step(rest / left, market.lot)
            if piece > 0:
                s.trader.fill(order, piece, price, time_ms + 4, maker=maker)
                rest -= piece
        if current is None:
            self._schedule_funding(time_ms, side if hedge else None)

    def reduce(self, time_ms: int, part: float) -> None:
        """Close a part (1 = all) of the one-way position, if there is one."""
        s, market = self._s, self._market
        position = s.state.positions.get(s.account, market.symbol)
        if position is None:
            return
        amount = (
            position.contracts
            if part >= 1
            else floor_step(position.contracts * Decimal(repr(part)), market.lot)
        )
        side = "sell" if position.side == "long" else "buy"
        try:
            order = s.trader.place(
                s.account,
                market,
                side,
                "market",
                amount,
                time_ms,
                reduce_only=True,
                leverage=position.leverage,
            )
        except VenueError:
            return
        s.trader.fill(
            order, amount, s.state.prices.price(market, time_ms), time_ms + 2, maker=False
        )

    def _contracts(self, part: float, price: Decimal) -> Decimal:
        """Contracts worth `part` of the margin wallet, at least one lot when there is any money."""
        s, market = self._s, self._market
        money = s.state.books.free(
            s.account, self._wallet, market.settle or market.quote
        ) * Decimal(repr(part))
        size = (
            money * price / market.contract_size
            if market.kind == INVERSE
            else money / price / market.contract_size
        )
        contracts = floor_step(size, market.lot)
        return market.lot if contracts == 0 and size * 4 > market.lot else contracts

    def _schedule_funding(self, time_ms: int, position_side: str | None) -> None:
        next_ms = (time_ms // FUNDING_MS + 1) * FUNDING_MS
        due = (self._market.symbol, position_side, next_ms)
        if due in self._s.funding_due:
            return
        self._s.funding_due.add(due)
        self._s.agenda.at(next_ms, lambda t: self._pay_funding(t, position_side))

    def _pay_funding(self, time_ms: int, position_side: str | None) -> None:
        """Longs pay shorts a small rate of the notional; goes on while the position is open."""
        s, market = self._s, self._market
        position = s.state.positions.get(s.account, market.symbol, position_side)
        if position is None:
            return
        price = s.state.prices.price(market, time_ms)
        rate = Decimal(s.rng.randrange(-40, 100)).scaleb(-6)
        paid = (position.notional(price) * rate).quantize(Decimal("1e-8"))
        amount = -paid if position.side == "long" else paid
        s.moves.income(
            s.account,
            self._wallet,
            "funding",
            market.settle or market.quote,
            amount,
            time_ms,
            market=market,
            size=position.contracts,
            price=price,
            rate=rate,
            position_side=position.side,
        )
        self._schedule_funding(time_ms, position_side)
