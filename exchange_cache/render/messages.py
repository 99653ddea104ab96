"""Messages beside the answer on a terminal: their lines continue under their words, and a command
stays in one piece, so that it can be copied."""

from __future__ import annotations

import re
from typing import TextIO

from exchange_cache.render.layout import cells
from exchange_cache.render.terminal import Terminal
from exchange_cache.visible import visible

_INDENT = " " * len("excache: ")
#: How a message begins: what it is about, such as ``excache account add: ``.
_HEAD = re.compile(rf"excache[a-z -]*: |{_INDENT}")
#: A command at the end of a sentence, or a word.
_UNIT = re.compile(r"excache(?: [^;,]+)$|\S+")


def write_message(words: str, stream: TextIO, terminal: Terminal) -> None:
    """Write a message; off a terminal each of its lines stays one line."""
    shown = visible(words, keep="\n")
    stream.write(message_text(shown, terminal.width if terminal.is_tty else None) + "\n")
    stream.flush()


def message_text(words: str, width: int | None) -> str:
    """The message with its lines broken before ``width``, aligned after ``excache: ``. Other lines
    are broken if they are the whole message: a difference of two files keeps its form."""
    if width is None:
        return words
    lines = words.split("\n")
    return "\n".join(_broken(line, width, alone=len(lines) == 1) for line in lines)


def _broken(line: str, width: int, *, alone: bool) -> str:
    """``alone``: it is a sentence, and not a line of a text that has a form of its own."""
    found = _HEAD.match(line)
    if cells(line) <= width or not (found or alone):
        return line
    head, indent = (found[0], _INDENT) if found else ("", "")
    rows: list[str] = [head]
    for unit in _UNIT.findall(line[len(head) :]):
        row = rows[-1]
        if row in {head, indent}:
            rows[-1] = row + unit
        elif cells(row) + 1 + cells(unit) <= width:
            rows[-1] = f"{row} {unit}"
        else:
            rows.append(indent + unit)
    return "\n".join(rows)
