"""What a read does after printing: count itself, and start at most one background refresh.

Both follow the flushed answer, so neither delays it or makes it fail.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.stored import Run
from exchange_cache.cli.app import App
from exchange_cache.clock import EPOCH, SKEW, is_ahead
from exchange_cache.errors import CacheBusy, CacheError
from exchange_cache.records import DataType
from exchange_cache.value.freshness import State
from exchange_cache.value.reading import PortfolioReading

#: How long reads start no refresh after a failed one, so that an exchange that is down is spared.
REST = timedelta(minutes=1)


class Refresh(Enum):
    """The background refresh of a read."""

    NONE = "none"  # everything is fresh, or refreshes are switched off
    START = "start"
    RUNNING = "running"  # another run is active
    RESTING = "resting"  # the last one has just failed


def needs_refresh(reading: PortfolioReading) -> bool:
    """Whether a sync would refresh anything."""
    return any(item.due for item in reading.freshness)


def answered(reading: PortfolioReading) -> str:
    """The outcome of a read: miss (no cached data), stale (some is stale) or hit."""
    balances = [item.state for item in reading.freshness if item.data_type is DataType.BALANCES]
    if (
        not reading.holdings
        and not reading.positions
        and all(state is State.MISSING for state in balances)
    ):
        return "miss"
    return (
        "stale"
        if any(item.state in {State.STALE, State.MISSING} for item in reading.freshness)
        else "hit"
    )


def record_read(app: App, outcome: str, nanoseconds: int, command: str = "portfolio") -> None:
    """Record the outcome of a read; it does not fail if the cache cannot be written."""
    from exchange_cache.cache.stored import Read

    try:
        app.repository().metrics.record(
            Read(at=app.now(), command=command, outcome=outcome, duration_us=nanoseconds // 1000)
        )
    except CacheError as error:
        if app.error_terminal().is_tty:
            why = "the cache was busy" if isinstance(error, CacheBusy) else error.message
            app.say(f"excache: this read was not counted ({why})")


def planned_refresh(
    app: App, repository: ExchangeCacheRepository | None, *, requested: bool
) -> Refresh:
    """The refresh that a read of stale data should start; none unless ``requested``."""
    from exchange_cache.sync.background import is_running, slot_of

    if not requested or not app.settings.background_refresh:
        return Refresh.NONE
    if is_running(slot_of(app.cache_file)) or app.lock().holder() is not None:
        return Refresh.RUNNING
    newest = repository.progress.runs(limit=1) if repository is not None else ()
    return Refresh.RESTING if newest and _failed_just_now(newest[0], app.now()) else Refresh.START


def _failed_just_now(run: Run, now: datetime) -> bool:
    """Whether a run has just failed; a time in the future does not count."""
    ended = run.ended_at
    return run.outcome == "failed" and ended is not None and -SKEW <= now - ended < REST


def start_refresh(app: App, accounts: Sequence[str], max_age: timedelta | None) -> bool:
    """Start a detached refresh; False if another process was faster."""
    from exchange_cache.config.durations import format_duration
    from exchange_cache.sync import background

    env = dict(app.env)
    if env.get("EXCACHE_HOME"):
        # it may be relative, and the refresh has another working directory
        env["EXCACHE_HOME"] = str(app.paths.config_dir)
    try:
        return background.start_refresh(
            env,
            background.slot_of(app.cache_file),
            log=_log(app),
            accounts=accounts,
            max_age=None if max_age is None else format_duration(max_age),
        )
    except OSError as error:
        app.say(f"excache: no refresh could be started ({error.strerror})")
        return False


def refresh_failure(app: App, reading: PortfolioReading) -> str:
    """Why the last background refresh failed, in its own words; empty if it did not or is past."""
    from exchange_cache.sync.background import last_words

    times = [item.succeeded_at for item in reading.freshness if item.succeeded_at is not None]
    newest = max((time for time in times if not is_ahead(time, app.now())), default=EPOCH)
    return last_words(_log(app), newest)


def can_ask(app: App) -> bool:
    """Whether a user at a terminal can answer a question."""
    return app.error_terminal().is_tty and sys.stdin is not None and sys.stdin.isatty()


def _log(app: App) -> Path:
    return app.paths.state_dir / "refresh.log"
