"""A fetched file of an archive, and who reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from exchange_cache.adapter.archives import ArchivePolicy
from exchange_cache.adapter.port import ExchangePort
from exchange_cache.ledger.coverage import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveFile:
    """A fetched file, with what it is of."""

    account: str
    archive: ArchivePolicy
    period: str
    span: Span
    body: bytes

    @property
    def name(self) -> str:
        """A name for people: what made it, and what it covers."""
        return f"{self.archive.title} {self.period}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """What reading a file added, and the time that it covers by its rows."""

    rows: int
    new_rows: int
    span: Span


class Receive(Protocol):
    """Reads a file into the ledger, with its coverage; an ExcacheError where it cannot be read."""

    def __call__(self, port: ExchangePort, file: ArchiveFile) -> Received: ...
