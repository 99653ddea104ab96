"""One run of a writer: recorded while it works, stopped by signals, closed with costs and a
snapshot.

The caller holds the writer lock and passes in the objects of higher layers.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from types import FrameType

from exchange_cache.adapter.policy import ExchangePolicy
from exchange_cache.adapter.port import ExchangePort
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import Clock, CorrectedClock
from exchange_cache.errors import ExcacheError
from exchange_cache.findings import Finding
from exchange_cache.records import DataType
from exchange_cache.scope_names import history_name
from exchange_cache.sync.account_run import RunOptions
from exchange_cache.sync.arrivals import note_arrivals
from exchange_cache.sync.claims import COMPARING, EVERYTHING, Everything
from exchange_cache.sync.clock_check import ahead_of_all
from exchange_cache.sync.costs import CostSettings, derive_costs
from exchange_cache.sync.differences import note_differences
from exchange_cache.sync.dust import remember_dust
from exchange_cache.sync.events import Observer, SyncEvent
from exchange_cache.sync.key_rights import ask_keys
from exchange_cache.sync.report import SyncReport
from exchange_cache.sync.synchronizer import ExchangeDataSynchronizer

#: How often a run stores its progress, for ``status`` in another terminal.
NOTE_SECONDS = 1.0
#: How long a run waits at its end for turns to ask about its keys.
KEYS_WAIT = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a recorded run needs besides its options.

    ``build`` returns the synchronizer, ``admit`` raises where the run must not start, ``close``
    stores a snapshot and returns the alarms that it raises; ``finish`` and ``beside``: see
    ``WriterLock``; ``host``: this machine, where others share the cache.
    """

    repository: ExchangeCacheRepository
    clock: Clock
    build: Callable[[Observer], ExchangeDataSynchronizer]
    admit: Callable[[], None]
    close: Callable[[Clock], tuple[Finding, ...]]
    finish: Callable[[], bool] = lambda: True
    beside: bool = False
    host: str | None = None


def perform(
    run: Run,
    command: str,
    options: RunOptions,
    *,
    only: dict[str, frozenset[DataType]] | None,
    observer: Observer,
) -> SyncReport:
    """Run the synchronizer once, recorded as ``command``."""
    progress = run.repository.progress
    run_id = progress.begin_run(
        command, os.getpid(), run.clock.now(), beside=run.beside, host=run.host
    )
    noting = _Noting(run, run_id, observer)
    worker = run.build(noting.note)
    outcome, requests, rows, ahead = "failed", 0, 0, timedelta(0)
    why: str | None = None
    try:
        run.admit()
        with _stopped_by_signals(worker):
            report = worker.run(options, only)
        outcome = "interrupted" if report.exit_code == 130 else "ok" if report.ok else "failed"
        requests, rows, ahead = report.requests, report.new_rows, report.clock_ahead
        if outcome == "interrupted":
            return report
        if not run.finish():
            return report
        noting.note(_rest_event("asking", noting.requests_after, "the portfolio"))
        alarms = run.close(CorrectedClock(run.clock, lambda: ahead))
        noting.note(_rest_event("finished", noting.requests_after, ""))
        return replace(report, alarms=alarms)
    except KeyboardInterrupt:
        outcome = "interrupted"
        raise
    except ExcacheError as error:
        why = error.message
        raise
    finally:
        # an account that was stopped in the middle is in no report
        requests, rows = max(requests, noting.requests), max(rows, noting.new_rows)
        progress.end_run(
            run_id,
            outcome,
            run.clock.now() - ahead,
            requests=requests,
            row_count=rows,
            clock_ahead=ahead,
            why=why,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterHistories:
    """The work after the histories of all accounts: keys, past prices, costs.

    ``public`` opens connections for public market data, which the stack closes; ``again``: see
    ``derive_costs``. ``alone``: no account is read in this run. ``claims``: whether this run
    computes what is new, also of accounts that other runs read; ``policies``: how those are read.
    """

    repository: ExchangeCacheRepository
    clock: Clock
    settings: CostSettings
    exchanges: Mapping[str, str]
    public: Callable[[Collection[str], ExitStack], Iterable[ExchangePort]]
    observer: Observer
    again: bool
    alone: bool = False
    claims: Everything = EVERYTHING
    policies: Callable[[str], ExchangePolicy | None] = lambda account: None

    def __call__(self, ports: Sequence[ExchangePort]) -> tuple[str, ...]:
        requests = 0

        def asked() -> None:
            nonlocal requests
            requests += 1

        def step(words: str, number: int, total: int) -> None:
            self.observer(_rest_event("asking", requests, words, number, total))

        step("the rights of the keys", 0, 0)
        clock = CorrectedClock(self.clock, lambda: ahead_of_all(ports))
        with ExitStack() as opened:

            def beside(names: Collection[str]) -> tuple[ExchangePort, ...]:
                return tuple(self.public(names, opened))

            notes = self._ask_keys(ports, clock)
            for port in ports:
                self.repository.imports.refresh(port.account)
            remember_dust(self.repository, ports, clock)
            if not self.claims.finish():
                return tuple(notes)
            others = self.alone or (self.claims.beside and not ports)
            priced_by = beside(self.settings.sources or ()) if others else ports
            made = derive_costs(
                self.repository,
                priced_by,
                self.settings,
                clock,
                beside=beside,
                again=self.again,
                asked=asked,
                step=step,
            )
            step("balances against the histories", 0, 0)
            self._compare({port.account: port.policy for port in ports})
            return (*notes, *made)

    def _ask_keys(self, ports: Sequence[ExchangePort], clock: Clock) -> list[str]:
        """Ask about the keys, exchange by exchange in this run's turn; without one, the next run
        does."""
        notes: list[str] = []
        deadline = self.clock.monotonic() + KEYS_WAIT.total_seconds()
        late = lambda: self.clock.monotonic() > deadline  # noqa: E731
        for exchange in dict.fromkeys(port.policy.exchange for port in ports):
            own = [port for port in ports if port.policy.exchange == exchange]
            with self.claims.turn(exchange, (), late) as came:
                notes += ask_keys(self.repository, own, self.exchanges, clock) if came else ()
        return notes

    def _compare(self, own: Mapping[str, ExchangePolicy]) -> None:
        """Compare balances with histories, of this run's accounts and of those of runs that left
        this to it."""
        progress = self.repository.progress
        left = progress.values_of(COMPARING).keys()
        for account in (*own, *sorted(left - own.keys())):
            policy = own.get(account) or self.policies(account)
            if policy is None:
                continue
            compared = note_differences(
                self.repository,
                account,
                policy,
                self.clock,
                method=self.settings.method,
                reporting_asset=self.settings.reporting_asset,
            )
            if compared is not None:
                note_arrivals(self.repository, account, compared, self.clock)
            if account in left:
                progress.forget(account, COMPARING)


def _rest_event(
    state: str, requests: int, words: str, number: int = 0, total: int = 0
) -> SyncEvent:
    """A step of the work after the histories, which belongs to no account."""
    return SyncEvent(
        account="",
        data_type=None,
        scope=words,
        state=state,
        rows=0,
        requests=requests,
        done=number,
        planned=total,
    )


class _Noting:
    """Passes events on, and stores about once a second what the run is doing."""

    def __init__(self, run: Run, run_id: int, observer: Observer) -> None:
        self._run = run
        self._run_id = run_id
        self._observer = observer
        self._noted = run.clock.monotonic()
        self._lock = threading.Lock()
        self._latest: dict[str, SyncEvent] = {}

    @property
    def requests(self) -> int:
        return sum(item.requests for item in list(self._latest.values()))

    @property
    def requests_after(self) -> int:
        """Those of the work after the histories."""
        latest = self._latest.get("")
        return 0 if latest is None else latest.requests

    @property
    def new_rows(self) -> int:
        return sum(item.new_rows for item in list(self._latest.values()))

    def note(self, event: SyncEvent) -> None:
        self._observer(event)
        with self._lock:
            self._latest[event.account] = event
            now = self._run.clock.monotonic()
            if now - self._noted < NOTE_SECONDS:
                return
            self._noted = now
            events = list(self._latest.values())
        doing = ", ".join(
            f"{item.account or 'averages'} {history_name(item.data_type or '', item.scope)}".strip()
            for item in events
            if item.state == "asking"
        )
        self._run.repository.progress.update_run(
            self._run_id,
            doing=doing,
            requests=sum(item.requests for item in events),
            row_count=sum(item.new_rows for item in events),
        )


@contextmanager
def _stopped_by_signals(worker: ExchangeDataSynchronizer) -> Iterator[None]:
    """SIGTERM ends a run as Ctrl-C does: histories between two pages, the rest at once."""
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
