"""When runs started, which hours were missed, and what is said of a clock that was ahead."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from exchange_cache.cache.stored import Run
from exchange_cache.cli.runs import _missed, _outcome, _starts, _when
from exchange_cache.errors import DiskFull
from tests.builders import NOW

HOUR = timedelta(hours=1)


def run(hours_ago: float) -> Run:
    return Run(command="sync", pid=1, started_at=NOW - hours_ago * HOUR)


def test_a_start_after_the_next_run_is_limited_to_it() -> None:
    assert _starts((run(1), run(-5), run(3)), NOW) == [NOW - 3 * HOUR, NOW - HOUR, NOW - HOUR]
    assert _starts((), NOW) == []


def test_a_gap_up_to_now_names_a_command_and_an_older_one_does_not() -> None:
    assert _missed((run(0.5), run(1.5)), NOW, running=False) == []
    (latest,) = _missed((run(3.5), run(4.5)), NOW, running=False)
    assert latest.startswith("No run since 08:30 UTC (3 h 30 min): ")
    assert latest.endswith("Is it installed? excache cron show")
    (older,) = _missed((run(0.5), run(4.5)), NOW, running=False)
    assert older.startswith("No run between 07:30 and 11:30 UTC: ")
    assert "excache cron show" not in older


def test_a_run_that_an_error_ended_says_which() -> None:
    full = replace(run(1), outcome="failed", doing=DiskFull("/data").message)
    assert _outcome(full) == "failed (no space left on device: /data cannot be written)"
    assert _outcome(replace(run(1), outcome="failed")) == "failed"
    assert _outcome(replace(run(1), outcome="ok")) == "ok"


def test_a_time_of_the_future_is_shown_as_stored() -> None:
    assert _when(NOW - HOUR, NOW) == "1 h ago"
    assert _when(NOW + HOUR, NOW) == "at 2026-01-31 13:00 UTC by a clock that was ahead"
