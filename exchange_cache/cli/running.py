"""Runs a sync for a command: builds the run of the accounts, and closes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from exchange_cache.adapter.client_memory import BESIDE
from exchange_cache.adapter.policy import ExchangePolicy
from exchange_cache.adapter.port import ExchangePort
from exchange_cache.cli.app import App
from exchange_cache.cli.ports import address_of, open_port, public_ports
from exchange_cache.clock import to_ms
from exchange_cache.config.accounts import AccountSettings
from exchange_cache.errors import ConfigError, Interrupted
from exchange_cache.findings import Finding
from exchange_cache.machine import this_host
from exchange_cache.records import DataType
from exchange_cache.sync.account_run import RunOptions
from exchange_cache.sync.archive_rows import receiver
from exchange_cache.sync.by_hand import note_accounts
from exchange_cache.sync.claims import EVERYTHING, Everything
from exchange_cache.sync.events import Observer, unobserved
from exchange_cache.sync.lock import WriterLock
from exchange_cache.sync.pause import paces_beside
from exchange_cache.sync.report import SyncReport
from exchange_cache.sync.run import AfterHistories, Run, perform as noted_run
from exchange_cache.sync.synchronizer import ExchangeDataSynchronizer, SyncAccount

#: How long ``reload_data`` waits for a running sync.
REFRESH_WAIT = timedelta(minutes=10)


def synchronizer(
    app: App,
    accounts: Sequence[AccountSettings],
    observer: Observer,
    *,
    again: bool = False,
    claims: Everything = EVERYTHING,
) -> ExchangeDataSynchronizer:
    """A synchronizer for the chosen accounts; a secret is read when its account is opened.

    ``again``: see ``derive_costs``.
    """
    repository = app.repository()
    note_accounts(repository, [one.name for one in accounts if one.by_hand], app.now())
    accounts = [one for one in accounts if not one.by_hand]

    after = AfterHistories(
        repository=repository,
        clock=app.clock,
        settings=app.cost_settings(),
        exchanges=_exchanges(app),
        public=partial(public_ports, app),
        observer=observer,
        again=again,
        alone=not accounts,
        claims=claims,
        policies=partial(_policy_of, app),
    )
    met: set[str] | None = set() if claims.beside else None
    return ExchangeDataSynchronizer(
        repository,
        app.clock,
        tuple(_sync_account(app, account, claims, met) for account in accounts),
        observer=observer,
        after=after,
        receive=receiver(repository, app.clock),
        turn=claims.turn,
        address=address_of(repository, app.settings),
    )


def _exchanges(app: App) -> dict[str, str]:
    return {account.name: account.exchange for account in app.settings.accounts}


def _policy_of(app: App, name: str) -> ExchangePolicy | None:
    """How an account is read that another process read; None where this one does not know it."""
    from exchange_cache.exchanges import narrowed, policy_for

    found = next((one for one in app.settings.accounts if one.name == name), None)
    if found is None or found.by_hand:
        return None
    try:
        return narrowed(policy_for(found.exchange), found.wallets, name)
    except ConfigError:
        return None  # the account's own part of the sync reports it


def repair_first(app: App) -> None:
    """Repair, once, what earlier versions stored wrongly, and report it; requires the lock."""
    from exchange_cache.sync.repairs import repair

    for line in repair(app.repository(), app.now(), _exchanges(app)):
        app.say(f"excache: repaired: {line}")


def end_killed(app: App, lock: WriterLock) -> None:
    """Close the runs of killed processes, also while others go on."""
    progress = app.repository().progress
    begun = [run for run in progress.runs(limit=300) if run.ended_at is None]
    alive = lock.holders()
    killed = [run for run in begun if not any(one.is_of(run.pid, run.host) for one in alive)]
    if killed:
        progress.end_killed(killed, app.now())


def perform(
    app: App,
    command: str,
    accounts: Sequence[AccountSettings],
    options: RunOptions,
    *,
    only: dict[str, frozenset[DataType]] | None = None,
    observer: Observer,
    claims: Everything = EVERYTHING,
) -> SyncReport:
    """One recorded run, closed by a snapshot of the portfolio; requires the writer lock."""
    from exchange_cache.cli.alerting import raise_alerts
    from exchange_cache.cli.identity import refuse_shared_keys

    app.repository().metrics.take_in(app.now())
    by_api = [one for one in accounts if not one.by_hand]
    run = Run(
        repository=app.repository(),
        clock=app.clock,
        build=lambda noting: synchronizer(app, accounts, noting, again=options.full, claims=claims),
        admit=lambda: refuse_shared_keys(
            app, [one for one in by_api if only is None or one.name in only]
        ),
        close=lambda clock: closed(app.dated(clock)),
        finish=claims.finish,
        beside=claims.beside,
        host=None if isinstance(app.place, Path) else this_host(),
    )
    report = noted_run(run, command, options, only=only, observer=observer)
    if report.exit_code != Interrupted.exit_code:
        raise_alerts(app)
    blanks = blank_lines(app) if app.error_terminal().is_tty else ()
    return replace(report, warnings=(*_warnings(accounts, only), *blanks))


def perform_shown(
    app: App,
    command: str,
    accounts: Sequence[AccountSettings],
    options: RunOptions,
    *,
    only: dict[str, frozenset[DataType]] | None = None,
    claims: Everything = EVERYTHING,
) -> SyncReport:
    """Like :func:`perform`, with a live display on a terminal; what a reload came to is shown as
    its changes."""
    from exchange_cache.render.progress import SyncDisplay

    observed = partial(perform, app, command, accounts, options, only=only, claims=claims)
    terminal = app.error_terminal()
    if not terminal.is_tty:
        return observed(observer=unobserved)
    by_api = (one for one in accounts if not one.by_hand)
    names = tuple(one.name for one in by_api if only is None or one.name in only)
    runs = app.repository().progress.runs()
    first = not any(run.outcome == "ok" or (run.outcome == "failed" and run.rows) for run in runs)
    display = SyncDisplay(
        app.err,
        terminal,
        monotonic=app.clock.monotonic,
        accounts=names,
        title="Reload" if command == "reload" else "First sync" if first else "Sync",
        first=first and command == "sync",
        closed=command != "reload",
    )
    with display:
        return observed(observer=display.tell)


def blank_lines(app: App) -> tuple[str, ...]:
    """What was left out around the keys of the accounts that this process opened."""
    return tuple(
        f"{account}: blanks around its {', '.join(names)} are left out"
        for account, names in sorted(app.blanks.items())
        if names
    )


def _warnings(
    accounts: Sequence[AccountSettings], only: Mapping[str, object] | None
) -> tuple[str, ...]:
    """The warnings about hosts and TLS in the settings of the accounts in the run."""
    return tuple(
        warning
        for account in accounts
        if only is None or account.name in only
        for warning in account.warnings
    )


def closed(app: App) -> tuple[Finding, ...]:
    """What follows from a changed ledger: alarms, a snapshot of what was read, and the net worth of
    the past."""
    from exchange_cache.cli.past_reader import past_reader
    from exchange_cache.portfolio.closing import close_run
    from exchange_cache.portfolio.net_worth import remember_past

    repository = app.repository()
    names = tuple(account.name for account in app.settings.enabled_accounts)
    past = past_reader(app, repository, names)
    alarms = close_run(
        repository,
        app.accessor(repository),
        past,
        names,
        app.clock,
        keep=app.settings.keep_snapshots,
    )
    remember_past(past, repository, names, app.settings.reporting_asset, app.now())
    return alarms


def refresh_now(app: App, *, force: bool, accounts: Sequence[str]) -> SyncReport | None:
    """``PortfolioDataAccessor.reload_data``: sync stale data (with ``force`` everything).

    None if everything was fresh.
    """
    chosen = app.accounts(accounts)
    with app.lock() as lock:
        lock.acquire("reload_data", wait_seconds=REFRESH_WAIT.total_seconds())
        repair_first(app)
        only = (
            None
            if force
            else synchronizer(app, chosen, unobserved).due(
                dict(app.settings.ttl), frozenset(DataType)
            )
        )
        if only is not None and not only:
            return None
        return perform(
            app,
            "reload_data",
            chosen,
            RunOptions(force=force, sweep_budget=0),
            only=only,
            observer=unobserved,
        )


def _sync_account(
    app: App, account: AccountSettings, claims: Everything, met: set[str] | None
) -> SyncAccount:
    """``met``: the exchanges that this process met, where others may have been there just now."""

    def connect() -> ExchangePort:
        memory = app.repository().progress.memory(account.name)
        if met is not None and account.exchange not in met:
            met.add(account.exchange)
            memory[BESIDE] = _paces(app, account)
        return open_port(app, account, memory)

    return SyncAccount(
        name=account.name,
        exchange=account.exchange,
        open=connect,
        symbols=account.symbols,
        start_ms=start_ms_of(app, account),
        archives=account.archives,
        claim=lambda: claims.take(account.name),
    )


def _paces(app: App, account: AccountSettings) -> dict[str, dict[str, object]]:
    repository = app.repository()
    same = [one.name for one in app.settings.accounts if one.exchange == account.exchange]
    others = [name for name in same if name != account.name]
    address = address_of(repository, app.settings)
    return paces_beside(repository.progress, others, address, app.now())


def start_ms_of(app: App, account: AccountSettings) -> int | None:
    """The first instant of an account's history to fetch; None: all of it."""
    start = app.settings.start_of(account)
    if start is None:
        return None
    return to_ms(datetime(start.year, start.month, start.day, tzinfo=UTC))
