"""How each history of an account is walked: as its reviewed policy says, or by what is observed of
the exchange, which is asked first where nothing is known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from exchange_cache.adapter.policy import ObservedPaging, StreamPolicy
from exchange_cache.adapter.port import ExchangePort
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamKey, StreamState
from exchange_cache.clock import Clock
from exchange_cache.errors import ExchangeFault
from exchange_cache.sync.due import Due
from exchange_cache.sync.history import Walk
from exchange_cache.sync.observations import Contradicted, Observations
from exchange_cache.sync.parts import Parts
from exchange_cache.sync.plan import StreamPlan, Window
from exchange_cache.sync.verdicts import raiser, stream_state


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What one walk of a scope covers: the windows of a symbol ("": of all). ``last``: no other
    walk follows in this history. ``windows`` None: they are planned when the walk begins, by what
    is then known of how the exchange serves the history. ``again``: the windows are of another
    walk, so only the way is to be found."""

    symbol: str
    windows: tuple[Window, ...] | None = None
    floor_ms: int = 0
    last: bool = True
    again: bool = False

    @property
    def size(self) -> int:
        return 1 if self.windows is None else len(self.windows)


def job_of(symbol: str, plan: StreamPlan) -> Job:
    """All that a plan has for a symbol."""
    return Job(symbol=symbol, windows=plan.windows, floor_ms=plan.floor_ms, last=not plan.rest)


class Ways:
    """Decides for one account how its histories are walked."""

    def __init__(
        self,
        port: ExchangePort,
        repository: ExchangeCacheRepository,
        clock: Clock,
        parts: Parts,
        due: Due,
        now_ms: int,
        *,
        fresh: bool,
    ) -> None:
        self._port = port
        self._repository = repository
        self._clock = clock
        self._parts = parts
        self._due = due
        self._observations = Observations(port, repository, clock, now_ms, fresh=fresh)

    def split(
        self, streams: Iterable[StreamPolicy]
    ) -> tuple[list[StreamPolicy], list[StreamPolicy]]:
        """The streams of the whole account, each as it is to be walked, and those that are asked
        symbol by symbol. One that could not be observed is noted as failed, and left out."""
        whole, per_symbol = [], []
        for stream in streams:
            way = stream if stream.needs_symbol else self._whole(stream)
            if way is not None and way.needs_symbol:
                per_symbol.append(stream)
            elif way is not None:
                whole.append(way)
        return whole, per_symbol

    def job(self, stream: StreamPolicy, symbol: str, state: StreamState | None) -> Job:
        """What is to be asked of a symbol; of one to be observed, only that it is."""
        if isinstance(stream.paging, ObservedPaging):
            return Job(symbol=symbol)
        return job_of(symbol, self._due.plan(stream, state or self._due.blank(stream, symbol)))

    def ready(self, stream: StreamPolicy, job: Job) -> tuple[StreamPolicy, Job]:
        """How to walk, and the windows, planned now where an observation decides them."""
        if job.again and isinstance(stream.paging, ObservedPaging):
            return self._observed(stream, job.symbol), job
        if job.windows is not None:
            return stream, job
        way = replace(self._observed(stream, job.symbol), needs_symbol=True)
        return way, job_of(job.symbol, self._due.plan(way, self.state(stream, job.symbol)))

    def judge(self, stream: StreamPolicy, walk: Walk) -> None:
        """Doubt an observation that a walk contradicts, or that had no row to rest on."""
        contradicted = [one for one in walk.failures if isinstance(one, Contradicted)]
        if contradicted:
            repeated = any(one.repeated_ids for one in contradicted)
            self._observations.doubt(stream, repeated_ids=repeated)
        elif walk.tally.new_rows:
            self._observations.doubt(stream, found_rows=True)

    def state(self, stream: StreamPolicy, symbol: str) -> StreamState:
        """How far a history is stored."""
        key = StreamKey(
            account=self._port.account,
            data_type=stream.data_type,
            scope=stream.scope,
            symbol=symbol,
        )
        return self._repository.ledger.state(key)

    def _whole(self, stream: StreamPolicy) -> StreamPolicy | None:
        try:
            return self._observed(stream, "")
        except ExchangeFault as fault:
            error = fault
        walk = Walk(
            self._port, self._repository.ledger, self._clock, stream, self.state(stream, "")
        )
        walk.fail(stream_state(error), error.message)
        self._parts.do(stream.data_type, stream.scope, stream.optional, raiser(error), counted=True)
        return None

    def _observed(self, stream: StreamPolicy, symbol: str) -> StreamPolicy:
        before = self._observations.requests
        new = self.state(stream, symbol).completed_ms is None
        try:
            return self._observations.followed(stream, symbol or None, new=new)
        finally:
            self._parts.requests += self._observations.requests - before
