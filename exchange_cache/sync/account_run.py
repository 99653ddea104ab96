"""One account's run: first its mirrors, then its histories. Faults of an exchange are reported, not
raised."""

from __future__ import annotations

from collections.abc import Callable

from exchange_cache.adapter.port import ExchangePort
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import Clock, to_ms
from exchange_cache.errors import ExcacheError, Interrupted
from exchange_cache.sync.due import RunOptions
from exchange_cache.sync.events import Observer, unobserved
from exchange_cache.sync.ledger_run import LedgerRun
from exchange_cache.sync.mirror_run import MirrorRun
from exchange_cache.sync.opened import Opened
from exchange_cache.sync.parts import AccountDown, Parts
from exchange_cache.sync.report import AccountReport

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
    ) -> None:
        self._port = port
        self._clock = clock
        self._only = options.only
        now_ms = to_ms(clock.now())
        self._parts = Parts(port.account, repository, clock, observer, stop)
        opened = Opened(port, repository, clock)
        self._mirrors = MirrorRun(
            port,
            repository,
            self._parts,
            opened,
            now_ms,
            force=options.force,
        )
        self._ledgers = LedgerRun(
            port, repository, clock, self._parts, opened, options, now_ms, stop=stop
        )

    def run(self) -> AccountReport:
        """Read every requested data type, the most valuable first."""
        started = self._clock.monotonic()
        fatal: ExcacheError | None = None
        interrupted = False
        try:
            self._mirrors.run(self._only)
            self._ledgers.run()
            self._mirrors.catch_up(self._only)
        except AccountDown as down:
            fatal = down.error
        except Interrupted:
            interrupted = True
        self._parts.record_data_types(self._only, self._port.policy, fatal, interrupted)
        self._parts.announce(None, "", "finished")
        return AccountReport(
            account=self._port.account,
            exchange=self._port.policy.exchange,
            parts=tuple(self._parts.results),
            seconds=self._clock.monotonic() - started,
            fatal=fatal,
            interrupted=interrupted,
            notes=self._ledgers.notes,
        )
