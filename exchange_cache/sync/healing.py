"""Contradictions between orders and fills heal themselves: the windows of what is missing are
requested again at the end of a run, by the next one, and then daily.

What is still missing then is noted for the findings. Called by the ledger run, when its histories
were walked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from exchange_cache.adapter.policy import ExchangePolicy, StreamPolicy
from exchange_cache.cache.doubts import Contradictions
from exchange_cache.cache.missing_fills import DoubtfulOrder
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamState
from exchange_cache.clock import Clock
from exchange_cache.ledger.coverage import Span
from exchange_cache.records import DataType
from exchange_cache.sync.crosscheck import (
    BEYOND_REPAIR,
    MISSING_FILLS,
    categories_of,
    life_of,
    placed_before,
    short_orders,
    summed,
    traded,
    undecided,
    unlisted_orders,
)
from exchange_cache.sync.plan import Window
from exchange_cache.sync.revisits import (
    REVISITS,
    Revisited,
    from_id,
    is_served,
    revisited,
    stored,
    walks_by_id,
    windows,
)

#: Requests windows of one history: the symbols (empty where it needs none) with their windows.
#: Whether all of them were read.
Ask = Callable[[StreamPolicy, list[tuple[str, tuple[Window, ...]]]], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Healing:
    """The contradictions of one account in one run. ``ask`` requests windows again; ``anew`` is
    False where the run has just requested everything."""

    account: str
    policy: ExchangePolicy
    repository: ExchangeCacheRepository
    clock: Clock
    now_ms: int
    ask: Ask
    anew: bool

    def run(self, only: frozenset[DataType], *, whole: bool) -> None:
        """Compare orders with fills (all where ``whole``, else where either changed or some were
        missing before), request again what is due, and note what stays missing."""
        memory = self.repository.progress.memory(self.account)
        known = revisited(memory)
        if whole or not self.repository.doubts.are_complete(self.account):
            self._compare_all()
        elif not (known or memory.get(MISSING_FILLS) or self.repository.doubts.any(self.account)):
            return
        left: dict[str, Revisited] = {}
        if DataType.FILLS in only:
            left |= self._heal(DataType.FILLS, self._short, known)
        if DataType.ORDERS in only:
            left |= self._heal(DataType.ORDERS, self._behind, known)
        kept = {name: item for name, item in known.items() if name.split(" ")[0] not in only}
        self._note(kept | left)
        found = self.repository.doubts.compare(self.account)
        self.repository.doubts.keep(self.account, self._open(found))

    def _compare_all(self) -> None:
        found = self.repository.doubts.compare_all(self.account, self.clock.now())
        self.repository.doubts.complete(self.account, self._open(found), self.clock.now())

    def _open(self, found: Contradictions) -> Iterator[DoubtfulOrder]:
        """The contradictions that the next runs compare again: those that should not be, and those
        of which this is not known yet."""
        yield from self._short_of(found)
        yield from found.behind
        yield from self._unlisted_of(found)
        yield from undecided((*found.beyond, *found.not_stored), self.now_ms)

    def _short(self) -> tuple[DoubtfulOrder, ...]:
        return self._short_of(self.repository.doubts.compare(self.account))

    def _behind(self) -> tuple[DoubtfulOrder, ...]:
        found = self.repository.doubts.compare(self.account)
        return (*found.behind, *map(placed_before, self._unlisted_of(found)))

    def _short_of(self, found: Contradictions) -> tuple[DoubtfulOrder, ...]:
        return short_orders(self.policy, self._states(), found.beyond, self.now_ms)

    def _unlisted_of(self, found: Contradictions) -> tuple[DoubtfulOrder, ...]:
        return unlisted_orders(self.policy, self._states(), found.not_stored)

    def _states(self) -> tuple[StreamState, ...]:
        return self.repository.ledger.states(self.account)

    def _heal(
        self,
        data_type: DataType,
        find: Callable[[], tuple[DoubtfulOrder, ...]],
        known: dict[str, Revisited],
    ) -> dict[str, Revisited]:
        """Request again what is due; the contradictions that are left, with how often that was
        done."""
        found, before = find(), dict(known)
        for category in sorted({order.category for order in found}):
            name = f"{data_type} {category}"
            past = known.get(name, Revisited())
            own = [order for order in found if order.category == category]
            if self.anew and past.is_due(self.now_ms) and self._again(data_type, own, past.times):
                before[name] = past.once_more(self.now_ms)
        left = {f"{data_type} {order.category}" for order in (find() if found else ())}
        return {name: before.get(name, Revisited()) for name in left}

    def _again(self, data_type: DataType, orders: list[DoubtfulOrder], turn: int) -> bool:
        """Request the lives of orders again in every history that should hold them; whether it
        could be read."""
        well = True
        for stream in traded(self.policy, data_type):
            own = [order for order in orders if order.category in categories_of(stream)]
            if own:
                well &= self.ask(stream, self._jobs(stream, own, turn))
        return well

    def _jobs(
        self, stream: StreamPolicy, orders: list[DoubtfulOrder], turn: int
    ) -> list[tuple[str, tuple[Window, ...]]]:
        symbols = sorted({order.symbol for order in orders}) if stream.needs_symbol else [""]
        jobs = []
        for symbol in symbols:
            own = [order for order in orders if symbol in ("", order.symbol)]
            if walks_by_id(stream):
                jobs.append((symbol, from_id(self._id_before(stream, symbol, own))))
            else:
                jobs.append((symbol, windows(stream, map(life_of, own), self.now_ms, turn=turn)))
        return jobs

    def _id_before(
        self, stream: StreamPolicy, symbol: str, orders: list[DoubtfulOrder]
    ) -> str | None:
        """The id of a row from before the first of the orders, behind which a walk by id begins.
        Orders are walked from their own: an order's id is smaller than those of later ones."""
        if stream.data_type is DataType.ORDERS:
            ids = [order.order_id for order in orders]
            return str(min(map(int, ids)) - 1) if all(one.isdigit() for one in ids) else None
        first_ms = min(order.created_ms for order in orders)
        found = self.repository.fill_before(self.account, stream.category, symbol, first_ms)
        return found if found is not None and found.isdigit() else None

    # --- what stays missing -----------------------------------------------------------------------

    def _note(self, left: dict[str, Revisited]) -> None:
        missing = self._short()
        served = {
            order.category for order in missing if self._is_served(order.category, life_of(order))
        }
        kept = {
            one.category: {
                "persistent": left.get(f"fills {one.category}", Revisited()).is_persistent,
                "served": one.category in served,
            }
            for one in summed(missing)
        }
        self.repository.progress.remember(
            self.account,
            {
                MISSING_FILLS: {one.category: one.words() for one in summed(missing)},
                BEYOND_REPAIR: kept,
                REVISITS: stored(left),
            },
            self.clock.now(),
        )

    def _is_served(self, category: str, span: Span) -> bool:
        streams: Iterable[StreamPolicy] = traded(self.policy, DataType.FILLS)
        return any(
            category in categories_of(one) and is_served(one, span, self.now_ms) for one in streams
        )
