"""The tables of what happened and of how far it is read. Showing the portfolio reads none."""

from __future__ import annotations

from exchange_cache.cache.codec import Codec
from exchange_cache.cache.codecs import FILLS as FILLS, TRANSFERS as TRANSFERS
from exchange_cache.cache.streams import CoveredSpan, StreamState
from exchange_cache.cache.table import table

#: Ledger of fills, the source of every cost. Time and amount are no key: two different fills may
#: share both. ``served_by`` is the history that returned a row (``fills/spot``), since several may
#: fill one table; rows of earlier versions have none until they are served again.
FillRow = table("exchange_fills", FILLS, key=("account", "category", "symbol", "fill_id"))


#: Ledger of deposits, withdrawals, internal moves and income. Ids are unique within a stream
#: (scope).
TransferRow = table("exchange_transfers", TRANSFERS, key=("account", "scope", "transfer_id"))


#: Which time ranges of a stream are stored: half-open and merged. A range is stored only when all
#: of its pages succeeded.
COVERAGE = Codec(CoveredSpan)
_STREAM = ("account", "data_type", "scope", "symbol")
CoverageRow = table("exchange_coverage", COVERAGE, key=(*_STREAM, "start_ms"))


#: The position of a stream's walk: an open window with its cursor, the last id, and the oldest
#: instant that the exchange still serves.
STREAMS = Codec(StreamState, apart=("covered",), nullable=("cursor",))
StreamRow = table("exchange_streams", STREAMS, key=_STREAM)
