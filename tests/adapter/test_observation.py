"""What is kept of an observation, what it says, and the walk that follows it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from exchange_cache.adapter.observation import (
    Observation,
    followed,
    from_memory,
    in_words,
    policy_digest,
    to_memory,
)
from exchange_cache.adapter.policy import ObservedPaging, StreamPolicy, TimeBounds
from exchange_cache.records import DataType

STREAM = StreamPolicy(
    data_type=DataType.FILLS,
    scope="spot",
    method="fetch_my_trades",
    page_size=100,
    paging=ObservedPaging(),
)


def seen(**more: Any) -> Observation:
    values = {"since": "honoured", "until": "ignored", "limit": "honoured", "page": 100, "most": 40}
    return Observation(**values | more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "bounds", "ways"),
    [
        (seen(order="oldest first"), ("since", None), (True, False)),
        (seen(order="oldest first", until="honoured"), ("since", None), (True, False)),
        (seen(order="newest first"), ("since", None), (False, False)),
        (
            seen(order="newest first", until="honoured", wide=True),
            ("since", "until"),
            (False, True),
        ),
        (seen(order="newest first", until="honoured"), (None, "until"), (False, True)),
        (seen(until="honoured", wide=True), ("since", "until"), (True, True)),
        (seen(since="ignored", until="honoured"), (None, "until"), (False, True)),
        (seen(since="ignored"), (None, None), (False, False)),
        (Observation(), ("since", None), (True, False)),
        (Observation(since="refused"), (None, None), (False, False)),
    ],
)
def test_the_walk_sends_what_is_honoured_and_goes_where_it_leads(
    found: Observation, bounds: tuple[str | None, str | None], ways: tuple[bool, bool]
) -> None:
    way = followed(STREAM, found)
    assert way.bounds == TimeBounds(start=bounds[0], end=bounds[1])
    assert isinstance(way.paging, ObservedPaging)
    assert (way.paging.forward, way.paging.backward) == ways
    assert (way.newest_rows is not None) == (ways == (False, False))


def test_windows_that_are_only_answered_until_now_are_all_that_is_served() -> None:
    found = seen(order="oldest first", window_ms=7 * 86_400_000, past=False)
    assert followed(STREAM, found).retention == timedelta(days=7)
    assert followed(STREAM, replace(found, past=True)).retention is None
    assert found.grade == "assumed" and replace(found, past=True).grade == "observed"


def test_an_observation_is_the_same_after_it_was_kept() -> None:
    found = seen(cap=20, window_ms=86_400_000, past=True)
    assert from_memory(to_memory(found)) == found
    with pytest.raises(ValueError, match="another version"):
        from_memory({"since": "honoured"})


def test_an_observation_belongs_to_the_policy_that_it_was_made_under() -> None:
    assert policy_digest(STREAM) == policy_digest(replace(STREAM, history_start_ms=1))
    for other in (
        replace(STREAM, method="fetch_orders"),
        replace(STREAM, page_size=50),
        replace(STREAM, needs_symbol=True),
        replace(STREAM, window=timedelta(days=1)),
    ):
        assert policy_digest(other) != policy_digest(STREAM)


def test_an_observation_is_one_line_for_people() -> None:
    found = seen(order="newest first", ids="unique", symbol="honoured", until="refused")
    assert in_words(found) == (
        "since, limit and symbol are honoured; until is refused; no page of more than 40 rows;"
        " newest first; ids are unique; only the newest rows are served"
    )
    assert in_words(Observation()) == "there is no row yet, so nothing could be observed"
    assert in_words(Observation(symbol="required")) == "a symbol is required"
