"""The crontab entry as text: made, found and replaced purely; only ``read_crontab`` and
``write_crontab`` touch the system.

excache owns the lines between its two markers and nothing else.
"""

from __future__ import annotations

import difflib
import hashlib
import os
import re
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from exchange_cache.errors import ConfigError, UsageError

BEGIN = "# >>> excache (edit with: excache cron install) >>>"
END = "# <<< excache <<<"
#: Lines as cron sees them: only a line feed ends one.
_LINES = re.compile(r"[^\n]*\n|[^\n]+")

HOUR = timedelta(hours=1)
#: An hourly run may come so much later than an hour after the one before (jitter, a machine that
#: was busy).
LATE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """When and what cron runs. ``env`` is set for this line alone, so that no other entry of the
    crontab is touched."""

    minute: int
    command: tuple[str, ...]
    env: Mapping[str, str]

    def __post_init__(self) -> None:
        for text in (*self.command, *self.env.values()):
            if "\n" in text or "\r" in text:
                raise UsageError(f"a line of a crontab cannot hold a line break: {text!r}")

    def lines(self) -> tuple[str, ...]:
        """The marked block. A % means a new line to cron, so it is escaped."""
        settings = [f"{name}={shlex.quote(value)}" for name, value in sorted(self.env.items())]
        words = " ".join([*settings, *(shlex.quote(word) for word in self.command)])
        return (BEGIN, f"{self.minute} * * * * {words}".replace("%", "\\%"), END)


def minute_of(seed: str) -> int:
    """An odd minute that differs from machine to machine, so that not everybody asks the exchanges
    at the same moment."""
    number = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:4], "big")
    return 3 + 2 * (number % 28)


def minute_in(crontab: str) -> int | None:
    """The minute of the installed entry; None where there is none, or where it was changed to
    something of the user's own."""
    for line in block_of(crontab):
        word = line.split(" ", 1)[0]
        if word.isdigit() and line.split()[1:5] == ["*"] * 4:
            return int(word)
    return None


def without_block(crontab: str) -> str:
    """The crontab without excache's block, every other byte as it was; ConfigError when its markers
    do not match."""
    before, _, after = _parts(crontab)
    return before + after


def with_block(crontab: str, entry: Entry) -> str:
    """The crontab with excache's block, in the place of an older one or at the end; every other
    byte as it was."""
    before, _, after = _parts(crontab)
    if before and not before.endswith("\n"):
        before += "\n"
    return before + "\n".join(entry.lines()) + "\n" + after


def block_of(crontab: str) -> tuple[str, ...]:
    """The lines of excache's block, empty when there is none."""
    return tuple(_parts(crontab)[1].splitlines())


def _parts(crontab: str) -> tuple[str, str, str]:
    """What stands before the block, the block, and what stands after it."""
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
    """What would change, as a unified diff; empty when nothing would."""
    lines = difflib.unified_diff(
        _LINES.findall(before), _LINES.findall(after), "crontab (now)", "crontab (then)", n=1
    )
    return "".join(line if line.endswith("\n") else line + "\n" for line in lines)


@dataclass(frozen=True, slots=True)
class Gap:
    """A time without any run, and how many hourly ones fell into it."""

    since: datetime
    until: datetime
    runs: int


def missed_hours(moments: Sequence[datetime]) -> list[Gap]:
    """The gaps between ascending moments (starts of runs, and now) that are too long for an hourly
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
    """Bytes that are no UTF-8 come back as they were when the text is written."""
    return output.decode(errors="surrogateescape")


def _crontab(
    arguments: Sequence[str], text: bytes | None = None
) -> subprocess.CompletedProcess[bytes]:
    env = {**os.environ, "LC_ALL": "C"}  # "no crontab for …" in words that are known
    try:
        return subprocess.run(
            ["crontab", *arguments],
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
