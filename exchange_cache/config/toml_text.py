"""TOML as text: the line of each key and the characters of each table, which tomllib does not
report.

Scans only text that tomllib has accepted, without validating it again. Used to name the line of a
fault, and to remove an account from config.toml without changing the rest.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from exchange_cache.config.faults import Fault, Key

if TYPE_CHECKING:
    from exchange_cache.config.sources import Hidden

_BLANK = re.compile(r"[ \t]*")
_BLANK_LINES = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}' r"|'''.*?'{3,5}" r'|"(?:\\.|[^"\\\n])*"' r"|'[^'\n]*'",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}#\r\n]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A table header or a ``key = value``: the whole lines from ``start`` to ``end``, line end
    included. The path of a table in a list (``[[name]]``) ends with its position. ``parts`` are the
    places of the path's last names that the statement itself contains."""

    path: Key
    parts: tuple[tuple[int, int], ...]
    is_header: bool
    start: int
    end: int


class Scan:
    """The statements of a document in order, and the line of every key."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._parts: tuple[tuple[int, int], ...] = ()  # where the names of the last key stand
        self._newlines = [match.end() for match in re.finditer("\n", text)]
        self._exact: dict[Key, int] = {}
        self._implied: dict[Key, int] = {}
        self._tables: dict[Key, int] = {}  # how many tables a list of tables has so far
        self.statements: tuple[Statement, ...] = tuple(self._document())

    def line(self, key: Key) -> int:
        """The line (from 1) of a key, or of the nearest enclosing table in the text."""
        for length in range(len(key), 0, -1):
            part = key[:length]
            if part in self._exact:
                return self._exact[part]
            if part in self._implied:
                return self._implied[part]
        return 1

    def _document(self) -> list[Statement]:
        statements = []
        table: Key = ()
        while self._skip(_BLANK_LINES) < len(self._text):
            begin = self._at
            is_header = self._text[begin] == "["
            if is_header:
                path = table = self._header()
                parts = self._parts
            else:
                path, parts = self._pair(table)
            statements.append(
                Statement(
                    path=path,
                    parts=parts,
                    is_header=is_header,
                    start=self._line_start(begin),
                    end=self._line_end(),
                )
            )
        return statements

    def _header(self) -> Key:
        begin = self._at
        brackets = 2 if self._text.startswith("[[", begin) else 1
        self._at += brackets
        path = self._key(())
        self._skip(_BLANK)
        self._at += brackets
        if brackets == 2:
            self._note(path, begin)
            index = self._tables.get(path, 0)
            self._tables[path] = index + 1
            path = (*path, index)
        self._note(path, begin)
        return path

    def _pair(self, table: Key) -> tuple[Key, tuple[tuple[int, int], ...]]:
        begin = self._at
        path = self._key(table)
        parts = self._parts
        self._note(path, begin)
        self._skip(_BLANK)
        self._at += 1  # the equals sign
        self._value(path)
        return path, parts

    def _key(self, table: Key) -> Key:
        path, self._parts = table, ()
        while True:
            begin = self._skip(_BLANK)
            string = _STRING.match(self._text, self._at)
            if string is not None:
                path = (*path, tomllib.loads(f"k = {string[0]}")["k"])
                self._at = string.end()
            else:
                path = (*path, self._take(_BARE_KEY))
            self._parts = (*self._parts, (begin, self._at))
            self._skip(_BLANK)
            if not self._text.startswith(".", self._at):
                return path
            self._at += 1

    def _value(self, path: Key) -> None:
        self._skip(_BLANK)
        first = self._text[self._at]
        if first == "[":
            self._list(path)
        elif first == "{":
            self._inline_table(path)
        elif first in "\"'":
            self._take(_STRING)
        else:
            self._take(_SCALAR)

    def _list(self, path: Key) -> None:
        self._at += 1
        index = 0
        while self._text[self._skip(_BLANK_LINES)] != "]":
            self._note((*path, index), self._at)
            self._value((*path, index))
            index += 1
            if self._text[self._skip(_BLANK_LINES)] == ",":
                self._at += 1
        self._at += 1

    def _inline_table(self, path: Key) -> None:
        self._at += 1
        while self._text[self._skip(_BLANK_LINES)] != "}":
            self._pair(path)
            if self._text[self._skip(_BLANK_LINES)] == ",":
                self._at += 1
        self._at += 1

    def _skip(self, pattern: re.Pattern[str]) -> int:
        match = pattern.match(self._text, self._at)
        assert match is not None  # both patterns match the empty text
        self._at = match.end()
        return self._at

    def _take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._text, self._at)
        if match is None:
            raise ValueError(f"not TOML at offset {self._at}")
        self._at = match.end()
        return match[0]

    def _note(self, path: Key, offset: int) -> None:
        line = bisect_right(self._newlines, offset) + 1
        self._exact.setdefault(path, line)
        for length in range(1, len(path)):
            self._implied.setdefault(path[:length], line)

    def _line_start(self, offset: int) -> int:
        return self._text.rfind("\n", 0, offset) + 1

    def _line_end(self) -> int:
        end = self._text.find("\n", self._at)
        self._at = len(self._text) if end < 0 else end + 1
        return self._at


def placed(faults: Iterable[Fault], source: Hidden, file: Path) -> tuple[str, ...]:
    """The faults of a file, each with its line."""
    scan = Scan(source.reveal())
    lines = sorted(
        ((scan.line(fault.key) if fault.key else 0, fault.what) for fault in faults),
        key=lambda found: found[0],
    )
    return tuple(
        f"{file} line {line}: {what}" if line else f"{file} {what}" for line, what in lines
    )
