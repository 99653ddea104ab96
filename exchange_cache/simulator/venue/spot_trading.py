"""Random but solvent spot trading: market and limit orders, in parts, cancelled, expired, with long
pauses between."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import partial

from exchange_cache.simulator.venue.prices import DAY_MS
from exchange_cache.simulator.venue.records import SPOT, Market, Order, VenueError
from exchange_cache.simulator.venue.story import Story
from exchange_cache.simulator.venue.trader import floor_step

Range = tuple[float, float]
_PARTS = (1, 1, 1, 1, 1, 2, 2, 3, 4, 6)


def trade_spot(
    story: Story,
    weights: dict[str, int],
    fills: int,
    *,
    from_days: float,
    to_days: float = 0.08,
    pauses: Sequence[Range] = (),
    topup: tuple[str, int] = ("USDT", 800),
    keep: Sequence[str] = (),
) -> None:
    """Schedule spot orders that will make about `fills` fills between two times, none inside a
    pause.

    `weights` maps symbols to how often they are traded; `topup` is the (asset, amount) deposited
    when money runs out; assets in `keep` are never sold below half.
    """
    plan: list[int] = []
    planned = 0
    while planned < fills:
        plan.append(story.rng.choice(_PARTS))
        planned += plan[-1]
    times = _times(story, len(plan) + len(plan) // 7, from_days, to_days, pauses)
    trader = SpotTrader(story, weights, topup, frozenset(keep))
    idle = set(story.rng.sample(range(len(times)), len(times) - len(plan)))
    parts = iter(plan)
    for index, time_ms in enumerate(times):
        if index in idle:
            story.agenda.at(time_ms, trader.order_without_fills)
        else:
            story.agenda.at(time_ms, partial(trader.order, parts=next(parts)))


#: How many more orders the last days have than others.
RUSH = 1000


def _times(
    story: Story, count: int, from_days: float, to_days: float, pauses: Sequence[Range]
) -> list[int]:
    """Sorted times spread over the active stretches; some follow the one before within a minute,
    and the last days are busy, by at most ``RUSH`` orders: who has a million fills has not made a
    twentieth of them since yesterday."""
    stretches: list[Range] = []
    begin = from_days
    for pause_from, pause_to in sorted(pauses, reverse=True):
        if not from_days > pause_from > pause_to > to_days:
            continue
        stretches.append((begin, pause_from))
        begin = pause_to
    stretches.append((begin, to_days))
    lengths = [a - b for a, b in stretches]
    times: list[int] = []
    for _ in range(count):
        if times and story.rng.random() < 0.18:
            times.append(times[-1] + story.rng.randrange(200, 60_000))
            continue
        recent = len(times) % 20 == 0 and to_days < 2.5 and len(times) < 20 * RUSH
        high, low = (
            (min(from_days, 2.5), to_days) if recent else story.rng.choices(stretches, lengths)[0]
        )
        times.append(int(story.now_ms - story.rng.uniform(low, high) * DAY_MS))
    newest = int(story.now_ms - to_days * DAY_MS)
    return sorted(min(t, newest) for t in times)


class SpotTrader:
    """Decides each order from what the account holds at that moment."""

    def __init__(
        self, story: Story, weights: dict[str, int], topup: tuple[str, int], keep: frozenset[str]
    ) -> None:
        self._s = story
        self._markets = [story.market(symbol) for symbol in weights]
        self._weights = list(weights.values())
        self._topup = topup
        self._keep = keep
        self._wallet = story.profile.wallet_for[SPOT]

    def order(self, time_ms: int, parts: int) -> None:
        """One order that fills in `parts`, perhaps not to its end."""
        s, rng = self._s, self._s.rng
        choice = self._choose(time_ms)
        if choice is None:
            return
        market, side, amount = choice
        if rng.random() < 0.45:
            self._market_order(market, side, amount, time_ms, parts)
            return
        price = s.state.prices.price(
            market, time_ms, rng.uniform(0.996, 0.9995) if side == "buy" else 1.002
        )
        if amount * price < market.min_cost:
            return
        try:
            order = s.trader.place(s.account, market, side, "limit", amount, time_ms, price=price)
        except VenueError:
            return
        self._schedule_fills(order, parts, time_ms)

    def order_without_fills(self, time_ms: int) -> None:
        """A limit order far away, cancelled or expired untouched."""
        s = self._s
        choice = self._choose(time_ms)
        if choice is None:
            return
        market, side, amount = choice
        price = s.state.prices.price(market, time_ms, 0.9 if side == "buy" else 1.1)
        try:
            order = s.trader.place(s.account, market, side, "limit", amount, time_ms, price=price)
        except VenueError:
            return
        status = s.rng.choice(("canceled", "canceled", "expired"))
        wait = s.rng.randrange(60_000, 30_000_000)
        s.agenda.at(
            min(time_ms + wait, s.now_ms - 30_000), lambda t: s.trader.finish(order, status, t)
        )

    def _market_order(
        self, market: Market, side: str, amount: Decimal, time_ms: int, parts: int
    ) -> None:
        s = self._s
        by_quote = side == "buy" and s.rng.random() < 0.3
        price = s.state.prices.price(market, time_ms)
        quote_amount = market.cost(price, amount) if by_quote else None
        try:
            order = s.trader.place(
                s.account, market, side, "market", amount, time_ms, quote_amount=quote_amount
            )
        except VenueError:
            return
        for piece in _split(order.amount, market, parts, s):
            s.trader.fill(order, piece, _slip(s, market, time_ms, side), time_ms + 2, maker=False)

    def _schedule_fills(self, order: Order, parts: int, time_ms: int) -> None:
        """Fill a limit order over minutes or hours; one in eight ends before it is full."""
        s, rng = self._s, self._s.rng
        pieces = _split(order.amount, order.market, parts + 1, s)
        ends_early = rng.random() < 0.13 and len(pieces) > parts
        if not ends_early and len(pieces) > parts:
            pieces[-2:] = [pieces[-2] + pieces[-1]]
        latest = s.now_ms - 60_000
        when = time_ms
        for piece in pieces[:parts]:
            if rng.random() < 0.65:
                when = min(when + rng.randrange(1500, 2_400_000), latest)
            maker = rng.random() < 0.8
            s.agenda.at(when, partial(self._fill, order, piece, maker))
        if ends_early:
            status = rng.choice(("canceled", "canceled", "expired"))
            end = min(when + rng.randrange(1000, 7_200_000), latest + 20_000)
            s.agenda.at(end, lambda t: s.trader.finish(order, status, t))

    def _fill(self, order: Order, piece: Decimal, maker: bool, time_ms: int) -> None:
        assert order.price is not None
        if order.status == "open":
            self._s.trader.fill(order, piece, order.price, time_ms, maker=maker)

    def _choose(self, time_ms: int) -> tuple[Market, str, Decimal] | None:
        """A market, a side and an amount the account can pay; tops the account up when it can pay
        nothing."""
        for _ in range(6):
            market = self._s.rng.choices(self._markets, self._weights)[0]
            if not market.trades_at(time_ms) or not market.trades_at(time_ms + DAY_MS):
                continue
            for side in self._sides(market, time_ms):
                amount = self._amount(market, side, time_ms)
                if amount > 0:
                    return market, side, amount
        asset, money = self._topup
        self._s.moves.deposit(
            self._s.account, asset, Decimal(money), time_ms, begun_ms=time_ms - 1_500_000
        )
        if self._s.profile.wallets[0] != self._wallet:
            wallets = (self._s.profile.wallets[0], self._wallet)
            self._s.moves.internal(self._s.account, asset, Decimal(money), *wallets, time_ms)
        return None

    def _sides(self, market: Market, time_ms: int) -> tuple[str, str]:
        return ("buy", "sell") if self._s.rng.random() < 0.54 else ("sell", "buy")

    def _amount(self, market: Market, side: str, time_ms: int) -> Decimal:
        """A payable amount above the market's minimum, else zero; a sale is now and then the whole
        holding."""
        s = self._s
        books = s.state.books
        price = s.state.prices.price(market, time_ms)
        if side == "buy":
            money = books.free(s.account, self._wallet, market.quote)
            worth = s.state.prices.usd(market.quote, time_ms)
            spend = float(money) * s.rng.uniform(0.02, 0.14)
            spend = max(spend, min(float(money) * 0.97, 15 / worth))
            amount = Decimal(repr(spend)) / price
        else:
            held = books.free(s.account, self._wallet, market.base)
            if market.base in self._keep:
                held = held / 2
            share = (
                1.0
                if s.rng.random() < 0.05 and market.base not in self._keep
                else s.rng.uniform(0.08, 0.6)
            )
            amount = held * Decimal(repr(share))
        amount = floor_step(amount, market.lot)
        if amount < market.min_amount or market.cost(price, amount) < market.min_cost:
            return Decimal(0)
        return amount


def _split(amount: Decimal, market: Market, parts: int, story: Story) -> list[Decimal]:
    """`amount` in at most `parts` uneven pieces of whole lots."""
    pieces: list[Decimal] = []
    rest = amount
    for left in range(parts, 1, -1):
        piece = floor_step(rest * Decimal(repr(story.rng.uniform(0.4, 1.2))) / left, market.lot)
        if piece <= 0:
            continue
        pieces.append(piece)
        rest -= piece
    if rest > 0:
        pieces.append(rest)
    return pieces


def _slip(story: Story, market: Market, time_ms: int, side: str) -> Decimal:
    """The path's price, a little worse for the taker."""
    away = story.rng.uniform(0.0, 0.0004)
    return story.state.prices.price(market, time_ms, 1 + away if side == "buy" else 1 - away)
