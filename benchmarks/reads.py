"""What a look at the cache costs beside the bare interpreter, at every size, and what it
writes."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from benchmarks.ground import Bench, Ground
from benchmarks.lines import Line, measured, ratios
from benchmarks.timing import BARE, take_turns, timed

#: Every read, with the most bare starts that it may take.
READS = {
    "portfolio --json": 7.5,
    "portfolio --json --account main": 7.5,
    "portfolio --json --sort pnl": 7.5,
    "portfolio --json --by account": 7.5,
    "portfolio --json --min-value 10": 7.5,
    "portfolio": 9.5,
    "status": 9.5,
    "balances": 9.5,
    "positions": 9.5,
    "fills --limit 50": 9.5,
    "orders --limit 50": 9.5,
    "transfers --limit 50": 9.5,
    "--version": 5.5,
    "--help": 5.5,
}
#: Reads that the number of fills must not slow down.
FLAT = ("portfolio --json", "portfolio", "status", "fills --limit 50")
_COMPLETION = ["env", "_EXCACHE_COMPLETE=bash_complete", "COMP_WORDS=excache po", "COMP_CWORD=1"]
_WAITS = re.compile(r"^\d+ +f(?:data)?sync\(", re.MULTILINE)
_INTO_THE_CACHE = re.compile(r"^\d+ +p?write\w*\(\d+<[^>]*cache\.sqlite3(?:-wal)?>", re.MULTILINE)


def words_of(read: str) -> list[str]:
    """The words of a read; a background refresh would be measured with the reads after it."""
    words = read.split()
    return [*words, "--no-refresh"] if words[0] == "portfolio" else words


def beside_bare(bench: Bench) -> Iterator[Line]:
    """Every read, the bare interpreter, and what others need to load."""
    libraries = {
        "(click alone)": [BARE[0], "-c", "import click"],
        "(click and rich.console alone)": [BARE[0], "-c", "import click, rich.console"],
    }
    with bench.ledger(bench.sizes[min(1, len(bench.sizes) - 1)]) as ground:
        commands = {read: ground.excache(*words_of(read)) for read in READS}
        commands["completion of a command"] = [*_COMPLETION, *ground.excache()]
        commands |= libraries
        bare, *found = ground.take_turns([BARE, *commands.values()], bench.times)
        for name, series in zip(commands, found, strict=True):
            goal = None if name in libraries else READS.get(name, 5.5)
            yield measured("reads", name, "x bare", ratios(series, bare), series, at_most=goal)
        walls = [one.wall * 1000 for one in bare]
        yield measured("reads", "(the bare interpreter)", "ms", walls, bare)


def at_every_size(bench: Bench) -> Iterator[Line]:
    """The same reads with more fills, beside the least."""
    with ExitStack() as opened:
        grounds = {size: opened.enter_context(bench.ledger(size)) for size in bench.sizes}
        for read in FLAT:
            yield from _of_sizes(bench, read, grounds)


def _of_sizes(bench: Bench, read: str, grounds: dict[int, Ground]) -> Iterator[Line]:
    commands = [_at(ground.home, ground.excache(*words_of(read))) for ground in grounds.values()]
    first = next(iter(grounds.values()))
    found = first.take_turns(commands, bench.times)
    for (size, ground), series in zip(grounds.items(), found, strict=True):
        goal = None if ground is first else 1.05
        name = f"{read}, {size:,} fills / {bench.sizes[0]:,}"
        yield measured(
            "sizes",
            name,
            "x",
            ratios(series, found[0]),
            series,
            at_most=goal,
            curve=f"excache {read}",
            size=ground.fills(),
        )


def _at(home: Path, words: list[str]) -> list[str]:
    return ["env", f"HOME={home}", f"EXCACHE_HOME={home}", *words]


def with_accounts(bench: Bench) -> Iterator[Line]:
    """The portfolio of many accounts beside that of one."""
    number = bench.accounts
    many = {f"account{index:02}": "kraken" for index in range(number)}
    with (
        bench.ledger(120, "1 account", accounts={"account00": "kraken"}) as one,
        bench.ledger(120, f"{number} accounts", accounts=many) as all_of_them,
    ):
        for read in ("portfolio --json", "portfolio"):
            words = one.excache(*words_of(read))
            commands = [_at(one.home, words), _at(all_of_them.home, words)]
            first, series = take_turns(
                commands, bench.times, lambda each: timed(each, one.env, one.home)
            )
            name = f"{read}, {number} accounts / 1"
            yield measured("crowd", name, "x", ratios(series, first), series, at_most=1.05)


def writes(bench: Bench) -> Iterator[Line]:
    """How often a read waits for the disk, and writes into the cache, as strace reports."""
    if shutil.which("strace") is None:
        print("  (strace is not installed: the writes of a read are not counted)")
        return
    with bench.ledger(bench.sizes[0]) as ground:
        for read in ("portfolio --json", "portfolio --cost-method fifo", "status", "balances"):
            traced = _traced(ground, words_of(read))
            waits, into = len(_WAITS.findall(traced)), len(_INTO_THE_CACHE.findall(traced))
            yield measured("writes", f"{read}: waits for the disk", "fsync", [waits], at_most=0)
            yield measured("writes", f"{read}: writes to the cache", "writes", [into], at_most=0)
        waits = len(_WAITS.findall(_traced(ground, ["sync"])))
        yield measured("writes", "(a sync: waits for the disk)", "fsync", [waits])


def _traced(ground: Ground, words: list[str]) -> str:
    with tempfile.TemporaryDirectory(prefix="excache-trace-") as folder:
        trace = Path(folder) / "trace"
        calls = "trace=fsync,fdatasync,write,pwrite64,writev,pwritev"
        strace = ["strace", "-f", "-y", "-e", calls, "-o", str(trace)]
        ground.timed([*strace, *ground.excache(*words)])
        return trace.read_text(encoding="utf-8", errors="replace")
