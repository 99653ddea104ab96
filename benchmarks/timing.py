"""Timed processes: wall clock and CPU of each, commands taking turns, the median with its
spread."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

EDITABLE = "an EDITABLE install (make bench measures a plain one)"


@dataclass(frozen=True, slots=True)
class Took:
    """What one process took: seconds, and at most so much memory (MiB)."""

    wall: float
    cpu: float
    memory: float = 0


@dataclass(frozen=True, slots=True)
class Series:
    """What one command took each time."""

    times: tuple[Took, ...]

    @property
    def wall(self) -> float:
        return statistics.median(took.wall for took in self.times)

    @property
    def cpu(self) -> float:
        return statistics.median(took.cpu for took in self.times)

    def words(self) -> str:
        """``155 ms (149 – 171), CPU 140 ms (133 – 152)``"""
        walls, cpus = [one.wall for one in self.times], [one.cpu for one in self.times]
        return f"{_spread(walls)}  CPU {_spread(cpus)}"


def _spread(seconds: Sequence[float]) -> str:
    median, least, most = (
        1000 * item for item in (statistics.median(seconds), min(seconds), max(seconds))
    )
    return f"{median:6.0f} ms {f'({least:.0f} – {most:.0f})':15}"


def take_turns(
    commands: Sequence[Sequence[str]], times: int, run: Callable[[Sequence[str]], Took]
) -> list[Series]:
    """Each command ``times`` times, A B A B …, so that a busy moment of the machine meets all of
    them.

    One round before them warms the caches of the disk, and is not counted.
    """
    for words in commands:
        run(words)
    rounds = [[run(words) for words in commands] for _ in range(times)]
    return [Series(tuple(row[index] for row in rounds)) for index in range(len(commands))]


def timed(words: Sequence[str], env: Mapping[str, str], folder: Path) -> Took:
    """One process from its start to its end; it must succeed."""
    with tempfile.TemporaryFile() as said:
        began = time.perf_counter()
        process = subprocess.Popen(
            words,
            env=env,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said,
        )
        _, status, usage = os.wait4(process.pid, 0)
        took = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            said.seek(0)
            text = said.read().decode(errors="replace")
            raise SystemExit(f"{' '.join(words)} ended with {process.returncode}:\n{text}")
    return Took(took, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def what_is_measured(env: Mapping[str, str], folder: Path) -> str:
    """Which excache the timed processes run, in which kind of install: an editable one slows down
    every start of Python.
    """
    asked = "import exchange_cache; print(exchange_cache.__version__, exchange_cache.__file__)"
    done = subprocess.run(
        [sys.executable, "-c", asked],
        env=env,
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    version, _, place = done.stdout.strip().partition(" ")
    python = ".".join(str(number) for number in sys.version_info[:3])
    return f"excache {version} in {kind_of_install(Path(place), Path(sys.prefix))}, Python {python}"


def kind_of_install(package: Path, prefix: Path) -> str:
    """A plain install lies inside its environment, an editable one is elsewhere."""
    return "a plain install" if package.is_relative_to(prefix) else EDITABLE
