"""OKX's bills: the trading account's (seven days, archive of three months) and the funding
account's (one month, and since 2021-02).

A spot trade makes two bills, one a currency; the fee is within `balChg`. Trading bills page by id,
funding bills by time. A Jumpstart sale is two funding bills: 174 is what was paid, 77 what was
distributed (okx.com/docs-v5, "Asset bills details", the table of types).
"""

from __future__ import annotations

from typing import Any

from exchange_cache.simulator.dialects.okx.access import OkxAccess
from exchange_cache.simulator.dialects.okx.trades import sub_type
from exchange_cache.simulator.dialects.okx.wording import (
    DAY_MS,
    SWAP,
    asked_type,
    currencies_of,
    inst_type,
    num,
    number,
    ok,
    page,
    text_of,
    wrong,
)
from exchange_cache.simulator.venue import (
    INVERSE,
    LINEAR,
    SPOT,
    Conversion,
    Entry,
    Fill,
    Income,
    Transfer,
)
from exchange_cache.simulator.wire import Request

_WEEK_MS, _MONTH_MS, _ARCHIVE_MS = 7 * DAY_MS, 30 * DAY_MS, 90 * DAY_MS
_FIRST_FUNDING_MS = 1_612_137_600_000  # 2021-02-01
_ACCOUNTS = {"funding": "6", "trading": "18"}
_NOTES = {"11": "From Funding Account", "12": "To Funding Account"}
_TEXTS = (
    "clOrdId",
    "earnAmt",
    "earnApr",
    "execType",
    "fee",
    "fillFwdPx",
    "fillIdxPx",
    "fillMarkPx",
    "fillMarkVol",
    "fillPxUsd",
    "fillPxVol",
    "fillTime",
    "from",
    "instId",
    "instType",
    "interest",
    "mgnMode",
    "notes",
    "ordId",
    "pnl",
    "posBal",
    "posBalChg",
    "px",
    "sz",
    "tag",
    "to",
    "tradeId",
)
_FUNDING_TYPES = {
    "deposit": "1",
    "withdrawal": "2",
    "dividend": "48",
    "dividend staking": "83",
    "interest": "89",
    "launch_allotted": "77",
    "launch_paid": "174",
    "bought": "272",
    "sold": "273",
    "from trading": "130",
    "to trading": "131",
    "from savings": "76",
    "to savings": "75",
    "from staking": "82",
    "to staking": "80",
}


class OkxBills(OkxAccess):
    """What changed the accounts' balances."""

    def bills(self, request: Request) -> Any:
        return self._bills_since(request, request.now_ms - _WEEK_MS)

    def bills_archive(self, request: Request) -> Any:
        return self._bills_since(request, request.now_ms - _ARCHIVE_MS)

    def _bills_since(self, request: Request, oldest: int) -> dict[str, Any]:
        account = self._signed(request)
        asked, ccys = asked_type(request, required=False), currencies_of(request)
        kind, sub, linear = (
            text_of(request, "type"),
            text_of(request, "subType"),
            text_of(request, "ctType"),
        )
        mode, inst_id = text_of(request, "mgnMode"), text_of(request, "instId")
        if linear not in ("", "linear", "inverse"):
            raise wrong("ctType")
        begin, end = number(request, "begin"), number(request, "end")
        entries = self.venue.entries(
            account.name, wallet="trading", start=max(oldest, begin or 0), end=end
        )
        reported = [(int(e.id), bill(e)) for e in entries if not ccys or e.asset in ccys]
        selected = [
            (key, row)
            for key, row in reported
            if kind in ("", row["type"])
            and sub in ("", row["subType"])
            and asked in ("", row["instType"])
            and inst_id in ("", row["instId"])
            and mode in ("", row["mgnMode"])
            and _contract_fits(row, linear)
        ]
        return ok([row for _, row in page(request, selected, lambda item: item[0])])

    def asset_bills(self, request: Request) -> Any:
        """The funding account's month; `after` and `before` are times."""
        return self._asset_bills(request, request.now_ms - _MONTH_MS, by_id=False)

    def asset_bills_history(self, request: Request) -> Any:
        """The funding account's bills since February 2021; with pagingType 2 pages go by bill
        id."""
        paging = text_of(request, "pagingType")
        if paging not in ("", "1", "2"):
            raise wrong("pagingType")
        return self._asset_bills(request, _FIRST_FUNDING_MS, by_id=paging == "2")

    def _asset_bills(self, request: Request, oldest: int, *, by_id: bool) -> dict[str, Any]:
        account = self._signed(request)
        ccys, kind = currencies_of(request), text_of(request, "type")
        rows = [
            e for e in self.venue.entries(account.name, wallet="funding", start=oldest)
            if (not ccys or e.asset in ccys) and kind in ("", funding_type(e))
        ]  # fmt: skip
        return ok(
            [
                {
                    "bal": num(e.balance),
                    "balChg": num(e.amount - e.fee),
                    "billId": e.id,
                    "ccy": e.asset,
                    "clientId": "",
                    "notes": e.source.note if isinstance(e.source, Income) else "",
                    "ts": str(e.time_ms),
                    "type": funding_type(e),
                }
                for e in page(request, rows, lambda e: int(e.id) if by_id else e.time_ms)
            ]
        )


def _contract_fits(row: dict[str, str], asked: str) -> bool:
    if not asked:
        return True
    inverse = row["instId"].endswith("-USD-SWAP")
    return row["instType"] == SWAP and inverse == (asked == "inverse")


def bill(e: Entry) -> dict[str, str]:
    kind, sub = _types(e)
    row = dict.fromkeys(_TEXTS, "") | {
        "bal": num(e.balance),
        "balChg": num(e.amount - e.fee),
        "billId": e.id,
        "ccy": e.asset,
        "fee": num(-e.fee),
        "pnl": "0",
        "posBal": "0",
        "posBalChg": "0",
        "subType": sub,
        "sz": num(abs(e.amount)),
        "ts": str(e.time_ms),
        "type": kind,
    }
    source = e.source
    if isinstance(source, Fill):
        return row | _trade_part(e, source)
    if isinstance(source, Income) and source.market is not None:
        return row | {
            "fillTime": str(e.time_ms),
            "instId": source.market.id,
            "instType": inst_type(source.market),
            "mgnMode": "cross",
            "pnl": num(source.amount),
            "px": num(source.price),
            "sz": num(source.size),
        }
    if isinstance(source, Income):
        return row | {
            "interest": num(source.amount) if kind == "7" else "",
            "notes": source.note,
            "fee": "",
        }
    if isinstance(source, Transfer):
        return row | {
            "fee": "",
            "pnl": "",
            "posBal": "",
            "posBalChg": "",
            "from": _ACCOUNTS.get(source.from_wallet or "", ""),
            "to": _ACCOUNTS.get(source.to_wallet or "", ""),
            "notes": _NOTES.get(sub, ""),
            "sz": num(e.amount),
            "px": "0",
        }
    return row


def _types(e: Entry) -> tuple[str, str]:
    """Bill type and subtype."""
    source = e.source
    if isinstance(source, Fill):
        if source.market.kind in (LINEAR, INVERSE):
            return "2", sub_type(source)
        return "2", "1" if e.amount >= 0 else "2"
    if isinstance(source, Conversion):
        incoming = e.amount > 0
        return (
            ("27", "318" if incoming else "319")
            if source.kind == "convert"
            else ("28", "236" if incoming else "237")
        )
    if isinstance(source, Income) and source.kind == "funding":
        return "8", "174" if source.amount >= 0 else "173"
    if isinstance(source, Income) and source.amount < 0:
        return "7", "9"
    return "1", "11" if e.amount >= 0 else "12"


def _trade_part(e: Entry, f: Fill) -> dict[str, str]:
    spot = f.market.kind == SPOT
    return {
        "execType": "M" if f.maker else "T",
        "fillTime": str(f.time_ms),
        "instId": f.market.id,
        "instType": inst_type(f.market),
        "mgnMode": "cash" if spot else "cross",
        "ordId": f.order_id,
        "pnl": num(f.realised_pnl),
        "px": num(f.price),
        "sz": num(abs(e.amount) if spot else f.amount),
        "tradeId": f.id,
    }


def funding_type(e: Entry) -> str:
    source = e.source
    if isinstance(source, Transfer) and e.kind == "internal":
        word = f"to {source.to_wallet}" if e.amount < 0 else f"from {source.from_wallet}"
        return _FUNDING_TYPES[word]
    if isinstance(source, Income) and "Staking" in source.note:
        return _FUNDING_TYPES["dividend staking"]
    if isinstance(source, Conversion):
        return _FUNDING_TYPES["bought" if e.amount > 0 else "sold"]
    return _FUNDING_TYPES[e.kind]
