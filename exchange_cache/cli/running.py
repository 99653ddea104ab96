"""Running a sync from a command: lock held, run noted, accounts opened with their secrets, costs
and a snapshot in the end."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import FrameType

from exchange_cache.adapter.port import ExchangePort
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cli.app import App
from exchange_cache.clock import to_ms
from exchange_cache.config.accounts import AccountSettings
from exchange_cache.errors import ConfigError
from exchange_cache.records import DataType, Finding
from exchange_cache.sync.account_run import RunOptions
from exchange_cache.sync.costs import CostSettings, derive_costs
from exchange_cache.sync.events import Observer, SyncEvent, unobserved
from exchange_cache.sync.identity import ask_users
from exchange_cache.sync.pause import PausedPort, Pauses
from exchange_cache.sync.report import SyncReport
from exchange_cache.sync.synchronizer import ExchangeDataSynchronizer, SyncAccount

#: How long a refresh asked for in code waits for a run that is under way.
REFRESH_WAIT = timedelta(minutes=10)
#: How often a run writes down how far it is, for ``status`` in another terminal.
NOTE_SECONDS = 1.0
#: How far back a run looks for what left unexplained.
WATCHED = timedelta(days=7)


def synchronizer(
    app: App, accounts: Sequence[AccountSettings], observer: Observer, *, again: bool = False
) -> ExchangeDataSynchronizer:
    """A synchronizer over the chosen accounts; no secret is read before an account is opened.

    ``again``: see ``derive_costs``.
    """
    repository = app.repository()
    settings = CostSettings(
        reporting_asset=app.settings.reporting_asset,
        method=app.settings.cost_method,
        accounts=tuple(account.name for account in app.settings.accounts),
        sources=tuple(account.name for account in app.settings.enabled_accounts),
    )

    def after(ports: Sequence[ExchangePort]) -> tuple[str, ...]:
        observer(_costs_event("asking"))
        with ExitStack() as opened:
            opened.callback(observer, _costs_event("finished"))

            def beside(names: Collection[str]) -> tuple[ExchangePort, ...]:
                return tuple(public_ports(app, names, opened))

            exchanges = {account.name: account.exchange for account in app.settings.accounts}
            notes = ask_users(repository, ports, exchanges, app.clock)
            made = derive_costs(repository, ports, settings, app.clock, beside=beside, again=again)
            return (*notes, *made)

    return ExchangeDataSynchronizer(
        repository,
        app.clock,
        tuple(_sync_account(app, account, repository) for account in accounts),
        observer=observer,
        after=after,
    )


def _costs_event(state: str) -> SyncEvent:
    """The work after the histories, as one more line of the display."""
    return SyncEvent(
        account="averages",
        data_type=None,
        scope="past prices, cost",
        state=state,
        rows=0,
        requests=0,
        done=0,
        planned=0,
    )


def repair_first(app: App) -> None:
    """Repair what earlier versions stored wrongly, and say so: once, since nothing is left for the
    next run. The lock is held."""
    from exchange_cache.sync.repairs import repair

    exchanges = {account.name: account.exchange for account in app.settings.accounts}
    for line in repair(app.repository(), app.now(), exchanges):
        app.say(f"excache: repaired: {line}")


def perform(
    app: App,
    command: str,
    accounts: Sequence[AccountSettings],
    options: RunOptions,
    *,
    only: dict[str, frozenset[DataType]] | None = None,
    observer: Observer,
) -> SyncReport:
    """One noted run of the synchronizer; the caller holds the writer lock. A snapshot of the
    portfolio closes it."""
    from exchange_cache.cli.identity import refuse_shared_keys

    repository = app.repository()
    run_id = repository.progress.begin_run(command, os.getpid(), app.now())
    noting = _Noting(app, repository, run_id, observer)
    worker = synchronizer(app, accounts, noting.tell, again=options.full)
    outcome, requests, rows = "failed", 0, 0
    try:
        refuse_shared_keys(app, [one for one in accounts if only is None or one.name in only])
        with _stopped_by_signals(worker):
            report = replace(worker.run(options, only), warnings=_warnings(accounts, only))
        outcome = "interrupted" if report.exit_code == 130 else "ok" if report.ok else "failed"
        requests, rows = report.requests, report.new_rows
        if outcome != "interrupted":
            report = replace(report, alarms=_snapshot(app, repository))
        return report
    finally:
        repository.progress.end_run(run_id, outcome, app.now(), requests=requests, row_count=rows)


def _warnings(
    accounts: Sequence[AccountSettings], only: Mapping[str, object] | None
) -> tuple[str, ...]:
    """What the settings of the accounts that were asked say of hosts and TLS."""
    return tuple(
        said
        for account in accounts
        if only is None or account.name in only
        for said in account.warnings
    )


def _snapshot(app: App, repository: ExchangeCacheRepository) -> tuple[Finding, ...]:
    """Keep what the portfolio is now, unless no balance is known at all; the alarms it raises.

    Before that, the reading is held against earlier ones: what left unexplained may be stolen.
    """
    from exchange_cache.cli.past_reader import past_reader
    from exchange_cache.portfolio.history import is_known, snapshot_details
    from exchange_cache.portfolio.outflows import watch

    reading = app.accessor(repository).read()
    if not is_known(reading):
        return ()
    now = app.now()
    names = tuple(account.name for account in app.settings.accounts)
    past, asset = past_reader(app, repository, names), app.settings.reporting_asset
    alarms = watch(past, repository, names, now - WATCHED, asset, now)
    repository.derived.add_snapshot(
        app.now(),
        reading.reporting_asset,
        reading.totals.value,
        reading.totals.stale_value,
        snapshot_details(reading),
    )
    return alarms


def refresh_now(app: App, *, force: bool, accounts: Sequence[str]) -> SyncReport | None:
    """What ``PortfolioDataAccessor.reload_data`` does: sync what is stale (with ``force``
    everything); None: all was fresh."""
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
    app: App, account: AccountSettings, repository: ExchangeCacheRepository
) -> SyncAccount:
    def connect() -> ExchangePort:
        return open_port(app, account, repository.progress.memory(account.name))

    start = app.settings.start_of(account)
    start_ms = (
        None if start is None else to_ms(datetime(start.year, start.month, start.day, tzinfo=UTC))
    )
    return SyncAccount(
        name=account.name,
        exchange=account.exchange,
        open=connect,
        symbols=account.symbols,
        start_ms=start_ms,
    )


def careful_port(app: App, account: AccountSettings, *, secret: bool = True) -> ExchangePort:
    """A connection for a few questions beside the syncs: it keeps to what the exchange asked of
    every process."""
    progress = app.repository().progress
    credentials = _credentials(app, account) if secret else {}
    port = _connected(app, account, credentials, progress.memory(account.name))
    return PausedPort(port, Pauses(progress, app.clock))


def open_port(
    app: App, account: AccountSettings, memory: Mapping[str, object] | None = None
) -> ExchangePort:
    """The account's connection: reads its secrets, builds the guarded client; asks nothing of the
    exchange yet."""
    return _connected(app, account, _credentials(app, account), memory)


def _credentials(app: App, account: AccountSettings) -> dict[str, str]:
    from exchange_cache.cli.identity import credentials_of, note_key
    from exchange_cache.config.sources import CCXT_NAMES

    found = credentials_of(app, account)
    note_key(app, account, found)
    revealed = found.reveal()
    app.secrets.update(revealed.values())
    names = CCXT_NAMES.items()
    return {name: revealed[ccxt_name] for name, ccxt_name in names if ccxt_name in revealed}


def _connected(
    app: App,
    account: AccountSettings,
    credentials: Mapping[str, str],
    memory: Mapping[str, object] | None,
) -> ExchangePort:
    from exchange_cache.adapter.ccxt_adapter import open_adapter
    from exchange_cache.adapter.ccxt_class import ccxt_class
    from exchange_cache.adapter.retry import RetryPolicy
    from exchange_cache.exchanges import narrowed, policy_for

    ccxt_class(account.exchange, account.name)
    return open_adapter(
        account.name,
        narrowed(policy_for(account.exchange), account.wallets, account.name),
        credentials,
        {"timeout": int(app.settings.request_timeout.total_seconds() * 1000), **account.ccxt},
        app.clock,
        memory,
        retry=RetryPolicy(attempts=app.settings.retries + 1),
    )


def public_ports(app: App, names: Collection[str], opened: ExitStack) -> Iterator[ExchangePort]:
    """Connections for public market data only, which need no secret; ``opened`` closes them.

    An account whose settings cannot be used is left out: its own part of a sync says so.
    """
    for account in app.settings.enabled_accounts:
        if account.name in names:
            try:
                port = careful_port(app, account, secret=False)
            except ConfigError:
                continue
            opened.callback(port.close)
            yield port


class _Noting:
    """Passes events on, and writes down about once a second what the run is doing."""

    def __init__(
        self, app: App, repository: ExchangeCacheRepository, run_id: int, observer: Observer
    ) -> None:
        self._app = app
        self._repository = repository
        self._run_id = run_id
        self._observer = observer
        self._noted = app.clock.monotonic()
        self._lock = threading.Lock()
        self._latest: dict[str, SyncEvent] = {}

    def tell(self, event: SyncEvent) -> None:
        self._observer(event)
        with self._lock:
            self._latest[event.account] = event
            now = self._app.clock.monotonic()
            if now - self._noted < NOTE_SECONDS:
                return
            self._noted = now
            events = list(self._latest.values())
        doing = ", ".join(
            f"{item.account} {item.data_type or ''} {item.scope}".strip()
            for item in events
            if item.state == "asking"
        )
        self._repository.progress.update_run(
            self._run_id,
            doing=doing,
            requests=sum(item.requests for item in events),
            row_count=sum(item.rows for item in events),
        )


@contextmanager
def _stopped_by_signals(worker: ExchangeDataSynchronizer) -> Iterator[None]:
    """SIGTERM ends a run as Ctrl-C does: the histories between two pages, what comes after them at
    once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        worker.stop()
        raise KeyboardInterrupt

    previous = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)
