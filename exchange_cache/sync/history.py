"""Walks a history: fetches one page (without an open transaction), writes its rows together with
the progress, and continues. A walk can resume after any page.

A window that cannot be read does not stop the others: it is halved until the unreadable part is
narrow. That part stays a gap, which the next run requests again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from exchange_cache.adapter.policy import StreamPolicy
from exchange_cache.adapter.port import Cursor, Page, Pages
from exchange_cache.cache.ledger import Ledger
from exchange_cache.cache.streams import StreamState
from exchange_cache.clock import Clock, to_ms
from exchange_cache.errors import (
    BadResponse,
    ExchangeFault,
    Interrupted,
    NotOffered,
    OutOfRetention,
    ProxyFailed,
    RequestRefused,
    SymbolUnknown,
)
from exchange_cache.ledger.coverage import Ranges, Span
from exchange_cache.scope_names import scope_name
from exchange_cache.sync.emptiness import believable_page
from exchange_cache.sync.observations import contradicted
from exchange_cache.sync.plan import Window, halves, proven_floor, retention_floor
from exchange_cache.sync.received import oldest_ms, received
from exchange_cache.sync.settled import Settling
from exchange_cache.sync.settling import is_new
from exchange_cache.sync.tally import Streak, Tally

#: More pages than a window can have: a guard against a cursor that never ends.
MAX_PAGES = 100_000
#: A window that cannot be read is not halved below this length.
NARROWEST_MS = 3_600_000
#: After so many failures in a row windows are no longer halved; after more than so many the walk
#: ends, because everything seems to fail.
NO_CUT_AFTER = 8
NO_WINDOW_AFTER = 25


class _Endless(BadResponse):
    """The pages of a window never end; those of its halves would not end either."""


class Walk:
    """The walk of one stream of one account; ``state`` always equals the state in the cache."""

    def __init__(
        self,
        port: Pages,
        ledger: Ledger,
        clock: Clock,
        policy: StreamPolicy,
        state: StreamState,
        *,
        stop: Callable[[], bool] = lambda: False,
        on_page: Callable[[Tally], None] = lambda tally: None,
        refresh: bool = False,
        streak: Streak | None = None,
    ) -> None:
        self._port = port
        self._ledger = ledger
        self._clock = clock
        self._policy = policy
        self._stop = stop
        self._on_page = on_page
        self._refresh = refresh
        self._cut_ms = 0  # the oldest row of a window with as many rows as the exchange serves
        self._streak = streak or Streak()
        self._settling = Settling(ledger, clock, policy, state.key)
        self.state = state
        self.failures: list[ExchangeFault] = []
        self.tally = Tally()
        self.symbols: set[str] = set()

    def run(self, windows: Iterable[Window], now_ms: int) -> None:
        """Cover the windows in order. ``failures`` lists those that failed; after the last window
        the first failure is raised.

        Raises at once: Interrupted, between pages; and errors that concern more than a window
        (exchange down, key refused, symbol unknown).
        """
        for window in windows:
            self._settling.begin(window)
            known = len(self.failures)
            self._cover(window, now_ms)
            self._settling.close(whole=len(self.failures) == known)
            self.tally.windows += 1
        if self._settling.end():
            self._save(replace(self.state, settled_ms=now_ms))
        if self.failures:
            raise self.failures[0]

    def finish(self, floor_ms: int, now_ms: int) -> None:
        """Store that every planned window succeeded, and how far back the exchange served."""
        served = max(floor_ms, proven_floor(self._policy, now_ms), self._cut_ms)
        self._save(
            replace(
                self.state,
                floor_ms=None if self._policy.brings_forward else served,
                history_start_ms=self._policy.history_start_ms,
                completed_ms=now_ms,
                state="ok",
                error=None,
            )
        )

    def fail(
        self,
        state: str,
        error: str | None,
        *,
        completed_ms: int | None = None,
        floor_ms: int | None = None,
    ) -> None:
        """Store why the walk failed; coverage and cursor stay, so that the next run continues.

        ``completed_ms``: the answer is final (the exchange does not know the symbol), so nothing is
        left to request. ``floor_ms``: all windows down to it were requested, so uncovered time is a
        gap.
        """
        done = self.state.completed_ms if completed_ms is None else completed_ms
        failed = replace(
            self.state,
            state=state,
            error=error,
            asked_ms=to_ms(self._clock.now()),
            completed_ms=done,
        )
        if floor_ms is not None:
            failed = replace(
                failed, floor_ms=floor_ms, history_start_ms=self._policy.history_start_ms
            )
        self._save(failed)

    def _cover(self, window: Window, now_ms: int) -> None:
        todo: list[tuple[Span | None, Cursor]] = [(window.span, window.cursor)]
        resumed = window.resumed
        while todo:
            span, cursor = todo.pop()
            served = self._still_served(span)
            if served is None and span is not None:
                continue  # the retention edge passed it while other windows were read
            if served != span:
                span, cursor = served, {}
            try:
                split = self._exhaust_or_restart(span, cursor, now_ms, resumed=resumed)
            except (RequestRefused, BadResponse) as error:
                split = self._cut_or_leave(span, error, now_ms)
            resumed = False
            if split is not None:
                todo.extend([(split[0], {}), (split[1], {})])

    def _exhaust_or_restart(
        self, span: Span | None, cursor: Cursor, now_ms: int, *, resumed: bool
    ) -> tuple[Span, Span] | None:
        try:
            return self._exhaust(span, cursor, now_ms)
        except (RequestRefused, BadResponse) as error:
            if not resumed or isinstance(error, OutOfRetention):
                raise
        return self._exhaust(
            span, self._restart_cursor(span), now_ms
        )  # a cursor may not outlive its process

    def _cut_or_leave(
        self, span: Span | None, error: ExchangeFault, now_ms: int
    ) -> tuple[Span, Span] | None:
        """The halves of a window that failed, or None: it stays a gap. Raises an error that
        concerns more than this window."""
        edge = proven_floor(self._policy, now_ms)
        if span is not None and span.start_ms < edge and self._is_an_answer(error):
            return (
                None
                if span.end_ms <= edge
                else (Span(span.start_ms, edge), Span(edge, span.end_ms))
            )
        self._streak.failures += 1
        if span is None or isinstance(error, SymbolUnknown | NotOffered | ProxyFailed):
            raise error
        bounds = self._policy.bounds
        bounded = bounds.start is not None and bounds.end is not None
        unreadable = isinstance(error, BadResponse) and not isinstance(error, _Endless)
        if (
            unreadable
            and bounded
            and span.length_ms > NARROWEST_MS
            and self._streak.failures < NO_CUT_AFTER
        ):
            return halves(span)
        self.failures.append(error)
        if self._streak.failures > NO_WINDOW_AFTER:
            raise self.failures[0]
        return None

    def _is_an_answer(self, error: ExchangeFault) -> bool:
        """Whether a refusal shows where a history begins: the time is before the proven one, and
        nothing else was refused."""
        refused = isinstance(error, RequestRefused) and not isinstance(
            error, SymbolUnknown | NotOffered
        )
        return refused and self._policy.proven is not None and not self.failures

    def _still_served(self, span: Span | None) -> Span | None:
        """The part of a window that the exchange serves now; the retention edge moves during a long
        run."""
        if span is None:
            return None
        start = max(span.start_ms, retention_floor(self._policy, to_ms(self._clock.now())))
        return Span(start, span.end_ms) if start < span.end_ms else None

    def _restart_cursor(self, span: Span | None) -> Cursor:
        if span is None and self.state.last_id is not None:
            return {"last_id": self.state.last_id}
        return {}

    def _exhaust(self, span: Span | None, cursor: Cursor, now_ms: int) -> tuple[Span, Span] | None:
        """Read all pages of one window; returns its halves where one page cannot prove that it has
        every row."""
        self.tally.until_ms = None if span is None else span.end_ms
        for _ in range(MAX_PAGES):
            if self._stop():
                raise Interrupted(
                    "stopped between two pages; what was fetched is saved",
                    account=self._port.account,
                )
            page, requests = believable_page(self._port, self._policy, self.state, span, cursor)
            self.tally.requests += requests
            self._cut_ms = max(self._cut_ms, page.cut_ms or 0)
            if page.contradiction is not None:
                self._write(page, replace(self.state, asked_ms=now_ms))
                raise contradicted(self._policy, page.contradiction, self._port.account)
            if page.too_full and span is not None:
                self._write(page, replace(self.state, asked_ms=now_ms))
                if span.length_ms < 2:
                    raise BadResponse(
                        f"{scope_name(self._policy.scope)}: more rows in one millisecond"
                        f" ({span.start_ms}) than a page can hold",
                        account=self._port.account,
                    )
                return halves(span)
            page = self._counted(page, cursor)
            self._write(page, self._advanced(span, page, cursor, now_ms))
            if page.next is None:
                return None
            cursor = page.next
        raise _Endless(
            f"{scope_name(self._policy.scope)}: the pages never end", account=self._port.account
        )

    def _counted(self, page: Page, cursor: Cursor) -> Page:
        """The page; where the number of rows is limited, its cursor also has the window's row count
        and oldest time."""
        if self._policy.newest_rows is None or page.next is None:
            return page
        return replace(
            page,
            next={
                **page.next,
                "brought": received(page, cursor),
                "oldest": oldest_ms(page, cursor),
            },
        )

    def _advanced(self, span: Span | None, page: Page, cursor: Cursor, now_ms: int) -> StreamState:
        """The stream's state after a page: further in its window, or with the window covered."""
        last_id = page.last_id if page.last_id is not None else self.state.last_id
        if page.next is not None:
            return replace(
                self.state, open=span, cursor=dict(page.next), last_id=last_id, asked_ms=now_ms
            )
        done = (
            span
            if span is not None
            else Span(min(self._policy.history_start_ms, now_ms - 1), now_ms)
        )
        covered = self.state.covered.plus(self._proven(done, page, cursor, now_ms))
        left = self.state.open
        keep_open = (
            left if left is not None and not done.start_ms < left.end_ms <= done.end_ms else None
        )
        return replace(
            self.state,
            covered=covered,
            floor_ms=(
                max(self.state.floor_ms or 0, self._cut_ms) if self._cut_ms else self.state.floor_ms
            ),
            open=keep_open,
            cursor=dict(self.state.cursor) if keep_open is not None else {},
            last_id=last_id,
            asked_ms=now_ms,
            grade=self._policy.grade.with_(self.state.grade if self.state.covered else None),
        )

    def _proven(self, done: Span, page: Page, cursor: Cursor, now_ms: int) -> Ranges:
        """The part of an exhausted window in which the exchange is known to have served every
        row."""
        limit, oldest = self._policy.newest_rows, oldest_ms(page, cursor)
        if (
            limit is not None
            and oldest is not None
            and received(page, cursor) >= limit
            and oldest > done.start_ms
        ):
            # Only a row before the window's start would prove the window complete.
            self._cut_ms = max(self._cut_ms, oldest)
        start = (
            done.start_ms
            if self._policy.proven is None
            else max(done.start_ms, proven_floor(self._policy, now_ms))
        )
        end = min(done.end_ms, to_ms(self._clock.now()))  # by now the exchange's time is known
        return Ranges.of((max(start, self._cut_ms), end))

    def _write(self, page: Page, state: StreamState) -> None:
        if is_new(self.state):
            state = replace(state, settled_ms=state.asked_ms)
        new = self._ledger.save_page(state, page.records, self._clock.now(), refresh=self._refresh)
        self._streak.failures = 0
        self._settling.note(page.records)
        self.state = replace(state, rows=state.rows + new)
        self.tally.rows += page.row_count
        self.tally.new_rows += new
        self.symbols.update(page.symbols)
        self._on_page(self.tally)

    def _save(self, state: StreamState) -> None:
        self._ledger.save_state(state)
        self.state = state
