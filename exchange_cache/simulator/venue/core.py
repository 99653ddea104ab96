"""The venue: one seeded world of exchanges and accounts, asked by the dialects and changed by tests
and the demo.

All queries answer from memory; `start` and `end` are inclusive milliseconds, results are oldest
first. Retention is not applied here: a dialect asks `oldest_served` and refuses or cuts as its
exchange does.
"""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable, Mapping
from decimal import Decimal

from exchange_cache.simulator.venue import audit, lives, market_data
from exchange_cache.simulator.venue.busy import FILLS
from exchange_cache.simulator.venue.dated import ending_market
from exchange_cache.simulator.venue.keys import make_account
from exchange_cache.simulator.venue.loans import Loans
from exchange_cache.simulator.venue.margin_actions import MarginActions
from exchange_cache.simulator.venue.moves import Moves
from exchange_cache.simulator.venue.prices import DAY_MS
from exchange_cache.simulator.venue.profile import Profile
from exchange_cache.simulator.venue.profiles import load_profile
from exchange_cache.simulator.venue.records import (
    SPOT,
    Account,
    Balance,
    BooksError,
    Candle,
    Conversion,
    CostEdit,
    Entry,
    Fill,
    Income,
    Market,
    Order,
    Position,
    Ticker,
    Transfer,
    VenueError,
)  # fmt: skip
from exchange_cache.simulator.venue.state import State
from exchange_cache.simulator.venue.trader import Trader, floor_step

DEFAULT_ACCOUNTS: dict[str, str] = {"main": "binance", "bybit": "bybit", "kraken": "kraken"}
ALL_ACCOUNTS: dict[str, str] = {
    **DEFAULT_ACCOUNTS,
    "okx": "okx",
    "coinbase": "coinbase",
    "kucoin": "kucoin",
}
#: A second account of one exchange, whose ids are those of the first (see `ids`): in the demo.
SECOND_ACCOUNT: dict[str, str] = {"savings": "kraken"}


class Venue(MarginActions):
    """`Venue(seed=1, fills=3200)`; `accounts` maps account names to exchanges, `clock` returns
    milliseconds UTC.

    History ends at `now_ms` (default: the clock's time at construction) and begins 3.25 years
    before. `history_too=False` gives the accounts without any past. `busy` is the number of fills
    that one symbol of each exchange has beside `fills` (see `busy`): over a thousand by default,
    none in worlds of less than a thousand fills.
    """

    def __init__(
        self,
        seed: int = 1,
        *,
        now_ms: int | None = None,
        fills: int = 3200,
        clock: Callable[[], int] | None = None,
        accounts: Mapping[str, str] | None = None,
        history_too: bool = True,
        busy: int | None = None,
    ) -> None:
        self.seed = seed
        self.clock = clock or (lambda: time.time_ns() // 1_000_000)
        self.start_ms = self.clock() if now_ms is None else now_ms
        self.lock = threading.RLock()
        selected = dict(DEFAULT_ACCOUNTS if accounts is None else accounts)
        profiles = {
            exchange: _dated(load_profile(exchange), self.start_ms)
            for exchange in dict.fromkeys(selected.values())
        }
        created = self.start_ms - 1200 * DAY_MS
        made = {
            name: make_account(name, profiles[exchange], seed, created)
            for name, exchange in selected.items()
        }
        self.state = State(seed, profiles, made)
        self.trader = Trader(self.state)
        self.moves = Moves(self.state)
        self.loans = Loans(self.state)
        if history_too:
            lives.generate(
                self.state,
                self.trader,
                self.moves,
                self.loans,
                seed,
                self.start_ms,
                fills,
                (FILLS if fills >= 1000 else 0) if busy is None else busy,
            )

    # -- who and what
    #   --------------------------------------------------------------------------------------------

    def now(self) -> int:
        """The venue's time in milliseconds UTC."""
        return self.clock()

    def accounts(self, exchange: str | None = None) -> list[Account]:
        return [
            a for a in self.state.accounts.values() if exchange is None or a.exchange == exchange
        ]

    def account(self, name: str) -> Account:
        return self.state.accounts[name]

    def account_by_key(self, exchange: str, api_key: str) -> Account | None:
        """The account this key belongs to, None for an unknown key."""
        return next((a for a in self.accounts(exchange) if a.api_key == api_key), None)

    def set_permissions(
        self, account: str, *, can_read: bool | None = None, can_trade: bool | None = None,
        can_withdraw: bool | None = None,
    ) -> None:  # fmt: skip
        """Change what the account's key may do; None leaves a permission as it is."""
        known = self.state.accounts[account]
        self.state.accounts[account] = dataclasses.replace(
            known,
            can_read=known.can_read if can_read is None else can_read,
            can_trade=known.can_trade if can_trade is None else can_trade,
            can_withdraw=known.can_withdraw if can_withdraw is None else can_withdraw,
        )

    def profile(self, exchange: str) -> Profile:
        return self.state.profiles[exchange]

    def exchanges(self) -> tuple[str, ...]:
        return tuple(self.state.profiles)

    def markets(
        self, exchange: str, kind: str | None = None, *, listed_at: int | None = None
    ) -> list[Market]:
        """Markets of an exchange, delisted ones too unless `listed_at` is given."""
        return [
            m for m in self.state.profiles[exchange].markets
            if (kind is None or m.kind == kind) and (listed_at is None or m.trades_at(listed_at))
        ]  # fmt: skip

    def market(self, exchange: str, symbol: str) -> Market:
        """By unified symbol ("BTC/USDT", "BTC/USDT:USDT"); VenueError when unknown."""
        market = self.state.markets.get((exchange, symbol))
        if market is None:
            raise VenueError(f"{exchange} has no market {symbol}")
        return market

    def market_by_id(self, exchange: str, market_id: str, kind: str = SPOT) -> Market | None:
        """By the exchange's own id within a kind, delisted ones included."""
        return next((m for m in self.markets(exchange, kind) if m.id == market_id), None)

    def oldest_served(
        self, exchange: str, data: str, kind: str, now_ms: int | None = None
    ) -> int | None:
        """The oldest time for which `data` (fills | orders) of a market kind is still served; None
        = everything."""
        days = self.state.profiles[exchange].retention_days.get((data, kind))
        return None if days is None else (self.now() if now_ms is None else now_ms) - days * DAY_MS

    # -- an account's records
    #   -------------------------------------------------------------------------------------

    def fills(
        self,
        account: str,
        *,
        kind: str | None = None,
        symbol: str | None = None,
        start: int | None = None,
        end: int | None = None,
    ) -> list[Fill]:
        """Fills of an account, of one market kind or one symbol when given.

        Fills in margin wallets are of the kind "margin", and a symbol without a kind leaves them
        out.
        """
        return self.state.fills.between(self._key(account, kind, symbol), start, end)

    def fill(self, account: str, symbol: str, fill_id: str) -> Fill | None:
        return self.state.fill_by_id.get((account, symbol, fill_id))

    def orders(
        self,
        account: str,
        *,
        kind: str | None = None,
        symbol: str | None = None,
        start: int | None = None,
        end: int | None = None,
    ) -> list[Order]:
        """Orders of any status by the time they were placed; kind and symbol as for `fills`."""
        return self.state.orders.between(self._key(account, kind, symbol), start, end)

    def closed_orders(
        self,
        account: str,
        *,
        kind: str | None = None,
        symbol: str | None = None,
        start: int | None = None,
        end: int | None = None,
    ) -> list[Order]:
        """Finished orders (filled, canceled, expired) by the time they ended; kind and symbol as
        for `fills`."""
        return self.state.closed.between(self._key(account, kind, symbol), start, end)

    def open_orders(
        self, account: str, *, kind: str | None = None, symbol: str | None = None
    ) -> list[Order]:
        """Orders still open, oldest first; kind and symbol as for `fills`."""
        key = self._key(account, kind, symbol)
        return [
            o
            for o in list(self.state.open.values())
            if (o.account, o.kind, o.symbol)[: len(key)] == key
        ]

    def order(self, account: str, symbol: str, order_id: str) -> Order | None:
        return self.state.order_by_id.get((account, symbol, order_id))

    def transfers(
        self,
        account: str,
        *,
        kind: str | None = None,
        start: int | None = None,
        end: int | None = None,
    ) -> list[Transfer]:
        """Deposits, withdrawals, internal and earn moves by the time they began."""
        return self.state.transfers.between(_key(account, kind), start, end)

    def conversions(
        self,
        account: str,
        *,
        kind: str | None = None,
        start: int | None = None,
        end: int | None = None,
    ) -> list[Conversion]:
        """Converts and dust sweeps."""
        return self.state.conversions.between(_key(account, kind), start, end)

    def incomes(
        self,
        account: str,
        *,
        kind: str | None = None,
        start: int | None = None,
        end: int | None = None,
    ) -> list[Income]:
        """Dividends, interest and funding payments."""
        return self.state.incomes.between(_key(account, kind), start, end)

    def entries(
        self,
        account: str,
        *,
        wallet: str | None = None,
        start: int | None = None,
        end: int | None = None,
    ) -> list[Entry]:
        """Ledger lines: what every event did to the wallets, with the balance after it."""
        return self.state.books.entries.between(_key(account, wallet), start, end)

    def balances(self, account: str, wallet: str | None = None) -> list[Balance]:
        """What a wallet (or all) holds, rows of zero included."""
        return self.state.books.wallet(account, wallet)

    def positions(self, account: str, kind: str | None = None) -> list[Position]:
        """Open derivative positions."""
        return [
            p for p in self.state.positions.of(account) if kind is None or p.market.kind == kind
        ]

    # -- market data
    #   --------------------------------------------------------------------------------------------

    def ticker(self, exchange: str, symbol: str, now_ms: int | None = None) -> Ticker | None:
        """The ticker, None when the market is not listed at that time."""
        market = self.market(exchange, symbol)
        when = self.now() if now_ms is None else now_ms
        return (
            market_data.ticker(self.state.prices, market, when) if market.trades_at(when) else None
        )

    def tickers(
        self, exchange: str, kind: str | None = None, now_ms: int | None = None
    ) -> list[Ticker]:
        when = self.now() if now_ms is None else now_ms
        markets = self.markets(exchange, kind, listed_at=when)
        return [market_data.ticker(self.state.prices, market, when) for market in markets]

    def candles(
        self, exchange: str, symbol: str, timeframe: str, start_ms: int, limit: int
    ) -> list[Candle]:
        """Candles from `start_ms` on, oldest first, the unfinished one included."""
        market = self.market(exchange, symbol)
        return market_data.candles(
            self.state.prices, market, timeframe, start_ms, limit, self.now()
        )

    def price(self, exchange: str, symbol: str, time_ms: int | None = None) -> Decimal:
        """The path's price of a market, on its tick."""
        return self.state.prices.price(
            self.market(exchange, symbol), self.now() if time_ms is None else time_ms
        )

    # -- changes
    #   --------------------------------------------------------------------------------------------

    def trade(
        self,
        account: str,
        symbol: str,
        side: str,
        amount: Decimal | None = None,
        *,
        quote_amount: Decimal | None = None,
        type: str = "market",  # noqa: A002
        price: Decimal | None = None,
        parts: int = 1,
    ) -> list[Fill]:
        """Trade now at the venue's price (or `price`), give the amount or the quote amount; returns
        the fills."""
        with self.lock:
            now = self.now()
            market = self.market(self.account(account).exchange, symbol)
            if not market.trades_at(now):
                raise VenueError(f"{symbol} is not listed any more")
            at = price or self.state.prices.price(market, now)
            if amount is None:
                if quote_amount is None:
                    raise VenueError("give an amount or a quote amount")
                amount = quote_amount / at / market.contract_size
            order = self.trader.place(
                account, market, side, type, amount, now, price=at if type == "limit" else None,
                quote_amount=quote_amount,
            )  # fmt: skip
            piece = floor_step(order.amount / parts, market.lot)
            sizes = (
                [piece] * (parts - 1) + [order.amount - piece * (parts - 1)]
                if piece > 0
                else [order.amount]
            )
            return [self.trader.fill(order, size, at, now, maker=type == "limit") for size in sizes]

    def edit_cost(
        self, account: str, asset: str, price: Decimal, *, wallet: str = "trading"
    ) -> None:
        """What the user may do where the exchange counts a cost price of its own: write another one
        into it."""
        with self.lock:
            held = next(
                (b.total for b in self.balances(account, wallet) if b.asset == asset), Decimal(0)
            )
            if held <= 0 or price <= 0:
                raise VenueError(
                    f"a cost price above zero for something held, not {price} for {held} {asset} of"
                    f" {account} in {wallet}"
                )
            edit = CostEdit(
                account=account, asset=asset, seq=self.state.next_seq(), price=price, quantity=held
            )
            self.state.cost_edits.append(edit)

    def cost_edits(self, account: str, asset: str) -> list[CostEdit]:
        return [
            edit for edit in self.state.cost_edits if (edit.account, edit.asset) == (account, asset)
        ]

    def list_ending(self, exchange: str, until_ms: int) -> Market:
        """List a market that ends at `until_ms` (see `dated`); its history stays."""
        with self.lock:
            market = ending_market(exchange, self.state.markets, until_ms)
            known = self.state.profiles[exchange]
            self.state.profiles[exchange] = dataclasses.replace(
                known, markets=(*known.markets, market)
            )
            self.state.markets[exchange, market.symbol] = market
            return market

    def place(self, account: str, symbol: str, side: str, amount: Decimal, price: Decimal) -> Order:
        """Place a limit order that stays open until `cancel` or `trader.fill`."""
        with self.lock:
            market = self.market(self.account(account).exchange, symbol)
            return self.trader.place(
                account, market, side, "limit", amount, self.now(), price=price
            )

    def execute(
        self, order: Order, amount: Decimal | None = None, price: Decimal | None = None
    ) -> Fill:
        """Fill an open order now, wholly or in part, at `price` (default: its own, else the
        venue's)."""
        with self.lock:
            at = price or order.price or self.state.prices.price(order.market, self.now())
            rest = order.amount - order.filled
            return self.trader.fill(
                order, min(amount or rest, rest), at, self.now(), maker=order.type == "limit"
            )

    def cancel(self, order: Order) -> None:
        with self.lock:
            self.trader.finish(order, "canceled", self.now())

    def deposit(
        self, account: str, asset: str, amount: Decimal, *, wallet: str | None = None
    ) -> Transfer:
        with self.lock:
            return self.moves.deposit(account, asset, amount, self.now(), wallet=wallet)

    def withdraw(
        self,
        account: str,
        asset: str,
        amount: Decimal,
        *,
        fee: Decimal = Decimal(0),
        to: str | None = None,
    ) -> Transfer:
        """Withdraw; with `to` (an account name) the same amount arrives there at once, under the
        same txid."""
        with self.lock:
            sent = self.moves.withdraw(account, asset, amount, self.now(), fee=fee)
            if to is not None:
                self.moves.arrive(to, sent, self.now())
            return sent

    def transfer(
        self, account: str, asset: str, amount: Decimal, from_wallet: str, to_wallet: str
    ) -> Transfer:
        """Move between wallets of one account."""
        with self.lock:
            return self.moves.internal(account, asset, amount, from_wallet, to_wallet, self.now())

    def ledger_row(
        self, account: str, wallet: str, asset: str, amount: Decimal, word: str
    ) -> Income:
        """Change a wallet by a row of its ledger that no other list has, under the exchange's own
        word for it."""
        with self.lock:
            return self.moves.income(
                account, wallet, "ledger", asset, amount, self.now(), note=word
            )

    def _key(self, account: str, kind: str | None, symbol: str | None) -> tuple[str, ...]:
        """Where the fills and orders of a kind or of a symbol (by default of its market's kind) are
        kept."""
        if symbol is None:
            return (account,) if kind is None else (account, kind)
        return (account, kind or self.market(self.account(account).exchange, symbol).kind, symbol)

    # -- audit
    #   --------------------------------------------------------------------------------------------

    def check_books(self) -> None:
        """Raise BooksError unless ledger, records and balances agree to the last digit."""
        self.state.books.check()
        audit.check_records(self.state)


def _key(account: str, part: str | None) -> tuple[str, ...]:
    return (account,) if part is None else (account, part)


def _dated(profile: Profile, now_ms: int) -> Profile:
    """The profile with listing times counted from now."""

    def ms(days: float | None) -> int | None:
        return None if days is None else int(now_ms - days * DAY_MS)

    markets = []
    for market in profile.markets:
        listed, delisted = profile.listed_days.get(market.symbol, (None, None))
        markets.append(
            dataclasses.replace(market, listed_from=ms(listed) or 0, listed_until=ms(delisted))
        )
    return dataclasses.replace(profile, markets=tuple(markets))


__all__ = ["ALL_ACCOUNTS", "DEFAULT_ACCOUNTS", "BooksError", "Venue"]
