"""Markets, listed or not."""

from __future__ import annotations

import json

import pytest

from exchange_cache.adapter import translate
from exchange_cache.records import (
    Fill,
)
from tests.adapter.raw_answers import FILLS, WEEK, binance_trade, bybit, execution
from tests.exchanges.builders import NOW_MS, adapter_for, stream
from tests.exchanges.canned import canned_adapter


def test_a_delisted_symbol_is_asked_by_its_old_id_and_by_a_raw_id() -> None:
    with adapter_for(
        "binance", lambda asked: [binance_trade(1, symbol=asked.params["symbol"])]
    ) as (adapter, stub):
        policy = stream(adapter, FILLS, "spot")
        for symbol in ("LUNA/USDT", "LUNAUSDT"):
            (made,) = adapter.page(policy, symbol, None, {}).records
            assert isinstance(made, Fill) and (made.symbol, made.base, made.quote) == (
                "LUNA/USDT",
                "LUNA",
                "USDT",
            )
        assert [asked.params["symbol"] for asked in stub.asked] == ["LUNAUSDT", "LUNAUSDT"]
        assert "LUNA/USDT" not in adapter.markets()
        assert "LUNA/USDT" not in json.dumps(adapter.memory())


def test_bybit_categories_do_not_mix_and_delisted_pairs_are_read() -> None:
    with adapter_for(
        "bybit", lambda asked: bybit([execution(1, symbol="LUNAUSDT"), execution(2)])
    ) as (adapter, _stub):
        spot = adapter.page(stream(adapter, FILLS, "spot"), None, WEEK, {}).records
        linear = adapter.page(stream(adapter, FILLS, "linear"), None, WEEK, {}).records
        inverse = adapter.page(stream(adapter, FILLS, "inverse"), None, WEEK, {})
    assert [item.symbol for item in spot if isinstance(item, Fill)] == ["LUNA/USDT", "BTC/USDT"]
    assert [item.symbol for item in linear if isinstance(item, Fill)] == [
        "LUNA/USDT:USDT",
        "BTC/USDT:USDT",
    ]
    assert inverse.row_count == 2


@pytest.mark.parametrize(
    ("exchange", "market_id", "base", "settle"),
    [
        ("okx", "BTC-USD-241217-92000-C", "BTC", "BTC"),
        ("okx", "ETH-USD-241217-3500-P", "ETH", "ETH"),
        ("deribit", "BTC-27DEC24-60000-C", "BTC", "BTC"),
        ("deribit", "SOL_USDC-27DEC24-200-C", "SOL", "USDC"),
        ("deribit", "XRP_USDC-27DEC24-0d5-P", "XRP", "USDC"),
        ("bybit", "BTC-27DEC24-60000-C", "BTC", "USDC"),
        ("bybit", "ETH-27DEC24-4000-P-USDT", "ETH", "USDT"),
    ],
)
def test_an_expired_option_has_its_real_base_and_pays_its_premium_in_what_it_settles_in(
    exchange: str, market_id: str, base: str, settle: str
) -> None:
    adapter, _ = canned_adapter(exchange)
    found = {**adapter._session.market_by_id(market_id, "option"), "contractSize": "1"}
    trade = {"id": "1", "timestamp": NOW_MS, "side": "buy", "price": "2", "amount": "3", "info": {}}
    fill = translate.fill(adapter._session.origin(category="option", scope="x"), trade, {}, found)
    assert (fill.base, fill.quote, fill.settle, fill.cost) == (base, settle, settle, 6)
