"""Walks the scopes of one account's histories: all the symbols of a scope that are due, one after
another."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from exchange_cache.adapter.policy import StreamPolicy
from exchange_cache.adapter.port import Pages
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import Clock
from exchange_cache.errors import ExchangeFault, SymbolUnknown
from exchange_cache.records import DataType
from exchange_cache.sync.due import stream_index
from exchange_cache.sync.history import Walk
from exchange_cache.sync.parts import Parts
from exchange_cache.sync.tally import Streak, Tally
from exchange_cache.sync.verdicts import belongs_to_symbol, stream_state
from exchange_cache.sync.ways import Job, Ways

#: The key of symbols that rows name without being their records (income of a contract).
NAMED_SYMBOLS = "named_symbols"
#: A window that ends so long ago is announced as one of the past.
PAST_MS = 30 * 86_400_000


class _Before(NamedTuple):
    """The counts of an account's run, and the new rows of a scope, before a walk."""

    done: int
    rows: int
    requests: int
    new_rows: int


class Scopes:
    """Walks scopes, and keeps what the walks of a run found.

    ``filled``: (category, symbol) with new fills. ``left``: failures of single windows, after which
    the walk continued. ``named``: symbols that rows name. ``watch`` is called after each scope.
    """

    def __init__(
        self,
        pages: Pages,
        repository: ExchangeCacheRepository,
        clock: Clock,
        parts: Parts,
        ways: Ways,
        now_ms: int,
        *,
        refresh: bool,
        stop: Callable[[], bool],
        watch: Callable[[StreamPolicy], None],
    ) -> None:
        self._pages = pages
        self._repository = repository
        self._clock = clock
        self._parts = parts
        self._ways = ways
        self._now_ms = now_ms
        self._refresh = refresh
        self._stop = stop
        self._watch = watch
        self._account = pages.account
        self._streak = Streak()
        self.filled: set[tuple[str, str]] = set()
        self.left: dict[tuple[DataType, str, str], list[ExchangeFault]] = {}
        self.named = _names(repository.progress.memory(pages.account).get(NAMED_SYMBOLS))

    def walk(self, stream: StreamPolicy, jobs: list[Job], *, partly: bool = False) -> bool:
        """Walk a scope (all its due symbols); whether it succeeded. A failing symbol fails the
        scope, but the other symbols are still read. ``partly``: symbols of it rest."""

        def work() -> tuple[int, int]:
            rows = new_rows = 0
            failed: dict[str, ExchangeFault] = {}
            for job in jobs:
                symbol, way, done = job.symbol, stream, self._parts.done
                before = _Before(done, self._parts.rows, self._parts.requests, new_rows)
                walk = self._begin(stream, symbol, before)
                try:
                    expected = job.size
                    way, job = self._ways.ready(stream, job)
                    self._parts.planned += job.size - expected
                    if way is not stream:
                        before = _Before(done, self._parts.rows, self._parts.requests, new_rows)
                        walk = self._begin(way, symbol, before)
                    walk.run(job.windows or (), self._now_ms)
                    if job.last:
                        walk.finish(job.floor_ms, self._now_ms)
                except SymbolUnknown as error:
                    walk.fail("symbol_unknown", error.message, completed_ms=self._now_ms)
                except ExchangeFault as error:
                    gaps_only = error in walk.failures
                    walk.fail(
                        stream_state(error),
                        error.message,
                        floor_ms=job.floor_ms if gaps_only and job.last else None,
                    )
                    if gaps_only:
                        self.left[stream_index(stream, symbol)] = walk.failures
                    if not symbol or not belongs_to_symbol(error):
                        raise
                    failed[symbol] = error
                finally:
                    self._ways.judge(stream, walk)
                    rows += walk.tally.rows
                    new_rows += walk.tally.new_rows
                    if stream.data_type is DataType.FILLS and walk.tally.new_rows:
                        self.filled.add((stream.category, symbol))
                    self._parts.done = done + job.size
                    self._parts.requests = before.requests + walk.tally.requests
                    self._name(walk.symbols)
            if failed:
                first, fault = next(iter(failed.items()))
                more = f" and {len(failed) - 1} more symbols" if len(failed) > 1 else ""
                raise type(fault)(
                    f"{first}{more}: {fault.message}", account=self._account, hint=fault.hint
                )
            return rows, new_rows

        well = self._parts.do(
            stream.data_type, stream.scope, stream.optional, work, counted=True, partly=partly
        )
        self._watch(stream)
        return well

    def _begin(self, stream: StreamPolicy, symbol: str, before: _Before) -> Walk:
        def on_page(tally: Tally) -> None:
            self._parts.done = before.done + tally.windows
            self._parts.rows = before.rows + tally.rows
            self._parts.requests = before.requests + tally.requests
            self._parts.walked = before.new_rows + tally.new_rows
            until_ms = tally.until_ms
            self._parts.announce(
                stream.data_type,
                f"{stream.scope} {symbol}".strip(),
                "asking",
                before_ms=until_ms if until_ms and until_ms < self._now_ms - PAST_MS else None,
            )

        state = self._ways.state(stream, symbol)
        walk = Walk(
            self._pages,
            self._repository.ledger,
            self._clock,
            stream,
            state,
            stop=self._stop,
            on_page=on_page,
            refresh=self._refresh,
            streak=self._streak,
        )
        walk.failures = list(self.left.get(stream_index(stream, symbol), ()))
        return walk

    def _name(self, symbols: set[str]) -> None:
        if symbols - self.named:
            self.named |= symbols
            self._repository.progress.remember(
                self._account, {NAMED_SYMBOLS: sorted(self.named)}, self._clock.now()
            )


def _names(found: object) -> set[str]:
    return {str(item) for item in found} if isinstance(found, list) else set()
