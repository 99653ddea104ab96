"""Which histories of an account are due, and from where each is read."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from exchange_cache.adapter.policy import ExchangePolicy, StreamPolicy
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamKey, StreamState
from exchange_cache.records import DataType
from exchange_cache.sync.plan import StreamPlan, plan_stream, rests, to_span_ms

#: A transfer on its way is asked about again for this long after it began.
PENDING_REACH = timedelta(days=30)
#: An order that vanished from the open list is looked for in its history for this long: canceled
#: ones are often not kept there.
UNSETTLED_REACH = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """What a run is asked to do. ``sweep_budget`` bounds the never-asked symbols per scope and
    run."""

    only: frozenset[DataType] = frozenset(DataType)
    full: bool = False
    force: bool = False
    sweep_budget: int = 100
    symbols: tuple[str, ...] = ()
    start_ms: int | None = None


class Due:
    """Judges the streams of one account by what the cache holds of them."""

    def __init__(
        self,
        repository: ExchangeCacheRepository,
        policy: ExchangePolicy,
        account: str,
        options: RunOptions,
        now_ms: int,
    ) -> None:
        self._repository = repository
        self._policy = policy
        self._account = account
        self._options = options
        self._now_ms = now_ms

    def of(
        self, streams: list[StreamPolicy]
    ) -> tuple[list[tuple[StreamPolicy, StreamPlan]], list[tuple[StreamPolicy, StreamState]]]:
        """What to ask of each stream, and the streams that rest with what was found of them."""
        states = self.states()
        due: list[tuple[StreamPolicy, StreamPlan]] = []
        resting: list[tuple[StreamPolicy, StreamState]] = []
        for stream in streams:
            state = states.get(stream_index(stream, "")) or self.blank(stream, "")
            plan = self.plan(stream, state)
            if not self._options.full and rests(stream, state, plan, self._now_ms):
                resting.append((stream, state))
            else:
                due.append((stream, plan))
        return due, resting

    def is_worth_it(
        self,
        stream: StreamPolicy,
        symbol: str,
        state: StreamState | None,
        filled: Collection[tuple[str, str]],
    ) -> bool:
        """Whether a dear request is worth it: not asked for long, new fills, an order whose end is
        not known, or a gap."""
        if (
            stream.at_most_every is None
            or self._options.full
            or state is None
            or state.completed_ms is None
        ):
            return True
        if state.state == "failed" or state.open is not None:
            return True
        rested = self._now_ms - state.completed_ms >= to_span_ms(stream.at_most_every)
        return (
            rested
            or (stream.category, symbol) in filled
            or self._unsettled(stream, symbol) is not None
        )

    def _unsettled(self, stream: StreamPolicy, symbol: str | None) -> int | None:
        """When the oldest order was made whose end is not known."""
        found = self._repository.ledger.oldest_unsettled_order(
            self._account,
            stream.category,
            symbol,
            listed=any(call.category == stream.category for call in self._policy.open_orders),
            since_ms=self._now_ms - to_span_ms(UNSETTLED_REACH),
        )
        return found[0] if found else None

    def plan(self, stream: StreamPolicy, state: StreamState) -> StreamPlan:
        revisit = None
        if stream.data_type is DataType.ORDERS or stream.of_orders:
            revisit = self._unsettled(stream, state.key.symbol or None)
        elif stream.data_type is DataType.TRANSFERS:
            since_ms = self._now_ms - to_span_ms(PENDING_REACH)
            revisit = self._repository.ledger.oldest_pending_transfer(
                self._account, stream.scope, since_ms
            )
        return plan_stream(stream, state, self._now_ms, full=self._options.full, revisit_ms=revisit)

    def states(self) -> dict[tuple[DataType, str, str], StreamState]:
        return {
            (state.key.data_type, state.key.scope, state.key.symbol): state
            for state in self._repository.ledger.states(self._account)
        }

    def blank(self, stream: StreamPolicy, symbol: str) -> StreamState:
        return StreamState(
            key=StreamKey(
                account=self._account, data_type=stream.data_type, scope=stream.scope, symbol=symbol
            )
        )


def stream_index(stream: StreamPolicy, symbol: str) -> tuple[DataType, str, str]:
    return (stream.data_type, stream.scope, symbol)
