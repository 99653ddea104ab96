"""Histories that rest in ``status --coverage``: no time is drawn as covered that was not read."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamKey, StreamState
from exchange_cache.cli.runs import runs_of
from exchange_cache.cli.unmoved import unmoved_spans, unmoved_words
from exchange_cache.clock import to_ms
from exchange_cache.ledger.coverage import Ranges, Span
from exchange_cache.records import DataType
from exchange_cache.value.freshness import SyncStatus
from exchange_cache.value.unmoved import Checks
from tests.builders import NOW, T0

HOUR = timedelta(hours=1)
CHECKS = Checks(
    [SyncStatus(account="main", data_type=DataType.FILLS, succeeded_at=NOW)],
    [(NOW - timedelta(minutes=1), NOW)],
)


def state(**more: object) -> StreamState:
    key = StreamKey(account="main", data_type=DataType.FILLS, scope="spot")
    read_ms = to_ms(NOW - 5 * HOUR)
    values = {"covered": Ranges.of((to_ms(T0), read_ms)), "completed_ms": read_ms, **more}
    return StreamState(key=key, **values)  # type: ignore[arg-type]


def test_the_time_since_a_history_was_read_is_its_own_state() -> None:
    span = (to_ms(NOW - 5 * HOUR), to_ms(NOW), "unmoved")
    assert unmoved_spans(state(), CHECKS) == (span,)
    words = f"nothing seen to move since {NOW - 5 * HOUR:%H:%M} UTC, not read since"
    assert unmoved_words([state(), state(completed_ms=None)], CHECKS, NOW) == words


@pytest.mark.parametrize(
    "more",
    [
        {"completed_ms": to_ms(NOW)},
        {"completed_ms": None},
        {"state": "failed"},
        {"covered": Ranges()},
        {"open": Span(1, 2)},
    ],
)
def test_what_was_read_or_is_not_in_order_does_not_rest(more: dict[str, object]) -> None:
    assert unmoved_spans(state(**more), CHECKS) == ()
    assert unmoved_words([state(**more)], CHECKS, NOW) == ""


def test_runs_that_ended_are_known_by_their_times(tmp_path: Path) -> None:
    repository = ExchangeCacheRepository.open(tmp_path / "cache.sqlite3")
    ended = repository.progress.begin_run("sync", 1, NOW - HOUR)
    repository.progress.end_run(ended, "ok", NOW, requests=1, row_count=0)
    repository.progress.begin_run("sync", 1, NOW)
    assert runs_of(repository) == [(NOW - HOUR, NOW)]
    repository.close()
