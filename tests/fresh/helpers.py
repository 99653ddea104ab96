"""A home folder as these tests need it: processes in terminals, waiting without sleeping blindly,
and clocks that never stand still."""

from __future__ import annotations

import errno
import os
import pty
import select
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from exchange_cache.clock import EPOCH, from_ms
from exchange_cache.sync.background import is_running, slot_of
from exchange_cache.sync.lock import Holder, WriterLock
from tests.e2e.world import Result, World

LONGEST = 30.0


@dataclass
class MovedClock:
    """Stands where it was put, but no two moments are the same (nonces must grow); sleeping moves
    it."""

    at: datetime
    slept: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        self.at += timedelta(milliseconds=1)
        return self.at

    def monotonic(self) -> float:
        return (self.now() - EPOCH).total_seconds()

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += timedelta(seconds=seconds)

    def ms(self) -> int:
        return (self.at - EPOCH) // timedelta(milliseconds=1)


class Home(World):
    """A world with the questions these tests ask of it."""

    def lock(self) -> WriterLock:
        return WriterLock(self.home / "cache.sqlite3.lock", self.clock)

    def holder(self) -> Holder | None:
        return self.lock().holder()

    def is_refreshing(self) -> bool:
        return is_running(slot_of(self.home / "cache.sqlite3"))

    def quiet(self) -> None:
        """Wait until no refresh works any more."""
        wait_until(lambda: not self.is_refreshing() and self.holder() is None, "the refresh ends")

    def configure(self, line: str) -> None:
        """One more setting in config.toml."""
        config = self.home / "config.toml"
        config.write_text(f"{line}\n{config.read_text(encoding='utf-8')}", encoding="utf-8")

    def age(self, hours: float) -> None:
        """Make everything cached older by so many hours, as time would."""
        ms = int(hours * 3_600_000)
        self.execute(
            "UPDATE exchange_sync_status SET succeeded_ms = succeeded_ms - ?, attempted_ms ="
            " attempted_ms - ?",
            ms,
            ms,
        )
        self.execute(
            "UPDATE sync_runs SET started_ms = started_ms - ?, ended_ms = ended_ms - ?", ms, ms
        )

    def execute(self, text: str, *values: Any) -> None:
        """Change the cache behind everybody's back."""
        with closing(sqlite3.connect(self.home / "cache.sqlite3")) as cache, cache:
            cache.execute(text, values)

    def query(self, text: str, *values: Any) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.home / "cache.sqlite3")) as cache:
            return cache.execute(text, values).fetchall()

    def runs(self) -> list[tuple[str, datetime, datetime | None, str | None]]:
        """(command, began, ended, outcome), oldest first."""
        rows = self.query(
            "SELECT command, started_ms, ended_ms, outcome FROM sync_runs ORDER BY id"
        )
        return [
            (row[0], from_ms(row[1]), None if row[2] is None else from_ms(row[2]), row[3])
            for row in rows
        ]

    def outcomes(self) -> list[str]:
        """How reads were answered, oldest first, noted ones included."""
        with closing(self.repository()) as repository:
            return [read.outcome for read in reversed(repository.metrics.reads())]

    def in_terminal(self, *words: str, answer: str = "", columns: int = 100) -> Result:
        """A command whose three streams are a terminal; what it said on it, and its code."""
        parent, child = pty.openpty()
        env = {**self.env, "TERM": "xterm", "COLUMNS": str(columns), "NO_COLOR": "1"}
        process = subprocess.Popen(
            [sys.executable, "-m", "exchange_cache", *words],
            env=env,
            stdin=child,
            stdout=child,
            stderr=child,
            start_new_session=True,
        )
        os.close(child)
        if answer:
            os.write(parent, answer.encode())
        said = b""
        deadline = time.monotonic() + LONGEST
        while time.monotonic() < deadline:
            if select.select([parent], [], [], 0.05)[0]:
                try:
                    more = os.read(parent, 65536)
                except OSError as error:
                    if error.errno != errno.EIO:
                        raise
                    more = b""
                if not more:
                    break
                said += more
            elif process.poll() is not None:
                break
        code = process.wait(timeout=LONGEST)
        os.close(parent)
        return Result(code=code, out=said.decode().replace("\r\n", "\n"), err="")


def wait_until(happens: Callable[[], bool], what: str, longest: float = LONGEST) -> None:
    """Look again and again until something is so; AssertionError when it takes too long."""
    deadline = time.monotonic() + longest
    while not happens():
        assert time.monotonic() < deadline, f"waited {longest:.0f} s until {what}"
        time.sleep(0.02)
