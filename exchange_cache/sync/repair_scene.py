"""The cache as its repairs see it: runs whose clock was ahead, trustworthy times before them, and
what the exchanges still serve."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property

from exchange_cache.adapter.policy import StreamPolicy
from exchange_cache.cache.repairing import FaultyRow, RunTime
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamState
from exchange_cache.clock import from_ms, to_ms
from exchange_cache.ledger.coverage import Ranges
from exchange_cache.records import DataType, FillKind
from exchange_cache.sync.plan import retention_floor

#: The first block of Bitcoin, and a year that this program will not reach: times outside are
#: invalid.
FIRST_MS = to_ms(datetime(2009, 1, 3, tzinfo=UTC))
END_MS = to_ms(datetime(2100, 1, 1, tzinfo=UTC))
#: Clocks are often corrected by seconds; a stored time further ahead than this is in the future.
TOLERANCE_MS = 5 * 60_000
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
#: The key that notes the repairs which read every row: they run once.
SEARCHED = "repairs"
SEARCHES = 1
EVERYBODY = ""
#: Kinds of rows that only histories of their own data type have; orders have no kind.
_FROM_FILLS = frozenset({"", FillKind.TRADE, FillKind.LEVERAGED})


@dataclass(frozen=True, slots=True)
class Doubt:
    """A time whose coverage is doubtful: from a trustworthy moment (None: there is none) to the
    time that a clock claimed."""

    from_ms: int | None
    to_ms: int


class Scene:
    """The cache to repair, the present time, and the exchange of each account."""

    def __init__(
        self, repository: ExchangeCacheRepository, now: datetime, exchanges: Mapping[str, str]
    ) -> None:
        self.repository = repository
        self.store = repository.repairing
        self.now = now
        self.now_ms = to_ms(now)
        self._exchanges = exchanges

    @property
    def latest_ms(self) -> int:
        """The latest time that this machine may have stored; later ones are in the future."""
        return self.now_ms + TOLERANCE_MS

    @cached_property
    def runs(self) -> tuple[RunTime, ...]:
        return self.store.run_times()

    @cached_property
    def ahead(self) -> tuple[int, ...]:
        """The indexes of runs whose clock was ahead. Runs of several machines follow no one clock,
        so of a shared cache only those in the future are."""
        started = [run.started_ms for run in self.runs]
        if self._witness_ms is None:
            return runs_ahead(started, self.latest_ms)
        return tuple(place for place, at in enumerate(started) if at > self.latest_ms)

    @cached_property
    def clock_is_behind(self) -> bool:
        """Whether this machine's clock is, rather than that an earlier one was ahead: by times of
        the exchanges, or by the clock of the server that has what other machines stored."""
        newest = self.store.newest_event_ms(END_MS)
        return max(newest or 0, self._witness_ms or 0) > self.latest_ms

    @cached_property
    def _witness_ms(self) -> int | None:
        return self.repository.witness_ms()

    @cached_property
    def searched(self) -> bool:
        return self.repository.progress.memory(EVERYBODY).get(SEARCHED) == SEARCHES

    def trusted_ms(self, place: int) -> int | None:
        """A day before the last run with a correct clock before the one at ``place``; None where
        there is none."""
        before = [
            run.started_ms for index, run in enumerate(self.runs[:place]) if index not in self.ahead
        ]
        return before[-1] - DAY_MS if before else None

    @property
    def accounts(self) -> tuple[str, ...]:
        return tuple(self._exchanges)

    def exchange_of(self, account: str) -> str | None:
        return self._exchanges.get(account)

    def is_served(self, row: FaultyRow) -> bool:
        """Whether every history that may have brought a row is still read, and served that far."""
        keys = [state for state in self._states if may_bring(state, row)]
        return bool(keys) and all(
            self.stream_of(state) is not None
            and self.served_from(state, self.now_ms) < row.at_ms - HOUR_MS
            for state in keys
        )

    @cached_property
    def _states(self) -> tuple[StreamState, ...]:
        return self.repository.ledger.states()

    def served_from(self, state: StreamState, at_ms: int) -> int:
        """The oldest instant of a history that its exchange served at a moment; 0 where no limit is
        known."""
        stream = self.stream_of(state)
        return 0 if stream is None else retention_floor(stream, at_ms)

    def stream_of(self, state: StreamState) -> StreamPolicy | None:
        """The history in the policy of its exchange; None where none is read under its name."""
        from exchange_cache.exchanges import policy_for

        exchange = self._exchanges.get(state.key.account)
        streams = policy_for(exchange).streams if exchange is not None else ()
        named = (state.key.data_type, state.key.scope)
        return next((one for one in streams if (one.data_type, one.scope) == named), None)


def runs_ahead(started: list[int], latest_ms: int) -> tuple[int, ...]:
    """The indexes of runs whose clock was ahead: they started in the future, or after runs that
    followed them.

    The longest sequence of non-decreasing times is trusted; a run outside it that is later than its
    successor was ahead.
    """
    tails: list[int] = []  # the last place of the best sequence of each length
    before: list[int | None] = []
    for place, moment in enumerate(started):
        if moment > latest_ms:
            before.append(None)
            continue
        length = bisect_right([started[tail] for tail in tails], moment)
        before.append(tails[length - 1] if length else None)
        tails[length : length + 1] = [place]
    believed: set[int] = set()
    place_or_none = tails[-1] if tails else None
    while place_or_none is not None:
        believed.add(place_or_none)
        place_or_none = before[place_or_none]
    found, following = [], latest_ms
    for place in reversed(range(len(started))):
        if place in believed:
            following = started[place] + TOLERANCE_MS
        elif started[place] > following:
            found.append(place)
    return tuple(reversed(found))


def request_again(scene: Scene, faulty: Iterable[FaultyRow], around_ms: int | None = None) -> None:
    """Remove the coverage of the streams that may have the rows: around their times, or all that is
    still served."""
    rows = tuple(faulty)
    for state in scene.repository.ledger.states():
        own = [row for row in rows if may_bring(state, row)]
        if not own:
            continue
        floor = scene.served_from(state, scene.now_ms)
        spans = (
            [(floor, END_MS)]
            if around_ms is None
            else [(row.at_ms - around_ms, row.at_ms + around_ms) for row in own]
        )
        scene.repository.ledger.save_state(
            opened(state, Ranges.of(*spans).minus(Ranges.of((0, floor))))
        )


def may_bring(state: StreamState, row: FaultyRow) -> bool:
    """Whether a history may have a row; at some exchanges the histories of transfers also have
    converts."""
    key = state.key
    if key.account != row.account:
        return False
    if row.data_type is DataType.TRANSFERS:
        return key.data_type is DataType.TRANSFERS and key.scope == row.place
    if row.kind not in _FROM_FILLS and key.data_type is DataType.TRANSFERS:
        return True
    return key.data_type is row.data_type and key.symbol in ("", row.place)


def without(state: StreamState, doubt: Doubt, served_from_ms: int, latest_ms: int) -> StreamState:
    """A stream without the doubtful time; the same object where it claims none of it."""
    start = max(doubt.from_ms or 0, served_from_ms)
    covered = state.covered.minus(Ranges.of((start, doubt.to_ms)))
    is_open = state.open is not None and state.open.end_ms > max(start, latest_ms)
    if covered == state.covered and not is_open and not _later(state, latest_ms):
        return state
    return replace(
        state,
        covered=covered,
        open=None if is_open else state.open,
        cursor={} if is_open else state.cursor,
        floor_ms=state.floor_ms
        if doubt.from_ms is not None and (state.floor_ms or 0) <= doubt.from_ms
        else None,
        asked_ms=_at_most(state.asked_ms, doubt.from_ms),
        completed_ms=_at_most(state.completed_ms, doubt.from_ms),
        settled_ms=_at_most(state.settled_ms, doubt.from_ms),
    )


def _later(state: StreamState, latest_ms: int) -> bool:
    times = (state.asked_ms, state.completed_ms, state.settled_ms)
    return max(time or 0 for time in times) > latest_ms


def opened(state: StreamState, spans: Ranges) -> StreamState:
    """A stream whose coverage of some time is removed, so that it is requested again."""
    if not spans:
        return state
    start = spans.start_ms
    return replace(
        state,
        covered=state.covered.minus(spans),
        open=None,
        cursor={},
        last_id=None,
        completed_ms=_at_most(state.completed_ms, start),
        asked_ms=_at_most(state.asked_ms, start),
        floor_ms=None
        if state.floor_ms is None or start is None or state.floor_ms > start
        else state.floor_ms,
    )


def _at_most(moment: int | None, limit: int | None) -> int | None:
    return None if moment is None or limit is None else min(moment, limit)


def counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def accounts_of(names: Iterable[str]) -> str:
    return ", ".join(sorted(set(names)))


def moment_of(ms: int) -> str:
    return f"{from_ms(min(ms, END_MS)):%Y-%m-%d %H:%M} UTC"


def by_account(faulty: Iterable[FaultyRow]) -> str:
    counts = Counter((row.account, row.data_type) for row in faulty)
    named: dict[str, list[str]] = {}
    for (account, data_type), count in sorted(counts.items()):
        named.setdefault(account, []).append(
            counted(count, str(data_type).removesuffix("s"), str(data_type))
        )
    return "; ".join(f"{account}: {', '.join(own)}" for account, own in named.items())
