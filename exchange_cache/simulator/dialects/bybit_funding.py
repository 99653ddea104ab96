"""Bybit's ledger of the funding account (docs/v5/asset/fund-history): seven days a call, times in
seconds, newest first.

The page has no list of the business types: besides its example (Earn, interest of flexible savings)
the words here are what public clients write down of their answers. How far back it reaches is not
documented either; here it is two years.
"""

from __future__ import annotations

import base64
from typing import Any

from exchange_cache.simulator.dialects.bybit_base import (
    DAY_MS,
    FIAT,
    HISTORY_MS,
    WEEK_MS,
    BybitBase,
    num,
)
from exchange_cache.simulator.venue import Entry
from exchange_cache.simulator.wire import Request

_PREFIX = "fundingAccountRecord"
# kind of entry: (business type, description), each in English; the localisation keys are made of
# them
_WORDS = {
    "deposit": ("Deposit", "On-chain Deposit"),
    "withdrawal": ("Withdraw", "Withdraw"),
    "dividend": ("Airdrop", "Airdrop Bonus"),
    "interest": ("Earn", "Flexible Interest Distribution"),
    "convert": ("Convert", "Convert"),
    "dust": ("Convert", "Convert"),
}


class BybitFunding(BybitBase):
    """What changed the funding account's balances."""

    def funding_history(self, request: Request) -> Any:
        account = self._signed(request)
        start, end = self._seconds(request)
        known = self.venue.entries(
            account.name, wallet="funding", start=request.now_ms - HISTORY_MS
        )
        below = self._below(request)
        rows = [
            e
            for e in reversed(known)
            if start <= e.time_ms // 1000 <= end and (below is None or e.seq < below)
        ]
        page = rows[: self._limit(request, 10, 100)]
        cursor = base64.b64encode(str(page[-1].seq).encode()).decode() if page else ""
        return self._ok(
            request, {"nextPageCursor": cursor, "list": [_row(e, account.uid) for e in page]}, "OK"
        )

    def _seconds(self, request: Request) -> tuple[int, int]:
        """createTimeFrom and createTimeTo: both or none, at most seven days apart."""
        start, end = (
            self._integer(request, "createTimeFrom"),
            self._integer(request, "createTimeTo"),
        )
        if start is None and end is None:
            return (request.now_ms - WEEK_MS) // 1000, request.now_ms // 1000
        if start is None or end is None:
            raise self._refuse(
                request, 10001, "createTimeFrom and createTimeTo must be passed together"
            )
        if end < start or end - start > WEEK_MS // 1000:
            raise self._refuse(
                request, 10001, f"The time range cannot exceed {WEEK_MS // DAY_MS} days"
            )
        return start, end

    def _below(self, request: Request) -> int | None:
        cursor = request.query.get("cursor")
        if not cursor:
            return None
        try:
            return int(base64.b64decode(cursor, validate=True))
        except ValueError:
            raise self._refuse(request, 10001, "params error: cursor invalid") from None


def _row(entry: Entry, uid: str) -> dict[str, str]:
    change = entry.amount - entry.fee
    business, description = words_of(entry)
    return {
        "memberId": uid,
        "currency": entry.asset,
        "ioDirection": "I" if change >= 0 else "O",
        "txnAmt": num(abs(change)),
        "afterAmt": num(entry.balance),
        "createTime": str(entry.time_ms // 1000),
        "showBusiType": _key(business),
        "showBusiTypeEn": business,
        "description": _key(description),
        "descriptionEn": description,
    }


def words_of(entry: Entry) -> tuple[str, str]:
    if entry.kind == "internal":
        return (
            "Transfer",
            "Transfer to Unified Trading Account"
            if entry.amount < 0
            else "Transfer from Unified Trading Account",
        )
    if entry.asset in FIAT and entry.kind in ("deposit", "withdrawal"):
        return "Fiat", f"Fiat {entry.kind.title()}"
    return _WORDS[entry.kind]


def _key(words: str) -> str:
    return _PREFIX + "".join(
        part[:1].upper() + part[1:] for part in words.replace("-", " ").split()
    )
