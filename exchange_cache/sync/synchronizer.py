"""ExchangeDataSynchronizer: syncs accounts side by side, those of one exchange too, and returns one
report.

The connections of one address share their pace (``adapter.budget``), so more threads do not send
more than an exchange accepts.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from exchange_cache.adapter.port import ExchangePort
from exchange_cache.cache.cells import UNREADABLE
from exchange_cache.cache.readable import unreadable
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import Clock, to_ms
from exchange_cache.errors import CacheError, ExcacheError, Interrupted
from exchange_cache.records import LEDGER_TYPES, DataType
from exchange_cache.sync.account_run import AccountRun, RunOptions
from exchange_cache.sync.archive_files import Receive
from exchange_cache.sync.claims import EVERYTHING
from exchange_cache.sync.clock_check import ahead_of_all, clock_notes, remember_offset
from exchange_cache.sync.events import Observer, SyncEvent, unobserved
from exchange_cache.sync.pause import PausedPort, Pauses
from exchange_cache.sync.report import AccountReport, SyncReport, bug, sentence
from exchange_cache.sync.side_by_side import AT_ONCE, Queue
from exchange_cache.value.freshness import State, SyncStatus, verdict

#: How often the waiting main thread checks whether to stop.
_GLANCE_SECONDS = 0.1
#: How long an interrupted run waits for its open requests.
_GRACE_SECONDS = 3.0
#: So many accounts run at once, of all exchanges; every exchange runs one.
THREADS = 40
#: The account and key prefix of values in the cache that belong to no account.
EVERYBODY = ""
VIEW_REQUESTS = "view_requests "
#: The data types that a portfolio shows.
VIEW = frozenset({DataType.BALANCES, DataType.POSITIONS, DataType.PRICES})


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncAccount:
    """One account to sync; ``open`` connects it (secrets are read only then) and may raise the
    project's errors."""

    name: str
    exchange: str
    open: Callable[[], ExchangePort]
    symbols: tuple[str, ...] = ()
    start_ms: int | None = None  # the first instant of history to fetch; None: all of it
    archives: bool | None = None  # as in RunOptions; what the account says counts more
    claim: Callable[[], bool] = lambda: True  # False: another process syncs it, or just did


#: The turn at an exchange, to read these accounts, unless the run stops (``Claims.turn``).
Turn = Callable[[str, Sequence[str], Callable[[], bool]], AbstractContextManager[bool]]
#: Runs with the open ports after the histories (past prices, cost basis) and returns notes.
AfterRun = Callable[[Sequence[ExchangePort]], tuple[str, ...]]


class ExchangeDataSynchronizer:
    """Brings the cache up to date. The caller holds the writer lock."""

    def __init__(
        self,
        repository: ExchangeCacheRepository,
        clock: Clock,
        accounts: Iterable[SyncAccount],
        *,
        observer: Observer = unobserved,
        after: AfterRun | None = None,
        receive: Receive | None = None,
        turn: Turn = EVERYTHING.turn,
        address: str = "",
    ) -> None:
        """``address``: see ``Pauses``."""
        self._repository = repository
        self._clock = clock
        self._accounts = tuple(accounts)
        self._observer = observer
        self._after = after
        self._receive = receive
        self._turn = turn
        self._pauses = Pauses(repository.progress, clock, address)
        self._stopping = threading.Event()
        self._opening = threading.Lock()  # a program that asks for a passphrase runs alone
        self._ports: list[ExchangePort] = []

    def stop(self) -> None:
        """Ask the run to end between two pages."""
        self._stopping.set()

    def due(
        self, ttl: dict[DataType, timedelta], only: frozenset[DataType]
    ) -> dict[str, frozenset[DataType]]:
        """The stale or missing data types per account, without accounts that have none. A history
        that no run came to the end of makes all of its account due: only a run that reads all data
        types counts as one of everything, after which histories may rest."""
        statuses = {
            (item.account, item.data_type): item
            for item in self._repository.progress.statuses()
            if item.part == ""
        }
        found: dict[str, frozenset[DataType]] = {}
        for account in self._accounts:
            stale = frozenset(
                data_type
                for data_type in only
                if _is_due(
                    statuses.get((account.name, data_type)),
                    account.name,
                    data_type,
                    ttl[data_type],
                    self._clock,
                )
            )
            unended = any((account.name, kind) not in statuses for kind in stale & {*LEDGER_TYPES})
            if stale:
                found[account.name] = only if unended else stale
        return found

    def run(
        self, options: RunOptions, only: dict[str, frozenset[DataType]] | None = None
    ) -> SyncReport:
        """Sync every account, or with ``only`` those accounts and data types; KeyboardInterrupt
        ends the run between pages."""
        started = self._clock.monotonic()
        groups = self._groups(only)
        order = {account.name: index for index, account in enumerate(self._accounts)}
        reports: list[AccountReport] = []
        interrupted = False
        notes: tuple[str, ...] = ()
        ahead = timedelta(0)
        workers = _workers(groups)
        executor = ThreadPoolExecutor(max_workers=max(1, len(workers)), thread_name_prefix="sync")
        try:
            futures = [executor.submit(self._run_queue, queue, options, only) for queue in workers]
            interrupted = self._wait(futures)
            for future in futures:
                if future.done() and not future.cancelled():
                    reports.extend(future.result())
            if self._after is not None and not interrupted:
                notes = self._after(sorted(self._ports, key=lambda port: order[port.account]))
            notes, ahead = (*clock_notes(self._ports), *notes), ahead_of_all(self._ports)
        finally:
            executor.shutdown(wait=False, cancel_futures=True)
            self._close_ports(wait=not interrupted)
        reports.sort(key=lambda report: order[report.account])
        if interrupted and not any(report.interrupted for report in reports):
            reports = [replace(report, interrupted=True) for report in reports] or [
                _interrupted(account) for account in self._accounts
            ]
        return SyncReport(
            accounts=tuple(reports),
            seconds=self._clock.monotonic() - started,
            notes=notes,
            clock_ahead=ahead,
        )

    def _groups(self, only: dict[str, frozenset[DataType]] | None) -> list[list[SyncAccount]]:
        """The accounts per exchange, in the order of the configuration."""
        groups: dict[str, list[SyncAccount]] = {}
        for account in self._accounts:
            if only is None or account.name in only:
                groups.setdefault(account.exchange, []).append(account)
        return list(groups.values())

    def _run_queue(
        self,
        queue: Queue[SyncAccount],
        options: RunOptions,
        only: dict[str, frozenset[DataType]] | None,
    ) -> list[AccountReport]:
        """Run accounts of an exchange until none is left; several threads share its queue."""
        reports: list[AccountReport] = []
        with self._turn(queue.exchange, queue.names, self._stopping.is_set) as came:
            if not came:
                return reports
            self._pauses.look_again()
            for account in queue.waiting():
                if account.claim():
                    reports.append(self._run_account(account, options, only))
        return reports

    def _run_account(
        self, account: SyncAccount, options: RunOptions, only: dict[str, frozenset[DataType]] | None
    ) -> AccountReport:
        if self._stopping.is_set():
            return _interrupted(account)
        requested = options.only if only is None else only[account.name] & options.only
        options = replace(
            options,
            only=requested,
            symbols=account.symbols,
            start_ms=account.start_ms,
            archives=_archives_of(options, account),
        )
        try:
            with self._opening:
                port = PausedPort(account.open(), self._pauses)
        except ExcacheError as error:
            return self._not_opened(account, options, error)
        self._ports.append(port)
        begun = self._clock.now()
        run = AccountRun(
            port,
            self._repository,
            self._clock,
            options,
            observer=self._observer,
            stop=self._stopping.is_set,
            receive=self._receive,
        )
        try:
            return run.run()
        except ExcacheError:
            raise
        except UNREADABLE as error:
            if rows := self._repository.unreadable_rows():
                raise unreadable(self._repository.path, rows) from error
            return self._not_opened(account, options, bug(error))
        except Exception as error:  # noqa: BLE001 - a boundary that reports: a bug met at one account hides no other account's result
            return self._not_opened(account, options, bug(error))
        finally:
            self._remember(port, begun, whole_view=requested >= VIEW)

    def _remember(self, port: PausedPort, begun: datetime, *, whole_view: bool) -> None:
        """Store the state for the next process, and the requests of a live portfolio view, which
        the statistics use."""
        memory = port.memory()
        self._repository.progress.remember(port.account, memory, self._clock.now())
        remember_offset(self._repository, port, self._clock.now())
        markets_at = memory.get("markets_at")
        # The daily download of markets is no part of a view.
        downloaded = isinstance(markets_at, int) and markets_at >= to_ms(begun)
        if whole_view and port.view_requests and not downloaded:
            self._repository.progress.remember(
                EVERYBODY, {f"{VIEW_REQUESTS}{port.account}": port.view_requests}, self._clock.now()
            )

    def _not_opened(
        self, account: SyncAccount, options: RunOptions, error: ExcacheError
    ) -> AccountReport:
        """The report of an account that could not be opened (a missing secret): every requested
        data type failed with this error."""
        if isinstance(error, CacheError):
            raise error
        self._announce(account.name, "failed", error.message)
        self._announce(account.name, "finished")
        now = self._clock.now()
        for data_type in sorted(options.only):
            self._repository.progress.record(
                SyncStatus(
                    account=account.name,
                    data_type=data_type,
                    attempted_at=now,
                    state="failed",
                    error_code=error.code,
                    error=sentence(error),
                )
            )
        return AccountReport(
            account=account.name, exchange=account.exchange, parts=(), seconds=0.0, fatal=error
        )

    def _announce(self, account: str, state: str, message: str | None = None) -> None:
        """Report an account that sends no request."""
        self._observer(
            SyncEvent(
                account=account,
                data_type=None,
                scope="",
                state=state,
                rows=0,
                requests=0,
                done=0,
                planned=0,
                message=message,
            )
        )

    def _wait(self, futures: list[Future[list[AccountReport]]]) -> bool:
        """Wait for all accounts; whether the run was interrupted."""
        interrupted = False
        deadline: float | None = None
        while not all(future.done() for future in futures):
            try:
                wait(futures, timeout=_GLANCE_SECONDS)
                if self._stopping.is_set() and deadline is None:
                    interrupted, deadline = True, self._clock.monotonic() + _GRACE_SECONDS
            except KeyboardInterrupt:
                self._stopping.set()
                interrupted, deadline = True, self._clock.monotonic() + _GRACE_SECONDS
            if deadline is not None and self._clock.monotonic() > deadline:
                break
        return interrupted or self._stopping.is_set()

    def _close_ports(self, *, wait: bool) -> None:
        if wait:
            for port in self._ports:
                port.close()
        self._ports.clear()


def _archives_of(options: RunOptions, account: SyncAccount) -> bool | None:
    """Whether files of the past are ordered: not where the run or the account says no."""
    if options.archives is False or account.archives is None:
        return options.archives
    return account.archives


def _workers(groups: list[list[SyncAccount]]) -> list[Queue[SyncAccount]]:
    """The queue of each thread. Threads of one exchange share one; every exchange has a thread."""
    each = max(1, min(AT_ONCE, THREADS // max(1, len(groups))))
    return [
        queue
        for group in groups
        for queue in [Queue(group[0].exchange, group)] * min(each, len(group))
    ]


def _is_due(
    status: SyncStatus | None, account: str, data_type: DataType, ttl: timedelta, clock: Clock
) -> bool:
    found = verdict(status, account=account, data_type=data_type, ttl=ttl, now=clock.now())
    return found.state in {State.STALE, State.MISSING}


def _interrupted(account: SyncAccount) -> AccountReport:
    return AccountReport(
        account=account.name,
        exchange=account.exchange,
        parts=(),
        seconds=0.0,
        fatal=Interrupted("interrupted before anything was fetched", account=account.name),
        interrupted=True,
    )
