"""What ``status`` shows about runs: the active, the last, missed hours, the next by cron."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from exchange_cache.cli.app import App
from exchange_cache.clock import is_ahead
from exchange_cache.errors import ConfigError
from exchange_cache.findings import Finding, costs_open_finding
from exchange_cache.render import words
from exchange_cache.sync import schedule

if TYPE_CHECKING:
    from exchange_cache.cache.reading import CacheReading
    from exchange_cache.cache.stored import Run
    from exchange_cache.render.todo import Todo
    from exchange_cache.render.workers import Worker
    from exchange_cache.sync.lock import Holder

#: How far back missed hours are reported.
REACH = timedelta(hours=24)


def runs_of(repository: CacheReading) -> list[tuple[datetime, datetime]]:
    """When the last runs began and ended."""
    return [
        (run.started_at, run.ended_at)
        for run in repository.progress.runs()
        if run.ended_at is not None
    ]


def run_notes(app: App, repository: CacheReading) -> list[str]:
    """Sentences about runs, the active one first."""
    now = app.now()
    runs = repository.progress.runs(limit=300)
    notes = []
    holders = app.lock().holders()
    notes += [_running_now(holder, runs, now) for holder in holders]
    for run in runs:
        if run.ended_at is None and not any(one.is_of(run.pid, run.host) for one in holders):
            started = _when(run.started_at, now)
            notes.append(
                f"The {run.command} started {started} was killed; "
                "the next run continues where it stopped."
            )
    ended = next((run for run in runs if run.ended_at is not None), None)
    if ended is not None:
        started = _when(ended.started_at, now)
        notes.append(
            f"Last run: {ended.command} {started}, {_ending(ended)},"
            f" {words.count(ended.requests, 'request')}, {words.count(ended.rows, 'new row')}."
        )
    notes += _missed(runs, now, running=bool(holders))
    upcoming = next_cron_run(now)
    if upcoming is not None:
        notes.append(f"Next cron run {words.zoned_time(upcoming, now)}.")
    return notes


class RunState(NamedTuple):
    """The runs in the headline of ``status``, and what they give to do."""

    running: str
    last: str
    todo: tuple[Todo, ...]
    workers: tuple[Worker, ...]


def run_state(app: App, repository: CacheReading) -> RunState:
    """The active run or runs, the last one that ended, and the next by cron."""
    from exchange_cache.render.todo import Todo

    now = app.now()
    runs = repository.progress.runs(limit=300)
    holders = app.lock().holders()
    holder = next(iter(holders), None)
    ended = next((run for run in runs if run.ended_at is not None), None)
    upcoming = next_cron_run(now)
    last = "" if ended is None else f"Last {ended.command} {_when(ended.started_at, now)}, "
    last += "" if ended is None else _outcome(ended)
    if upcoming is not None:
        last += f"{'; next' if last else 'Next'} by cron at {words.zoned_time(upcoming, now)}"
    todo = []
    if holder is None and runs and runs[0].ended_at is None:
        started = _when(runs[0].started_at, now)
        text = f"the {runs[0].command} started {started} was killed; the next run continues it."
        todo.append(Todo(text, "excache sync"))
    gap = _silent(runs, now) if holder is None else None
    if gap is not None:
        since = f"{words.zoned_time(gap.since, now)} ({words.age(now - gap.since)})"
        missed = f"{gap.runs} hourly run{'s' if gap.runs > 1 else ''} missed."
        todo.append(Todo(f"no run since {since}: {missed}", "excache cron show"))
    running = _running_now(holder, runs, now) if holder is not None else ""
    several = tuple(_worker(one, runs) for one in holders) if len(holders) > 1 else ()
    running = f"{len(several)} processes at work." if several else running
    return RunState(running, f"{last}." if last else "", tuple(todo), several)


def _outcome(run: Run) -> str:
    """``ok``, ``failed`` and why, or what a stopped run saved."""
    if run.outcome != "interrupted":
        return _ending(run)
    return f"stopped with {words.count(run.rows, 'new row')} saved"


def _ending(run: Run) -> str:
    """The outcome, and the error that ended the run, to its first semicolon."""
    return f"{run.outcome} ({run.doing.partition(';')[0]})" if run.doing else f"{run.outcome}"


def _silent(runs: tuple[Run, ...], now: datetime) -> schedule.Gap | None:
    """The time up to now in which hourly runs were missed."""
    gaps = schedule.missed_hours([*_starts(runs, now), now])
    return gaps[-1] if gaps and gaps[-1].until == now else None


def open_costs(app: App, repository: CacheReading) -> list[Finding]:
    """The finding that averages are still to be computed; none if they are."""
    asset = app.configured.reporting_asset
    if not repository.costs_open(asset):
        return []
    return [costs_open_finding(known=repository.has_costs(asset))]


def behind(app: App, repository: CacheReading) -> tuple[Finding, ...]:
    """The finding that the replica that is read is behind; a file is none."""
    if isinstance(app.place, Path):
        return ()
    from exchange_cache.cli.replica import replica_findings

    return replica_findings(repository, app.now())


def replica_state(app: App, repository: CacheReading) -> dict[str, object]:
    """The same for programs, with its delay."""
    if isinstance(app.place, Path):
        return {"replica": None}
    from exchange_cache.cli.replica import replica_document

    return replica_document(repository, app.now())


def runs_document(app: App, repository: CacheReading) -> dict[str, object]:
    """The runs for programs: the active ones, the first of them again (null: none), and the last
    one that ended."""
    runs = repository.progress.runs(limit=300)
    workers = _workers_document(app.lock().holders(), runs)
    ended = next((run for run in runs if run.ended_at is not None), None)
    return {
        "running": next(iter(workers), None),
        "workers": workers,
        "last_run": None if ended is None else _ended(ended),
    }


def _workers_document(holders: Sequence[Holder], runs: Sequence[Run]) -> list[dict[str, object]]:
    if not holders:
        return []
    from exchange_cache.render.workers import worker_rows

    return worker_rows([_worker(holder, runs) for holder in holders])


def _run_of(holder: Holder, runs: Sequence[Run]) -> Run | None:
    """What a process recorded; None until it did, and for other work (a migration)."""
    own = (run for run in runs if run.ended_at is None and holder.is_of(run.pid, run.host))
    return next(own, None)


def _worker(holder: Holder, runs: Sequence[Run]) -> Worker:
    from exchange_cache.render.workers import Worker

    run = _run_of(holder, runs)
    return Worker(
        host=(run.host if run else None) or holder.host or None,
        pid=holder.pid,
        command=holder.command,
        since=holder.since,
        doing=run.doing if run else None,
        requests=run.requests if run else None,
        rows=run.rows if run else None,
    )


def _ended(run: Run) -> dict[str, object]:
    return {
        "command": run.command,
        "pid": run.pid,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "outcome": run.outcome,
        "error": run.doing,
        "requests": run.requests,
        "new_rows": run.rows,
        "host": run.host,
    }


def _running_now(holder: Holder, runs: tuple[Run, ...], now: datetime) -> str:
    """``Running now: sync (pid 7) since 14:02 UTC, main fills spot, 120 requests so far.``"""
    own = _run_of(holder, runs)
    doing = f", {own.doing}" if own and own.doing else ""
    far = f", {own.requests:,} requests so far" if own and own.requests else ""
    since = f"since {words.zoned_time(holder.since, now)}"
    since = holder.since_words if is_ahead(holder.since, now) else since
    return f"Running now: {holder.command} ({holder.place}) {since}{doing}{far}."


def _missed(runs: tuple[Run, ...], now: datetime, *, running: bool) -> list[str]:
    """Gaps without a run, the latest first; a gap up to now names a command to look into it."""
    starts = _starts(runs, now)
    notes = []
    for gap in reversed(schedule.missed_hours([*starts, *([] if running else [now])])):
        if now - gap.until > REACH:
            break
        count = f"{gap.runs} hourly run{'s' if gap.runs > 1 else ''} missed"
        if gap.until == now:
            notes.append(
                f"No run since {words.zoned_time(gap.since, now)} ({words.age(now - gap.since)}):"
                f" {count}. Is it installed? excache cron show"
            )
        else:
            notes.append(
                f"No run between {words.clock_time(gap.since, now)} and"
                f" {words.zoned_time(gap.until, now)}: {count}."
            )
    return notes


def _starts(runs: tuple[Run, ...], now: datetime) -> list[datetime]:
    """When runs (newest first) started, ascending.

    A start after that of the next run, or after now, is a clock's error and is limited to that
    time.
    """
    starts, latest = [], now
    for run in runs:
        latest = min(run.started_at, latest)
        starts.append(latest)
    return starts[::-1]


def _when(moment: datetime, now: datetime) -> str:
    """How long ago; a future time is shown as stored."""
    if is_ahead(moment, now):
        return f"at {words.zoned_minute(moment)} by a clock that was ahead"
    return words.ago(now - moment)


def next_cron_run(now: datetime) -> datetime | None:
    """The next run of the installed crontab entry; None without one or without cron."""
    try:
        minute = schedule.minute_in(schedule.read_crontab())
    except ConfigError:
        return None
    if minute is None:
        return None
    local = now.astimezone()  # cron uses the machine's time zone
    upcoming = local.replace(minute=minute, second=0, microsecond=0)
    return (upcoming if upcoming > local else upcoming + timedelta(hours=1)).astimezone(UTC)
