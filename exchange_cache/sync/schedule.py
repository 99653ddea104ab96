"""The crontab entry as text: made, found and replaced purely; only ``read_crontab`` and ``write_crontab`` touch the system.

excache owns the lines between its two markers and nothing else.
"""

from __future__ import annotations

import difflib
import hashlib
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from exchange_cache.errors import ConfigError

BEGIN = "# >>> excache (edit with: excache cron install) >>>"
END = "# <<< excache <<<"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """When and what cron runs. ``env`` is set for this line alone, so that no other entry of the crontab is touched."""

    minute: int
    command: tuple[str, ...]
    env: Mapping[str, str]

    def lines(self) -> tuple[str, ...]:
        """The marked block. A % means a new line to cron, so it is escaped."""
        settings = [f"{name}={shlex.quote(value)}" for name, value in sorted(self.env.items())]
        words = " ".join([*settings, *(shlex.quote(word) for word in self.command)])
        return (BEGIN, f"{self.minute} * * * * {words}".replace("%", "\\%"), END)


def minute_of(seed: str) -> int:
    """An odd minute that differs from machine to machine, so that not everybody asks the exchanges at the same moment."""
    number = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:4], "big")
    return 3 + 2 * (number % 28)


def without_block(crontab: str) -> str:
    """The crontab without excache's block; ConfigError when its markers do not match."""
    kept: list[str] = []
    inside = False
    for line in crontab.splitlines(keepends=True):
        text = line.rstrip("\n")
        if text == BEGIN and not inside:
            inside = True
        elif text == END and inside:
            inside = False
        elif text in (BEGIN, END):
            raise _torn()
        elif not inside:
            kept.append(line)
    if inside:
        raise _torn()
    return "".join(kept)


def _torn() -> ConfigError:
    return ConfigError(
        "the excache block in your crontab has lost one of its two marker lines; nothing was changed",
        hint=f"open it (crontab -e) and delete what is left between {BEGIN!r} and {END!r}",
    )


def with_block(crontab: str, entry: Entry) -> str:
    """The crontab with excache's block at its end, replacing an older one."""
    rest = without_block(crontab)
    if rest and not rest.endswith("\n"):
        rest += "\n"
    return rest + "\n".join(entry.lines()) + "\n"


def block_of(crontab: str) -> tuple[str, ...]:
    """The lines of excache's block, empty when there is none."""
    lines = crontab.splitlines()
    if BEGIN not in lines or END not in lines:
        return ()
    return tuple(lines[lines.index(BEGIN) : lines.index(END) + 1])


def difference(before: str, after: str) -> str:
    """What would change, as a unified diff; empty when nothing would."""
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), "crontab (now)", "crontab (then)", n=1
    )
    return "".join(line if line.endswith("\n") else line + "\n" for line in lines)


def read_crontab() -> str:
    """The user's crontab, empty when there is none; ConfigError when there is no cron."""
    done = _crontab(["-l"])
    if done.returncode == 0:
        return done.stdout
    if "no crontab" in done.stderr.lower():
        return ""
    raise ConfigError(f"crontab -l failed: {done.stderr.strip()}", hint="may this user use cron? see man crontab")


def write_crontab(text: str) -> None:
    """Install a whole crontab (cron checks it before it replaces the old one)."""
    done = _crontab(["-"], text)
    if done.returncode != 0:
        raise ConfigError(f"cron refused the new crontab: {done.stderr.strip()}", hint="your crontab is unchanged")


def _crontab(arguments: Sequence[str], text: str | None = None) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(["crontab", *arguments], input=text, capture_output=True, text=True, check=False, timeout=20)
    except FileNotFoundError as error:
        raise ConfigError(
            "there is no cron on this machine (no crontab command)",
            hint="install it (Debian: apt install cron), or use the systemd timer in contrib/systemd",
        ) from error
