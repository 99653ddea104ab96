"""One account's run: first its mirrors, then its histories. Faults of an exchange are reported, not
raised."""

from __future__ import annotations

from collections.abc import Callable

from exchange_cache.adapter.port import ExchangePort
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import Clock, to_ms
from exchange_cache.errors import ExcacheError, ExchangeFault, Interrupted
from exchange_cache.records import LEDGER_TYPES, DataType
from exchange_cache.sync.archive_files import Receive
from exchange_cache.sync.archives import ArchiveRun
from exchange_cache.sync.clock_check import corrected
from exchange_cache.sync.due import RunOptions
from exchange_cache.sync.events import Observer, unobserved
from exchange_cache.sync.ledger_run import LedgerRun
from exchange_cache.sync.mirror_run import MirrorRun
from exchange_cache.sync.opened import Opened
from exchange_cache.sync.parts import AccountDown, Parts
from exchange_cache.sync.report import AccountReport
from exchange_cache.sync.resting import Resting

__all__ = ["AccountRun", "RunOptions"]


class AccountRun:
    """Runs everything due for one account through its port into the cache."""

    def __init__(
        self,
        port: ExchangePort,
        repository: ExchangeCacheRepository,
        clock: Clock,
        options: RunOptions,
        *,
        observer: Observer = unobserved,
        stop: Callable[[], bool] = lambda: False,
        receive: Receive | None = None,
    ) -> None:
        """``receive`` reads files of archives; without it none is ordered."""
        clock = corrected(clock, port)
        self._port = port
        self._repository = repository
        self._options = options
        self._receive = receive
        self._clock = clock
        self._only = options.only
        self._stop = stop
        self._parts = Parts(port.account, repository, clock, observer, stop)
        self._resting = resting = Resting(
            port,
            repository,
            clock,
            reads_all=options.only == frozenset(DataType),
            explicit=options.full or options.force,
        )
        opened = Opened(port, repository, clock)
        self._mirrors = MirrorRun(
            port,
            repository,
            self._parts,
            opened,
            clock,
            resting,
            force=options.force,
        )

        def begin_ledgers() -> LedgerRun:
            now_ms = to_ms(clock.now())  # the exchange's, once its answers stated it
            return LedgerRun(
                port,
                repository,
                clock,
                self._parts,
                opened,
                options,
                now_ms,
                resting=resting,
                wake=self._wake,
                stop=stop,
            )

        self._begin_ledgers = begin_ledgers

    def run(self) -> AccountReport:
        """Read every requested data type, the most valuable first."""
        started = self._clock.monotonic()
        fatal: ExcacheError | None = None
        interrupted = compared = False
        notes: tuple[str, ...] = ()
        try:
            signed = self._only != {DataType.PRICES}
            if signed and self._port.policy.growing_nonce:
                self._learn_the_time()
            self._mirrors.run(self._only)
            self._compare()
            compared = True
            self._parts.record_mirrors(self._only, self._port.policy)
            if self._only.intersection(LEDGER_TYPES):
                self._learn_the_time()
            notes = self._read_archives()
            ledgers = self._begin_ledgers()
            try:
                ledgers.run()
            finally:
                notes += ledgers.notes
                ledgers.close(wait=not self._stop())
            self._mirrors.catch_up(self._only)
            self._resting.close(ledgers.now_ms)
        except AccountDown as down:
            fatal = down.error
        except Interrupted:
            interrupted = True
        self._parts.record_data_types(
            self._only, self._port.policy, fatal, interrupted, compared=compared
        )
        self._parts.announce(None, "", "interrupted" if interrupted else "finished")
        return AccountReport(
            account=self._port.account,
            exchange=self._port.policy.exchange,
            parts=tuple(self._parts.results),
            seconds=self._clock.monotonic() - started,
            fatal=fatal,
            interrupted=interrupted,
            notes=notes,
        )

    def _read_archives(self) -> tuple[str, ...]:
        """Go on with files of the past, before the histories are walked that they cover. What they
        add moves nothing, so nothing wakes for it."""
        if self._options.archives is False:
            self._repository.archives.forget_plans(self._port.account)
            return ()
        if self._receive is None or not self._only.issuperset(LEDGER_TYPES):
            return ()
        run = ArchiveRun(
            self._port,
            self._repository,
            self._clock,
            self._receive,
            requested=self._options.archives,
            start_ms=self._options.start_ms,
            stop=self._stop,
        )
        return run.run()

    def _compare(self) -> None:
        """Read what rested where something moved."""
        self._resting.compare(self._parts.results)
        if self._resting.is_awake:
            self._read_rested()

    def _wake(self) -> None:
        """A history shows that something moved, and the mirrors did not."""
        self._resting.wake()
        self._read_rested()

    def _read_rested(self) -> None:
        """Read the mirrors that rested, which may show more of it."""
        if self._mirrors.wake():
            self._resting.compare(self._parts.results)

    def _learn_the_time(self) -> None:
        """Make sure that the exchange stated its time: histories are read up to it, and nonces of
        the future would be refused for as long as the clock was ahead."""
        try:
            self._port.measure_clock()
        except ExchangeFault:
            return  # the histories meet the same fault and report it; their answers state the time
