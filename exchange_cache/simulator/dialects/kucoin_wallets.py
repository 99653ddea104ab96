"""KuCoin's wallets: balances by type, deposits, withdrawals, ledgers, converts, savings, the key
and its sub-accounts.

Ledgers of main and trade cover one day per request and go back one year; that of the high-frequency
wallet a week (kucoin.com/docs-new, "Get Account Ledgers").
"""

from __future__ import annotations

import json
from typing import Any

from exchange_cache.simulator.dialects.kucoin_base import (
    DAY_MS,
    WEEK_MS,
    KucoinBase,
    after_last,
    integer,
    num,
    paged,
    refusal,
)
from exchange_cache.simulator.venue import Account, Balance, Conversion, Entry, Fill, Transfer
from exchange_cache.simulator.wire import Request

_TYPES = ("main", "trade", "trade_hf", "margin", "margin_v2", "isolated", "isolated_v2")
_CHAINS = {"BTC": "btc", "SOL": "sol", "XRP": "xrp", "ADA": "ada", "KCS": "kcc"}
_YEAR_MS = 365 * DAY_MS
_BUSINESS = {
    "trade": "Trade_Exchange",
    "deposit": "Deposit",
    "withdrawal": "Withdrawal",
    "internal": "Transfer",
    "convert": "Instant Exchange",
    "interest": "Staking Profits",
}
_HF_BUSINESS = {"trade": "TRADE_EXCHANGE", "internal": "TRANSFER"}


class KucoinWallets(KucoinBase):
    """Everything about money that is not trading."""

    def accounts(self, request: Request) -> Any:
        """Rows by wallet type and currency, zeros included; savings and futures are elsewhere."""
        account = self.signed(request)
        kind, currency = request.query.get("type"), request.query.get("currency")
        if kind and kind not in _TYPES:
            raise refusal("400100", "account type invalid")
        rows = [b for b in self.venue.balances(account.name) if b.wallet in _TYPES]
        return [
            _account(account, b)
            for b in rows
            if kind in (None, "", b.wallet) and currency in (None, "", b.asset)
        ]

    def one_account(self, request: Request, account_id: str) -> Any:
        account = self.signed(request)
        for balance in self.venue.balances(account.name):
            if balance.wallet in _TYPES and _account_id(account, balance) == account_id:
                row = _account(account, balance)
                return {name: row[name] for name in ("currency", "balance", "available", "holds")}
        raise refusal("400100", "account not exist")

    def margin_account(self, request: Request) -> Any:
        self.signed(request)
        return {"debtRatio": "0", "accounts": []}

    def isolated_accounts(self, request: Request) -> Any:
        self.signed(request)
        return {
            "totalAssetOfQuoteCurrency": "0",
            "totalLiabilityOfQuoteCurrency": "0",
            "timestamp": request.now_ms,
            "assets": [],
        }

    def margin_symbols(self, request: Request) -> Any:
        self.signed(request)
        return {"timestamp": request.now_ms, "items": []}

    def isolated_symbols(self, request: Request) -> Any:
        self.signed(request)
        return []

    def deposits(self, request: Request) -> Any:
        """Deposits have no id of their own."""
        return paged(request, self._moves(request, "deposit"), _deposit)

    def withdrawals(self, request: Request) -> Any:
        return paged(request, self._moves(request, "withdrawal"), _withdrawal)

    def old_moves(self, request: Request) -> Any:
        """Deposits and withdrawals from before 2019: none."""
        self.signed(request)
        return paged(request, [], str)

    def _moves(self, request: Request, kind: str) -> list[Transfer]:
        """Newest first, by the time they began; without bounds all."""
        account = self.signed(request)
        start, end = integer(request, "startAt"), integer(request, "endAt")
        rows = self.venue.transfers(account.name, kind=kind, start=start, end=end)
        query = request.query
        return [
            t
            for t in reversed(rows)
            if query.get("currency") in (None, "", t.asset)
            and query.get("status") in (None, "", "SUCCESS")
        ]

    def ledgers(self, request: Request) -> Any:
        """The main and the old trade wallet: one day per request, one year back."""
        account = self.signed(request)
        start, end = self.window(request, DAY_MS)
        start = max(start, request.now_ms - _YEAR_MS)
        entries = [
            e
            for e in self.venue.entries(account.name, start=start, end=end)
            if e.wallet in ("main", "trade")
        ]
        entries = _selected(request, entries, business)
        return paged(request, entries, lambda e: _ledger(e, business(e)))

    def hf_ledgers(self, request: Request) -> Any:
        """The high-frequency wallet, by `lastId`; a list without page numbers."""
        account = self.signed(request)
        start, end = self.window(request, WEEK_MS)
        start = max(start, request.now_ms - WEEK_MS)
        entries = self.venue.entries(account.name, wallet="trade_hf", start=start, end=end)
        page = after_last(
            request, _selected(request, entries, _hf_business), _entry_number, default=100, most=200
        )
        return [{**_ledger(e, _hf_business(e)), "createdAt": str(e.time_ms)} for e in page]

    def converts(self, request: Request) -> Any:
        account = self.signed(request)
        start, end = integer(request, "startAt"), integer(request, "endAt")
        rows = self.venue.conversions(account.name, start=start, end=end)
        query = request.query
        rows = [r for r in reversed(rows) if query.get("orderId") in (None, "", r.id)]
        size, number = integer(request, "pageSize") or 20, integer(request, "page") or 1
        return {
            "currentPage": number,
            "pageSize": size,
            "totalNum": len(rows),
            "totalPage": -(-len(rows) // size),
            "items": [_convert(row) for row in rows[(number - 1) * size : number * size]],
        }

    def savings(self, request: Request) -> Any:
        """What lies in Simple Earn."""
        account = self.signed(request)
        moved = [
            t for t in self.venue.transfers(account.name, kind="internal") if t.to_wallet == "earn"
        ]
        rows = [b for b in self.venue.balances(account.name, "earn") if b.total]
        begun = {t.asset: t for t in reversed(moved)}
        return paged(
            request,
            [b for b in rows if b.asset in begun],
            lambda b: _saving(b, begun[b.asset]),
            default=15,
        )

    def api_key(self, request: Request) -> Any:
        """What the key may do; reading is "General"."""
        account = self.signed(request, any_permission=True)
        words = ["General"] if account.can_read else []
        words += ["Spot", "Futures"] if account.can_trade else []
        words += ["Withdrawal"] if account.can_withdraw else []
        return {
            "remark": account.name,
            "apiKey": account.api_key,
            "apiVersion": 3,
            "permission": ",".join(words),
            "ipWhitelist": ",".join(account.ips),
            "createdAt": account.created_ms,
            "uid": int(account.uid),
            "isMaster": True,
        }

    def user_info(self, request: Request) -> Any:
        self.signed(request)
        return {
            "level": 0,
            "subQuantity": 0,
            "spotSubQuantity": 0,
            "futuresSubQuantity": 0,
            "maxDefaultSubQuantity": 5,
        }

    def sub_users(self, request: Request) -> Any:
        """No sub-accounts."""
        self.signed(request)
        return paged(request, [], str, default=10, most=100)


def _account_id(account: Account, balance: Balance) -> str:
    number = sum(
        ord(letter) * 257**place for place, letter in enumerate(f"{balance.wallet}{balance.asset}")
    )
    return str((int(account.uid) * 1_000_003 + number) % 10**10)


def _account(account: Account, balance: Balance) -> dict[str, Any]:
    return {
        "id": _account_id(account, balance),
        "currency": balance.asset,
        "type": balance.wallet,
        "balance": num(balance.total),
        "available": num(balance.free),
        "holds": num(balance.used),
    }


def _move(move: Transfer) -> dict[str, Any]:
    return {
        "currency": move.asset,
        "chain": _CHAINS.get(move.asset, "eth"),
        "status": "SUCCESS",
        "address": move.address,
        "memo": "",
        "isInner": False,
        "amount": num(move.amount),
        "fee": num(move.fee),
        "walletTxId": move.txid,
        "createdAt": move.time_ms,
        "updatedAt": move.done_ms,
        "remark": "",
    }


def _deposit(move: Transfer) -> dict[str, Any]:
    return {**_move(move), "arrears": False}


def _withdrawal(move: Transfer) -> dict[str, Any]:
    return {"id": move.id, **_move(move)}


def business(entry: Entry) -> str:
    """The documented words; a product of Earn is entered by staking and left by redemption."""
    if isinstance(entry.source, Transfer) and "earn" in (
        entry.source.from_wallet,
        entry.source.to_wallet,
    ):
        return "Staking" if entry.amount < 0 else "Redemption"
    if entry.kind == "dividend":
        return "Airdrop/Fork" if "Airdrop" in entry.source.note else "KuCoin Bonus"
    return _BUSINESS.get(entry.kind, "Other rewards")


def _hf_business(entry: Entry) -> str:
    return _HF_BUSINESS.get(entry.kind, "OTHER")


def _entry_number(entry: Entry) -> int:
    return int(entry.id)


def _selected(request: Request, entries: list[Entry], word: Any) -> list[Entry]:
    """Newest first; `bizType` is matched without regard to case and underscores."""
    query = request.query
    codes = set(filter(None, query.get("currency", "").split(",")))
    kind = query.get("bizType", "").replace("_", " ").lower()
    return [
        e for e in sorted(entries, key=_entry_number, reverse=True)
        if (not codes or e.asset in codes) and query.get("direction") in (None, "", _direction(e))
        and (not kind or word(e).replace("_", " ").lower() == kind)
    ]  # fmt: skip


def _direction(entry: Entry) -> str:
    return "in" if entry.amount - entry.fee >= 0 else "out"


def _ledger(entry: Entry, word: str) -> dict[str, Any]:
    """`amount` has no sign and includes the fee; `context` is JSON in a string."""
    source = entry.source
    context: dict[str, Any] = {"orderId": entry.ref}
    if isinstance(source, Fill):
        context = {"symbol": source.market.id, "orderId": source.order_id, "tradeId": source.id}
    elif isinstance(source, Transfer) and source.txid:
        context["txId"] = source.txid
    return {
        "id": entry.id,
        "currency": entry.asset,
        "amount": num(abs(entry.amount - entry.fee)),
        "fee": num(entry.fee),
        "balance": num(entry.balance),
        "accountType": entry.wallet.upper(),
        "bizType": word,
        "direction": _direction(entry),
        "createdAt": entry.time_ms,
        "context": json.dumps(context, separators=(",", ":")),
    }


def _convert(row: Conversion) -> dict[str, Any]:
    return {
        "clientOrderId": row.group,
        "orderId": row.id,
        "status": "SUCCESS",
        "fromCurrency": row.from_asset,
        "fromCurrencySize": num(row.from_amount),
        "toCurrency": row.to_asset,
        "toCurrencySize": num(row.to_amount),
        "accountType": "BOTH",
        "price": num(round(row.to_amount / row.from_amount, 10)),
        "orderTime": row.time_ms,
    }


def _saving(balance: Balance, first: Transfer) -> dict[str, Any]:
    return {
        "orderId": first.id,
        "productId": f"{balance.asset}-demand",
        "productCategory": "DEMAND",
        "productType": "DEMAND",
        "currency": balance.asset,
        "incomeCurrency": balance.asset,
        "returnRate": "0.0365",
        "holdAmount": num(balance.total),
        "redeemedAmount": "0",
        "redeemingAmount": "0",
        "lockStartTime": first.time_ms,
        "lockEndTime": None,
        "purchaseTime": first.time_ms,
        "redeemPeriod": 0,
        "status": "LOCKED",
        "earlyRedeemSupported": 0,
    }
