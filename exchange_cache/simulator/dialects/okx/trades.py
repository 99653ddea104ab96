"""OKX's executions: trade/fills (3 days), fills-history (3 months, one instrument type a call) and
the quarterly archive's link.

A trade id is unique within its instrument only; pages go by bill id. Fees are negative when
charged, positive when rebated.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from exchange_cache.simulator.dialects.okx.access import OkxAccess
from exchange_cache.simulator.dialects.okx.wording import (
    DAY_MS,
    HOUR_MS,
    KINDS,
    asked_type,
    family,
    inst_type,
    num,
    number,
    ok,
    page,
    refuse,
    stable_number,
    text_of,
    wrong,
)
from exchange_cache.simulator.venue import INVERSE, LINEAR, SPOT, Account, Fill, Venue
from exchange_cache.simulator.wire import Request

_RECENT_MS = 3 * DAY_MS
_ARCHIVE_READY_MS = 2 * HOUR_MS
_ARCHIVE_MS = 730 * DAY_MS
Bills = dict[tuple[str, int], str]


class OkxTrades(OkxAccess):
    """Fills and their archive."""

    def __init__(self, venue: Venue, *, limit_scale: float = 1.0) -> None:
        super().__init__(venue, limit_scale=limit_scale)
        self._bills: dict[str, tuple[int, Bills]] = {}
        self._archives: dict[tuple[str, str, str], int] = {}

    def fills(self, request: Request) -> Any:
        """Three days; any instrument type."""
        return self._fills(request, request.now_ms - _RECENT_MS, required=False)

    def fills_history(self, request: Request) -> Any:
        """Three months; the instrument type is mandatory."""
        oldest = self.venue.oldest_served(self.exchange, "fills", SPOT, request.now_ms)
        return self._fills(request, oldest or 0, required=True)

    def _fills(self, request: Request, oldest: int, *, required: bool) -> dict[str, Any]:
        account = self._signed(request)
        asked = asked_type(request, required=required)
        begin, end = number(request, "begin"), number(request, "end")
        found: list[Fill] = []
        for kind in KINDS.get(asked, ()) if asked else (SPOT, LINEAR, INVERSE):
            found += self.venue.fills(
                account.name, kind=kind, start=max(oldest, begin or 0), end=end
            )
        inst_id, order_id = text_of(request, "instId"), text_of(request, "ordId")
        selected, sub = (
            text_of(request, "instFamily") or text_of(request, "uly"),
            text_of(request, "subType"),
        )
        found = [
            f
            for f in found
            if asked in ("", inst_type(f.market))
            and inst_id in ("", f.market.id)
            and order_id in ("", f.order_id)
            and selected in ("", family(f.market))
            and sub in ("", sub_type(f))
        ]
        bills = self._bill_ids(account)
        rows = page(request, found, lambda f: int(bills[(f.symbol, f.seq)]))
        return ok([self._fill(f, bills[(f.symbol, f.seq)]) for f in rows])

    def _bill_ids(self, account: Account) -> Bills:
        """The bill of every fill: the trading account's ledger line of what was received."""
        entries = self.venue.entries(account.name, wallet="trading")
        count, known = self._bills.get(account.name, (-1, {}))
        if count != len(entries):
            known = {
                (e.source.symbol, e.source.seq): e.id for e in entries if isinstance(e.source, Fill)
            }
            self._bills[account.name] = (len(entries), known)
        return known

    def _fill(self, f: Fill, bill_id: str) -> dict[str, str]:
        asset, fee = f.fees[0]
        spot = f.market.kind == SPOT
        rate = self.venue.profile(self.exchange).fees.rate(f.market.kind, f.maker)
        index = self.venue.state.prices.price(f.market, f.time_ms)
        return {
            "side": f.side,
            "fillSz": num(f.amount),
            "fillPx": num(f.price),
            "fillPxVol": "",
            "fillFwdPx": "",
            "fee": num(-fee),
            "fillPnl": num(f.realised_pnl),
            "ordId": f.order_id,
            "feeRate": num(-rate) if spot else "",
            "instType": inst_type(f.market),
            "fillPxUsd": "",
            "instId": f.market.id,
            "clOrdId": "",
            "posSide": f.position_side or "net",
            "billId": bill_id,
            "subType": sub_type(f),
            "fillMarkVol": "",
            "tag": "",
            "fillTime": str(f.time_ms),
            "execType": "M" if f.maker else "T",
            "fillIdxPx": num(index),
            "tradeId": f.id,
            "fillMarkPx": "" if spot else num(index),
            "feeCcy": asset,
            "ts": str(f.time_ms),
            "tradeQuoteCcy": f.market.quote if spot else "",
        }

    # -- archive
    #   --------------------------------------------------------------------------------------------

    def apply_archive(self, request: Request) -> Any:
        """Ask for the file of a quarter: "true" when it was asked for before."""
        account = self._signed(request)
        if "application/json" not in request.headers.get("content-type", "").lower():
            raise refuse("50006", 'Invalid Content-Type. Please use "application/JSON".')
        if request.body and not request.form:
            raise refuse("50002", "JSON syntax error")
        year, quarter = self._quarter(request, request.form)
        key = (account.name, year, quarter)
        known = key in self._archives
        asked_ms = self._archives.setdefault(key, request.now_ms)
        return ok([{"result": "true" if known else "false", "ts": str(asked_ms)}])

    def archive(self, request: Request) -> Any:
        """The link to the file of a quarter, never rows; nothing when nobody asked for it."""
        account = self._signed(request)
        year, quarter = self._quarter(request, request.query)
        asked_ms = self._archives.get((account.name, year, quarter))
        if asked_ms is None:
            return ok([])
        ready = request.now_ms - asked_ms >= _ARCHIVE_READY_MS
        name = stable_number(f"{account.uid}{year}{quarter}", 16)
        href = f"https://static.okx.example/cdn/archive/{year}{quarter}_{name}.zip" if ready else ""
        return ok(
            [{"fileHref": href, "state": "finished" if ready else "ongoing", "ts": str(asked_ms)}]
        )

    @staticmethod
    def _quarter(request: Request, params: dict[str, Any]) -> tuple[str, str]:
        """A quarter that has begun, within two years."""
        year, quarter = str(params.get("year") or ""), str(params.get("quarter") or "")
        for name, value in (("year", year), ("quarter", quarter)):
            if not value:
                raise refuse("50014", f"Parameter {name} can not be empty.")
        if not re.fullmatch(r"\d{4}", year):
            raise wrong("year")
        if not re.fullmatch("Q[1-4]", quarter):
            raise wrong("quarter")
        months = int(year) * 12 + int(quarter[1]) * 3
        begins = (
            datetime((months - 3) // 12, (months - 3) % 12 + 1, 1, tzinfo=UTC).timestamp() * 1000
        )
        ends = datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC).timestamp() * 1000
        if begins > request.now_ms or ends < request.now_ms - _ARCHIVE_MS:
            raise wrong("quarter")
        return year, quarter


def sub_type(f: Fill) -> str:
    """1 buy, 2 sell; in long/short mode 3 open long, 4 open short, 5 close long, 6 close short."""
    if f.position_side is None:
        return "1" if f.side == "buy" else "2"
    opens = (f.side == "buy") == (f.position_side == "long")
    return {("long", True): "3", ("short", True): "4", ("long", False): "5", ("short", False): "6"}[
        (f.position_side, opens)
    ]
