"""A reading while the averages are not computed."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from exchange_cache.value.uncomputed import not_computed
from tests.render.builders import finding, holding, reading


def test_missing_history_is_no_reason_while_nothing_is_computed() -> None:
    value = reading(
        holding("BTC", "1", reasons=("no fill or transfer of it is stored",)),
        holding("ETH", "1", reasons=("deposited without a known price (on 2026-01-05)",)),
        warnings=(
            finding("unknown_cost", "no cost", asset="BTC"),
            finding("unknown_cost", "no cost", asset="ETH"),
            finding("unpriced", "no price", asset="BTC"),
        ),
    )
    found = not_computed(value, known=True)
    assert [one.unknown_reasons for one in found.holdings] == [
        ("not computed yet",),
        ("deposited without a known price (on 2026-01-05)",),
    ]
    assert [(one.code, one.asset) for one in found.warnings] == [
        ("unknown_cost", "ETH"),
        ("unpriced", "BTC"),
        ("costs_open", None),
    ]


def test_before_the_first_computation_no_average_is_one_of_a_part_and_no_result_is_whole() -> None:
    debt = holding("ATOM", "-5", reasons=("borrowed",))
    totals = replace(reading().totals, unrealised_pnl=Decimal(-1116), realised_pnl=Decimal(3))
    value = reading(debt, totals=totals)
    found = not_computed(value, known=False)
    assert found.holdings[0].unknown_reasons == ("not computed yet",)
    assert (found.totals.unrealised_pnl, found.totals.realised_pnl) == (None, None)
    assert found.warnings[-1].message == "the averages are not computed yet"


def test_older_averages_are_stored() -> None:
    found = not_computed(reading(), known=True)
    assert found.warnings[-1].message == (
        "the averages do not contain the newest fills and transfers yet"
    )
