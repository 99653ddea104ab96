"""Lines and grids as values: spans of text with a role, and columns that may be dropped.

A role states what a text means (good, bad, warn, quiet, strong, head, bar, command); the writer
chooses its look. Everything here is pure. Widths are counted in terminal cells (a CJK character
takes two).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from unicodedata import combining, east_asian_width

from exchange_cache.render.digits import is_number, split_at_point
from exchange_cache.render.runs import fitting_runs
from exchange_cache.visible import one_line
from exchange_cache.zones import localised


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a line and its role. Control characters become visible."""

    text: str
    role: str = ""

    def __post_init__(self) -> None:
        if not self.text.isprintable():
            object.__setattr__(self, "text", one_line(self.text))


Line = tuple[Span, ...]
EMPTY: Line = ()
#: How far the further lines of a row are indented.
CONTINUED = 2


def text(words: str, role: str = "") -> Line:
    """One span as a line."""
    return (Span(localised(words), role),) if words else EMPTY


def plain(line: Line) -> str:
    """The line without its roles and trailing spaces."""
    return "".join(span.text for span in line).rstrip()


def cells(words: str) -> int:
    """How many terminal cells a text takes."""
    if words.isascii():
        return len(words)
    return sum(
        0 if combining(mark) else 2 if east_asian_width(mark) in "WF" else 1 for mark in words
    )


def width_of(line: Line) -> int:
    return sum(cells(span.text) for span in line)


def padded(line: Line, width: int, align: str = "left") -> Line:
    """The line filled with spaces to ``width``; a longer line is unchanged."""
    missing = width - width_of(line)
    if missing <= 0:
        return line
    return (*line, Span(" " * missing)) if align == "left" else (Span(" " * missing), *line)


def shortened(words: str, width: int, ellipsis: str = "…") -> str:
    """The text, cut to ``width`` cells with an ellipsis if it is longer."""
    if cells(words) <= width:
        return words
    kept = words
    while kept and cells(kept) + cells(ellipsis) > width:
        kept = kept[:-1]
    return kept + ellipsis


def joined(parts: Iterable[Line], gap: int) -> Line:
    """The parts on one line, ``gap`` spaces apart, without empty ones."""
    line: list[Span] = []
    for part in parts:
        if part:
            line += (Span(" " * gap), *part) if line else part
    return tuple(line)


def flowed(parts: Sequence[Line], width: int | None, gap: int = 3) -> tuple[Line, ...]:
    """The parts next to each other, continued on a new line at ``width``; no part is broken."""
    lines: list[list[Line]] = []
    for part in parts:
        if not part:
            continue
        if lines and (width is None or width_of(joined([*lines[-1], part], gap)) <= width):
            lines[-1].append(part)
        else:
            lines.append([part])
    return tuple(joined(line, gap) for line in lines)


def wrapped(
    head: Line, words: str, width: int | None, *, role: str = "", command: str | None = None
) -> tuple[Line, ...]:
    """``head words   command``: words wrap under themselves, the command stays in one piece. A cure
    that is no command of excache is a part of the sentence."""
    if command and not command.startswith("excache "):
        words, command = f"{words}; {command}", None
    indent = width_of(head)
    room = None if width is None else max(20, width - indent)
    rows: list[str] = []
    for word in localised(words).split():
        if rows and (room is None or cells(rows[-1]) + 1 + cells(word) <= room):
            rows[-1] += " " + word
        else:
            rows.append(word)
    lines = [text(row, role) for row in rows] or [EMPTY]
    if command:
        last = joined([lines[-1], text(command, "command")], 3)
        if room is None or width_of(last) <= room:
            lines[-1] = last
        else:
            lines.append(text(command, "command"))
    return tuple(
        (*(head if index == 0 else text(" " * indent)), *line) for index, line in enumerate(lines)
    )


# --- numbers that line up -------------------------------------------------------------------------


class Number(NamedTuple):
    """A printed number; ``mark`` follows the digits and does not shift them."""

    text: str
    role: str = ""
    mark: str = ""
    quiet_zeros: bool = False


def aligned(numbers: Sequence[Number], most: int | None = None) -> tuple[Line, ...]:
    """The numbers as lines of one width, aligned at the decimal point.

    Words and unknowns end where the digits end. Only ``most`` decimals have their own place:
    a longer fraction moves its digits to the left.
    """
    whole = max(
        (cells(split_at_point(number.text)[0]) for number in numbers if is_number(number.text)),
        default=0,
    )
    fraction = max(
        (cells(split_at_point(number.text)[1]) for number in numbers if is_number(number.text)),
        default=0,
    )
    fraction = fraction if most is None else min(fraction, most + 1)
    width = max([whole + fraction, *(cells(number.text) for number in numbers)])
    marks = max((cells(number.mark) for number in numbers), default=0)
    return tuple(_aligned(number, width, fraction, marks) for number in numbers) if numbers else ()


def _aligned(number: Number, width: int, fraction: int, marks: int) -> Line:
    if is_number(number.text):
        after = fraction - cells(split_at_point(number.text)[1])
        digits = padded((*_digits(number), *text(" " * max(0, after))), width, "right")
    else:
        digits = padded(text(number.text, number.role), width, "right")
    return (
        (*digits, *padded(text(f" {number.mark}" if number.mark else "", "quiet"), marks + 1))
        if marks
        else digits
    )


def _digits(number: Number) -> Line:
    whole, fraction = split_at_point(number.text)
    kept = fraction.rstrip("0").rstrip(".")
    if not number.quiet_zeros or kept == fraction:
        return text(number.text, number.role)
    return (*text(whole + kept, number.role), *text(fraction[len(kept) :], "quiet"))


# --- grids ----------------------------------------------------------------------------------------


class GridColumn(NamedTuple):
    """One column. A narrow terminal drops the highest ``drop`` first; 0 is never dropped.

    An elastic column (``fill``) makes its cells for a width between ``least`` and ``most``. A
    right-aligned heading leaves the last ``tail`` cells free (marks, percentages) but for its
    ``unit``.
    ``ornament`` columns (bars) repeat other columns; plain formats omit them.
    """

    heading: str
    cells: tuple[Line, ...] = ()
    align: str = "left"
    drop: int = 0
    gap: int = 2
    tail: int = 0
    fill: Callable[[int], tuple[Line, ...]] | None = None
    least: int = 0
    most: int = 0
    ornament: bool = False
    unit: str = ""

    @property
    def width(self) -> int:
        """The least width that it needs."""
        own = self.least if self.fill else max((width_of(cell) for cell in self.cells), default=0)
        return max(own, cells(self.heading) + self.tail)

    @property
    def head(self) -> Line:
        """Its heading, padded by the tail."""
        return (*text(self.heading, "head"), *padded(text(self.unit, "head"), self.tail, "right"))

    def at(self, width: int) -> tuple[Line, ...]:
        return self.fill(width) if self.fill else self.cells

    @property
    def natural(self) -> tuple[Line, ...]:
        """Its cells without a width limit."""
        return self.fill(self.most) if self.fill else self.cells


Foot = tuple[Line, tuple[tuple[str, Line], ...]]


class Grid(NamedTuple):
    """Columns of equal length.

    ``groups`` are headings before the row of an index; the first span is the group's name. Plain
    and Markdown print the names as a first column under ``group_heading`` instead. ``feet`` are
    closing rows: words, then figures in the columns of the given headings if the words leave room.
    """

    columns: tuple[GridColumn, ...]
    headings: bool = True
    groups: tuple[tuple[int, Line], ...] = ()
    group_heading: str = ""
    feet: tuple[Foot, ...] = ()


def fitted(columns: Sequence[GridColumn], width: int | None) -> tuple[tuple[GridColumn, int], ...]:
    """The columns that fit, with their widths; columns with ``drop`` 0 remain even if too wide."""
    kept = list(columns)
    while width is not None and least_width(kept) > width and any(column.drop for column in kept):
        highest = max(column.drop for column in kept)  # a bid drops together with its ask
        kept = [column for column in kept if column.drop < highest]
    spare = None if width is None else max(0, width - least_width(kept))
    widths = {id(column): column.width for column in kept}
    for column in sorted(kept, key=lambda column: column.drop):  # words before ornaments
        wish = max(0, column.most - column.width) if column.fill else 0
        extra = wish if spare is None else min(wish, spare)
        spare = None if spare is None else spare - extra
        widths[id(column)] += extra
    return tuple((column, widths[id(column)]) for column in kept)


def least_width(columns: Sequence[GridColumn]) -> int:
    """The least width of these columns next to each other."""
    return sum(column.width + (column.gap if index else 0) for index, column in enumerate(columns))


def grid_lines(grid: Grid, width: int | None) -> tuple[Line, ...]:
    """The grid as lines: several a row where even the columns that never drop are too wide."""
    places = fitted(grid.columns, width)
    bodies = [column.at(size) for column, size in places]
    runs = fitting_runs([(column.gap, size) for column, size in places], width, CONTINUED)
    lines: list[Line] = []
    if grid.headings:
        lines += _rows(places, [column.head for column, _ in places], runs)
    groups = dict(grid.groups)
    for index in range(len(bodies[0]) if bodies else 0):
        if index in groups:
            lines.append(groups[index])
        lines += _rows(places, [body[index] for body in bodies], runs)
    one_line = len(runs) == 1
    lines += (_foot(places, foot) if one_line else foot_line(foot) for foot in grid.feet)
    return tuple(lines)


def foot_line(foot: Foot) -> Line:
    """The closing row as running text."""
    return joined([foot[0], *(figure for _, figure in foot[1])], 3)


def _foot(places: Sequence[tuple[GridColumn, int]], foot: Foot) -> Line:
    """The closing row with its figures in their columns, without those of dropped columns.

    It becomes running text if the words are too long.
    """
    words, figures = foot
    line, end = words, 0
    figure_of = dict(figures)
    for index, (column, size) in enumerate(places):
        end += size + (column.gap if index else 0)
        figure = figure_of.get(column.heading)
        if figure is None:
            continue
        gap = end - column.tail - width_of(figure) - width_of(line)
        if gap < (2 if line is words else 1):
            return foot_line(foot)
        line = (*line, *text(" " * gap), *figure)
    return line


def _rows(
    places: Sequence[tuple[GridColumn, int]], row: Sequence[Line], runs: Sequence[slice]
) -> Iterator[Line]:
    for run in runs:
        line = _row(places[run], row[run])
        yield (*text(" " * CONTINUED), *line) if run.start else line


def _row(places: Sequence[tuple[GridColumn, int]], row: Sequence[Line]) -> Line:
    line: list[Span] = []
    for index, ((column, size), cell) in enumerate(zip(places, row, strict=True)):
        line += (*text(" " * (column.gap if index else 0)), *padded(cell, size, column.align))
    return tuple(line)


class Block(NamedTuple):
    """Lines or one grid; ``spaced`` puts an empty line before it."""

    lines: tuple[Line, ...] = ()
    grid: Grid | None = None
    spaced: bool = False


class Screen(NamedTuple):
    """A whole answer from top to bottom."""

    blocks: tuple[Block, ...] = ()


def screen_lines(screen: Screen, width: int | None) -> tuple[Line, ...]:
    """All lines of the screen, with an empty line before each spaced block."""
    lines: list[Line] = []
    for block in screen.blocks:
        own = grid_lines(block.grid, width) if block.grid else block.lines
        if own and block.spaced and lines:
            lines.append(EMPTY)
        lines += own
    return tuple(lines)
