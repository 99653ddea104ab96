"""Makes text from outside harmless for a terminal: characters that control it or reorder text are
shown as codes.

Exchanges choose their error texts, asset codes, symbols, addresses and tags, and a terminal obeys
escape sequences from any source. Every output of the program passes a function of this module:
spans of a screen (including live displays), lines on stderr, JSON and CSV. ``\\x1b`` is written as
the four characters that a programmer would write.
"""

from __future__ import annotations

import re

#: The longest text of an exchange that an error holds.
LONGEST = 300

#: Control characters (C0, DEL, C1), format characters (bidirectional marks, zero widths, tags),
#: line separators, surrogates.
_UNSAFE = (
    "[\x00-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_BLANK = "[\t\n\x0b\x0c\r\x85\u2028\u2029]+"


def visible(words: str, *, keep: str = "") -> str:
    """The text with every unsafe character as its code, except those in ``keep``."""
    if words.isprintable():
        return words
    return re.sub(_UNSAFE, lambda found: found[0] if found[0] in keep else _code(found[0]), words)


def one_line(words: str) -> str:
    """The text on one line, other unsafe characters as their codes."""
    return words if words.isprintable() else visible(re.sub(_BLANK, " ", words))


def brief(words: str, longest: int = LONGEST) -> str:
    """One line of at most ``longest`` characters, with an ellipsis if it was cut."""
    shown = one_line(words[: 2 * longest])
    return shown if len(shown) <= longest else f"{shown[: longest - 1].rstrip()}…"


def json_safe(dumped: str) -> str:
    """JSON text with unsafe characters escaped the JSON way: the data stay exact."""
    return (
        dumped
        if dumped.isascii() and "\x7f" not in dumped
        else re.sub(_UNSAFE, lambda found: _json_code(found[0]), dumped)
    )


def _code(mark: str) -> str:
    number = ord(mark)
    return (
        f"\\x{number:02x}"
        if number < 0x100
        else f"\\u{number:04x}"
        if number < 0x10000
        else f"\\U{number:08x}"
    )


def _json_code(mark: str) -> str:
    if mark == "\n":
        return mark
    units = mark.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[place : place + 4]}" for place in range(0, len(units), 4))
