"""What is known of how an exchange without a reviewed policy serves its histories: observed at the
first sync, kept with its date, and observed again when ccxt or the policy changes, or an answer
contradicts it.

The questions and what follows from the answers are decided by ``adapter.observing``; here they are
asked, and the conclusion is kept in the memory of the account, one entry per history.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from exchange_cache.adapter import observing
from exchange_cache.adapter.ccxt_class import ccxt_version
from exchange_cache.adapter.fill_names import is_made, made_name
from exchange_cache.adapter.looks import NOTHING, Asked, Frame
from exchange_cache.adapter.observation import (
    REPEATED,
    REQUIRED,
    UNIQUE,
    Observation,
    followed,
    from_memory,
    policy_digest,
    to_memory,
)
from exchange_cache.adapter.observed_paging import REPEATED_IDS
from exchange_cache.adapter.policy import ObservedPaging, StreamPolicy
from exchange_cache.adapter.port import ExchangePort
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamState
from exchange_cache.clock import Clock, to_ms
from exchange_cache.errors import ExchangeFault, RateLimited, RequestRefused
from exchange_cache.ledger.coverage import Ranges
from exchange_cache.records import DataType, Fill
from exchange_cache.scope_names import scope_name
from exchange_cache.sync.plan import retention_floor, to_span_ms

#: What begins the key of an observation in the memory of an account.
KEY = "observed "
#: A history without rows shows nothing; it is looked at again after this time.
LOOK_AGAIN = timedelta(days=1)
#: So many symbols without rows are looked at thoroughly in a run; the others in two requests.
THOROUGH = 3


class Contradicted(RequestRefused):
    """A page shows something else than when the history was observed. ``repeated_ids``: that its
    rows share ids."""

    repeated_ids = False


def contradicted(stream: StreamPolicy, against: str, account: str) -> Contradicted:
    """The error for a page that shows ``against``."""
    said = (
        f"{scope_name(stream.scope)}: {against}, against what was observed;"
        " the next run observes it again"
    )
    error = Contradicted(said, account=account)
    error.repeated_ids = against == REPEATED_IDS
    return error


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A kept observation, and when it was made."""

    seen: Observation
    at_ms: int


def observe(
    port: ExchangePort,
    stream: StreamPolicy,
    symbol: str | None,
    now_ms: int,
    *,
    thorough: bool = True,
) -> tuple[Observation, int]:
    """Ask what shows how the exchange serves a history; the conclusion, and the requests made.

    Raises RequestRefused where every question is refused, and whatever concerns more than these.
    """
    frame = Frame(
        start_ms=retention_floor(stream, now_ms),
        now_ms=now_ms,
        limit=stream.page_size or 1,
        window_ms=None if stream.window is None else to_span_ms(stream.window),
        symbol=symbol is not None,
        thorough=thorough,
    )
    asked: Asked = NOTHING
    while (question := observing.next_question(frame, asked)) is not None:
        asked = asked.with_(question, port.look(stream, symbol, question))
    seen = observing.concluded(frame, asked)
    refusal = observing.refusal(asked)
    if refusal is not None and seen.symbol != REQUIRED:
        raise RequestRefused(refusal, account=port.account)
    return seen, len(asked.looks)


class Observations:
    """What one account's histories were observed to be like."""

    def __init__(
        self,
        port: ExchangePort,
        repository: ExchangeCacheRepository,
        clock: Clock,
        now_ms: int,
        *,
        fresh: bool = False,
    ) -> None:
        self._port = port
        self._repository = repository
        self._clock = clock
        self._now_ms = now_ms
        self._fresh = fresh
        self._made: set[str] = set()  # observed in this run
        self._empty: dict[str, int] = {}  # symbols of a history in which there was nothing
        self.requests = 0

    def followed(
        self, stream: StreamPolicy, symbol: str | None, *, new: bool = False
    ) -> StreamPolicy:
        """The stream, walked by what is known of it; observes it first where nothing is. ``new``:
        this symbol was never asked, so it may show what others could not."""
        if not isinstance(stream.paging, ObservedPaging):
            return stream
        known = self._known(stream)
        if known is None or self._is_due(stream, known, symbol, new):
            seen = self._observed(stream, symbol)
            self._keep(stream, seen)
        else:
            seen = known.seen
        return followed(stream, seen)

    def doubt(
        self, stream: StreamPolicy, *, found_rows: bool = False, repeated_ids: bool = False
    ) -> None:
        """An answer said otherwise, or brought rows where there was none to observe: the next run
        observes the history again. Ids that are shared once are never unique again."""
        observed = isinstance(stream.paging, ObservedPaging)
        known = _known(self._memory(stream)) if observed else None
        if known is not None and repeated_ids:
            self._keep(stream, replace(known.seen, ids=REPEATED))
        elif known is not None and (not found_rows or known.seen.is_blank):
            self._repository.progress.forget(self._port.account, key_of(stream))

    def _is_due(self, stream: StreamPolicy, known: Known, symbol: str | None, new: bool) -> bool:
        if known.seen.symbol == REQUIRED and symbol is None:
            return False
        if self._fresh and key_of(stream) not in self._made:
            return True
        rested = self._now_ms - known.at_ms >= to_span_ms(LOOK_AGAIN)
        return known.seen.is_blank and (new or rested)

    def _observed(self, stream: StreamPolicy, symbol: str | None) -> Observation:
        key = key_of(stream)
        looked = self._empty.get(key, 0)
        seen, requests = observe(
            self._port, stream, symbol, self._now_ms, thorough=looked < THOROUGH
        )
        self.requests += requests
        if symbol is not None or seen.symbol != REQUIRED:
            self._made.add(key)
        if seen.is_blank:
            self._empty[key] = looked + 1
        before = _known(self._memory(stream))
        if before is not None and before.seen.ids == REPEATED and seen.ids == UNIQUE:
            seen = replace(seen, ids=REPEATED)
        needless = symbol is not None and not stream.needs_symbol
        return replace(seen, symbol=REQUIRED) if needless else seen

    def _known(self, stream: StreamPolicy) -> Known | None:
        """What was kept under this ccxt and this policy."""
        found = self._memory(stream)
        return _known(found) if _is_current(found, stream) else None

    def _memory(self, stream: StreamPolicy) -> object:
        return self._repository.progress.memory(self._port.account).get(key_of(stream))

    def _keep(self, stream: StreamPolicy, seen: Observation) -> None:
        """Keep what was seen. Where it leads another way than before, what an earlier walk covered
        is asked again: rows stay, statements about them do not. Fills that were stored under ids
        that they share get ids of their own."""
        before = _known(self._memory(stream))
        if seen.ids == REPEATED and stream.data_type is DataType.FILLS and not stream.of_orders:
            self._repository.rename_fills(self._port.account, stream.category, _own_name)
        if before is None or _way(stream, before.seen) != _way(stream, seen):
            for state in self._repository.ledger.states(self._port.account, stream.data_type):
                if state.key.scope == stream.scope and (state.covered or state.open is not None):
                    self._repository.ledger.save_state(_uncovered(state))
        memory = {
            "ccxt": ccxt_version(),
            "policy": policy_digest(stream),
            "at_ms": self._now_ms,
            "seen": to_memory(seen),
        }
        self._repository.progress.remember(
            self._port.account, {key_of(stream): memory}, self._clock.now()
        )


def observe_all(
    port: ExchangePort, repository: ExchangeCacheRepository, clock: Clock
) -> dict[str, Observation]:
    """What is known of every history of an account; observed now where nothing is. One that cannot
    be observed is left out (the check of its read says why), and so is one that is asked by symbol
    where no symbol was traded."""
    now_ms = to_ms(clock.now())
    made = Observations(port, repository, clock, now_ms)
    found: dict[str, Observation] = {}
    for stream in port.policy.streams:
        traded = sorted(repository.ledger.seen_symbols(port.account, stream.category))
        if not isinstance(stream.paging, ObservedPaging) or (stream.needs_symbol and not traded):
            continue
        try:
            made.followed(stream, traded[0] if stream.needs_symbol else None)
        except RateLimited:
            raise
        except ExchangeFault:
            continue
        known = _known(repository.progress.memory(port.account).get(key_of(stream)))
        if known is not None:
            found[f"{stream.data_type} {stream.scope}"] = known.seen
    return found


def key_of(stream: StreamPolicy) -> str:
    """Where the observation of a history is kept."""
    return f"{KEY}{stream.data_type} {stream.scope}"


def kept(memory: Mapping[str, object]) -> dict[tuple[DataType, str], Known]:
    """The observations in the memory of an account, by data type and scope."""
    found: dict[tuple[DataType, str], Known] = {}
    for key, value in memory.items():
        if key.startswith(KEY):
            data_type, _, scope = key.removeprefix(KEY).partition(" ")
            known = _known(value)
            if known is not None:
                found[DataType(data_type), scope] = known
    return found


def _known(found: object) -> Known | None:
    """A kept observation; None where another version wrote it, or nothing is kept."""
    if not isinstance(found, dict):
        return None
    try:
        return Known(seen=from_memory(found["seen"]), at_ms=int(found["at_ms"]))
    except (ValueError, KeyError, TypeError):
        return None


def _is_current(found: object, stream: StreamPolicy) -> bool:
    if not isinstance(found, dict):
        return False
    return found.get("ccxt") == ccxt_version() and found.get("policy") == policy_digest(stream)


def _own_name(fill: Fill) -> str | None:
    return None if is_made(fill.fill_id) else made_name(fill)


def _way(stream: StreamPolicy, seen: Observation) -> str:
    """What of an observation decides whether a walk reaches every row."""
    way = followed(stream, seen)
    words = (
        way.bounds.start,
        way.bounds.end,
        str(way.grade),
        way.newest_rows is None,
        seen.order,
        seen.ids == REPEATED,
    )
    return json.dumps([*words, None if way.window is None else to_span_ms(way.window)])


def _uncovered(state: StreamState) -> StreamState:
    return replace(
        state,
        covered=Ranges(),
        open=None,
        cursor={},
        floor_ms=None,
        completed_ms=None,
        grade=None,
    )
