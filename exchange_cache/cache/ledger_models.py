"""The tables of what happened, and of how far it is read. Showing the portfolio reads none."""

from __future__ import annotations

from exchange_cache.cache.codec import Codec
from exchange_cache.cache.streams import CoveredSpan, StreamState
from exchange_cache.cache.table import table
from exchange_cache.records import Fill, Transfer

#: Ledger of fills: the truth of cost. Never keyed by time and amount: two fills may be equal in
#: both and still be two.
#: ``served_by`` is the history that a row came with (``fills/spot``), since several may fill one
#: table; rows that no history has served yet, or that an earlier version stored, have none.
FILLS = Codec(Fill, extra={"seen_ms": "integer", "served_by": "text"}, nullable=("served_by",))
FillRow = table("exchange_fills", FILLS, key=("account", "category", "symbol", "fill_id"))


#: Ledger of deposits, withdrawals, internal moves and income. Ids are unique within the stream
#: (scope) that serves them.
TRANSFERS = Codec(
    Transfer, extra={"seen_ms": "integer", "served_by": "text"}, nullable=("served_by",)
)
TransferRow = table("exchange_transfers", TRANSFERS, key=("account", "scope", "transfer_id"))


#: Which time ranges of a stream are stored: half-open, merged; a range is here only when each of
#: its pages succeeded.
COVERAGE = Codec(CoveredSpan)
_STREAM = ("account", "data_type", "scope", "symbol")
CoverageRow = table("exchange_coverage", COVERAGE, key=(*_STREAM, "start_ms"))


#: Where the walk of a stream stands: an open window with its cursor, the last id, and what the
#: exchange no longer serves.
STREAMS = Codec(StreamState, apart=("covered",), nullable=("cursor",))
StreamRow = table("exchange_streams", STREAMS, key=_STREAM)
