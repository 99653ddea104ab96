"""Removes rows that cannot be read from the cache, in one transaction with what makes their data
be fetched or computed again; a copy of the cache from before stays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from exchange_cache.cache.cells import UnreadableRow
from exchange_cache.cache.repairing import FaultyRow
from exchange_cache.records import DataType
from exchange_cache.sync.movement import MOVEMENT, SEEN
from exchange_cache.sync.repair_scene import SEARCHED, Scene, request_again

_LEDGERS = {
    "exchange_fills": DataType.FILLS,
    "exchange_orders": DataType.ORDERS,
    "exchange_transfers": DataType.TRANSFERS,
}
#: Tables whose rows a sync fetches when their data type is due.
_FETCHED = {
    "exchange_balances": DataType.BALANCES,
    "exchange_positions": DataType.POSITIONS,
    "exchange_prices": DataType.PRICES,
    **_LEDGERS,
}
_COMPUTED = "computed again"
#: What becomes of a removed row of a table; of the others it is fetched again.
_BECOMES: Mapping[str, str] = {
    "exchange_cost_basis": _COMPUTED,
    "exchange_findings": _COMPUTED,
    "imported_coverage": _COMPUTED,
    "accepted_findings": "to be accepted again (excache accept)",
    "stated_basis": "to be stated again (excache basis)",
    "portfolio_snapshots": "lost; history computes that moment from the ledger",
    "ledger_versions": "lost: what an exchange stated before it changed a row",
    "sync_runs": "lost: one line about a run",
    "cache_reads": "lost: one line of the statistics",
    **dict.fromkeys(
        (
            *("imported_files", "imported_fills", "imported_transfers"),
            *("imported_orders", "imported_links"),
        ),
        "to be imported again (excache import)",
    ),
}


def unreadable_cells(scene: Scene) -> str | None:
    """Remove every row that cannot be read, wherever a command met one."""
    return None if scene.searched else remove_unreadable(scene)


def remove_unreadable(scene: Scene) -> str | None:
    """Search the whole cache for rows that cannot be read, and remove them."""
    rows = scene.repository.unreadable_rows()
    if not rows:
        return None
    copy = scene.repository.keep_copy()
    with scene.repository.repairing.without(rows):
        _forget(scene, rows)
        request_again(scene, [one for row in rows for one in _requested(scene, row)])
    return f"{'; '.join(_sentences(rows))}. The cache from before is {copy}"


def _forget(scene: Scene, rows: Iterable[UnreadableRow]) -> None:
    """Let nothing rest, and no data type count as fresh, that a removed row was part of."""
    for row in rows:
        if (data_type := _FETCHED.get(row.table)) is not None:
            names = (row.account,) if row.account else scene.repository.progress.accounts()
            for name in names:
                scene.repository.progress.forget_status(name, data_type)
    for key in (MOVEMENT, SEEN, "orders_compared", SEARCHED):
        scene.repository.progress.forget_everywhere(key)


def _requested(scene: Scene, row: UnreadableRow) -> Iterator[FaultyRow]:
    """The rows to request again: where nothing states which history brought one, any may have."""
    data_type = _LEDGERS.get(row.table)
    if data_type is None and row.table != "unidentified_rows":
        return
    column = "scope" if data_type is DataType.TRANSFERS else "symbol"
    account, place = row.account, row.text(column)
    if data_type is not None and account is not None and place is not None:
        yield _faulty(data_type, row, account, place)
        return
    for state in scene.repository.ledger.states(account):
        if data_type in (None, state.key.data_type):
            own = state.key.data_type
            place = state.key.scope if own is DataType.TRANSFERS else state.key.symbol
            yield _faulty(own, row, state.key.account, place)


def _faulty(data_type: DataType, row: UnreadableRow, account: str, place: str) -> FaultyRow:
    kind = (row.text("kind") or "unknown") if data_type is DataType.FILLS else ""
    return FaultyRow(
        data_type=data_type, rowid=row.rowid or 0, account=account, place=place, at_ms=0, kind=kind
    )


def _sentences(rows: Iterable[UnreadableRow]) -> Iterator[str]:
    """One per table: its first row by name, how many more, and what becomes of them."""
    counts = Counter(row.table for row in rows)
    first = {row.table: row for row in reversed(tuple(rows))}
    for table, count in counts.items():
        more = f" (and {count - 1:,} more)" if count > 1 else ""
        default = _COMPUTED if first[table].rowid is None else "fetched again"
        yield f"{first[table]}{more}, removed: {_BECOMES.get(table, default)}"
