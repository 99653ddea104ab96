"""What an output stream can show. The caller detects it once and passes it on as a value."""

from __future__ import annotations

import codecs
import os
from collections.abc import Mapping
from typing import NamedTuple, TextIO

_NARROWEST = 20


class Terminal(NamedTuple):
    """``width`` in cells; None (a pipe or a file) means that nothing is dropped or shortened.

    ``raw``: CSV keeps text that a spreadsheet would compute.
    """

    width: int | None
    colour: bool
    unicode: bool
    is_tty: bool
    raw: bool = False


#: A pipe or a file that accepts UTF-8.
PIPE = Terminal(width=None, colour=False, unicode=True, is_tty=False)


def detect(stream: TextIO, env: Mapping[str, str]) -> Terminal:
    """What ``stream`` can show.

    NO_COLOR and TERM=dumb turn colour off. FORCE_COLOR turns it on in a pipe. COLUMNS sets the
    width.
    """
    is_tty = _is_tty(stream)
    dumb = env.get("TERM", "") == "dumb"
    return Terminal(
        width=_columns(env) or (_measured(stream) if is_tty else None),
        colour=not env.get("NO_COLOR") and not dumb and (is_tty or bool(env.get("FORCE_COLOR"))),
        unicode=_takes_unicode(stream),
        is_tty=is_tty and not dumb,
    )


def _is_tty(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except (AttributeError, ValueError):  # closed, or not a file
        return False


def _columns(env: Mapping[str, str]) -> int | None:
    text = env.get("COLUMNS", "")
    return (
        max(int(text), _NARROWEST) if text.isascii() and text.isdigit() and int(text) > 0 else None
    )


def _measured(stream: TextIO) -> int:
    try:
        columns = os.get_terminal_size(stream.fileno()).columns
    except (AttributeError, ValueError, OSError):
        columns = 0
    return max(columns, _NARROWEST) if columns else 80


def height_of(stream: TextIO) -> int | None:
    """The lines of the terminal behind ``stream`` now; None where there is none."""
    try:
        return os.get_terminal_size(stream.fileno()).lines or None
    except (AttributeError, ValueError, OSError):
        return None


def _takes_unicode(stream: TextIO) -> bool:
    try:
        return codecs.lookup(getattr(stream, "encoding", None) or "ascii").name in {
            "utf-8",
            "utf-16",
            "utf-32",
        }
    except LookupError:
        return False
