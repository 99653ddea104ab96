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
from exchange_cache.render.table import LOOKS, write_lines
from exchange_cache.render.terminal import Terminal

if TYPE_CHECKING:
    from rich.live import Live
    from rich.text import Text


class SyncDisplay:
    """A context in which ``tell`` updates the display; on exit the lines remain, then a summary.

    ``monotonic`` returns seconds of a clock that never jumps. Without a terminal nothing is
    written.
    """

    def __init__(
        self,
        stream: TextIO,
        terminal: Terminal,
        *,
        monotonic: Callable[[], float],
        accounts: tuple[str, ...] = (),
    ) -> None:
        self._stream = stream
        self._terminal = terminal
        self._monotonic = monotonic
        self._live: Live | None = None
        self.board = Board(accounts=accounts)

    def __enter__(self) -> SyncDisplay:
        if self._terminal.is_tty:
            self._live = self._started()
        return self

    def tell(self, event: Event) -> None:
        """Record one event; the display redraws itself a few times a second."""
        self.board.tell(event, self._now())

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
        write_lines(
            [self.board.summary(self._now(), unicode=self._terminal.unicode)],
            self._stream,
            self._terminal,
        )

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
            redirect_stdout=False,
            redirect_stderr=False,
        )
        live.start()
        return live

    def _drawn(self) -> Text:
        from rich.text import Text

        whole = Text(no_wrap=True, overflow="crop")
        lines = self.board.lines(
            self._now(), width=self._terminal.width, unicode=self._terminal.unicode
        )
        for index, line in enumerate(lines):
            whole.append("\n" if index else "")
            _append(whole, line)
        return whole


def _append(whole: Any, line: Line) -> None:
    for span in line:
        whole.append(span.text, style=LOOKS.get(span.role, ""))
