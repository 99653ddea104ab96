"""The moment up to which the states of cost have held since somebody last looked; what follows from
rows before it is still the same."""

from __future__ import annotations

from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.models import MemoryRow

#: No account has this name.
_ACCOUNT, _KEY = "*", "costs_cut"
_IS_CUT = (MemoryRow.account == _ACCOUNT, MemoryRow.key == _KEY)


def cut_ms(database: CacheDatabase) -> int | None:
    """The earliest moment (ms) up to which the states held when they were cut back since
    ``forget_cut``."""
    found = database.value(MemoryRow.select(MemoryRow.value).where(*_IS_CUT))
    return None if found is None else int(found)


def note_cut(database: CacheDatabase, at_ms: int) -> None:
    """Note that the states are cut back; in the transaction that does it."""
    known = cut_ms(database)
    if known is None or at_ms < known:
        row = {"account": _ACCOUNT, "key": _KEY, "value": str(at_ms), "updated_ms": 0}
        database.run(MemoryRow.insert(**row).on_conflict_replace())


def forget_cut(database: CacheDatabase) -> None:
    """Forget it, after everything was read that it concerns."""
    with database.write():
        database.run(MemoryRow.delete().where(*_IS_CUT))
