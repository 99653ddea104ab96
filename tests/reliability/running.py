"""Runs trials in worker processes until the time is over, and adds up what they find."""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
import traceback
from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, replace
from importlib import import_module
from itertools import islice, zip_longest
from multiprocessing import get_context
from pathlib import Path

from tests.reliability.frame import CRASH, Case, Trials, Verdict, cut, named
from tests.reliability.tally import Tally

CLASSES = ("guard", "secrets", "fuzz", "disk", "kill", "http", "crowd", "rows", "costs")
#: A worker tries cases of one class for so many seconds, then reports.
BATCH_SECONDS = 15.0
BATCH = 400
#: So many cases are listed; of more, so many are drawn at most.
FEW, DRAWS = 100_000, 3_000_000
#: Where files are made: in memory where there is such a file system, since the trials write much.
SCRATCH = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
Tried = list[tuple[Case, Verdict, float]]


def class_of(name: str) -> Trials:
    module: Trials = import_module(f"tests.reliability.{name}")  # type: ignore[assignment]
    return module


def tried(name: str, batch: Sequence[Case], seconds: float) -> Tried:
    """The cases of a batch that could be tried in that time, at least one."""
    trials, until, found = class_of(name), time.monotonic() + seconds, []
    for case in batch:
        begin = time.monotonic()
        verdict = _run(trials, case)
        found.append((case, verdict, time.monotonic() - begin))
        if time.monotonic() > until:
            break
    return found


def _run(trials: Trials, case: Case) -> Verdict:
    """A trial that breaks down did not hold, and the others go on."""
    try:
        with tempfile.TemporaryDirectory(prefix="excache-torture-", dir=SCRATCH) as folder:
            found = trials.run(case, Path(folder))
            wrong = tuple(text.replace(folder, "…") for text in found.wrong)
            return replace(found, wrong=wrong)
    except Exception as error:  # noqa: BLE001 - the last boundary: the page shows the case as open
        traceback.print_exc()
        return Verdict(wrong=(f"{CRASH} of the trial: {cut(f'{type(error).__name__}: {error}')}",))


@dataclass
class Draw:
    """The cases of one class in the order of a seed, those that did not hold before first."""

    trials: Trials
    order: Iterator[Case]
    waiting: deque[Case]
    seconds: float = 0.0

    def batch(self) -> list[Case]:
        """The next cases; those of one world are tried by one worker, which makes it once."""
        self.waiting.extend(islice(self.order, max(0, BATCH - len(self.waiting))))
        world = getattr(self.trials, "world", _first_word)
        found = [case for case in self.waiting if world(case) == world(self.waiting[0])]
        self.waiting = deque(case for case in self.waiting if world(case) != world(found[0]))
        return found


def _first_word(case: Case) -> Case:
    """What cases share that begin with the same world, where their class states nothing else."""
    return case[:1]


def draw(
    trials: Trials, seed: int, words: Sequence[str], again: Sequence[Case], most: int = sys.maxsize
) -> Draw:
    """Cases that begin with these words, in the order of the seed, and at most so many."""
    prefix = tuple(words)
    every = trials.cases()
    if prefix in every:
        return Draw(trials, iter([prefix]), deque())
    chance = random.Random(f"{seed} {trials.NAME}")
    return Draw(
        trials,
        islice(_order(trials, every, chance, prefix), most),
        deque(c for c in again if _is(c, prefix)),
    )


def _order(
    trials: Trials, every: Sequence[Case], chance: random.Random, prefix: Case
) -> Iterator[Case]:
    """As drawn; where a class has cases that are drawn as often as all others, they take turns."""
    often = set(getattr(trials, "often", tuple)())
    if not often:
        yield from _drawn(every, chance, prefix)
        return
    others = _drawn([case for case in every if case not in often], chance, prefix)
    own = _drawn([case for case in every if case in often], chance, prefix)
    for pair in zip_longest(own, others):
        yield from (case for case in pair if case is not None)


def _drawn(every: Sequence[Case], chance: random.Random, prefix: Case) -> Iterator[Case]:
    """All fitting cases if they are few, else what fits of some million draws."""
    if len(every) <= FEW:
        fitting = [case for case in every if _is(case, prefix)]
        chance.shuffle(fitting)
        yield from fitting
        return
    drawn: set[int] = set()
    for _ in range(DRAWS):
        at = chance.randrange(len(every))
        if at not in drawn:
            drawn.add(at)
            case = every[at]
            if _is(case, prefix):
                yield case


def _is(case: Case, prefix: Case) -> bool:
    return case[: len(prefix)] == prefix


class Run:
    """One run: `add` is called with each case that was tried."""

    def __init__(self, draws: Sequence[Draw], tally: Tally) -> None:
        self.draws, self.tally = list(draws), tally
        self.held = 0
        self.tries: Counter[str] = Counter()
        self.wrong: list[str] = []

    @property
    def tried(self) -> int:
        return self.tries.total()

    def until(self, seconds: float, workers: int) -> None:
        """Try cases for so long, each class for its share of the time."""
        end = time.monotonic() + seconds
        batch = min(BATCH_SECONDS, seconds / len(self.draws))
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            running: dict[Future[Tried], tuple[Draw, list[Case]]] = {}
            while True:
                while len(running) < workers and time.monotonic() < end:
                    found = self._next([one for one, _ in running.values()])
                    if found is None:
                        break
                    limit = min(batch, max(0.0, end - time.monotonic()))
                    future = pool.submit(tried, found[0].trials.NAME, found[1], limit)
                    running[future] = found
                if not running:
                    return
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    self._add(*running.pop(future), future.result())

    def _next(self, busy: Sequence[Draw]) -> tuple[Draw, list[Case]] | None:
        """The class that is furthest behind its share, and its next cases."""
        ahead: dict[str, float] = defaultdict(float)
        for one in busy:
            ahead[one.trials.NAME] += BATCH_SECONDS
        for one in sorted(
            self.draws, key=lambda d: (d.seconds + ahead[d.trials.NAME]) / d.trials.SHARE
        ):
            batch = one.batch()
            if batch:
                return one, batch
        return None

    def _add(self, one: Draw, batch: list[Case], found: Tried) -> None:
        one.waiting.extendleft(reversed(batch[len(found) :]))
        for case, verdict, seconds in found:
            one.seconds += seconds
            if not verdict.skipped:
                self.tries[one.trials.NAME] += verdict.tried
                self.held += verdict.held
            self.tally.add(one.trials, case, verdict, seconds)
            for text in verdict.wrong:
                self.wrong.append(f"{named(one.trials, case)}: {text}")
                print(f"WRONG {self.wrong[-1]}", flush=True)
