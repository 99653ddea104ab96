"""The tables of what exchanges changed afterwards."""

from __future__ import annotations

from exchange_cache.cache.revised import (
    ABSENCES as ABSENCES,
    VERSIONS as VERSIONS,
    Absence as Absence,
    Change as Change,
    RowKey as RowKey,
    Version as Version,
    row_key as row_key,
)
from exchange_cache.cache.table import table

#: Append-only: each former version of a row that an exchange changed or took back.
VersionRow = table("ledger_versions", VERSIONS, key=("id",))

#: The rows that are missing from their history now. The row itself stays where it is; what has
#: vanished is read by nobody who counts.
AbsenceRow = table(
    "ledger_absences", ABSENCES, key=("account", "data_type", "place", "symbol", "row_id")
)
