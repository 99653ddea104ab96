"""The pure plan of archives: which files are missing, which may be ordered now, and about which to
ask."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from exchange_cache.adapter.archives import ArchivePolicy, OrderAllowance, Period
from exchange_cache.adapter.policy import StreamPolicy
from exchange_cache.cache.archive_reading import ArchivePlan, ArchiveState, StoredArchive
from exchange_cache.cache.imported_models import FileCoverage
from exchange_cache.cache.streams import StreamState
from exchange_cache.ledger.coverage import Grade, Ranges, Span
from exchange_cache.sync.plan import retention_floor, to_span_ms

#: So many files of one archive are ordered in a run, so that no run waits long for its pace.
ORDERS_A_RUN = 3
#: Files reach so far into what pages serve.
OVERLAP = timedelta(days=1)
#: A refusal, or a file that failed, is tried again after this time.
AGAIN = timedelta(days=1)


def missing(
    archive: ArchivePolicy,
    streams: Iterable[StreamPolicy],
    states: Iterable[StreamState],
    now_ms: int,
    start_ms: int | None,
    imported: Iterable[FileCoverage] = (),
) -> Ranges:
    """The time that a file can add: not stored of one of the histories that it covers, and no
    longer served by their pages. Where pages serve everything, all that is not stored. What the
    user ``imported`` is stored as far as it is proven; more may be missing of what a file
    states."""
    begins_ms = max(archive.begins_ms, start_ms or 0)
    found = Ranges()
    proven: dict[tuple[str, str], list[Span]] = {}
    for one in imported:
        if one.grade is Grade.PROVEN:
            proven.setdefault((str(one.data_type), one.scope), []).append(one.span)
    by_scope: dict[tuple[str, str], list[StreamState]] = {}
    for state in states:
        by_scope.setdefault((str(state.key.data_type), state.key.scope), []).append(state)
    for stream in streams:
        if (stream.data_type, stream.scope) not in archive.covers:
            continue
        end_ms = now_ms
        if stream.retention is not None:  # the edge moves while files are made
            end_ms = min(now_ms, retention_floor(stream, now_ms) + to_span_ms(OVERLAP))
        history = (str(stream.data_type), stream.scope)
        whole = Ranges.of((begins_ms, end_ms)).minus(Ranges.union_of(proven.get(history, ())))
        known = by_scope.get(history, [])
        if known and all(state.state == "not_offered" for state in known):
            continue
        if not known:
            found = found.plus(whole)
        for state in known:
            found = found.plus(whole.minus(state.covered))
    return found


def periods_of(archive: ArchivePolicy, gaps: Ranges, now_ms: int) -> tuple[Period, ...]:
    """The files that cover what is missing, the newest first."""
    if not gaps or gaps.length_ms < to_span_ms(archive.least_gap):
        return ()
    start_ms, end_ms = gaps.start_ms, gaps.end_ms
    assert start_ms is not None and end_ms is not None
    found = archive.periods(Span(start_ms, end_ms), now_ms)
    return tuple(
        period
        for period in found
        if any(
            gap.start_ms < period.span.end_ms and period.span.start_ms < gap.end_ms for gap in gaps
        )
    )


def to_order(
    archive: ArchivePolicy,
    periods: Sequence[Period],
    stored: Mapping[str, StoredArchive],
    now_ms: int,
    left: int | None,
) -> tuple[Period, ...]:
    """The periods to order now: those not ordered yet or to be ordered again, as far as the
    allowance reaches (``left`` None: there is none)."""
    due = [period for period in periods if _is_due(archive, period, stored.get(period.key), now_ms)]
    return tuple(due[: ORDERS_A_RUN if left is None else min(ORDERS_A_RUN, max(0, left))])


def _is_due(
    archive: ArchivePolicy, period: Period, known: StoredArchive | None, now_ms: int
) -> bool:
    """Whether to order a period: never, lost before the answer, refused a day ago, or read when
    less of it was missing."""
    if known is None or known.state is ArchiveState.SENT:
        return True
    since_ms = now_ms - (known.looked_ms or known.ordered_ms or 0)
    if known.state is ArchiveState.READ:
        again_ms = to_span_ms(max(AGAIN, archive.again_after))
        return since_ms >= again_ms and not _covers(known, period)
    if known.state in {ArchiveState.FAILED, ArchiveState.REFUSED, ArchiveState.SHORT}:
        return since_ms >= to_span_ms(AGAIN)
    return False


def _covers(known: StoredArchive, period: Period) -> bool:
    return known.start_ms <= period.span.start_ms and period.span.end_ms <= known.end_ms


def to_look(
    archive: ArchivePolicy, stored: Iterable[StoredArchive], now_ms: int
) -> tuple[StoredArchive, ...]:
    """The orders to ask about now, the oldest first."""
    due = [
        order
        for order in stored
        if order.state in {ArchiveState.ORDERED, ArchiveState.FOREIGN}
        and now_ms >= _next_look_ms(archive, order)
    ]
    return tuple(sorted(due, key=lambda order: (order.ordered_ms or 0, order.period)))


def _next_look_ms(archive: ArchivePolicy, order: StoredArchive) -> int:
    ordered_ms = order.ordered_ms or 0
    if order.state is ArchiveState.FOREIGN:
        return (order.looked_ms or 0) + to_span_ms(AGAIN)
    if order.looked_ms is None:
        return ordered_ms + to_span_ms(archive.first_look)
    return order.looked_ms + to_span_ms(archive.look_every)


def window_ms(allowance: OrderAllowance, now_ms: int) -> int:
    """The moment from which orders count against an allowance now."""
    if allowance.per is not None:
        return now_ms - to_span_ms(allowance.per)
    now = datetime.fromtimestamp(now_ms / 1000, UTC)
    return int(datetime(now.year, now.month, 1, tzinfo=UTC).timestamp() * 1000)


def planned(
    archive: ArchivePolicy, account: str, missing: int, now_ms: int, *, requested: bool
) -> ArchivePlan:
    """What a sync found of an archive, for ``status``; ``missing`` files are not ordered."""
    allowance = archive.allowance
    per = None if allowance is None else allowance.per
    return ArchivePlan(
        account=account,
        archive=archive.name,
        title=archive.title,
        missing=missing,
        most=None if allowance is None else allowance.most,
        per_ms=None if per is None else to_span_ms(per),
        shared="" if allowance is None else allowance.shared,
        by_request=archive.by_request,
        requested=requested,
        planned_ms=now_ms,
    )


def covered_by(archive: ArchivePolicy, order: StoredArchive) -> Span:
    """The time that the file of an order proves."""
    return Span(max(order.start_ms, archive.begins_ms), order.end_ms)
