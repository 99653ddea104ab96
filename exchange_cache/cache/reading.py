"""What lists and ``status`` read of the cache, by statements alone: no database library is loaded.

The classes that also write are built on these; a cache that is only read can be opened by
``reader``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from exchange_cache.cache.answering import Database
from exchange_cache.cache.codec import Codec
from exchange_cache.cache.revisions_reading import RevisionsReading
from exchange_cache.data_types import DataType

if TYPE_CHECKING:
    from exchange_cache.cache.archive_reading import ArchiveReading
    from exchange_cache.cache.filter import Filter
    from exchange_cache.cache.provenance import Provenance
    from exchange_cache.cache.server import Place, Replica
    from exchange_cache.cache.stored_status import Run, StoredFinding
    from exchange_cache.cache.vocabulary import Vocabulary
    from exchange_cache.findings import AcceptedFinding
    from exchange_cache.records import Balance, Fill, Order, Position, Price, Transfer
    from exchange_cache.value.completeness import History
    from exchange_cache.value.freshness import SyncStatus

T = TypeVar("T")


def _read(
    database: Database,
    table: str,
    codec: Codec[T],
    order: str,
    accounts: Collection[str] | None = None,
) -> tuple[T, ...]:
    """All rows of a table (of some accounts) as records."""
    where, values = "", list(accounts or ())
    if accounts is not None:
        where = f" WHERE account IN ({_marks(values)})"
    sql = f"SELECT {', '.join(codec.names)} FROM {table}{where} ORDER BY {order}"
    return codec.read(database.select(sql, values))


def _marks(values: Sequence[str]) -> str:
    return ", ".join("?" * len(values))


class MirrorReading:
    """The present state at the exchanges."""

    def __init__(self, database: Database) -> None:
        self._reads = database

    def balances(self, accounts: Collection[str] | None = None) -> tuple[Balance, ...]:
        from exchange_cache.cache.codecs import BALANCES

        order = "account, wallet, code"
        return _read(self._reads, "exchange_balances", BALANCES, order, accounts)

    def positions(self, accounts: Collection[str] | None = None) -> tuple[Position, ...]:
        from exchange_cache.cache.codecs import POSITIONS

        order = "account, category, symbol, side"
        return _read(self._reads, "exchange_positions", POSITIONS, order, accounts)

    def prices(
        self,
        assets: Iterable[str] | None = None,
        *,
        category: str | None = None,
    ) -> tuple[Price, ...]:
        """Cached tickers; with ``assets``, only those between two of them (all that a route can
        use)."""
        from exchange_cache.cache.codecs import PRICES

        conditions, values = ["TRUE"], []
        if assets is not None:
            among = sorted(set(assets))
            conditions += [f"{side} IN ({_marks(among)})" for side in ("base", "quote")]
            values += [*among, *among]
        if category is not None:
            conditions.append("category = ?")
            values.append(category)
        sql = f"SELECT {', '.join(PRICES.names)} FROM exchange_prices"
        sql += f" WHERE {' AND '.join(conditions)} ORDER BY account, symbol"
        return PRICES.read(self._reads.select(sql, values))

    def held(self, accounts: Collection[str]) -> frozenset[tuple[str, str]]:
        """The accounts and wallets of these accounts that hold something, or owe it."""
        where = f"account IN ({_marks(tuple(accounts))})"
        sql = f"SELECT account, wallet, total FROM exchange_balances WHERE {where}"
        found = self._reads.select(sql, tuple(accounts))
        return frozenset((account, wallet) for account, wallet, total in found if Decimal(total))


class ProgressReading:
    """Who synced what and when, and with what result."""

    def __init__(self, database: Database) -> None:
        self._reads = database

    def any_success(self) -> bool:
        """Whether any part was ever synced successfully."""
        sql = "SELECT 1 FROM exchange_sync_status WHERE succeeded_ms IS NOT NULL LIMIT 1"
        return bool(self._reads.select(sql, ()))

    def statuses(self, accounts: Iterable[str] | None = None) -> tuple[SyncStatus, ...]:
        from exchange_cache.cache.status_codec import STATUSES

        names = None if accounts is None else tuple(accounts)
        order = "account, data_type, part"
        return _read(self._reads, "exchange_sync_status", STATUSES, order, names)

    def accounts(self) -> tuple[str, ...]:
        """Every account of which something is stored, also those that config.toml no longer
        names."""
        sql = "SELECT DISTINCT account FROM exchange_sync_status ORDER BY account"
        return tuple(name for (name,) in self._reads.select(sql, ()))

    def runs(self, limit: int = 50) -> tuple[Run, ...]:
        """The newest runs, newest first."""
        from exchange_cache.cache.stored_codecs import RUNS

        sql = f"SELECT {', '.join(RUNS.names)} FROM sync_runs ORDER BY id DESC LIMIT ?"
        return RUNS.read(self._reads.select(sql, (limit,)))

    def remembered(self, account: str, key: str) -> str | None:
        """One text of the memory of an account, as it is stored."""
        sql = "SELECT value FROM exchange_memory WHERE account = ? AND key = ?"
        for (value,) in self._reads.select(sql, (account, key)):
            return str(value)
        return None


class DerivedReading:
    """What syncs derived."""

    def __init__(self, database: Database) -> None:
        self._reads = database

    def oversold(
        self, accounts: Collection[str], reporting_asset: str
    ) -> dict[str, tuple[str, ...]]:
        """By account, the assets of which more was sold than its stored history had added."""
        from exchange_cache.cache.histories import oversold

        return oversold(self._reads, accounts, reporting_asset)

    def findings(self, accounts: Iterable[str] | None = None) -> tuple[StoredFinding, ...]:
        from exchange_cache.cache.stored_codecs import FINDINGS

        names = None if accounts is None else tuple(accounts)
        order = "account, code, scope, asset"
        return _read(self._reads, "exchange_findings", FINDINGS, order, names)


class AcceptedReading:
    """Findings that the user accepts."""

    def __init__(self, database: Database) -> None:
        self._reads = database

    def all(self) -> tuple[AcceptedFinding, ...]:
        from exchange_cache.cache.stored_codecs import ACCEPTED

        order = "account, code, asset, statement"
        return _read(self._reads, "accepted_findings", ACCEPTED, order)


class LedgerReading:
    """Fills, orders and transfers, the oldest first unless ``newest_first``; fills in the order of
    their exchange (``fill_order``), the others by time and id."""

    revisions: RevisionsReading

    def __init__(self, database: Database) -> None:
        self._reads = database
        self.revisions = RevisionsReading(database)

    def fills(self, only: Filter | None = None) -> tuple[Fill, ...]:
        found: tuple[Fill, ...] = self._filtered(DataType.FILLS, only)
        return found

    def orders(self, only: Filter | None = None) -> tuple[Order, ...]:
        found: tuple[Order, ...] = self._filtered(DataType.ORDERS, only)
        return found

    def transfers(self, only: Filter | None = None) -> tuple[Transfer, ...]:
        found: tuple[Transfer, ...] = self._filtered(DataType.TRANSFERS, only)
        return found

    def provenance(
        self, data_type: DataType, records: Sequence[Any]
    ) -> Mapping[tuple[str, ...], Provenance]:
        """By the key of a record: the file that it comes from, unless an API served it."""
        if not self._imported({one.account for one in records}):
            return {}
        from exchange_cache.cache.provenance import provenance

        return provenance(self._reads, data_type, records)

    def origins(
        self, accounts: Collection[str], start_ms: int, end_ms: int
    ) -> Mapping[tuple[str, str], Provenance]:
        """By account and id: the files that the fills and transfers of a time come from."""
        if not self._imported(accounts):
            return {}
        from exchange_cache.cache.provenance import origins

        return origins(self._reads, accounts, start_ms, end_ms)

    def _imported(self, accounts: Collection[str]) -> bool:
        """Whether anything was imported for one of these accounts, as for few."""
        found = self._reads.select("SELECT DISTINCT account FROM imported_files", ())
        return any(name in accounts for (name,) in found)

    def histories(self, accounts: Collection[str]) -> list[History]:
        """What is stored of the histories of fills and transfers of accounts."""
        from exchange_cache.cache.histories import histories

        return histories(self._reads, accounts)

    def _filtered(self, data_type: DataType, only: Filter | None) -> Any:
        from exchange_cache.cache.filter import ALL
        from exchange_cache.cache.ledger_query import KINDS, statement

        only = ALL if only is None else only
        if not only.vanished and not self.revisions.any():
            only = replace(only, vanished=True)
        kind = KINDS[data_type]
        return kind.codec.read(self._reads.select(*statement(kind, only)))


class CacheReading:
    """The cache for whoever only reads it."""

    def __init__(self, database: Database) -> None:
        self._reads = database

    @cached_property
    def mirror(self) -> MirrorReading:
        return MirrorReading(self._reads)

    @cached_property
    def progress(self) -> ProgressReading:
        return ProgressReading(self._reads)

    @cached_property
    def derived(self) -> DerivedReading:
        return DerivedReading(self._reads)

    @cached_property
    def accepted(self) -> AcceptedReading:
        return AcceptedReading(self._reads)

    @cached_property
    def ledger(self) -> LedgerReading:
        return LedgerReading(self._reads)

    @cached_property
    def archives(self) -> ArchiveReading:
        """Files that exchanges make of an account's history."""
        from exchange_cache.cache.archive_reading import ArchiveReading

        return ArchiveReading(self._reads)

    def has_archives(self) -> bool:
        """Whether files of archives were ever to be had; a statement without a module of theirs."""
        return bool(self._reads.select("SELECT EXISTS (SELECT 1 FROM archive_plans)", ())[0][0])

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The assets and symbols that a user may name."""
        from exchange_cache.cache.vocabulary import Vocabulary

        return Vocabulary(self._reads)

    @property
    def path(self) -> Path:
        """The file, or the name to which this machine appends those of its own files."""
        return self._reads.path

    @property
    def place(self) -> Place:
        """Where the cache is, for people."""
        return self._reads.place

    def size(self) -> int:
        """How many bytes it takes."""
        return self._reads.size()

    def witness_ms(self) -> int | None:
        """The time by the clock of the server, which several machines share; None for a file."""
        if isinstance(self.place, Path):
            return None
        sql = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint"
        return int(self._reads.select(sql, ())[0][0])

    def replica(self) -> Replica | None:
        """The state of the replica that is read; None if the cache itself is."""
        if isinstance(self.place, Path) or not getattr(self._reads, "is_replica", True):
            return None
        from exchange_cache.cache.postgres.replica import replica_of

        return replica_of(self._reads.select)

    def snapshot(self) -> AbstractContextManager[None]:
        """All reads inside see one consistent state, even while a writer works."""
        return self._reads.snapshot()

    def costs_open(self, reporting_asset: str) -> bool:
        """Whether costs in this asset are still to be derived."""
        from exchange_cache.cache.costs_open import costs_open

        return costs_open(self._reads, reporting_asset)

    def has_costs(self, reporting_asset: str) -> bool:
        """Whether any cost in this asset is stored."""
        sql = "SELECT EXISTS (SELECT 1 FROM exchange_cost_basis WHERE reporting_asset = ?)"
        return bool(self._reads.select(sql, (reporting_asset,))[0][0])

    def is_empty(self) -> bool:
        """Whether no part was ever synced successfully."""
        return not self.progress.any_success()
