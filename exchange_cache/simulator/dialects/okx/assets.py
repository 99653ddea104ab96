"""OKX's funding side: currencies, funding balances, valuation, chain deposits and withdrawals, fiat
orders, conversions.

Fiat never appears in deposit-history: bank transfers have endpoints of their own, whose `after` and
`before` mean the opposite of everywhere else. Deposits and withdrawals page by time, exclusively.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from exchange_cache.simulator.dialects.okx.access import OkxAccess
from exchange_cache.simulator.dialects.okx.wording import (
    DAY_MS,
    FIAT,
    ZERO,
    currencies_of,
    limit_of,
    num,
    number,
    ok,
    page,
    refuse,
    stable_number,
    text_of,
    tidy,
    wrong,
)
from exchange_cache.simulator.venue import Balance, Conversion, Transfer
from exchange_cache.simulator.wire import Request

_CHAINS = {
    "BTC": ("Bitcoin",),
    "ETH": ("ERC20", "Arbitrum One"),
    "USDT": ("ERC20", "TRC20"),
    "USDC": ("ERC20", "Solana"),
    "SOL": ("Solana",),
    "XRP": ("Ripple",),
    "DOGE": ("Dogecoin",),
    "TON": ("TON",),
    "DOT": ("Polkadot",),
    "SUI": ("SUI",),
    "OKB": ("X Layer",),
    "MATIC": ("Polygon",),
}
_NAMES = {
    "BTC": "Bitcoin",
    "ETH": "Ethereum",
    "USDT": "Tether",
    "USDC": "USD Coin",
    "SOL": "Solana",
    "EUR": "Euro",
}
_QUOTE_ORDER = ("ETH", "BTC", "USDC", "USDT", "EUR", "USD")
_EASY_MS = 7 * DAY_MS


class OkxAssets(OkxAccess):
    """asset/*, fiat/* and trade/easy-convert-history."""

    def currencies(self, request: Request) -> Any:
        self._signed(request)
        asked = currencies_of(request)
        codes = dict.fromkeys(
            code
            for m in self.venue.markets(self.exchange)
            for code in (m.base, m.quote)
            if code != "USD"
        )
        return ok([row for code in codes if not asked or code in asked for row in _currency(code)])

    def asset_balances(self, request: Request) -> Any:
        """What the funding account holds; rows of zero are left out."""
        account = self._signed(request)
        asked = currencies_of(request)
        return ok(
            [
                {
                    "availBal": num(b.free),
                    "bal": num(b.total),
                    "ccy": b.asset,
                    "frozenBal": num(b.used),
                }
                for b in self.venue.balances(account.name, "funding")
                if b.total != 0 and (not asked or b.asset in asked)
            ]
        )

    def non_tradable(self, request: Request) -> Any:
        self._signed(request)
        return ok([])

    def valuation(self, request: Request) -> Any:
        """What everything is worth in `ccy` (bitcoin by default), open positions' profit
        included."""
        account = self._signed(request)
        unit = text_of(request, "ccy") or "BTC"
        if unit not in {"BTC", "USDT", "USDC", "USD", "EUR", "ETH", "OKB"}:
            raise wrong("ccy")
        per_unit = self._usd(unit, request.now_ms)

        def worth(balances: Iterable[Balance]) -> Decimal:
            return sum(
                (
                    b.total * Decimal(repr(self._usd(b.asset, request.now_ms) / per_unit))
                    for b in balances
                ),
                ZERO,
            )

        parts = {
            wallet: worth(self.venue.balances(account.name, wallet))
            for wallet in ("funding", "trading", "savings", "staking")
        }
        for p in self.venue.positions(account.name):
            mark = self.venue.state.prices.price(p.market, request.now_ms)
            parts["trading"] += p.pnl(mark) * Decimal(
                repr(self._usd(p.market.settle or "", request.now_ms) / per_unit)
            )
        details = {
            "classic": "0",
            "earn": tidy(parts["savings"] + parts["staking"]),
            "funding": tidy(parts["funding"]),
            "trading": tidy(parts["trading"]),
        }
        total = sum(parts.values(), ZERO)
        return ok([{"details": details, "totalBal": tidy(total), "ts": str(request.now_ms)}])

    # -- moves
    #   --------------------------------------------------------------------------------------------

    def deposits(self, request: Request) -> Any:
        account = self._signed(request)
        rows = [
            t for t in self.venue.transfers(account.name, kind="deposit") if t.asset not in FIAT
        ]
        rows = self._chosen(request, rows, "depId")
        return ok([_deposit(t, request.now_ms) for t in page(request, rows, lambda t: t.time_ms)])

    def withdrawals(self, request: Request) -> Any:
        account = self._signed(request)
        rows = [
            t for t in self.venue.transfers(account.name, kind="withdrawal") if t.asset not in FIAT
        ]
        rows = self._chosen(request, rows, "wdId")
        return ok(
            [_withdrawal(t, request.now_ms) for t in page(request, rows, lambda t: t.time_ms)]
        )

    @staticmethod
    def _chosen(request: Request, rows: list[Transfer], id_name: str) -> list[Transfer]:
        asked, state = currencies_of(request), text_of(request, "state")
        row_id, txid = text_of(request, id_name), text_of(request, "txId")
        return [
            t for t in rows
            if (not asked or t.asset in asked) and row_id in ("", t.id) and txid in ("", t.txid)
            and state in ("", _transfer_state(t, request.now_ms))
        ]  # fmt: skip

    def transfer_state(self, request: Request) -> Any:
        account = self._signed(request)
        selected = text_of(request, "transId")
        if not (selected or text_of(request, "clientId")):
            raise refuse("50015", "Either parameter transId or clientId is required.")
        places = {"funding": "6", "trading": "18"}
        found = [
            t
            for t in self.venue.transfers(account.name, kind="internal")
            if t.id == selected and t.to_wallet in places
        ]
        if not found or found[0].from_wallet not in places:
            raise refuse("58129", "Incorrect transId.", 200)
        t = found[0]
        return ok(
            [
                {
                    "amt": num(t.amount),
                    "ccy": t.asset,
                    "clientId": "",
                    "from": places[t.from_wallet or ""],
                    "instId": "",
                    "state": "success",
                    "subAcct": "",
                    "to": places[t.to_wallet or ""],
                    "toInstId": "",
                    "transId": t.id,
                    "type": "0",
                }
            ]
        )

    def fiat_deposits(self, request: Request) -> Any:
        return self._fiat(request, "deposit")

    def fiat_withdrawals(self, request: Request) -> Any:
        return self._fiat(request, "withdrawal")

    def _fiat(self, request: Request, kind: str) -> dict[str, Any]:
        """Bank transfers: here `after` is the inclusive begin and `before` the inclusive end."""
        account = self._signed(request)
        begin, end, asked = (
            number(request, "after"),
            number(request, "before"),
            currencies_of(request),
        )
        rows = [
            t for t in self.venue.transfers(account.name, kind=kind, start=begin, end=end)
            if t.asset in FIAT and (not asked or t.asset in asked)
        ]  # fmt: skip
        return ok(
            [
                {
                    "amt": num(t.amount),
                    "cTime": str(t.time_ms),
                    "ccy": t.asset,
                    "clientId": "",
                    "fee": num(t.fee),
                    "ordId": t.id,
                    "paymentAcctId": "20",
                    "paymentMethod": "SEPA",
                    "state": "completed",
                    "uTime": str(t.done_ms),
                }
                for t in reversed(rows)
            ][: limit_of(request)]
        )

    # -- conversions
    #   --------------------------------------------------------------------------------------------

    def convert_currencies(self, request: Request) -> Any:
        self._signed(request)
        codes = dict.fromkeys(
            m.base for m in self.venue.markets(self.exchange, listed_at=request.now_ms)
        )
        return ok([{"ccy": code, "max": "", "min": ""} for code in (*codes, "EUR")])

    def convert_history(self, request: Request) -> Any:
        account = self._signed(request)
        if text_of(request, "clTReqId"):
            return ok([])
        rows = self.venue.conversions(account.name, kind="convert")
        return ok([_convert(c) for c in page(request, rows, lambda c: c.time_ms)])

    def easy_converts(self, request: Request) -> Any:
        """Small balances turned into a major currency, seven days back."""
        account = self._signed(request)
        rows = self.venue.conversions(account.name, kind="dust", start=request.now_ms - _EASY_MS)
        return ok(
            [
                {
                    "acct": "18" if c.wallet == "trading" else "6",
                    "fillFromSz": num(c.from_amount),
                    "fillToSz": num(c.to_amount),
                    "fromCcy": c.from_asset,
                    "status": "filled",
                    "toCcy": c.to_asset,
                    "uTime": str(c.time_ms),
                }
                for c in page(request, rows, lambda c: c.time_ms)
            ]
        )


def _currency(code: str) -> list[dict[str, Any]]:
    """A row a chain; fiat has one without a chain."""
    fee = {"BTC": "0.0001", "ETH": "0.0004", "USDT": "1", "USDC": "1", "SOL": "0.008"}.get(
        code, "0.1"
    )
    return [
        {
            "burningFeeRate": "",
            "canDep": bool(chain),
            "canInternal": True,
            "canWd": bool(chain) and code != "MATIC",
            "ccy": code,
            "chain": chain,
            "ctAddr": "",
            "depEstOpenTime": "",
            "depQuotaFixed": "",
            "depQuoteDailyLayer2": "",
            "fee": fee,
            "logoLink": f"https://static.okx.example/currency/{code.lower()}.png",
            "mainNet": index == 0,
            "maxFee": fee,
            "maxFeeForCtAddr": "",
            "maxWd": "1000000",
            "minDep": "0.0001",
            "minDepArrivalConfirm": "12",
            "minFee": fee,
            "minFeeForCtAddr": "",
            "minInternal": "0.0001",
            "minWd": "0.001",
            "minWdUnlockConfirm": "64",
            "name": _NAMES.get(code, code),
            "needTag": code in ("XRP", "TON"),
            "usedDepQuotaFixed": "",
            "usedWdQuota": "0",
            "wdEstOpenTime": "",
            "wdQuota": "500000",
            "wdTickSz": "8",
        }
        for index, chain in enumerate(_chains(code))
    ]


def _chains(code: str) -> list[str]:
    return [""] if code in FIAT else [f"{code}-{chain}" for chain in _CHAINS.get(code, ("ERC20",))]


def _transfer_state(t: Transfer, now_ms: int) -> str:
    """2 when done; before that 0 (deposit: waiting for confirmation) or 1 (withdrawal:
    broadcasting)."""
    return "2" if t.done_ms <= now_ms else "0" if t.kind == "deposit" else "1"


def _deposit(t: Transfer, now_ms: int) -> dict[str, str]:
    return {
        "actualDepBlkConfirm": "12" if t.done_ms <= now_ms else "3",
        "amt": num(t.amount),
        "areaCodeFrom": "",
        "ccy": t.asset,
        "chain": _chains(t.asset)[0],
        "depId": t.id,
        "from": "",
        "fromWdId": "",
        "state": _transfer_state(t, now_ms),
        "to": t.address or "",
        "ts": str(t.time_ms),
        "txId": t.txid or "",
    }


def _withdrawal(t: Transfer, now_ms: int) -> dict[str, Any]:
    return {
        "addrEx": None,
        "amt": num(t.amount),
        "areaCodeFrom": "",
        "areaCodeTo": "",
        "ccy": t.asset,
        "chain": _chains(t.asset)[0],
        "clientId": "",
        "fee": num(t.fee),
        "feeCcy": t.asset,
        "from": "",
        "memo": "",
        "nonTradableAsset": False,
        "note": "",
        "pmtId": "",
        "state": _transfer_state(t, now_ms),
        "tag": "",
        "to": t.address or "",
        "toAddrType": "1",
        "ts": str(t.time_ms),
        "txId": t.txid or "",
        "wdId": t.id,
    }


def _convert(c: Conversion) -> dict[str, str]:
    """A conversion reported as a trade of a pair: base and quote are the pair's, whichever way it
    went."""

    def rank(code: str) -> int:
        return _QUOTE_ORDER.index(code) if code in _QUOTE_ORDER else -1

    buys = rank(c.from_asset) > rank(c.to_asset)
    base, quote = (c.to_asset, c.from_asset) if buys else (c.from_asset, c.to_asset)
    base_size, quote_size = (c.to_amount, c.from_amount) if buys else (c.from_amount, c.to_amount)
    return {
        "baseCcy": base,
        "clTReqId": "",
        "fillBaseSz": num(base_size),
        "fillPx": tidy(quote_size / base_size),
        "fillQuoteSz": num(quote_size),
        "instId": f"{base}-{quote}",
        "quoteCcy": quote,
        "side": "buy" if buys else "sell",
        "state": "fullyFilled",
        "tradeId": f"trader{stable_number(c.id, 17)}",
        "ts": str(c.time_ms),
    }
