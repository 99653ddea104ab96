"""An empty answer for time that was never read before is believed when it comes twice.

Nothing else would notice that it was wrong: the window counts as covered, and behind the settling
time it is never requested again. The head of a later run is believed at once, because the settling
time is walked again daily.

Where a history has had no row at all, one of its windows is doubted, the first, in each of its
targets. Of histories per symbol none is, because most symbols were never traded; orders and fills
are compared with each other. Where the paging is only observed, the observations say what an answer
proves.
"""

from __future__ import annotations

from exchange_cache.adapter.policy import ObservedPaging, StreamPolicy
from exchange_cache.adapter.port import Cursor, Page, Pages
from exchange_cache.cache.streams import StreamState
from exchange_cache.ledger.coverage import Span
from exchange_cache.sync.settling import is_new


def believable_page(
    port: Pages,
    policy: StreamPolicy,
    state: StreamState,
    span: Span | None,
    cursor: Cursor,
) -> tuple[Page, int]:
    """The page, and how many requests it took."""
    symbol = state.key.symbol or None
    page = port.page(policy, symbol, span, cursor)
    if span is None or not _is_empty(page, cursor) or not _is_doubted(policy, state, span, cursor):
        return page, 1
    return port.page(policy, symbol, span, cursor), 2


def _is_empty(page: Page, cursor: Cursor) -> bool:
    """Whether a window, or one target of a history that is requested once per target, has no row on
    its first page."""
    if page.row_count or page.contradiction is not None:
        return False
    return "inner" not in cursor if "at" in cursor else not cursor and page.next is None


def _is_doubted(policy: StreamPolicy, state: StreamState, span: Span, cursor: Cursor) -> bool:
    if state.covered.contains(span.start_ms) or isinstance(policy.paging, ObservedPaging):
        return False
    first = "at" in cursor or (is_new(state) and not policy.needs_symbol)
    return first or state.rows > 0
