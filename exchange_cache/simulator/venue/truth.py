"""What really happened, told and checked apart from the ledger: tests lay it beside what excache
says.

`tell` gives JSON-able data; `check_records` recomputes every balance from fills, moves and income
alone.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from exchange_cache.simulator.venue.books import liability
from exchange_cache.simulator.venue.records import SPOT, BooksError

if TYPE_CHECKING:
    from exchange_cache.simulator.venue.core import Venue
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


def tell(venue: Venue) -> dict[str, Any]:
    """The whole truth: {"now": ms, "accounts": {name: {...}}}."""
    return {
        "now": venue.now(),
        "seed": venue.seed,
        "accounts": {account.name: _account(venue, account.name) for account in venue.accounts()},
    }


def _account(venue: Venue, name: str) -> dict[str, Any]:
    exchange = venue.account(name).exchange
    fills: dict[str, dict[str, list[Any]]] = defaultdict(dict)
    served: dict[str, dict[str, list[str]]] = defaultdict(dict)
    for fill in venue.fills(name):
        fills[fill.kind].setdefault(fill.symbol, []).append([fill.id, fill.time_ms])
        oldest = venue.oldest_served(exchange, "fills", fill.kind)
        if oldest is None or fill.time_ms >= oldest:
            served[fill.kind].setdefault(fill.symbol, []).append(fill.id)
    return {
        "exchange": exchange,
        "balances": _balances(venue, name, own_names=True),
        "balances_by_code": _balances(venue, name, own_names=False),
        "fills": fills,
        "fills_served": served,
        "open_orders": {o.id: o.symbol for o in venue.open_orders(name)},
        "closed_orders": {
            o.id: [o.symbol, o.status, str(o.filled)] for o in venue.closed_orders(name)
        },
        "transfers": [
            {
                "id": t.id,
                "kind": t.kind,
                "asset": t.asset,
                "amount": str(t.amount),
                "fee": str(t.fee),
                "txid": t.txid,
                "time": t.time_ms,
                "from": t.from_wallet,
                "to": t.to_wallet,
                "to_asset": t.to_asset,
            }
            for t in venue.transfers(name)
        ],
        "positions": [
            {
                "symbol": p.symbol,
                "side": p.side,
                "contracts": str(p.contracts),
                "entry_price": str(p.entry_price),
                "hedge": p.hedge,
            }
            for p in venue.positions(name)
        ],
    }


def _balances(venue: Venue, name: str, *, own_names: bool) -> dict[str, dict[str, str]]:
    """Totals by wallet and asset, zero rows left out; margin wallets net of what they owe, so a
    short is negative."""
    profile = venue.profile(venue.account(name).exchange)
    wallets: dict[str, dict[str, str]] = {wallet: {} for wallet in profile.wallets}
    for row in venue.balances(name):
        if row.total != 0:
            code = profile.asset_id(row.asset) if own_names else row.asset
            wallets.setdefault(row.wallet, {})[code] = f"{row.total:f}"
    return wallets
