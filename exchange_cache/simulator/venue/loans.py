"""Borrowing in margin wallets and unified ones: loans, the interest they accrue, repayments. Books
both sides of each.

A loan adds to the wallet and to what the wallet owes; interest adds to what it owes alone; a
repayment takes from both, interest first. So a wallet is worth free + locked - borrowed - interest,
which is below zero for what was borrowed and sold.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_UP, Decimal
from typing import TYPE_CHECKING

from exchange_cache.simulator.venue.books import liability
from exchange_cache.simulator.venue.records import ZERO, Income, LoanEvent, VenueError, is_margin

if TYPE_CHECKING:
    from exchange_cache.simulator.venue.state import State

_EIGHT = Decimal("1e-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class Debt:
    """What a wallet owes of one asset."""

    wallet: str
    asset: str
    borrowed: Decimal
    interest: Decimal

    @property
    def total(self) -> Decimal:
        return self.borrowed + self.interest


class Loans:
    """The only place that changes what a wallet owes."""

    def __init__(self, state: State) -> None:
        self._state = state

    def debt(self, account: str, wallet: str, asset: str) -> Debt:
        """What is owed now; zero when nothing is."""
        owed = {
            what: -self._state.books.balances.get((account, liability(wallet, what), asset), ZERO)
            for what in ("borrowed", "interest")
        }
        return Debt(wallet=wallet, asset=asset, **owed)

    def debts(self, account: str, wallet: str) -> list[Debt]:
        """Every asset that the wallet ever borrowed, zero rows included."""
        name = liability(wallet, "borrowed")
        keys = [key for key in list(self._state.books.balances) if key[:2] == (account, name)]
        return [self.debt(account, wallet, asset) for _, _, asset in keys]

    def borrow(
        self,
        account: str,
        wallet: str,
        asset: str,
        amount: Decimal,
        time_ms: int,
        *,
        way: str = "MANUAL",
    ) -> LoanEvent:
        """Lend `amount` to the wallet."""
        lends = is_margin(wallet) or wallet == self._state.profile_of(account).lends
        if not lends or amount <= 0:
            raise VenueError(f"{account}/{wallet} cannot borrow {amount} {asset}")
        event = self._event("borrow", account, wallet, asset, amount, ZERO, time_ms, way)
        self._post(event, wallet, amount)
        self._post(event, liability(wallet, "borrowed"), -amount)
        return event

    def accrue(
        self,
        account: str,
        wallet: str,
        asset: str,
        time_ms: int,
        *,
        rate: Decimal,
        days: Decimal = Decimal(1),
        way: str = "PERIODIC",
    ) -> Income | None:
        """Charge `days` of interest at a daily `rate` on what is borrowed; None when nothing is."""
        borrowed = self.debt(account, wallet, asset).borrowed
        if borrowed == 0:
            return None
        state, interest = self._state, (borrowed * rate * days).quantize(_EIGHT, rounding=ROUND_UP)
        exchange = state.accounts[account].exchange
        row = Income(
            exchange=exchange,
            account=account,
            id=state.ids[account].new("income"),
            seq=state.next_seq(),
            kind="loan_interest",
            wallet=wallet,
            asset=asset,
            amount=-interest,
            time_ms=time_ms,
            note=way,
            size=borrowed,
            rate=rate,
        )
        state.incomes.add(time_ms, row)
        state.books.post(
            exchange,
            account,
            liability(wallet, "interest"),
            asset,
            time_ms,
            row.kind,
            row,
            amount=-interest,
            against="loans",
        )
        return row

    def repay(
        self,
        account: str,
        wallet: str,
        asset: str,
        amount: Decimal,
        time_ms: int,
        *,
        way: str = "MANUAL",
    ) -> LoanEvent:
        """Pay `amount` of a debt back from the wallet, interest first; raise VenueError when it is
        more than owed or free."""
        debt, free = (
            self.debt(account, wallet, asset),
            self._state.books.free(account, wallet, asset),
        )
        if not 0 < amount <= min(debt.total, free):
            raise VenueError(
                f"{account}/{wallet} owes {debt.total} {asset}, has {free} free, {amount} to repay"
            )
        interest = min(amount, debt.interest)
        event = self._event(
            "repay", account, wallet, asset, amount - interest, interest, time_ms, way
        )
        self._post(event, wallet, -amount)
        self._post(event, liability(wallet, "interest"), interest)
        self._post(event, liability(wallet, "borrowed"), amount - interest)
        return event

    def _event(
        self,
        kind: str,
        account: str,
        wallet: str,
        asset: str,
        principal: Decimal,
        interest: Decimal,
        time_ms: int,
        way: str,
    ) -> LoanEvent:
        exchange = self._state.accounts[account].exchange
        event = LoanEvent(
            exchange=exchange,
            account=account,
            id=self._state.ids[account].new("loan"),
            seq=self._state.next_seq(),
            kind=kind,
            wallet=wallet,
            asset=asset,
            principal=principal,
            interest=interest,
            time_ms=time_ms,
            way=way,
        )
        self._state.loans.add(time_ms, event)
        return event

    def _post(self, event: LoanEvent, wallet: str, amount: Decimal) -> None:
        if amount != 0:
            self._state.books.post(
                event.exchange,
                event.account,
                wallet,
                event.asset,
                event.time_ms,
                event.kind,
                event,
                amount=amount,
                against="loans",
            )
