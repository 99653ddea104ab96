"""Parts that a run left out: read before it began, though all of their data type is up to date."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from exchange_cache.data_types import DataType
from exchange_cache.value.freshness import SyncStatus
from exchange_cache.value.unmoved import Unmoved, unmoved
from tests.builders import NOW

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
#: The last two runs; each lasted ten minutes.
RUNS = [(NOW - 10 * MINUTE, NOW), (NOW - HOUR - 10 * MINUTE, NOW - HOUR)]


def status(part: str, read_at: Any, **more: Any) -> SyncStatus:
    values = {"account": "main", "data_type": DataType.FILLS, "succeeded_at": read_at, **more}
    return SyncStatus(part=part, **values)


WHOLE = status("", NOW)


def test_a_part_that_an_earlier_run_read_was_left_out() -> None:
    assert unmoved([WHOLE, status("spot", NOW - HOUR)], RUNS) == (
        Unmoved(
            account="main",
            data_type=DataType.FILLS,
            part="spot",
            read_at=NOW - HOUR,
            checked_at=NOW,
        ),
    )


@pytest.mark.parametrize(
    "part",
    [
        status("spot", NOW - 9 * MINUTE),
        status("spot", None),
        status("spot", NOW - HOUR, state="failed"),
        status("spot", NOW - HOUR, account="other"),
        status("spot", NOW - HOUR, data_type=DataType.ORDERS),
    ],
    ids=["read by a long run", "never", "failed", "another account", "another data type"],
)
def test_what_was_read_or_could_not_be_is_not_said_to_rest(part: SyncStatus) -> None:
    assert unmoved([WHOLE, part], RUNS) == ()


@pytest.mark.parametrize(
    ("whole", "runs"),
    [
        (status("", NOW, state="failed"), RUNS),
        (status("", NOW - 30 * MINUTE), RUNS),
        (WHOLE, []),
    ],
    ids=["the data type failed", "no run is known of then", "no run is known"],
)
def test_nothing_is_said_of_a_data_type_whose_last_run_is_not_known(
    whole: SyncStatus, runs: list[Any]
) -> None:
    assert unmoved([whole, status("spot", NOW - HOUR)], runs) == ()
