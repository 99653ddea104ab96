"""The exchanges that the trials run against: one simulated account, whose last two hours fill
several pages of every list that the exchange serves in small pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from exchange_cache.clock import SetClock, to_ms
from exchange_cache.simulator.server import Simulator, running_simulator
from exchange_cache.simulator.venue import SPOT, Market, Venue
from tests.e2e.world import World

#: Those that are read fastest first.
EXCHANGES = ("kraken", "okx", "bybit", "kucoin", "coinbase", "binance")
#: When the first sync of every trial runs.
START = datetime(2026, 6, 15, 12, tzinfo=UTC)
HISTORY_START = (START - timedelta(days=12)).date()
#: When the market that ends has ended.
END = START - timedelta(minutes=30)
ROUNDS = 110
#: Where the id of a dated contract states the month of its delivery and no day (KuCoin `XBTMU25`).
MONTH_IN_ID = frozenset({"kucoin"})


@dataclass
class Shifted:
    """A clock that is `by` ahead of the exchanges'; waiting moves both."""

    right: SetClock
    by: timedelta = field(default_factory=timedelta)

    def now(self) -> datetime:
        return self.right.now() + self.by

    def monotonic(self) -> float:
        return self.right.monotonic()

    def sleep(self, seconds: float) -> None:
        self.right.sleep(seconds)


@dataclass
class Ground:
    """One exchange and its clock; trials read the venue, and never change it."""

    exchange: str
    venue: Venue
    clock: SetClock
    ended: Market | None = None

    @contextmanager
    def serving(self) -> Iterator[Simulator]:
        with running_simulator(self.venue, limit_scale=1000) as simulator:
            yield simulator

    def trade(self, rounds: int) -> None:
        """Trade, deposit and move once a minute, so many minutes long."""
        venue, exchange = self.venue, self.exchange
        profile = venue.profile(exchange)
        quote = profile.busiest.split("/")[1]
        for number in range(rounds):
            self.clock.at += timedelta(seconds=60)
            _trade(self, number)
            venue.deposit(exchange, "SOL", Decimal(number + 1) / 10)
            if len(profile.wallets) > 1 and number % 2:
                first, second = profile.wallets[:2]
                venue.transfer(exchange, quote, Decimal(number + 1), first, second)
        venue.check_books()

    @property
    def symbol_by_id(self) -> str:
        """What the id of the ended market states, to a cache that never saw it listed."""
        assert self.ended is not None
        by_month = self.exchange in MONTH_IN_ID
        return self.ended.symbol[: -len("DD")] if by_month else self.ended.symbol

    def home(self, simulator: Simulator, folder: Path) -> World:
        world = World.create(simulator, folder, Shifted(self.clock))
        config = folder / "config.toml"
        config.write_text(
            f"history_start = {HISTORY_START}\nsweep_budget = 0\nretries = 2\n{config.read_text()}"
        )
        return world


def make_ground(
    exchange: str,
    *,
    ended: bool = False,
    rounds: int = ROUNDS,
    before: datetime = START - timedelta(hours=2),
) -> Ground:
    """`ended`: with fills in a market that ends half an hour before START; `rounds` of trading
    begin at `before`."""
    clock = SetClock(before)
    venue = Venue(3, fills=40, accounts={exchange: exchange}, clock=lambda: to_ms(clock.now()))
    ground = Ground(exchange, venue, clock)
    profile = venue.profile(exchange)
    first, wallet = profile.wallets[0], profile.wallet_for[SPOT]
    quote = profile.busiest.split("/")[1]
    venue.deposit(exchange, quote, Decimal(40_000))
    if first != wallet:
        venue.transfer(exchange, quote, Decimal(20_000), first, wallet)
    if ended:
        _trade_in_ending_market(ground)
    ground.trade(rounds)
    clock.at = START
    return ground


def _trade(ground: Ground, number: int) -> None:
    """Buys and sales in two unequal parts of one millisecond; every fifth is canceled then."""
    venue, account = ground.venue, ground.exchange
    symbol = venue.profile(account).busiest
    amount = Decimal("0.001") + Decimal(number) / 100_000
    side = "sell" if number % 3 == 2 and number % 5 else "buy"
    order = venue.place(account, symbol, side, amount, venue.price(account, symbol))
    venue.execute(order, (amount / 3).quantize(order.market.lot))
    if number % 5:
        venue.execute(order)
        return
    venue.execute(order, (amount / 2).quantize(order.market.lot))
    venue.cancel(order)


def _trade_in_ending_market(ground: Ground) -> None:
    venue, account = ground.venue, ground.exchange
    market = venue.list_ending(account, to_ms(END))
    amount = max(market.lot * 9, market.min_amount)
    for side in ("buy", "buy", "sell", "sell"):
        ground.clock.at += timedelta(seconds=30)
        venue.trade(account, market.symbol, side, amount, parts=2)
    ground.ended = market
