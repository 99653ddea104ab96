"""Margin trading now: what tests and the demo may do with margin wallets, and what may be asked
about debts.

A wallet is the one that lends (the cross margin wallet, or a unified one), or with `pair` (a
symbol) that pair's isolated one. `Venue` inherits this.
"""

from __future__ import annotations

import dataclasses
import threading
from decimal import ROUND_UP, Decimal

from exchange_cache.simulator.venue.loans import Debt, Loans
from exchange_cache.simulator.venue.records import (
    ISOLATED,
    ZERO,
    Account,
    Fill,
    Income,
    LoanEvent,
    Market,
    Order,
    VenueError,
    isolated_wallet,
)
from exchange_cache.simulator.venue.state import State
from exchange_cache.simulator.venue.trader import Trader, floor_step

DAILY_RATE = Decimal("0.0003")


class MarginActions:
    """Borrowing, trading on margin, repaying."""

    state: State
    trader: Trader
    loans: Loans
    lock: threading.RLock

    def now(self) -> int:
        raise NotImplementedError

    def account(self, name: str) -> Account:
        raise NotImplementedError

    def market(self, exchange: str, symbol: str) -> Market:
        raise NotImplementedError

    # -- queries
    #   --------------------------------------------------------------------------------------------

    def debts(self, account: str, wallet: str) -> list[Debt]:
        """What a margin wallet owes, assets long repaid included."""
        return self.loans.debts(account, wallet)

    def isolated_pairs(self, account: str) -> list[str]:
        """The symbols whose isolated wallet the account uses or used."""
        wallets = dict.fromkeys(row.wallet for row in self.state.books.wallet(account, None))
        return [wallet.removeprefix(ISOLATED) for wallet in wallets if wallet.startswith(ISOLATED)]

    def loan_events(
        self,
        account: str,
        *,
        kind: str | None = None,
        wallet: str | None = None,
        start: int | None = None,
        end: int | None = None,
    ) -> list[LoanEvent]:
        """Loans and repayments, oldest first; kind: borrow | repay. Interest is among the
        incomes."""
        key = (account,) if kind is None else (account, kind)
        return [
            event
            for event in self.state.loans.between(key, start, end)
            if wallet in (None, event.wallet)
        ]

    # -- changes
    #   --------------------------------------------------------------------------------------------

    def set_margin(self, account: str, margin: str) -> None:
        """Let the account have opened margin trading (open), or not (uncreated | none, see
        `Account`)."""
        self.state.accounts[account] = dataclasses.replace(
            self.state.accounts[account], margin=margin
        )

    def borrow(
        self, account: str, asset: str, amount: Decimal, *, pair: str | None = None
    ) -> LoanEvent:
        with self.lock:
            return self.loans.borrow(
                account, self._wallet(account, pair), asset, amount, self.now()
            )

    def accrue(
        self,
        account: str,
        asset: str,
        *,
        pair: str | None = None,
        rate: Decimal = DAILY_RATE,
        days: Decimal = Decimal(1),
    ) -> Income | None:
        """Charge interest of so many days now."""
        with self.lock:
            return self.loans.accrue(
                account, self._wallet(account, pair), asset, self.now(), rate=rate, days=days
            )

    def repay(
        self, account: str, asset: str, amount: Decimal | None = None, *, pair: str | None = None
    ) -> LoanEvent:
        """Repay `amount`, or as much of the debt as is free in the wallet."""
        with self.lock:
            wallet = self._wallet(account, pair)
            most = min(
                self.loans.debt(account, wallet, asset).total,
                self.state.books.free(account, wallet, asset),
            )
            return self.loans.repay(
                account, wallet, asset, most if amount is None else amount, self.now()
            )

    def margin_trade(
        self,
        account: str,
        symbol: str,
        side: str,
        amount: Decimal,
        *,
        borrow: bool = True,
        isolated: bool = False,
        parts: int = 1,
        forced: bool = False,
    ) -> list[Fill]:
        """A market order now, filled at once in `parts`; what the wallet lacks is borrowed, unless
        `borrow` is off."""
        with self.lock:
            market, now = self._listed(account, symbol), self.now()
            price = self.state.prices.price(market, now)
            order = self._order(
                account,
                market,
                side,
                amount,
                None,
                now,
                borrow=borrow,
                isolated=isolated,
                forced=forced,
            )
            piece = floor_step(order.amount / parts, market.lot)
            sizes = (
                [piece] * (parts - 1) + [order.amount - piece * (parts - 1)]
                if piece > 0
                else [order.amount]
            )
            return [self.trader.fill(order, size, price, now, maker=False) for size in sizes]

    def margin_place(
        self,
        account: str,
        symbol: str,
        side: str,
        amount: Decimal,
        price: Decimal,
        *,
        borrow: bool = True,
        isolated: bool = False,
    ) -> Order:
        """A limit order that stays open until `cancel` or `execute`."""
        with self.lock:
            market, now = self._listed(account, symbol), self.now()
            return self._order(
                account, market, side, amount, price, now, borrow=borrow, isolated=isolated
            )

    def _listed(self, account: str, symbol: str) -> Market:
        market = self.market(self.account(account).exchange, symbol)
        if not market.trades_at(self.now()):
            raise VenueError(f"{symbol} is not listed any more")
        return market

    def _order(
        self,
        account: str,
        market: Market,
        side: str,
        amount: Decimal,
        price: Decimal | None,
        now: int,
        *,
        borrow: bool,
        isolated: bool,
        forced: bool = False,
    ) -> Order:
        wallet = self._wallet(account, market.symbol if isolated else None)
        if borrow:
            borrow_for(self.trader, self.loans, account, wallet, market, side, amount, price, now)
        return self.trader.place(
            account,
            market,
            side,
            "market" if price is None else "limit",
            amount,
            now,
            price=price,
            wallet=wallet,
            forced=forced,
            may_borrow=borrow,
        )

    def _wallet(self, account: str, pair: str | None) -> str:
        return self.state.profile_of(account).lends if pair is None else isolated_wallet(pair)


def borrow_for(
    trader: Trader,
    loans: Loans,
    account: str,
    wallet: str,
    market: Market,
    side: str,
    amount: Decimal,
    price: Decimal | None,
    time_ms: int,
) -> LoanEvent | None:
    """Borrow what the wallet lacks for an order, to eight decimals, as an exchange does that
    borrows by itself."""
    asset, needed = trader.needed(market, side, amount, price, time_ms)
    if asset is None:
        raise VenueError(f"{market.symbol} is not traded on margin")
    missing = (needed - trader.free(account, wallet, asset)).quantize(
        Decimal("1e-8"), rounding=ROUND_UP
    )
    return (
        None
        if missing <= ZERO
        else loans.borrow(account, wallet, asset, missing, time_ms, way="AUTO")
    )
