"""Reads the histories of one account: heads before backfills, whole streams before those per
symbol, which discover symbols on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from exchange_cache.adapter.policy import StreamPolicy
from exchange_cache.adapter.port import ExchangePort
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import Clock, to_ms
from exchange_cache.errors import ExchangeFault, SymbolUnknown
from exchange_cache.records import DataType
from exchange_cache.sync import discovery
from exchange_cache.sync.ahead import Ahead
from exchange_cache.sync.believed import cut_the_future
from exchange_cache.sync.differences import (
    DIFFERENCES,
    Jobs,
    Verdict,
    jobs_of,
    remembered,
    requested,
    stored,
)
from exchange_cache.sync.due import Due, RunOptions, stream_index
from exchange_cache.sync.findings import NEVER_ASKED
from exchange_cache.sync.healing import Healing
from exchange_cache.sync.history import Streak, Tally, Walk
from exchange_cache.sync.identified import move_identified
from exchange_cache.sync.opened import Opened
from exchange_cache.sync.parts import Parts
from exchange_cache.sync.plan import StreamPlan
from exchange_cache.sync.symbols import Symbols
from exchange_cache.sync.verdicts import as_found, belongs_to_symbol, raiser, stream_state
from exchange_cache.sync.ways import Job, Ways

#: The key of symbols that rows name without being their records (income of a contract).
NAMED_SYMBOLS = "named_symbols"
#: Rounds of symbol discovery in one run: each may find assets that lead to further symbols.
DISCOVERY_ROUNDS = 4


class LedgerRun:
    """Walks the histories of one account."""

    def __init__(
        self,
        port: ExchangePort,
        repository: ExchangeCacheRepository,
        clock: Clock,
        parts: Parts,
        opened: Opened,
        options: RunOptions,
        now_ms: int,
        *,
        stop: Callable[[], bool],
    ) -> None:
        self._port = port
        self._ahead = Ahead(port, lambda: to_ms(clock.now()))
        self._repository = repository
        self._clock = clock
        self._parts = parts
        self._options = options
        self._now_ms = now_ms
        self._stop = stop
        self._account = port.account
        self._walked: set[tuple[DataType, str, str]] = set()
        #: (category, symbol) with new fills in this run
        self._filled: set[tuple[str, str]] = set()
        #: failures of single windows, after which the walk continued
        self._left: dict[tuple[DataType, str, str], list[ExchangeFault]] = {}
        self._due = Due(repository, port.policy, self._account, options, now_ms)
        self._ways = Ways(port, repository, clock, parts, self._due, now_ms, fresh=options.full)
        self._streak = Streak()
        self._never_asked: dict[str, int] = {}
        self.notes: tuple[str, ...] = ()
        self._opened = opened
        self._symbols = Symbols(port, repository, self._opened, options.symbols)
        self._named = _names(repository.progress.memory(port.account).get(NAMED_SYMBOLS))

    def run(self) -> None:
        """Read heads before backfills, and streams of the whole account before those per symbol,
        because they name symbols."""
        asked = [
            stream for stream in self._port.policy.streams if stream.data_type in self._options.only
        ]
        self.notes = cut_the_future(self._repository, self._account, asked, self._now_ms)
        move_identified(self._port, self._repository, asked, self._clock)
        streams = [self._begun(stream) for stream in asked if self._is_offered(stream)]
        whole, per_symbol = self._ways.split(streams)
        plans, resting = self._due.of(whole)
        self._parts.planned += sum(len(plan.windows) for _, plan in plans)
        behind: list[tuple[StreamPolicy, StreamPlan]] = []
        for stream, plan in plans:
            self._ahead.expect(stream, "", plan.head)
        for stream, plan in plans:
            head = Job(symbol="", windows=plan.head, floor_ms=plan.floor_ms, last=not plan.backfill)
            succeeded = self._walk_scope(stream, [head])
            if plan.backfill and (succeeded or stream_index(stream, "") in self._left):
                behind.append((stream, plan))
        self._per_symbol(per_symbol)
        for stream, plan in behind:
            self._ahead.expect(stream, "", plan.backfill, read=True)
        for stream, plan in behind:
            rest = Job(symbol="", windows=plan.backfill, floor_ms=plan.floor_ms, last=not plan.rest)
            self._walk_scope(stream, [rest])
        if behind:
            self._per_symbol(per_symbol)
        for stream, state in resting:
            self._parts.do(
                stream.data_type,
                stream.scope,
                stream.optional,
                as_found(state, self._account),
                counted=True,
            )
        self._explain_balances()
        self._heal()

    def _explain_balances(self) -> None:
        """Request again the time in which balances moved away from their events."""
        verdict = remembered(self._repository.progress.memory(self._account))
        if verdict.doubt is None or not verdict.doubt.revisited.is_due(self._now_ms):
            return
        if not {DataType.FILLS, DataType.TRANSFERS} <= self._options.only:
            return
        well = True
        for stream in self._port.policy.streams:
            if stream.data_type is not DataType.ORDERS and not self._options.full:
                well &= self._again(stream, self._jobs_of(stream, verdict))
        if well:
            asked = {DIFFERENCES: stored(requested(verdict, self._now_ms))}
            self._repository.progress.remember(self._account, asked, self._clock.now())

    def _jobs_of(self, stream: StreamPolicy, verdict: Verdict) -> Jobs:
        def id_before(symbol: str, before_ms: int) -> str | None:
            return self._repository.fill_before(self._account, stream.category, symbol, before_ms)

        states = self._repository.ledger.states(self._account)
        return jobs_of(stream, states, verdict, self._now_ms, id_before)

    def _heal(self) -> None:
        """Compare orders with fills, and request again what they contradict."""
        Healing(
            account=self._account,
            policy=self._port.policy,
            repository=self._repository,
            clock=self._clock,
            now_ms=self._now_ms,
            ask=self._again,
            anew=not self._options.full,
        ).run(self._options.only, news=bool(self._parts.new_rows))

    def _again(self, stream: StreamPolicy, jobs: Jobs) -> bool:
        """Request windows of a history again; whether all could be read."""
        due = [
            Job(symbol=symbol, windows=windows, last=False, again=True)
            for symbol, windows in jobs
            if windows
        ]
        if not due or self._opened.refusal(stream.opened_by) is not None:
            return True
        self._parts.planned += sum(job.size for job in due)
        self._expect(self._begun(stream), due)
        return self._walk_scope(self._begun(stream), due)

    def _expect(self, stream: StreamPolicy, jobs: list[Job]) -> None:
        for job in jobs:
            self._ahead.expect(stream, job.symbol, job.windows or ())

    def close(self, *, wait: bool) -> None:
        """End what was requested ahead; ``wait`` for its answers."""
        self._ahead.close(wait=wait)

    def _is_offered(self, stream: StreamPolicy) -> bool:
        """Whether the account has the wallet that the stream needs; otherwise the part is recorded
        without a request."""
        refusal = self._opened.refusal(stream.opened_by)
        if refusal is None:
            return True
        self._parts.do(stream.data_type, stream.scope, True, raiser(refusal), counted=True)
        return False

    def _begun(self, stream: StreamPolicy) -> StreamPolicy:
        """The stream with the user's start of history, where it is later."""
        start = self._options.start_ms
        return (
            stream
            if start is None
            else replace(stream, history_start_ms=max(start, stream.history_start_ms))
        )

    def _per_symbol(self, streams: list[StreamPolicy]) -> None:
        for _ in range(DISCOVERY_ROUNDS):
            found = False
            for stream in streams:
                found |= self._walk_symbols(stream)
            if not found:
                break
        if self._never_asked:
            self._repository.progress.remember(
                self._account, {NEVER_ASKED: dict(self._never_asked)}, self._clock.now()
            )

    def _walk_symbols(self, stream: StreamPolicy) -> bool:
        """Read the symbols that are due and were not read in this run; whether there were any."""
        states = {
            symbol: state
            for (data_type, scope, symbol), state in self._due.states().items()
            if _same(stream, data_type, scope)
        }
        try:
            candidates = self._symbols.candidates(stream, self._named)
        except ExchangeFault as error:
            if (stream.data_type, stream.scope, "*") not in self._walked:
                self._walked.add((stream.data_type, stream.scope, "*"))
                self._parts.do(stream.data_type, stream.scope, stream.optional, raiser(error))
            return False
        first = not any(key[:2] == (stream.data_type, stream.scope) for key in self._walked)
        budget = self._options.sweep_budget if first else 0
        if stream.data_type is DataType.FILLS:
            self._never_asked[stream.scope] = len(discovery.never_asked(candidates, states))
        chosen = discovery.due(
            candidates, states, self._now_ms, sweep_budget=budget, full=self._options.full
        )
        fresh = [
            (symbol, reason)
            for symbol, reason in chosen
            if (stream.data_type, stream.scope, symbol) not in self._walked
            and self._due.is_worth_it(stream, symbol, states.get(symbol), self._filled)
        ]
        if not fresh:
            if first:
                self._walked.add((stream.data_type, stream.scope, ""))
                self._parts.do(stream.data_type, stream.scope, stream.optional, lambda: (0, 0))
            return False
        jobs: list[Job] = []
        self._repository.ledger.add_streams(
            (self._due.blank(stream, symbol).key, reason)
            for symbol, reason in fresh
            if symbol not in states
        )
        for symbol, _ in fresh:
            self._walked.add((stream.data_type, stream.scope, symbol))
            jobs.append(self._ways.job(stream, symbol, states.get(symbol)))
        self._parts.planned += sum(job.size for job in jobs)
        self._expect(stream, jobs)
        self._walk_scope(stream, jobs)
        return True

    def _walk_scope(self, stream: StreamPolicy, jobs: list[Job]) -> bool:
        """Walk a scope (all its due symbols); whether it succeeded. A failing symbol fails the
        scope, but the other symbols are still read."""

        def work() -> tuple[int, int]:
            rows = new_rows = 0
            failed: dict[str, ExchangeFault] = {}
            for job in jobs:
                symbol, way = job.symbol, stream
                before = (self._parts.rows, self._parts.requests)
                walk = self._walk(stream, symbol, before)
                try:
                    way, job = self._ways.ready(stream, job)
                    if way is not stream:
                        before = (self._parts.rows, self._parts.requests)
                        walk = self._walk(way, symbol, before)
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
                        self._left[stream_index(stream, symbol)] = walk.failures
                    if not symbol or not belongs_to_symbol(error):
                        raise
                    failed[symbol] = error
                finally:
                    self._ways.judge(stream, walk)
                    rows += walk.tally.rows
                    new_rows += walk.tally.new_rows
                    if stream.data_type is DataType.FILLS and walk.tally.new_rows:
                        self._filled.add((stream.category, symbol))
                    self._parts.done += job.size
                    self._parts.requests = before[1] + walk.tally.requests
                    self._name(walk.symbols)
            if failed:
                first, fault = next(iter(failed.items()))
                more = f" and {len(failed) - 1} more symbols" if len(failed) > 1 else ""
                raise type(fault)(
                    f"{first}{more}: {fault.message}", account=self._account, hint=fault.hint
                )
            return rows, new_rows

        return self._parts.do(stream.data_type, stream.scope, stream.optional, work, counted=True)

    def _walk(self, stream: StreamPolicy, symbol: str, before: tuple[int, int]) -> Walk:
        def on_page(tally: Tally) -> None:
            self._parts.rows = before[0] + tally.rows
            self._parts.requests = before[1] + tally.requests
            self._parts.announce(stream.data_type, f"{stream.scope} {symbol}".strip(), "asking")

        state = self._ways.state(stream, symbol)
        walk = Walk(
            self._ahead,
            self._repository.ledger,
            self._clock,
            stream,
            state,
            stop=self._stop,
            on_page=on_page,
            refresh=self._options.full,
            streak=self._streak,
        )
        walk.failures = list(self._left.get(stream_index(stream, symbol), ()))
        return walk

    def _name(self, symbols: set[str]) -> None:
        if symbols - self._named:
            self._named |= symbols
            self._repository.progress.remember(
                self._account, {NAMED_SYMBOLS: sorted(self._named)}, self._clock.now()
            )


def _same(stream: StreamPolicy, data_type: DataType, scope: str) -> bool:
    return stream.data_type is data_type and stream.scope == scope


def _names(found: object) -> set[str]:
    return {str(item) for item in found} if isinstance(found, list) else set()
