"""Which events concern an asset: their number, their times and their digest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from exchange_cache.ledger.events import LedgerEvent

_BYTES = 32
MODULUS = 1 << (8 * _BYTES)


@dataclass(slots=True, eq=False, kw_only=True)
class Trail:
    """The events that concern one asset in one place: the same for every method.

    ``digest`` is the sum of the events' own hashes, so that a late event is added to it wherever it
    happened. A pool has none of its own (``pooled_digest``).
    """

    pooled: bool = False
    digest: int = 0
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
                self.digest = (self.digest + _number(event)) % MODULUS
            self.events += 1
            self.first = self.first or event.time
            self.last = event.time

    def flag(self, flags: Iterable[str]) -> None:
        for flag in flags:
            self.flags[flag] = self.flags.get(flag, 0) + 1


def _number(event: LedgerEvent) -> int:
    return int.from_bytes(hashlib.sha256(event.digest).digest(), "big")


def pooled_digest(digests: Sequence[int]) -> bytes:
    """The digest of an asset's events at several accounts, from those of the accounts in order."""
    texts = [digest.to_bytes(_BYTES, "big") for digest in digests]
    return texts[0] if len(texts) == 1 else hashlib.sha256(b"".join(texts)).digest()
