"""What is open in a market that is not known: kept as it was sent, beside what is known."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from exchange_cache.errors import BadResponse
from exchange_cache.ledger.coverage import Span
from exchange_cache.records import DataType, Position
from exchange_cache.unidentified import UnidentifiedRow
from tests.adapter.raw_answers import kraken, kraken_trade
from tests.exchanges.builders import NOW_MS, adapter_for, stream
from tests.exchanges.stub import Asked


def _futures(symbol: str, **more: Any) -> dict[str, Any]:
    row = {"side": "long", "symbol": symbol, "price": 9399.749966754434, "size": 20000}
    return {**row, "fillTime": "2020-07-22T14:39:12.376Z", **more}


def _positions(rows: list[dict[str, Any]]) -> dict[str, list[Position | UnidentifiedRow]]:
    answer = {"result": "success", "openPositions": rows}
    with adapter_for("krakenfutures", lambda asked: answer) as (adapter, _stub):
        return {call.category: list(adapter.positions(call)) for call in adapter.policy.positions}


def test_krakenfutures_positions_of_contracts_not_in_market_list() -> None:
    found = _positions(
        [
            _futures("FI_XBTUSD_201225"),
            _futures("PF_DEFIUSD", price=570, size=1, pnlCurrency="BTC", maxFixedLeverage=5),
        ]
    )
    assert {
        category: [
            (one.symbol, one.side, one.contracts) for one in rows if isinstance(one, Position)
        ]
        for category, rows in found.items()
    } == {
        "linear": [("DEFI/USD:USD", "long", Decimal(1))],
        "inverse": [("BTC/USD:BTC-201225", "long", Decimal(20000))],
    }


def test_a_position_of_an_unknown_market_is_kept_beside_those_that_are_known() -> None:
    unknown = _futures("QQ_DEFI", size=7)
    found = _positions([unknown, _futures("PF_XBTUSD", size=2)])
    kept, known = found["linear"]
    assert isinstance(kept, UnidentifiedRow) and isinstance(known, Position)
    assert (kept.data_type, kept.market_id) == (DataType.POSITIONS, "QQ_DEFI")
    assert json.loads(kept.row)["size"] == 7
    assert known.symbol == "BTC/USD:USD"


def test_a_position_of_an_unknown_market_without_a_size_is_nothing() -> None:
    assert _positions([_futures("QQ_DEFI", size=0)]) == {"linear": [], "inverse": []}


def test_an_open_order_of_a_contract_without_a_known_size_is_kept_with_its_id() -> None:
    order = {
        "orderId": "7",
        "symbol": "NEWCOIN_USDT",
        "vol": "10",
        "price": "110",
        "side": 1,
        "category": 1,
        "orderType": 1,
        "dealAvgPrice": "100",
        "dealVol": "5",
        "state": 2,
        "createTime": NOW_MS - 60_000,
        "updateTime": NOW_MS,
    }

    def script(asked: Asked) -> Any:
        first = asked.params.get("page_num", "1") == "1"
        return {"success": True, "code": 0, "data": [order] if first else []}

    with adapter_for("mexc", script) as (adapter, _stub):
        calls = [call for call in adapter.policy.open_orders if call.category == "linear"]
        (kept,) = adapter.open_orders(calls[0])
    assert isinstance(kept, UnidentifiedRow)
    assert (kept.data_type, kept.row_id) == (DataType.ORDERS, "NEWCOIN_USDT:7")
    assert json.loads(kept.row) == order


def test_open_order_without_market() -> None:
    """A row that names no market at all is a bad row, not one of an unknown market."""
    row = {
        "id": "1",
        "opType": "DEAL",
        "side": "buy",
        "size": "1",
        "price": "1",
        "createdAt": NOW_MS,
        "active": True,
    }
    answer = {"code": "200000", "data": [row]}
    with adapter_for("kucoin", lambda asked: answer) as (adapter, _stub):
        call = next(one for one in adapter.policy.open_orders if one.category == "spot")
        with pytest.raises(BadResponse, match="symbol"):
            adapter.open_orders(call)


def test_a_row_that_no_market_makes_readable_is_an_error() -> None:
    """Kept, it would count as fetched, and the true row would not be requested again."""
    sound, garbage = kraken_trade(1, "unknown"), dict.fromkeys(kraken_trade(2), "?")
    for rows in ({"T1": sound, "T2": garbage}, {"T1": sound}):
        answer = kraken(trades=rows, count=len(rows))
        with adapter_for("kraken", lambda asked, found=answer: found) as (adapter, _stub):
            fills = stream(adapter, DataType.FILLS, "spot")
            if "T2" in rows:
                with pytest.raises(BadResponse):
                    adapter.page(fills, None, Span(0, NOW_MS), {})
                continue
            (kept,) = adapter.page(fills, None, Span(0, NOW_MS), {}).records
    assert isinstance(kept, UnidentifiedRow) and kept.time is not None
