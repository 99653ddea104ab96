"""Deposits and withdrawals of files that carry no ids, against those of the ledger.

Two lists may date one of them hours apart: when it began, when a chain confirmed it, when it was
booked. So they are compared over more time than other rows, and for as far as they may depend on
each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from exchange_cache.cache.codec import Row
from exchange_cache.cache.codecs import TRANSFERS
from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.imported_models import DERIVED, FILES, FROM_FILE, ImportedFile
from exchange_cache.cache.ledger_models import TransferRow
from exchange_cache.cache.mirror import insert_many
from exchange_cache.records import TransferKind
from exchange_cache.statements.items import Item
from exchange_cache.statements.matching import LATE_MS, WITHIN_MS, Matching

#: The kinds of these rows, for a statement.
OUTSIDE = f"('{TransferKind.DEPOSIT}', '{TransferKind.WITHDRAWAL}')"
_STATED = f"account = ? AND exact = 0 AND kind IN {OUTSIDE}"
_HELD = f"account = ? AND kind IN {OUTSIDE}"
_OWN = f"{DERIVED.format('')} AND substr(transfer_id, 1, {len(FROM_FILE)}) = '{FROM_FILE}'"
_NAMES = ", ".join(TRANSFERS.names)

Own = tuple[ImportedFile, Item]


def merge_moves(
    database: CacheDatabase,
    files: Sequence[ImportedFile],
    account: str,
    start_ms: int,
    end_ms: int,
) -> None:
    """Compute anew which deposits and withdrawals the ledger has of files, around a range of time,
    inside the caller's transaction."""
    span = _closed(database, account, start_ms, end_ms)
    if span is None:
        return
    database.execute(
        f"DELETE FROM exchange_transfers WHERE {_HELD} AND time_ms BETWEEN ? AND ? AND {_OWN}",
        (account, *span),
    )
    known = _items(database, f"exchange_transfers WHERE {_HELD}", (account, *span))
    for stated in by_edition(_stated(database, files, account, span)):
        known += _add(database, account, known, stated)


def _closed(
    database: CacheDatabase, account: str, start_ms: int, end_ms: int
) -> tuple[int, int] | None:
    """The range widened until no such row lies near its edges; None where no file has one."""
    around = (account, start_ms - LATE_MS, end_ms + LATE_MS)
    sql = f"SELECT 1 FROM imported_transfers WHERE {_STATED} AND time_ms BETWEEN ? AND ? LIMIT 1"
    if not database.select(sql, around):
        return None
    times = database.select(
        f"SELECT time_ms FROM imported_transfers WHERE {_STATED} UNION"
        f" SELECT time_ms FROM exchange_transfers WHERE {_HELD} ORDER BY 1",
        (account, account),
    )
    ordered = [int(ms) for (ms,) in times]
    for ms in ordered:
        if end_ms < ms <= end_ms + LATE_MS:
            end_ms = ms
    for ms in reversed(ordered):
        if start_ms - LATE_MS <= ms < start_ms:
            start_ms = ms
    return start_ms, end_ms


def _stated(
    database: CacheDatabase, files: Iterable[ImportedFile], account: str, span: tuple[int, int]
) -> list[Own]:
    """The rows of the files; of equal ones in files that overlap, that of the file that counts."""
    found: dict[object, Own] = {}
    for file in in_order(files):
        values = (account, file.id, *span)
        for item in _items(database, f"imported_transfers WHERE {_STATED} AND file_id = ?", values):
            found.setdefault(item.key, (file, item))
    return list(found.values())


def in_order(files: Iterable[ImportedFile]) -> list[ImportedFile]:
    """Files in the order in which their rows count: by the rank of their table, then the newest
    edition of it, then the one imported first."""
    newest_first = sorted(sorted(files, key=lambda one: one.id), key=_edition, reverse=True)
    return sorted(newest_first, key=_table)


def by_edition(stated: Sequence[Own]) -> Iterator[list[Own]]:
    """Rows of files, those of each edition of a table together, in the order in which they count.
    What equals a row of another edition may have another key."""
    if len(stated) == 1:  # nearly all of a large file
        yield [stated[0]]
        return
    rows = sorted(stated, key=lambda one: _edition(one[0]), reverse=True)
    for _, own in groupby(
        sorted(rows, key=lambda one: _table(one[0])),
        lambda one: (*_table(one[0]), _edition(one[0])),
    ):
        yield list(own)


def _table(file: ImportedFile) -> tuple[int, str]:
    return file.rank, file.table


def _edition(file: ImportedFile) -> str:
    return file.edition


def _add(
    database: CacheDatabase, account: str, known: list[Item], stated: Sequence[Own]
) -> list[Item]:
    """Store those that the ledger does not have; they are known to the tables that follow."""
    digits: dict[str, int] = {}
    for asset, number in ((key, n) for file, _ in stated for key, n in file.digits.items()):
        digits[asset] = max(number, digits.get(asset, 0))
    of_file = {item.key: file for file, item in stated}
    matching = Matching(known, digits)
    rest = matching.late(matching.new(item for _, item in stated))
    new = [item for item in rest if not _has_other(database, account, item, digits)]
    rows: list[Row] = [
        TRANSFERS.encode(
            item.record,
            seen_ms=FILES.encode(of_file[item.key])["imported_ms"],
            served_by=f"{FROM_FILE}{of_file[item.key].id}",
        )
        for item in new
    ]
    insert_many(database, TransferRow, rows, "ignore")
    return new


def _has_other(database: CacheDatabase, account: str, item: Item, digits: dict[str, int]) -> bool:
    """Whether the ledger has the row in the same second, as a move of another kind."""
    span = (account, item.ms - WITHIN_MS, item.ms + WITHIN_MS)
    where = f"exchange_transfers WHERE account = ? AND kind NOT IN {OUTSIDE}"
    others = _items(database, where, span)
    return bool(others) and not Matching(others, digits).new([item])


def _items(database: CacheDatabase, source: str, values: Sequence[object]) -> list[Item]:
    rows = database.select(
        f"SELECT {_NAMES} FROM {source} AND time_ms BETWEEN ? AND ? ORDER BY time_ms", values
    )
    return [Item(record=one, key=one.key) for one in map(TRANSFERS.decode, rows)]
