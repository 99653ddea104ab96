"""Many commands at once in one home.

- `many`: syncs, reloads and readers at random moments; a minute of 20, 5 and 200, or a part of it.
- `stopped`: the holder of the lock is stopped (SIGSTOP) while others come, and goes on.
- `clocks`: syncs whose clocks are up to three days apart.

No traceback, documented codes, readers always answer; afterwards the rows of an undisturbed cache.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from tests.reliability import shim
from tests.reliability.doing import doing, state_of
from tests.reliability.frame import (
    AFTER,
    CODE,
    CRASH,
    DOUBLED,
    INVENTED,
    LOST,
    MESSAGE,
    Case,
    Product,
    Verdict,
    cut,
)
from tests.reliability.ground import START
from tests.reliability.kill import undisturbed
from tests.reliability.shim import Ended, Fault
from tests.reliability.small import small

NAME = "crowd"
SAYS = (
    "20 syncs, 5 reloads and 200 readers of one home within a minute (or a tenth of each), the "
    "holder of the lock stopped, and clocks that are days apart; counted by command"
)
SHARE = 3
#: Their simulators take equal timestamps; a nonce must grow from one process to the next.
EXCHANGES = ("okx", "bybit")
KINDS = ("many-tenth", "many-minute", "stopped", "clocks")
READERS = ("portfolio --no-refresh --json", "fills --json", "status --json", "balances --json")


@cache
def cases() -> Sequence[Case]:
    return Product(KINDS, EXCHANGES, range(1000))


def world(case: Case) -> Case:
    return case[1:2]


def run(case: Case, folder: Path) -> Verdict:
    kind, exchange, _ = case
    if shim.library() is None:
        return Verdict(skipped="there is no C compiler")
    chance = random.Random(",".join(case))
    home = doing(exchange, "increment").made(exchange, folder / "home")
    if kind.startswith("many"):
        ended = _many(home, chance, 10 if kind.endswith("tenth") else 1)
    elif kind == "stopped":
        ended = _stopped(exchange, home, chance)
    else:
        ended = _apart(home, chance)
    if not ended:
        return Verdict(skipped="the holder had ended before it was stopped")
    wrong = [text for words, one in ended for text in _said(words, one)]
    return Verdict(tried=len(ended), wrong=(*wrong, *_after(exchange, home)))


Heard = list[tuple[str, Ended]]


class _Running:
    """A command in a process of its own."""

    def __init__(self, home: Path, words: str, by: timedelta = timedelta()) -> None:
        self.words = words
        self._ours, theirs = multiprocessing.Pipe(duplex=False)
        self.process: Any = shim.start(home, words.split(" "), START + by, Fault(), theirs)
        theirs.close()

    def ended(self) -> Ended:
        found = Ended(code=1, err="a bug in excache: it does not end")
        if self._ours.poll(shim.PATIENCE):
            with suppress(EOFError):
                found = self._ours.recv()
        self.process.kill()
        self.process.join()
        self._ours.close()
        return found


def _many(home: Path, chance: random.Random, part: int) -> Heard:
    words = ["sync"] * (20 // part) + ["reload --force"] * max(1, 5 // part)
    words += [chance.choice(READERS) for _ in range(200 // part)]
    chance.shuffle(words)
    begin, running = time.monotonic(), []
    for number, each in enumerate(words):
        wait = begin + number * 60 / part / len(words) - time.monotonic()
        time.sleep(max(0.0, wait))
        running.append(_Running(home, each))
    return [(one.words, one.ended()) for one in running]


def _stopped(exchange: str, home: Path, chance: random.Random) -> Heard:
    simulator = small(exchange).simulator
    simulator.set_latency(20)
    try:
        holder = _Running(home, "sync")
        time.sleep(chance.uniform(0.1, 1.5))
        os.kill(holder.process.pid, signal.SIGSTOP)
        if not _is_stopped(holder.process.pid):
            holder.ended()
            return []
        others = [_Running(home, each) for each in ("sync", *READERS, "reload --force")]
        heard = [(one.words, one.ended()) for one in others]
        os.kill(holder.process.pid, signal.SIGCONT)
        return [*heard, (holder.words, holder.ended())]
    finally:
        simulator.set_latency(0)


def _is_stopped(pid: int) -> bool:
    """Whether the kernel has stopped a process; False once it has ended."""
    for _ in range(1000):
        try:
            state = Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return False
        if state in "TZX":
            return state == "T"
    return False


def _apart(home: Path, chance: random.Random) -> Heard:
    by = [timedelta(hours=chance.uniform(-72, 72)) for _ in range(4)]
    running = [_Running(home, "sync", each) for each in by]
    return [(one.words, one.ended()) for one in running]


def _said(words: str, ended: Ended) -> Iterator[str]:
    if "a bug in excache" in ended.err:
        yield f"{CRASH}: {words}: {cut(ended.err)}"
    elif ended.code not in ((0,) if words in READERS else (0, 1, 69, 75)):
        yield f"{CODE}: {ended.code}: {words}: {cut(ended.err)}"
    elif ended.code and not ended.err:
        yield f"{MESSAGE}: {words}: exit code {ended.code} without a word"
    elif words in READERS:
        try:
            json.loads(ended.out)
        except ValueError:
            yield f"{MESSAGE}: {words}: no JSON: {cut(ended.out)}"


def _after(exchange: str, home: Path) -> Iterator[str]:
    """Two syncs later (the clock may have been ahead), the rows are those of an undisturbed one."""
    whole = undisturbed(exchange, "increment").after
    for days in (4, 5):
        again = shim.run(home, ["sync"], START + timedelta(days=days), Fault())
    if again.code:
        yield f"{AFTER}: exit code {again.code}: {cut(again.err)}"
    now = state_of(home)
    for key in (key for key in whole if "exchange_" in key):
        mine, theirs = list(now.get(key, ())), list(whole[key])
        missing = [row for row in theirs if row not in mine]
        if missing:
            yield f"{LOST}: {len(missing)} rows of {key}: {cut(repr(missing[0]))}"
        if [row for row in mine if row not in theirs]:
            yield f"{INVENTED}: rows of {key}"
        if len(set(mine)) != len(mine):
            yield f"{DOUBLED}: rows of {key}"
