"""Commands in processes of their own whose file calls are counted, refused, torn or cut short by
SIGKILL: `shim.c` is compiled where there is a compiler, and preloaded into a server of processes
that has loaded excache, so that one costs milliseconds.
"""

from __future__ import annotations

import ctypes
import io
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path
from types import ModuleType
from typing import Any

from exchange_cache.cli.app import App
from exchange_cache.cli.main import _run
from exchange_cache.clock import SetClock

SOURCE = Path(__file__).with_name("shim.c")
KINDS = 9
LOOK, READ, WRITE, SYNC, RENAME, UNLINK, SIZE, LOCK, MAKE = (1 << bit for bit in range(KINDS))
OPEN = LOOK | MAKE
CHANGES = WRITE | SYNC | RENAME | UNLINK | SIZE | OPEN
KILL, TORN = -1, -2
#: A command of these worlds takes a part of that, even where the machine is busy.
PATIENCE = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What happens at the `nth` call of these `kinds` below the home: an errno, KILL or TORN."""

    kinds: int = CHANGES
    nth: int = 0
    how: int = 0
    lasting: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a command ended; `code` None: it was killed. `calls`: those that its fault counted;
    `each`: those of each kind; `largest`: the size to which it wrote a file."""

    code: int | None
    out: str = ""
    err: str = ""
    calls: int = 0
    each: tuple[int, ...] = ()
    largest: int = 0

    def of(self, kinds: int) -> int:
        """How many calls of these kinds it made."""
        return sum(count for bit, count in enumerate(self.each) if kinds & 1 << bit)


@cache
def library() -> Path | None:
    """The compiled shim; None where there is no C compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        return None
    place = Path(tempfile.mkdtemp(prefix="excache-shim-")) / "shim.so"
    words = [compiler, "-shared", "-fPIC", "-O1", "-o", str(place), str(SOURCE), "-ldl"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return place if done.returncode == 0 else None


@cache
def _context() -> Any:
    """Processes with the shim, forked from one that has loaded what commands need."""
    found = multiprocessing.get_context("forkserver")
    found.set_forkserver_preload(["tests.reliability.preloaded"])
    before = os.environ.get("LD_PRELOAD")
    os.environ["LD_PRELOAD"] = str(library())
    try:
        with _without_main():
            found.Process(target=os.getpid).start()  # starts the server
    finally:
        os.environ.pop("LD_PRELOAD")
        if before is not None:
            os.environ["LD_PRELOAD"] = before
    return found


@contextmanager
def _without_main() -> Iterator[None]:
    """A process that is started meanwhile does not load the main module again: commands need
    nothing of it, and it would cost more than most of them."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def run(
    home: Path,
    words: Sequence[str],
    at: datetime,
    fault: Fault,
    limit: int | None = None,
    stdin: str = "",
) -> Ended:
    """A command under a fault; `limit`: the largest size of a file (RLIMIT_FSIZE)."""
    ours, theirs = multiprocessing.Pipe(duplex=False)
    process = start(home, words, at, fault, theirs, limit, stdin)
    theirs.close()
    found = Ended(code=None)
    if ours.poll(PATIENCE):
        with suppress(EOFError):  # killed
            found = ours.recv()
    else:
        process.kill()
        found = Ended(code=1, err="a bug in excache: it does not end")
    process.join(PATIENCE)
    ours.close()
    return found


def start(
    home: Path,
    words: Sequence[str],
    at: datetime,
    fault: Fault,
    answer: Connection | None = None,
    limit: int | None = None,
    stdin: str = "",
) -> Any:
    """The command as a process that goes on."""
    process = _context().Process(
        target=_child, args=(str(home), list(words), at, fault, answer, limit, stdin)
    )
    with _without_main():
        process.start()
    return process


def _child(
    home: str,
    words: list[str],
    at: datetime,
    fault: Fault,
    answer: Connection | None,
    limit: int | None,
    stdin: str,
) -> None:
    sys.stdin = io.StringIO(stdin)
    out, err = io.StringIO(), io.StringIO()
    env = {"PATH": os.environ["PATH"], "HOME": home, "EXCACHE_HOME": home, "LANG": "C.UTF-8"}
    shim = ctypes.CDLL(None)
    _limit(limit)
    app = App(env=env, clock=SetClock(at), out=out, err=err)
    shim.shim_arm(home.encode(), fault.kinds, ctypes.c_long(fault.nth), fault.how, fault.lasting)
    try:
        code = _run(app, words)
    except BaseException:  # noqa: BLE001 - nothing may leave `_run`; the trial shows it
        code = 1
        err.write("a bug in excache: " + traceback.format_exc())
    ended = Ended(
        code=code,
        out=out.getvalue(),
        err=err.getvalue(),
        calls=shim.shim_count(),
        each=tuple(shim.shim_each(bit) for bit in range(KINDS)),
        largest=shim.shim_largest(),
    )
    shim.shim_arm(b"", 0, ctypes.c_long(0), 0, 0)
    if answer is not None:
        answer.send(ended)
        answer.close()
    os._exit(0)


def _limit(size: int | None) -> None:
    import resource

    if size is not None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
