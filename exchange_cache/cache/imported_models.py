"""The tables of imported files: what they are, what they state, and what they cover.

Their rows stay as the file states them. The ledger holds what follows from them and from the rows
of the API (``cache.merging``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from exchange_cache.cache.codec import Codec
from exchange_cache.cache.table import table
from exchange_cache.ledger.coverage import Grade, Span
from exchange_cache.records import DataType, Fill, Order, Transfer
from exchange_cache.statements.chains import Link

#: How ``served_by`` of a row of the ledger begins that a file states, before the file's number.
FROM_FILE = "file/"
#: The condition that a row of the ledger is one of a file.
DERIVED = f"substr(coalesce({{}}served_by, ''), 1, {len(FROM_FILE)}) = '{FROM_FILE}'"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedFile:
    """A file that was imported. ``origin`` is file, archive or manual; ``rows`` are all of the
    file, ``records`` its events, ``left_out`` why other rows are none (reason -> how many).
    ``digits`` are the most that it writes, by asset. ``histories`` are those that its table covers,
    ``stated`` those of which it has rows."""

    id: int
    account: str
    exchange: str
    origin: str
    name: str
    digest: str
    table: str
    edition: str
    rank: int
    imported_at: datetime
    start_at: datetime | None
    end_at: datetime | None
    rows: int
    records: int
    unknown: int
    left_out: Mapping[str, int] = field(default_factory=dict)
    digits: Mapping[str, int] = field(default_factory=dict)
    histories: tuple[str, ...] = ()  # data type and scope, as ``served_by`` names them
    stated: tuple[str, ...] = ()
    user: str | None = None
    chained: bool = False
    zone_minutes: int = 0  # the zone that its times were read in


FILES = Codec(ImportedFile, numbered=True, renamed={"table": "of_table", "rows": "row_count"})
FileRow = table("imported_files", FILES, key=("id",))

#: ``number`` counts the records of a file; ``exact``: the key is that of the API's row.
_OF_FILE = {
    "file_id": "integer",
    "number": "integer",
    "line": "integer",
    "exact": "flag",
    "books_fees": "flag",
    "rank": "integer",
}
IMPORTED_FILLS = Codec(Fill, extra=_OF_FILE)
ImportedFillRow = table("imported_fills", IMPORTED_FILLS, key=("account", "file_id", "number"))
IMPORTED_TRANSFERS = Codec(Transfer, extra=_OF_FILE)
ImportedTransferRow = table(
    "imported_transfers", IMPORTED_TRANSFERS, key=("account", "file_id", "number")
)
IMPORTED_ORDERS = Codec(Order, extra=_OF_FILE)
ImportedOrderRow = table("imported_orders", IMPORTED_ORDERS, key=("account", "file_id", "number"))

#: The chains of running balances in files.
LINKS = Codec(Link, extra={"account": "text"}, renamed={"file": "file_id"})
LinkRow = table(
    "imported_links", LINKS, key=("account", "file_id", "chain", "asset", "first_line", "last_line")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCoverage:
    """What the files of an account cover of a history: derived from files, chains and the API.

    ``words`` name the file and, where its chain is broken, the break.
    """

    account: str
    data_type: DataType
    scope: str
    span: Span
    grade: Grade
    words: str


FILE_COVERAGE = Codec(FileCoverage)
FileCoverageRow = table(
    "imported_coverage",
    FILE_COVERAGE,
    key=("account", "data_type", "scope", "start_ms", "end_ms", "grade"),
)

IMPORT_MODELS = (
    FileRow,
    ImportedFillRow,
    ImportedTransferRow,
    ImportedOrderRow,
    LinkRow,
    FileCoverageRow,
)
#: What the rows of one file are in, besides the file itself.
OF_A_FILE = (ImportedFillRow, ImportedTransferRow, ImportedOrderRow, LinkRow)
