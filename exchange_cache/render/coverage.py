"""How much of a history is stored, as a bar over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from exchange_cache.render.layout import (
    Block,
    Line,
    Screen,
    cells,
    flowed,
    padded,
    shortened,
    text,
    width_of,
    wrapped,
)
from exchange_cache.render.signs import Signs
from exchange_cache.render.terminal import Terminal

#: State -> (sign, ASCII sign, role, words).
COVERAGE_SIGNS = {
    "complete": ("█", "#", "good", "complete"),
    "fetching": ("▓", "+", "bar", "being fetched"),
    "gap": ("·", "!", "bad", "gap"),
    "proven": ("▆", "=", "good", "proven by files"),
    "stated": ("▂", "_", "bar", "stated by files"),
    "retention": ("─", "-", "quiet", "no longer served"),
    "never": ("░", ".", "quiet", "never requested"),
}
_WORST_FIRST = ("gap", "fetching", "never", "retention", "stated", "proven", "complete")
#: States that only those see who imported files.
_OF_FILES = frozenset({"proven", "stated"})
_ROOM = 36
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

#: Start and end (exclusive) in milliseconds since 1970, and the state.
CoverageSpan = tuple[int, int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageRow:
    """One bar: an account, a data type and one or more scopes, with a note."""

    label: str
    spans: tuple[CoverageSpan, ...]
    note: str = ""


def coverage_bar(
    spans: Sequence[CoverageSpan], start_ms: int, end_ms: int, width: int, *, unicode: bool = True
) -> Line:
    """``width`` signs for the time from start to end.

    Time outside every span counts as never requested. A gap is always visible.
    """
    line: Line = ()
    for state in _states(spans, start_ms, end_ms, width):
        sign, plain_sign, role, _ = COVERAGE_SIGNS[state]
        line = (*line, *text(sign if unicode else plain_sign, role))
    return line


def _states(spans: Sequence[CoverageSpan], start_ms: int, end_ms: int, width: int) -> list[str]:
    length = max(1, end_ms - start_ms)
    found = []
    for index in range(width):
        left = start_ms + length * index // width
        right = max(left + 1, start_ms + length * (index + 1) // width)
        inside = dict.fromkeys(_WORST_FIRST, 0)
        for start, end, state in spans:
            inside[state] += max(0, min(end, right) - max(start, left))
        inside["never"] += max(0, right - left - sum(inside.values()))
        found.append("gap" if inside["gap"] else max(_WORST_FIRST, key=lambda state: inside[state]))
    return found


def merged_spans(
    histories: Sequence[Sequence[CoverageSpan]], start_ms: int, end_ms: int
) -> tuple[CoverageSpan, ...]:
    """Several histories as one: every instant has the worst state of any of them."""
    cuts = sorted(
        {
            start_ms,
            end_ms,
            *(edge for spans in histories for start, end, _ in spans for edge in (start, end)),
        }
    )
    found: list[CoverageSpan] = []
    for left, right in pairwise(cut for cut in cuts if start_ms <= cut <= end_ms):
        states = [
            next((state for start, end, state in spans if start <= left and right <= end), "never")
            for spans in histories
        ]
        state = min(states, key=_WORST_FIRST.index)
        if found and found[-1][2] == state:
            found[-1] = (found[-1][0], right, state)
        else:
            found.append((left, right, state))
    return tuple(found)


def coverage_screen(rows: Sequence[CoverageRow], *, terminal: Terminal) -> Screen:
    """One bar per row on a common time axis, and a legend."""
    if not rows:
        return Screen(
            blocks=(
                Block(
                    lines=wrapped(
                        (),
                        "No history has been requested yet.",
                        terminal.width,
                        command="excache sync",
                    )
                ),
            )
        )
    signs = Signs(terminal.unicode)
    start = min((span[0] for row in rows for span in row.spans), default=0)
    end = max((span[1] for row in rows for span in row.spans), default=1)
    labelled = min(max(cells(row.label) for row in rows), 28)
    wide = 24 if terminal.width is None or terminal.width >= 100 else 16
    lines: list[Line] = []
    before = ""
    for row in rows:
        label = row.label if row.label != before else ""
        before = row.label
        head = (
            *padded(text(shortened(label, labelled, signs.ellipsis)), labelled + 2),
            *text(f"{_year(start)} ", "quiet"),
            *coverage_bar(row.spans, start, end, wide, unicode=terminal.unicode),
            *text(f" {_year(end)}  ", "quiet"),
        )
        lines += _with_note(head, row, terminal.width)
    legend = [
        (*text(sign if terminal.unicode else plain_sign, role), *text(f" {meaning}", "quiet"))
        for state, (sign, plain_sign, role, meaning) in COVERAGE_SIGNS.items()
        if state not in _OF_FILES or any(state == span[2] for row in rows for span in row.spans)
    ]
    return Screen(
        blocks=(Block(lines=tuple(lines)), Block(lines=flowed(legend, terminal.width), spaced=True))
    )


def _with_note(head: Line, row: CoverageRow, width: int | None) -> tuple[Line, ...]:
    """The note next to the bar, or below it on a narrow terminal."""
    if not row.note:
        return (head,)
    if width is None or width - width_of(head) >= _ROOM:
        return wrapped(head, row.note, width, role="quiet")
    return (head, *wrapped(text("    "), row.note, width, role="quiet"))


def _year(ms: int) -> str:
    return str((_EPOCH + timedelta(milliseconds=ms)).year)
