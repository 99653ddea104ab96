"""How the freshness of data becomes rows; apart, because most lists need nothing else of syncs."""

from __future__ import annotations

from exchange_cache.cache.codec import Codec
from exchange_cache.value.freshness import SyncStatus

STATUSES = Codec(SyncStatus)
