"""Wallet endpoints (/sapi): coins, deposits, withdrawals, transfers between wallets, the funding
wallet, the key's rights.

Fiat never shows among deposits and withdrawals: it has its own endpoints (`conversions`).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from exchange_cache.simulator.dialects.binance.spot_account import SpotAccount
from exchange_cache.simulator.dialects.binance.words import (
    days,
    eight,
    limit_of,
    number,
    plain,
    refuse,
    required,
    text,
    times_of,
    utc_text,
)
from exchange_cache.simulator.venue import MARGIN, Account, Transfer, isolated_wallet
from exchange_cache.simulator.venue.records import ISOLATED
from exchange_cache.simulator.wire import Request

FIAT = frozenset({"EUR", "GBP", "TRY", "BRL", "AUD", "UAH", "PLN", "RON", "ARS", "USD"})
_NAMES = {
    "BTC": "Bitcoin",
    "ETH": "Ethereum",
    "BNB": "BNB",
    "SOL": "Solana",
    "USDT": "TetherUS",
    "EUR": "Euro",
}
_NETWORKS = {
    "BTC": "BTC",
    "SOL": "SOL",
    "XRP": "XRP",
    "ADA": "ADA",
    "DOT": "DOT",
    "LTC": "LTC",
    "DOGE": "DOGE",
    "BNB": "BSC",
}
_POTS = {
    "spot": "MAIN",
    "funding": "FUNDING",
    "linear": "UMFUTURE",
    "inverse": "CMFUTURE",
    MARGIN: "MARGIN",
}
_KNOWN_POTS = (*_POTS.values(), "MINING", "OPTION", "PORTFOLIO_MARGIN")
_ISOLATED_TYPES: dict[str, tuple[str, ...]] = {
    "MAIN_ISOLATED_MARGIN": ("toSymbol",),
    "ISOLATED_MARGIN_MAIN": ("fromSymbol",),
    "MARGIN_ISOLATEDMARGIN": ("toSymbol",),
    "ISOLATEDMARGIN_MARGIN": ("fromSymbol",),
    "ISOLATEDMARGIN_ISOLATEDMARGIN": ("fromSymbol", "toSymbol"),
}
_WALLET_NAMES = {
    "spot": "Spot",
    "funding": "Funding",
    "margin": "Cross Margin",
    "isolated": "Isolated Margin",
    "linear": "USDⓈ-M Futures",
    "inverse": "COIN-M Futures",
    "earn": "Earn",
    "options": "Options",
    "bots": "Trading Bots",
}


class Wallet(SpotAccount):
    """Money that comes, goes and moves."""

    WALLET_ROUTES: ClassVar[dict[str, str]] = {
        "GET /sapi/v1/system/status": "system_status",
        "GET /sapi/v1/capital/config/getall": "coins",
        "GET /sapi/v1/capital/deposit/hisrec": "deposits",
        "GET /sapi/v1/capital/withdraw/history": "withdrawals",
        "GET /sapi/v1/asset/transfer": "wallet_transfers",
        "POST /sapi/v1/asset/get-funding-asset": "funding_asset",
        "GET /sapi/v1/asset/wallet/balance": "wallet_balances",
        "GET /sapi/v1/account/apiRestrictions": "api_restrictions",
        "GET /sapi/v1/account/status": "account_status",
        "GET /sapi/v1/account/info": "account_info",
    }

    def system_status(self, request: Request) -> Any:
        return {"status": 0, "msg": "normal"}

    def coins(self, request: Request) -> Any:
        account = self.signed(request)
        held = {self.asset_id(row.asset): row for row in self.venue.balances(account.name, "spot")}
        rows = []
        for asset in self.spot_assets():
            row = held.get(asset)
            free, locked = ("0", "0") if row is None else (plain(row.free), plain(row.used))
            trading = any(
                asset in (m.base, m.quote) and m.trades_at(request.now_ms)
                for m in self.venue.markets(self.exchange)
            )
            rows.append(
                {
                    "coin": asset,
                    "depositAllEnable": trading,
                    "withdrawAllEnable": trading,
                    "name": _NAMES.get(asset, asset),
                    "free": free,
                    "locked": locked,
                    "freeze": "0",
                    "withdrawing": "0",
                    "ipoing": "0",
                    "ipoable": "0",
                    "storage": "0",
                    "isLegalMoney": asset in FIAT,
                    "trading": trading,
                    "networkList": [] if asset in FIAT else [_network(asset, trading)],
                }
            )
        return rows

    def deposits(self, request: Request) -> Any:
        """Newest first. The default window is the last 90 days, none may be longer."""
        account = self.signed(request)
        rows = self._moves(request, account, "deposit")
        status = number(request, "status")
        found = []
        for row in rows:
            state = 1 if row.done_ms <= request.now_ms else 0
            if status in (None, state):
                found.append(_deposit_row(row, state))
        return found

    def withdrawals(self, request: Request) -> Any:
        """Newest first, dated in words and in UTC. The default window is the last 90 days, none may
        be longer."""
        account = self.signed(request)
        rows = self._moves(request, account, "withdrawal")
        status = number(request, "status")
        found = []
        for row in rows:
            state = 6 if row.done_ms <= request.now_ms else 4
            if status in (None, state):
                found.append(_withdrawal_row(row, state))
        return found

    def wallet_transfers(self, request: Request) -> Any:
        """One direction at a time, newest first; the last 7 days by default, six months at most.

        Directions of isolated margin must name the pair, and give that pair's moves only.
        """
        account = self.signed(request)
        kind = required(request, "type")
        if kind not in _ISOLATED_TYPES and kind not in {
            f"{a}_{b}" for a in _KNOWN_POTS for b in _KNOWN_POTS if a != b
        }:
            raise refuse(-1130, "Data sent for parameter 'type' is not valid.")
        pairs = {name: required(request, name) for name in _ISOLATED_TYPES.get(kind, ())}
        start, end = times_of(request)
        oldest = request.now_ms - days(180)
        first = max(oldest, (end or request.now_ms) - days(7) if start is None else start)
        moves = [
            move
            for move in self.venue.transfers(account.name, kind="internal", start=first, end=end)
            if _direction(move) == kind and self._pairs_of(move, pairs) == pairs
        ]
        page, size = max(1, number(request, "current") or 1), limit_of(request, 10, 100, "size")
        rows = moves[::-1][(page - 1) * size : page * size]
        return {
            "total": len(moves),
            "rows": [
                {
                    "asset": self.asset_id(m.asset),
                    "amount": plain(m.amount),
                    "type": kind,
                    "status": "CONFIRMED",
                    "tranId": int(m.id),
                    "timestamp": m.time_ms,
                }
                for m in rows
            ],
        }

    def funding_asset(self, request: Request) -> Any:
        """Only what is there; a POST, though it reads."""
        account = self.signed(request)
        asked, with_btc = text(request, "asset"), text(request, "needBtcValuation") == "true"
        rows = [row for row in self.venue.balances(account.name, "funding") if row.total]
        return [
            {
                "asset": self.asset_id(row.asset),
                "free": eight(row.free),
                "locked": eight(row.used),
                "freeze": "0",
                "withdrawing": "0",
                "btcValuation": (
                    eight(self._in_btc(row.asset, row.total, request.now_ms)) if with_btc else "0"
                ),
            }
            for row in rows
            if asked in (None, self.asset_id(row.asset))
        ]

    def wallet_balances(self, request: Request) -> Any:
        account = self.signed(request)
        rows = []
        for wallet, name in _WALLET_NAMES.items():
            worth = sum(
                (self._in_btc(*held, request.now_ms) for held in self._net(account, wallet)),
                Decimal(0),
            )
            active = wallet in _POTS if wallet != MARGIN else account.margin == "open"
            rows.append({"activate": active, "balance": plain(worth), "walletName": name})
        return rows

    def api_restrictions(self, request: Request) -> Any:
        account = self.signed(request)
        return {
            "ipRestrict": False,
            "createTime": account.created_ms,
            "enableReading": account.can_read,
            "enableWithdrawals": account.can_withdraw,
            "enableInternalTransfer": account.can_withdraw,
            "enableMargin": False,
            "enableFutures": account.can_trade,
            "permitsUniversalTransfer": account.can_withdraw,
            "enableVanillaOptions": False,
            "enableFixApiTrade": False,
            "enableFixReadOnly": False,
            "enableSpotAndMarginTrading": account.can_trade,
            "enablePortfolioMarginTrading": False,
        }

    def account_status(self, request: Request) -> Any:
        self.signed(request)
        return {"data": "Normal"}

    def account_info(self, request: Request) -> Any:
        account = self.signed(request)
        return {
            "vipLevel": 0,
            "isMarginEnabled": account.margin == "open",
            "isFutureEnabled": True,
            "isOptionsEnabled": False,
            "isPortfolioMarginRetailEnabled": False,
        }

    # -- shared
    #   --------------------------------------------------------------------------------------------

    def _moves(self, request: Request, account: Account, kind: str) -> list[Transfer]:
        """A page of deposits or withdrawals, newest first."""
        start, end = times_of(request)
        first = request.now_ms - days(90) if start is None else start
        last = request.now_ms if end is None else end
        if start is not None and last - first > days(90):
            raise refuse(-4047, "Time interval must be within 0-90 days")
        coin = text(request, "coin")
        rows = [
            row for row in self.venue.transfers(account.name, kind=kind, start=first, end=last)
            if row.asset not in FIAT and coin in (None, self.asset_id(row.asset))
        ]  # fmt: skip
        offset, limit = number(request, "offset") or 0, limit_of(request, 1000, 1000)
        return rows[::-1][offset : offset + limit]

    def _net(self, account: Account, name: str) -> list[tuple[str, Decimal]]:
        """What a wallet, or all isolated ones one after another, have of each asset."""
        pairs = self.venue.isolated_pairs(account.name)
        wallets = [isolated_wallet(pair) for pair in pairs] if name == "isolated" else [name]
        return [
            (row.asset, row.total)
            for wallet in wallets
            for row in self.venue.balances(account.name, wallet)
        ]

    def _pairs_of(self, move: Transfer, names: dict[str, str]) -> dict[str, str]:
        """The exchange's ids of the isolated pairs that a move left or reached, for those
        parameters that name one."""
        ends = {"fromSymbol": move.from_wallet or "", "toSymbol": move.to_wallet or ""}
        return {
            name: self.venue.market(self.exchange, ends[name].removeprefix(ISOLATED)).id
            for name in names
        }

    def _in_btc(self, asset: str, amount: Decimal, now_ms: int) -> Decimal:
        rate = self.venue.state.prices.rate(asset, "BTC", now_ms)
        return (amount * Decimal(repr(rate))).quantize(Decimal("1e-8"))


def _direction(move: Transfer) -> str:
    """The type of a move; isolated margin is spelled in two ways, depending on the other side."""
    ends = [
        _POTS.get(wallet or "spot", "ISOLATED_MARGIN")
        for wallet in (move.from_wallet, move.to_wallet)
    ]
    other = {"MARGIN", "ISOLATED_MARGIN"}.issuperset(ends)
    return "_".join(
        end.replace("ISOLATED_MARGIN", "ISOLATEDMARGIN") if other else end for end in ends
    )


def _network(asset: str, enabled: bool) -> dict[str, Any]:
    network = _NETWORKS.get(asset, "ETH")
    return {
        "network": network,
        "coin": asset,
        "withdrawIntegerMultiple": "0.00000001",
        "isDefault": True,
        "depositEnable": enabled,
        "withdrawEnable": enabled,
        "depositDesc": "",
        "withdrawDesc": "",
        "specialTips": "",
        "name": network,
        "resetAddressStatus": False,
        "addressRegex": "^(0x)[0-9A-Fa-f]{40}$",
        "memoRegex": "",
        "withdrawFee": "0.0002",
        "withdrawMin": "0.001",
        "withdrawMax": "9999999",
        "withdrawInternalMin": "0.00000001",
        "depositDust": "0.00000001",
        "minConfirm": 6,
        "unLockConfirm": 12,
        "sameAddress": False,
        "estimatedArrivalTime": 5,
        "busy": False,
        "contractAddressUrl": "",
        "contractAddress": "",
    }


def _deposit_row(row: Transfer, status: int) -> dict[str, Any]:
    return {
        "id": row.id,
        "amount": plain(row.amount),
        "coin": row.asset,
        "network": row.network or "",
        "status": status,
        "address": row.address or "",
        "addressTag": "",
        "txId": row.txid or "",
        "insertTime": row.time_ms,
        "completeTime": row.done_ms,
        "transferType": 0,
        "confirmTimes": "12/12" if status else "3/12",
        "unlockConfirm": 12,
        "walletType": 1 if row.to_wallet == "funding" else 0,
        "travelRuleStatus": 0,
    }


def _withdrawal_row(row: Transfer, status: int) -> dict[str, Any]:
    done = {"completeTime": utc_text(row.done_ms)} if status == 6 else {}
    return {
        "id": row.id,
        "amount": plain(row.amount),
        "transactionFee": plain(row.fee),
        "coin": row.asset,
        "status": status,
        "address": row.address or "",
        "txId": row.txid or "",
        "applyTime": utc_text(row.time_ms),
        "network": row.network or "",
        "transferType": 0,
        "info": "",
        "confirmNo": 12 if status == 6 else 0,
        "walletType": 1 if row.from_wallet == "funding" else 0,
        "txKey": "",
        **done,
    }
