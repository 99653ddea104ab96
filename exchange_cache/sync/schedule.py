"""The crontab entry as text: pure functions create, find and replace it; only ``read_crontab`` and
``write_crontab`` access the system.

excache owns only the lines between its two markers.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from exchange_cache.errors import ConfigError, UsageError

if TYPE_CHECKING:
    import subprocess

BEGIN = "# >>> excache (edit with: excache cron install) >>>"
END = "# <<< excache <<<"
#: Lines as cron reads them: only a line feed ends one.
_LINES = re.compile(r"[^\n]*\n|[^\n]+")

HOUR = timedelta(hours=1)
#: An hourly run may be late by this time (jitter, a busy machine).
LATE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """When and what cron runs. ``env`` is set for this line alone, so that it does not affect other
    entries."""

    minute: int
    command: tuple[str, ...]
    env: Mapping[str, str]

    def __post_init__(self) -> None:
        for text in (*self.command, *self.env.values()):
            if "\n" in text or "\r" in text:
                raise UsageError(f"a line of a crontab cannot hold a line break: {text!r}")

    def lines(self) -> tuple[str, ...]:
        """The marked block. A % means a new line to cron, so it is escaped here."""
        settings = [f"{name}={shlex.quote(value)}" for name, value in sorted(self.env.items())]
        words = " ".join([*settings, *(shlex.quote(word) for word in self.command)])
        return (BEGIN, f"{self.minute} * * * * {words}".replace("%", "\\%"), END)


def minute_of(seed: str) -> int:
    """An odd minute that differs between machines, so that not all of them send requests at the
    same time."""
    import hashlib

    number = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:4], "big")
    return 3 + 2 * (number % 28)


def minute_in(crontab: str) -> int | None:
    """The minute of the installed entry; None where there is none, or where the user changed its
    schedule."""
    for line in block_of(crontab):
        word = line.split(" ", 1)[0]
        if word.isdigit() and line.split()[1:5] == ["*"] * 4:
            return int(word)
    return None


def without_block(crontab: str) -> str:
    """The crontab without excache's block and otherwise unchanged; ConfigError when its markers do
    not match."""
    before, _, after = _parts(crontab)
    return before + after


def with_block(crontab: str, entry: Entry) -> str:
    """The crontab with excache's block, in place of an older one or at the end, and otherwise
    unchanged."""
    before, _, after = _parts(crontab)
    if before and not before.endswith("\n"):
        before += "\n"
    return before + "\n".join(entry.lines()) + "\n" + after


def block_of(crontab: str) -> tuple[str, ...]:
    """The lines of excache's block, empty when there is none."""
    return tuple(_parts(crontab)[1].splitlines())


def _parts(crontab: str) -> tuple[str, str, str]:
    """The text before the block, the block, and the text after it."""
    lines = _LINES.findall(crontab)
    marks = [
        (number, line.rstrip("\n"))
        for number, line in enumerate(lines)
        if line.rstrip("\n") in (BEGIN, END)
    ]
    if not marks:
        return crontab, "", ""
    if [mark for _, mark in marks] != [BEGIN, END]:
        raise _torn()
    start, end = marks[0][0], marks[1][0] + 1
    return "".join(lines[:start]), "".join(lines[start:end]), "".join(lines[end:])


def _torn() -> ConfigError:
    return ConfigError(
        "the marker lines of the excache block in your crontab do not match; nothing was changed",
        hint=f"open it (crontab -e) and delete what is left between {BEGIN!r} and {END!r}",
    )


def difference(before: str, after: str) -> str:
    """The change as a unified diff; empty without one."""
    import difflib

    lines = difflib.unified_diff(
        _LINES.findall(before), _LINES.findall(after), "crontab (now)", "crontab (then)", n=1
    )
    return "".join(line if line.endswith("\n") else line + "\n" for line in lines)


@dataclass(frozen=True, slots=True)
class Gap:
    """A time without a run, and the number of hourly runs that it should have had."""

    since: datetime
    until: datetime
    runs: int


def missed_hours(moments: Sequence[datetime]) -> list[Gap]:
    """The gaps between ascending moments (starts of runs, and now) that exceed an hourly
    schedule."""
    gaps = (
        Gap(since, until, int((until - since - LATE) / HOUR)) for since, until in pairwise(moments)
    )
    return [gap for gap in gaps if gap.runs > 0]


# --- the system -----------------------------------------------------------------------------------


def read_crontab() -> str:
    """The user's crontab, empty when there is none; ConfigError when there is no cron."""
    done = _crontab(["-l"])
    if done.returncode == 0:
        return _text(done.stdout)
    complaint = _text(done.stderr).strip()
    if "no crontab" in complaint.lower():
        return ""
    raise ConfigError(
        f"crontab -l failed: {complaint}", hint="may this user use cron? see man crontab"
    )


def write_crontab(text: str) -> None:
    """Install a whole crontab (cron checks it before it replaces the old one)."""
    done = _crontab(["-"], text.encode(errors="surrogateescape"))
    if done.returncode != 0:
        raise ConfigError(
            f"cron refused the new crontab: {_text(done.stderr).strip()}",
            hint="your crontab is unchanged",
        )


def _text(output: bytes) -> str:
    """Output as text; bytes that are not UTF-8 are restored when the text is written."""
    return output.decode(errors="surrogateescape")


def _crontab(
    arguments: Sequence[str], text: bytes | None = None
) -> subprocess.CompletedProcess[bytes]:
    import subprocess

    env = {**os.environ, "LC_ALL": "C"}  # so that "no crontab for …" is in English
    try:
        return subprocess.run(  # noqa: S603 - crontab, without a shell
            ["crontab", *arguments],  # noqa: S607 - crontab is where the system has it
            input=text,
            capture_output=True,
            env=env,
            check=False,
            timeout=20,
        )
    except subprocess.TimeoutExpired as error:
        raise ConfigError(
            "crontab did not answer within 20 s", hint="try it by hand: crontab -l"
        ) from error
    except OSError as error:
        raise ConfigError(
            "there is no cron on this machine (no crontab command)",
            hint=(
                "install it (Debian: apt install cron), or use the systemd timer in contrib/systemd"
            ),
        ) from error
