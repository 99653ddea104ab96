"""The alerts of a run: found in a reading, and delivered to the program of config.toml."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from exchange_cache.cli.app import App
from exchange_cache.errors import ExcacheError, UsageError

if TYPE_CHECKING:
    from exchange_cache.config.alerts import Alerts
    from exchange_cache.value.alerts import Leaving


def raise_alerts(app: App) -> None:
    """Deliver what is new after a run; nothing of it fails the run."""
    settings = app.settings.alerts
    if settings is None:
        return
    from exchange_cache.sync.alerting import deliver
    from exchange_cache.value.alerts import alerts_of

    try:
        seen, repository = app.now(), app.repository()
        accessor, rules = app.accessor(repository), settings.rules
        reading, prices = accessor.read(), accessor.prices(rules.priced)
        found = alerts_of(reading, rules, _leaving(app, rules.retention), prices)
        send = partial(_send, app, settings)
        problem = deliver(repository, found, send, app.clock, seen=seen, host=_host(app))
    except ExcacheError as error:
        problem = f"alerts are left for the next run: {error.message}"
    if problem is not None:
        app.say(f"excache: {problem}; try it: excache sync --test-alert")


def _host(app: App) -> str:
    """The name of this machine among those that share a server's cache."""
    from exchange_cache.cache.server import Server

    if not isinstance(app.place, Server):
        return ""
    from exchange_cache.machine import this_host

    return this_host()


def send_test(app: App) -> int:
    """Give the program an alert that says that it is a test; returns the exit code."""
    from exchange_cache.sync.alerting import document
    from exchange_cache.value.alerts import Alert, AlertKind

    settings = app.settings.alerts
    if settings is None:
        raise UsageError(
            "config.toml has no [alerts]",
            hint="add it with its command, such as those in contrib/alerts",
        )
    message = "this is a test of excache: alerts arrive"
    alert = Alert(id="test", kind=AlertKind.TEST, message=message, hint="excache portfolio")
    problem = _send(app, settings, document(alert, app.now()))
    app.say(f"excache: {problem or 'the command of [alerts] accepted a test'}")
    return 0 if problem is None else 1


def _send(
    app: App, settings: Alerts, text: str, started: Callable[[], None] = lambda: None
) -> str | None:
    from exchange_cache.sync.alerting import run_command

    return run_command(settings.command, text, app.env, settings.timeout, started)


def _leaving(app: App, within: timedelta) -> Iterator[Leaving]:
    """History of every account that is read by its API."""
    from exchange_cache.exchanges import policy_for
    from exchange_cache.sync.leaving import leaving

    for account in app.settings.enabled_accounts:
        if not account.by_hand:
            policy = policy_for(account.exchange)
            yield from leaving(app.repository(), account.name, policy, app.now(), within)
