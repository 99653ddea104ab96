"""Versions of rows as what happened to them: which field became what. Read by statements alone."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from exchange_cache.cache.answering import Database
from exchange_cache.cache.codec import Row
from exchange_cache.cache.ledger_query import KINDS, Kind
from exchange_cache.cache.revised import STATED, VERSIONS, Change, RowKey, Version
from exchange_cache.clock import from_ms, to_ms
from exchange_cache.ledger.afterwards import Afterwards, FieldChange

_ASSETS = ("base", "quote", "settle", "asset", "fee_asset")


def read_versions(
    database: Database, accounts: Collection[str] | None = None, since: datetime | None = None
) -> tuple[Version, ...]:
    """Former versions (replaced since a moment), the oldest change first."""
    conditions: list[str] = ["TRUE"]
    values: list[object] = []
    if accounts is not None:
        conditions.append(f"account IN ({', '.join('?' * len(accounts))})")
        values += list(accounts)
    if since is not None:
        conditions.append("replaced_ms >= ?")
        values.append(to_ms(since))
    sql = f"SELECT {', '.join(VERSIONS.names)} FROM ledger_versions"
    sql += f" WHERE {' AND '.join(conditions)} ORDER BY id"
    return VERSIONS.read(database.select(sql, values))


def read_afterwards(
    database: Database, accounts: Collection[str] | None, since: datetime | None
) -> tuple[Afterwards, ...]:
    """What exchanges changed afterwards and was noticed ``since``, the first noticed first."""
    with database.snapshot():
        versions = read_versions(database, accounts, since)
        keys = dict.fromkeys(one.row for one in versions)
        current = {key: row for key in keys for row in _rows(database, key)}
    return afterwards(versions, current)


def _rows(database: Database, key: RowKey) -> Iterator[Row]:
    """The row as it is stored now."""
    kind = KINDS[key.data_type]
    names = ("account", kind.place, *([kind.symbol] if kind.symbol else []), kind.row_id)
    columns = tuple(column.name for column in kind.codec.columns)
    sql = f"SELECT {', '.join(columns)} FROM {kind.table}"
    sql += f" WHERE {' AND '.join(f'{name} = ?' for name in names)}"
    symbol = [key.symbol] if kind.symbol else []
    for row in database.select(sql, (key.account, key.place, *symbol, key.row_id)):
        yield dict(zip(columns, row, strict=True))


def afterwards(
    versions: Sequence[Version], current: Mapping[RowKey, Row]
) -> tuple[Afterwards, ...]:
    """What became of rows, in the order in which it was noticed; ``current`` are the rows as they
    are now. A version is followed by the next of its row, or by the row itself."""
    following = dict(current)
    found = []
    for version in reversed(versions):
        now = following.get(version.row, version.former)
        following[version.row] = dict(version.former)
        found.append(_of(version, now))
    return tuple(reversed(found))


def _of(version: Version, now: Mapping[str, Any]) -> Afterwards:
    kind = KINDS[version.row.data_type]
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
    for column in kind.codec.columns:
        name = column.name
        if name in STATED[kind.data_type] and former[name] != now[name]:
            yield FieldChange(
                field=name.removesuffix("_ms"),
                before=_text(name, former[name]),
                after=_text(name, now[name]),
            )


def _text(name: str, value: Any) -> str | None:
    if value is None:
        return None
    return from_ms(value).isoformat() if name.endswith("_ms") else str(value)
