"""What the benchmarks stand on: simulated exchanges over HTTP, and homes that were synced from
them, kept for the next run of the same code."""

from __future__ import annotations

import atexit
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import exchange_cache
from benchmarks.timing import Series, Took, take_turns, timed
from exchange_cache.simulator.home import write_home
from exchange_cache.simulator.server import Simulator, running_simulator
from exchange_cache.simulator.venue import Venue

#: The rates of the simulated exchanges, raised: what is measured is excache, not their pace.
UNLIMITED = 100_000.0
#: For first syncs: every symbol is asked for at once.
WHOLE = "sweep_budget = 10000\n"
_PROCESSES = Path(__file__).with_name("processes")


@dataclass(frozen=True, slots=True)
class Ground:
    """Simulated exchanges and a home folder that knows them."""

    simulator: Simulator
    home: Path

    @property
    def env(self) -> dict[str, str]:
        return environment(self.home)

    @property
    def cache(self) -> Path:
        return self.home / "cache.sqlite3"

    def excache(self, *words: str) -> list[str]:
        """The command beside the interpreter, as a user's shell would start it: never the package
        in the present folder."""
        return [str(Path(sys.executable).with_name("excache")), *words]

    def timed(self, words: Sequence[str]) -> Took:
        """One process, started in the home folder; it must succeed."""
        return timed(words, self.env, self.home)

    def take_turns(self, commands: Sequence[Sequence[str]], times: int) -> list[Series]:
        return take_turns(commands, times, self.timed)

    def counted(self, *words: str) -> tuple[Took, Counter[str]]:
        """A command of excache, and how many requests it sent to each exchange."""
        self.simulator.requests.clear()
        took = self.timed(self.excache(*words))
        return took, Counter(one.exchange for one in self.simulator.requests)

    def output(self, words: Sequence[str]) -> str:
        """What a command prints; it must succeed."""
        return subprocess.run(
            words, env=self.env, cwd=self.home, check=True, stdout=subprocess.PIPE, text=True
        ).stdout

    def query(self, text: str, *values: object) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.cache)) as cache:
            return cache.execute(text, values).fetchall()

    def copy_cache(self, place: Path) -> None:
        """A copy of the cache, with what its write-ahead log holds."""
        for old in place.parent.glob(f"{place.name}*"):
            old.unlink()
        with closing(sqlite3.connect(self.cache)) as ours, closing(sqlite3.connect(place)) as copy:
            ours.backup(copy)

    def fills(self) -> int:
        return int(self.query("SELECT count(*) FROM exchange_fills")[0][0])


def environment(home: Path) -> dict[str, str]:
    """A shell's environment, 140 columns wide, in which only this home counts."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "EXCACHE_HOME": str(home),
        "LANG": "C.UTF-8",
        "COLUMNS": "140",
    }


def process(name: str, *words: str) -> list[str]:
    """One of ``processes/``; its folder is not searched for modules."""
    return [sys.executable, "-P", str(_PROCESSES / f"{name}.py"), *words]


@contextmanager
def world(
    settings: str = WHOLE, *, pace: float | None = 0.1, latency: float = 0, **options: Any
) -> Iterator[Ground]:
    """Simulated exchanges and an empty home. ``pace``: milliseconds between two requests of an
    account; None: as ccxt paces the exchange. The other options are those of ``Venue``."""
    limit_scale = UNLIMITED if pace is not None else 1.0
    with (
        running_simulator(
            Venue(**options), limit_scale=limit_scale, latency_ms=latency
        ) as simulator,
        _home(simulator, settings, pace) as ground,
    ):
        yield ground


@contextmanager
def _home(simulator: Simulator, settings: str, pace: float | None) -> Iterator[Ground]:
    with tempfile.TemporaryDirectory(prefix="excache-bench-") as folder:
        ground = Ground(simulator, Path(folder))
        _configure(ground, settings, pace)
        yield ground


def _configure(ground: Ground, settings: str, pace: float | None) -> None:
    simulator = ground.simulator
    write_home(ground.home, simulator.port, simulator.venue, rate_limit_ms=pace or 0.1)
    config = ground.home / "config.toml"
    text = config.read_text(encoding="utf-8")
    if pace is None:
        text = text.replace("rateLimit = 0.1\n", "")
    config.write_text(f"{settings}\n{text}", encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Bench:
    """How much is measured, and where what was synced is kept."""

    kept: Path
    sizes: Sequence[int] = (1_000, 10_000, 100_000)
    times: int = 15
    few: int = 5
    days: int = 365
    accounts: int = 20
    symbols: Sequence[int] = (10, 100)
    world: Mapping[str, Any] = field(default_factory=dict)
    #: For commands that take long at a large size.
    rounds: int = 3
    #: The exchanges of ledgers, until the process ends: those of a million fills take minutes.
    running: dict[str, Simulator] = field(default_factory=dict)

    @contextmanager
    def ledger(self, fills: int, name: str = "", **options: Any) -> Iterator[Ground]:
        """A home with about this number of fills of one account, synced over HTTP; a copy, with
        its exchange, up to date."""
        options = {"accounts": {"main": "binance"}, "busy": 0, **options, "fills": fills}
        kept = self.kept / code() / (name or f"{fills} fills")
        if not (kept / "world.json").exists():
            for old in self.kept.glob("*"):
                if old.name != code():
                    shutil.rmtree(old)
            _sync(kept, options)
        with _home(self._exchanges(kept, options), "", 0.1) as ground:
            shutil.copy(kept / "cache.sqlite3", ground.cache)
            ground.timed(ground.excache("sync"))
            yield ground

    def _exchanges(self, kept: Path, options: Mapping[str, Any]) -> Simulator:
        """The running exchanges of a kept ledger."""
        if kept.name not in self.running:
            now_ms = json.loads((kept / "world.json").read_text(encoding="utf-8"))["now_ms"]
            venue = Venue(**options, now_ms=now_ms)
            opened = ExitStack()
            atexit.register(opened.close)
            self.running[kept.name] = opened.enter_context(
                running_simulator(venue, limit_scale=UNLIMITED, latency_ms=0)
            )
        return self.running[kept.name]


def _sync(kept: Path, options: Mapping[str, Any]) -> None:
    """Two syncs of a new world: what its first one leaves to later ones is done, too."""
    now_ms = time.time_ns() // 1_000_000
    with world(**options, now_ms=now_ms) as ground:
        for _ in range(2):
            ground.timed(ground.excache("sync"))
        kept.mkdir(parents=True, exist_ok=True)
        ground.copy_cache(kept / "cache.sqlite3")
    (kept / "world.json").write_text(json.dumps({"now_ms": now_ms}), encoding="utf-8")


def code() -> str:
    """A name for the code that is measured: a cache that other code wrote is not used."""
    folder, digest = Path(exchange_cache.__file__).parent, hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in {".py", ".json"}:
            digest.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:12]
