"""Kraken's exports: AddExport, ExportStatus, RetrieveExport, RemoveExport (docs.kraken.com,
"Request Export Report" and its neighbours).

A report is made within seconds and returned as a zip of one CSV, with status 200 and
``application/octet-stream``; refusals come with status 200 as well, as JSON. All four need the
permission to export data. Without ``starttm`` a report begins with the current month.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from exchange_cache.simulator.archives import Ordered, csv_bytes, zipped
from exchange_cache.simulator.dialects.kraken.history import HistoryCalls, trade_row
from exchange_cache.simulator.dialects.kraken.wording import refusal
from exchange_cache.simulator.venue import Account, Entry, Fill, Venue
from exchange_cache.simulator.wire import ApiError, Request, Response

_READY_MS = 8_000
LEDGERS = (
    *("txid", "refid", "time", "type", "subtype", "aclass", "subclass", "asset", "wallet"),
    *("amount", "fee", "balance", "amountusd", "feeusd", "balanceusd", "feecurrency"),
)
TRADES = (
    *("txid", "ordertxid", "pair", "aclass", "subclass", "time", "type", "ordertype", "price"),
    *("cost", "fee", "vol", "margin", "misc", "ledgers", "posttxid", "posstatuscode"),
    *("cprice", "ccost", "cfee", "cvol", "cmargin", "net", "trades"),
)


class ExportCalls(HistoryCalls):
    """Reports of the whole history."""

    EXPORT_CALLS: ClassVar[dict[str, str]] = {
        "AddExport": "add_export",
        "ExportStatus": "export_status",
        "RetrieveExport": "retrieve_export",
        "RemoveExport": "remove_export",
    }

    def __init__(self, venue: Venue, *, limit_scale: float = 1.0) -> None:
        super().__init__(venue, limit_scale=limit_scale)
        self._reports: dict[str, dict[str, Ordered]] = {}
        self.may_export = True  # the permission "Data - Export data" of every key

    def add_export(self, request: Request) -> Any:
        account, form = self._exporter(request), request.form
        report = form.get("report")
        if report not in ("trades", "ledgers") or not form.get("description"):
            raise ApiError(refusal("EGeneral:Invalid arguments"))
        now = datetime.fromtimestamp(request.now_ms / 1000, UTC)
        month = int(datetime(now.year, now.month, 1, tzinfo=UTC).timestamp())
        start_ms = int(form.get("starttm", month)) * 1000
        end_ms = int(form.get("endtm", request.now_ms // 1000)) * 1000
        mine = self._reports.setdefault(account.name, {})
        digest = hashlib.blake2b(f"{account.uid}{len(mine)}".encode(), digest_size=2)
        name = digest.hexdigest().upper()

        def make() -> bytes:
            if report == "ledgers":
                return self._ledgers_file(account, start_ms, end_ms)
            return self._trades_file(account, start_ms, end_ms)

        mine[name] = Ordered(name, request.now_ms, start_ms, end_ms, make, f"{report}.csv")
        return {"id": name}

    def export_status(self, request: Request) -> Any:
        account = self._exporter(request)
        report = request.form.get("report")
        if report not in ("trades", "ledgers"):
            raise ApiError(refusal("EGeneral:Invalid arguments"))
        mine = self._reports.get(account.name, {}).values()
        return [
            {
                "id": one.id,
                "descr": "excache",
                "format": "CSV",
                "report": report,
                "subtype": "all",
                "status": self._report_status(one, request.now_ms),
                "flags": "0",
                "fields": "all",
                "createdtm": str(one.ordered_ms // 1000),
                "expiretm": str(one.ordered_ms // 1000 + 207_360),
                "starttm": str(one.ordered_ms // 1000),
                "completedtm": str((one.ordered_ms + _READY_MS) // 1000),
                "datastarttm": str(one.start_ms // 1000),
                "dataendtm": str(one.end_ms // 1000),
                "aclass": "forex",
                "asset": "all",
            }
            for one in mine
            if one.name == f"{report}.csv"
        ]

    def retrieve_export(self, request: Request) -> Any:
        account = self._exporter(request)
        one = self._reports.get(account.name, {}).get(str(request.form.get("id", "")))
        if one is None or self._report_status(one, request.now_ms) != "Processed":
            raise ApiError(refusal("EExport:Not ready"))
        return Response(
            body=zipped(one.name, one.make()), headers={"Content-Type": "application/octet-stream"}
        )

    def remove_export(self, request: Request) -> Any:
        account, form = self._exporter(request), request.form
        mine = self._reports.get(account.name, {})
        if form.get("type") not in ("cancel", "delete") or str(form.get("id")) not in mine:
            raise ApiError(refusal("EGeneral:Invalid arguments"))
        del mine[str(form["id"])]
        return {str(form["type"]): True}

    def _exporter(self, request: Request) -> Account:
        account = self.signed(request)
        if not self.may_export:
            raise ApiError(refusal("EGeneral:Permission denied"))
        return account

    def _report_status(self, one: Ordered, now_ms: int) -> str:
        age = now_ms - one.ordered_ms
        ready = age >= _READY_MS / self.limit_scale
        return "Processed" if ready else "Processing" if age > 0 else "Queued"

    # -- files
    #   --------------------------------------------------------------------------------------------

    def _ledgers_file(self, account: Account, start_ms: int, end_ms: int) -> bytes:
        entries = self.venue.entries(account.name, start=start_ms, end=end_ms)
        return csv_bytes(LEDGERS, [self.ledger_line(entry) for entry in entries])

    def ledger_line(self, entry: Entry) -> Mapping[str, object]:
        row = self._entry(entry)
        code, _, suffix = entry.asset.partition(".")
        wallet = {"S": "spot / staked", "F": "earn / flexible"}.get(suffix, "spot / main")
        return {
            **row,
            "txid": entry.id,
            "time": _moment(entry.time_ms),
            "asset": entry.asset,
            "subclass": "fiat" if code in ("EUR", "USD", "GBP") else "crypto",
            "wallet": wallet,
            "amountusd": "-",
            "feeusd": "-",
            "balanceusd": "-",
            "feecurrency": entry.asset if entry.fee else "",
        }

    def _trades_file(self, account: Account, start_ms: int, end_ms: int) -> bytes:
        fills = self.venue.fills(account.name, start=start_ms, end=end_ms)
        ledgers = self.ledger_ids(account.name)
        return csv_bytes(TRADES, [self.trade_line(fill, ledgers) for fill in fills])

    def trade_line(self, fill: Fill, ledgers: dict[str, list[str]]) -> Mapping[str, object]:
        row = trade_row(fill, None)
        return {
            **row,
            "txid": fill.id,
            "pair": f"{fill.market.base}/{fill.market.quote}",
            "subclass": "crypto",
            "time": _moment(fill.time_ms, places=4),
            "ledgers": ",".join(ledgers.get(fill.id, [])),
            "posttxid": row["postxid"],
        }


def _moment(ms: int, places: int = 0) -> str:
    text = datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
    return f"{text}.{ms % 1000:03d}0" if places else text
