"""Compares orders with fills: the amount that an order reports as filled must be stored as fills.

This reveals errors of a policy (windows, pages, retention). Only orders in time that the fills of
their category cover count; other findings report what is out of retention or was never requested.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from exchange_cache.adapter.policy import ExchangePolicy, StreamPolicy
from exchange_cache.cache.missing_fills import DoubtfulOrder
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamState
from exchange_cache.clock import from_ms
from exchange_cache.ledger.coverage import Ranges, Span
from exchange_cache.records import DataType, FillKind
from exchange_cache.sync.plan import to_span_ms
from exchange_cache.sync.settling import SEVERAL_TIMES, serves_all

#: The key of the last check's result.
MISSING_FILLS = "orders_without_fills"
#: Where the account's memory keeps, per category, whether requesting these fills again was in vain,
#: and whether the exchange still serves them.
BEYOND_REPAIR = "orders_without_fills_kept"
#: Fills may be listed a little later than their order.
SETTLING = timedelta(hours=1)
#: Until all orders are compared again, each run compares those that ended within this time.
YOUNG = timedelta(days=2)
_EXAMPLES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingFills:
    """Orders of one category whose fills are not all stored."""

    category: str
    count: int
    first_ms: int
    last_ms: int
    examples: tuple[str, ...]

    def words(self) -> str:
        orders, their = (
            ("1 order was", "its") if self.count == 1 else (f"{self.count} orders were", "their")
        )
        days = f"{from_ms(self.first_ms):%Y-%m-%d}"
        if self.last_ms - self.first_ms >= 86_400_000:
            days += f" … {from_ms(self.last_ms):%Y-%m-%d}"
        named = ", ".join(self.examples) + (" …" if self.count > len(self.examples) else "")
        return (
            f"{self.category}: {orders} filled ({days}), but {their} fills are not all stored:"
            f" {named}"
        )


def orders_without_fills(
    policy: ExchangePolicy, repository: ExchangeCacheRepository, account: str, now_ms: int
) -> tuple[MissingFills, ...]:
    """Per category the orders that report a larger filled amount than the stored fills."""
    states = repository.ledger.states(account)
    return summed(short_orders(policy, states, repository.orders_beyond_fills(account), now_ms))


def short_orders(
    policy: ExchangePolicy,
    states: Iterable[StreamState],
    beyond: Iterable[DoubtfulOrder],
    now_ms: int,
) -> tuple[DoubtfulOrder, ...]:
    """The orders that report a larger filled amount than their stored fills, which should be
    there."""
    covered = _covered(traded(policy, DataType.FILLS), states)
    until_ms = now_ms - to_span_ms(SETTLING)
    return tuple(order for order in beyond if _is_due(order, covered, until_ms))


def unlisted_orders(
    policy: ExchangePolicy, states: Iterable[StreamState], not_stored: Iterable[DoubtfulOrder]
) -> tuple[DoubtfulOrder, ...]:
    """The orders that fills name and no order history listed, though one that lists all was read
    at the time of their fills."""
    streams = [stream for stream in traded(policy, DataType.ORDERS) if serves_all(stream)]
    covered = _covered(streams, states)
    until_ms = to_span_ms(timedelta.max)
    return tuple(order for order in not_stored if _is_due(order, covered, until_ms))


def placed_before(order: DoubtfulOrder) -> DoubtfulOrder:
    """An order that only its fills name, as created up to a day before them."""
    return replace(order, created_ms=order.created_ms - to_span_ms(SEVERAL_TIMES))


def undecided(orders: Iterable[DoubtfulOrder], now_ms: int) -> Iterator[DoubtfulOrder]:
    """The orders whose time may still be covered by the next runs; that of older ones is covered
    by a backfill at most, after which all orders are compared."""
    since_ms = now_ms - to_span_ms(YOUNG)
    return (order for order in orders if _last_ms(order) >= since_ms)


def traded(policy: ExchangePolicy, data_type: DataType) -> tuple[StreamPolicy, ...]:
    """The histories of executed orders, or of the orders themselves."""
    return tuple(
        stream
        for stream in policy.streams
        if stream.data_type is data_type and stream.fill_kind is FillKind.TRADE
    )


def summed(short: Sequence[DoubtfulOrder]) -> tuple[MissingFills, ...]:
    """Doubtful orders in one verdict per category."""
    return tuple(
        _summed(category, short) for category in sorted({order.category for order in short})
    )


def categories_of(stream: StreamPolicy) -> frozenset[str]:
    """The categories whose rows a history of executed orders may hold."""
    more = {"linear", "inverse"} if stream.mixed else set()
    return frozenset({stream.category, *stream.also, *more})


def life_of(order: DoubtfulOrder) -> Span:
    """From an order's creation to some time after its last change, when its fills were listed."""
    return Span(order.created_ms, _last_ms(order) + to_span_ms(SETTLING))


def _last_ms(order: DoubtfulOrder) -> int:
    return max(order.created_ms, order.updated_ms or order.created_ms)


def _covered(
    streams: Iterable[StreamPolicy], states: Iterable[StreamState]
) -> dict[tuple[str, str], Ranges]:
    """The covered time of (category, symbol); the symbol is empty where one history has all of a
    category."""
    by_scope = {(stream.data_type, stream.scope): stream for stream in streams}
    found: dict[tuple[str, str], Ranges] = {}
    for state in states:
        stream = by_scope.get((state.key.data_type, state.key.scope))
        for category in categories_of(stream) if stream is not None else ():
            place = (category, state.key.symbol)
            found[place] = found.get(place, Ranges()).plus(state.covered)
    return found


def _is_due(order: DoubtfulOrder, covered: dict[tuple[str, str], Ranges], until_ms: int) -> bool:
    """Whether all fills of an order should be stored: covered time contains its whole life, and it
    ended before ``until_ms``."""
    first, last = order.created_ms, _last_ms(order)
    if last > until_ms:
        return False
    ranges = [covered.get((order.category, symbol)) for symbol in (order.symbol, "")]
    return any(
        span.start_ms <= first and last < span.end_ms
        for found in ranges
        if found is not None
        for span in found.spans
    )


def _summed(category: str, orders: Iterable[DoubtfulOrder]) -> MissingFills:
    own = sorted(
        (order for order in orders if order.category == category),
        key=lambda order: order.created_ms,
    )
    return MissingFills(
        category=category,
        count=len(own),
        first_ms=own[0].created_ms,
        last_ms=own[-1].created_ms,
        examples=tuple(f"{order.symbol} {order.order_id}" for order in own[:_EXAMPLES]),
    )
