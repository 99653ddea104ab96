"""Adds up what happened apart from the books: every balance again, from fills, moves and income."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING

from exchange_cache.simulator.venue.books import liability
from exchange_cache.simulator.venue.records import SPOT, BooksError

if TYPE_CHECKING:
    from exchange_cache.simulator.venue.state import State

_Sums = defaultdict[tuple[str, str, str], Decimal]


def check_records(state: State) -> None:
    """Raise BooksError unless fills, transfers, conversions, income and loans add up to every
    wallet and liability."""
    sums: _Sums = defaultdict(Decimal)
    for account in state.accounts:
        _add_fills(state, account, sums)
        _add_moves(state, account, sums)
        _add_loans(state, account, sums)
    for key, balance in state.books.balances.items():
        if sums[key] != balance:
            raise BooksError(f"{key}: records sum to {sums[key]}, wallet holds {balance}")
    held: _Sums = defaultdict(Decimal)
    for order in state.open.values():
        if order.hold_asset is not None:
            held[(order.account, order.wallet, order.hold_asset)] += order.hold
    for key, hold in state.books.holds.items():
        if held[key] != hold:
            raise BooksError(f"{key}: open orders hold {held[key]}, wallet says {hold}")


def _add_fills(state: State, account: str, sums: _Sums) -> None:
    for fill in state.fills.between((account,)):
        market = fill.market
        if market.kind == SPOT:
            sign = 1 if fill.side == "buy" else -1
            sums[(account, fill.wallet, market.base)] += sign * fill.amount
            sums[(account, fill.wallet, market.quote)] -= sign * fill.cost
        else:
            sums[(account, fill.wallet, market.settle or market.quote)] += fill.realised_pnl
        for asset, fee in fill.fees:
            sums[(account, fill.wallet, asset)] -= fee


def _add_moves(state: State, account: str, sums: _Sums) -> None:
    for move in state.transfers.between((account,)):
        if move.from_wallet is not None:
            sums[(account, move.from_wallet, move.asset)] -= move.amount + move.fee
        if move.to_wallet is not None:
            sums[(account, move.to_wallet, move.to_asset or move.asset)] += move.amount
    for row in state.conversions.between((account,)):
        sums[(account, row.wallet, row.from_asset)] -= row.from_amount
        sums[(account, row.wallet, row.to_asset)] += row.to_amount
    for income in state.incomes.between((account,)):
        wallet = (
            liability(income.wallet, "interest")
            if income.kind == "loan_interest"
            else income.wallet
        )
        sums[(account, wallet, income.asset)] += income.amount


def _add_loans(state: State, account: str, sums: _Sums) -> None:
    for event in state.loans.between((account,)):
        borrowed, interest = (
            (account, liability(event.wallet, "borrowed")),
            (account, liability(event.wallet, "interest")),
        )
        sign = 1 if event.kind == "borrow" else -1
        sums[(account, event.wallet, event.asset)] += sign * (event.principal + event.interest)
        sums[(*borrowed, event.asset)] -= sign * event.principal
        sums[(*interest, event.asset)] -= sign * event.interest
