"""The outcome of a read, and whether it calls for a refresh."""

from __future__ import annotations

from datetime import timedelta

import pytest

from exchange_cache.value.freshness import Freshness
from exchange_cache.value.outcome import answered, needs_refresh
from tests.render.builders import holding, reading, verdicts

BTC = holding("BTC", "1")
FRESH = verdicts("main")
STALE = verdicts("main", age=timedelta(hours=2))
MISSING = verdicts("main", age=None)


@pytest.mark.parametrize(
    ("holdings", "freshness", "outcome"),
    [
        ((BTC,), FRESH, "hit"),
        ((), FRESH, "hit"),
        ((BTC,), STALE, "stale"),
        ((BTC,), (*FRESH[:-1], MISSING[-1]), "stale"),
        ((BTC,), MISSING, "stale"),
        ((), MISSING, "miss"),
    ],
)
def test_the_outcome_of_a_read(
    holdings: tuple, freshness: tuple[Freshness, ...], outcome: str
) -> None:
    assert answered(reading(*holdings, freshness=freshness)) == outcome


def test_only_what_a_sync_would_refresh_calls_for_one() -> None:
    assert not needs_refresh(reading(BTC, freshness=FRESH))
    assert needs_refresh(reading(BTC, freshness=STALE))
    assert needs_refresh(reading(freshness=MISSING))
