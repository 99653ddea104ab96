"""Prices and past candles, over real HTTP."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from exchange_cache.adapter.port import Candle
from exchange_cache.errors import BadResponse
from tests.exchanges.builders import NOW, adapter_for
from tests.exchanges.stub import Asked

HOUR_MS = 1_748_721_600_000


def ticker(symbol: str, last: Any, **more: Any) -> dict[str, Any]:
    """https://developers.binance.com: GET /api/v3/ticker/24hr."""
    return {
        "symbol": symbol,
        "lastPrice": last,
        "bidPrice": "99.5",
        "bidQty": "4",
        "askPrice": "100.5",
        "openPrice": "90",
        "closeTime": HOUR_MS,
        **more,
    }


def test_every_listed_ticker_becomes_a_price() -> None:
    rows = [ticker("BTCUSDT", "100"), ticker("ETHUSDT", "2500.25"), ticker("GONEUSDT", "1")]
    with adapter_for("binance", lambda asked: rows) as (adapter, _stub):
        spot = next(call for call in adapter.policy.tickers if call.category == "spot")
        btc, eth = adapter.prices(spot)
    assert (btc.symbol, btc.last, btc.bid, btc.ask, btc.open_24h) == (
        "BTC/USDT",
        Decimal(100),
        Decimal("99.5"),
        Decimal("100.5"),
        Decimal(90),
    )
    assert (eth.symbol, eth.last, eth.fetched_at) == ("ETH/USDT", Decimal("2500.25"), NOW)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{"symbol": "BTCUSDT"}], "has no lastPrice"),
        ([ticker("", "1")], "has no symbol"),
    ],
)
def test_a_ticker_that_cannot_be_read_is_an_error(rows: list[Any], said: str) -> None:
    with adapter_for("binance", lambda asked: rows) as (adapter, _stub):
        spot = next(call for call in adapter.policy.tickers if call.category == "spot")
        with pytest.raises(BadResponse, match=said):
            adapter.prices(spot)


def test_candles_have_their_hour_and_their_prices() -> None:
    """https://developers.binance.com: GET /api/v3/klines."""

    def klines(asked: Asked) -> Any:
        assert (asked.path, asked.params["symbol"]) == ("/api/v3/klines", "BTCUSDT")
        assert (asked.params["interval"], asked.params["startTime"]) == ("1h", str(HOUR_MS))
        return [
            [HOUR_MS, "100.5", "103", "99", "101.25", "12", HOUR_MS + 3_599_999],
            [HOUR_MS + 3_600_000, "101.25", "104", "100", "102.75", "13", HOUR_MS + 7_199_999],
        ]

    with adapter_for("binance", klines) as (adapter, _stub):
        found = adapter.candles("BTC/USDT", datetime(2025, 5, 31, 20, tzinfo=UTC), 2)
    assert found == tuple(
        Candle(
            symbol="BTC/USDT",
            opened_at=datetime(2025, 5, 31, hour, tzinfo=UTC),
            resolution_s=3600,
            open=Decimal(opened),
            close=Decimal(closed),
            high=Decimal(high),
            low=Decimal(low),
        )
        for hour, opened, high, low, closed in (
            (20, "100.5", "103", "99", "101.25"),
            (21, "101.25", "104", "100", "102.75"),
        )
    )
