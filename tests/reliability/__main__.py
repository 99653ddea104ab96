"""`make torture`: every case, or those named as KIND[,EXCHANGE[,DATA]]; all together write
docs/reliability.md."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from tests.reliability.ground import EXCHANGES
from tests.reliability.kinds import cases
from tests.reliability.report import document
from tests.reliability.trial import Outcome, run_trial

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
Case = tuple[str, str, str]


def main(words: list[str]) -> int:
    """The exit code: 1 where a case is not clean."""
    selected = [case for case in cases() if not words or any(_is(case, word) for word in words)]
    if not selected:
        print(f"no such case; there are: {', '.join(','.join(case) for case in cases())}")
        return 2
    begin, outcomes = time.monotonic(), {}
    for outcome in _all(selected):
        outcomes[outcome.kind, outcome.exchange, outcome.data] = outcome
        print(("ok    " if outcome.clean else "WRONG ") + str(outcome), flush=True)
        if not words:
            done = [outcomes[case] for case in selected if case in outcomes]
            PAGE.write_text(document(done))
    wrong = [outcome for outcome in outcomes.values() if not outcome.clean]
    print(f"{len(outcomes)} cases, {len(wrong)} not clean, {time.monotonic() - begin:.0f} s")
    return 1 if wrong else 0


def _is(case: Case, word: str) -> bool:
    parts = tuple(word.split(","))
    return case[: len(parts)] == parts


def _all(selected: list[Case]) -> Iterator[Outcome]:
    """An exchange in one process, so that its undisturbed caches are made once."""
    if len(selected) == 1:
        yield run_one(selected[0])
        return
    with ProcessPoolExecutor(max(2, (os.cpu_count() or 2) - 1)) as pool:
        running = [
            pool.submit(run_several, part)
            for exchange in EXCHANGES
            for part in _parts([case for case in selected if case[1] == exchange])
        ]
        for done in as_completed(running):
            yield from done.result()


def _parts(whole: list[Case]) -> Iterator[list[Case]]:
    """A few cases at a time, so that results show while others run."""
    for at in range(0, len(whole), 6):
        yield whole[at : at + 6]


def run_several(part: list[Case]) -> list[Outcome]:
    return [run_one(case) for case in part]


def run_one(case: Case) -> Outcome:
    with tempfile.TemporaryDirectory(prefix="excache-torture-") as folder:
        return run_trial(*case, Path(folder))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
