"""Since when histories are stored without a gap."""

from __future__ import annotations

from datetime import datetime, timedelta

from exchange_cache.clock import to_ms
from exchange_cache.records import DataType
from exchange_cache.value.completeness import Complete, History, complete_since
from tests.builders import NOW

DAY = timedelta(days=1)
START = NOW - 100 * DAY


def history(
    scope: str = "spot",
    *covered: tuple[datetime, datetime],
    data_type: DataType = DataType.FILLS,
    state: str = "ok",
) -> History:
    return History(
        account="main",
        data_type=data_type,
        scope=scope,
        state=state,
        start_ms=to_ms(START),
        covered=tuple((to_ms(since), to_ms(until)) for since, until in covered),
    )


def kinds(*histories: History) -> dict[str, datetime | str | None]:
    found = complete_since(histories)["main"]
    return {one.kind: "whole" if one.whole else one.since for one in found}


def test_a_history_that_is_stored_from_its_beginning_is_whole() -> None:
    assert complete_since([history("spot", (START, NOW))]) == {
        "main": (Complete(kind="spot", since=None, whole=True),)
    }


def test_a_kind_is_as_complete_as_its_least_complete_history() -> None:
    june = NOW - 30 * DAY
    found = kinds(
        history("linear", (START, NOW)),
        history("inverse", (june, NOW)),
        history("spot", (START, NOW)),
    )
    assert found == {"spot": "whole", "futures": june}


def test_a_gap_ends_what_is_complete_but_an_overlap_of_runs_does_not() -> None:
    gap = history("spot", (START, NOW - 9 * DAY), (NOW - 5 * DAY, NOW))
    assert kinds(gap) == {"spot": NOW - 5 * DAY}
    hours = history("spot", (START, NOW - 9 * DAY), (NOW - 9 * DAY + timedelta(hours=2), NOW))
    assert kinds(hours) == {"spot": "whole"}


def test_nothing_stored_of_a_part_is_not_yet() -> None:
    assert kinds(history("spot", (START, NOW)), history("spot")) == {"spot": None}


def test_symbols_that_the_exchange_does_not_know_do_not_count() -> None:
    unknown = history("spot", state="symbol_unknown")
    assert kinds(history("spot", (START, NOW)), unknown) == {"spot": "whole"}


def test_deposits_are_apart_from_other_movements() -> None:
    moves = [
        history(scope, (NOW - age * DAY, NOW), data_type=DataType.TRANSFERS)
        for scope, age in (("deposits", 50), ("moves-main_margin", 20), ("log-interest", 10))
    ]
    assert kinds(*moves) == {"transfers": NOW - 50 * DAY, "others": NOW - 10 * DAY}


def test_trades_of_all_markets_and_conversions_have_kinds_of_their_own() -> None:
    found = kinds(history("trades", (START, NOW)), history("converts", (NOW - DAY * 9, NOW)))
    assert found == {"trades": "whole", "others": NOW - 9 * DAY}
