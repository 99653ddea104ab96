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
#: An exchange's word for a zone that it does not know: UTC, unless the user states another.
_UNKNOWN = "utcnull"
#: What states the zone of a file itself.
_BY = {
    Zone.HEADER: "its header",
    Zone.PREAMBLE: "a line above its header",
    Zone.FILE_NAME: "its name",
}
_OFFSET = (
    r"(?P<sign>--?|\+)\s*(?:(?P<hours>\d{1,2})(?::(?P<minutes>\d{2}))?|(?P<whole>\d{4}))(?!\d)"
)
_STATED = re.compile(
    rf"(?:UTC|GMT)\s*(?:{_OFFSET})?(?P<rest>\s*[-+]?\d)?", re.IGNORECASE | re.ASCII
)
#: The zones of the earth lie between these, at quarters of an hour.
_FIRST, _LAST = timedelta(hours=-12), timedelta(hours=14)
_QUARTER = timedelta(minutes=15)


def zone_in(text: str) -> tzinfo | None:
    """The zone that a text names (``UTC+8``, ``UTC+01:00``, ``UTC--6``, ``UTCnull``); None where
    it names none, or one that does not exist. Names of files write a minus as ``--``."""
    found = _STATED.search(text)
    return None if found is None else _zone(found)


def stated_zone(text: str) -> tzinfo | None:
    """The zone that a user states (``UTC+8``), by itself; None for anything else."""
    found = _STATED.fullmatch(text.strip())
    return None if found is None else _zone(found)


def _zone(found: re.Match[str]) -> tzinfo | None:
    if found["sign"] is None:
        return None if found["rest"] else UTC
    if found["rest"]:
        return None
    hours = found["hours"] or found["whole"][:2]
    minutes = found["minutes"] or (found["whole"] or "0000")[2:]
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    offset = -offset if found["sign"].startswith("-") else offset
    if not _FIRST <= offset <= _LAST or offset % _QUARTER or int(minutes) > 59:
        return None
    return timezone(offset)


def zone_of(
    table: Table,
    *,
    file_name: str,
    preamble: Iterable[str],
    columns: Iterable[str],
    stated: tzinfo | None = None,
) -> tzinfo:
    """The zone of a file's times: that of the file, else the ``stated`` one. StatementRefused where
    both differ, or where only the user can state it."""
    where = {
        Zone.HEADER: (name for name in columns if "UTC" in name.upper()),
        Zone.PREAMBLE: preamble,
        Zone.FILE_NAME: (file_name,),
    }
    texts = [text for text in where.get(table.zone, ()) if zone_in(text) is not None]
    found = zone_in(texts[0]) if texts else None
    sure = found is not None and _UNKNOWN not in texts[0].lower()
    if found is not None and stated is not None and sure and _differ(found, stated):
        raise StatementRefused(
            f"its times are in {_words(found)}, as {_BY[table.zone]} states, not in"
            f" {_words(stated)}",
            file=file_name,
            hint="import it without --zone; if what it states is wrong, correct it there",
        )
    if stated is not None:
        return stated
    if table.zone is Zone.UTC:
        return UTC
    if table.zone is Zone.FIXED and table.fixed is not None:
        return table.fixed
    if found is None:
        why = _WHERE.get(table.zone, "this table states none")
        raise StatementRefused(
            f"its times have no zone: {why}",
            file=file_name,
            hint="state the zone in which the exchange's page showed them: --zone UTC+8",
        )
    return found


def _differ(one: tzinfo, other: tzinfo) -> bool:
    return one.utcoffset(None) != other.utcoffset(None)


def _words(zone: tzinfo) -> str:
    """A zone as ``--zone`` takes it."""
    return zone.tzname(None) or "UTC"
