"""ccxt structures become records: tables with figures worked out by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal as Dec
from typing import Any

import pytest

from exchange_cache.adapter import (
    translate,
)
from exchange_cache.adapter.translate import Origin
from exchange_cache.errors import BadResponse
from exchange_cache.records import Fee, Fill, Order, OrderStatus
from tests.exchanges.builders import market, origin

SPOT = market("BTCUSDT", "BTC/USDT")
LINEAR = market("BTC-USDT-SWAP", "BTC/USDT:USDT", contractSize="0.01")
INVERSE = market("BTCUSD_PERP", "BTC/USD:BTC", contractSize="100")
T = 1_700_000_000_123


def trade(**more: Any) -> dict[str, Any]:
    return {
        "id": "t1",
        "order": "o1",
        "timestamp": T,
        "side": "buy",
        "price": "50000.1",
        "amount": "0.3",
        "takerOrMaker": "maker",
        "fees": [{"cost": "0.01", "currency": "USDT"}],
        "info": {},
        **more,
    }


def fill(at: Origin, row: dict[str, Any], market: Any) -> Fill:
    """The fill of a trade that states its figures itself, or those under ``stated``."""
    return translate.fill(at, row, row.get("stated", row), market)


def made_order(at: Origin, row: dict[str, Any], market: Any) -> Order:
    return translate.order(at, row, row["stated"], market)


def test_a_spot_fill_is_exact() -> None:
    made = fill(origin(), trade(), SPOT)
    assert (made.base, made.quote, made.quantity, made.price, made.cost) == (
        "BTC",
        "USDT",
        Dec("0.3"),
        Dec("50000.1"),
        Dec("15000.03"),
    )
    assert (made.key, made.order_id, made.liquidity, made.settle) == (
        ("main", "spot", "BTC/USDT", "t1"),
        "o1",
        "maker",
        None,
    )
    assert made.time == datetime(2023, 11, 14, 22, 13, 20, 123000, tzinfo=UTC)


def test_the_cost_that_the_exchange_states_wins_over_arithmetic() -> None:
    assert fill(origin(), trade(stated={"cost": "15000.02"}), SPOT).cost == Dec("15000.02")


def test_linear_contracts_become_base_units() -> None:
    made = fill(origin(category="linear"), trade(amount="5", price="50000"), LINEAR)
    assert (made.quantity, made.cost, made.contracts, made.contract_size, made.settle) == (
        Dec("0.05"),
        Dec("2500"),
        Dec("5"),
        Dec("0.01"),
        "USDT",
    )
    assert made.category == "linear"


def test_inverse_contracts_become_base_units_by_the_price() -> None:
    made = fill(origin(category="inverse"), trade(amount="5", price="50000"), INVERSE)
    assert (made.quantity, made.cost, made.quote, made.settle, made.category) == (
        Dec("0.01"),
        Dec("500"),
        "USD",
        "BTC",
        "inverse",
    )


def test_a_contract_of_unknown_size_is_refused() -> None:
    with pytest.raises(BadResponse, match="contract size"):
        fill(origin(), trade(), market("X", "X/USDT:USDT", contractSize=None))


@pytest.mark.parametrize(
    ("row", "fees", "known"),
    [
        (
            {"fees": [{"cost": "0.001", "currency": "BNB"}]},
            (Fee(asset="BNB", amount=Dec("0.001")),),
            True,
        ),
        (
            {"fees": [{"cost": "1", "currency": "USDT"}, {"cost": "2", "currency": "BTC"}]},
            (Fee(asset="USDT", amount=Dec(1)), Fee(asset="BTC", amount=Dec(2))),
            True,
        ),
        (
            {"fees": [{"cost": "-0.5", "currency": "USDT"}]},
            (Fee(asset="USDT", amount=Dec("-0.5")),),
            True,
        ),
        (
            {"fees": [], "fee": {"cost": "3", "currency": "EUR"}},
            (Fee(asset="EUR", amount=Dec(3)),),
            True,
        ),
        ({"fees": [], "fee": None}, (), False),
        ({"fees": [{"cost": None, "currency": None}]}, (), False),
        ({"fees": [{"cost": "1", "currency": None}]}, (), False),
        ({"fees": [{"cost": "0", "currency": None}]}, (), True),
    ],
)
def test_fees(row: dict[str, Any], fees: tuple[Fee, ...], known: bool) -> None:
    assert translate.fees_of(origin(), row) == (fees, known)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"id": None}, "id"),
        ({"timestamp": None}, "timestamp"),
        ({"timestamp": 0}, "timestamp"),
        ({"side": None}, "side"),
        ({"side": "both"}, "side"),
        ({"amount": None}, "amount"),
        ({"amount": "abc"}, "amount"),
        ({"price": None}, "price"),
    ],
)
def test_a_fill_that_lacks_something_is_refused_by_name(change: dict[str, Any], words: str) -> None:
    with pytest.raises(BadResponse, match=words):
        fill(origin(), trade(**change), SPOT)


def test_a_missing_price_comes_from_the_cost() -> None:
    assert fill(origin(), trade(price=None, cost="15000"), SPOT).price == Dec(50000)


def test_realised_pnl_comes_from_the_raw_row() -> None:
    assert fill(origin(), trade(info={"realizedPnl": "-1.50"}), LINEAR).realised_pnl == Dec("-1.50")


def order(**more: Any) -> dict[str, Any]:
    stated = {
        "price": "100",
        "average": None,
        "cost": None,
        "amount": "2",
        "filled": "2",
        **more.pop("stated", {}),
    }
    row = {
        "id": "o1",
        "timestamp": T,
        "side": "sell",
        "type": "limit",
        "status": "closed",
        "lastUpdateTimestamp": T + 1,
        "stated": stated,
    }
    return {**row, **more}


def test_the_average_is_what_the_row_states_and_never_the_limit_price() -> None:
    assert made_order(origin(), order(average="100"), SPOT).average is None
    assert made_order(origin(), order(stated={"average": "99.5"}), SPOT).average == Dec("99.5")
    assert made_order(origin(), order(stated={"cost": "199"}), SPOT).average == Dec("99.5")
    assert made_order(origin(), order(stated={"average": "0.00000"}), SPOT).average is None
    assert made_order(origin(), order(stated={"average": "99.5"}), SPOT).cost == Dec("199.0")


def test_inverse_averages_come_from_the_base_that_was_paid() -> None:
    assert made_order(
        origin(), order(stated={"filled": "5", "amount": "5", "cost": "0.01"}), INVERSE
    ).average == Dec(50000)


def test_a_market_order_has_no_price() -> None:
    made = made_order(origin(), order(type="market", stated={"price": "0", "average": "101"}), SPOT)
    assert (made.price, made.average) == (None, Dec(101))
    assert (
        made_order(origin(), order(type="market", price="101", stated={"price": "101"}), SPOT).price
        is None
    )


@pytest.mark.parametrize(
    ("status", "filled", "expected"),
    [
        ("closed", "2", OrderStatus.CLOSED),
        (
            "closed",
            "1.5",
            OrderStatus.CANCELED,
        ),  # bybit calls a partly filled, canceled order closed
        ("canceled", "1.5", OrderStatus.CANCELED),
        ("expired", "0", OrderStatus.EXPIRED),
        ("canceling", "0", OrderStatus.OPEN),
        ("open", "1", OrderStatus.OPEN),
        ("rejected", None, OrderStatus.REJECTED),
        ("PENDING_SOMETHING", "0", OrderStatus.UNKNOWN),
    ],
)
def test_order_states(status: str, filled: str | None, expected: OrderStatus) -> None:
    assert (
        made_order(origin(), order(status=status, stated={"filled": filled}), SPOT).status
        is expected
    )
