"""Moves the rows of an account to another name, also where both names have rows of the one
account."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

from exchange_cache.cache import file_coverage, merging
from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.doubts import COMPARED, DoubtfulOrderRow
from exchange_cache.cache.imported_models import IMPORT_MODELS
from exchange_cache.cache.ledger import Ledger
from exchange_cache.cache.ledger_models import CoverageRow, FillRow, StreamRow, TransferRow
from exchange_cache.cache.models import (
    AcceptedRow,
    MemoryRow,
    OrderRow,
    RateMissRow,
    SnapshotRow,
    StatedBasisRow,
)
from exchange_cache.cache.revision_models import VERSIONS, AbsenceRow, VersionRow
from exchange_cache.cache.schema import MODELS
from exchange_cache.cache.snapshots import details_of, gaps_text, packed_details
from exchange_cache.cache.streams import StreamState
from exchange_cache.cache.table import selected
from exchange_cache.cache.unidentified import UnidentifiedTable

#: Tables whose rows remain from both names; of two rows with one key that of the new name.
_JOINED = (
    *(OrderRow, FillRow, TransferRow, UnidentifiedTable),
    *(AbsenceRow, VersionRow, RateMissRow, AcceptedRow, StatedBasisRow),
    *IMPORT_MODELS,
)
#: Tables that are treated apart.
_APART = (StreamRow, CoverageRow)
#: Where the same row is recognised under two names: table, and the columns that are equal.
_SAME = (
    (FillRow, ("category", "symbol", "fill_id", "time_ms")),
    (OrderRow, ("category", "symbol", "order_id", "created_ms")),
    (TransferRow, ("scope", "transfer_id", "time_ms")),
)
#: The lists of a snapshot whose texts begin with the name of an account.
_NAMING = ("stale", "missing", "failed")


def former_names(
    database: CacheDatabase, accounts: Collection[str], named: Collection[str]
) -> frozenset[str]:
    """Those of ``accounts`` that have a row of the ledger in common with one of ``named``, so that
    both are one account."""
    return frozenset(
        account
        for account in accounts
        if any(_shares(database, account, named, *one) for one in _SAME)
    )


def _shares(
    database: CacheDatabase,
    account: str,
    named: Collection[str],
    model: Any,
    equal: tuple[str, ...],
) -> bool:
    other = model.alias()
    query = (
        model.select(model.account)
        .join(other, on=_all_equal(model, other, equal))
        .where(model.account == account, other.account.in_(list(named)))
        .limit(1)
    )
    return bool(database.rows(query))


def _all_equal(one: Any, other: Any, columns: tuple[str, ...]) -> Any:
    first, *rest = (getattr(one, name) == getattr(other, name) for name in columns)
    for condition in rest:
        first &= condition
    return first


def move_account(database: CacheDatabase, old: str, new: str) -> int:
    """Give every row of ``old`` the name ``new``, in one transaction; returns how many moved.

    Where ``new`` has rows already, rows of the ledger are joined and covered ranges are united;
    what mirrors the exchange stays as ``new`` has it.
    """
    moved = 0
    with database.write():
        _compare_orders_again(database, old, new)
        _join_streams(database, old, new)
        for model in _tables():
            if model in _JOINED or not _has_rows(database, model, new):
                moved += _rename(database, model, old, new)
            database.run(model.delete().where(model.account == old))
        _rename_in_versions(database, old, new)
        _rename_in_snapshots(database, old, new)
        if merging.has_files(database, new):
            merging.merge_all(database, new)
            file_coverage.refresh(database, new)
    return moved


def _tables() -> Iterator[Any]:
    fields: Any
    for model in MODELS:
        fields = model._meta.fields
        if "account" in fields and model not in _APART:
            yield model


def _rename(database: CacheDatabase, model: Any, old: str, new: str) -> int:
    """Rename the rows of a table whose keys are free; returns how many."""
    table, values = model._meta.table_name, [new, old]
    sql = f"UPDATE {table} SET account = ? WHERE account = ?"
    if "account" in (key := getattr(model._meta.primary_key, "field_names", ())):
        same = [f" AND o.{name} = {table}.{name}" for name in key if name != "account"]
        sql += f" AND NOT EXISTS (SELECT 1 FROM {table} AS o WHERE o.account = ?{''.join(same)})"
        values.append(new)
    return database.execute(sql, values)


def _has_rows(database: CacheDatabase, model: Any, account: str) -> bool:
    return bool(database.rows(model.select(model.account).where(model.account == account).limit(1)))


def _compare_orders_again(database: CacheDatabase, old: str, new: str) -> None:
    """Orders and fills of two names may meet, so all of them are compared next."""
    for model, own in ((DoubtfulOrderRow, ()), (MemoryRow, (MemoryRow.key == COMPARED,))):
        database.run(model.delete().where(model.account.in_((old, new)), *own))


def _join_streams(database: CacheDatabase, old: str, new: str) -> None:
    ledger = Ledger(database)
    known = {replace(state.key, account=old): state for state in ledger.states(new)}
    states = ledger.states(old)
    for model in _APART:
        database.run(model.delete().where(model.account == old))
    for state in states:
        ledger.save_state(_joined(state, known.get(state.key), new))


def _joined(former: StreamState, present: StreamState | None, account: str) -> StreamState:
    """The progress of one history that was walked under two names."""
    key = replace(former.key, account=account)
    if present is None:
        return replace(former, key=key)
    both = (former.grade, present.grade)
    grade = None if None in both else present.grade and present.grade.with_(former.grade)
    starts = [one for one in (former.history_start_ms, present.history_start_ms) if one is not None]
    return replace(
        present,
        covered=present.covered.plus(former.covered),
        history_start_ms=min(starts, default=None),
        grade=grade,
    )


def _rename_in_versions(database: CacheDatabase, old: str, new: str) -> None:
    query = selected(VersionRow, VERSIONS).where(VersionRow.account == new)
    for version in VERSIONS.read(database.rows(query)):
        if version.former.get("account") == old:
            row = VERSIONS.encode(replace(version, former={**version.former, "account": new}))
            database.run(VersionRow.update(former=row["former"]).where(VersionRow.id == version.id))


def _rename_in_snapshots(database: CacheDatabase, old: str, new: str) -> None:
    query = SnapshotRow.select(SnapshotRow.id, SnapshotRow.details, SnapshotRow.packed)
    for row_id, text, packed in database.rows(query):
        stored = details_of(text, packed)
        details = _renamed(stored, old, new)
        if details != stored:
            row = {"packed": packed_details(details), "gaps": gaps_text(details), "details": ""}
            database.run(SnapshotRow.update(**row).where(SnapshotRow.id == row_id))


def _renamed(details: Mapping[str, Any], old: str, new: str) -> Mapping[str, Any]:
    def named(row: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**row, "account": new} if row.get("account") == old else row

    found = {
        "accounts": [new if name == old else name for name in details.get("accounts", ())],
        "holdings": [
            {**one, "wallets": [named(wallet) for wallet in one["wallets"]]}
            for one in details.get("holdings", ())
        ],
        "positions": [named(one) for one in details.get("positions", ())],
    }
    for word in _NAMING:
        found[word] = [
            f"{new} {text.removeprefix(f'{old} ')}" if text.startswith(f"{old} ") else text
            for text in details.get(word, ())
        ]
    return {**details, **{name: value for name, value in found.items() if name in details}}
