"""Compares orders with fills: the amount that an order reports as filled must be stored as fills.

This reveals errors of a policy (windows, pages, retention). Only orders in time that the fills of
their category cover count; other findings report what is out of retention or was never requested.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from exchange_cache.adapter.policy import ExchangePolicy, StreamPolicy
from exchange_cache.cache.missing_fills import ShortOrder
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamState
from exchange_cache.clock import from_ms
from exchange_cache.ledger.coverage import Ranges
from exchange_cache.records import DataType, FillKind

#: The key of the last check's result.
MISSING_FILLS = "orders_without_fills"
#: Fills may be listed a little later than their order.
SETTLING = timedelta(hours=1)
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
    streams = [
        stream
        for stream in policy.streams
        if stream.data_type is DataType.FILLS and stream.fill_kind is FillKind.TRADE
    ]
    covered = _covered(streams, repository.ledger.states(account))
    until_ms = now_ms - SETTLING // timedelta(milliseconds=1)
    short = [
        order
        for order in repository.orders_beyond_fills(account)
        if _is_due(order, covered, until_ms)
    ]
    return tuple(
        _summed(category, short) for category in sorted({order.category for order in short})
    )


def _covered(
    streams: Iterable[StreamPolicy], states: Iterable[StreamState]
) -> dict[tuple[str, str], Ranges]:
    """The covered time of (category, symbol); the symbol is empty where one history has all of a
    category."""
    by_scope = {stream.scope: stream for stream in streams}
    found: dict[tuple[str, str], Ranges] = {}
    for state in states:
        stream = by_scope.get(state.key.scope) if state.key.data_type is DataType.FILLS else None
        for category in _categories(stream):
            place = (category, state.key.symbol)
            found[place] = found.get(place, Ranges()).plus(state.covered)
    return found


def _categories(stream: StreamPolicy | None) -> Iterator[str]:
    if stream is None:
        return
    yield stream.category
    yield from stream.also
    if stream.mixed:
        yield from {"linear", "inverse"} - {stream.category, *stream.also}


def _is_due(order: ShortOrder, covered: dict[tuple[str, str], Ranges], until_ms: int) -> bool:
    """Whether all fills of an order should be stored: covered time contains its whole life, and it
    ended before ``until_ms``."""
    first, last = order.created_ms, max(order.created_ms, order.updated_ms or order.created_ms)
    if last > until_ms:
        return False
    ranges = [covered.get((order.category, symbol)) for symbol in (order.symbol, "")]
    return any(
        span.start_ms <= first and last < span.end_ms
        for found in ranges
        if found is not None
        for span in found.spans
    )


def _summed(category: str, orders: Iterable[ShortOrder]) -> MissingFills:
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
