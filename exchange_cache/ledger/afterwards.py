"""What an exchange changed of a row after it had reported it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from exchange_cache.records import DataType


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """A field of a row, as it was reported first and as it is reported now."""

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Afterwards:
    """A row that its exchange changed, no longer serves (``vanished``) or serves again
    (``returned``). ``assets`` are those that it moved; ``changes`` are of one that ``changed``."""

    account: str
    data_type: DataType
    symbol: str | None
    row_id: str
    time: datetime
    what: str  # changed | vanished | returned
    noticed_at: datetime
    assets: tuple[str, ...]
    changes: tuple[FieldChange, ...] = ()
