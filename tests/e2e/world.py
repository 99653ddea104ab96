"""A simulated world with its own home folder, and the command line run in it: in this process, or
as a process of its own."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.server import Place
from exchange_cache.cli.app import App
from exchange_cache.cli.main import _run
from exchange_cache.clock import Clock, SystemClock
from exchange_cache.simulator.home import write_home
from exchange_cache.simulator.server import Simulator
from exchange_cache.simulator.venue import truth_of
from tests.homes import HOMES, raw


@dataclass(frozen=True)
class Result:
    """What a command left behind."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class World:
    """Simulated exchanges and one user's home folder."""

    simulator: Simulator
    home: Path
    clock: Clock

    @classmethod
    def create(
        cls,
        simulator: Simulator,
        home: Path,
        clock: Clock | None = None,
        *,
        history_days: int | None = None,
    ) -> World:
        """``history_days``: fetch only that much of the past, for tests that are not about it."""
        write_home(home, simulator.port, simulator.venue)
        HOMES.settle(home)
        world = cls(simulator=simulator, home=home, clock=clock or SystemClock())
        if history_days is not None:
            config = home / "config.toml"
            start = world.clock.now().date() - timedelta(days=history_days)
            config.write_text(f"history_start = {start.isoformat()}\n{config.read_text()}")
        return world

    @property
    def env(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "EXCACHE_HOME": str(self.home),
            "LANG": "C.UTF-8",
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def run(self, *words: str, env: Mapping[str, str] | None = None) -> Result:
        """A command in this process."""
        out, err = io.StringIO(), io.StringIO()
        app = App(env={**self.env, **(env or {})}, clock=self.clock, out=out, err=err)
        code = _run(app, list(words))
        return Result(code=code, out=out.getvalue(), err=err.getvalue())

    def process(
        self,
        *words: str,
        env: Mapping[str, str] | None = None,
        stdin: str | None = None,
        timeout: float = 60,
    ) -> Result:
        """A command as a process of its own."""
        done = subprocess.run(
            [sys.executable, "-m", "exchange_cache", *words],
            env={**self.env, **(env or {})},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        return Result(code=done.returncode, out=done.stdout, err=done.stderr)

    def start(self, words: Sequence[str]) -> subprocess.Popen[str]:
        """A command that goes on while the test does something else."""
        return subprocess.Popen(
            [sys.executable, "-m", "exchange_cache", *words],
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def repository(self) -> ExchangeCacheRepository:
        return HOMES.open(self.home)

    @property
    def cache(self) -> Place:
        return HOMES.place(self.home)

    def query(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows of a statement that a test sends to the cache itself."""
        with raw(self.cache) as database:
            return database.select(sql, values)

    def change(self, sql: str, *values: object) -> None:
        """A statement that spoils the cache."""
        with raw(self.cache) as database:
            database.execute(sql, values)

    def forget(self) -> None:
        """Remove the cache."""
        HOMES.forget(self.home)

    def truth(self, account: str) -> dict[str, Any]:
        return dict(truth_of(self.simulator.venue)["accounts"][account])
