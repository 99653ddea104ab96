"""`make torture`: tries excache for some minutes, and adds what it finds to docs/reliability.md.

`CASE=class[,word…]` tries what begins so; one whole case changes no page. With `=number` behind it,
only so many cases are tried, the same ones at each run of a seed."""

from __future__ import annotations

import argparse
import os
import random
import sys
import time

from tests.reliability.running import CLASSES, Run, class_of, draw
from tests.reliability.tally import Tally, load, store


def main(words: list[str]) -> int:
    """The exit code: 1 where a case did not hold."""
    parser = argparse.ArgumentParser(prog="make torture")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--dry", action="store_true", help="leave docs/reliability.md alone")
    parser.add_argument("cases", nargs="*", help="class[,word…][=number]; all classes if omitted")
    asked = parser.parse_args(words)
    pairs = [case.partition("=") for case in asked.cases or CLASSES]
    chosen = [tuple(case.split(",")) for case, _, _ in pairs]
    unknown = [case[0] for case in chosen if case[0] not in CLASSES]
    if unknown:
        parser.error(f"no class {unknown[0]!r}; there are: {', '.join(CLASSES)}")
    seed = random.SystemRandom().randrange(10**6) if asked.seed is None else asked.seed
    known = load()
    draws = [
        draw(class_of(name), seed, rest, known.again(class_of(name)), int(number or sys.maxsize))
        for (name, *rest), (_, _, number) in zip(chosen, pairs, strict=True)
    ]
    begin = time.monotonic()
    run = Run(draws, known)
    run.until(asked.minutes * 60, asked.jobs)
    minutes = (time.monotonic() - begin) / 60
    _report(run, seed, minutes)
    if not asked.dry and run.tried > 1:
        _add_run(known, run, seed, minutes)
    return 1 if run.wrong else 0


def _report(run: Run, seed: int, minutes: float) -> None:
    print(f"seed {seed}: {run.tried:,} cases tried in {minutes:.1f} minutes, {run.held:,} held")
    print(", ".join(f"{name} {tries:,}" for name, tries in sorted(run.tries.items())))
    if not run.tried:
        print("no such case, or it cannot be tried here")


def _add_run(known: Tally, run: Run, seed: int, minutes: float) -> None:
    known.runs.append({"seed": seed, "minutes": minutes, "tried": run.tried, "held": run.held})
    store(known, [class_of(name) for name in CLASSES])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
