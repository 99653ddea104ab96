"""Screens for people: a laid-out screen onto a stream, in colour where the terminal has it.

The only module that gives roles a look. rich turns the look into escape codes, and is loaded only
when there is colour to write. Nothing but the sixteen named colours is used, and of them only those
that can be read on light and dark grounds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TextIO

from exchange_cache.render.formats import Document
from exchange_cache.render.layout import Line, Screen, plain, screen_lines
from exchange_cache.render.terminal import Terminal

LOOKS = {
    "good": "green",
    "bad": "red",
    "warn": "bold magenta",
    "quiet": "dim",
    "strong": "bold",
    "head": "dim",
    "bar": "cyan",
    "command": "bold",
    "title": "bold",
}


def write_screen(screen: Screen, stream: TextIO, terminal: Terminal) -> None:
    """Write the whole screen at once."""
    write_lines(screen_lines(screen, terminal.width), stream, terminal)


def write_table(document: Document, stream: TextIO, terminal: Terminal) -> None:
    write_screen(document.screen(terminal), stream, terminal)


def write_lines(lines: Iterable[Line], stream: TextIO, terminal: Terminal) -> None:
    """Write the lines with their colours, or without; what the encoding does not have becomes
    ``?``."""
    paint = painter() if terminal.colour else plain
    whole = "".join(paint(line) + "\n" for line in lines)
    if not terminal.unicode:
        encoding = getattr(stream, "encoding", None) or "ascii"
        whole = whole.encode(encoding, errors="replace").decode(encoding)
    stream.write(whole)


def painter() -> Callable[[Line], str]:
    """A function from a line to text with escape codes."""
    from rich.color import ColorSystem
    from rich.style import Style

    styles = {role: Style.parse(look) for role, look in LOOKS.items()}

    def paint(line: Line) -> str:
        spans = [(span.text, styles.get(span.role)) for span in line]
        while spans and not spans[-1][0].strip():
            spans.pop()
        return "".join(
            style.render(words, color_system=ColorSystem.STANDARD) if style else words
            for words, style in spans
        )

    return paint
