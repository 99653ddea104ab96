"""Recognises the table of a file by the set of its column names, and reads its rows one by one.

The header may stand below a preamble, in any order of columns and with any delimiter. A column
that no edition has is named and refused: it may change what the others mean.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from fnmatch import fnmatchcase
from functools import cached_property
from itertools import islice

from exchange_cache.errors import BadResponse, StatementRefused
from exchange_cache.statements.figures import is_figure, is_time
from exchange_cache.statements.opening import Source
from exchange_cache.statements.table import FileContext, Found, Row, Table
from exchange_cache.statements.zones import zone_of

#: The header stands within so many lines.
_BEFORE_HEADER = 20
_DELIMITERS = (",", ";", "\t")
#: What a spreadsheet makes of a long number, an id too.
_SHORTENED = re.compile(r"[+-]?\d([.,]\d+)?E\+\d+")
#: Columns in which a user writes what they like.
_REMARKS = frozenset({"note", "notes", "remark", "remarks", "description", "memo"})
#: Columns that name the user: all rows of a file are of one.
_USERS = frozenset({"uid", "user_id", "user id"})
#: The last cell of a file is compared with those of so many lines above, and of no fewer than this.
_COMPARED, _FEWEST = 50, 5
#: What a file without rows may say.
_NO_ROWS = ("no data", "no records")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """A file whose table is known. ``header_line`` counts from 1."""

    source: Source
    table: Table
    preamble: tuple[str, ...]
    columns: tuple[str, ...]
    header_line: int
    delimiter: str

    def zone(self, stated: tzinfo | None = None) -> tzinfo:
        """The zone of its times; StatementRefused where only the user can state it."""
        return zone_of(
            self.table,
            file_name=self.source.name,
            preamble=self.preamble,
            columns=self.columns,
            stated=stated,
        )


def recognise(source: Source, tables: Sequence[Table]) -> Recognised:
    """The table of a file; StatementRefused names what is new, or what the file is like."""
    with source.lines() as lines:
        first = list(islice(lines, _BEFORE_HEADER))
    if not any(line.strip() for line in first):
        raise StatementRefused("the file is empty", file=source.name)
    found = list(_headers(first))
    best: list[tuple[int, int, str, tuple[str, ...], Table]] = []
    for number, delimiter, columns in found:
        for table in tables:
            if _has_all(columns, table.columns):
                best.append((len(table.columns), number, delimiter, columns, table))
    if not best:
        raise _unknown(source, found, tables)
    most = max(fit for fit, *_ in best)
    _, number, delimiter, columns, table = next(one for one in best if one[0] == most)
    exact = [
        one for one in best if not _new(one[3], one[4]) and (one[1], one[2]) == (number, delimiter)
    ]
    if exact:
        table = max(exact, key=lambda one: one[0])[4]
    new = _new(columns, table)
    twice = [name for name, mark, _ in (one.rpartition("#") for one in new) if mark]
    if twice:
        raise StatementRefused(
            f"has two columns of the name {', '.join(twice)}", file=source.name, line=number
        )
    if new:
        raise StatementRefused(
            f"looks like the {table.name} of {table.exchange} ({table.edition}), but has columns"
            f" that no known edition has: {', '.join(new)}",
            file=source.name,
            line=number,
            hint="report the header, without rows, so that this edition can be read",
        )
    for above, line in enumerate(first[: number - 1], start=1):
        if _is_row(line, delimiter, columns):
            raise StatementRefused(
                f"looks like a row, above the header in line {number}: rows above a header are not"
                " read",
                file=source.name,
                line=above,
                hint="import the file as the exchange made it",
            )
    return Recognised(
        source=source,
        table=table,
        preamble=tuple(line.strip() for line in first[: number - 1] if line.strip()),
        columns=columns,
        header_line=number,
        delimiter=delimiter,
    )


def _headers(lines: Sequence[str]) -> Iterator[tuple[int, str, tuple[str, ...]]]:
    """Every way to read one of the first lines as a header."""
    for number, line in enumerate(lines, start=1):
        for delimiter in _DELIMITERS:
            if delimiter in line:
                try:
                    cells = next(csv.reader([line], delimiter=delimiter), [])
                except csv.Error:  # a cell of more than 100,000 characters is no name
                    continue
                yield number, delimiter, _named(cells)


def _is_row(line: str, delimiter: str, columns: Sequence[str]) -> bool:
    """Whether a line above the header is a row of the table, or a part of one, and none of the
    words that an exchange puts there."""
    cells = next(csv.reader([line], delimiter=delimiter), [])
    filled = [cell.strip() for cell in cells if cell.strip()]
    times = sum(1 for cell in filled if is_time(cell))
    if times + sum(1 for cell in filled if is_figure(cell)) > 1 or (times and len(filled) > 2):
        return True
    return len(cells) == len(columns) > 2 and 2 * len(filled) >= len(columns)


def _named(cells: Iterable[str]) -> tuple[str, ...]:
    """Names of columns without blanks and marks; of equal ones the second has ``#2`` after it."""
    seen: dict[str, int] = {}
    names = []
    for cell in cells:
        name = cell.strip().strip("\ufeff")
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 or not name else f"{name}#{seen[name]}")
    return tuple(names)


def _has_all(columns: Iterable[str], patterns: Iterable[str]) -> bool:
    names = set(columns)
    return all(_match(names, pattern) for pattern in patterns)


def _match(names: Iterable[str], pattern: str) -> bool:
    if "*" not in pattern:
        return pattern in set(names)
    return any(fnmatchcase(name, pattern) for name in names)


def _new(columns: Iterable[str], table: Table) -> list[str]:
    known = (*table.columns, *table.optional)
    return [
        name
        for name in columns
        if name and not any(name == one or ("*" in one and fnmatchcase(name, one)) for one in known)
    ]


def _unknown(
    source: Source, found: Iterable[tuple[int, str, tuple[str, ...]]], tables: Sequence[Table]
) -> StatementRefused:
    """The refusal of a file that is no known table: what it is most like, and what differs."""
    nearest: tuple[float, int, tuple[str, ...], Table] | None = None
    for number, _, columns in found:
        for table in tables:
            shared = sum(_match(columns, pattern) for pattern in table.columns)
            share = shared / len(table.columns)
            if shared > 1 and (nearest is None or share > nearest[0]):
                nearest = (share, number, columns, table)
    hint = "the tables that are read: docs/files.md; any other: excache import template"
    if nearest is None or nearest[0] < 0.5:
        return StatementRefused("is no table that excache knows", file=source.name, hint=hint)
    _, number, columns, table = nearest
    missing = [pattern for pattern in table.columns if not _match(columns, pattern)]
    new = _new(columns, table)
    words = [f"{', '.join(missing)} missing"] + ([f"{', '.join(new)} new"] if new else [])
    return StatementRefused(
        f"is no known edition of the {table.name} of {table.exchange}: columns {'; '.join(words)}",
        file=source.name,
        line=number,
        hint=hint,
    )


class Reading:
    """The rows of one file, read once; what is known after the last one of them."""

    def __init__(self, recognised: Recognised) -> None:
        self.recognised = recognised
        self.count = 0
        self.line = recognised.header_line
        self.user: str | None = None
        #: The number of the last line, where it has no end: the file may be cut off there.
        self.open_ended: int | None = None
        self._last_cells: deque[str] = deque(maxlen=_COMPARED)

    @cached_property
    def _user_columns(self) -> tuple[int, ...]:
        names = enumerate(self.recognised.columns)
        return tuple(place for place, name in names if name.lower() in _USERS)

    def found(self, context: FileContext) -> Iterator[Found]:
        """What the reader of the table states; StatementRefused names file and line."""
        name = self.recognised.source.name
        try:
            with self.recognised.source.lines() as lines:
                yield from self.recognised.table.read(self._rows(lines), context)
        except StatementRefused as error:
            if error.file:
                raise
            line = self.line if error.line is None else error.line
            raise StatementRefused(error.message, file=name, line=line, hint=error.hint) from error
        except (BadResponse, ValueError, ArithmeticError, KeyError) as error:
            words = error.message if isinstance(error, BadResponse) else f"is not valid: {error}"
            raise StatementRefused(words, file=name, line=self.line) from error

    def _rows(self, lines: Iterator[str]) -> Iterator[Row]:
        known = self.recognised
        for _ in range(known.header_line):
            next(lines, None)
        reader = csv.reader(lines, delimiter=known.delimiter, strict=True)
        width, columns = len(known.columns), known.columns
        named = [name for name in columns if name]
        plain = len(named) == width
        try:
            for cells in reader:
                self.line = known.header_line + reader.line_num
                if not cells or not any(cells):
                    continue
                if len(cells) != width:
                    if len(cells) <= 2 and cells[0].lower().startswith(_NO_ROWS):
                        continue
                    cells = self._fitting(cells, width)
                if any("E+" in cell or cell[:1] == "=" for cell in cells):
                    self._refuse_spoiled(cells)
                self._check_user(cells)
                self._last_cells.append(cells[-1])
                self.count += 1
                pairs = zip(columns, cells, strict=True)
                yield Row(
                    line=self.line,
                    cells=dict(pairs) if plain else {key: text for key, text in pairs if key},
                )
        except csv.Error as error:
            raise StatementRefused(
                f"is not valid CSV ({error}): the file may be cut off",
                line=known.header_line + reader.line_num,
            ) from error
        if self.count and known.source.is_open_ended():
            self.open_ended = self.line
            self._check_end()

    def _check_end(self) -> None:
        """Refuse a last line that ends within a word, a date or an id."""
        *above, last = self._last_cells
        if last and is_cut(last, above):
            raise StatementRefused(
                f"ends with {last!r}, of which a part is missing, and has no line end: the file is"
                " cut off",
                line=self.line,
                hint="download it again; if it is whole, add a line end",
            )

    def _refuse_spoiled(self, cells: list[str]) -> None:
        """Refuse an id, as any other cell, of which a spreadsheet left the first digits, and a
        formula that is no remark."""
        for name, cell in zip(self.recognised.columns, cells, strict=True):
            if _SHORTENED.fullmatch(cell.strip()):
                words = "as a spreadsheet shortens a number: digits are gone"
                raise self._spoiled(f"{name!r} is {cell.strip()!r}, {words}")
            if cell[:1] == "=" and name.lower() not in _REMARKS:
                raise self._spoiled(f"{name!r} is the formula {cell[:20]!r}")

    def _spoiled(self, words: str) -> StatementRefused:
        hint = "import the file as the exchange made it, without opening it in a spreadsheet"
        return StatementRefused(words, line=self.line, hint=hint)

    def _fitting(self, cells: list[str], width: int) -> list[str]:
        """A line with more cells than columns, where the rest is empty."""
        if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
            return cells[:width]
        raise StatementRefused(
            f"has {len(cells)} cells, where the header has {width}: the file may be cut off",
            line=self.line,
        )

    def _check_user(self, cells: list[str]) -> None:
        for place in self._user_columns:
            user = cells[place].strip()
            if user and self.user is None:
                self.user = user
            elif user and user != self.user:
                raise StatementRefused(
                    f"is a row of the user {user}, and those above are of {self.user}",
                    line=self.line,
                    hint="split the file, and import each part with its --account",
                )


def is_cut(last: str, above: Sequence[str]) -> bool:
    """Whether the last cell of a file lacks its end by those of the lines above: they all have one
    length or one number of decimals, or one of them is the whole word."""
    filled = [text for text in above if text]
    if not filled:
        return False
    if any(word.isalpha() and word != last and word.startswith(last) for word in filled):
        return last not in filled
    if len(filled) < _FEWEST:
        return False
    sizes = {len(text) for text in filled}
    decimals = {len(text.partition(".")[2]) for text in filled if "." in text}
    if len(sizes) == 1 and all(any(sign.isdigit() for sign in text) for text in filled):
        return len(last) < sizes.pop()
    fixed = len(decimals) == 1 and all("." in text for text in filled)
    return fixed and len(last.partition(".")[2]) < decimals.pop()


def context_of(recognised: Recognised, base: FileContext, stated: tzinfo | None) -> FileContext:
    """The context of a file: that of its account, with the file's own preamble and zone."""
    return replace(
        base,
        file_name=recognised.source.name,
        preamble=recognised.preamble,
        columns=recognised.columns,
        zone=recognised.zone(stated),
    )
