"""The outcomes as docs/reliability.md."""

from __future__ import annotations

from collections.abc import Iterable

from tests.reliability.kinds import KINDS, cases
from tests.reliability.trial import Outcome

_HEAD = """# Reliability

`make torture` writes this page. Each case syncs one simulated account under a fault and then with
the exchange well again, and compares every row with an undisturbed cache and with the exchange's
own books. `exchange_cache/simulator/misbehaviour.py` documents the faults,
`tests/reliability/kinds.py` the hours of the runs. All of these should be 0:

- *lost*: rows (of any type) that the cache does not have, or has otherwise
- *doubled*: rows that the cache has twice
- *invented*: rows that the exchange does not have
- *wrongly complete*: missing rows whose time the cache calls covered, after the first or last run

*rows* counts those of the data type in the undisturbed cache; a dash there says that the fault met
no request. `moves` are internal transfers and ledgers.
"""
_COUNTS = "lost | doubled | invented | wrongly complete"


def document(outcomes: Iterable[Outcome]) -> str:
    """The page: a summary by kind, then a table of all cases, with the command that repeats one."""
    outcomes = list(outcomes)
    clean = sum(1 for outcome in outcomes if outcome.clean)
    reached = sum(1 for outcome in outcomes if outcome.reached)
    lines = [
        _HEAD,
        f"{len(outcomes)} of {len(cases())} cases run, {reached} of them reached, {clean} clean.",
        "",
        "## By kind",
        "",
        f"| fault | what happens | cases | clean | {_COUNTS} |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
        *(
            _summary(name, [o for o in outcomes if o.kind == name])
            for name in KINDS
            if any(o.kind == name for o in outcomes)
        ),
        "",
        "## Every case",
        "",
        f"| fault | exchange | data | rows | {_COUNTS} | repeat |",
        "|---|---|---|---:|---:|---:|---:|---:|---|",
        *(_case(outcome) for outcome in outcomes),
    ]
    return "\n".join(lines) + "\n"


def _summary(name: str, outcomes: list[Outcome]) -> str:
    met = [outcome for outcome in outcomes if outcome.reached]
    figures = (
        len(met),
        sum(1 for outcome in met if outcome.clean),
        sum(outcome.lost for outcome in met),
        sum(outcome.doubled for outcome in met),
        sum(outcome.invented for outcome in met),
        sum(outcome.wrongly_complete for outcome in met),
    )
    return f"| {name} | {KINDS[name].says} | " + " | ".join(map(str, figures)) + " |"


def _case(outcome: Outcome) -> str:
    case = f"{outcome.kind},{outcome.exchange},{outcome.data}"
    figures = (
        outcome.rows if outcome.reached else "-",
        outcome.lost,
        outcome.doubled,
        outcome.invented,
        outcome.wrongly_complete,
    )
    words = (outcome.kind, outcome.exchange, outcome.data, *figures)
    note = f" ({outcome.error.replace('|', '/')[:120]})" if outcome.error else ""
    return "| " + " | ".join(map(str, words)) + f" | `make torture CASE={case}`{note} |"
