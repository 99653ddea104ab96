"""All tables of the cache."""

from __future__ import annotations

from exchange_cache.cache.archives import ArchiveRow, PlanRow, SentRow
from exchange_cache.cache.booked_fees import BookedFeesRow
from exchange_cache.cache.cost_models import COST_MODELS
from exchange_cache.cache.doubts import DoubtfulOrderRow
from exchange_cache.cache.imported_models import IMPORT_MODELS
from exchange_cache.cache.ledger_models import CoverageRow, FillRow, StreamRow, TransferRow
from exchange_cache.cache.models import (
    AcceptedRow,
    BalanceRow,
    BasisRow,
    FindingRow,
    HoldingRow,
    MemoryRow,
    OrderRow,
    PositionRow,
    PreparedRow,
    PriceRow,
    RangeRow,
    RateMissRow,
    RateRow,
    ReadRow,
    RunRow,
    SnapshotRow,
    StatedBasisRow,
    SyncStatusRow,
)
from exchange_cache.cache.orm import Model
from exchange_cache.cache.revision_models import AbsenceRow, VersionRow
from exchange_cache.cache.unidentified import UnidentifiedTable

MODELS: tuple[type[Model], ...] = (
    MemoryRow,
    SyncStatusRow,
    BalanceRow,
    PositionRow,
    OrderRow,
    FillRow,
    BookedFeesRow,
    TransferRow,
    PriceRow,
    CoverageRow,
    StreamRow,
    VersionRow,
    AbsenceRow,
    RateRow,
    RangeRow,
    RateMissRow,
    BasisRow,
    StatedBasisRow,
    FindingRow,
    AcceptedRow,
    SnapshotRow,
    HoldingRow,
    RunRow,
    ReadRow,
    UnidentifiedTable,
    PreparedRow,
    ArchiveRow,
    SentRow,
    PlanRow,
    *COST_MODELS,
    *IMPORT_MODELS,
    DoubtfulOrderRow,
)
