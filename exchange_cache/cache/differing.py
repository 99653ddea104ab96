"""Where a row is stated differently under one id: by a file and the API, whose row counts, or by
two rows of a file, of which the first counts. The other one is kept and shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.imported_models import DERIVED, FROM_FILE, ImportedFile
from exchange_cache.cache.merged import KINDS, Merged
from exchange_cache.money import ZERO
from exchange_cache.records import Fill, Order, Transfer

#: So many rows that contradict others are listed.
MOST_LISTED = 20
_ALIKE = ("side", "asset", "base", "quote", "kind", "status")


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A row of a file that does not state what the row that counts states under its id: the API's,
    or an earlier one of the file (``within``)."""

    line: int
    what: str
    file: str
    api: str
    within: bool = False


def differences_of(
    database: CacheDatabase, file: ImportedFile
) -> tuple[int, tuple[Difference, ...]]:
    """How many rows of a file contradict those that count, and the first of them."""
    number, listed = 0, list[Difference]()
    for kind in KINDS:
        for within, line, stated, counting in _both(database, kind, file):
            found = _what_differs(stated, counting, file.digits)
            if found is not None:
                number += 1
                if len(listed) < MOST_LISTED:
                    what, one, other = found
                    listed.append(
                        Difference(line=line, what=what, file=one, api=other, within=within)
                    )
    return number, tuple(listed)


def _both(
    database: CacheDatabase, kind: Merged, file: ImportedFile
) -> Iterator[tuple[bool, int, Any, Any]]:
    """The rows of a file under whose ids the ledger has another one: whether that is of the file
    too, the line, the file's record, the one that counts."""
    own = ", ".join(f"f.{name}" for name in kind.codec.names)
    theirs = ", ".join(f"e.{name}" for name in kind.codec.names)
    same = " AND ".join(f"e.{name} = f.{name}" for name in kind.key)
    rows = database.each(
        f"SELECT e.served_by = ?, f.line, {own}, {theirs} FROM {kind.imported} AS f"
        f" JOIN {kind.ledger} AS e ON {same} WHERE f.account = ? AND f.file_id = ? AND f.exact = 1"
        f" AND (NOT {DERIVED.format('e.')} OR (e.served_by = ? AND"
        f" (f.{kind.figure} <> e.{kind.figure} OR f.{kind.time} <> e.{kind.time})))",
        (f"{FROM_FILE}{file.id}", file.account, file.id, f"{FROM_FILE}{file.id}"),
    )
    width = len(kind.codec.names)
    for within, line, *values in rows:
        stated, counting = kind.codec.decode(values[:width]), kind.codec.decode(values[width:])
        yield bool(within), line, stated, counting


def _what_differs(
    stated: Fill | Transfer | Order, served: Fill | Transfer | Order, digits: Mapping[str, int]
) -> tuple[str, str, str] | None:
    """The first thing in which a row of a file differs from the one that counts, beyond the file's
    digits."""
    for name in _ALIKE:
        one, other = getattr(stated, name, None), getattr(served, name, None)
        if one != other:
            return name, str(one), str(other)
    for name, unit, least in _figures(stated, digits):
        one, other = getattr(stated, name), getattr(served, name)
        if one != other and (None in (one, other) or abs(one - other) >= least):
            return name, f"{one} {unit}".strip(), f"{other} {unit}".strip()
    one, other = _time(stated), _time(served)
    if abs((one - other).total_seconds()) >= 2:
        return "time", one.isoformat(), other.isoformat()
    return None


def _figures(
    stated: Fill | Transfer | Order, digits: Mapping[str, int]
) -> Iterator[tuple[str, str, Decimal]]:
    """The figures that count, each with its unit and the least difference that the file's digits
    show; those of orders are written out."""
    if isinstance(stated, Order):
        yield from (("amount", "", ZERO), ("filled", "", ZERO))
        return
    pairs = (
        (("quantity", stated.base), ("cost", stated.quote))
        if isinstance(stated, Fill)
        else (("quantity", stated.asset),)
    )
    for name, asset in pairs:
        yield name, asset, Decimal(1).scaleb(-digits.get(asset, 0))


def _time(record: Fill | Transfer | Order) -> datetime:
    return record.created_at if isinstance(record, Order) else record.time
