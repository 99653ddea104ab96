"""Kraken: exports of the ledger and of the trades, which cost a fraction of walking them.

The pages serve everything as well, fifty rows at a time, so an export is ordered only for a long
history. Sources: docs.kraken.com/api-reference/account-data, "Request Export Report" and its
neighbours; docs.kraken.com/api/docs/guides/spot-rest-ratelimits (a page of rows costs two points,
an export one per call).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from exchange_cache.adapter.archives import ArchiveCall, ArchivePolicy, Made, Period, Ticket
from exchange_cache.adapter.paths import dig_or_none
from exchange_cache.ledger.coverage import Span
from exchange_cache.records import DataType

_DOCS = "https://docs.kraken.com/api-reference/account-data"
_FOUNDED = 1_378_684_800_000  # 2013-09-09
#: Fewer rows are walked: 100 pages cost 200 points, which come back in ten minutes.
_LEAST_ROWS = 5_000
_PACE = timedelta(seconds=3)
_NAME = "excache"


def _all(span: Span, now_ms: int) -> tuple[Period, ...]:
    """One file has all rows of a span."""
    return (Period(key="all", span=span),)


def _archive(report: str, data_type: DataType, scope: str, count: str, rows: str) -> ArchivePolicy:
    def order(period: Period) -> ArchiveCall:
        # without a start, the file begins with this month
        return ArchiveCall(
            method="privatePostAddExport",
            params={
                "report": report,
                "description": f"{_NAME} {report}",
                "format": "CSV",
                "starttm": str(period.span.start_ms // 1000),
                "endtm": str(period.span.end_ms // 1000),
            },
            pace=_PACE,
        )

    def ask(ticket: Ticket) -> ArchiveCall:
        return ArchiveCall(method="privatePostExportStatus", params={"report": report}, pace=_PACE)

    def file(ticket: Ticket) -> ArchiveCall:
        return ArchiveCall(
            method="privatePostRetrieveExport", params={"id": ticket.order_id}, pace=_PACE
        )

    def drop(ticket: Ticket) -> ArchiveCall:
        return ArchiveCall(
            method="privatePostRemoveExport",
            params={"id": ticket.order_id, "type": "delete"},
            pace=_PACE,
        )

    def worth(period: Period) -> ArchiveCall:
        return ArchiveCall(
            method=count,
            params={"start": str(period.span.start_ms // 1000), "ofs": 0},
            pace=2 * _PACE,
        )

    return ArchivePolicy(
        name=report,
        title=f"export of the {rows}",
        begins_ms=_FOUNDED,
        periods=_all,
        order=order,
        ordered=_ordered,
        ask=ask,
        made=_made,
        file=file,
        drop=drop,
        covers=((data_type, scope),),
        worth=worth,
        wait=timedelta(seconds=30),
        rows_in=_rows_in,
        least_rows=_LEAST_ROWS,
        least_gap=timedelta(days=90),
        right="Data - Export data",
        source=f"{_DOCS}/add-export",
    )


def _ordered(answer: Any, period: Period) -> str:
    return str(dig_or_none(answer, "result.id") or "")


def _made(answer: Any, ticket: Ticket) -> Made:
    """The report of the ticket in the list of all; one that is not there was deleted or expired."""
    listed = dig_or_none(answer, "result") or []
    for report in listed:
        if report.get("id") == ticket.order_id:
            gone = str(report.get("delete") or "0") not in {"0", "false", "False"}
            return Made(ready=report.get("status") == "Processed" and not gone, gone=gone)
    return Made(gone=True)


def _rows_in(answer: Any) -> int:
    return int(dig_or_none(answer, "result.count") or 0)


ARCHIVES = (
    _archive("ledgers", DataType.TRANSFERS, "ledger", "privatePostLedgers", "ledger"),
    _archive("trades", DataType.FILLS, "spot", "privatePostTradesHistory", "trades"),
)
