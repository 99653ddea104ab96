"""Binance: a year of futures trades, orders or income as one file, by a download id.

The orders are reads by their verb, but each uses up one of the few downloads of the month, which
the web page shares. So nothing is ordered unless the user asked for it. Source:
developers.binance.com, "Get Download Id For Futures Trade History" and its neighbours (a span of at
most one year; the link lives 24 hours; trades and income 5 a month, orders 10).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
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
from exchange_cache.adapter.values import text_or_empty
from exchange_cache.ledger.coverage import Span
from exchange_cache.records import DataType

_DOCS = "https://developers.binance.com/docs/derivatives"
_BUCKET = "bin-prod-user-rebate-bucket"
_SHARED = "the downloads of the web page count too"
_PLURAL = {"trade": "trades", "order": "orders"}
_A_MONTH = {"trade": 5, "order": 10, "income": 5}

HOSTS = LinkHosts(
    names=frozenset({f"{_BUCKET}.s3.amazonaws.com", f"{_BUCKET}.s3.ap-northeast-1.amazonaws.com"}),
    source="sample answers of developers.binance.com (asyn/id; futures order book downloads)",
)


def years(span: Span, now_ms: int) -> tuple[Period, ...]:
    """Calendar years (UTC) that reach into a span, the newest first; those at its ends are cut."""
    found = []
    year = datetime.fromtimestamp(span.start_ms / 1000, UTC).year
    while (start := _start_ms(year)) < span.end_ms:
        cut = Span(max(start, span.start_ms), min(_start_ms(year + 1), span.end_ms, now_ms))
        found.append(Period(key=str(year), span=cut))
        year += 1
    return tuple(reversed(found))


def _start_ms(year: int) -> int:
    return int(datetime(year, 1, 1, tzinfo=UTC).timestamp() * 1000)


def _order(method: str, pace: timedelta, period: Period) -> ArchiveCall:
    """``endTime`` is inclusive."""
    return ArchiveCall(
        method=method,
        params={"startTime": period.span.start_ms, "endTime": period.span.end_ms - 1},
        pace=pace,
    )


def _ask(method: str, ticket: Ticket) -> ArchiveCall:
    return ArchiveCall(
        method=f"{method}Id",
        params={"downloadId": ticket.order_id},
        pace=timedelta(seconds=1),
    )


def _ordered(answer: Any, period: Period) -> str:
    return text_or_empty(answer, "downloadId")


def _made(answer: Any, ticket: Ticket) -> Made:
    link, expires = answer.get("url"), answer.get("expirationTimestamp")
    if answer.get("isExpired") in {True, "true"}:
        return Made(gone=True)
    if answer.get("status") == "completed" and link:
        expires_ms = int(expires) if str(expires or "").isdigit() else None
        return Made(ready=True, link=str(link), expires_ms=expires_ms)
    return Made(gone=answer.get("status") not in {"processing", "completed"})


def _archive(
    name: str,
    side: str,
    data: str,
    covers: tuple[DataType, str],
    begins_ms: int,
    *,
    heavy: bool,
) -> ArchivePolicy:
    section = "fapi" if side == "USD-M" else "dapi"
    method = f"{section}PrivateGet{data.title()}Asyn"
    pace = timedelta(seconds=25 if heavy else 1)  # weight 1000 of 2400 a minute
    return ArchivePolicy(
        name=name,
        title=f"{side} {_PLURAL.get(data, data)} by year",
        begins_ms=begins_ms,
        periods=years,
        order=partial(_order, method, pace),
        ordered=_ordered,
        ask=partial(_ask, method),
        made=_made,
        hosts=HOSTS,
        covers=(covers,),
        by_request=True,
        allowance=OrderAllowance(most=_A_MONTH[data], shared=_SHARED),
        first_look=timedelta(minutes=1),
        look_every=timedelta(minutes=5),
        right="Enable Reading",
        source=f"{_DOCS}: Get Download Id For Futures {data.title()} History",
    )


_USDM, _COINM = 1_567_296_000_000, 1_596_240_000_000  # 2019-09-01, 2020-08-01

ARCHIVES = tuple(
    _archive(f"{name}-{_PLURAL.get(data, data)}", side, data, covers, begins_ms, heavy=heavy)
    for name, side, category, begins_ms, heavy in (
        ("usdm", "USD-M", "linear", _USDM, True),
        ("coinm", "COIN-M", "inverse", _COINM, False),
    )
    for data, covers in (
        ("trade", (DataType.FILLS, category)),
        ("income", (DataType.TRANSFERS, f"{category}-income")),
        ("order", (DataType.ORDERS, category)),
    )
)
