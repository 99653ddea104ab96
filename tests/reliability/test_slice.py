"""The harness finds what is wrong, and a slice of `make torture` is clean."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from exchange_cache.records import Fill, Side
from tests.reliability.ground import EXCHANGES, START
from tests.reliability.kinds import DATA, KINDS, PATHS, cases
from tests.reliability.trial import compare, run_trial

#: Cases of different kinds at the exchange that is read fastest.
SLICE = (
    ("key-refused", "kraken", "fills"),
    ("wrong-total", "kraken", "orders"),
    ("lasting-429", "kraken", "fills"),
)


@pytest.mark.parametrize("case", SLICE, ids=",".join)
def test_a_slice_of_the_faults_costs_no_row(case: tuple[str, str, str], tmp_path: Path) -> None:
    outcome = run_trial(*case, tmp_path)
    assert outcome.clean, outcome
    assert outcome.rows > 50


def _fill(number: int, **changed: object) -> Fill:
    whole = Fill(
        account="kraken",
        category="spot",
        symbol="BTC/EUR",
        fill_id=f"T{number}",
        order_id=None,
        time=START + timedelta(seconds=number),
        side=Side.BUY,
        base="BTC",
        quote="EUR",
        quantity=Decimal(number),
        price=Decimal(2),
        cost=Decimal(2 * number),
    )
    return replace(whole, **changed)


def test_equal_rows_in_any_order_are_clean() -> None:
    rows = [_fill(1), _fill(2)]
    assert compare(rows, rows[::-1]) == ([], [], [])


def test_a_missing_row_is_lost_and_a_changed_one_too() -> None:
    other = _fill(2, price=Decimal(3))
    assert compare([_fill(1), _fill(2)], [other]) == ([_fill(1), _fill(2)], [], [])


def test_a_row_under_a_second_name_is_doubled() -> None:
    again = _fill(1, fill_id="T9", symbol="XBT/EUR")
    assert compare([_fill(1)], [_fill(1), again]) == ([], [again], [])


def test_a_row_under_another_name_only_is_lost_and_invented() -> None:
    guessed = _fill(1, symbol="XB/TEUR")
    assert compare([_fill(1)], [guessed]) == ([_fill(1)], [], [guessed])


def test_a_row_that_never_was_is_invented() -> None:
    assert compare([_fill(1)], [_fill(1), _fill(7)]) == ([], [], [_fill(7)])


def test_every_kind_is_tried_at_every_exchange() -> None:
    tried = {(kind, exchange) for kind, exchange, _ in cases()}
    everywhere = {name for name in KINDS if name not in ("wrong-total", "filter-ignored")}
    assert {(kind, exchange) for kind in everywhere for exchange in EXCHANGES} <= tried
    assert {data for _, data in PATHS} == set(DATA)
