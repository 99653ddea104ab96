"""SQL for ``sync.repairs``. It works below the records, since a faulty row may not be readable as
one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.ledger_models import FILLS, FillRow
from exchange_cache.cache.models import ORDERS, MemoryRow, OrderRow
from exchange_cache.kinds import TransferKind
from exchange_cache.records import DataType, Fill, FillKind, Order, OrderStatus, Side

if TYPE_CHECKING:
    from exchange_cache.cache.cells import UnreadableRow

_TIMES = {DataType.FILLS: "time_ms", DataType.ORDERS: "created_ms", DataType.TRANSFERS: "time_ms"}
_TABLES = {
    DataType.FILLS: "exchange_fills",
    DataType.ORDERS: "exchange_orders",
    DataType.TRANSFERS: "exchange_transfers",
}
#: More digits than any figure of an exchange has; a longer text is an exponent written out.
_LONGEST = 100
#: The tolerated relative difference between an order and the sum of its fills, and between a cost
#: and price times quantity: exchanges round.
_SAME_QUANTITY, _SAME_COST = 1e-6, 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultyRow:
    """A faulty row of a ledger; ``place`` is the scope of a transfer, and the symbol otherwise."""

    data_type: DataType
    rowid: int
    account: str
    place: str
    at_ms: int
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTime:
    """When a run started and ended; runs are listed in the order of their start."""

    id: int
    started_ms: int
    ended_ms: int | None


class Repairing:
    """Finds and changes rows for ``sync.repairs``; every method is one short transaction."""

    def __init__(self, database: CacheDatabase) -> None:
        self._database = database

    def _rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        return self._database.select(sql, values)

    def _change(self, *statements: tuple[str, tuple[object, ...]]) -> int:
        with self._database.write():
            return sum(self._database.execute(sql, values) for sql, values in statements)

    # --- faulty rows ----------------------------------------------------------------------------

    def rows_outside(self, first_ms: int, end_ms: int) -> tuple[FaultyRow, ...]:
        """Ledger rows whose time is before the first exchange or beyond any clock; uses the indexes
        of time."""
        return self._faulty(lambda time: f"{time} < ? OR {time} >= ?", first_ms, end_ms)

    def unreadable_rows(self) -> tuple[FaultyRow, ...]:
        """Ledger rows with figures or words that no record accepts; scans every row."""
        figures = {
            DataType.FILLS: (
                ("quantity", "price", "cost"),
                ("contracts", "contract_size", "realised_pnl"),
            ),
            DataType.ORDERS: ((), ("price", "average", "amount", "filled", "cost")),
            DataType.TRANSFERS: (("quantity",), ("fee",)),
        }
        words: dict[DataType, dict[str, type[StrEnum]]] = {
            DataType.FILLS: {"side": Side, "kind": FillKind},
            DataType.ORDERS: {"side": Side, "status": OrderStatus},
            DataType.TRANSFERS: {"kind": TransferKind},
        }
        found: list[FaultyRow] = []
        for data_type, (needed, optional) in figures.items():
            faults = [_no_number(name) for name in (*needed, *optional)]
            faults += [
                f"{name} NOT IN ({', '.join(repr(str(word)) for word in known)})"
                for name, known in words[data_type].items()
            ]
            if data_type is DataType.FILLS:
                faults += ["CAST(quantity AS REAL) < 0", "CAST(cost AS REAL) < 0"]
            found += self._of(data_type, " OR ".join(faults))
        return tuple(found)

    def unworded(self, account: str, scope: str) -> tuple[int, int, int] | None:
        """The times of the first and the last transfer of a history without a word, and how many
        there are; None without any."""
        ((first, last, count),) = self._rows(
            "SELECT MIN(time_ms), MAX(time_ms), COUNT(*) FROM exchange_transfers"
            " WHERE account = ? AND scope = ? AND word IS NULL",
            account,
            scope,
        )
        return (first, last, count) if count else None

    def doubtful_fills(self) -> tuple[FaultyRow, ...]:
        """Executions whose cost is not price times quantity, or whose spot order reports another
        quantity or cost."""
        executed = f"kind IN ('{FillKind.TRADE}', '{FillKind.LEVERAGED}')"
        product = "CAST(price AS REAL) * CAST(quantity AS REAL)"
        cost = "CAST(cost AS REAL)"
        apart = f"abs({product} - {cost}) > {_SAME_COST} * max({product}, {cost})"
        wrong = f"{executed} AND {apart}"
        orders = f"""
            SELECT f.account, f.category, f.symbol, f.order_id FROM exchange_fills f
            JOIN exchange_orders o USING (account, category, symbol, order_id)
            WHERE f.{executed} AND f.category IN ('spot', 'margin')
                AND o.status <> '{OrderStatus.OPEN}'
            GROUP BY f.account, f.category, f.symbol, f.order_id, o.filled, o.cost
            HAVING abs(sum(CAST(f.quantity AS REAL)) - CAST(o.filled AS REAL))
                    > {_SAME_QUANTITY} * CAST(o.filled AS REAL)
                OR abs(sum(CAST(f.cost AS REAL)) - CAST(o.cost AS REAL))
                    > {_SAME_COST} * CAST(o.cost AS REAL)"""
        return tuple(
            self._of(
                DataType.FILLS, f"({wrong}) OR (account, category, symbol, order_id) IN ({orders})"
            )
        )

    def _faulty(self, condition: Any, *values: object) -> tuple[FaultyRow, ...]:
        return tuple(
            row
            for data_type, time in _TIMES.items()
            for row in self._of(data_type, condition(time), *values)
        )

    def _of(self, data_type: DataType, condition: str, *values: object) -> list[FaultyRow]:
        place = "scope" if data_type is DataType.TRANSFERS else "symbol"
        kind = "kind" if data_type is DataType.FILLS else "''"
        columns = f"rowid, account, {place}, {_TIMES[data_type]}, {kind}"
        found = self._rows(f"SELECT {columns} FROM {_TABLES[data_type]} WHERE {condition}", *values)
        return [
            FaultyRow(
                data_type=data_type,
                rowid=rowid,
                account=account,
                place=placed,
                at_ms=at_ms,
                kind=word,
            )
            for rowid, account, placed, at_ms, word in found
        ]

    @contextmanager
    def without(self, rows: Iterable[UnreadableRow]) -> Iterator[None]:
        """Remove rows that cannot be read, in one transaction with what the caller does."""
        from exchange_cache.cache.cell_removal import remove

        with self._database.write():
            remove(self._database, rows)
            yield

    def delete(self, faulty: Iterable[FaultyRow]) -> None:
        self._change(
            *(
                (f"DELETE FROM {_TABLES[row.data_type]} WHERE rowid = ?", (row.rowid,))
                for row in faulty
            )
        )

    def restate(self, records: Iterable[Fill | Order]) -> None:
        """Correct the figures of stored rows: what was read wrongly, not what an exchange
        changed."""
        with self._database.write():
            for record in records:
                codec, model = (FILLS, FillRow) if isinstance(record, Fill) else (ORDERS, OrderRow)
                row = codec.encode(record, seen_ms=0, served_by=None)
                key = {name: row.pop(name) for name in model._meta.primary_key.field_names}
                changed = {name: row[name] for name in row if name not in _KEPT}
                where = [getattr(model, name) == value for name, value in key.items()]
                self._database.run(model.update(**changed).where(*where))

    def rename_kinds(
        self, account: str, scope: str, wrong: Iterable[TransferKind], right: TransferKind
    ) -> int:
        """Give the transfers of a history another kind where it is one of these; how many."""
        change = (
            "UPDATE exchange_transfers SET kind = ? WHERE account = ? AND scope = ? AND kind = ?"
        )
        return self._change(*((change, (right, account, scope, kind)) for kind in wrong))

    # --- times ----------------------------------------------------------------------------------

    def run_times(self) -> tuple[RunTime, ...]:
        found = self._rows("SELECT id, started_ms, ended_ms FROM sync_runs ORDER BY id")
        return tuple(
            RunTime(id=run_id, started_ms=started_ms, ended_ms=ended_ms)
            for run_id, started_ms, ended_ms in found
        )

    def set_run_times(self, runs: Iterable[RunTime]) -> None:
        update = "UPDATE sync_runs SET started_ms = ?, ended_ms = ? WHERE id = ?"
        self._change(*((update, (run.started_ms, run.ended_ms, run.id)) for run in runs))

    def newest_event_ms(self, end_ms: int) -> int | None:
        """The newest exchange time of a fill or transfer before ``end_ms``."""
        newest = "SELECT max(time_ms) AS t FROM {} WHERE time_ms < ?"
        union = " UNION ALL ".join(
            newest.format(_TABLES[data_type]) for data_type in (DataType.FILLS, DataType.TRANSFERS)
        )
        found: int | None
        ((found,),) = self._rows(f"SELECT max(t) FROM ({union}) AS newest", end_ms, end_ms)
        return found

    def cut_times(self, after_ms: int, to_ms: int, now_ms: int) -> int:
        """Move our own times after ``after_ms`` back: those of syncs to ``to_ms``, those of first
        sight to the row's own time."""
        return self._change(
            (
                "UPDATE exchange_sync_status SET attempted_ms = ? WHERE attempted_ms > ?",
                (to_ms, after_ms),
            ),
            (
                "UPDATE exchange_sync_status SET succeeded_ms = ? WHERE succeeded_ms > ?",
                (to_ms, after_ms),
            ),
            *(
                (f"UPDATE {table} SET fetched_ms = ? WHERE fetched_ms > ?", (to_ms, after_ms))
                for table in _MIRRORS
            ),
            ("UPDATE exchange_fills SET seen_ms = time_ms WHERE seen_ms > ?", (after_ms,)),
            ("UPDATE exchange_transfers SET seen_ms = time_ms WHERE seen_ms > ?", (after_ms,)),
            (_CUT_ORDERS, (after_ms,) * 4),
            ("UPDATE exchange_findings SET since_ms = ? WHERE since_ms > ?", (now_ms, after_ms)),
        )

    def forget_snapshots(self, after_ms: int) -> int:
        return self._change(("DELETE FROM portfolio_snapshots WHERE taken_ms > ?", (after_ms,)))

    # --- rates and memory -----------------------------------------------------------------------

    def forget_unserved_rates(self) -> int:
        return self._change(("DELETE FROM asset_rate_misses WHERE account = ''", ()))

    def doubt_rates(self, after_ms: int) -> int:
        """Mark past prices fetched after a moment as fetched too early, so they are requested once
        more."""
        return self._change(
            ("UPDATE asset_rates SET fetched_ms = at_ms WHERE fetched_ms > ?", (after_ms,)),
            ("DELETE FROM asset_rate_misses WHERE account <> '' AND asked_ms > ?", (after_ms,)),
            ("DELETE FROM asset_price_ranges WHERE fetched_ms > ?", (after_ms,)),
        )

    def memory(self) -> tuple[tuple[str, str, Any, int], ...]:
        """The memory without its large values: (account, key, value, updated ms)."""
        found = self._rows(
            "SELECT account, key, value, updated_ms FROM exchange_memory "
            "WHERE key NOT IN ('markets', 'currencies')"
        )
        return tuple(
            (account, key, json.loads(value), updated_ms)
            for account, key, value, updated_ms in found
        )

    def change_memory(self, changed: Mapping[tuple[str, str], object], now_ms: int) -> None:
        """Store new values; None deletes."""
        with self._database.write():
            for (account, key), value in changed.items():
                self._database.run(
                    MemoryRow.delete().where(MemoryRow.account == account, MemoryRow.key == key)
                )
                if value is not None:
                    text = json.dumps(value, separators=(",", ":"), sort_keys=True)
                    self._database.run(
                        MemoryRow.insert(account=account, key=key, value=text, updated_ms=now_ms)
                    )


#: One look at each order, since no index has these times.
_CUT_ORDERS = """
UPDATE exchange_orders SET
  seen_ms = CASE WHEN seen_ms > ? THEN created_ms ELSE seen_ms END,
  fetched_ms = CASE WHEN fetched_ms > ? THEN max(created_ms, coalesce(updated_ms, created_ms))
    ELSE fetched_ms END
  WHERE seen_ms > ? OR fetched_ms > ?
"""
#: Columns of ours, and the order of fills, which no record compares.
_KEPT = frozenset({"seen_ms", "served_by", "fetched_ms", "sequence"})
_MIRRORS = ("exchange_balances", "exchange_positions", "exchange_prices")


def _no_number(name: str) -> str:
    """A condition: the column holds a text that is no plain number; false for NULL."""
    return f"({name} = '' OR {name} GLOB '*[^0-9.-]*' OR length({name}) > {_LONGEST})"
