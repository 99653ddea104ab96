"""What is wrong or missing in a reading, as findings."""

from __future__ import annotations

from datetime import timedelta

import pytest

from exchange_cache.value.freshness import Freshness, State
from tests.value.builders import HOUR, reading, verdict


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        (verdict(State.FRESH, timedelta(0)), None, ""),
        (verdict(State.NOT_OFFERED), None, ""),
        (verdict(State.MISSING), "missing", "balances were never fetched"),
        (verdict(State.STALE, timedelta(hours=3)), "stale", "balances are 3 h 0 min old"),
        (
            verdict(State.STALE, 3 * HOUR, error="timed out"),
            "sync_failed",
            "balances: timed out; what is shown was fetched 3 h 0 min ago",
        ),
        (
            verdict(State.MISSING, error="key refused"),
            "sync_failed",
            "balances: key refused; nothing is stored",
        ),
    ],
)
def test_freshness_findings(given: Freshness, code: str | None, said: str) -> None:
    found = reading(freshness=[given])
    assert [(one.code, one.account, one.message, one.hint) for one in found.warnings] == (
        [] if code is None else [(code, "main", said, "excache reload --account main")]
    )
    assert found.freshness == (given,)
