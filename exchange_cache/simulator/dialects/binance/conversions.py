"""Money that changes without an order (/sapi): dust, dividends, converts, fiat orders and
payments.

A renamed or redenominated asset is two rows of `assetDividend` of one moment: the old code with a
negative amount and direction -1, the new one with a positive amount. The endpoint documents
`enInfo` and `direction` (developers.binance.com, "Assets Dividend Record"); the texts are the
operations of an account's statement (github.com/BittyTax/BittyTax, conv/parsers/binance.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar

from exchange_cache.simulator.dialects.binance.wallet import FIAT, Wallet
from exchange_cache.simulator.dialects.binance.words import (
    days,
    limit_of,
    missing,
    number,
    plain,
    refuse,
    required,
    text,
    times_of,
)
from exchange_cache.simulator.venue import Conversion, is_margin
from exchange_cache.simulator.wire import Request

_DUST_SINCE_MS = 1_606_780_800_000
_DUST_KEPT = 100
_TEN = Decimal("1e-10")


class Conversions(Wallet):
    """Everything here is newest first."""

    CONVERSION_ROUTES: ClassVar[dict[str, str]] = {
        "GET /sapi/v1/asset/dribblet": "dust_log",
        "GET /sapi/v1/asset/assetDividend": "dividends",
        "GET /sapi/v1/convert/tradeFlow": "convert_trades",
        "GET /sapi/v1/asset/convert-transfer/queryByPage": "no_rows",
        "GET /sapi/v1/asset/ledger-transfer/cloud-mining/queryByPage": "no_rows",
        "GET /sapi/v1/fiat/orders": "fiat_orders",
        "GET /sapi/v1/fiat/payments": "fiat_payments",
        "GET /sapi/v1/pay/transactions": "pay_transactions",
    }

    def dust_log(self, request: Request) -> Any:
        """Sweeps of dust into BNB in one kind of account: the last 100, none before December
        2020."""
        account = self.signed(request)
        start, end = times_of(request)
        kind = text(request, "accountType") or "SPOT"
        if kind not in ("SPOT", "MARGIN"):
            raise refuse(-1130, "Data sent for parameter 'accountType' is not valid.")
        groups: dict[str, list[Conversion]] = {}
        for row in self.venue.conversions(account.name, kind="dust", start=_DUST_SINCE_MS):
            if is_margin(row.wallet) == (kind == "SPOT"):
                continue
            groups.setdefault(row.group, []).append(row)
        recent = list(groups.values())[::-1][:_DUST_KEPT]
        sweeps = [
            g
            for g in recent
            if (start or 0) <= g[0].time_ms and (end is None or g[0].time_ms <= end)
        ]
        return {"total": len(sweeps), "userAssetDribblets": [self._sweep(rows) for rows in sweeps]}

    def dividends(self, request: Request) -> Any:
        """Distributions and rewards; interest of flexible earn has its own history. At most 180
        days at once."""
        account = self.signed(request)
        start, end = times_of(request)
        last = request.now_ms if end is None else end
        if start is not None and last - start > days(180):
            raise refuse(
                -6021, "There cannot be more than 180 days between parameter startTime and endTime."
            )
        asset = text(request, "asset")
        rows = [
            row for row in self.venue.incomes(account.name, kind="dividend", start=start, end=end)
            if asset in (None, self.asset_id(row.asset))
        ]  # fmt: skip
        return {
            "rows": [
                {
                    "id": int(row.id),
                    "amount": plain(row.amount),
                    "asset": self.asset_id(row.asset),
                    "divTime": row.time_ms,
                    "enInfo": row.note,
                    "tranId": row.seq,
                    "direction": 1 if row.amount > 0 else -1,
                }
                for row in rows[::-1][: limit_of(request, 20, 500)]
            ],
            "total": len(rows),
        }

    def convert_trades(self, request: Request) -> Any:
        """Both times are mandatory; more than 30 days between them finds nothing, without a
        word."""
        account = self.signed(request)
        start, end = times_of(request)
        if start is None or end is None:
            raise missing("startTime" if start is None else "endTime")
        limit = limit_of(request, 100, 1000)
        too_long = end - start > days(30)
        rows = (
            []
            if too_long
            else self.venue.conversions(account.name, kind="convert", start=start, end=end)[::-1]
        )
        return {
            "list": [self._convert_row(row) for row in rows[:limit]],
            "startTime": start,
            "endTime": end,
            "limit": limit,
            "moreData": len(rows) > limit,
        }

    def no_rows(self, request: Request) -> Any:
        self.signed(request)
        for name in ("startTime", "endTime"):
            required(request, name)
        return {"total": 0, "rows": []}

    def fiat_orders(self, request: Request) -> Any:
        """Deposits (0) or withdrawals (1) of fiat; the last 30 days by default."""
        account = self.signed(request)
        kind = _fiat_direction(request, ("deposit", "withdrawal"))
        begin, end = number(request, "beginTime"), number(request, "endTime")
        first = request.now_ms - days(30) if begin is None and end is None else begin
        moves = [
            move
            for move in self.venue.transfers(account.name, kind=kind, start=first, end=end)
            if move.asset in FIAT
        ]
        page, size = max(1, number(request, "page") or 1), limit_of(request, 100, 500, "rows")
        data = [
            {
                "orderNo": f"{move.id:0>32}",
                "fiatCurrency": move.asset,
                "indicatedAmount": plain(move.amount + move.fee),
                "amount": plain(move.amount),
                "totalFee": plain(move.fee),
                "method": "BankAccount",
                "status": "Successful" if move.done_ms <= request.now_ms else "Processing",
                "createTime": move.time_ms,
                "updateTime": move.done_ms,
            }
            for move in moves[::-1][(page - 1) * size : page * size]
        ]
        return {
            "code": "000000",
            "message": "success",
            "data": data,
            "total": len(moves),
            "success": True,
        }

    def fiat_payments(self, request: Request) -> Any:
        self.signed(request)
        _fiat_direction(request, ("buy", "sell"))
        return {"code": "000000", "message": "success", "data": [], "total": 0, "success": True}

    def pay_transactions(self, request: Request) -> Any:
        self.signed(request)
        return {"code": "000000", "message": "success", "data": [], "success": True}

    # -- rows
    #   --------------------------------------------------------------------------------------------

    def _sweep(self, rows: Sequence[Conversion]) -> dict[str, Any]:
        group = int(rows[0].group)
        return {
            "operateTime": rows[0].time_ms,
            "totalTransferedAmount": plain(sum((row.to_amount for row in rows), Decimal(0))),
            "totalServiceChargeAmount": plain(sum((row.fee for row in rows), Decimal(0))),
            "transId": group,
            "userAssetDribbletDetails": [
                {
                    "transId": group,
                    "serviceChargeAmount": plain(row.fee),
                    "amount": plain(row.from_amount),
                    "operateTime": row.time_ms,
                    "transferedAmount": plain(row.to_amount),
                    "fromAsset": self.asset_id(row.from_asset),
                }
                for row in rows
            ],
        }

    def _convert_row(self, row: Conversion) -> dict[str, Any]:
        ratio = (row.to_amount / row.from_amount).quantize(_TEN)
        return {
            "quoteId": f"f3b91c525b2644c7bc1e1cd31b6e{row.seq:04d}",
            "orderId": int(row.id),
            "orderStatus": "SUCCESS",
            "fromAsset": self.asset_id(row.from_asset),
            "fromAmount": plain(row.from_amount),
            "toAsset": self.asset_id(row.to_asset),
            "toAmount": plain(row.to_amount),
            "ratio": plain(ratio),
            "inverseRatio": plain((row.from_amount / row.to_amount).quantize(_TEN)),
            "createTime": row.time_ms,
        }


def _fiat_direction(request: Request, words: tuple[str, str]) -> str:
    direction = required(request, "transactionType")
    if direction not in ("0", "1"):
        raise refuse(-1130, "Data sent for parameter 'transactionType' is not valid.")
    return words[int(direction)]
