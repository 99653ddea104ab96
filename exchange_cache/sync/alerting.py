"""Delivers each new alert once to the user's program, in bounded time.

What was delivered is remembered while it holds (``outbox``). A program that fails gets the alert
again after the next run; until then a finding says so. Nothing here fails a run.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.stored import StoredFinding
from exchange_cache.clock import Clock
from exchange_cache.data_types import NO_ACCOUNT
from exchange_cache.money import to_text_or_none
from exchange_cache.sync.outbox import Outbox
from exchange_cache.value.alerts import Alert
from exchange_cache.visible import json_safe

SCHEMA = 1
#: The code and the scope of the finding about a program that fails.
FAILED, SCOPE = "alert_command_failed", "alerts"
#: After this long a run delivers no further alert; the next one does.
LONGEST = timedelta(minutes=2)
#: Gives the program a text, and calls its argument when the program has it; returns what failed.
Send = Callable[[str, Callable[[], None]], str | None]


def document(alert: Alert, now: datetime) -> str:
    """The alert as the program gets it."""
    found = {
        "schema": SCHEMA,
        "id": alert.id,
        "kind": str(alert.kind),
        "at": now.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "account": alert.account,
        "asset": alert.asset,
        "symbol": alert.symbol,
        "message": alert.message,
        "figure": to_text_or_none(alert.figure),
        "bound": to_text_or_none(alert.bound),
        "hint": alert.hint,
    }
    return json_safe(json.dumps(found, ensure_ascii=False)) + "\n"


def deliver(
    repository: ExchangeCacheRepository,
    alerts: Sequence[Alert],
    send: Send,
    clock: Clock,
    *,
    seen: datetime | None = None,
    host: str = "",
) -> str | None:
    """Send the alerts that are new; what failed, if anything did.

    ``seen``: when they held (now, if omitted); ``host``: the name of this machine where several
    share the cache.
    """
    now, began = clock.now(), clock.monotonic()
    outbox = Outbox(repository, clock, host)
    outbox.forget({one.id for one in alerts}, seen or now)
    problem = None
    for alert in alerts:
        if not outbox.claim(alert.id):
            continue
        if clock.monotonic() - began > LONGEST.total_seconds():
            problem = "alerts are left for the next run: the program takes too long"
        else:
            problem = send(document(alert, now), partial(outbox.give, alert.id))
        if problem is not None:
            outbox.release(alert.id)
            break
    note_problem(repository, problem, now)
    return problem


def note_problem(repository: ExchangeCacheRepository, problem: str | None, now: datetime) -> None:
    """Store the failure of the program as a finding, or remove it."""
    before = repository.derived.findings((NO_ACCOUNT,))
    found = [
        StoredFinding(
            account=NO_ACCOUNT,
            code=FAILED,
            scope=SCOPE,
            asset="",
            message=text,
            hint="excache sync --test-alert",
            since=now,
        )
        for text in ([] if problem is None else [problem])
    ]
    if before or found:
        repository.derived.replace_findings(NO_ACCOUNT, found, now)


def run_command(
    words: Sequence[str],
    text: str,
    env: Mapping[str, str],
    limit: timedelta,
    started: Callable[[], None] = lambda: None,
) -> str | None:
    """Give a program a text on its stdin; returns what failed. ``started`` is called when it has
    the text. At the limit it is killed with all that it started."""
    name = f"the command of [alerts] ({words[0]})"
    try:
        with tempfile.TemporaryFile() as file:
            file.write(text.encode("utf-8", "backslashreplace"))
            file.seek(0)
            process = subprocess.Popen(  # noqa: S603 - the user's own command of config.toml
                list(words),
                env=dict(env),
                stdin=file,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                process_group=0,
            )
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        return f"{name} could not be started ({why})"
    try:
        started()
        process.wait(limit.total_seconds())
    except subprocess.TimeoutExpired:
        return f"{name} was killed after {limit.total_seconds():g} s"
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if process.returncode:
        return f"{name} failed with exit code {process.returncode}"
    return None
