"""Running a sync from a command: lock held, run noted, accounts opened with their secrets, costs and a snapshot in the end."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from types import FrameType

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cli.app import App
from exchange_cache.clock import to_ms
from exchange_cache.config.accounts import AccountSettings
from exchange_cache.domain.records import DataType
from exchange_cache.errors import ConfigError
from exchange_cache.exchange.port import ExchangePort
from exchange_cache.sync.account_run import RunOptions
from exchange_cache.sync.costs import CostSettings, derive_costs
from exchange_cache.sync.events import Observer, SyncEvent, unobserved
from exchange_cache.sync.pause import PausedPort, Pauses
from exchange_cache.sync.report import SyncReport
from exchange_cache.sync.synchronizer import ExchangeDataSynchronizer, SyncAccount

#: How long a refresh asked for in code waits for a run that is under way.
REFRESH_WAIT = timedelta(minutes=10)
#: How often a run writes down how far it is, for ``status`` in another terminal.
NOTE_SECONDS = 1.0
#: An unexplained outflow stays among the findings for so long.
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

            return derive_costs(repository, ports, settings, app.clock, beside=beside, again=again)

    return ExchangeDataSynchronizer(
        repository,
        app.clock,
        tuple(_sync_account(app, account, repository) for account in accounts),
        observer=observer,
        after=after,
    )


def _costs_event(state: str) -> SyncEvent:
    """The work after the histories, as one more line of the display."""
    return SyncEvent(account="averages", data_type=None, scope="past prices, cost", state=state, rows=0, requests=0, done=0, planned=0)


def perform(
    app: App,
    command: str,
    accounts: Sequence[AccountSettings],
    options: RunOptions,
    *,
    only: dict[str, frozenset[DataType]] | None = None,
    observer: Observer,
) -> SyncReport:
    """One noted run of the synchronizer; the caller holds the writer lock. A snapshot of the portfolio closes it."""
    repository = app.repository()
    run_id = repository.progress.begin_run(command, os.getpid(), app.now())
    noting = _Noting(app, repository, run_id, observer)
    worker = synchronizer(app, accounts, noting.tell, again=options.full)
    outcome, requests, rows = "failed", 0, 0
    try:
        with _stopped_by_signals(worker):
            report = worker.run(options, only)
        outcome = "interrupted" if report.exit_code == 130 else "ok" if report.ok else "failed"
        requests, rows = report.requests, report.new_rows
        if outcome != "interrupted":
            _snapshot(app, repository)
        return report
    finally:
        repository.progress.end_run(run_id, outcome, app.now(), requests=requests, row_count=rows)


def _snapshot(app: App, repository: ExchangeCacheRepository) -> None:
    """Keep what the portfolio is now; a cache that knows no balance at all is no portfolio of nothing."""
    from exchange_cache.portfolio.history import is_known, snapshot_details

    reading = app.accessor(repository).read()
    if is_known(reading):
        _watch(app, repository)
        repository.derived.add_snapshot(
            app.now(), reading.reporting_asset, reading.totals.value, reading.totals.stale_value, snapshot_details(reading)
        )


def _watch(app: App, repository: ExchangeCacheRepository) -> None:
    """Add what left unexplained in the last days to the findings: it may have been somebody else."""
    from exchange_cache.cache.derived import StoredFinding
    from exchange_cache.cli.past import past_reader
    from exchange_cache.portfolio.difference import outflows

    now = app.now()
    names = tuple(account.name for account in app.settings.accounts)
    found = outflows(past_reader(app, repository, names), repository, now - WATCHED, app.settings.reporting_asset)
    for account in {one.account or "" for one in found}:
        new = [
            StoredFinding(
                account=account,
                code=one.code,
                scope="watch",
                asset=one.asset or "",
                message=one.message,
                hint=one.hint,
                since=now,
            )
            for one in found
            if one.account == account
        ]
        kept = [one for one in repository.derived.findings([account]) if one.scope != "watch"]
        repository.derived.replace_findings(account, [*kept, *new], now)


def refresh_now(app: App, *, force: bool, accounts: Sequence[str]) -> SyncReport | None:
    """What ``PortfolioDataAccessor.reload_data`` does: sync what is stale (with ``force`` everything); None: all was fresh."""
    chosen = app.accounts(accounts)
    with app.lock() as lock:
        lock.acquire("reload_data", wait_seconds=REFRESH_WAIT.total_seconds())
        only = None if force else synchronizer(app, chosen, unobserved).due(dict(app.settings.ttl), frozenset(DataType))
        if only is not None and not only:
            return None
        return perform(app, "reload_data", chosen, RunOptions(force=force, sweep_budget=0), only=only, observer=unobserved)


def _sync_account(app: App, account: AccountSettings, repository: ExchangeCacheRepository) -> SyncAccount:
    def connect() -> ExchangePort:
        return open_port(app, account, repository.progress.memory(account.name))

    start = app.settings.start_of(account)
    start_ms = None if start is None else to_ms(datetime(start.year, start.month, start.day, tzinfo=UTC))
    return SyncAccount(name=account.name, exchange=account.exchange, open=connect, symbols=account.symbols, start_ms=start_ms)


def careful_port(app: App, account: AccountSettings, *, secret: bool = True) -> ExchangePort:
    """A connection for a few questions beside the syncs: it keeps to what the exchange asked of every process."""
    progress = app.repository().progress
    credentials = _credentials(app, account) if secret else {}
    port = _connected(app, account, credentials, progress.memory(account.name))
    return PausedPort(port, Pauses(progress, app.clock))


def open_port(app: App, account: AccountSettings, memory: Mapping[str, object] | None = None) -> ExchangePort:
    """The account's connection: reads its secrets, builds the guarded client; asks nothing of the exchange yet."""
    return _connected(app, account, _credentials(app, account), memory)


def _credentials(app: App, account: AccountSettings) -> dict[str, str]:
    from exchange_cache.config.secrets import resolve
    from exchange_cache.config.sources import CCXT_NAMES

    revealed = resolve(account, app.paths, app.env).reveal()
    app.secrets.update(revealed.values())
    names = CCXT_NAMES.items()
    return {name: revealed[ccxt_name] for name, ccxt_name in names if ccxt_name in revealed}


def _connected(
    app: App,
    account: AccountSettings,
    credentials: Mapping[str, str],
    memory: Mapping[str, object] | None,
) -> ExchangePort:
    from exchange_cache.exchange.ccxt_adapter import open_adapter
    from exchange_cache.exchange.retry import RetryPolicy

    return open_adapter(
        account.name,
        account.exchange,
        credentials,
        {"timeout": int(app.settings.request_timeout.total_seconds() * 1000), **account.ccxt},
        account.wallets,
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

    def __init__(self, app: App, repository: ExchangeCacheRepository, run_id: int, observer: Observer) -> None:
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
        doing = ", ".join(f"{item.account} {item.data_type or ''} {item.scope}".strip() for item in events if item.state == "asking")
        self._repository.progress.update_run(
            self._run_id, doing=doing, requests=sum(item.requests for item in events), row_count=sum(item.rows for item in events)
        )


@contextmanager
def _stopped_by_signals(worker: ExchangeDataSynchronizer) -> Iterator[None]:
    """SIGTERM ends a run as Ctrl-C does: the histories between two pages, what comes after them at once."""
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
