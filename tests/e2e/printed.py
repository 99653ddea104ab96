"""Commands that screens print: found by their shape alone, whatever the sentences around them."""

from __future__ import annotations

import re
import shlex

from exchange_cache.cli.main import COMMANDS

_COMMAND = re.compile(rf"\bexcache ((?:{'|'.join(COMMANDS)})\b[^\n]*)")
#: Where a command ends within a line: three spaces (the next column), or the sentence around it.
_END = re.compile(r"   |  +|; | \(|\)|, | or |\.$|\. |: |$")


def printed_commands(screen: str) -> list[str]:
    """The commands of a screen, without ``excache``, in order and each once."""
    found: dict[str, None] = {}
    for match in _COMMAND.finditer(screen):
        words = match[1]
        end = _END.search(words)
        assert end is not None
        found[words[: end.start()].strip()] = None
    return list(found)


def words_of(command: str) -> list[str]:
    return shlex.split(command)


def lines_with(screen: str, command: str) -> list[str]:
    """The sentences that end with a command: its line, without figures that time changes; a
    comment of a file that is shown is none."""
    whole = f"excache {command}"
    return [
        re.sub(r"\d[\d.,]*", "#", line).strip()
        for line in screen.splitlines()
        if whole in line and not line.lstrip("+-").startswith("# ")
    ]
