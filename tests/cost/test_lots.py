"""Which units a sale takes, method by method."""

from __future__ import annotations

import pytest

from tests.cost.builders import fill, pooled, transfer


@pytest.mark.parametrize(
    ("method", "realised", "average"),
    [("average", 0, 200), ("fifo", 200, 250), ("lifo", 0, 200), ("hifo", -200, 150)],
)
def test_methods_differ_in_the_units_that_a_sale_takes(
    method: str, realised: int, average: int
) -> None:
    buys = [
        fill("buy", "2", "100", hour=0),
        fill("buy", "2", "300", hour=1),
        fill("buy", "2", "200", hour=2),
    ]
    basis = pooled(*buys, fill("sell", "2", "200", hour=3), method=method)
    assert (basis.realised_pnl, basis.average_entry_price) == (realised, average)


def test_fifo_takes_part_of_a_lot() -> None:
    basis = pooled(
        fill("buy", "3", "100"),
        fill("buy", "1", "200", hour=1),
        fill("sell", "1", "150", hour=2),
        method="fifo",
    )
    assert (basis.cost, basis.realised_pnl) == (400, 50)


def test_fifo_gives_an_unknown_lot_its_place_in_time() -> None:
    events = [
        transfer("deposit", "1"),
        fill("buy", "1", "100", hour=1),
        fill("sell", "1", "150", hour=2),
    ]
    first, last = pooled(*events, method="fifo"), pooled(*events, method="lifo")
    assert (first.explained_quantity, first.unknown_quantity, first.unexplained_proceeds) == (
        1,
        0,
        150,
    )
    assert (last.explained_quantity, last.unknown_quantity, last.realised_pnl) == (0, 1, 50)
