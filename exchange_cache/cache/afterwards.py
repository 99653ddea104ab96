"""Versions of rows as what happened to them: which field became what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from exchange_cache.cache.codec import Row
from exchange_cache.cache.revision_models import Change, RowKey, Version
from exchange_cache.cache.storing import KINDS, Kind
from exchange_cache.clock import from_ms
from exchange_cache.ledger.afterwards import Afterwards, FieldChange

_ASSETS = ("base", "quote", "settle", "asset", "fee_asset")


def afterwards(
    versions: Iterable[Version], current: Mapping[RowKey, Row]
) -> tuple[Afterwards, ...]:
    """What became of rows, in the order in which it was noticed; ``current`` are the rows as they
    are now. A version is followed by the next of its row, or by the row itself."""
    following = dict(current)
    found = []
    for version in reversed(tuple(versions)):
        now = following.get(version.row, version.former)
        following[version.row] = dict(version.former)
        found.append(_of(version, now))
    return tuple(reversed(found))


def _of(version: Version, now: Mapping[str, Any]) -> Afterwards:
    kind = next(kind for kind in KINDS if kind.data_type is version.row.data_type)
    former = version.former
    changes = tuple(_changes(kind, former, now)) if version.what is Change.CHANGED else ()
    return Afterwards(
        account=version.row.account,
        data_type=version.row.data_type,
        symbol=former.get("symbol"),
        row_id=version.row.row_id,
        time=from_ms(former[kind.time]),
        what=str(version.what),
        noticed_at=version.replaced_at,
        assets=tuple(dict.fromkeys(former[name] for name in _ASSETS if former.get(name))),
        changes=changes,
    )


def _changes(
    kind: Kind, former: Mapping[str, Any], now: Mapping[str, Any]
) -> Iterator[FieldChange]:
    for name in kind.columns:
        if name in kind.stated and former[name] != now[name]:
            yield FieldChange(
                field=name.removesuffix("_ms"),
                before=_text(name, former[name]),
                after=_text(name, now[name]),
            )


def _text(name: str, value: Any) -> str | None:
    if value is None:
        return None
    return from_ms(value).isoformat() if name.endswith("_ms") else str(value)
