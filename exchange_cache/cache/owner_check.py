"""Finds a file of another user: its rows lie in a time of which the API states rows of the same
markets and assets, and none of either is one of the other."""

from __future__ import annotations

from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.imported_models import DERIVED, ImportedFile
from exchange_cache.cache.merged import KINDS, Merged
from exchange_cache.clock import to_ms
from exchange_cache.errors import StatementRefused

#: So many rows of both must lie in one time.
_FEWEST = 3
#: What rows of one kind have in common, by the table of what files state, and which are compared:
#: files list rewards and moves that no history of the API has.
_ALIKE = {
    "imported_fills": ("symbol",),
    "imported_transfers": ("asset", "kind"),
    "imported_orders": ("symbol",),
}
_COMPARED = {
    "imported_fills": "",
    "imported_orders": "",
    "imported_transfers": " AND kind IN ('deposit', 'withdrawal')",
}


def refuse_other_owner(database: CacheDatabase, file: ImportedFile, known: int) -> None:
    """StatementRefused where none of many comparable rows is ``known`` to the API."""
    if known or file.start_at is None:
        return
    counts = [_counted(database, kind, file) for kind in KINDS]
    stated, served = (sum(numbers) for numbers in zip(*counts, strict=True))
    if min(stated, served) >= _FEWEST:
        raise StatementRefused(
            f"none of its {stated:,} rows from times that the exchange's API states is among the"
            f" {served:,} that it states of the same markets and assets: is it a file of another"
            " user?",
            file=file.name,
            hint="name the account that it belongs to: --account NAME",
        )


def _counted(database: CacheDatabase, kind: Merged, file: ImportedFile) -> tuple[int, int]:
    """How many rows of a file, and how many of the API, are alike and lie in one time."""
    assert file.start_at is not None and file.end_at is not None
    names, compared = _ALIKE[kind.imported], _COMPARED[kind.imported]
    values = (file.account, to_ms(file.start_at), to_ms(file.end_at))
    own = f"(SELECT {', '.join(names)} FROM {kind.imported} WHERE account = ? AND file_id = ?)"
    ((served, first_ms, last_ms),) = database.select(
        f"SELECT count(*), min({kind.time}), max({kind.time}) FROM {kind.ledger}"
        f" WHERE account = ? AND {kind.time} BETWEEN ? AND ? AND NOT {DERIVED.format('')}"
        f" AND ({', '.join(names)}) IN {own}{compared}",
        (*values, file.account, file.id),
    )
    if not served:
        return 0, 0
    ((stated,),) = database.select(
        f"SELECT count(*) FROM {kind.imported}"
        f" WHERE account = ? AND file_id = ? AND {kind.time} BETWEEN ? AND ?{compared}",
        (file.account, file.id, first_ms, last_ms),
    )
    return int(stated), int(served)
