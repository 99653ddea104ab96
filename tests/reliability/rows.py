"""Faults of pages and rows (`exchange_cache/simulator/misbehaviour.py`): every kind, exchange and
data type that `kinds` has."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.reliability.frame import COMPLETE, CRASH, DOUBLED, INVENTED, LOST, Case, Verdict
from tests.reliability.kinds import KINDS, cases as all_cases
from tests.reliability.trial import Outcome, run_trial

NAME = "rows"
SAYS = (
    f"{len(KINDS)} kinds of untrue pages and rows that change afterwards "
    f"(`tests/reliability/kinds.py`), for fills, orders, transfers and"
    " moves of six exchanges, over hours and days"
)
SHARE = 3


def cases() -> Sequence[Case]:
    return all_cases()


def world(case: Case) -> Case:
    return case[1:2]


def run(case: Case, folder: Path) -> Verdict:
    kind, exchange, data = case
    outcome = run_trial(kind, exchange, data, folder)
    if not outcome.reached:
        return Verdict(skipped="the fault meets no request")
    return Verdict(wrong=wrong(outcome))


def wrong(outcome: Outcome) -> tuple[str, ...]:
    counts = (
        (LOST, outcome.lost),
        (DOUBLED, outcome.doubled),
        (INVENTED, outcome.invented),
        (COMPLETE, outcome.wrongly_complete),
    )
    found = [f"{kind}: {count} rows" for kind, count in counts if count]
    return (*found, *([f"{CRASH}: {outcome.error}"] if outcome.error else ()))
