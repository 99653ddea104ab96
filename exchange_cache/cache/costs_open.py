"""Whether the stored costs are those of all stored fills and transfers: a few look-ups, at any
length of the history."""

from __future__ import annotations

from exchange_cache.cache.answering import Database

#: The key under which a derivation notes for which reporting asset it is not finished.
COSTS_OPEN = "costs_open"

_QUERY = """
SELECT
  (SELECT valid_ms FROM cost_progress WHERE reporting_asset = ?),
  (SELECT max(at_ms) FROM cost_positions),
  (SELECT max(time_ms) FROM exchange_fills),
  (SELECT max(time_ms) FROM exchange_transfers),
  EXISTS (SELECT 1 FROM exchange_memory WHERE account = '' AND key = ? AND value != 'null')
"""


def costs_open(database: Database, reporting_asset: str) -> bool:
    """Whether costs in this asset are still to be derived, for the first time or for newer rows.

    A state at a position contains every event before it, so a row at or after the newest position
    is in no state, and neither is one before the moment up to which the states hold.
    """
    ((valid, newest, *times, begun),) = database.select(_QUERY, (reporting_asset, COSTS_OPEN))
    last = max((time for time in times if time is not None), default=None)
    if last is None:
        return False
    return bool(begun) or valid is None or newest is None or valid < newest or last >= newest
