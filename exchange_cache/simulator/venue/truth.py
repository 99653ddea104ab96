"""What really happened, as plain JSON: tests compare what excache says with it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from exchange_cache.simulator.venue.core import Venue


def truth_of(venue: Venue) -> dict[str, Any]:
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
