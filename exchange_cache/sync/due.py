"""Which histories of an account are due, and from which time on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import NamedTuple

from exchange_cache.adapter.policy import ExchangePolicy, StreamPolicy
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamKey, StreamState
from exchange_cache.records import DataType
from exchange_cache.sync.plan import (
    StreamPlan,
    plan_stream,
    proven_floor,
    rests,
    to_span_ms,
    walks_whole_history,
)
from exchange_cache.sync.reasons import Why
from exchange_cache.sync.resting import Resting
from exchange_cache.sync.settling import reach_ms, settling_from

#: A pending transfer is requested again for this long after it started.
PENDING_REACH = timedelta(days=30)
#: An order that vanished from the open list is searched in its history for this long: exchanges
#: often do not keep canceled ones there.
UNSETTLED_REACH = timedelta(days=7)
#: An order that ended lately is asked for again if it was made within this time.
ENDED_REACH = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """The options of a run. ``sweep_budget`` limits the symbols of the sweep per scope and run.
    ``archives``: files are ordered that use up an allowance of the user's (True), or those that
    use up none (None), or none at all."""

    only: frozenset[DataType] = frozenset(DataType)
    full: bool = False
    force: bool = False
    sweep_budget: int = 100
    symbols: tuple[str, ...] = ()
    start_ms: int | None = None
    archives: bool | None = None


class Queue(NamedTuple):
    """Streams to read, with their plans; those that rest unless something moves; and those that no
    longer grow, with their states."""

    due: list[tuple[StreamPolicy, StreamPlan]]
    quiet: list[tuple[StreamPolicy, StreamPlan]]
    resting: list[tuple[StreamPolicy, StreamState]]


class Due:
    """Decides which streams of one account are due, by the state that the cache has of them, and
    by what may rest. ``notes``: what can no longer be confirmed is given up."""

    def __init__(
        self,
        repository: ExchangeCacheRepository,
        policy: ExchangePolicy,
        account: str,
        options: RunOptions,
        now_ms: int,
        resting: Resting | None = None,
        *,
        notes: bool = True,
    ) -> None:
        self._notes = notes
        self._resting = resting
        self._daily = resting is not None and resting.is_round
        self._repository = repository
        self._policy = policy
        self._account = account
        self._options = options
        self._now_ms = now_ms
        self._missed = repository.ledger.revisions.missed(account)

    def of(self, streams: list[StreamPolicy]) -> Queue:
        """The streams of the whole account by what is to be done with them."""
        states = self.states()
        due: list[tuple[StreamPolicy, StreamPlan]] = []
        quiet: list[tuple[StreamPolicy, StreamPlan]] = []
        resting: list[tuple[StreamPolicy, StreamState]] = []
        for stream in streams:
            state = states.get(stream_index(stream, "")) or self.blank(stream, "")
            plan = self.plan(stream, state)
            if not self._options.full and rests(stream, state, plan, self._now_ms):
                resting.append((stream, state))
            elif self.rests(stream, state):
                quiet.append((stream, plan))
            else:
                due.append((stream, plan))
        return Queue(due, quiet, resting)

    def rests(self, stream: StreamPolicy, state: StreamState | None) -> bool:
        """Whether nothing was seen to move that a history may report, and nothing is left to do."""
        return self.why(stream, state) is None

    def why(self, stream: StreamPolicy, state: StreamState | None) -> Why | None:
        """Why a history is requested; None: it rests."""
        if self._resting is None:
            return Why.EXPLICIT
        if state is None:
            return Why.NEWS if stream.needs_symbol else Why.FIRST
        return self._resting.why(stream, state, self._now_ms) or self._disorder(stream, state)

    def is_worth_it(
        self,
        stream: StreamPolicy,
        symbol: str,
        state: StreamState | None,
        filled: Collection[tuple[str, str]],
    ) -> bool:
        """Whether an expensive request is due: by age, by new fills, by an order whose outcome is
        unknown, or by a gap."""
        if (
            stream.at_most_every is None
            or self._options.full
            or state is None
            or state.completed_ms is None
        ):
            return True
        if state.state == "failed" or state.open is not None:
            return True
        # the daily round is the only run that requests it where nothing moves
        every_ms = to_span_ms(stream.at_most_every) // (2 if self._daily else 1)
        rested = self._now_ms - state.completed_ms >= every_ms
        return (
            rested
            or (stream.category, symbol) in filled
            or self._unsettled(stream, symbol) is not None
        )

    def _unsettled(self, stream: StreamPolicy, symbol: str | None) -> int | None:
        """When the oldest order without a known outcome was created."""
        found = self._repository.ledger.oldest_unsettled_order(
            self._account,
            stream.category,
            symbol,
            listed=any(call.category == stream.category for call in self._policy.open_orders),
            since_ms=self._now_ms - to_span_ms(UNSETTLED_REACH),
        )
        return found[0] if found else None

    def _disorder(self, stream: StreamPolicy, state: StreamState) -> Why | None:
        """Why more than new rows would be requested: something is missing, open or to be
        confirmed. Its settling time waits for the daily round."""
        if self._revisit(stream, state) is not None:
            return Why.PENDING if stream.data_type is DataType.TRANSFERS else Why.ORDER
        if self._missed_ms(stream, state) is not None:
            return Why.MISSED
        plan = plan_stream(stream, state, self._now_ms)
        return Why.GAP if plan.backfill or plan.rest else None

    def _revisit(self, stream: StreamPolicy, state: StreamState) -> int | None:
        """When the oldest row happened that the history is to report again: an order whose outcome
        is not known, a pending transfer."""
        if stream.data_type is DataType.ORDERS or stream.of_orders:
            return self._unsettled(stream, state.key.symbol or None)
        if stream.data_type is not DataType.TRANSFERS:
            return None
        since_ms = self._now_ms - to_span_ms(PENDING_REACH)
        return self._repository.ledger.oldest_pending_transfer(
            self._account, stream.scope, since_ms
        )

    def plan(self, stream: StreamPolicy, state: StreamState) -> StreamPlan:
        missed = self._missed_ms(stream, state)
        settling_ms = settling_from(stream, state, self._now_ms, missed, daily=self._daily)
        return plan_stream(
            stream,
            state,
            self._now_ms,
            full=self._options.full,
            revisit_ms=_oldest(
                self._revisit(stream, state), self._ended_ms(stream, state, settling_ms)
            ),
            missed_ms=missed,
            settling_id=self._settling_id(stream, state, settling_ms),
            daily=self._daily,
        )

    def _missed_ms(self, stream: StreamPolicy, state: StreamState) -> int | None:
        """When the oldest row happened that was missed, while it can be confirmed."""
        served_by = f"{stream.data_type}/{stream.scope}"
        place = (served_by, state.key.symbol)
        missed_ms = self._missed.get(place)
        provable_ms = proven_floor(stream, self._now_ms) + reach_ms(stream)
        if missed_ms is None or missed_ms >= provable_ms:
            return missed_ms
        if self._notes:
            self._repository.ledger.revisions.give_up(self._account, place, provable_ms)
        return None

    def _ended_ms(
        self, stream: StreamPolicy, state: StreamState, settling_ms: int | None
    ) -> int | None:
        """When the oldest order was made that ended in the settling time: it may still grow, and
        exchanges find orders by when they were made."""
        if stream.data_type is not DataType.ORDERS or settling_ms is None:
            return None
        return self._repository.ledger.oldest_order_ended_since(
            self._account,
            stream.category,
            state.key.symbol or None,
            since_ms=settling_ms,
            made_since_ms=self._now_ms - to_span_ms(ENDED_REACH),
        )

    def _settling_id(
        self, stream: StreamPolicy, state: StreamState, settling_ms: int | None
    ) -> str | None:
        if settling_ms is None or not walks_whole_history(stream):
            return None
        return self._repository.ledger.newest_id_before(state.key, stream.category, settling_ms)

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


def begun(stream: StreamPolicy, options: RunOptions) -> StreamPolicy:
    """The stream with the user's start of history, where it is later."""
    if options.start_ms is None:
        return stream
    return replace(stream, history_start_ms=max(options.start_ms, stream.history_start_ms))


def _oldest(*times_ms: int | None) -> int | None:
    return min((time for time in times_ms if time is not None), default=None)


def stream_index(stream: StreamPolicy, symbol: str) -> tuple[DataType, str, str]:
    return (stream.data_type, stream.scope, symbol)
