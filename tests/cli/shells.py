"""Real interactive shells in a terminal, which complete what is typed."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

#: What each shell needs to complete without asking, and to show a prompt that is recognised.
STARTS = {
    "bash": ["bash", "--norc", "--noprofile", "-i"],
    "zsh": ["zsh", "-f", "-i"],
    "fish": ["fish", "--no-config", "-i"],
}
SETTINGS = {
    "bash": "bind 'set bell-style none'; bind 'set show-all-if-ambiguous on'; bind 'set"
    " enable-bracketed-paste off'; bind 'set completion-query-items 0'; bind 'set page-completions"
    " off'; source {script}",
    "zsh": "autoload -U compinit && compinit -u -D; setopt NO_BEEP; LISTMAX=9999; unsetopt"
    " ZLE_BRACKETED_PASTE; source {script}",
    "fish": "function fish_greeting; end; source {script}",
}
_CONTROLS = re.compile(
    r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b[()][A-Z0-9]|\x1b[=>78]|\x1b\][^\x07]*\x07|[\x00\x07\x0f]"
)
LONGEST = 30.0


class Shell:
    """One shell; ``completed`` types a line and the tabulator."""

    def __init__(self, name: str, terminal: int) -> None:
        self.name = name
        self._terminal = terminal
        self._number = 0

    def send(self, text: str) -> None:
        os.write(self._terminal, text.encode())

    def until(self, mark: str, *, quiet: float = 0.0) -> str:
        """What is printed until ``mark``, and until nothing follows for so long."""
        seen, deadline = "", time.monotonic() + LONGEST
        while time.monotonic() < deadline:
            ready, _, _ = select.select([self._terminal], [], [], quiet if mark in seen else 1)
            if ready:
                seen += os.read(self._terminal, 65536).decode(errors="replace")
            elif mark in seen:
                return _CONTROLS.sub("", seen)
        raise AssertionError(f"{self.name} did not print {mark!r}: {seen[-2000:]!r}")

    def line_after_tab(self, typed: str) -> str:
        """The command line once the shell has completed ``typed``, as the shell itself echoes it:
        its words are printed by a command that never runs excache."""
        self._number += 1
        mark = f"LINE{self._number}"
        self.send(f"{typed}\t\x01echo {mark}: \x05 ;echo {mark}END\r")
        shown = self.until(f"\n{mark}END", quiet=0.2)
        return re.findall(rf"\n{mark}: ([^\r\n]*)", shown)[-1].strip()


@contextmanager
def shell(name: str, script: Path, env: Mapping[str, str]) -> Iterator[Shell]:
    """An interactive shell that has read its completion script."""
    main, other = pty.openpty()
    process = subprocess.Popen(
        STARTS[name],
        stdin=other,
        stdout=other,
        stderr=other,
        env={**env, "TERM": "vt100", "PS1": "$ ", "COLUMNS": "200", "LINES": "50"},
        start_new_session=True,
        preexec_fn=_own_terminal,
    )
    os.close(other)
    found = Shell(name, main)
    try:
        found.send(f"{SETTINGS[name].format(script=script)}; echo REA''DY\r")
        found.until("READY\r\n", quiet=0.5)
        yield found
    finally:
        process.kill()
        process.wait()
        os.close(main)


def _own_terminal() -> None:
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def installed(name: str) -> bool:
    return shutil.which(name) is not None
