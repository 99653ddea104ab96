"""Reads the histories of one account: heads before backfills, whole streams before those per
symbol, which discover symbols on the way."""

from __future__ import annotations

from collections.abc import Callable

from exchange_cache.adapter.policy import StreamPolicy
from exchange_cache.adapter.port import ExchangePort
from exchange_cache.adapter.witnesses import is_witness
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import Clock, to_ms
from exchange_cache.errors import ExchangeFault
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
from exchange_cache.sync.due import Due, RunOptions, begun, stream_index
from exchange_cache.sync.findings import NEVER_ASKED
from exchange_cache.sync.healing import Healing
from exchange_cache.sync.identified import move_identified
from exchange_cache.sync.opened import Opened
from exchange_cache.sync.parts import Parts
from exchange_cache.sync.plan import StreamPlan
from exchange_cache.sync.resting import Resting
from exchange_cache.sync.scopes import Scopes
from exchange_cache.sync.symbols import Symbols
from exchange_cache.sync.verdicts import as_found, raiser
from exchange_cache.sync.ways import Job, Ways

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
        resting: Resting,
        wake: Callable[[], None],
        stop: Callable[[], bool],
    ) -> None:
        self._port = port
        self._repository = repository
        self._clock = clock
        self._parts = parts
        self._options = options
        self.now_ms = self._now_ms = now_ms
        self._resting = resting
        self._wake = wake
        self._account = port.account
        self._walked: set[tuple[DataType, str, str]] = set()
        self._due = Due(repository, port.policy, self._account, options, now_ms, resting)
        self._ways = Ways(port, repository, clock, parts, self._due, now_ms, fresh=options.full)
        self._ahead = Ahead(port, lambda: to_ms(clock.now()))
        self._scopes = Scopes(
            self._ahead,
            repository,
            clock,
            parts,
            self._ways,
            now_ms,
            refresh=options.full,
            stop=stop,
            watch=self._watch,
        )
        self._never_asked: dict[str, int] = {}
        self.notes: tuple[str, ...] = ()
        self._opened = opened
        self._symbols = Symbols(port, repository, self._opened, options.symbols)

    def run(self) -> None:
        """Read heads before backfills, and streams of the whole account before those per symbol,
        because they name symbols."""
        asked = [
            stream for stream in self._port.policy.streams if stream.data_type in self._options.only
        ]
        self.notes = cut_the_future(self._repository, self._account, asked, self._now_ms)
        move_identified(self._port, self._repository, asked, self._clock)
        streams = [begun(stream, self._options) for stream in asked if self._is_offered(stream)]
        whole, per_symbol = self._ways.split(streams)
        due, quiet, resting = self._due.of(whole)
        behind = self._heads(due)
        if self._resting.is_awake:
            behind += self._heads(quiet)
        else:
            self._leave(quiet)
        self._per_symbol(per_symbol)
        for stream, plan in behind:
            self._ahead.expect(stream, "", plan.backfill, read=True)
        for stream, plan in behind:
            rest = Job(symbol="", windows=plan.backfill, floor_ms=plan.floor_ms, last=not plan.rest)
            self._scopes.walk(stream, [rest])
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

    def _heads(
        self, plans: list[tuple[StreamPolicy, StreamPlan]]
    ) -> list[tuple[StreamPolicy, StreamPlan]]:
        """Read the newest rows of histories; those with older windows behind them."""
        self._parts.planned += sum(len(plan.windows) for _, plan in plans)
        behind: list[tuple[StreamPolicy, StreamPlan]] = []
        for stream, plan in plans:
            self._ahead.expect(stream, "", plan.head)
        for stream, plan in plans:
            head = Job(symbol="", windows=plan.head, floor_ms=plan.floor_ms, last=not plan.backfill)
            succeeded = self._scopes.walk(stream, [head])
            if plan.backfill and (succeeded or stream_index(stream, "") in self._scopes.left):
                behind.append((stream, plan))
        return behind

    def _leave(self, quiet: list[tuple[StreamPolicy, StreamPlan]]) -> None:
        states = self._due.states()
        for stream, _ in quiet:
            state = states[stream_index(stream, "")].state
            self._parts.rest(stream.data_type, stream.scope, state)

    def _watch(self, stream: StreamPolicy) -> None:
        """Let nothing rest where a history of the whole account shows that something moved."""
        found = self._parts.results[-1]
        if self._resting.is_awake or stream.needs_symbol:
            return
        shows = is_witness(self._port.policy, stream) and found.rows
        if found.new_rows or (shows and not self._resting.expects_rows(self._now_ms)):
            self._wake()

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
        ).run(self._options.only, whole=self._resting.is_round or self._options.full)

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
        return self._walk(begun(stream, self._options), due)

    def _walk(self, stream: StreamPolicy, jobs: list[Job], *, partly: bool = False) -> bool:
        for job in jobs:
            self._ahead.expect(stream, job.symbol, job.windows or ())
        return self._scopes.walk(stream, jobs, partly=partly)

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
            candidates = self._symbols.candidates(stream, self._scopes.named)
        except ExchangeFault as error:
            if (stream.data_type, stream.scope, "*") not in self._walked:
                self._walked.add((stream.data_type, stream.scope, "*"))
                self._parts.do(stream.data_type, stream.scope, stream.optional, raiser(error))
            return False
        first = not any(key[:2] == (stream.data_type, stream.scope) for key in self._walked)
        budget = self._budget(candidates) if first else 0
        if stream.data_type is DataType.FILLS:
            self._never_asked[stream.scope] = len(discovery.never_asked(candidates, states))
        chosen = discovery.due(
            candidates, states, self._now_ms, sweep_budget=budget, full=self._options.full
        )
        rested = [symbol for symbol, _ in chosen if self._due.rests(stream, states.get(symbol))]
        fresh = [
            (symbol, reason)
            for symbol, reason in chosen
            if (stream.data_type, stream.scope, symbol) not in self._walked
            and symbol not in rested
            and self._due.is_worth_it(stream, symbol, states.get(symbol), self._scopes.filled)
        ]
        if not fresh:
            if first and rested:
                self._parts.rest(stream.data_type, stream.scope, states[rested[0]].state)
            elif first:
                self._parts.do(stream.data_type, stream.scope, stream.optional, lambda: (0, 0))
            self._walked.add((stream.data_type, stream.scope, ""))
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
        self._walk(stream, jobs, partly=bool(rested))
        return True

    def _budget(self, candidates: discovery.Candidates) -> int:
        """How many symbols of the sweep are requested. Those that are requested again wait for the
        daily round, which takes its share of them."""
        budget = self._options.sweep_budget
        if not budget or not self._resting.is_round:
            return budget
        return max(budget, -(-len(candidates.rest) // discovery.REVISIT_EMPTY.days))


def _same(stream: StreamPolicy, data_type: DataType, scope: str) -> bool:
    return stream.data_type is data_type and stream.scope == scope
