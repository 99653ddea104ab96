"""OKX: bills of the trading account by quarter since 2021, which no page of the API serves.

Sources: okx.com/docs-v5, "Apply bills details (since 2021)" and "Get bills details (since 2021)".
The page states twelve orders a day until 2025-11 and one per ten seconds since 2026; both are kept.
The English page calls the quarter that begins in July "Q2", the Chinese one "Q3", so the time of
the rows decides what a file covers.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from exchange_cache.adapter.archives import (
    ArchiveCall,
    ArchivePolicy,
    Made,
    OrderAllowance,
    Period,
    Ticket,
)
from exchange_cache.adapter.files import LinkHosts
from exchange_cache.adapter.paths import dig_or_none
from exchange_cache.exchanges.okx.trading import TYPES
from exchange_cache.ledger.coverage import Span
from exchange_cache.records import DataType

_DOCS = "https://www.okx.com/docs-v5/en"
_BEGINS = 1_612_137_600_000  # 2021-02-01
#: How long a link lives: 5.5 hours.
_LINK_LIFE = timedelta(hours=5, minutes=30)

HOSTS = LinkHosts(
    names=frozenset({"static.okx.com", "www.okx.com", "okg-pri-hk.oss-cn-hongkong.aliyuncs.com"}),
    source=(
        "okx.com itself; the private store of OKX's sample answers, docs-v5"
        " broker/fd/rebate-per-orders (2026); the page of the bills writes http://xxx"
    ),
)


def quarters(span: Span, now_ms: int) -> tuple[Period, ...]:
    """The quarters (UTC) that reach into a span and are over, the newest first."""
    found = []
    first = datetime.fromtimestamp(span.start_ms / 1000, UTC)
    index = first.year * 4 + (first.month - 1) // 3
    while _start_ms(index) < span.end_ms and _start_ms(index + 1) <= now_ms:
        year, quarter = divmod(index, 4)
        whole = Span(_start_ms(index), _start_ms(index + 1))
        found.append(Period(key=f"{year}Q{quarter + 1}", span=whole))
        index += 1
    return tuple(reversed(found))


def _start_ms(index: int) -> int:
    year, quarter = divmod(index, 4)
    return int(datetime(year, quarter * 3 + 1, 1, tzinfo=UTC).timestamp() * 1000)


def _names(period: Period) -> dict[str, str]:
    return {"year": period.key[:4], "quarter": period.key[4:]}


def _order(period: Period) -> ArchiveCall:
    return ArchiveCall(
        method="privatePostAccountBillsHistoryArchive",
        params=_names(period),
        pace=timedelta(seconds=10),
    )


def _ask(ticket: Ticket) -> ArchiveCall:
    return ArchiveCall(
        method="privateGetAccountBillsHistoryArchive",
        params=_names(ticket.period),
        pace=timedelta(milliseconds=200),
    )


def _ordered(answer: Any, period: Period) -> str:
    """The quarter is the order's id; ``result`` is true where the file exists and false where it is
    being made."""
    return period.key if dig_or_none(answer, "data.0.result") in {"true", "false"} else ""


def _made(answer: Any, ticket: Ticket) -> Made:
    row = dig_or_none(answer, "data.0") or {}
    state, link, ts = (str(row.get(name) or "") for name in ("state", "fileHref", "ts"))
    if state == "finished" and link:
        life_ms = _LINK_LIFE // timedelta(milliseconds=1)
        expires_ms = int(ts) + life_ms if ts.isdigit() else None
        return Made(ready=True, link=link, expires_ms=expires_ms)
    return Made(gone=state == "failed" or not row)


ARCHIVES = (
    ArchivePolicy(
        name="bills",
        title="bills by quarter",
        begins_ms=_BEGINS,
        periods=quarters,
        order=_order,
        ordered=_ordered,
        ask=_ask,
        made=_made,
        hosts=HOSTS,
        covers=(
            *((DataType.FILLS, scope) for scope, _, _ in TYPES),
            *((DataType.TRANSFERS, scope) for scope in ("moves", "interest", "funding")),
            (DataType.TRANSFERS, "bills-rest"),
        ),
        allowance=OrderAllowance(most=12, per=timedelta(days=1)),
        look_every=timedelta(minutes=10),
        again_after=timedelta(days=30),
        right="Read",
        source=f"{_DOCS}/#trading-account-rest-api-apply-bills-details-since-2021",
    ),
)
