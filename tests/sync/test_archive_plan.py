"""Which files of archives are missing, may be ordered, and are asked about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from exchange_cache.adapter.archives import OrderAllowance
from exchange_cache.cache.archive_reading import ArchiveState, StoredArchive
from exchange_cache.cache.imported_models import FileCoverage
from exchange_cache.cache.streams import StreamState
from exchange_cache.clock import to_ms
from exchange_cache.exchanges.binance.archives import years
from exchange_cache.exchanges.okx.archives import quarters
from exchange_cache.ledger.coverage import Grade, Ranges, Span
from exchange_cache.sync import archive_plan as plan
from tests.sync.fake_port import stream
from tests.sync.test_archives import archive, key

NOW = to_ms(datetime(2026, 3, 10, 8, tzinfo=UTC))
DAY_MS = 86_400_000


def at(*day: int) -> int:
    return to_ms(datetime(*day, tzinfo=UTC))  # type: ignore[arg-type]


def missing(covered: Ranges, *, days: int = 180, now_ms: int = NOW) -> Ranges:
    history = stream(retention=timedelta(days=days), history_start_ms=at(2023, 1, 1))
    state = StreamState(key=key(), covered=covered)
    return plan.missing(archive(begins_ms=at(2023, 1, 1)), [history], [state], now_ms, None)


def test_what_pages_serve_is_not_missing() -> None:
    (gap,) = missing(Ranges.of((NOW - 100 * DAY_MS, NOW)))
    assert gap.start_ms == at(2023, 1, 1)
    assert NOW - 180 * DAY_MS < gap.end_ms < NOW - 178 * DAY_MS


def test_the_users_start_of_history_is_the_start() -> None:
    found = plan.missing(
        archive(),
        [stream(retention=timedelta(days=9), history_start_ms=0)],
        [],
        NOW,
        at(2026, 2, 1),
    )
    assert found.start_ms == at(2026, 2, 1)


@pytest.mark.parametrize("synced", [False, True])
@pytest.mark.parametrize(
    ("grade", "start"), [(Grade.PROVEN, at(2025, 2, 1)), (Grade.STATED, at(2023, 1, 1))]
)
def test_what_the_user_imported_and_its_chain_proves_is_not_ordered(
    synced: bool, grade: Grade, start: int
) -> None:
    history = stream(retention=timedelta(days=180), history_start_ms=at(2023, 1, 1))
    file = FileCoverage(
        account="main",
        data_type=history.data_type,
        scope=history.scope,
        span=Span(at(2023, 1, 1), at(2025, 2, 1)),
        grade=grade,
        words="stated by file a.csv",
    )
    states = [StreamState(key=key())] if synced else []
    found = plan.missing(archive(begins_ms=at(2023, 1, 1)), [history], states, NOW, None, [file])
    assert found.start_ms == start


def test_quarters_are_over_and_reach_into_what_is_missing() -> None:
    found = quarters(Span(at(2025, 5, 5), at(2026, 3, 1)), NOW)
    assert [one.key for one in found] == ["2025Q4", "2025Q3", "2025Q2"]
    assert found[-1].span == Span(at(2025, 4, 1), at(2025, 7, 1))


def test_years_are_cut_at_what_is_missing() -> None:
    found = years(Span(at(2024, 5, 5), at(2025, 9, 11)), NOW)
    assert [(one.key, one.span) for one in found] == [
        ("2025", Span(at(2025, 1, 1), at(2025, 9, 11))),
        ("2024", Span(at(2024, 5, 5), at(2025, 1, 1))),
    ]


def stored(state: ArchiveState, span: Span, at_ms: int = NOW) -> StoredArchive:
    return StoredArchive(
        account="main",
        archive="bills",
        period="2025",
        start_ms=span.start_ms,
        end_ms=span.end_ms,
        state=state,
        ordered_ms=at_ms,
    )


@pytest.mark.parametrize(
    "state",
    [ArchiveState.ORDERED, ArchiveState.FETCHED, ArchiveState.UNREADABLE, ArchiveState.FOREIGN],
)
def test_a_file_that_is_being_made_is_not_ordered_again_when_the_edge_moves(
    state: ArchiveState,
) -> None:
    known = {"2025": stored(state, Span(at(2025, 1, 1), at(2025, 9, 11)), NOW - 40 * DAY_MS)}
    moved = years(Span(at(2025, 1, 1), at(2025, 10, 20)), NOW)
    assert plan.to_order(archive(), moved, known, NOW, None) == ()


def test_a_year_of_which_more_is_missing_now_is_ordered_again_a_day_later() -> None:
    moved = years(Span(at(2025, 1, 1), at(2025, 10, 20)), NOW)
    read = stored(ArchiveState.READ, Span(at(2025, 1, 1), at(2025, 9, 11)))
    assert plan.to_order(archive(), moved, {"2025": read}, NOW, None) == ()
    assert plan.to_order(archive(), moved, {"2025": read}, NOW + DAY_MS, None) == moved
    whole = replace(read, end_ms=at(2026, 1, 1))
    assert plan.to_order(archive(), moved, {"2025": whole}, NOW + DAY_MS, None) == ()


def test_a_month_begins_in_utc_and_a_day_is_24_hours() -> None:
    assert plan.window_ms(OrderAllowance(most=5), NOW) == at(2026, 3, 1)
    assert plan.window_ms(OrderAllowance(most=5, per=timedelta(days=1)), NOW) == NOW - DAY_MS
