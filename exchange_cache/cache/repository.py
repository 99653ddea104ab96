"""ExchangeCacheRepository, the only way into the cache: sync writes and the portfolio reads through
it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exchange_cache.cache import migrations
from exchange_cache.cache.accepted import Accepted
from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.derived import Derived
from exchange_cache.cache.mirror import Mirror
from exchange_cache.cache.opening import open_database
from exchange_cache.cache.orm import fn
from exchange_cache.cache.progress import Progress
from exchange_cache.cache.reading import CacheReading
from exchange_cache.cache.server import Place
from exchange_cache.errors import NothingCached
from exchange_cache.records import Fill, FillKind

if TYPE_CHECKING:
    from exchange_cache.cache.archives import Archives
    from exchange_cache.cache.cells import UnreadableRow
    from exchange_cache.cache.cost_states import CostStates
    from exchange_cache.cache.doubts import Doubts
    from exchange_cache.cache.imports import Imports
    from exchange_cache.cache.ledger import Ledger
    from exchange_cache.cache.ledger_rows import StoredRows
    from exchange_cache.cache.metrics import Metrics
    from exchange_cache.cache.misread import Misread
    from exchange_cache.cache.missing_fills import DoubtfulOrder
    from exchange_cache.cache.preparation import Preparation
    from exchange_cache.cache.repairing import Repairing
    from exchange_cache.cache.streams import StreamKey
    from exchange_cache.cache.transferring import Seen
    from exchange_cache.cache.unidentified import Unidentified


class ExchangeCacheRepository(CacheReading):
    """The cache in one SQLite file, divided by purpose: mirror, ledger, progress, derived,
    accepted, metrics, repairing.

    Parts that the portfolio does not need are loaded on first use. Usable from several threads
    (each has its own connection). Raises only subclasses of CacheError.
    """

    def __init__(self, database: CacheDatabase) -> None:
        super().__init__(database)
        self._database = database

    @classmethod
    def open(cls, path: Place, fence: Sequence[str] = ()) -> ExchangeCacheRepository:
        """Open (and create, and migrate) the cache at ``path``. ``fence``: the locks of a server
        without which nothing is written, as its holder lists them now and later."""
        database = open_database(path)
        assert database is not None
        database.fence = fence
        return cls(database)

    @classmethod
    def open_existing(cls, path: Place) -> ExchangeCacheRepository | None:
        """Open the cache for reading; None if it does not exist."""
        database = open_database(path, create=False)
        return None if database is None else cls(database)

    @cached_property
    def mirror(self) -> Mirror:
        return Mirror(self._database)

    @cached_property
    def progress(self) -> Progress:
        return Progress(self._database)

    @cached_property
    def derived(self) -> Derived:
        return Derived(self._database)

    @cached_property
    def accepted(self) -> Accepted:
        return Accepted(self._database)

    @cached_property
    def ledger(self) -> Ledger:
        from exchange_cache.cache.ledger import Ledger

        return Ledger(self._database)

    @cached_property
    def metrics(self) -> Metrics:
        from exchange_cache.cache.metrics import Metrics

        return Metrics(self._database)

    @cached_property
    def prepared(self) -> Preparation:
        """Answers prepared for readers, which read them without this class."""
        from exchange_cache.cache.preparation import Preparation

        return Preparation(self._database)

    @cached_property
    def archives(self) -> Archives:
        """Files that exchanges make of an account's history."""
        from exchange_cache.cache.archives import Archives

        return Archives(self._database)

    @cached_property
    def unidentified(self) -> Unidentified:
        """Rows whose market is not known; showing the portfolio needs none."""
        from exchange_cache.cache.unidentified import Unidentified

        return Unidentified(self._database)

    @cached_property
    def imports(self) -> Imports:
        """Imported files; showing the portfolio needs none."""
        from exchange_cache.cache.imports import Imports

        return Imports(self._database)

    @cached_property
    def repairing(self) -> Repairing:
        """What syncs use to repair the cache; no read needs it."""
        from exchange_cache.cache.repairing import Repairing

        return Repairing(self._database)

    @cached_property
    def misread(self) -> Misread:
        """Rows under a wrong market; no read needs it."""
        from exchange_cache.cache.misread import Misread

        return Misread(self._database)

    def rename_fills(self, account: str, category: str, name: Callable[[Fill], str | None]) -> int:
        """Give the fills of a category the ids that ``name`` makes; None keeps one."""
        from exchange_cache.cache.renaming import rename_fills

        return rename_fills(self._database, account, category, name)

    def schema_version(self) -> int:
        with self._database.errors():
            return migrations.current_version(self._database.peewee)

    def check(self) -> list[str]:
        """Faults that the engine finds; empty if the cache is sound."""
        return self._database.faults()

    def unreadable_rows(self) -> tuple[UnreadableRow, ...]:
        """The rows with a value that cannot be read; every row is read once."""
        from exchange_cache.cache.cells import unreadable_among, unreadable_rows

        if isinstance(self.place, Path):
            return unreadable_rows(self.place)
        with self._database.snapshot():
            return tuple(unreadable_among(self._database.each))

    def keep_copy(self) -> Path:
        """Copy the cache before a repair removes rows; the copy stays until the next repair."""
        from exchange_cache.cache.upgrading import copy_before_repair

        copy = copy_before_repair(self.path)
        self.backup(copy)
        return copy

    def backup(self, target: Path) -> None:
        """Write a consistent copy of the cache while others read and write it: aside, verified,
        then renamed. Only its owner can read it, from the first byte on."""
        from exchange_cache.cache.copying import write_aside, write_copy

        if isinstance(self.place, Path):
            with self._database.errors():
                source = self._database.peewee.connection()
            write_copy(source, target)
        else:
            write_aside(target, self._fill)

    def _fill(self, file: Path) -> None:
        with closing(type(self).open(file)) as copy:
            self.copy_to(copy)

    def copy_to(self, other: ExchangeCacheRepository, seen: Seen | None = None) -> int:
        """Copy every row into another cache, of either engine; how many rows it has then."""
        from exchange_cache.cache.transferring import transfer

        return transfer(self._database, other._database, seen)

    @cached_property
    def doubts(self) -> Doubts:
        """Orders that are to be compared with their fills; no read needs it."""
        from exchange_cache.cache.doubts import Doubts

        return Doubts(self._database)

    def orders_beyond_fills(self, account: str) -> tuple[DoubtfulOrder, ...]:
        """Orders of an account that report more than its stored fills."""
        from exchange_cache.cache.missing_fills import orders_beyond_fills

        return orders_beyond_fills(self._database, account)

    def fill_before(self, account: str, category: str, symbol: str, before_ms: int) -> str | None:
        """The id of the newest fill of a market from before an instant."""
        from exchange_cache.cache.missing_fills import fill_before

        return fill_before(self._database, account, category, symbol, before_ms)

    def newest_time(
        self, key: StreamKey, until_ms: int, category: str | None, kind: FillKind
    ) -> int | None:
        """The exchange's time of the newest row that a walk of a history stored."""
        from exchange_cache.cache.newest import newest_time

        return newest_time(self._database, key, until_ms, category, kind)

    def ledger_rows(
        self,
        without: Collection[str] = (),
        only: Collection[str] | None = None,
        *,
        streamed: bool = False,
    ) -> StoredRows:
        """The fills and transfers in order, window by window."""
        from exchange_cache.cache.ledger_rows import StoredRows

        return StoredRows(self._database, without, only, streamed=streamed)

    def cost_states(self, reporting_asset: str) -> CostStates:
        """The states from which costs are derived further."""
        from exchange_cache.cache.cost_states import CostStates

        return CostStates(self._database, reporting_asset)

    def costs_cut(self) -> int | None:
        """The earliest moment (ms) up to which these held since ``forget_costs_cut``."""
        from exchange_cache.cache.cost_cut import cut_ms

        return cut_ms(self._database)

    def forget_costs_cut(self) -> None:
        from exchange_cache.cache.cost_cut import forget_cut

        forget_cut(self._database)

    def thin_snapshots(self, now: datetime, keep: timedelta) -> int:
        """Delete snapshots that are older than ``keep`` and not the last of their day; a bounded
        number at a time. Returns how many."""
        from exchange_cache.cache.thinning import thin_snapshots

        return thin_snapshots(self._database, now, keep)

    def forget_account(self, account: str) -> None:
        """Delete every row of one account, and the copies of the cache from before a migration and
        a repair, which have them too: only for ``account remove --forget-history``."""
        from exchange_cache.cache.upgrading import copy_before, copy_before_repair

        copy_before(self.path).unlink(missing_ok=True)
        copy_before_repair(self.path).unlink(missing_ok=True)
        with self._database.write():
            for model in _tables():
                if "account" in model._meta.fields:
                    self._database.run(model.delete().where(model.account == account))

    def move_account(self, old: str, new: str) -> int:
        """Give all rows of an account another name, in one transaction; returns how many moved."""
        from exchange_cache.cache.moving import move_account

        return move_account(self._database, old, new)

    def former_names(self, accounts: Collection[str], named: Collection[str]) -> frozenset[str]:
        """Those of ``accounts`` that have a row in common with one of ``named``: both are one."""
        from exchange_cache.cache.moving import former_names

        return former_names(self._database, accounts, named)

    def counted_accounts(self, named: Collection[str]) -> tuple[str, ...]:
        """The accounts from whose rows cost is derived: the named ones, and others that are cached,
        since what they sent elsewhere keeps its cost.

        Not the former name of an account that was renamed and read again: its rows are there twice.
        """
        others = [name for name in self.progress.accounts() if name not in named]
        twins = self.former_names(others, named) if others else frozenset()
        return (*named, *(name for name in others if name not in twins))

    def table_counts(self) -> dict[str, int]:
        """Rows per table."""
        return {
            model._meta.table_name: int(self._database.value(model.select(fn.COUNT(1))))
            for model in _tables()
        }

    def dump(self, table: str) -> list[tuple[Any, ...]]:
        """All rows of a table in key order, for exports and for comparing two caches."""
        model = next((model for model in _tables() if model._meta.table_name == table), None)
        if model is None:
            raise NothingCached(f"there is no table {table}")
        key = model._meta.primary_key
        fields = key.field_names if hasattr(key, "field_names") else (key.name,)
        return self._database.rows(
            model.select().order_by(*(getattr(model, name) for name in fields))
        )

    def close(self) -> None:
        self._database.close()


def _tables() -> tuple[Any, ...]:
    from exchange_cache.cache.schema import MODELS

    return MODELS
