"""What a run read for a command that waited for it."""

from __future__ import annotations

from exchange_cache.records import DataType
from exchange_cache.sync.covered import not_covered
from exchange_cache.value.freshness import SyncStatus
from tests.builders import NOW
from tests.sync.fake_port import HOUR

ALL = frozenset(DataType)


def begun(
    hours: float, data_type: DataType, part: str = "x", account: str = "main", state: str = "ok"
) -> SyncStatus:
    moment = NOW + hours * HOUR
    return SyncStatus(
        account=account,
        data_type=data_type,
        part=part,
        attempted_at=moment,
        succeeded_at=moment,
        state=state,
    )


def test_a_run_covers_what_it_began_after_the_moment() -> None:
    after = [begun(1, data_type) for data_type in DataType]

    later = NOW + 2 * HOUR
    assert not_covered(after, ["main"], NOW, later) == {}
    assert not_covered(after, ["main", "other"], NOW, later) == {"other": ALL}
    assert not_covered([], ["main"], NOW, later) == {"main": ALL}
    assert not_covered(after, ["main"], NOW, NOW) == {"main": ALL}, "in the future"


def test_balances_asked_before_the_moment_leave_them_and_the_histories_uncovered() -> None:
    mixed = [
        begun(1, data_type) for data_type in DataType if data_type is not DataType.BALANCES
    ] + [begun(-1, DataType.BALANCES)]

    assert not_covered(mixed, ["main"], NOW, NOW + 2 * HOUR) == {
        "main": frozenset({DataType.BALANCES, DataType.FILLS, DataType.ORDERS, DataType.TRANSFERS})
    }
