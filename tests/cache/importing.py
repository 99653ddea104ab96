"""Files for the cache, without text: what a reader would state of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from exchange_cache.cache.imported_models import ImportedFile
from exchange_cache.cache.imports import Outcome
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamKey, StreamState
from exchange_cache.records import DataType, Fill, Order, Transfer
from exchange_cache.statements.table import Found, Stated
from tests.builders import NOW

DRAFT = ImportedFile(
    id=0,
    account="main",
    exchange="kraken",
    origin="file",
    name="a.csv",
    digest="a",
    table="ledgers",
    edition="2026",
    rank=0,
    imported_at=NOW,
    start_at=None,
    end_at=None,
    rows=0,
    records=0,
    unknown=0,
    histories=("fills/spot", "transfers/ledger"),
)


def stored(
    repository: ExchangeCacheRepository,
    found: Iterable[Found | Fill | Transfer | Order],
    *,
    name: str = "a.csv",
    exact: bool = False,
    table: str = "ledgers",
    edition: str = "2026",
    rank: int = 0,
    user: str | None = None,
    account: str = "main",
    histories: tuple[str, ...] = DRAFT.histories,
) -> Outcome:
    """Import a file whose records are these, a line each."""
    rows = [
        Stated(lines=(number,), record=one, exact=exact)
        if isinstance(one, Fill | Transfer | Order)
        else one
        for number, one in enumerate(found, start=2)
    ]
    draft = replace(
        DRAFT,
        account=account,
        histories=histories,
        name=name,
        digest=name,
        table=table,
        edition=edition,
        rank=rank,
    )
    return repository.imports.store(draft, rows, lambda: (len(rows), user), _belongs)


def _belongs(one: Stated) -> list[str]:
    """The one of the histories that a record is of."""
    if isinstance(one.record, Order):
        return ["orders/spot"]
    return ["fills/spot" if isinstance(one.record, Fill) else "transfers/ledger"]


def served(repository: ExchangeCacheRepository, *records: Fill | Transfer) -> None:
    """Store rows of the API, as a sync does."""
    for kind, scope in ((Fill, "spot"), (Transfer, "ledger")):
        data_type = DataType.FILLS if kind is Fill else DataType.TRANSFERS
        key = StreamKey(account="main", data_type=data_type, scope=scope)
        own = [one for one in records if isinstance(one, kind)]
        repository.ledger.save_page(StreamState(key=key), own, NOW)


def ledger(repository: ExchangeCacheRepository) -> list[tuple[object, bool]]:
    """The fills and transfers, and whether a file states them; without when they were seen."""
    found = []
    for table in ("exchange_fills", "exchange_transfers"):
        cursor = repository._database.peewee.execute_sql(f"SELECT * FROM {table}")
        names = [name for name, *_ in cursor.description]
        for row in cursor.fetchall():
            values = dict(zip(names, row, strict=True))
            by_file = str(values.pop("served_by") or "").startswith("file/")
            values.pop("seen_ms")
            found.append((tuple(sorted(values.items(), key=str)), by_file))
    return sorted(found, key=str)
