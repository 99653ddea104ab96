"""Requests the first pages of windows before their walk gets there, so that several requests of one
account wait side by side.

A walk still reads its pages one after another and stores them in order: it only waits less. What
is requested ahead is what the walk is about to request, no more than the policy allows at once
(``Limits.at_once``). Pages that follow a page are requested by the walk itself. After a failure
nothing more is requested ahead, and a window of a history only once the history's first one was
read.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count, islice

from exchange_cache.adapter.policy import StreamPolicy
from exchange_cache.adapter.port import Cursor, ExchangePort, Page
from exchange_cache.ledger.coverage import Span
from exchange_cache.sync.plan import Window, retention_floor

#: A window that begins so near to the retention edge is cut when its walk begins.
EDGE_MS = 3_600_000


Key = tuple[object, ...]


@dataclass(slots=True, eq=False)
class _History:
    """A stream of one symbol ("": of all)."""

    stream: StreamPolicy
    symbol: str | None
    was_read: bool


@dataclass(slots=True, eq=False)
class _Asked:
    """A page that a walk is about to request, and its answer once it is requested."""

    history: _History
    window: Span | None
    cursor: Cursor
    number: int
    first: bool
    page: Future[Page] | None = None

    @property
    def key(self) -> Key:
        return _key(self.history.stream, self.history.symbol, self.window, self.cursor)


def _key(stream: StreamPolicy, symbol: str | None, window: Span | None, cursor: Cursor) -> Key:
    return (stream.data_type, stream.scope, symbol, window, repr(sorted(cursor.items())))


class Ahead:
    """The pages of one account's histories. ``now_ms``: the exchange's present time."""

    def __init__(self, port: ExchangePort, now_ms: Callable[[], int]) -> None:
        self.account = port.account
        self._port = port
        self._now_ms = now_ms
        self._most = port.policy.limits.at_once - 1  # beside the request of the walk itself
        self._numbers = count()
        self._queue: deque[_Asked] = deque()
        self._index: dict[Key, _Asked] = {}
        self._executor: ThreadPoolExecutor | None = None
        self._works = False  # whether the last page could be read

    def expect(
        self, stream: StreamPolicy, symbol: str, windows: Iterable[Window], *, read: bool = False
    ) -> None:
        """Announce the windows of a walk, after those announced before. ``read``: other windows of
        this history were read in this run."""
        if not self._most:
            return
        history = _History(stream, symbol or None, read)
        for place, window in enumerate(windows):
            number = next(self._numbers)
            one = _Asked(history, window.span, dict(window.cursor), number, first=place == 0)
            self._queue.append(one)
            self._index[one.key] = one

    def page(
        self, stream: StreamPolicy, symbol: str | None, window: Span | None, cursor: Cursor
    ) -> Page:
        """The page, from a request that was sent before or from one of now."""
        found = self._index.get(_key(stream, symbol, window, cursor))
        if found is not None:
            self._drop(found.number)
            found = found if found.history.stream == stream else None
        if self._works:
            self._send()
        self._works = False
        if found is None or found.page is None:
            page = self._port.page(stream, symbol, window, cursor)
        else:
            page = found.page.result()
        self._works = True
        if found is not None:
            found.history.was_read = True
        return page

    def close(self, *, wait: bool) -> None:
        """Request nothing more; ``wait`` for what was requested."""
        self._queue.clear()
        self._index.clear()
        if self._executor is not None:
            self._executor.shutdown(wait=wait, cancel_futures=True)
            self._executor = None

    def _drop(self, number: int) -> None:
        """Forget what was announced up to this number; the walk left out what was before it."""
        while self._queue and self._queue[0].number <= number:
            one = self._queue.popleft()
            if self._index.get(one.key) is one:
                del self._index[one.key]
            if one.number < number and one.page is not None:
                one.page.cancel()

    def _send(self) -> None:
        """Request as many of the announced pages as may wait at once."""
        near = [one for one in islice(self._queue, 3 * self._most) if self._may_be_sent(one)]
        sent = [one.page for one in near if one.page is not None]
        if any(page.done() and page.exception() is not None for page in sent):
            return
        room = self._most - sum(not page.done() for page in sent)
        for one in [one for one in near if one.page is None][: max(0, room)]:
            history = one.history
            one.page = self._pool().submit(
                self._port.page, history.stream, history.symbol, one.window, one.cursor
            )

    def _may_be_sent(self, one: _Asked) -> bool:
        stream = one.history.stream
        if one.window is not None and stream.retention is not None:
            edge_ms = retention_floor(stream, self._now_ms()) + EDGE_MS
            if one.window.start_ms < edge_ms:
                return False
        return one.first or one.history.was_read

    def _pool(self) -> ThreadPoolExecutor:
        if self._executor is None:
            self._executor = ThreadPoolExecutor(self._most, thread_name_prefix="ahead")
        return self._executor
