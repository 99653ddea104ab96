"""Lines over time in a terminal: a braille chart with axes, a sparkline, and ASCII forms of both.

All arithmetic is exact (Decimal and integers). Only the last step turns a figure into a dot.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import ROUND_FLOOR, Decimal

from exchange_cache.money import EXACT
from exchange_cache.render import words
from exchange_cache.render.layout import (
    Block,
    Grid,
    GridColumn,
    Line,
    Number,
    Screen,
    aligned,
    cells,
    flowed,
    text,
    wrapped,
)
from exchange_cache.render.parts import code_column, money_column, tone
from exchange_cache.render.rebuilt import Rebuilt, rebuilt_lines
from exchange_cache.render.signs import Signs
from exchange_cache.render.terminal import Terminal
from exchange_cache.value.compared import Compared
from exchange_cache.zones import local

Point = tuple[datetime, Decimal]

_BLOCKS = "▁▂▃▄▅▆▇█"
_ASCII_BLOCKS = "_.-=*#"
_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))  # column, row from the top
_WIDEST = 140
_HEIGHT = 12
_SPARKS = 24


def sparkline(values: Sequence[Decimal], *, unicode: bool = True) -> str:
    """One sign per value, scaled from the lowest to the highest; empty without values."""
    signs = _BLOCKS if unicode else _ASCII_BLOCKS
    if not values:
        return ""
    low, high = min(values), max(values)
    if low == high:
        return signs[len(signs) // 2 - 1] * len(values)
    return "".join(signs[_place(value, low, high, len(signs))] for value in values)


def history_screen(
    points: Sequence[Point],
    parts: Sequence[Mapping[str, Decimal]] = (),
    *,
    by: str = "",
    asset: str,
    now: datetime,
    terminal: Terminal,
    compared: Compared | None = None,
    rebuilt: Rebuilt | None = None,
) -> Screen:
    """Net worth over time: the latest value, its change and a chart.

    ``parts`` has one entry per point and adds the allocation. ``compared``: the first and the last
    point, of the accounts that both know. No change is stated from a ``rebuilt`` point.
    """
    ordered = sorted(points)
    if not ordered:
        sentence = "No net worth is recorded yet; every sync adds one point."
        return Screen(
            blocks=(Block(lines=wrapped((), sentence, terminal.width, command="excache sync")),)
        )
    recorded = [one for one in ordered if rebuilt is None or not rebuilt.covers(one[0])]
    first, last = (recorded or ordered)[0], ordered[-1]
    if compared is None:
        compared = Compared(before=first[1], after=last[1], common=1)
    head = flowed(
        [
            (*text("Net worth   ", "title"), *text(words.money(last[1], asset), "strong")),
            _moved(compared, first[0], asset) if len(recorded) > 1 else (),
            text(f"as of {words.zoned_time(last[0], now)}", "quiet"),
            () if recorded else text("reconstructed", "warn"),
        ],
        terminal.width,
    )
    if len(ordered) == 1:
        return Screen(
            blocks=(
                Block(lines=head),
                Block(lines=(text("One point so far; the line starts with the second.", "quiet"),)),
            )
        )
    width = min(terminal.width or 80, _WIDEST)
    drawn = chart_lines(ordered, width, _HEIGHT, unicode=terminal.unicode, rebuilt=rebuilt)
    words_of = () if rebuilt is None else rebuilt_lines(rebuilt, width, unicode=terminal.unicode)
    chart = Block(lines=(*drawn, *words_of), spaced=True)
    moved = account_words(compared)
    accounts = Block(lines=wrapped((), moved, terminal.width, role="warn") if moved else ())
    blocks = (Block(lines=head), accounts, chart, *_allocation(parts, by, asset, terminal))
    if parts and rebuilt is not None and rebuilt.covers(ordered[0][0]):
        then = f"Then: {words.day(ordered[0][0])}, reconstructed."
        blocks = (*blocks, Block(lines=wrapped((), then, terminal.width, role="quiet")))
    return Screen(blocks=tuple(block for block in blocks if block.lines or block.grid))


def change_words(compared: Compared, asset: str) -> str:
    """``+50.00 (+50.0 %)``; empty if no account is known at both ends."""
    if not compared.common:
        return ""
    amount = words.signed(compared.change, words.money_digits(asset))
    share = words.percent(compared.fraction, sign=True)
    return amount if compared.fraction is None else f"{amount} ({share})"


def account_words(compared: Compared) -> str:
    """The accounts that came or left, which no change contains; empty without any."""
    parts = [
        f"{words.listed(names)} {what} since then"
        for names, what in ((compared.came, "came"), (compared.left, "left"))
        if names
    ]
    return f"{'; '.join(parts)}: not in the change" if parts else ""


def _moved(compared: Compared, since: datetime, asset: str) -> Line:
    moved = text(change_words(compared, asset), tone(compared.change))
    return (*moved, *text(f" since {words.day(since)}")) if moved else ()


def _allocation(
    parts: Sequence[Mapping[str, Decimal]], by: str, asset: str, terminal: Terminal
) -> tuple[Block, ...]:
    """One row per part: first value, latest value, share, and a sparkline of its share."""
    if not parts:
        return ()
    totals = [sum(one.values(), Decimal(0)) for one in parts]
    first, last, zero = parts[0], parts[-1], Decimal(0)
    names = sorted(
        {name for one in parts for name in one}, key=lambda name: (-abs(last.get(name, zero)), name)
    )
    names = [name for name in names if any(one.get(name) for one in parts)]

    def share(name: str, at: int) -> Decimal:
        return EXACT.divide(parts[at].get(name, zero), totals[at]) if totals[at] > 0 else zero

    picks = sorted({len(parts) * step // _SPARKS for step in range(_SPARKS)} | {len(parts) - 1})
    lines = tuple(
        text(sparkline([share(name, at) for at in picks], unicode=terminal.unicode), "bar")
        for name in names
    )
    columns = (
        code_column(by.capitalize(), names, Signs(terminal.unicode)),
        money_column("Then", [first.get(name, zero) for name in names], asset, drop=2),
        money_column("Now", [last.get(name, zero) for name in names], asset),
        GridColumn(
            heading="Share",
            cells=aligned([Number(words.percent(share(name, -1))) for name in names]),
            align="right",
        ),
        GridColumn(heading="Share over time", cells=lines, drop=1, ornament=True),
    )
    return (Block(grid=Grid(columns=columns), spaced=True),)


def chart_lines(
    points: Sequence[Point],
    width: int,
    height: int,
    *,
    unicode: bool = True,
    rebuilt: Rebuilt | None = None,
) -> tuple[Line, ...]:
    """The chart with values on the left and times below; what is ``rebuilt`` is dotted.

    ``points`` holds at least two points in order of time.
    """
    step = tick_step(
        min(value for _, value in points), max(value for _, value in points), max(2, height // 3)
    )
    low = floor_to(min(value for _, value in points), step)
    high = max(ceiling(max(value for _, value in points), step), low + step)
    ticks = _tick_rows(low, high, step, height)
    labelled = max(cells(label) for label in ticks.values())
    wide = max(10, width - labelled - 2)
    rows = (
        _braille(points, low, high, wide, height, rebuilt)
        if unicode
        else _stars(points, low, high, wide, height, rebuilt)
    )
    edge, corner, line = ("┤│", "└", "─") if unicode else ("+|", "+", "-")
    lines = [
        (
            *text(f"{ticks.get(row, ''):>{labelled}} ", "quiet"),
            *text(edge[0] if row in ticks else edge[1], "quiet"),
            *text(rows[row], "bar"),
        )
        for row in range(height)
    ]
    lines.append(text(" " * labelled + " " + corner + line * wide, "quiet"))
    lines.append(text(" " * (labelled + 2) + _times(points[0][0], points[-1][0], wide), "quiet"))
    return tuple(lines)


# --- axes -----------------------------------------------------------------------------------------


def tick_step(low: Decimal, high: Decimal, most: int) -> Decimal:
    """A round distance between labels (1, 2 or 5 times a power of ten), at most ``most`` steps."""
    span = high - low or max(abs(high), Decimal(1)) / 10
    unit = Decimal(1).scaleb((span / most).adjusted())
    return next(unit * factor for factor in (1, 2, 5, 10) if unit * factor * most >= span)


def floor_to(value: Decimal, step: Decimal) -> Decimal:
    """The multiple of ``step`` at or below the value."""
    return EXACT.multiply(EXACT.divide(value, step).to_integral_value(ROUND_FLOOR), step)


def ceiling(value: Decimal, step: Decimal) -> Decimal:
    """The multiple of ``step`` at or above the value."""
    return -floor_to(-value, step)


def _tick_rows(low: Decimal, high: Decimal, step: Decimal, height: int) -> dict[int, str]:
    digits = words.decimals_of(step)
    ticks: dict[int, str] = {}
    value = low
    while value <= high:
        ticks.setdefault(height - 1 - _place(value, low, high, height), words.fixed(value, digits))
        value += step
    return ticks


def time_form(span: timedelta) -> str:
    """The time format of an axis that covers ``span``."""
    return "%Y-%m-%d" if span >= timedelta(days=2) else "%m-%d %H:%M"


def _times(first: datetime, last: datetime, wide: int) -> str:
    form = time_form(last - first)
    left, right = local(first).strftime(form), local(last).strftime(form)
    middle = local(first + (last - first) / 2).strftime(form)
    free = wide - len(left) - len(right)
    if free < 1:
        return left[:wide]
    if free < len(middle) + 4:
        return left + " " * free + right
    before = (wide - len(middle)) // 2 - len(left)
    return left + " " * before + middle + " " * (free - before - len(middle)) + right


# --- dots -----------------------------------------------------------------------------------------


def _place(value: Decimal, low: Decimal, high: Decimal, places: int) -> int:
    """The step of ``value`` between ``low`` and ``high``, of ``places`` steps; 0 is the lowest."""
    return int(
        words.rounded(EXACT.divide(EXACT.multiply(value - low, Decimal(places - 1)), high - low), 0)
    )


def _sampled(
    points: Sequence[Point], low: Decimal, high: Decimal, columns: int, rows: int
) -> list[int]:
    """The dot row of each dot column, counted from the bottom, on straight lines between points."""
    first, last = points[0][0], points[-1][0]
    heights, at = [], 0
    for column in range(columns):
        moment = first + (last - first) * column // (columns - 1)
        while at < len(points) - 2 and points[at + 1][0] <= moment:
            at += 1
        (before, left), (after, right) = points[at], points[at + 1]
        span = Decimal(max(1, (after - before) // timedelta(milliseconds=1)))
        part = EXACT.divide(Decimal((moment - before) // timedelta(milliseconds=1)), span)
        heights.append(_place(EXACT.add(left, EXACT.multiply(right - left, part)), low, high, rows))
    return heights


def _strokes(heights: Sequence[int]) -> list[range]:
    """The dots of each column, from its neighbour's height to its own, so that the line has no
    gaps."""
    strokes = []
    for index, height in enumerate(heights):
        before = heights[index - 1] if index else height
        low, high = (
            (before + 1, height)
            if before < height
            else (height, before - 1)
            if before > height
            else (height, height)
        )
        strokes.append(range(min(low, height), max(high, height) + 1))
    return strokes


def _dotted(points: Sequence[Point], columns: int, rebuilt: Rebuilt | None) -> range:
    """The dot columns of the reconstructed part, which is the first one."""
    if rebuilt is None:
        return range(0)
    if rebuilt.until is None:
        return range(columns)
    first, last = points[0][0], points[-1][0]
    return range(-(-(rebuilt.until - first) * (columns - 1) // (last - first)))


def _braille(
    points: Sequence[Point],
    low: Decimal,
    high: Decimal,
    wide: int,
    height: int,
    rebuilt: Rebuilt | None,
) -> list[str]:
    grid = [[0] * wide for _ in range(height)]
    dotted = _dotted(points, wide * 2, rebuilt)
    for column, stroke in enumerate(_strokes(_sampled(points, low, high, wide * 2, height * 4))):
        if column in dotted and column % 2:
            continue
        for dot in stroke:
            row = height * 4 - 1 - dot
            grid[row // 4][column // 2] |= _DOTS[column % 2][row % 4]
    return ["".join(chr(0x2800 + dots) if dots else " " for dots in row) for row in grid]


def _stars(
    points: Sequence[Point],
    low: Decimal,
    high: Decimal,
    wide: int,
    height: int,
    rebuilt: Rebuilt | None,
) -> list[str]:
    grid = [[" "] * wide for _ in range(height)]
    dotted = _dotted(points, wide, rebuilt)
    for column, stroke in enumerate(_strokes(_sampled(points, low, high, wide, height))):
        for dot in stroke:
            grid[height - 1 - dot][column] = "." if column in dotted else "*"
    return ["".join(row) for row in grid]
