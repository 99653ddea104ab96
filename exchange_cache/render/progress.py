"""The live display of a running sync on a terminal; elsewhere it is silent.

Besides table.py the only module that loads rich, and only when the display starts.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any, TextIO

from exchange_cache.render.board import Board, Event
from exchange_cache.render.layout import Line
from exchange_cache.render.progress_lines import end_line, progress_lines
from exchange_cache.render.table import LOOKS, write_lines
from exchange_cache.render.terminal import Terminal, height_of

if TYPE_CHECKING:
    from rich.live import Live
    from rich.text import Text


class SyncDisplay:
    """A context in which ``tell`` updates the display. On exit the display is gone, and ``closed``
    states what the run came to; after Ctrl-C nothing does, since the command reports it.

    ``monotonic`` returns seconds of a clock that never jumps. Without a terminal nothing is
    written. ``title`` begins the overall line; a ``first`` run ends with what to do next.
    """

    def __init__(
        self,
        stream: TextIO,
        terminal: Terminal,
        *,
        monotonic: Callable[[], float],
        accounts: tuple[str, ...] = (),
        title: str = "Sync",
        first: bool = False,
        closed: bool = True,
    ) -> None:
        self._stream = stream
        self._terminal = terminal
        self._monotonic = monotonic
        self._title, self._first, self._closed = title, first, closed
        self._live: Live | None = None
        self.board = Board(accounts=accounts)

    def __enter__(self) -> SyncDisplay:
        if self._terminal.is_tty:
            self._live = self._started()
        return self

    def tell(self, event: Event) -> None:
        """Record one event; the display redraws itself a few times a second."""
        self.board.tell(event, self._now())

    def redraw(self) -> None:
        """Draw now what was recorded."""
        if self._live is not None:
            self._live.refresh()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live is None:
            return
        self._live.stop()
        self._live = None
        overview = self.board.overview(self._now())
        stopped = any(own.state == "interrupted" for own in overview.begun)
        if self._closed and kind is None and not stopped:
            line = end_line(
                overview,
                self._now(),
                first=self._first,
                unicode=self._terminal.unicode,
                width=self._terminal.width,
            )
            write_lines([line], self._stream, self._terminal)

    def _now(self) -> timedelta:
        return timedelta(seconds=self._monotonic())

    def _started(self) -> Live:
        from rich.console import Console
        from rich.live import Live

        console = Console(
            file=self._stream,
            width=self._terminal.width,
            force_terminal=True,
            color_system="standard" if self._terminal.colour else None,
            no_color=not self._terminal.colour,
            highlight=False,
        )
        live = Live(
            console=console,
            get_renderable=self._drawn,
            refresh_per_second=8,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        live.start()
        return live

    def _drawn(self) -> Text:
        from rich.text import Text

        whole = Text(no_wrap=True, overflow="crop")
        now = self._now()
        lines = progress_lines(
            self.board.overview(now),
            now,
            title=self._title,
            width=self._terminal.width,
            height=height_of(self._stream),
            unicode=self._terminal.unicode,
        )
        for index, line in enumerate(lines):
            whole.append("\n" if index else "")
            _append(whole, line)
        return whole


def _append(whole: Any, line: Line) -> None:
    for span in line:
        whole.append(span.text, style=LOOKS.get(span.role, ""))
