"""Finds a file whose times are in another zone than it was read in: its rows are those of the API,
all of them some hours apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.imported_models import DERIVED, ImportedFile
from exchange_cache.cache.merged import COMPARED, KINDS, Merged
from exchange_cache.errors import StatementRefused
from exchange_cache.statements.items import Item
from exchange_cache.statements.matching import WITHIN_MS, Matching

_QUARTER_MS = 900_000
_FURTHEST_MS = 14 * 3_600_000
#: So many rows are looked at, and so many must agree.
_SAMPLE = 300
_AGREEING = 3


def refuse_other_zone(database: CacheDatabase, file: ImportedFile) -> None:
    """StatementRefused where matching rows are a constant offset apart."""
    offsets: Counter[int] = Counter()
    for kind in KINDS:
        offsets.update(_by_id(database, kind, file))
    for kind in COMPARED:
        offsets.update(_compared(database, kind, file))
    if not offsets:
        return
    offset, agreeing = offsets.most_common(1)[0]
    if offset == 0 or agreeing < _AGREEING or 2 * agreeing <= sum(offsets.values()):
        return
    hours = offset * _QUARTER_MS / 3_600_000
    minutes = file.zone_minutes - offset * 15
    sign = "-" if minutes < 0 else "+"
    raise StatementRefused(
        f"its times are {abs(hours):g} hours {'behind' if hours > 0 else 'ahead of'} those of the"
        f" exchange's API ({agreeing} matching rows): it is in another zone",
        file=file.name,
        hint=f"state it: --zone UTC{sign}{abs(minutes) // 60}:{abs(minutes) % 60:02d}; where the"
        " file states a zone, correct it there",
    )


def _by_id(database: CacheDatabase, kind: Merged, file: ImportedFile) -> Iterator[int]:
    """By how many quarters of an hour rows of the API are later than the same rows of the file."""
    same = " AND ".join(f"e.{name} = f.{name}" for name in kind.key)
    for (apart,) in database.select(
        f"SELECT e.{kind.time} - f.{kind.time} FROM {kind.imported} AS f"
        f" JOIN {kind.ledger} AS e ON {same}"
        f" WHERE f.account = ? AND f.file_id = ? AND f.exact = 1 AND NOT {DERIVED.format('e.')}"
        f" LIMIT {_SAMPLE}",
        (file.account, file.id),
    ):
        if (quarters := _quarters(apart)) is not None:
            yield quarters


def _compared(database: CacheDatabase, kind: Merged, file: ImportedFile) -> Iterator[int]:
    """The same of rows without ids."""
    names = ", ".join(f"{name}" for name in kind.codec.names)
    begin = database.select(
        f"SELECT time_ms FROM {kind.ledger} WHERE account = ? AND NOT {DERIVED.format('')}"
        " ORDER BY time_ms LIMIT 1",
        (file.account,),
    )
    if not begin:
        return
    rows = database.select(
        f"SELECT {names} FROM {kind.imported} WHERE account = ? AND file_id = ? AND exact = 0"
        f" AND time_ms >= ? ORDER BY time_ms DESC LIMIT {_SAMPLE}",
        (file.account, file.id, begin[0][0] - _FURTHEST_MS),
    )
    for row in rows:
        yield from _of_row(database, kind, file, Item(record=kind.codec.decode(row), key=()))


def _of_row(database: CacheDatabase, kind: Merged, file: ImportedFile, item: Item) -> Iterator[int]:
    """The offsets at which the API has a row like this one: at most one for each."""
    names = ", ".join(kind.codec.names)
    around = database.select(
        f"SELECT {names} FROM {kind.ledger} WHERE account = ? AND time_ms BETWEEN ? AND ?"
        f" AND (time_ms - ?) % {_QUARTER_MS} <= {2 * WITHIN_MS} AND NOT {DERIVED.format('')}",
        (
            *(file.account, item.ms - _FURTHEST_MS - WITHIN_MS, item.ms + _FURTHEST_MS + WITHIN_MS),
            item.ms - _FURTHEST_MS - WITHIN_MS,
        ),
    )
    found = set()
    for row in around:
        known = Item(record=kind.codec.decode(row), key=())
        quarters = _quarters(known.ms - item.ms)
        if quarters is None or known.bucket != item.bucket:
            continue
        known.ms = item.ms
        if not Matching([known], file.digits).new([item]):
            found.add(quarters)
    yield from found


def _quarters(apart_ms: int) -> int | None:
    """An offset in quarters of an hour; None where it is none of a zone."""
    quarters = round(apart_ms / _QUARTER_MS)
    near = abs(apart_ms - quarters * _QUARTER_MS) <= WITHIN_MS
    return quarters if near and abs(apart_ms) <= _FURTHEST_MS + WITHIN_MS else None
