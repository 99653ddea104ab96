"""Fills of one millisecond are ordered as their exchange orders them, however its pages are cut."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal as Dec, localcontext
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, strategies as st

from exchange_cache.adapter.paging_rules import CursorPaging, IdPaging, Paging, TimePaging
from exchange_cache.adapter.policy import StreamPolicy
from exchange_cache.adapter.row_order import Listed, placed
from exchange_cache.clock import from_ms
from exchange_cache.cost.averages import compute_basis
from exchange_cache.ledger.fill_order import fill_order
from exchange_cache.ledger.results import realised_by_fill
from exchange_cache.money import EXACT
from exchange_cache.records import DataType, Fill
from tests.adapter.raw_answers import FILLS, WEEK, bybit, execution
from tests.builders import fill
from tests.exchanges.builders import adapter_for, stream, walk

#: Random ids, as Bybit's: their order says nothing.
NAMES = ("f3", "a9", "77", "c0", "b1", "e2")


def policy(paging: Paging, **more: Any) -> StreamPolicy:
    return StreamPolicy(data_type=DataType.FILLS, scope="spot", method="", paging=paging, **more)


def listed(row: dict[str, Any]) -> Listed:
    return row, (fill(fill_id=str(row["id"]), time=from_ms(row["ms"])),)


def rows_of(*instants: int) -> list[dict[str, Any]]:
    """One row an instant, in the order in which they happened."""
    return [{"id": NAMES[place], "ms": at} for place, at in enumerate(instants)]


def read(stream: StreamPolicy, pages: Sequence[Sequence[dict[str, Any]]]) -> list[str]:
    """The ids of all fills in the order that follows from the pages of one walk."""
    found: dict[str, Fill] = {}
    cursor: dict[str, Any] = {}
    for page in pages:
        made = placed(stream, [listed(row) for row in page], cursor, {"cursor": "x"})
        found |= {record.fill_id: record for record in made.records if isinstance(record, Fill)}
        cursor = made.next or {}
    shuffled = random.Random(1).sample(list(found.values()), len(found))
    return [one.fill_id for one in sorted(shuffled, key=fill_order)]


def test_the_newest_first_of_a_page_is_the_last_of_its_millisecond() -> None:
    rows = rows_of(1, 2, 2, 2)

    assert read(policy(CursorPaging()), [rows[::-1]]) == list(NAMES[:4])


def test_the_oldest_first_of_a_page_is_the_first_of_its_millisecond() -> None:
    rows = rows_of(2, 2, 2, 3)

    assert read(policy(CursorPaging()), [rows]) == list(NAMES[:4])


def test_a_page_border_inside_a_millisecond_changes_no_order() -> None:
    rows = rows_of(1, 2, 2, 2, 2, 3)[::-1]

    assert read(policy(CursorPaging()), [rows[:3], rows[3:]]) == list(NAMES)


def test_a_page_of_one_millisecond_goes_the_way_of_the_page_before() -> None:
    rows = rows_of(2, 2, 2, 2, 3)[::-1]

    assert read(policy(CursorPaging()), [rows[:2], rows[2:]]) == list(NAMES[:5])


def test_a_single_millisecond_is_ordered_as_the_policy_states() -> None:
    rows = rows_of(2, 2, 2)

    assert read(policy(CursorPaging(), newest_first=True), [rows[::-1]]) == list(NAMES[:3])
    assert read(policy(CursorPaging(), newest_first=False), [rows]) == list(NAMES[:3])


def test_an_order_that_nothing_states_is_unknown() -> None:
    made = placed(policy(CursorPaging()), [listed(row) for row in rows_of(2, 2)], {}, None)

    assert [record.sequence for record in made.records if isinstance(record, Fill)] == [None, None]


def test_a_walk_backward_in_time_has_the_newest_first() -> None:
    rows = rows_of(2, 2, 2)[::-1]

    assert read(policy(TimePaging(field="ms", backward=True)), [rows]) == list(NAMES[:3])


def test_time_below_the_millisecond_orders_what_pages_cut_there() -> None:
    rows = [{"id": name, "ms": 5, "us": 5_000 + place} for place, name in enumerate(NAMES[:4])]
    by_time = policy(TimePaging(field="us", field_unit="us", backward=True))

    assert read(by_time, [rows[:1:-1], rows[2::-1]]) == list(NAMES[:4])


def test_ids_that_pages_follow_are_the_order() -> None:
    rows = [{"id": number, "ms": 2} for number in (9, 10, 11)]

    assert read(policy(IdPaging(param="fromId")), [rows[2:], rows[:2]]) == ["9", "10", "11"]


def test_a_number_of_the_exchange_precedes_the_order_of_rows_and_rows_distinguish_equal_ones() -> (
    None
):
    rows = [
        {"id": "a", "ms": 2, "seq": 41},
        {"id": "z", "ms": 2, "seq": 41},
        {"id": "b", "ms": 2, "seq": 40},
        {"id": "c", "ms": 1, "seq": 39},
    ]

    assert read(policy(CursorPaging(), sequence="seq"), [rows]) == ["c", "b", "z", "a"]


@given(
    instants=st.lists(st.integers(1, 4), min_size=2, max_size=6).filter(
        lambda them: len(set(them)) > 1
    ),
    cuts=st.sets(st.integers(1, 5)),
    newest_first=st.booleans(),
)
def test_pages_cut_anywhere_in_either_direction_give_the_order_of_the_exchange(
    instants: list[int], cuts: set[int], newest_first: bool
) -> None:
    rows = rows_of(*sorted(instants))
    served = rows[::-1] if newest_first else rows
    borders = [0, *sorted(cut for cut in cuts if cut < len(rows)), len(rows)]
    pages = [served[one:other] for one, other in pairwise(borders)]

    found = read(policy(CursorPaging(), newest_first=newest_first), pages)

    assert found == [row["id"] for row in rows]


# --- over HTTP ------------------------------------------------------------------------------------


def bought(name: str, price: str, side: str = "Buy", **more: Any) -> dict[str, Any]:
    """One unit, bought or sold at the same millisecond as the others."""
    return execution(
        0,
        execId=name,
        side=side,
        execPrice=price,
        execQty="1",
        execValue=price,
        execFee="0",
        feeCurrency="USDT",
        **more,
    )


def fills_of(pages: dict[str | None, Any]) -> list[Fill]:
    with adapter_for("bybit", lambda asked: pages[asked.params.get("cursor")]) as (adapter, _):
        spot = stream(adapter, FILLS, "spot")
        found = [item for page in walk(adapter, spot, None, WEEK) for item in page.records]
    return [item for item in found if isinstance(item, Fill)]


@pytest.mark.parametrize("numbered", [True, False])
def test_bybit_fills_with_random_ids_in_one_millisecond_have_the_average_of_the_exchange(
    numbered: bool,
) -> None:
    happened = [
        bought("f3", "1000"),
        bought("a9", "1100"),
        bought("77", "1200", side="Sell"),
        bought("c0", "1300"),
    ]
    if numbered:
        happened = [{**row, "seq": 140_612_148_849_382 + at} for at, row in enumerate(happened)]
    newest = happened[::-1]

    fills = fills_of({None: bybit(newest[:2], "A"), "A": bybit(newest[2:], "")})
    book = compute_basis(fills[::-1], [], reporting_asset="USDT", rates=lambda *_: None)

    # 2 for 2,100; one of them leaves at 1,050; 1 more for 1,300: 2,350 for 2.
    assert book.pooled["BTC"].average_entry_price == Dec(1175)
    assert book.pooled["BTC"].trading_pnl == Dec(150)


def test_a_flip_in_one_millisecond_has_the_result_of_the_exchange() -> None:
    opened = fill("z", "1", "100", category="linear", settle="USDT", sequence=0)
    closed = replace(opened, fill_id="m", side=fill(side="sell").side, sequence=1)
    closed = replace(closed, quantity=Dec(2), price=Dec(110), cost=Dec(220))
    covered = replace(opened, fill_id="a", price=Dec(105), cost=Dec(105), sequence=2)

    with localcontext(EXACT):
        results = realised_by_fill([covered, closed, opened])

    # A long of 1 closed 10 higher, then a short of 1 from 110 covered at 105.
    assert [results[one.key] for one in (opened, closed, covered)] == [Dec(0), Dec(10), Dec(5)]


def test_a_fill_read_in_another_window_keeps_its_place() -> None:
    rows = rows_of(1, 2, 2, 3)[::-1]
    whole = placed(policy(CursorPaging()), [listed(row) for row in rows], {}, None)
    part = placed(policy(CursorPaging()), [listed(row) for row in rows[:3]], {}, None)

    def places(records: Sequence[Any]) -> dict[str, int | None]:
        return {record.fill_id: record.sequence for record in records}

    assert places(whole.records).items() >= places(part.records).items()
