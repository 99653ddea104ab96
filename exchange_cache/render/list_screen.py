"""A list as a screen for people: the columns that fit, their cells, and what closes the list."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from exchange_cache.render import words
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
from exchange_cache.render.listing import Column, Listing
from exchange_cache.render.machine import exact
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
    from exchange_cache.render.compact import Degree


def listing_screen(listing: Listing, *, now: datetime, terminal: Terminal) -> Screen:
    """The title with its age, the grid and the closing notes."""
    shown = _shown(listing)
    signs = Signs(terminal.unicode)
    made: Mapping[Column, GridColumn] = {
        column: _grid_column(column, listing.rows, signs) for column in shown
    }
    whose = _only_account(listing)
    if whose and terminal.width is not None and least_width([*made.values()]) > terminal.width:
        shown = [column for column in shown if column.key != "account"]
        made = {column: made[column] for column in shown}
    else:
        whose = ""
    made = _fitting(made, listing.rows, signs, terminal.width)
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


def _fitting(
    made: Mapping[Column, GridColumn],
    rows: Sequence[Mapping[str, object]],
    signs: Signs,
    width: int | None,
) -> Mapping[Column, GridColumn]:
    """The columns, in the first degree in which those that never drop fit, else in the last."""
    if width is None or _least(made) <= width:
        return made
    from exchange_cache.render.compact import Degree

    for degree in Degree:
        made = {column: _grid_column(column, rows, signs, degree) for column in made}
        if _least(made) <= width:
            break
    return made


def _least(made: Mapping[Column, GridColumn]) -> int:
    """The width of the columns that neither drop nor become lines under the grid."""
    return least_width(
        [own for column, own in made.items() if not (column.priority or column.below)]
    )


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


def _grid_column(
    column: Column,
    rows: Sequence[Mapping[str, object]],
    signs: Signs,
    degree: Degree | None = None,
) -> GridColumn:
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
    if degree is not None:
        from exchange_cache.render.compact import compact_column

        compact = compact_column(column, values, degree)
        if compact is not None:
            return compact
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


def _fee(value: object) -> Line:
    """Amounts with their assets, with thousands separators."""
    if not isinstance(value, str):
        return text(words.UNKNOWN)
    fees = (fee.partition(" ") for fee in value.split(" + ") if fee)
    return text(" + ".join(f"{Decimal(amount):,f} {asset}" for amount, _, asset in fees))


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
    "fee": _fee,
    "age": _age,
    "duration": _duration,
    "state": _state,
    "flag": lambda value: text("yes" if value else ""),
    "figure": lambda value: text(_text(value)),
}
