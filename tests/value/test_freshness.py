"""Freshness comes from the last success; what was held and can no longer be read ages by itself,
and no sync is due for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from exchange_cache.records import DataType
from exchange_cache.value.checks import freshness_findings
from exchange_cache.value.freshness import Freshness, State, SyncStatus, unfetched, verdicts
from tests.cost.builders import NOW

HOUR = timedelta(hours=1)


def status(
    part: str = "",
    state: str = "ok",
    *,
    ago: timedelta | None = timedelta(0),
    rows: int = 2,
    **more: object,
) -> SyncStatus:
    succeeded = None if ago is None else NOW - ago
    known = {
        "account": "main",
        "data_type": DataType.BALANCES,
        "part": part,
        "state": state,
        "succeeded_at": succeeded,
        "rows": rows,
    }
    return SyncStatus(**{**known, **more})  # type: ignore[arg-type]


def judged(*statuses: SyncStatus, data_type: DataType = DataType.BALANCES) -> Freshness:
    found = verdicts(statuses, accounts=("main",), ttl=dict.fromkeys(DataType, HOUR), now=NOW)
    return next(one for one in found if one.data_type is data_type)


REFUSED = status("earn", "no_permission", ago=3 * HOUR, error="the key may not; ask for the right")


def test_a_wallet_that_is_lost_makes_its_data_type_as_old_as_itself() -> None:
    found = judged(status(), status("spot"), REFUSED)

    assert (found.state, found.age, found.succeeded_at) == (State.STALE, 3 * HOUR, NOW - 3 * HOUR)
    assert found.error == "the earn wallet can no longer be read (the key may not)"
    assert found.error_code == "no_permission"


def test_no_sync_is_due_for_what_no_sync_can_refresh() -> None:
    assert not judged(status(), REFUSED).due
    assert judged(status(ago=2 * HOUR), REFUSED).due
    assert judged(REFUSED).due


def test_a_wallet_just_lost_is_named_though_its_rows_are_still_fresh() -> None:
    found = judged(status(), replace(REFUSED, succeeded_at=NOW - HOUR / 2))

    assert (found.state, len(found.lost)) == (State.FRESH, 1)
    assert [one.code for one in freshness_findings([found])] == ["no_permission"]


@pytest.mark.parametrize(
    "quiet",
    [
        status("earn", "no_permission", ago=None, rows=0),
        status("earn", "no_permission", ago=3 * HOUR, rows=0),
        status("earn", "failed", ago=3 * HOUR),
        status("spot fills", "no_permission", data_type=DataType.FILLS),
    ],
    ids=["never held", "was empty", "failed", "a history"],
)
def test_what_never_held_rows_or_is_reported_elsewhere_is_not_lost(quiet: SyncStatus) -> None:
    found = judged(status(), status(data_type=quiet.data_type), quiet, data_type=quiet.data_type)

    assert (found.state, found.error, found.lost) == (State.FRESH, None, ())


def test_lost_positions_and_open_orders_are_named() -> None:
    linear = replace(REFUSED, part="linear", data_type=DataType.POSITIONS)
    orders = replace(REFUSED, part="open linear", data_type=DataType.ORDERS)
    names = [judged(one, data_type=one.data_type).lost[0].name for one in (linear, orders)]

    assert names == ["linear positions", "open linear orders"]


def test_the_finding_tells_what_is_old_since_when_and_both_cures() -> None:
    (found,) = freshness_findings([judged(status(), REFUSED)])

    assert (
        found.message
        == "the earn wallet can no longer be read (the key may not); what is still shown was"
        " fetched 3 h 0 min ago"
    )
    assert found.hint and found.hint.startswith("restore the key's right to read it")
    assert "wallets = [...]" in found.hint and "excache account check main" in found.hint


def test_a_failure_beside_it_is_reported_too() -> None:
    failed = status(state="failed", ago=2 * HOUR, error="timed out", error_code="unavailable")
    found = judged(failed, REFUSED)

    assert (found.error, found.error_code) == ("timed out", "unavailable")
    assert [one.code for one in freshness_findings([found])] == ["no_permission", "sync_failed"]


def test_an_account_is_unfetched_until_every_kind_was_fetched_whole() -> None:
    whole = SyncStatus(account="main", data_type=DataType.FILLS, succeeded_at=NOW)
    part = SyncStatus(account="okx", data_type=DataType.FILLS, part="spot", succeeded_at=NOW)
    failed = SyncStatus(account="bybit", data_type=DataType.FILLS)
    names = ("main", "okx", "bybit")
    assert unfetched([whole, part, failed], names, DataType.FILLS) == ["okx", "bybit"]
    assert unfetched([whole], ["main"], DataType.FILLS, DataType.TRANSFERS) == ["main"]
