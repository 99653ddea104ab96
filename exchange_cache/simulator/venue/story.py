"""The life of one account, scheduled by its profile: a schedule of deposits, moves, trading and
specials, run in time order.

A profile's `story(s)` calls the methods below with times as *days before now*; each puts an action
on the venue's agenda, and `Agenda.run` performs them in order, so that books are right at every
instant, not only at the end.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

from exchange_cache.simulator.venue.prices import DAY_MS, FIAT
from exchange_cache.simulator.venue.records import Market, Transfer, VenueError
from exchange_cache.simulator.venue.trader import floor_step

if TYPE_CHECKING:
    from exchange_cache.simulator.venue.loans import Loans
    from exchange_cache.simulator.venue.moves import Moves
    from exchange_cache.simulator.venue.state import State
    from exchange_cache.simulator.venue.trader import Trader

Action = Callable[[int], None]
Amount = Decimal | str | int
_SIX_DIGITS, _CENTS = Decimal("1e-6"), Decimal("0.01")


class Agenda:
    """Actions by time; an action may add later ones."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, Action]] = []
        self._count = 0

    def at(self, time_ms: int, action: Action) -> None:
        self._count += 1
        heapq.heappush(self._heap, (time_ms, self._count, action))

    def run(self, until_ms: int) -> None:
        """Perform everything due up to `until_ms`; what is later is dropped."""
        while self._heap and self._heap[0][0] <= until_ms:
            time_ms, _, action = heapq.heappop(self._heap)
            action(time_ms)
        self._heap.clear()


class Story:
    """What a profile's story may ask for. `rng` is the account's own."""

    def __init__(
        self,
        account: str,
        seed: int,
        now_ms: int,
        target_fills: int,
        agenda: Agenda,
        state: State,
        trader: Trader,
        moves: Moves,
        loans: Loans,
    ) -> None:
        self.account = account
        self.seed = seed
        self.now_ms = now_ms
        self.target_fills = target_fills
        self.agenda, self.state, self.trader, self.moves, self.loans = (
            agenda,
            state,
            trader,
            moves,
            loans,
        )
        self.rng = random.Random(f"{seed}:story:{account}")
        self.profile = state.profile_of(account)
        self.funding_due: set[tuple[str, str | None, int]] = set()
        self._shift_ms = self.rng.randrange(1000, 3_600_000)

    def when(self, days_ago: float) -> int:
        """The time so many days ago, an odd hour and millisecond of it."""
        return int(self.now_ms - days_ago * DAY_MS) - (self._shift_ms if days_ago > 0.2 else 0)

    def market(self, symbol: str) -> Market:
        return self.state.markets[(self.profile.exchange, symbol)]

    def delist(self, days_ago: float, asset: str) -> None:
        """The asset's worth collapses then."""
        self.state.prices.crash(asset, self.when(days_ago))

    def deposit(
        self, days_ago: float, asset: str, amount: Amount, *, wallet: str | None = None
    ) -> None:
        def act(time_ms: int) -> None:
            self.moves.deposit(
                self.account,
                asset,
                Decimal(amount),
                time_ms,
                wallet=wallet,
                begun_ms=time_ms - 22 * 60_000,
            )

        self.agenda.at(self.when(days_ago), act)

    def save_regularly(
        self,
        from_days: float,
        to_days: float,
        every_days: float,
        asset: str,
        amount: Amount,
        *,
        to: str | None = None,
    ) -> None:
        """Deposit the same amount again and again; with `to`, move it on to that wallet within the
        hour."""
        day = from_days
        while day > to_days:
            self.deposit(day, asset, amount)
            if to is not None:
                self.move(day - 0.03, asset, 1.0, self.profile.wallets[0], to)
            day -= every_days

    def withdraw(
        self, days_ago: float, asset: str, part: float, fee: Amount, *, to: str | None = None
    ) -> None:
        """Withdraw a part (0..1) of what is free; with `to`, it arrives at the first account of
        that exchange."""

        def act(time_ms: int) -> None:
            wallet = self.profile.wallets[0]
            amount = self._part(wallet, asset, part) - Decimal(fee)
            if amount <= 0:
                return
            sent = self.moves.withdraw(self.account, asset, amount, time_ms, fee=Decimal(fee))
            target = next((a.name for a in self.state.accounts.values() if a.exchange == to), None)
            if target is not None:
                self.agenda.at(time_ms + 27 * 60_000, lambda t: self._arrive(target, sent, t))

        self.agenda.at(self.when(days_ago), act)

    def _arrive(self, account: str, sent: Transfer, time_ms: int) -> None:
        self.moves.arrive(account, sent, time_ms)

    def move(
        self, days_ago: float, asset: str, part: float, from_wallet: str, to_wallet: str
    ) -> None:
        def act(time_ms: int) -> None:
            amount = self._part(from_wallet, asset, part)
            if amount > 0:
                self.moves.internal(self.account, asset, amount, from_wallet, to_wallet, time_ms)

        self.agenda.at(self.when(days_ago), act)

    def earn(self, days_ago: float, asset: str, to_asset: str, part: float, wallet: str) -> None:
        def act(time_ms: int) -> None:
            amount = self._part(wallet, asset, part)
            if amount > 0:
                self.moves.earn(self.account, asset, to_asset, amount, wallet, time_ms)

        self.agenda.at(self.when(days_ago), act)

    def convert(
        self,
        days_ago: float,
        from_asset: str,
        part: float,
        to_asset: str,
        wallet: str,
        fee_rate: str = "0",
    ) -> None:
        def act(time_ms: int) -> None:
            amount = self._part(wallet, from_asset, part)
            if amount > 0:
                self.moves.convert(
                    self.account,
                    wallet,
                    from_asset,
                    amount,
                    to_asset,
                    time_ms,
                    fee_rate=Decimal(fee_rate),
                )

        self.agenda.at(self.when(days_ago), act)

    def sweep_dust(
        self, days_ago: float, assets: tuple[str, ...], to_asset: str, wallet: str
    ) -> None:
        """Turn the small rests of several assets into one, as a single sweep; an asset without a
        rest is left out."""

        def act(time_ms: int) -> None:
            group: str | None = None
            for asset in assets:
                amount = self.state.books.free(self.account, wallet, asset)
                if amount <= 0 or self.state.prices.usd(asset, time_ms) * float(amount) > 12:
                    continue
                row = self.moves.convert(
                    self.account,
                    wallet,
                    asset,
                    amount,
                    to_asset,
                    time_ms,
                    kind="dust",
                    group=group,
                    fee_rate=Decimal("0.02"),
                )
                group = row.group

        self.agenda.at(self.when(days_ago), act)

    def dividends(
        self,
        from_days: float,
        to_days: float,
        every_days: float,
        asset: str,
        rate: float,
        wallet: str,
        kind: str = "dividend",
        note: str = "",
    ) -> None:
        """Pay `rate` of the holding of `asset` at every step, as staking rewards do; nothing held
        pays nothing."""

        def act(time_ms: int) -> None:
            held = self.state.books.balances.get((self.account, wallet, asset), Decimal(0))
            amount = (held * Decimal(repr(rate))).quantize(Decimal("1e-8"))
            if amount > 0:
                self.moves.income(self.account, wallet, kind, asset, amount, time_ms, note=note)

        day = from_days
        while day > to_days:
            self.agenda.at(self.when(day), act)
            day -= every_days

    def airdrop(self, days_ago: float, asset: str, amount: Amount, wallet: str, note: str) -> None:
        def act(time_ms: int) -> None:
            self.moves.income(
                self.account, wallet, "dividend", asset, Decimal(amount), time_ms, note=note
            )

        self.agenda.at(self.when(days_ago), act)

    def fees_in_coin(self, from_days: float, to_days: float) -> None:
        """Pay spot fees with the exchange's coin between the two times, as long as some is
        there."""
        self.agenda.at(self.when(from_days), lambda t: self.trader.pays_with_coin.add(self.account))
        if to_days > 0:
            self.agenda.at(
                self.when(to_days), lambda t: self.trader.pays_with_coin.discard(self.account)
            )

    def fees_in_base(self, from_days: float, to_days: float) -> None:
        """Ask for fees in the base with every spot order between the two times."""
        base = self.trader.pays_in_base
        self.agenda.at(self.when(from_days), lambda t: base.add(self.account))
        self.agenda.at(self.when(to_days), lambda t: base.discard(self.account))

    def trade_all(self, days_ago: float, symbol: str, side: str, *, part: float = 1.0) -> None:
        """One market order: sell a part of the base held, or buy with a part of the quote held."""

        def act(time_ms: int) -> None:
            market = self.market(symbol)
            wallet = self.profile.wallet_for[market.kind]
            price = self.state.prices.price(market, time_ms)
            if side == "sell":
                amount = self.state.books.free(self.account, wallet, market.base) * Decimal(
                    repr(part)
                )
            else:
                amount = (
                    self.state.books.free(self.account, wallet, market.quote)
                    * Decimal(repr(part))
                    / price
                )
                amount *= Decimal("0.99")
            self.execute(market, side, amount, time_ms, price)

        self.agenda.at(self.when(days_ago), act)

    def execute(
        self, market: Market, side: str, amount: Decimal, time_ms: int, price: Decimal
    ) -> None:
        """A market order filled at once; too small or unpayable orders are not sent."""
        amount = floor_step(amount, market.lot)
        try:
            order = self.trader.place(self.account, market, side, "market", amount, time_ms)
        except VenueError:
            return
        self.trader.fill(order, order.amount, price, time_ms + 3, maker=False)

    def open_limit(
        self, days_ago: float, symbol: str, side: str, part: float, factor: float
    ) -> None:
        """A limit order away from the market (`factor` x price) that stays open."""

        def act(time_ms: int) -> None:
            market = self.market(symbol)
            wallet = self.profile.wallet_for[market.kind]
            price = self.state.prices.price(market, time_ms, factor)
            asset = market.base if side == "sell" else market.quote
            amount = self.state.books.free(self.account, wallet, asset) * Decimal(repr(part))
            amount = amount if side == "sell" else amount / price / Decimal("1.01")
            try:
                self.trader.place(
                    self.account,
                    market,
                    side,
                    "limit",
                    amount,
                    time_ms,
                    price=price,
                    post_only=True,
                )
            except VenueError:
                return

        self.agenda.at(self.when(days_ago), act)

    def cancel_part_filled(self, days_ago: float, symbol: str, part: float) -> None:
        """A limit order over a part of the quote held, cancelled an hour after a third of it was
        filled."""

        def act(time_ms: int) -> None:
            market = self.market(symbol)
            wallet = self.profile.wallet_for[market.kind]
            price = self.state.prices.price(market, time_ms, 0.999)
            amount = (
                self.state.books.free(self.account, wallet, market.quote)
                * Decimal(repr(part))
                / price
            )
            try:
                order = self.trader.place(
                    self.account, market, "buy", "limit", amount, time_ms, price=price
                )
            except VenueError:
                return
            self.trader.fill(
                order, floor_step(order.amount / 3, market.lot), price, time_ms, maker=True
            )
            self.agenda.at(time_ms + 3_600_000, lambda t: self.trader.finish(order, "canceled", t))

        self.agenda.at(self.when(days_ago), act)

    def _part(self, wallet: str, asset: str, part: float) -> Decimal:
        """A part of what is free, to six digits; all of it when `part` is 1."""
        free = self.state.books.free(self.account, wallet, asset)
        step = _CENTS if asset in FIAT or asset == "USD" else _SIX_DIGITS
        return free if part >= 1 else floor_step(free * Decimal(repr(part)), step)
