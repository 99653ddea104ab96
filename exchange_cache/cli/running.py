"""Runs a sync for a command: builds the run, and opens accounts with their secrets."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

from exchange_cache.adapter.port import ExchangePort
from exchange_cache.cli.app import App
from exchange_cache.clock import to_ms
from exchange_cache.config.accounts import AccountSettings
from exchange_cache.errors import ConfigError, ExchangeUnavailable, Interrupted
from exchange_cache.findings import Finding
from exchange_cache.records import DataType
from exchange_cache.statements.table import Desks, Names
from exchange_cache.sync.account_run import RunOptions
from exchange_cache.sync.archive_rows import receiver
from exchange_cache.sync.by_hand import note_accounts
from exchange_cache.sync.claims import EVERYTHING, Everything
from exchange_cache.sync.events import Observer, unobserved
from exchange_cache.sync.pause import PausedPort, Pauses
from exchange_cache.sync.report import SyncReport
from exchange_cache.sync.run import AfterHistories, Run, perform as noted_run
from exchange_cache.sync.synchronizer import ExchangeDataSynchronizer, SyncAccount

#: How long ``reload_data`` waits for a running sync.
REFRESH_WAIT = timedelta(minutes=10)
#: How long an import waits for a market list.
_SHORT = timedelta(seconds=5)


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
        finish=claims.finish,
    )
    return ExchangeDataSynchronizer(
        repository,
        app.clock,
        tuple(_sync_account(app, account, claims) for account in accounts),
        observer=observer,
        after=after,
        receive=receiver(repository, app.clock),
    )


def _exchanges(app: App) -> dict[str, str]:
    return {account.name: account.exchange for account in app.settings.accounts}


def repair_first(app: App) -> None:
    """Repair, once, what earlier versions stored wrongly, and report it; requires the lock."""
    from exchange_cache.sync.repairs import repair

    for line in repair(app.repository(), app.now(), _exchanges(app)):
        app.say(f"excache: repaired: {line}")


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


def _sync_account(app: App, account: AccountSettings, claims: Everything) -> SyncAccount:
    def connect() -> ExchangePort:
        return open_port(app, account, app.repository().progress.memory(account.name))

    return SyncAccount(
        name=account.name,
        exchange=account.exchange,
        open=connect,
        symbols=account.symbols,
        start_ms=start_ms_of(app, account),
        archives=account.archives,
        claim=lambda: claims.take(account.name),
    )


def start_ms_of(app: App, account: AccountSettings) -> int | None:
    """The first instant of an account's history to fetch; None: all of it."""
    start = app.settings.start_of(account)
    if start is None:
        return None
    return to_ms(datetime(start.year, start.month, start.day, tzinfo=UTC))


def careful_port(app: App, account: AccountSettings, *, secret: bool = True) -> ExchangePort:
    """A connection for a few requests outside a sync.

    It respects the pauses that the exchange imposed on any process.
    """
    progress = app.repository().progress
    credentials = _credentials(app, account) if secret else {}
    port = _connected(app, account, credentials, progress.memory(account.name))
    return PausedPort(port, Pauses(progress, app.clock))


def statement_desks(app: App, account: AccountSettings) -> tuple[Names, Desks]:
    """What readers of files need of an account's exchange, without its secrets. Nothing is
    requested but the market list, once, and that only where no account of the exchange has it."""
    from exchange_cache.adapter.ccxt_adapter import CcxtAdapter

    progress = app.repository().progress
    same = [one.name for one in app.settings.accounts if one.exchange == account.exchange]
    memories = map(progress.memory, [account.name, *same])
    memory = next((one for one in memories if one.get("markets")), None)
    port = _connected(app, account, {}, memory, patient=False)
    assert isinstance(port, CcxtAdapter)
    with closing(port):
        try:
            found = port.for_statements()
        except ExchangeUnavailable as error:
            raise ExchangeUnavailable(
                f"its files are read by its market list, which is not cached: {error.message}",
                account=account.name,
                hint=f"excache sync --account {account.name} stores it; then import again",
            ) from error
        if memory is None:
            progress.remember(account.name, port.memory(), app.now())
    return found


def open_port(
    app: App, account: AccountSettings, memory: Mapping[str, object] | None = None
) -> ExchangePort:
    """The account's connection with its secrets; sends no request yet."""
    return _connected(app, account, _credentials(app, account), memory)


def _credentials(app: App, account: AccountSettings) -> dict[str, str]:
    from exchange_cache.cli.identity import credentials_of, note_key
    from exchange_cache.config.sources import CCXT_NAMES
    from exchange_cache.exchanges.unreadable import refuse_unreadable

    refuse_unreadable(account.exchange, account.name)
    found = credentials_of(app, account)
    note_key(app, account, found)
    app.blanks[account.name] = found.blanks
    revealed = found.reveal()
    app.secrets.update(revealed.values())
    names = CCXT_NAMES.items()
    return {name: revealed[ccxt_name] for name, ccxt_name in names if ccxt_name in revealed}


def _connected(
    app: App,
    account: AccountSettings,
    credentials: Mapping[str, str],
    memory: Mapping[str, object] | None,
    *,
    patient: bool = True,
) -> ExchangePort:
    """A connection; one that is not ``patient`` gives a request up after one short attempt."""
    from exchange_cache.adapter.ccxt_adapter import open_adapter
    from exchange_cache.adapter.retry import RetryPolicy
    from exchange_cache.exchanges import narrowed, policy_for
    from exchange_cache.exchanges.unreadable import refuse_unreadable

    refuse_unreadable(account.exchange, account.name)
    settings = app.settings
    timeout = settings.request_timeout if patient else min(settings.request_timeout, _SHORT)
    return open_adapter(
        account.name,
        narrowed(policy_for(account.exchange), account.wallets, account.name),
        credentials,
        {"timeout": int(timeout.total_seconds() * 1000), **account.ccxt},
        app.clock,
        memory,
        retry=RetryPolicy(attempts=settings.retries + 1 if patient else 1),
        tap=app.tap,
        env=app.env,
        shared=app.shared,
    )


def public_ports(app: App, names: Collection[str], opened: ExitStack) -> Iterator[ExchangePort]:
    """Connections to price sources for public market data, without secrets; ``opened`` closes them.

    One with unusable settings is omitted: an account's own part of the sync reports that.
    """
    for account in app.settings.price_accounts:
        if account.name in names:
            try:
                port = careful_port(app, account, secret=False)
            except ConfigError as error:
                if account not in app.settings.accounts:
                    app.say(f"excache: price_sources: {error}")
                continue
            opened.callback(port.close)
            yield port
