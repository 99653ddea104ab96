"""Runs a program that prints a secret: its output is bounded while it is read, and at its time
limit its whole process group ends."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO

from exchange_cache.config.private_files import MAX_BYTES, decoded
from exchange_cache.config.sources import Hidden

_CHUNK = 16 * 1024


@dataclass(frozen=True, slots=True)
class CommandResult:
    """How a program ended. ``status`` None: it was killed at its time limit; ``output`` None: not
    text. Its stderr is never read. ``excess``: killed, because it printed more than a secret."""

    status: int | None
    output: Hidden | None
    excess: bool = False


def run_command(words: Sequence[str], env: Mapping[str, str], seconds: float) -> CommandResult:
    """Run a program for its output, with no input and without its stderr.

    At the time limit, or when it prints too much, it is killed with all that it started.
    """
    import subprocess

    process = subprocess.Popen(  # noqa: S603 - the user's own command of config.toml
        list(words),
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        process_group=0,
    )
    assert process.stdout is not None
    deadline = time.monotonic() + seconds
    ended = False
    try:
        with process.stdout, _in_the_foreground(process.pid):
            raw = _read(process.stdout, deadline)
            excess = raw is not None and len(raw) > MAX_BYTES
            if raw is not None and not excess:
                with suppress(subprocess.TimeoutExpired):
                    process.wait(max(0.0, deadline - time.monotonic()))
                    ended = True
    finally:
        if not ended:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if process.returncode == -signal.SIGINT:
        raise KeyboardInterrupt  # pressed while the terminal was lent
    if excess:
        return CommandResult(process.returncode, None, excess=True)
    if raw is None or not ended:
        return CommandResult(None, None)
    return CommandResult(process.returncode, decoded(raw))


def _read(stream: IO[bytes], deadline: float) -> bytes | None:
    """What a program prints until it closes its output, or the first bytes above the bound; None at
    the deadline."""
    import select

    found = bytearray()
    while len(found) <= MAX_BYTES:
        ready, _, _ = select.select([stream], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            return None
        chunk = os.read(stream.fileno(), _CHUNK)
        if not chunk:
            break
        found += chunk
    return bytes(found)


@contextmanager
def _in_the_foreground(group: int) -> Iterator[None]:
    """Lend our terminal to a process group, which may ask there for a passphrase."""
    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        yield  # there is no terminal
        return
    own = os.getpgrp()
    try:
        if os.tcgetpgrp(terminal) != own:
            yield  # it is not ours
            return
        with suppress(OSError):  # it has ended already
            os.tcsetpgrp(terminal, group)
            os.killpg(group, signal.SIGCONT)  # it may have stopped when it asked too early
        try:
            yield
        finally:
            # Only a process in the foreground may take the terminal without this signal.
            before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
            try:
                os.tcsetpgrp(terminal, own)
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)
    finally:
        os.close(terminal)
