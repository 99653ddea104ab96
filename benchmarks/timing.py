"""Measured processes: wall clock, CPU and memory of each, commands taking turns."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

EDITABLE = "an EDITABLE install (make bench measures a plain one)"
_LAUNCH = Path(__file__).with_name("processes") / "launch.py"
#: The interpreter that does nothing: the unit of "bare starts".
BARE = (sys.executable, "-c", "pass")


@dataclass(frozen=True, slots=True)
class Took:
    """What one process took: seconds, and at most so much memory (MiB)."""

    wall: float
    cpu: float
    memory: float = 0


Series = tuple[Took, ...]
"""What one command took each time."""


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
    return [tuple(row[index] for row in rounds) for index in range(len(commands))]


def timed(words: Sequence[str], env: Mapping[str, str], folder: Path) -> Took:
    """One process from its start to its end; it must succeed."""
    with tempfile.TemporaryDirectory(prefix="excache-took-") as place:
        result = Path(place) / "result"
        launcher = [sys.executable, "-I", "-S", str(_LAUNCH), str(result), *words]
        done = subprocess.run(
            launcher,
            env=env,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
        )
        if done.returncode != 0:
            raise SystemExit(done.stderr.decode(errors="replace"))
        wall, cpu, memory, code = result.read_text(encoding="ascii").split()
    if code != "0":
        text = done.stderr.decode(errors="replace")
        raise SystemExit(f"{' '.join(words)} ended with {code}:\n{text}")
    return Took(float(wall), float(cpu), int(memory) / 1024)


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
