"""Bybit v5 assets: coins, funding wallet, transfers, deposits, withdrawals, conversions, earn
(docs/v5/asset, docs/v5/earn).

Deposits and withdrawals are the on-chain ones: fiat has its own channels. Times here are whole
seconds, and so are the bounds of a query.
"""

from __future__ import annotations

import hashlib
from typing import Any

from exchange_cache.simulator.dialects.bybit_base import (
    DAY_MS,
    FIAT,
    WALLET_TYPES,
    WEEK_MS,
    BybitBase,
    num,
    tidy,
)
from exchange_cache.simulator.venue import Conversion, Transfer
from exchange_cache.simulator.wire import Request

_MONTH_MS = 30 * DAY_MS
_CHAINS = {
    "BTC": "BTC",
    "XRP": "XRP",
    "SOL": "SOL",
    "ADA": "ADA",
    "DOT": "DOT",
    "TON": "TON",
    "DOGE": "DOGE",
}
_CONVERT_TYPES = {"unified": "eb_convert_uta", "funding": "eb_convert_funding"}
_EARN = ("FlexibleSaving", "OnChain")


class BybitAsset(BybitBase):
    """What lies outside the unified wallet, and how money came and went."""

    def coins(self, request: Request) -> Any:
        self._signed(request)
        markets = self.venue.markets(self.exchange)
        known = dict.fromkeys(
            asset for m in markets for asset in (m.base, m.quote, m.settle) if asset
        )
        selected = request.query.get("coin")
        rows = [
            _coin(asset)
            for asset in sorted(known)
            if asset not in FIAT and selected in (None, "", asset)
        ]
        return self._ok(request, {"rows": rows}, "")

    def coins_balance(self, request: Request) -> Any:
        """One wallet's coins; the unified wallet only for coins that are named."""
        account = self._signed(request)
        query = request.query
        wallet = next(
            (w for w, name in WALLET_TYPES.items() if name == query.get("accountType")), None
        )
        if wallet is None:
            raise self._refuse(request, 10001, "accountType error")
        asked = [coin for coin in query.get("coin", "").split(",") if coin]
        if wallet == "unified" and not asked:
            raise self._refuse(request, 10001, "coin is required for accountType UNIFIED")
        rows = [
            {
                "coin": b.asset,
                "walletBalance": num(b.total),
                "transferBalance": num(b.free),
                "bonus": "",
            }
            for b in self.venue.balances(account.name, wallet)
            if not asked or b.asset in asked
        ]
        result = {"memberId": account.uid, "accountType": WALLET_TYPES[wallet], "balance": rows}
        return self._ok(request, result, "success")

    # -- moves
    #   --------------------------------------------------------------------------------------------

    def internal_transfers(self, request: Request) -> Any:
        """Between the account's own wallets: seven days a call."""
        account = self._signed(request)
        query = request.query
        start, end = (t // 1000 for t in self._window(request, WEEK_MS))
        rows = [
            t
            for t in self.venue.transfers(account.name, kind="internal")
            if start <= t.time_ms // 1000 <= end
            and _named(query, "coin", t.asset)
            and _named(query, "transferId", t.id)
            and _named(query, "status", "SUCCESS")
        ]
        page, cursor = self._asset_page(request, rows, lambda t: t.seq, 20)
        return self._ok(
            request, {"list": [_internal(t) for t in page], "nextPageCursor": cursor}, "success"
        )

    def universal_transfers(self, request: Request) -> Any:
        """Between main and sub accounts: this account has none."""
        self._signed(request)
        self._window(request, WEEK_MS)
        return self._ok(request, {"list": [], "nextPageCursor": ""}, "success")

    def deposits(self, request: Request) -> Any:
        """On-chain deposits by the time they were credited: thirty days a call."""
        account = self._signed(request)
        start, end = (t // 1000 for t in self._window(request, _MONTH_MS))
        query = request.query
        rows = [
            t
            for t in self.venue.transfers(account.name, kind="deposit")
            if t.txid is not None
            and start <= t.done_ms // 1000 <= end
            and _named(query, "coin", t.asset)
            and _named(query, "id", t.id)
            and _named(query, "txID", t.txid)
        ]
        page, cursor = self._asset_page(request, rows, lambda t: t.seq, 50)
        return self._ok(
            request, {"rows": [_deposit(t) for t in page], "nextPageCursor": cursor}, "success"
        )

    def internal_deposits(self, request: Request) -> Any:
        """Deposits from another Bybit user: none."""
        self._signed(request)
        self._window(request, _MONTH_MS)
        return self._ok(request, {"rows": [], "nextPageCursor": ""}, "success")

    def withdrawals(self, request: Request) -> Any:
        """On-chain withdrawals (withdrawType 0, the default; 2 = all) by the time they were asked
        for."""
        account = self._signed(request)
        start, end = (t // 1000 for t in self._window(request, _MONTH_MS))
        query = request.query
        internal_only = query.get("withdrawType", "0") == "1"
        rows = [
            t
            for t in self.venue.transfers(account.name, kind="withdrawal")
            if t.txid is not None
            and start <= t.time_ms // 1000 <= end
            and _named(query, "coin", t.asset)
            and _named(query, "withdrawID", t.id)
            and _named(query, "txID", t.txid)
            and not internal_only
        ]
        page, cursor = self._asset_page(request, rows, lambda t: t.seq, 50)
        reported = [_withdrawal(t, request.now_ms) for t in page]
        return self._ok(request, {"rows": reported, "nextPageCursor": cursor}, "success")

    # -- conversions and earn
    #   -------------------------------------------------------------------------------------

    def conversions(self, request: Request) -> Any:
        """Converts of all wallets or of accountType, newest first, by page `index` from 1: no
        times, no cursor."""
        account = self._signed(request)
        kinds = [kind for kind in request.query.get("accountType", "").split(",") if kind]
        rows = [
            c for c in reversed(self.venue.conversions(account.name))
            if not kinds or _CONVERT_TYPES.get(c.wallet, "") in kinds
        ]  # fmt: skip
        index = self._integer(request, "index") or 1
        if index < 1:
            raise self._refuse(request, 10001, "params error: index invalid")
        limit = self._limit(request, 20, 100)
        page = rows[(index - 1) * limit : index * limit]
        return self._ok(request, {"list": [_conversion(c, account.uid) for c in page]}, "ok")

    def coin_exchanges(self, request: Request) -> Any:
        """Records of the old coin exchange, which converts do not enter."""
        self._signed(request)
        return self._ok(request, {"orderBody": [], "nextPageCursor": ""}, "success")

    def earn_positions(self, request: Request) -> Any:
        self._signed(request)
        self._earn_category(request)
        return self._ok(request, {"list": [], "nextPageCursor": ""}, "")

    def earn_orders(self, request: Request) -> Any:
        self._signed(request)
        self._earn_category(request)
        self._window(request, WEEK_MS)
        return self._ok(request, {"list": [], "nextPageCursor": ""}, "")

    def _earn_category(self, request: Request) -> None:
        if request.query.get("category") not in _EARN:
            raise self._refuse(request, 180001, "Invalid parameter")


def _named(query: dict[str, str], name: str, value: str) -> bool:
    return not query.get(name) or query[name] == value


def _second(time_ms: int) -> str:
    return str(time_ms // 1000 * 1000)


def _coin(asset: str) -> dict[str, Any]:
    chain = _CHAINS.get(asset, "ETH")
    return {
        "name": asset,
        "coin": asset,
        "remainAmount": "1000000",
        "chains": [
            {
                "chain": chain,
                "chainType": chain,
                "confirmation": "15",
                "withdrawFee": "0.0005",
                "depositMin": "0.0001",
                "withdrawMin": "0.001",
                "minAccuracy": "8",
                "chainDeposit": "1",
                "chainWithdraw": "1",
                "withdrawPercentageFee": "0",
                "contractAddress": "",
                "safeConfirmNumber": "64",
            }
        ],
    }


def _internal(t: Transfer) -> dict[str, str]:
    return {
        "transferId": t.id,
        "coin": t.asset,
        "amount": num(t.amount),
        "timestamp": _second(t.time_ms),
        "fromAccountType": WALLET_TYPES.get(t.from_wallet or "", ""),
        "status": "SUCCESS",
        "toAccountType": WALLET_TYPES.get(t.to_wallet or "", ""),
    }


def _deposit(t: Transfer) -> dict[str, Any]:
    return {
        "id": t.id,
        "coin": t.asset,
        "chain": t.network or "",
        "amount": num(t.amount),
        "txID": t.txid or "",
        "status": 3,
        "toAddress": t.address or "",
        "tag": "",
        "depositFee": "",
        "successAt": _second(t.done_ms),
        "confirmations": "15",
        "txIndex": "0",
        "blockHash": hashlib.sha256((t.txid or "").encode()).hexdigest(),
        "batchReleaseLimit": "-1",
        "depositType": "0",
        "fromAddress": "",
        "taxDepositRecordsId": "0",
        "taxStatus": 0,
    }


def _withdrawal(t: Transfer, now_ms: int) -> dict[str, Any]:
    return {
        "withdrawId": t.id,
        "txID": t.txid or "",
        "coin": t.asset,
        "chain": t.network or "",
        "amount": num(t.amount),
        "withdrawFee": num(t.fee),
        "status": "success" if t.done_ms <= now_ms else "BlockchainConfirmed",
        "toAddress": t.address or "",
        "tag": "",
        "createTime": _second(t.time_ms),
        "updateTime": _second(min(t.done_ms, now_ms)),
        "withdrawType": 0,
        "tax": "",
        "taxRate": "",
        "taxType": "",
    }


def _conversion(c: Conversion, uid: str) -> dict[str, Any]:
    return {
        "accountType": _CONVERT_TYPES.get(c.wallet, ""),
        "exchangeTxId": c.id,
        "userId": uid,
        "fromCoin": c.from_asset,
        "fromCoinType": "crypto",
        "toCoin": c.to_asset,
        "toCoinType": "crypto",
        "fromAmount": num(c.from_amount),
        "toAmount": num(c.to_amount),
        "exchangeStatus": "success",
        "extInfo": {"paramType": "", "paramValue": ""},
        "convertRate": tidy(c.to_amount / c.from_amount, "1e-12"),
        "createdAt": str(c.time_ms),
    }
