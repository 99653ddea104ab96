"""Lists in every format: typed columns and rows of exact values.

A row maps column keys to exact values (Decimal, datetime, timedelta, int, str, bool, tuple, None
for unknown). Printed formats show the columns with a heading. JSON and CSV show all columns under
their keys.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from exchange_cache.render.formats import Rows
from exchange_cache.render.machine import SCHEMA

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
    "fee",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column. A narrow terminal drops the highest ``priority`` first; 0 is never dropped.

    Kinds: text; code (may be shortened); decimal (one precision per column, fixed by ``digits``);
    signed (a result); price; percent (a change, as a fraction); integer; time; age (a timedelta);
    duration; state (a word with a tone); freshness (an age and a state); flag (yes or empty);
    figure (a number with its unit, as text); fee (amounts with their assets, as text). If
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
