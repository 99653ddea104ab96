"""config.toml as a document: its text, hidden because it may contain a secret, and the result of
tomllib.

Both functions return a fault as a sentence instead of raising, so that no frame of a traceback
holds the text.
"""

from __future__ import annotations

import re
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

from exchange_cache.config.sources import Hidden

_SYNTAX = re.compile(
    r"(?P<what>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)", re.DOTALL
)


def read_file(file: Path) -> Hidden | tuple[str, ...]:
    """The text of config.toml, hidden because it may contain a secret; empty without the file; or
    the reason why it cannot be read."""
    try:
        raw = file.read_bytes()
    except FileNotFoundError:
        return Hidden("")
    except OSError as exc:
        from exchange_cache.machine import cure

        return (
            (
                f"{file} cannot be read: {exc.strerror};"
                f" {cure(exc, 'repair it, or choose another folder with EXCACHE_HOME')}"
            ),
        )
    try:
        return Hidden(raw.decode())
    except UnicodeDecodeError as exc:
        line = raw.count(b"\n", 0, exc.start) + 1
        return (f"{file} line {line}: is not UTF-8 text",)


def parse_toml(source: Hidden, file: Path) -> dict[str, Any] | str:
    """The parsed text (with exact numbers), or tomllib's complaint with the place."""
    text = source.reveal()
    if text.startswith("\ufeff"):
        return f"{file} line 1: begins with a byte order mark; save it as UTF-8 without one"
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except ValueError as exc:
        complaint = str(exc)
    match = _SYNTAX.fullmatch(complaint)
    if match is None:
        return f"{file}: is not valid TOML: {complaint}"
    line, column = match["line"], match["column"]
    if line is None:
        line, column = str(text.count("\n") + 1), str(len(text) - text.rfind("\n"))
    quotes = " (text stands in quotes)" if match["what"] == "Invalid value" else ""
    return f"{file} line {line}, column {column}: is not valid TOML: {match['what']}{quotes}"
