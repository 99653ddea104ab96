"""Which events concern an asset: their number, their times and their digest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from exchange_cache.ledger.events import LedgerEvent


@dataclass(slots=True, eq=False, kw_only=True)
class Trail:
    """The events that concern one asset in one place: the same for every method.

    ``digest`` is chained: that of the events before, hashed with the next one. A pool has none of
    its own (``pooled_digest``).
    """

    pooled: bool = False
    digest: bytes = b""
    events: int = 0
    fills: int = 0
    first: datetime | None = None
    last: datetime | None = None
    flags: dict[str, int] = field(default_factory=dict)
    digested: int = -1  # the last event in ``digest``

    def record(self, event: LedgerEvent, order: int) -> None:
        """Add an event once, however many of its legs concern the asset."""
        if self.digested != order:
            self.digested = order
            if not self.pooled:
                self.digest = hashlib.sha256(self.digest + event.digest).digest()
            self.events += 1
            self.first = self.first or event.time
            self.last = event.time

    def flag(self, flags: Iterable[str]) -> None:
        for flag in flags:
            self.flags[flag] = self.flags.get(flag, 0) + 1


def pooled_digest(digests: Sequence[bytes]) -> bytes:
    """The digest of an asset's events at several accounts, from those of the accounts in order."""
    return digests[0] if len(digests) == 1 else hashlib.sha256(b"".join(digests)).digest()
