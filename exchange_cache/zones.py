"""The time zone of screens: found by name, applied to times, and named once per screen.

Programs get UTC, and so does the cache. Texts that are stored, or made where no screen is known,
state times as ``2026-01-31 12:00 UTC``, which a screen converts.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path

LOCAL = "local"
#: What the machine's zone is read from, unless the variable TZ names it.
MACHINE = Path("/etc/localtime")
_STATED = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d(?::\d\d)?) UTC\b(?![+-])")


def zone_of(name: str, env: Mapping[str, str] = os.environ) -> tzinfo:
    """The zone of a name: ``UTC``, ``local`` or an IANA name. ValueError states what is wrong."""
    if name == LOCAL:
        return _of_machine(env)
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        if not available_timezones():
            raise ValueError(
                "cannot be found, because this system has no time zone data; install it: pip"
                " install tzdata"
            ) from error
        raise ValueError(f"is no time zone{_near(name, available_timezones())}") from error


def _of_machine(env: Mapping[str, str]) -> tzinfo:
    """The zone that TZ names, else that of the machine; UTC if neither is set, as in C."""
    if (name := env.get("TZ")) is not None:
        try:
            return zone_of(name.removeprefix(":") or "UTC")
        except ValueError as error:
            raise ValueError(f"is the TZ of your environment, and {name!r} {error}") from error
    _, mark, name = str(MACHINE.resolve()).partition("/zoneinfo/")
    if mark:
        return zone_of(name)
    if not MACHINE.exists():
        return UTC
    from zoneinfo import ZoneInfo

    with MACHINE.open("rb") as file:
        return ZoneInfo.from_file(file, key="local time")


def _near(name: str, known: set[str]) -> str:
    from difflib import get_close_matches

    folded: Mapping[str, str] = {one.casefold(): one for one in sorted(known)}
    cities = {one.rsplit("/")[-1].casefold(): one for one in sorted(known)}
    word = name.casefold().replace(" ", "_")
    for names in (folded, cities):
        if near := get_close_matches(word, names, n=1, cutoff=0.75):
            return f'; did you mean "{names[near[0]]}"?'
    return '; use "UTC", "local" or a name such as "Europe/Berlin"'


# --- the zone of this process's screens -----------------------------------------------------------


def _utc() -> tzinfo:
    return UTC


_find: Callable[[], tzinfo] = _utc


@contextmanager
def shown_in(find: Callable[[], tzinfo]) -> Iterator[None]:
    """Show times in the zone that ``find`` returns; it is called when one is shown."""
    global _find
    before, _find = _find, find
    try:
        yield
    finally:
        _find = before


def local(moment: datetime) -> datetime:
    """The moment as the clock of the screens' zone shows it."""
    return moment.astimezone(_find())


def zone_word(moment: datetime) -> str:
    """The zone behind one time: ``UTC``, ``CET``; ``UTC+05:45`` where it has no letters."""
    here = local(moment)
    name = here.tzname() or ""
    if name.isalpha():
        return name
    return timezone(here.utcoffset() or timedelta(0)).tzname(None)


def zone_name() -> str:
    """The zone of a whole screen: ``UTC``, ``Europe/Berlin``, ``local time``."""
    return str(_find())


def localised(words: str) -> str:
    """A sentence with its times, each stated as ``2026-01-31 12:00 UTC``, in the screens' zone."""
    return _STATED.sub(_converted, words) if " UTC" in words else words


def _converted(found: re.Match[str]) -> str:
    if _find() is UTC:
        return found[0]
    moment = datetime.fromisoformat(f"{found[1]}T{found[2]}").replace(tzinfo=UTC)
    form = "%Y-%m-%d %H:%M:%S" if found[2].count(":") > 1 else "%Y-%m-%d %H:%M"
    return f"{local(moment):{form}} {zone_word(moment)}"
