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
    ReportedAverage,
)
from tests.adapter.raw_answers import bybit, okx_averages
from tests.exchanges.builders import NOW_MS, adapter_for
from tests.exchanges.canned import PEM
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
            if call.category != "margin"  # its rows state more
            for item in adapter.positions(call)
        ]
    assert made == [("linear", "BTC/USDT:USDT", "long"), ("inverse", "BTC/USD:BTC", "short")]


def test_okx_reports_two_averages_in_dollars_with_the_balance() -> None:
    moving, cumulative = okx_averages(openAvgPx="50000.5", accAvgPx="-120", spotBal="0.75")
    since = datetime(2020, 11, 6, tzinfo=UTC)

    assert moving == ReportedAverage(
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


@pytest.mark.parametrize("rows", [99, 100])
def test_a_wallet_that_is_full_to_its_limit_may_miss_others_and_is_refused(rows: int) -> None:
    """Gate lists 100 lent currencies a page: https://www.gate.com/docs/developers/apiv4/en"""
    lent = [{"currency": f"C{number}", "amount": "1"} for number in range(rows)]
    with adapter_for("gate", lambda asked: lent) as (adapter, _stub):
        earn = next(item for item in adapter.policy.wallets if item.name == "earn")
        if rows < 100:
            assert len(adapter.balances(earn)) == rows
        else:
            with pytest.raises(BadResponse, match="ends after 100 rows and may miss others"):
                adapter.balances(earn)


def test_a_wallet_that_counts_more_rows_than_it_lists_is_refused() -> None:
    """https://www.kucoin.com/docs-new/rest/earn/get-account-holding: ``totalNum``"""
    row = {"currency": "KCS", "holdAmount": "1"}
    answer = {"code": "200000", "data": {"totalNum": 2, "items": [row]}}
    with adapter_for("kucoin", lambda asked: answer) as (adapter, stub):
        earn = next(item for item in adapter.policy.wallets if item.name == "earn")
        with pytest.raises(BadResponse, match="counts 2 rows and ends after 1"):
            adapter.balances(earn)
        assert len(stub.asked) == 3, "asked again"


def test_a_full_list_of_open_orders_without_further_pages_is_refused() -> None:
    """HTX: 100 open orders of USDT-margined contracts at most."""
    rows = [{"contract_code": "BTC-USDT"}] * 100
    with adapter_for("htx", lambda asked: {"code": 200, "data": rows}) as (adapter, _stub):
        linear = next(item for item in adapter.policy.open_orders if item.category == "linear")
        with pytest.raises(BadResponse, match="full with 100 rows and may miss others"):
            adapter.open_orders(linear)


def test_coinbase_accounts_of_which_more_follow_are_refused_without_a_cursor_to_them() -> None:
    """ccxt follows ``has_next`` as long as there is a cursor, and takes what it has then."""
    account = {
        "uuid": "1",
        "currency": "BTC",
        "type": "ACCOUNT_TYPE_CRYPTO",
        "available_balance": {"value": "1", "currency": "BTC"},
        "hold": {"value": "0", "currency": "BTC"},
    }
    answer = {"accounts": [account], "has_next": True, "cursor": ""}
    keys = {"api_key": "organizations/a/apiKeys/b", "secret": PEM}
    with (
        adapter_for("coinbase", lambda asked: answer, credentials=keys) as (adapter, _stub),
        pytest.raises(BadResponse, match="may miss others"),
    ):
        adapter.balances(adapter.policy.wallets[0])
