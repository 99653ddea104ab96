"""What an account has now, over real HTTP: wallets, their averages, positions, open orders."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal as Dec
from typing import Any

import pytest

from exchange_cache.adapter.retry import RetryPolicy
from exchange_cache.errors import BadResponse
from exchange_cache.records import (
    AverageMethod,
    ToldAverage,
)
from tests.adapter.raw_answers import bybit, okx_averages
from tests.exchanges.builders import NOW_MS, adapter_for
from tests.exchanges.stub import Asked


def test_bybit_positions_of_both_settle_coins_through_all_pages() -> None:
    def script(asked: Asked) -> Any:
        row = {
            "symbol": "BTCUSDT",
            "side": "Buy",
            "size": "0.5",
            "avgPrice": "40000",
            "markPrice": "50000",
            "unrealisedPnl": "0",
            "positionIdx": 0,
            "positionValue": "20000",
        }
        empty = {**row, "size": "0", "side": ""}
        if asked.params.get("settleCoin") != "USDT":
            return bybit([])
        return (
            bybit([row], "p2")
            if "cursor" not in asked.params
            else bybit([empty], "p3")
            if asked.params["cursor"] == "p2"
            else bybit([])
        )

    with adapter_for("bybit", script) as (adapter, stub):
        made = [
            position for call in adapter.policy.positions for position in adapter.positions(call)
        ]
        assert [(item.side, item.base_quantity, item.unrealised_pnl) for item in made] == [
            ("long", Dec("0.5"), Dec(0))
        ]
        asked = [
            (request.params["category"], request.params.get("settleCoin")) for request in stub.asked
        ]
        assert set(asked) == {
            ("linear", "USDT"),
            ("linear", "USDC"),
            ("inverse", None),
            ("option", None),
        }


def test_okx_mixed_mirrors_take_only_their_category() -> None:
    row = {
        "posSide": "net",
        "pos": "5",
        "avgPx": "40000",
        "markPx": "50000",
        "upl": "1",
        "mgnMode": "cross",
        "lever": "3",
        "ccy": "USDT",
        "uTime": str(NOW_MS),
    }
    data = [
        {**row, "instId": "BTC-USDT-SWAP", "instType": "SWAP"},
        {**row, "instId": "BTC-USD-SWAP", "instType": "SWAP", "pos": "-5", "ccy": "BTC"},
    ]
    with adapter_for("okx", lambda asked: {"code": "0", "data": data}) as (adapter, _stub):
        made = [
            (call.category, item.symbol, item.side)
            for call in adapter.policy.positions
            for item in adapter.positions(call)
        ]
    assert made == [("linear", "BTC/USDT:USDT", "long"), ("inverse", "BTC/USD:BTC", "short")]


def test_okx_reports_two_averages_in_dollars_with_the_balance() -> None:
    moving, cumulative = okx_averages(openAvgPx="50000.5", accAvgPx="-120", spotBal="0.75")
    since = datetime(2020, 11, 6, tzinfo=UTC)

    assert moving == ToldAverage(
        name="openAvgPx",
        method=AverageMethod.MOVING,
        price=Dec("50000.5"),
        unit="USD",
        quantity=Dec("0.75"),
        counts_from=since,
    )
    assert (cumulative.name, cumulative.method, cumulative.price) == (
        "accAvgPx",
        AverageMethod.CUMULATIVE,
        Dec(-120),
    )


@pytest.mark.parametrize(
    "empty",
    [{}, {"openAvgPx": "", "accAvgPx": "", "spotBal": ""}, {"openAvgPx": "0", "accAvgPx": "0"}],
)
def test_an_average_that_okx_leaves_empty_is_not_reported(empty: dict[str, str]) -> None:
    assert okx_averages(**empty) == []


@pytest.mark.parametrize(
    ("exchange", "body"),
    [
        ("binance", {}),
        ("bybit", {"retCode": 0, "result": {}}),
        ("kraken", {}),
        ("okx", {"code": "0"}),
        ("kucoin", {"code": "200000"}),
    ],
)
def test_an_empty_answer_does_not_empty_a_wallet(exchange: str, body: Any) -> None:
    def script(asked: Asked) -> Any:
        if "query-api" in asked.path or "account/info" in asked.path:
            return {"retCode": 0, "result": {"uta": 1, "unified": 1, "unifiedMarginStatus": 5}}
        return body

    with (
        adapter_for(exchange, script, retry=RetryPolicy(attempts=1)) as (adapter, _stub),
        pytest.raises(BadResponse),
    ):
        adapter.balances(adapter.policy.wallets[0])
