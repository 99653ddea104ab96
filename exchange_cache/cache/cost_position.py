"""How far the states of cost reach."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Position:
    """Every event before ``at_ms`` is in the states there."""

    at_ms: int = 0
    kept: bool = True
    events: int = 0
    last_event: datetime | None = None
    last_order: int = -1


@dataclass(frozen=True, slots=True)
class Progress:
    """What the states were derived with, and up to which moment they hold."""

    settings: str
    valid_ms: int
