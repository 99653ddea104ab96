"""What is missing of the past: its order, and the fewest files that bring it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from exchange_cache.data_types import DataType
from exchange_cache.value.missing import FileSource, Lost, MissingPast, Units, by_worth, fewest

FILLS, TRANSFERS = DataType.FILLS, DataType.TRANSFERS


def lost(scope: str, kind: DataType = FILLS) -> Lost:
    return Lost(data_type=kind, scope=scope, start_ms=0, end_ms=1000)


def file(table: str, *places: tuple[DataType, str]) -> FileSource:
    return FileSource(table=table, page="Page", reach="", places=places)


def past(account: str, *values: str | None, **more: Any) -> MissingPast:
    units = tuple(
        Units(asset="ETH", quantity=Decimal(1), value=None if one is None else Decimal(one))
        for one in values
    )
    given = {"oversold": (), "files": (), "archives": (), **more}
    return MissingPast(account=account, exchange="okx", lost=(lost("spot"),), units=units, **given)


def test_what_explains_most_comes_first() -> None:
    known = [past("none"), past("small", "5", "1"), past("unpriced", None), past("large", "10")]
    ordered = [one.account for one in by_worth(known)]
    assert ordered == ["large", "small", "unpriced", "none"]


def test_units_without_a_price_are_worth_something_unknown() -> None:
    assert past("main", None, "2.5").worth == Decimal("2.5")
    assert past("main", None).matters
    assert past("main", oversold=("ADA",)).matters
    assert not past("main").matters


def test_one_file_that_brings_all_is_enough() -> None:
    both = file("statement", (FILLS, "spot"), (TRANSFERS, "deposits"))
    files = [file("trades", (FILLS, "spot")), both, file("moves", (TRANSFERS, "deposits"))]
    assert fewest(files, [lost("spot"), lost("deposits", TRANSFERS)]) == (both,)


def test_further_files_bring_what_the_largest_does_not() -> None:
    first = file("trading", (FILLS, "spot"), (FILLS, "linear"))
    second, useless = file("funding", (TRANSFERS, "deposits")), file("other", (FILLS, "option"))
    gone = [lost("spot"), lost("linear"), lost("deposits", TRANSFERS), lost("earn", TRANSFERS)]
    assert fewest([useless, second, first], gone) == (first, second)


def test_of_two_files_that_bring_the_same_the_first_counts() -> None:
    one, other = file("new", (FILLS, "spot")), file("old", (FILLS, "spot"))
    assert fewest([one, other], [lost("spot")]) == (one,)
    assert fewest([], [lost("spot")]) == ()
