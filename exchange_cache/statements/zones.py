"""The zone of a file's times: as its header, its preamble or its name states it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, timedelta, timezone, tzinfo

from exchange_cache.errors import StatementRefused
from exchange_cache.statements.table import Table, Zone

#: Why a file has no zone, by where its table states one.
_WHERE = {
    Zone.HEADER: "its header states none",
    Zone.PREAMBLE: "the lines above its header state none",
    Zone.FILE_NAME: "its name states none, as the exchange's page gives it",
}
_STATED = re.compile(r"(?:UTC|GMT)\s*(-{1,2}|\+)?\s*(\d{1,2})?(?::?(\d{2}))?(null)?", re.IGNORECASE)


def zone_in(text: str) -> tzinfo | None:
    """The zone that a text names (``UTC+8``, ``UTC+01:00``, ``UTC--6``, ``UTCnull``); None where
    it names none. Names of files write a minus as ``--``."""
    found = _STATED.search(text)
    if found is None:
        return None
    sign, hours, minutes, _ = found.groups()
    if not sign or hours is None:
        return UTC
    offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
    if offset > timedelta(hours=14):
        return None
    return timezone(-offset if sign.startswith("-") else offset)


def zone_of(
    table: Table,
    *,
    file_name: str,
    preamble: Iterable[str],
    columns: Iterable[str],
    stated: tzinfo | None = None,
) -> tzinfo:
    """The zone of a file's times; StatementRefused where only the user can state it."""
    if stated is not None:
        return stated
    where = {
        Zone.HEADER: (name for name in columns if "UTC" in name.upper()),
        Zone.PREAMBLE: preamble,
        Zone.FILE_NAME: (file_name,),
    }
    if table.zone is Zone.UTC:
        return UTC
    if table.zone is Zone.FIXED and table.fixed is not None:
        return table.fixed
    named = (zone_in(text) for text in where.get(table.zone, ()))
    found = next((zone for zone in named if zone is not None), None)
    if found is None:
        why = _WHERE.get(table.zone, "this table states none")
        raise StatementRefused(
            f"its times have no zone: {why}",
            file=file_name,
            hint="state the zone in which the exchange's page showed them: --zone UTC+8",
        )
    return found
