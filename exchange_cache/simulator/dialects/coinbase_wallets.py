"""Coinbase's v2 interface to wallets: accounts, their transactions, and deposits and withdrawals of
state money.

Lists are newest first, 25 rows unless `limit` says otherwise, and go on with `starting_after` the
last id, as `next_uri` spells out (docs.cdp.coinbase.com, "Pagination", "Accounts", "Transactions").
Amounts have the digits of their currency, two for dollars: balances of Advanced Trade have more.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, TypeVar

from exchange_cache.simulator.dialects.coinbase_base import (
    FIAT,
    CoinbaseBase,
    iso,
    made_uuid,
    plain,
    v2_refusal,
)
from exchange_cache.simulator.dialects.coinbase_brokerage import wallet_id
from exchange_cache.simulator.dialects.coinbase_market import EXPONENTS, NAMES, crypto_currency
from exchange_cache.simulator.venue import Account, Conversion, Entry, Fill, Income, Transfer
from exchange_cache.simulator.wire import Request

T = TypeVar("T")
_DEFAULT_PAGE, _MOST_ROWS, _MOST_ACCOUNTS = 25, 100, 250
_NETWORK_NAMES = {"BTC": "bitcoin", "SOL": "solana", "XRP": "ripple", "ADA": "cardano"}


class CoinbaseWallets(CoinbaseBase):
    """Everything below /v2 that needs a key."""

    def v2_user(self, request: Request) -> Any:
        account = self.signed(request)
        return {
            "data": {
                "id": made_uuid(f"user:{account.uid}"),
                "name": "Demo",
                "resource": "user",
                "resource_path": "/v2/user",
            }
        }

    def v2_accounts(self, request: Request) -> Any:
        """A wallet per asset ever held, and one named by its code for every asset that never
        was."""
        account = self.signed(request)
        held = {b.asset: b.total for b in self.venue.balances(account.name)}
        others = [code for code in self._codes() if code not in held]
        rows = [self._account(account, asset, total) for asset, total in held.items()]
        rows += [self._account(account, code, None) for code in others]
        return _listed(request, rows, lambda row: str(row["id"]), _MOST_ACCOUNTS)

    def v2_account(self, request: Request, account_id: str) -> Any:
        account = self.signed(request)
        asset = self._asset(account, account_id)
        totals = {b.asset: b.total for b in self.venue.balances(account.name)}
        return {"data": self._account(account, asset, totals.get(asset))}

    def v2_transactions(self, request: Request, account_id: str) -> Any:
        account = self.signed(request)
        asset = self._asset(account, account_id)
        return _listed(
            request, self._entries(account, asset), _transaction_id, _MOST_ROWS, self._transaction
        )

    def v2_transaction(self, request: Request, account_id: str, transaction_id: str) -> Any:
        account = self.signed(request)
        for entry in self._entries(account, self._asset(account, account_id)):
            if _transaction_id(entry) == transaction_id:
                return {"data": self._transaction(entry)}
        raise v2_refusal(404, "not_found", "Not found")

    def v2_deposits(self, request: Request, account_id: str) -> Any:
        return self._fiat_moves(request, account_id, "deposit")

    def v2_withdrawals(self, request: Request, account_id: str) -> Any:
        return self._fiat_moves(request, account_id, "withdrawal")

    def v2_trades(self, request: Request, account_id: str) -> Any:
        """Buys and sells outside Advanced Trade: none."""
        account = self.signed(request)
        self._asset(account, account_id)
        return _listed(request, [], str, _MOST_ROWS)

    def _fiat_moves(self, request: Request, account_id: str, kind: str) -> Any:
        """Coins are not here, only among the transactions."""
        account = self.signed(request)
        asset = self._asset(account, account_id)
        rows = [
            t
            for t in self.venue.transfers(account.name, kind=kind)
            if t.asset == asset and asset in FIAT
        ]
        rows.sort(key=lambda t: (t.time_ms, t.seq), reverse=True)
        return _listed(
            request, rows, lambda t: _move_id(t), _MOST_ROWS, lambda t: _fiat_move(account, t)
        )

    def _codes(self) -> list[str]:
        traded = (code for m in self.venue.markets(self.exchange) for code in (m.base, m.quote))
        return list(dict.fromkeys((*traded, *NAMES)))

    def _asset(self, account: Account, account_id: str) -> str:
        known = {b.asset for b in self.venue.balances(account.name)}
        for code in dict.fromkeys((*known, *self._codes())):
            if account_id == wallet_id(account, code) or account_id == code:
                return code
        raise v2_refusal(404, "not_found", "Not found")

    def _entries(self, account: Account, asset: str) -> list[Entry]:
        """The ledger lines of an asset, newest first."""
        rows = [e for e in self.venue.entries(account.name) if e.asset == asset]
        return sorted(rows, key=lambda e: (e.time_ms, e.seq), reverse=True)

    def _account(self, account: Account, asset: str, total: Decimal | None) -> dict[str, Any]:
        account_id = asset if total is None else wallet_id(account, asset)
        created = None if total is None else iso(account.created_ms, digits=0)
        currency = crypto_currency(asset)
        if asset in FIAT:
            currency = {**currency, "exponent": 2, "type": "fiat"}
            del currency["asset_id"], currency["address_regex"]
        return {
            "id": account_id,
            "name": f"{asset} Wallet",
            "primary": False,
            "type": "fiat" if asset in FIAT else "wallet",
            "currency": currency,
            "balance": _money(total or Decimal(0), asset),
            "created_at": created,
            "updated_at": created,
            "resource": "account",
            "resource_path": f"/v2/accounts/{account_id}",
            "allow_deposits": True,
            "allow_withdrawals": True,
            "portfolio_id": made_uuid(f"portfolio:{account.uid}"),
        }

    def _transaction(self, entry: Entry) -> dict[str, Any]:
        account = self.venue.account(entry.account)
        amount = entry.amount - entry.fee
        rate = Decimal(repr(self.venue.state.prices.usd(entry.asset, entry.time_ms)))
        kind, details = _transaction_kind(entry)
        path = (
            f"/v2/accounts/{wallet_id(account, entry.asset)}/transactions/{_transaction_id(entry)}"
        )
        return {
            "id": _transaction_id(entry),
            "type": kind,
            "status": "completed",
            "amount": _money(amount, entry.asset),
            "native_amount": _money(amount * rate, "USD"),
            "description": None,
            "created_at": iso(entry.time_ms, digits=0),
            "resource": "transaction",
            "resource_path": path,
            **details,
        }


def _transaction_id(entry: Entry) -> str:
    return (
        entry.source.id
        if isinstance(entry.source, Transfer)
        else made_uuid(f"transaction:{entry.id}")
    )


def _transaction_kind(entry: Entry) -> tuple[str, dict[str, Any]]:
    """Coinbase's type of a ledger line, and the fields that only this type has."""
    source = entry.source
    if isinstance(source, Fill):
        return "advanced_trade_fill", {
            "advanced_trade_fill": {
                "fill_price": plain(source.price),
                "product_id": source.market.id,
                "order_id": source.order_id,
                "commission": plain(source.fees[0][1]),
                "order_side": source.side,
            }
        }
    if isinstance(source, Conversion):
        trade_id = made_uuid(f"trade:{source.id}")
        return "trade", {
            "trade": {
                "id": trade_id,
                "resource": "trade",
                "resource_path": f"/v2/trades/{trade_id}",
            }
        }
    if isinstance(source, Income):
        kind = (
            "interest"
            if source.kind == "interest"
            else "staking_reward"
            if "staking" in source.note
            else "earn_payout"
        )
        return kind, {"details": {"title": source.note}}
    assert isinstance(source, Transfer)
    if source.asset in FIAT:
        word = f"fiat_{source.kind}"
        return word, {word: {"id": _move_id(source), "resource": word}}
    return "send", _sent(source)


def _sent(move: Transfer) -> dict[str, Any]:
    """Coins over a network: the amount of a withdrawal includes the network's fee."""
    network: dict[str, Any] = {
        "status": "confirmed",
        "hash": move.txid,
        "network_name": _NETWORK_NAMES.get(move.asset, "ethereum"),
    }
    if move.kind == "deposit":
        return {
            "network": network,
            "from": {"resource": f"{network['network_name']}_network", "currency": move.asset},
        }
    network["transaction_fee"] = {"amount": plain(move.fee), "currency": move.asset}
    return {
        "idem": made_uuid(f"idem:{move.id}"),
        "network": network,
        "to": {"resource": "address", "address": move.address},
    }


def _move_id(move: Transfer) -> str:
    return made_uuid(f"{move.kind}:{move.id}")


def _fiat_move(account: Account, move: Transfer) -> dict[str, Any]:
    """`amount` arrives, `subtotal` left the wallet (a withdrawal's fee lies between)."""
    account_path = f"/v2/accounts/{wallet_id(account, move.asset)}"
    method = made_uuid(f"method:{account.uid}:{move.asset}")
    return {
        "id": _move_id(move),
        "status": "completed",
        "payment_method": {
            "id": method,
            "resource": "payment_method",
            "resource_path": f"/v2/payment-methods/{method}",
        },
        "transaction": {
            "id": move.id,
            "resource": "transaction",
            "resource_path": f"{account_path}/transactions/{move.id}",
        },
        "user_reference": move.id[:8].upper(),
        "created_at": iso(move.time_ms, digits=0),
        "updated_at": iso(move.done_ms, digits=0),
        "resource": move.kind,
        "resource_path": f"{account_path}/{move.kind}s/{_move_id(move)}",
        "committed": True,
        "payout_at": iso(move.done_ms, digits=0),
        "instant": False,
        "fee": _money(move.fee, move.asset),
        "amount": _money(move.amount, move.asset),
        "subtotal": _money(move.amount + move.fee, move.asset),
        "hold_until": None,
        "hold_days": 0,
        "hold_business_days": 0,
        "next_step": None,
    }


def _money(amount: Decimal, currency: str) -> dict[str, str]:
    step = Decimal(1).scaleb(-EXPONENTS.get(currency, 8))
    return {"amount": f"{amount.quantize(step, rounding=ROUND_HALF_EVEN):f}", "currency": currency}


def _listed(
    request: Request,
    rows: list[T],
    row_id: Callable[[T], str],
    most: int,
    worded: Callable[[T], Any] = lambda row: row,
) -> dict[str, Any]:
    """One page and how to get the next; `rows` come newest first."""
    query = request.query
    size = query.get("limit", str(_DEFAULT_PAGE))
    if not size.isdigit() or int(size) < 1:
        raise v2_refusal(400, "validation_error", "limit is invalid")
    count = min(int(size), most)
    order = query.get("order", "desc")
    rows = rows[::-1] if order == "asc" else rows
    after, before = query.get("starting_after"), query.get("ending_before")
    ids = [row_id(row) for row in rows]
    if (after and after not in ids) or (before and before not in ids):
        raise v2_refusal(400, "validation_error", "Invalid pagination parameter")
    first = ids.index(after) + 1 if after else 0
    last = ids.index(before) if before else len(rows)
    page = rows[first:last][:count] if not before or after else rows[max(0, last - count) : last]
    rest = bool(page) and ids.index(row_id(page[-1])) + 1 < len(rows)
    following = row_id(page[-1]) if rest else None
    uri = None if following is None else f"{request.path}?limit={count}&starting_after={following}"
    return {
        "pagination": {
            "ending_before": before,
            "starting_after": after,
            "previous_ending_before": None,
            "next_starting_after": following,
            "limit": count,
            "order": order,
            "previous_uri": None,
            "next_uri": uri,
        },
        "data": [worded(row) for row in page],
    }
