"""Moments as people write them: a date, an ISO time, ``yesterday``, or a span before now such as
``7d``, ``3w``, ``6m`` (months) or ``1y``."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo

#: Before any data of any exchange.
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)

_SPAN = re.compile(r"([0-9]{1,12})(s|min|h|d|w|m|y)")
_UNITS = {"s": "seconds", "min": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_MONTHS = {"m": 1, "y": 12}
_DAYS = {"today": 0, "yesterday": 1}
_HOW = (
    "use 2026-01-31, 2026-01-31T12:00, yesterday, or a span before now: 7d, 3w, 6m (months) or 1y"
)


def moment_of(text: str, now: datetime | None, zone: tzinfo = UTC) -> datetime:
    """The moment in UTC; a text without an offset is in ``zone``. ValueError states what is wrong.

    Words and spans need ``now``.
    """
    try:
        found = _relative(text.strip().casefold(), now, zone) or datetime.fromisoformat(text)
        found = (found.replace(tzinfo=zone) if found.tzinfo is None else found).astimezone(UTC)
    except OverflowError:
        found = datetime.min.replace(tzinfo=UTC)
    except ValueError:
        raise ValueError(f"{text!r} is not a time: {_HOW}") from None
    if found < BEGINNING:
        raise ValueError(f"{text!r} is too long ago: before {BEGINNING:%Y-%m-%d}")
    return found


def is_day(text: str) -> bool:
    """Whether a text names a whole day instead of a moment of it."""
    return text.strip().casefold() in _DAYS or re.fullmatch(r"\d{4}-?\d\d-?\d\d", text) is not None


def midnight(moment: datetime, zone: tzinfo = UTC, *, days: int = 0) -> datetime:
    """The start of the moment's day in ``zone``, or of the day so many days later, in UTC."""
    day = moment.astimezone(zone).date() + timedelta(days=days)
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def _relative(word: str, now: datetime | None, zone: tzinfo) -> datetime | None:
    """The moment of a word or a span; None if it is neither."""
    if now is None:
        return None
    if word in _DAYS:
        return midnight(now, zone, days=-_DAYS[word])
    match = _SPAN.fullmatch(word)
    if match is None:
        return None
    number, unit = int(match[1]), match[2]
    if unit in _MONTHS:
        return _months_before(now.astimezone(zone), number * _MONTHS[unit])
    return now - timedelta(**{_UNITS[unit]: number})


def _months_before(moment: datetime, months: int) -> datetime:
    """The same day of an earlier month, or its last day if it has fewer."""
    index = moment.year * 12 + moment.month - 1 - months
    year, month = divmod(index, 12)
    if year < 1:
        raise OverflowError
    for day in range(moment.day, 27, -1):
        try:
            return moment.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue  # the month has fewer days
    return moment.replace(year=year, month=month + 1)
