"""Screens for people, in colour if the terminal supports it.

The only module that gives roles a look. It loads rich only to write colour, and uses only those of
the sixteen named colours that are readable on light and dark backgrounds.
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
    """Write the lines with or without colours; what the encoding cannot express becomes ``?``."""
    paint = painter() if terminal.colour else plain
    whole = "".join(paint(line) + "\n" for line in lines)
    if not terminal.unicode:
        encoding = getattr(stream, "encoding", None) or "ascii"
        whole = whole.encode(encoding, errors="replace").decode(encoding)
    stream.write(whole)


def painter() -> Callable[[Line], str]:
    """A function that turns a line into text with escape codes."""
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
