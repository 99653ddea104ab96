"""What a read does after printing: note itself, and start at most one background refresh.

Both follow the flushed answer, so neither delays it or makes it fail.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from exchange_cache.cache.prepared import newest_run
from exchange_cache.cli.app import App
from exchange_cache.clock import EPOCH, SKEW, from_ms, to_ms
from exchange_cache.render.formats import FORMATS
from exchange_cache.value.outcome import Outcome

if TYPE_CHECKING:
    from exchange_cache.cache.server import Place

#: How long reads start no refresh after a failed one, so that an exchange that is down is spared.
REST = timedelta(minutes=1)


class Refresh(Enum):
    """The background refresh of a read."""

    NONE = "none"  # everything is fresh, or refreshes are switched off
    START = "start"
    RUNNING = "running"  # another run is active
    RESTING = "resting"  # the last one has just failed


def record_read(
    app: App, cache: Place, outcome: str, nanoseconds: int, command: str = "portfolio"
) -> None:
    """Note how a read was answered; it does not fail if that is impossible."""
    from exchange_cache.cache.reads import append

    try:
        append(cache, to_ms(app.now()), command, outcome, nanoseconds // 1000)
    except OSError as error:
        if app.error_terminal().is_tty:
            app.say(f"excache: this read was not counted ({error.strerror})")


def planned_refresh(app: App, cache: Place, *, requested: bool) -> Refresh:
    """The refresh that a read of stale data should start; none unless ``requested``."""
    if not requested or not _may_refresh(cache):
        return Refresh.NONE
    from exchange_cache.sync.background import is_running, slot_of
    from exchange_cache.sync.locks import lock_of

    if is_running(slot_of(cache)) or lock_of(cache, app.clock).holder() is not None:
        return Refresh.RUNNING
    return Refresh.RESTING if _failed_just_now(cache, app.now()) else Refresh.START


def _may_refresh(cache: Place) -> bool:
    """Whether this user may write: one who reads a server, or a replica, refreshes nothing."""
    if isinstance(cache, Path):
        return True
    from exchange_cache.cache.postgres.asking import may_write

    return may_write(cache)


def _failed_just_now(cache: Place, now: datetime) -> bool:
    """Whether a run has just failed; a time in the future does not count."""
    run = newest_run(cache)
    if run is None or run[0] != "failed" or run[1] is None:
        return False
    return -SKEW <= now - from_ms(run[1]) < REST


def start_refresh(
    app: App, cache: Place, accounts: Sequence[str], max_age: timedelta | None
) -> bool:
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
            background.slot_of(cache),
            log=_log(app),
            accounts=accounts,
            max_age=None if max_age is None else format_duration(max_age),
        )
    except OSError as error:
        app.say(f"excache: no refresh could be started ({error.strerror})")
        return False


def refresh_failure(app: App, newest: datetime | None) -> str:
    """Why the last background refresh failed, in its own words; empty if it did not, or if a
    success (the ``newest``) is later."""
    from exchange_cache.sync.background import last_words

    return last_words(_log(app), newest or EPOCH)


def report_refresh(app: App, outcome: Outcome, form: str, refresh: Refresh) -> None:
    """On a terminal, report a running refresh, or why the last one could not start."""
    if refresh is Refresh.NONE or not app.error_terminal().is_tty:
        return
    failure = "" if outcome.failed else refresh_failure(app, outcome.newest)
    if failure and refresh is not Refresh.RUNNING:
        app.say(f"The last refresh in the background failed: {failure.removeprefix('excache: ')}")
    if FORMATS[form].exact and refresh is not Refresh.RESTING:
        app.say("Some data are stale; refreshing in the background.")


def can_ask(app: App) -> bool:
    """Whether a user at a terminal can answer a question."""
    return app.error_terminal().is_tty and sys.stdin is not None and sys.stdin.isatty()


def _log(app: App) -> Path:
    return app.paths.state_dir / "refresh.log"
