"""Where a file and the API state one row differently: the API's counts, the file's is kept and
shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.imported_models import DERIVED, ImportedFile
from exchange_cache.cache.merging import KINDS, Merged
from exchange_cache.records import Fill, Transfer

#: So many rows that contradict the API's are listed.
MOST_LISTED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A row of a file that is a row of the API, where both do not state the same; the API's
    counts."""

    line: int
    what: str
    file: str
    api: str


def differences_of(
    database: CacheDatabase, file: ImportedFile
) -> tuple[int, tuple[Difference, ...]]:
    """How many rows of a file contradict the API's, and the first of them."""
    number, listed = 0, list[Difference]()
    for kind in KINDS:
        for line, stated, served in _both(database, kind, file):
            what = _what_differs(stated, served, file.digits)
            if what is not None:
                number += 1
                if len(listed) < MOST_LISTED:
                    listed.append(Difference(line=line, what=what[0], file=what[1], api=what[2]))
    return number, tuple(listed)


def _both(
    database: CacheDatabase, kind: Merged, file: ImportedFile
) -> Iterator[tuple[int, Any, Any]]:
    """The rows of a file whose ids the API states too: line, the file's record, the API's."""
    own = ", ".join(f"f.{name}" for name in kind.codec.names)
    theirs = ", ".join(f"e.{name}" for name in kind.codec.names)
    same = " AND ".join(f"e.{name} = f.{name}" for name in kind.key)
    rows = database.each(
        f"SELECT f.line, {own}, {theirs} FROM {kind.imported} AS f JOIN {kind.ledger} AS e"
        f" ON {same} WHERE f.account = ? AND f.file_id = ? AND f.exact"
        f" AND NOT {DERIVED.format('e.')}",
        (file.account, file.id),
    )
    width = len(kind.codec.names)
    for line, *values in rows:
        yield line, kind.codec.decode(values[:width]), kind.codec.decode(values[width:])


def _what_differs(
    stated: Fill | Transfer, served: Fill | Transfer, digits: Mapping[str, int]
) -> tuple[str, str, str] | None:
    """The first thing in which a row of a file differs from the API's, beyond the file's digits."""
    for name in ("side", "asset", "base", "quote", "kind"):
        one, other = getattr(stated, name, None), getattr(served, name, None)
        if one != other:
            return name, str(one), str(other)
    figures: Sequence[tuple[str, str]] = (
        (("quantity", stated.base), ("cost", stated.quote))
        if isinstance(stated, Fill)
        else (("quantity", stated.asset),)
    )
    for name, asset in figures:
        one, other = getattr(stated, name), getattr(served, name)
        if abs(one - other) >= Decimal(1).scaleb(-digits.get(asset, 0)) and one != other:
            return name, f"{one} {asset}", f"{other} {asset}"
    if abs((stated.time - served.time).total_seconds()) >= 2:
        return "time", stated.time.isoformat(), served.time.isoformat()
    return None
