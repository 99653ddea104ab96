"""Fees of fills as a ledger books them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from exchange_cache.records import Fee


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedFees:
    """What a ledger books as the fees of a fill, all of them. It takes the place of what the list
    of fills states, whichever of the two is read first."""

    account: str
    fill_id: str
    time: datetime
    fees: tuple[Fee, ...]

    @property
    def key(self) -> tuple[str, str]:
        return (self.account, self.fill_id)
