"""Kraken's funding: DepositStatus and WithdrawStatus, newest first, as a plain list or by
cursor."""

from __future__ import annotations

import base64
import binascii
from typing import Any, ClassVar

from exchange_cache.simulator.dialects.base import Dialect
from exchange_cache.simulator.dialects.kraken.wording import bound, decimals, fixed, number, refusal
from exchange_cache.simulator.venue import Account, Transfer
from exchange_cache.simulator.wire import ApiError, Request

_METHODS = {
    "BTC": "Bitcoin",
    "ETH": "Ether (Hex)",
    "EUR": "SEPA (Clear Junction)",
    "USD": "SWIFT",
    "XRP": "Ripple XRP",
}
_LIMITS = {"deposit": 25, "withdrawal": 500}


class FundingCalls(Dialect):
    """Deposits and withdrawals."""

    CALLS: ClassVar[dict[str, str]] = {
        "DepositStatus": "deposit_status",
        "WithdrawStatus": "withdraw_status",
    }

    def signed(self, request: Request) -> Account:
        raise NotImplementedError

    def deposit_status(self, request: Request) -> Any:
        return self._status(request, "deposit", "deposits")

    def withdraw_status(self, request: Request) -> Any:
        return self._status(request, "withdrawal", "withdrawals")

    def _status(self, request: Request, kind: str, name: str) -> Any:
        """`cursor` absent or false: the newest `limit` rows as a list; true or a cursor: {name:
        rows, next_cursor}."""
        account, form = self.signed(request).name, request.form
        limit = number(form, "limit", _LIMITS[kind])
        start, end = bound(form, "start", lambda _: None), bound(form, "end", lambda _: None)
        asset_id = self.venue.profile(self.exchange).asset_id
        rows = [
            row
            for row in reversed(self.venue.transfers(account, kind=kind))
            if (not form.get("asset") or form["asset"] in (asset_id(row.asset), row.asset))
            and (start is None or row.time_ms // 1000 >= start)
            and (end is None or row.time_ms // 1000 <= end)
        ]
        cursor = str(form.get("cursor", "")).lower()
        if cursor in ("", "false", "0"):
            return [self._row(row) for row in rows[:limit]]
        offset = 0 if cursor in ("true", "1") else _decode(str(form["cursor"]))
        result: dict[str, Any] = {
            name: [self._row(row) for row in rows[offset : offset + limit]],
            "next_cursor": None,
        }
        if offset + limit < len(rows):
            result["next_cursor"] = base64.b64encode(f"{offset + limit}".encode()).decode()
        return result

    def _row(self, row: Transfer) -> dict[str, Any]:
        name = self.venue.profile(self.exchange).asset_id(row.asset)
        places = decimals(name)
        method = _METHODS.get(row.asset, row.asset)
        shown: dict[str, Any] = {
            "method": method,
            "aclass": "currency",
            "asset": name,
            "refid": row.id,
            "txid": row.txid if row.txid is not None else str(9_000_000 + row.seq),
            "info": row.address or "LHVBDE21",
            "amount": fixed(row.amount, places),
            "fee": fixed(row.fee, places),
            "time": row.time_ms // 1000,
            "status": "Success",
        }
        if row.kind == "withdrawal":
            shown |= {"key": "my wallet", "network": method}
        return shown


def _decode(cursor: str) -> int:
    try:
        return int(base64.b64decode(cursor, validate=True))
    except (binascii.Error, ValueError):
        raise ApiError(refusal("EGeneral:Invalid arguments:cursor")) from None
