"""Delivers each new alert once to the user's program, in bounded time.

What was delivered is remembered while it holds. A program that fails gets the alert again after the
next run; until then a finding says so. Nothing here fails a run.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.stored import StoredFinding
from exchange_cache.clock import Clock, to_ms
from exchange_cache.data_types import NO_ACCOUNT
from exchange_cache.money import to_text_or_none
from exchange_cache.value.alerts import Alert

SCHEMA = 1
#: The code and the scope of the finding about a program that fails.
FAILED, SCOPE = "alert_command_failed", "alerts"
_SENT = "alerts_sent"
#: After this long a run delivers no further alert; the next one does.
LONGEST = timedelta(minutes=2)


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
    return json.dumps(found, ensure_ascii=False) + "\n"


def deliver(
    repository: ExchangeCacheRepository,
    alerts: Sequence[Alert],
    send: Callable[[str], str | None],
    clock: Clock,
) -> str | None:
    """Send the alerts that are new; what failed, if anything did. ``send`` returns that of one."""
    now, began = clock.now(), clock.monotonic()
    known = repository.progress.memory(NO_ACCOUNT).get(_SENT)
    sent = dict(known) if isinstance(known, dict) else {}
    kept = {one.id: sent[one.id] for one in alerts if one.id in sent}
    problem = None
    for alert in alerts:
        if alert.id in kept:
            continue
        if clock.monotonic() - began > LONGEST.total_seconds():
            problem = "alerts are left for the next run: the program takes too long"
        else:
            problem = send(document(alert, now))
        if problem is not None:
            break
        kept[alert.id] = to_ms(now)
    if kept != sent:
        repository.progress.remember(NO_ACCOUNT, {_SENT: kept}, now)
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
    words: Sequence[str], text: str, env: Mapping[str, str], limit: timedelta
) -> str | None:
    """Give a program a text on its stdin; returns what failed. At the limit it is killed with all
    that it started."""
    name = f"the command of [alerts] ({words[0]})"
    try:
        process = subprocess.Popen(  # noqa: S603 - the user's own command of config.toml
            list(words),
            env=dict(env),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            process_group=0,
            text=True,
            encoding="utf-8",
        )
    except OSError as error:
        return f"{name} could not be started ({error.strerror})"
    try:
        process.communicate(text, limit.total_seconds())
    except subprocess.TimeoutExpired:
        return f"{name} was killed after {limit.total_seconds():g} s"
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if process.returncode:
        return f"{name} failed with exit code {process.returncode}"
    return None
