"""Entry prices and results of contracts, against arithmetic done by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from exchange_cache.cost.derivatives import derivative_basis, entry_price_findings, hedged_symbols
from exchange_cache.records import Fee, Fill, Transfer, TransferKind
from tests.cost.builders import contract, position, transfer


def test_the_entry_price_is_the_mean_by_quantity_without_fees() -> None:
    (row,) = derivative_basis(
        [contract("buy", "1", "100", "5 USDT"), contract("buy", "3", "200", hour=1)]
    )
    assert (row.side, row.entry_price, row.quantity, row.fees) == (
        "long",
        175,
        4,
        (Fee(asset="USDT", amount=Decimal(5)),),
    )


def test_contracts_have_a_size() -> None:
    (row,) = derivative_basis([contract("buy", "5", "50000", size="0.01")])
    assert (row.contracts, row.quantity, row.entry_price) == (5, Decimal("0.05"), 50000)


def test_a_short_gains_when_the_price_falls() -> None:
    (row,) = derivative_basis([contract("sell", "2", "100"), contract("buy", "1", "90", hour=1)])
    assert (row.side, row.realised_pnl, row.entry_price, row.quantity) == ("short", 10, 100, 1)


def test_crossing_zero_closes_one_side_and_opens_the_other() -> None:
    rows = derivative_basis([contract("buy", "1", "100"), contract("sell", "3", "110", hour=1)])
    assert [(row.side, row.quantity, row.entry_price, row.realised_pnl) for row in rows] == [
        ("long", 0, None, 10),
        ("short", 2, 110, 0),
    ]


def inverse(side: str, price: str, hour: int = 0) -> Fill:
    return contract(side, "100", price, symbol="BTC/USD:BTC", size="100", hour=hour)


def test_inverse_contracts_settle_in_the_base_and_average_by_value() -> None:
    (row,) = derivative_basis([inverse("buy", "40000"), inverse("buy", "60000", 1)])
    assert row.inverse and row.settle == "BTC"
    assert round(row.entry_price or Decimal(0), 20) == 48000  # 20000 USD / (0.25 + 0.1666...) BTC


def test_inverse_contracts_gain_in_the_base() -> None:
    (long,) = derivative_basis([inverse("buy", "40000"), inverse("sell", "50000", 1)])
    (short,) = derivative_basis([inverse("sell", "40000"), inverse("buy", "50000", 1)])
    assert (long.realised_pnl, short.realised_pnl) == (
        Decimal("0.05"),
        Decimal("-0.05"),
    )  # 10000 x (1/40000 - 1/50000)


def test_hedge_mode_keeps_two_rows() -> None:
    fills = [
        contract("buy", "1", "100"),
        contract("sell", "2", "110", hour=1),
        contract("sell", "1", "120", hour=2, pnl="20"),
    ]
    rows = {row.side: row for row in derivative_basis(fills, hedged={("main", "BTC/USDT:USDT")})}
    assert (rows["long"].quantity, rows["long"].realised_pnl) == (0, 20)
    assert (rows["short"].quantity, rows["short"].entry_price) == (2, 110)


def test_hedged_symbols_are_those_with_two_sides() -> None:
    assert hedged_symbols([position(), position(side="short"), position("ETH/USDT:USDT")]) == {
        ("main", "BTC/USDT:USDT")
    }


def test_funding_stands_beside_the_realised_result() -> None:
    paid = transfer("funding", "-1.5", "USDT", symbol="BTC/USDT:USDT")
    (row,) = derivative_basis([contract("buy", "1", "100")], [paid, paid])
    assert (row.funding, row.realised_pnl) == (Decimal("-1.5"), 0)


def test_an_entry_price_that_differs_trips_the_wire() -> None:
    bases = derivative_basis([contract("buy", "1", "100")])
    assert entry_price_findings(bases, [position(entry="100")]) == ()
    assert entry_price_findings(bases, [position(entry="100.005")]) == ()
    assert [one.code for one in entry_price_findings(bases, [position(entry="101")])] == [
        "entry_price_differs"
    ]
    assert [one.code for one in entry_price_findings(bases, [position(contracts="2")])] == [
        "position_not_explained"
    ]
    assert [one.code for one in entry_price_findings((), [position()])] == [
        "position_not_explained"
    ]


def test_a_margin_position_is_not_compared_with_fills_of_contracts() -> None:
    margin = replace(position(), category="margin", symbol="BTC/USDT")
    assert entry_price_findings((), [margin]) == ()


@pytest.mark.parametrize(
    ("way", "contracts", "side", "words"),
    [
        ("buy", "2500", "short", "the fills add up to +2,500, the exchange reports -1"),
        ("sell", "2500", "long", "the fills add up to -2,500, the exchange reports +1"),
        ("buy", "2500", "long", "the fills add up to 2,500, the exchange reports 1"),
    ],
)
def test_a_finding_about_a_position_names_the_quantity_that_the_fills_add_up_to(
    way: str, contracts: str, side: str, words: str
) -> None:
    bases = derivative_basis([contract(way, contracts, "100")])
    (found,) = entry_price_findings(bases, [position(side=side)])
    assert found.message == f"BTC/USDT:USDT {side}: {words}"


JUNE = "BTC/USDT:USDT-250627"
DELIVERED = datetime(2025, 6, 27, 8, tzinfo=UTC)


def settled(quantity: str, symbol: str = JUNE, time: datetime = DELIVERED) -> Transfer:
    return replace(transfer("settlement", quantity, "USDT", symbol=symbol), time=time)


@pytest.mark.parametrize("side", ["buy", "sell"])
def test_a_delivery_closes_a_dated_contract_with_its_result(side: str) -> None:
    rows = derivative_basis([contract(side, "2", "100", symbol=JUNE)], [settled("-300")])
    ((quantity, entry, realised, stated, last),) = [
        (row.quantity, row.entry_price, row.realised_pnl, row.exchange_realised_pnl, row.last_event)
        for row in rows
    ]
    assert (quantity, entry, realised, stated, last) == (0, None, -300, -300, DELIVERED)


def test_a_delivery_that_is_a_fill_is_counted_once() -> None:
    fills = [contract("buy", "2", "100", symbol=JUNE), contract("sell", "2", "90", symbol=JUNE)]
    (row,) = derivative_basis(fills, [settled("-20")])
    assert (row.quantity, row.realised_pnl) == (0, -20)


@pytest.mark.parametrize(
    "other",
    [
        settled("5", time=datetime(2025, 6, 26, 8, tzinfo=UTC)),  # a daily settlement
        settled("5", symbol="ETH/USDT:USDT-250627"),
        settled("5", symbol="BTC/USDT:USDT"),
        replace(settled("5"), account="other"),
        replace(settled("5"), kind=TransferKind.FUNDING),
    ],
)
def test_other_settlements_close_nothing(other: Transfer) -> None:
    (row,) = derivative_basis([contract("buy", "2", "100", symbol=JUNE)], [other])
    assert (row.quantity, row.entry_price, row.realised_pnl) == (2, 100, 0)


def test_both_sides_of_a_hedged_contract_are_closed_and_the_larger_one_has_the_result() -> None:
    fills = [contract("buy", "2", "100", symbol=JUNE), contract("sell", "3", "110", symbol=JUNE)]
    rows = derivative_basis(fills, [settled("7")], hedged={("main", JUNE)})
    assert [(row.side, row.quantity, row.realised_pnl) for row in rows] == [
        ("long", 0, 0),
        ("short", 0, 7),
    ]
