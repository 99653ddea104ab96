"""Net worth over time as a picture: shapes on a canvas for the SVG and PNG writers.

Without parts it is one line over a light area. With parts (by asset or by account) it is stacked
areas under the line of the total: the largest parts by name, the rest as one. Negative parts
(debts) are stacked downwards from zero. Only the last step turns figures into coordinates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from exchange_cache.money import EXACT, ZERO
from exchange_cache.render import words
from exchange_cache.render.chart import (
    account_words,
    ceiling,
    change_words,
    floor_to,
    tick_step,
    time_form,
)
from exchange_cache.value.compared import Compared
from exchange_cache.zones import local

WIDTH, HEIGHT = 1200, 640
_LEFT, _RIGHT, _TOP, _BOTTOM = 110, 52, 96, 56
_LEGEND = 230
#: Okabe and Ito's colours, which colour-blind people can distinguish; the rest is grey.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442")
REST_COLOUR, INK, QUIET, GRID = "#999999", "#1a1a1a", "#666666", "#dddddd"
REST = "others"

Place = tuple[float, float]
Parts = Sequence[Mapping[str, Decimal]]


@dataclass(frozen=True, slots=True)
class Line:
    """Straight lines from place to place."""

    places: tuple[Place, ...]
    colour: str
    width: float = 1.0


@dataclass(frozen=True, slots=True)
class Area:
    """A filled polygon; ``opacity`` between 0 and 1."""

    places: tuple[Place, ...]
    colour: str
    opacity: float = 1.0


@dataclass(frozen=True, slots=True)
class Label:
    """Text that starts, is centred or ends (``anchor``: start, middle, end) at a place."""

    place: Place
    text: str
    size: int
    colour: str = INK
    anchor: str = "start"
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """Shapes in drawing order on white."""

    width: int
    height: int
    title: str
    shapes: tuple[Line | Area | Label, ...]


@dataclass(frozen=True, slots=True)
class _Frame:
    """The coordinates of times and values on the canvas."""

    first: datetime
    last: datetime
    low: Decimal
    high: Decimal
    right: float

    def x(self, moment: datetime) -> float:
        span = (self.last - self.first) / timedelta(milliseconds=1)
        part = (moment - self.first) / timedelta(milliseconds=1) / span if span else 0.5
        return _LEFT + part * (self.right - _LEFT)

    def y(self, value: Decimal) -> float:
        part = float(EXACT.divide(value - self.low, self.high - self.low))
        return HEIGHT - _BOTTOM - part * (HEIGHT - _BOTTOM - _TOP)


def history_picture(
    points: Sequence[tuple[datetime, Decimal]],
    parts: Parts = (),
    *,
    asset: str,
    compared: Compared | None = None,
) -> Picture:
    """The picture of at least one point; ``parts`` is empty or has one entry per point.
    ``compared``: the first and the last point, of the accounts that both know."""
    values = [value for _, value in points]
    stacks = _stacks(parts)
    tops = [sum((max(stack[name], ZERO) for name in stack), ZERO) for stack in stacks]
    feet = [sum((min(stack[name], ZERO) for name in stack), ZERO) for stack in stacks]
    low, high = min([*values, *feet, *([ZERO] if stacks else [])]), max([*values, *tops])
    step = tick_step(low, high, 6)
    low = floor_to(low, step)
    high = max(ceiling(high, step), low + step)
    frame = _Frame(
        points[0][0], points[-1][0], low, high, WIDTH - _RIGHT - (_LEGEND if stacks else 0)
    )
    shapes: list[Line | Area | Label] = [
        *_head(points, asset, compared),
        *_values(frame, step),
        *_times(frame),
    ]
    shapes += _areas(points, stacks, frame) if stacks else _under(points, frame)
    line = tuple((frame.x(moment), frame.y(value)) for moment, value in points)
    shapes.append(
        Line(
            line if len(line) > 1 else (line[0], (line[0][0] + 3, line[0][1])),
            INK if stacks else COLOURS[0],
            2.5,
        )
    )
    if stacks:
        shapes += _legend(stacks[-1], values[-1])
    return Picture(WIDTH, HEIGHT, f"Net worth in {asset}", tuple(shapes))


def _stacks(parts: Parts) -> list[dict[str, Decimal]]:
    """The largest parts of each point (by their highest value) in one order, and the sum of the
    rest."""
    most: dict[str, Decimal] = {}
    for one in parts:
        for name, value in one.items():
            most[name] = max(most.get(name, ZERO), abs(value))
    ranked = sorted((name for name in most if most[name]), key=lambda name: (-most[name], name))
    named, rest = ranked[: len(COLOURS)], ranked[len(COLOURS) :]
    return [
        {
            **{name: one.get(name, ZERO) for name in named},
            **({REST: sum((one.get(name, ZERO) for name in rest), ZERO)} if rest else {}),
        }
        for one in parts
    ]


def colour_of(index: int, name: str) -> str:
    return REST_COLOUR if name == REST else COLOURS[index % len(COLOURS)]


def _head(
    points: Sequence[tuple[datetime, Decimal]], asset: str, compared: Compared | None
) -> list[Label]:
    first, last = points[0], points[-1]
    if compared is None:
        compared = Compared(before=first[1], after=last[1], common=1)
    change = f"{change_words(compared, asset)} since {words.day(first[0])}".strip()
    moved = "; ".join(filter(None, [change, account_words(compared)]))
    moved = moved if len(points) > 1 else "one point so far"
    return [
        Label((_LEFT, 44), f"Net worth {words.money(last[1], asset)}", 26, bold=True),
        Label((_LEFT, 70), f"{moved}, as of {words.zoned_minute(last[0])}", 16, QUIET),
    ]


def _values(frame: _Frame, step: Decimal) -> list[Line | Label]:
    shapes: list[Line | Label] = []
    value = frame.low
    while value <= frame.high:
        y = frame.y(value)
        shapes.append(Line(((_LEFT, y), (frame.right, y)), QUIET if value == 0 else GRID))
        shapes.append(
            Label(
                (_LEFT - 10, y + 5), words.fixed(value, words.decimals_of(step)), 14, QUIET, "end"
            )
        )
        value += step
    return shapes


def _times(frame: _Frame) -> list[Line | Label]:
    span = frame.last - frame.first
    form = time_form(span)
    base = HEIGHT - _BOTTOM
    shapes: list[Line | Label] = [Line(((_LEFT, base), (frame.right, base)), QUIET)]
    marks = 6 if frame.right - _LEFT > 900 else 5
    moments = (
        [frame.first + span * number / (marks - 1) for number in range(marks)]
        if span
        else [frame.first]
    )
    for moment in moments:
        x = frame.x(moment)
        shapes.append(Line(((x, base), (x, base + 6)), QUIET))
        shapes.append(Label((x, base + 26), local(moment).strftime(form), 14, QUIET, "middle"))
    return shapes


def _under(points: Sequence[tuple[datetime, Decimal]], frame: _Frame) -> list[Area]:
    base = frame.y(frame.low)
    line = [(frame.x(moment), frame.y(value)) for moment, value in points]
    return [Area(((line[0][0], base), *line, (line[-1][0], base)), COLOURS[0], 0.12)]


def _areas(
    points: Sequence[tuple[datetime, Decimal]], stacks: Sequence[dict[str, Decimal]], frame: _Frame
) -> list[Area]:
    times = [frame.x(moment) for moment, _ in points]
    if len(times) == 1:  # a single point becomes a bar
        times, stacks = [frame.x(points[0][0]) - 30, frame.x(points[0][0]) + 30], [*stacks, *stacks]
    above, below = [ZERO] * len(stacks), [ZERO] * len(stacks)
    areas = []
    for index, name in enumerate(stacks[0]):
        lower, upper = [], []
        for at, stack in enumerate(stacks):
            side = above if stack[name] >= 0 else below
            lower.append((times[at], frame.y(side[at])))
            side[at] += stack[name]
            upper.append((times[at], frame.y(side[at])))
        areas.append(Area((*upper, *reversed(lower)), colour_of(index, name), 0.85))
    return areas


def _legend(stack: Mapping[str, Decimal], total: Decimal) -> list[Area | Label]:
    """The parts in the order of the stack, the uppermost first, with their current share."""
    shapes: list[Area | Label] = []
    x, y = WIDTH - _RIGHT - _LEGEND + 28, _TOP + 8
    for index, name in reversed(list(enumerate(stack))):
        share = words.percent(EXACT.divide(stack[name], total)) if total > 0 else ""
        shapes.append(
            Area(((x, y), (x + 16, y), (x + 16, y + 16), (x, y + 16)), colour_of(index, name), 0.85)
        )
        shapes.append(Label((x + 26, y + 14), name if len(name) <= 14 else name[:13] + "…", 15))
        shapes.append(Label((WIDTH - _RIGHT, y + 14), share, 15, QUIET, "end"))
        y += 28
    return shapes
