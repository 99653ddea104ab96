"""Published figures of other programs and of a real exchange, to the last digit that they state."""

from __future__ import annotations

import itertools
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from exchange_cache.cost.averages import BasisBook, BasisStep
from exchange_cache.cost.derivatives import derivative_basis
from exchange_cache.records import Fill
from tests.cost.builders import basis_book, contract, fill, transfer

CASES = {
    path.stem: json.loads(path.read_text())
    for path in sorted((Path(__file__).parent / "golden").glob("*.json"))
}
SPOT = [name for name, case in CASES.items() if case["policy"]["book"] == "spot"]


def fee_of(case: dict[str, Any], event: dict[str, Any]) -> list[str]:
    """The fee as the case states it: an amount, or a rate on the quote amount."""
    if "fee" in event:
        return [f"{event['fee']['cost']} {event['fee']['currency']}"]
    rate = Decimal(event.get("fee_rate", case.get("fee_rate", "0")))
    cost = Decimal(event["amount"]) * Decimal(event["price"]) * rate
    return [f"{cost:f} {case['symbol'].split('/')[1]}"] if cost else []


def spot_fills(case: dict[str, Any]) -> list[Fill]:
    return [
        fill(
            event["side"],
            event["amount"],
            event["price"],
            *fee_of(case, event),
            symbol=case["symbol"],
            hour=hour,
        )
        for hour, event in enumerate(case["events"])
    ]


def computed(case: dict[str, Any], dust: str = "0") -> tuple[BasisBook, list[BasisStep]]:
    base, quote = case["symbol"].split("/")
    book = basis_book(
        *spot_fills(case), reporting_asset=quote, explain=[base], dust={base: Decimal(dust)}
    )
    return book, [step for step in book.steps[base] if step.kind != "reset"]


def realised_by_policy(case: dict[str, Any], step: BasisStep, before: BasisStep | None) -> Decimal:
    """rotki counts what was sold without a known acquisition as bought for nothing; excache keeps
    it apart as unknown."""
    if case["policy"]["missing_cost"] == "unknown" or step.quantity_delta > 0 or step.value is None:
        return step.realised
    cost_gone = before.cost_after - step.cost_after if before is not None else Decimal(0)
    return step.value - cost_gone


@pytest.mark.parametrize("name", SPOT)
def test_each_step_has_the_published_figures(name: str) -> None:
    case = CASES[name]
    _, steps = computed(case)
    assert len(steps) == len(case["events"])
    total = invested = Decimal(0)
    for index, step in enumerate(steps):
        this = realised_by_policy(case, step, steps[index - 1] if index else None)
        total += this
        invested += step.value or 0 if step.quantity_delta > 0 else 0
        stated = (case.get("expected_after_each") or [None] * len(steps))[index] or {}
        if "amount" in stated:
            assert step.explained_after == Decimal(stated["amount"])
        for key in ("cost_basis_no_fee", "total_cost_basis"):
            if key in stated:
                assert step.cost_after == Decimal(stated[key])
        if stated.get("avg_entry") is not None and step.held_after:
            assert step.average_after == Decimal(stated["avg_entry"])
        if stated.get("realized_this") is not None:
            assert this == Decimal(stated["realized_this"])
        if "realized_cumulative" in stated:
            assert total == Decimal(stated["realized_cumulative"])
        if stated.get("realized_ratio_of_invested") is not None:
            assert total / invested == Decimal(stated["realized_ratio_of_invested"])
        if "found" in stated:
            assert steps[index - 1].explained_after - step.explained_after == Decimal(
                stated["found"]
            )
        if "missing" in stated:
            oversold = -step.held_after - (
                -steps[index - 1].held_after if steps[index - 1].held_after < 0 else 0
            )
            assert oversold == Decimal(stated["missing"])


@pytest.mark.parametrize("name", SPOT)
def test_the_end_has_the_published_figures(name: str) -> None:
    case = CASES[name]
    book, steps = computed(case)
    basis, final = book.pooled[case["symbol"].split("/")[0]], case["expected_final"]
    if "realized" in final:
        total = sum(
            (
                realised_by_policy(case, step, steps[i - 1] if i else None)
                for i, step in enumerate(steps)
            ),
            Decimal(0),
        )
        tolerance = abs(total) * Decimal(final.get("tolerance_rel", "0"))
        assert abs(total - Decimal(final["realized"])) <= tolerance
    for key in ("ratio", "realized_ratio"):
        if key in final:
            invested = sum(
                (step.value or 0 for step in steps if step.quantity_delta > 0), Decimal(0)
            )
            assert total / invested == pytest.approx(
                Decimal(final[key]), rel=Decimal(final.get("tolerance_rel", "0")), abs=0
            )
    if "amount" in final:
        assert basis.quantity == Decimal(final["amount"])
    for key in ("avg_entry", "avg_entry_with_fee"):
        if key in final:
            assert basis.average_entry_price == Decimal(final[key])
    if "total_cost_basis_with_fee" in final:
        assert basis.cost == Decimal(final["total_cost_basis_with_fee"])
    if "unrealized" in final:
        assert basis.explained_quantity * Decimal(case["mark_price"]) - basis.cost == Decimal(
            final["unrealized"]
        )


@pytest.mark.parametrize("method", ["average", "fifo"])
def test_fifo_equals_the_average_where_nothing_was_sold(method: str) -> None:
    case = CASES["rp2_eth_open_position"]
    basis = basis_book(*spot_fills(case), reporting_asset="USD", method=method).pooled["ETH"]
    assert (basis.cost, basis.average_entry_price) == (Decimal(14325), Decimal("238.75"))


def test_floki_dust_below_the_minimum_has_no_average() -> None:
    case = CASES["freqtrade_kucoin_floki_dust"]
    book, _ = computed(case, dust="1")
    basis = book.pooled["FLOKI"]
    assert basis.quantity == Decimal("7.4e-9")
    assert basis.average_entry_price is None
    assert (basis.explained_quantity, basis.unknown_quantity, basis.cost) == (
        0,
        Decimal("7.4e-9"),
        0,
    )


def test_bitget_real_ledger_agrees_with_the_exchange() -> None:
    case = CASES["bitget_real_long_partial_fills"]
    final = case["expected_final"]
    fills = [
        contract(event["side"], event["amount"], event["price"], *fee_of(case, event), hour=hour)
        for hour, event in enumerate(case["events"])
    ]
    (open_row,) = derivative_basis(fills[:2])
    assert open_row.entry_price == Decimal(final["avg_entry"])
    (row,) = derivative_basis(fills)
    assert (row.quantity, row.entry_price) == (Decimal(final["amount"]), None)
    assert row.realised_pnl == Decimal(final["realized_gross"])
    assert [fee.amount for fee in row.fees] == [Decimal(final["fees"])]
    net = row.realised_pnl - row.fees[0].amount
    assert (row.fees[0].asset, net) == (row.settle, Decimal(final["realized_net"]))
    exits = fills[2:]
    assert sum(one.cost for one in exits) / sum(one.quantity for one in exits) == Decimal(
        final["avg_exit"]
    )
    profits = [derivative_basis(fills[:count])[0].realised_pnl for count in (2, 3, 4)]
    assert [after - before for before, after in itertools.pairwise(profits)] == [
        Decimal(p) for p in final["exchange_profit"]
    ]
    wallet = basis_book(*fills, transfer("deposit", case["wallet_before"], "USDT", hour=-1)).pooled[
        "USDT"
    ]
    assert wallet.quantity == Decimal(case["wallet_after"])
    assert wallet.realised_pnl == Decimal(final["realized_net"])


def test_ghostfolio_short_from_nothing() -> None:
    case = CASES["ghostfolio_btcusd_short"]
    fills = [
        contract(
            event["side"],
            event["amount"],
            event["price"],
            *fee_of(case, event),
            symbol="BTC/USD:USD",
            hour=hour,
        )
        for hour, event in enumerate(case["events"])
    ]
    (row,) = derivative_basis(fills)
    assert row.side == "short"
    assert row.entry_price == Decimal(case["expected_final"]["avg_entry"])
    assert -row.quantity == Decimal(case["expected_final"]["position_amount"])


#: What the tests of this file look at; whatever else a case states would go unchecked.
CHECKED_AFTER_EACH = {
    "amount",
    "avg_entry",
    "cost_basis_no_fee",
    "found",
    "missing",
    "realized_cumulative",
    "realized_ratio_of_invested",
    "realized_this",
    "total_cost_basis",
    "dust_left",  # in words: test_floki_dust_below_the_minimum_has_no_average
}
CHECKED_AT_THE_END = {
    "amount",
    "avg_entry",
    "avg_entry_with_fee",
    "avg_exit",
    "exchange_profit",
    "fees",
    "position_amount",
    "ratio",
    "realized",
    "realized_gross",
    "realized_net",
    "realized_ratio",
    "tolerance_rel",
    "total_cost_basis_with_fee",
    "unrealized",
}


def test_every_case_and_every_figure_that_it_states_is_checked() -> None:
    assert len(CASES) == 8
    for case in CASES.values():
        for stated in case.get("expected_after_each") or ():
            assert set(stated or ()) <= CHECKED_AFTER_EACH, case["id"]
        assert set(case["expected_final"]) <= CHECKED_AT_THE_END, case["id"]
