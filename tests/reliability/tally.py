"""What all runs found so far, in `results.json` beside this module, and as docs/reliability.md."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tests.reliability.frame import FAULTS, Case, Trials, Verdict, named

RESULTS = Path(__file__).with_name("results.json")
PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"


@dataclass
class Sum:
    """The attempts of one class. `open`: what is wrong now, by case."""

    tried: int = 0
    held: int = 0
    seconds: float = 0.0
    faults: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    open: dict[str, list[str]] = field(default_factory=dict)

    def add(self, case: str, verdict: Verdict, seconds: float) -> None:
        self.seconds += seconds
        if verdict.skipped:
            self.skipped[verdict.skipped] += 1
            self.open.pop(case, None)  # it is no case any more
            return
        self.tried += verdict.tried
        self.held += verdict.held
        self.faults.update(_kind(text) for text in verdict.wrong)
        self.open.pop(case, None)
        if verdict.wrong:
            self.open[case] = list(verdict.wrong[:3])


def _kind(text: str) -> str:
    return next((kind for kind in FAULTS if text.startswith(kind)), "crash")


@dataclass
class Tally:
    """All classes. `runs`: seed and minutes of each run."""

    sums: dict[str, Sum] = field(default_factory=dict)
    runs: list[dict[str, float]] = field(default_factory=list)

    def add(self, trials: Trials, case: Case, verdict: Verdict, seconds: float) -> None:
        self.sums.setdefault(trials.NAME, Sum()).add(named(trials, case), verdict, seconds)

    def again(self, trials: Trials) -> list[Case]:
        """The cases that did not hold when they were last tried."""
        found = self.sums.get(trials.NAME, Sum()).open
        return [tuple(case.split(",")[1:]) for case in found]


def load(place: Path = RESULTS) -> Tally:
    if not place.exists():
        return Tally()
    stored = json.loads(place.read_text("utf-8"))
    sums = {
        name: Sum(**{**one, "faults": Counter(one["faults"]), "skipped": Counter(one["skipped"])})
        for name, one in stored["classes"].items()
    }
    return Tally(sums, stored["runs"])


def store(
    tally: Tally, classes: Iterable[Trials], place: Path = RESULTS, page: Path = PAGE
) -> None:
    found = {
        "runs": tally.runs,
        "classes": {
            name: {**vars(one), "seconds": round(one.seconds)} for name, one in tally.sums.items()
        },
    }
    place.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")
    page.write_text(document(tally, classes), "utf-8")


_HEAD = """# Reliability

`make torture MINUTES=60` tries excache where exchanges, disks and machines fail, and adds what
it finds to this page. The cases are drawn at random (`SEED=…`) from all combinations; those that
did not hold come first in the next run. `make torture CASE=…` repeats one, or all that begin so.

For each case: rows stored before stay, with the time at which they were fetched; only what the
fault concerns fails, in words; the exit code is documented; nothing is called complete that is not;
the next healthy run leaves the cache of an undisturbed one.
"""


def document(tally: Tally, classes: Iterable[Trials]) -> str:
    """The page: the sums by class, what each class does, what is open, and the runs."""
    classes = [one for one in classes if one.NAME in tally.sums]
    tried = sum(one.tried for one in tally.sums.values())
    held = sum(one.held for one in tally.sums.values())
    minutes = sum(one["minutes"] for one in tally.runs)
    lines = [
        _HEAD,
        f"{tried:,} cases tried in {len(tally.runs)} runs of {minutes:,.0f} minutes together,"
        f" {held:,} held.",
        "",
        "| class | of | tried | held | a minute |",
        "|---|---:|---:|---:|---:|",
        *(_row(one, tally.sums[one.NAME]) for one in classes),
        "",
        "| what did not hold, ever | cases |",
        "|---|---:|",
        *(f"| {kind} | {_count(tally, kind):,} |" for kind in FAULTS),
        "",
        "## Classes",
        "",
        *(f"- **{one.NAME}**: {one.SAYS}" for one in classes),
        "",
        "## Open",
        "",
        *(_open(tally) or ["Nothing: all cases that did not hold once hold now."]),
        "",
        "## Runs",
        "",
        "| seed | minutes | tried | held |",
        "|---:|---:|---:|---:|",
        *(
            f"| {one['seed']:.0f} | {one['minutes']:.1f} | {one['tried']:,.0f} | "
            f"{one['held']:,.0f} |"
            for one in tally.runs
        ),
        "",
    ]
    lines[-1:] = _skipped(tally)
    return "\n".join(lines).rstrip("\n") + "\n"


def _row(trials: Trials, one: Sum) -> str:
    rate = one.tried / one.seconds * 60 if one.seconds else 0
    of = len(trials.cases())
    return f"| {trials.NAME} | {of:,} | {one.tried:,} | {one.held:,} | {rate:,.0f} |"


def _count(tally: Tally, kind: str) -> int:
    return sum(one.faults[kind] for one in tally.sums.values())


def _open(tally: Tally) -> list[str]:
    return [
        f"- `make torture CASE={case}`: {_plain(wrong[0])}"
        for one in tally.sums.values()
        for case, wrong in sorted(one.open.items())
    ]


def _plain(text: str) -> str:
    return text.replace("|", "/").replace("`", "'")


def _skipped(tally: Tally) -> list[str]:
    found = [
        f"- {name}: {count:,} cases, {reason}"
        for name, one in tally.sums.items()
        for reason, count in sorted(one.skipped.items())
    ]
    return ["", "## Not tried", "", *found, ""] if found else [""]
