"""OKX's bills since 2021 as files by quarter (docs-v5, "Apply bills details (since 2021)").

POST orders the file of a quarter, GET returns its link. Twelve orders a day are accepted, the
current quarter and those before 2021 are not, and one that was ordered within thirty days is not
made again. A file is ready after two hours (divided by the server's limit scale) and its link lives
for five and a half. ``shifted``: quarters are named one too early, as the English page has it.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from exchange_cache.simulator.archives import Ordered, csv_bytes, zipped
from exchange_cache.simulator.dialects.okx.bills import OkxBills, bill
from exchange_cache.simulator.dialects.okx.wording import DAY_MS, HOUR_MS, ok, refuse, wrong
from exchange_cache.simulator.venue import Account, Venue
from exchange_cache.simulator.wire import ApiError, Request, Response

_BEGINS_MS = 1_612_137_600_000  # 2021-02-01
_READY_MS = 2 * HOUR_MS
_LINK_MS = 5 * HOUR_MS + HOUR_MS // 2
_AGAIN_MS = 30 * DAY_MS
_A_DAY = 12
#: The columns of the page, in its order.
COLUMNS = (
    *("instType", "billId", "subType", "ts", "balChg", "posBalChg", "bal", "posBal", "sz", "px"),
    *("ccy", "pnl", "fee", "mgnMode", "instId", "ordId", "execType", "interest", "tag"),
    *("fillTime", "tradeId", "clOrdId", "fillIdxPx", "fillMarkPx", "fillPxVol", "fillPxUsd"),
    *("fillMarkVol", "fillFwdPx"),
)
Key = tuple[str, str, str]


class OkxArchive(OkxBills):
    """account/bills-history-archive."""

    def __init__(self, venue: Venue, *, limit_scale: float = 1.0) -> None:
        super().__init__(venue, limit_scale=limit_scale)
        self._ordered: dict[Key, Ordered] = {}
        self._orders: list[tuple[str, int]] = []
        self.shifted = False
        self.failing: set[str] = set()  # quarters whose file cannot be made, such as "2024Q1"

    def apply_bills_archive(self, request: Request) -> Any:
        """Order the file of a quarter; ``result`` is true where it exists already."""
        account = self._signed(request)
        year, quarter, start_ms, end_ms = self._quarter_of(request, request.form)
        key = (account.name, year, quarter)
        known = self._ordered.get(key)
        if known is not None and request.now_ms - known.ordered_ms < _AGAIN_MS:
            ready = str(self._is_ready(known, request.now_ms)).lower()
            return ok([{"result": ready, "ts": str(request.now_ms)}])
        recent = [
            who
            for who, at_ms in self._orders
            if who == account.name and request.now_ms - at_ms < DAY_MS
        ]
        if len(recent) >= _A_DAY:
            body = {"msg": "Too Many Requests", "code": "50011"}
            raise ApiError(Response(status=429, body=body))
        self._orders.append((account.name, request.now_ms))

        def make() -> bytes:
            return self._file(account, start_ms, end_ms)

        self._ordered[key] = Ordered(
            f"{year}{quarter}", request.now_ms, start_ms, end_ms, make, f"{year}{quarter}.csv"
        )
        return ok([{"result": "false", "ts": str(request.now_ms)}])

    def bills_history_archive(self, request: Request) -> Any:
        """The state of a quarter's file, and its link; nothing where nobody ordered it."""
        account = self._signed(request)
        year, quarter, *_ = self._quarter_of(request, request.query)
        known = self._ordered.get((account.name, year, quarter))
        if known is None:
            return ok([])
        row = {"fileHref": "", "state": "ongoing", "ts": str(request.now_ms)}
        if known.id in self.failing:
            return ok([{**row, "state": "failed"}])
        if not self._is_ready(known, request.now_ms):
            return ok([row])
        name = known.name.replace(".csv", ".zip")
        body = zipped(known.name, known.make())
        link = self.files.link(account.uid, name, body, request.now_ms + _LINK_MS)
        return ok([{**row, "fileHref": link, "state": "finished"}])

    def _is_ready(self, ordered: Ordered, now_ms: int) -> bool:
        return now_ms - ordered.ordered_ms >= _READY_MS / self.limit_scale

    def _file(self, account: Account, start_ms: int, end_ms: int) -> bytes:
        """All bills of [start, end), the newest first; without type, ends and notes."""
        entries = self.venue.entries(
            account.name, wallet="trading", start=max(start_ms, _BEGINS_MS), end=end_ms - 1
        )
        rows = sorted((bill(entry) for entry in entries), key=lambda row: -int(row["billId"]))
        return csv_bytes(COLUMNS, rows)

    def _quarter_of(self, request: Request, params: dict[str, Any]) -> tuple[str, str, int, int]:
        """Year, quarter and its span; a quarter that is over, since 2021."""
        year, quarter = str(params.get("year") or ""), str(params.get("quarter") or "")
        for name, value in (("year", year), ("quarter", quarter)):
            if not value:
                raise refuse("50014", f"Parameter {name} can not be empty.")
        if not re.fullmatch(r"\d{4}", year) or not re.fullmatch("Q[1-4]", quarter):
            raise wrong("year or quarter")
        index = int(year) * 4 + int(quarter[1]) - 1 + self.shifted
        start_ms, end_ms = _begins(index), _begins(index + 1)
        if end_ms <= _BEGINS_MS or end_ms > request.now_ms:
            raise wrong("quarter")
        return year, quarter, start_ms, end_ms


def _begins(index: int) -> int:
    year, quarter = divmod(index, 4)
    return int(datetime(year, quarter * 3 + 1, 1, tzinfo=UTC).timestamp() * 1000)
