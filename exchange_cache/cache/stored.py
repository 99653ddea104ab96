"""What the cache stores besides the records of exchanges: rates, findings, snapshots, stated costs,
runs and reads. An ``id`` is assigned by the table, and 0 before the row is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from exchange_cache.cache.stored_status import Run as Run, StoredFinding as StoredFinding


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRate:
    """A historical price of ``asset`` in ``quote`` in the hour that begins ``at``; ``value`` None:
    no market serves it so far. ``resolution_s``: the width of the candle that it was read from."""

    asset: str
    quote: str
    at: datetime
    resolution_s: int
    value: Decimal | None
    route: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RateMiss:
    """One market of an account's exchange had no candle of this width with an hour, when it was
    requested."""

    account: str
    exchange: str
    symbol: str
    resolution_s: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceRange:
    """The lowest and the highest price of ``asset`` in ``quote`` on the days from ``since`` to
    ``until`` (exclusive; both midnight UTC), from candles; None: no market serves all of them."""

    asset: str
    quote: str
    since: datetime
    until: datetime
    low: Decimal | None
    high: Decimal | None
    route: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Net worth at one moment."""

    id: int = 0
    taken_at: datetime
    reporting_asset: str
    value: Decimal
    stale_value: Decimal
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredWorth:
    """Net worth of a snapshot without its details; ``gaps``: what was missing, failed or stale."""

    at: datetime
    value: Decimal
    gaps: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedCost:
    """What some units cost, as the user states."""

    id: int = 0
    account: str
    asset: str
    quantity: Decimal
    price: Decimal
    quote: str
    at: datetime
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One answered read. ``outcome``: hit (all fresh), stale (something stale), miss (nothing
    cached) or bypass (read from the exchanges)."""

    at: datetime
    command: str
    outcome: str
    duration_us: int
