"""Lists in every format: typed columns and rows of exact values.

A row maps column keys to exact values (Decimal, datetime, timedelta, int, str, bool, tuple, None
for unknown). Printed formats show the columns with a heading. JSON and CSV show all columns under
their keys.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from exchange_cache.render import words
from exchange_cache.render.formats import Rows
from exchange_cache.render.layout import (
    Block,
    Grid,
    GridColumn,
    Line,
    Number,
    Screen,
    Span,
    aligned,
    cells,
    flowed,
    least_width,
    text,
    wrapped,
)
from exchange_cache.render.machine import SCHEMA, exact
from exchange_cache.render.parts import (
    code_column,
    price_column,
    quantity_column,
    result_number,
    tone,
)
from exchange_cache.render.signs import Signs
from exchange_cache.render.terminal import Terminal
from exchange_cache.zones import zone_name

if TYPE_CHECKING:
    from exchange_cache.findings import Finding

KINDS = (
    "text",
    "code",
    "decimal",
    "signed",
    "price",
    "percent",
    "integer",
    "time",
    "age",
    "duration",
    "state",
    "freshness",
    "flag",
    "figure",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column. A narrow terminal drops the highest ``priority`` first; 0 is never dropped.

    Kinds: text; code (may be shortened); decimal (one precision per column, fixed by ``digits``);
    signed (a result); price; percent (a change, as a fraction); integer; time; age (a timedelta);
    duration; state (a word with a tone); freshness (an age and a state); flag (yes or empty);
    figure (a number with its unit, as text). If
    the grid is too wide, a ``below`` column becomes lines under it, each after the row's first
    column. A column without a heading is for programs only.
    """

    key: str
    heading: str = ""
    kind: str = "text"
    priority: int = 0
    digits: int | None = None
    below: bool = False

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"column {self.key}: unknown kind {self.kind!r}")


def for_programs(keys: str) -> tuple[Column, ...]:
    """Columns without headings for these keys."""
    return tuple(Column(key=key) for key in keys.split())


def rows_of(
    records: Iterable[Any], columns: Sequence[Column], **computed: Callable[[Any], object]
) -> tuple[Mapping[str, object], ...]:
    """Records as rows: the value of each column is computed, or the field of the same name."""
    getters = {column.key: computed.get(column.key, attrgetter(column.key)) for column in columns}
    return tuple({key: get(record) for key, get in getters.items()} for record in records)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A list as a value.

    ``empty`` is shown if there are no rows; ``notes`` and ``findings`` follow the list. ``beside``
    holds further keys of the JSON document.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Mapping[str, object], ...]
    as_of: datetime
    oldest: datetime | None = None
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    empty: str = "Nothing to show."
    beside: Mapping[str, object] = field(default_factory=dict)


def listing_document(listing: Listing) -> dict[str, object]:
    """``{"schema": 1, "as_of": …, "rows": […]}``; every row has every key."""
    rows = [{column.key: row.get(column.key) for column in listing.columns} for row in listing.rows]
    return {"schema": SCHEMA, "as_of": listing.as_of, "rows": rows, **listing.beside}


def listing_rows(listing: Listing) -> Rows:
    """The rows under their JSON keys."""
    names = [column.key for column in listing.columns]
    return names, ([row.get(name) for name in names] for row in listing.rows)


def listing_screen(listing: Listing, *, now: datetime, terminal: Terminal) -> Screen:
    """The title with its age, the grid and the closing notes."""
    shown = _shown(listing)
    signs = Signs(terminal.unicode)
    made = {column: _grid_column(column, listing.rows, signs) for column in shown}
    whose = _only_account(listing)
    if whose and terminal.width is not None and least_width([*made.values()]) > terminal.width:
        shown = [column for column in shown if column.key != "account"]
        made = {column: made[column] for column in shown}
    else:
        whose = ""
    title = f"{listing.title} of {whose}" if whose else listing.title
    head = [text(title, "title")] if title else []
    if listing.oldest is not None:
        age = words.ago(now - listing.oldest)
        head.append(text(f"as of {words.zoned_time(listing.oldest, now)}, {age}", "quiet"))
    if any(column.kind == "time" for column in shown):
        head.append(text(f"times in {zone_name()}", "quiet"))
    blocks = [Block(lines=flowed(head, terminal.width))]
    if listing.rows:
        least = least_width([own for column, own in made.items() if not column.priority])
        too_wide = terminal.width is not None and least > terminal.width
        grid = Grid(
            columns=tuple(own for column, own in made.items() if not (column.below and too_wide))
        )
        blocks.append(Block(grid=grid, spaced=True))
        if too_wide:
            blocks += [
                Block(lines=_below(listing, column, terminal.width), spaced=True)
                for column in shown
                if column.below
            ]
    else:
        blocks.append(Block(lines=wrapped((), listing.empty, terminal.width), spaced=True))
    notes = [line for note in listing.notes for line in _note(note, terminal.width)]
    blocks.append(Block(lines=tuple(notes), spaced=True))
    if listing.findings:
        from exchange_cache.render.findings import finding_lines

        lines = finding_lines(listing.findings, signs, terminal.width)
        blocks.append(Block(lines=lines, spaced=True))
    return Screen(blocks=tuple(block for block in blocks if block.lines or block.grid))


def _shown(listing: Listing) -> list[Column]:
    """The columns for people that are essential or have a value in any row."""
    if not listing.rows:
        return []
    return [column for column in listing.columns if column.heading and _has_any(listing, column)]


def _only_account(listing: Listing) -> str:
    """The account of all rows of a titled list; empty if there are several."""
    names = {_text(row.get("account")) for row in listing.rows}
    titled = bool(listing.title) and any(column.key == "account" for column in listing.columns)
    return names.pop() if titled and len(names) == 1 else ""


def _below(listing: Listing, column: Column, width: int | None) -> tuple[Line, ...]:
    first = listing.columns[0].key
    notes = [
        (_text(row.get(first)), _text(row.get(column.key)))
        for row in listing.rows
        if row.get(column.key)
    ]
    return tuple(line for name, note in notes for line in wrapped(text(f"{name}: "), note, width))


def _note(note: str, width: int | None) -> tuple[Line, ...]:
    """The note on one line if it fits, else wrapped under its own indent."""
    if width is None or cells(note) <= width:
        return (text(note),)
    return wrapped(text(note[: len(note) - len(note.lstrip())]), note, width)


def _has_any(listing: Listing, column: Column) -> bool:
    """Whether the column is essential or has a value in any row."""
    return column.priority == 0 or any(
        row.get(column.key) not in (None, "", (), False) for row in listing.rows
    )


def _grid_column(column: Column, rows: Sequence[Mapping[str, object]], signs: Signs) -> GridColumn:
    values = [row.get(column.key) for row in rows]
    if column.kind == "code":
        made = code_column(column.heading, [_text(value) for value in values], signs, role="")
        return GridColumn(
            heading=made.heading,
            fill=made.fill,
            least=made.least,
            most=made.most,
            drop=column.priority,
        )
    if column.kind == "price":
        return price_column(
            column.heading, [_decimal(value) for value in values], drop=column.priority
        )
    if column.kind == "decimal" and column.digits is None:
        return quantity_column(
            column.heading, [_decimal(value) for value in values], drop=column.priority
        )
    if column.kind in {"decimal", "signed", "percent"}:
        return GridColumn(
            heading=column.heading,
            cells=aligned(_numbers(column, [_decimal(value) for value in values])),
            align="right",
            drop=column.priority,
        )
    if column.kind == "freshness":
        shown = [
            _state(value) if isinstance(value, str) else text(words.UNKNOWN) for value in values
        ]
        short = [
            tuple(
                Span(span.text.replace(" failed", f" {signs.failed}"), span.role) for span in line
            )
            for line in shown
        ]
        return GridColumn(heading=column.heading, cells=tuple(short), drop=column.priority)
    align = "right" if column.kind in {"integer", "age", "duration", "figure"} else "left"
    return GridColumn(
        heading=column.heading,
        cells=tuple(_WORDS[column.kind](value) for value in values),
        align=align,
        drop=column.priority,
    )


def _numbers(column: Column, values: Sequence[Decimal | None]) -> list[Number]:
    digits = column.digits
    if column.kind == "percent":
        return [_percent(value, 1 if digits is None else digits) for value in values]
    if digits is None:
        digits = words.quantity_digits(values)
        digits = max(2, digits) if column.kind == "signed" else digits
    if column.kind == "signed":
        return [result_number(value, digits) for value in values]
    return [
        Number(words.fixed(value, digits), "bad" if value is not None and value < 0 else "")
        for value in values
    ]


def _percent(value: Decimal | None, digits: int) -> Number:
    shown = words.percent(value, digits, sign=True)
    return Number(shown, tone(value) if shown[:1] in {"+", "-"} else "")


def _decimal(value: object) -> Decimal | None:
    if value is None or isinstance(value, Decimal):
        return value
    raise TypeError(f"not a Decimal: {value!r}")


def _text(value: object) -> str:
    plain = exact(value)
    if plain is None or plain == []:
        return words.UNKNOWN
    return ", ".join(str(item) for item in plain) if isinstance(plain, list) else str(plain)


def _integer(value: object) -> Line:
    return text(f"{value:,}" if isinstance(value, int) else words.UNKNOWN)


def _time(value: object) -> Line:
    return text(words.full_time(value if isinstance(value, datetime) else None))


def _age(value: object) -> Line:
    return text(words.age(value) if isinstance(value, timedelta) else words.UNKNOWN)


def _duration(value: object) -> Line:
    return text(words.took(value) if isinstance(value, timedelta) else words.UNKNOWN)


_TONES = {
    "buy": "good",
    "sell": "bad",
    "long": "good",
    "short": "bad",
    "fresh": "good",
    "ok": "good",
    "stale": "warn",
    "missing": "warn",
    "never": "warn",
    "pending": "warn",
    "failed": "bad",
    "rejected": "bad",
    "no_permission": "bad",
}


def _state(value: object) -> Line:
    shown = _text(value)
    tones = [_TONES[word] for word in shown.split() if word in _TONES]
    return text(shown.replace("_", " "), tones[0] if tones else "")


_WORDS: dict[str, Callable[[object], Line]] = {
    "text": lambda value: text(_text(value)),
    "integer": _integer,
    "time": _time,
    "age": _age,
    "duration": _duration,
    "state": _state,
    "flag": lambda value: text("yes" if value else ""),
    "figure": lambda value: text(_text(value)),
}
