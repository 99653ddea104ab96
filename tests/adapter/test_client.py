"""The ccxt instance of an account: its pace, its exact numbers, its memory, what it sends."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal as Dec

import pytest

from exchange_cache.clock import SetClock
from exchange_cache.errors import ExchangeUnavailable
from tests.adapter.raw_answers import TRANSFERS, WEEK, bybit
from tests.exchanges.builders import NOW, adapter_for, open_stubbed, stream
from tests.exchanges.stub import Answer


def test_dear_requests_are_spread_over_the_minute_and_do_not_hold_up_a_lone_one() -> None:
    clock = SetClock(NOW)
    with adapter_for(
        "binance", lambda asked: {"data": [], "total": 0}, clock=clock, config={"rateLimit": 50}
    ) as (adapter, _stub):
        for _ in range(2):
            adapter.page(stream(adapter, TRANSFERS, "fiat-deposits"), None, WEEK, {})
        assert sum(clock.slept) < 1
        adapter.page(stream(adapter, TRANSFERS, "fiat-withdrawals"), None, WEEK, {})
        assert sum(clock.slept) >= 59


def test_kraken_json_numbers_stay_exact() -> None:
    text = '{"error":[],"result":{"XXBT":{"balance":99999999999.99999999,"hold_trade":0.1}}}'
    with adapter_for("kraken", lambda asked: text) as (adapter, _stub):
        (made,) = adapter.balances(adapter.policy.wallets[0])
    assert (made.asset, made.total, made.used) == ("BTC", Dec("99999999999.99999999"), Dec("0.1"))


def test_memory_spares_a_fresh_process_every_download_and_old_markets_serve_while_the_exchange_is_down() -> (  # noqa: E501
    None
):
    clock = SetClock(NOW)
    with adapter_for("binance", lambda asked: {"balances": []}, clock=clock) as (adapter, stub):
        memory = json.loads(json.dumps(adapter.memory()))
        later = open_stubbed("binance", stub.url, memory=memory, clock=clock)
        assert len(later.markets()) == 5 and stub.asked == []
        later.balances(later.policy.wallets[0])
        assert len(stub.asked) == 1
        clock.at += timedelta(days=2)
        stub.script = lambda asked: (
            Answer("down", 503) if "exchangeInfo" in asked.path else {"balances": []}
        )
        assert later.balances(later.policy.wallets[0]) == ()
        assert "BTC/USDT" in later.markets()
        with pytest.raises(ExchangeUnavailable):
            open_stubbed("binance", stub.url, memory={"options": {}}, clock=clock).markets()


def test_no_request_carries_ccxts_own_parameters() -> None:
    with adapter_for("bybit", lambda asked: bybit([])) as (adapter, stub):
        for policy in adapter.policy.streams:
            adapter.page(policy, None, WEEK, {}) if policy.rows == "result.list" else None
        assert stub.asked
        for asked in stub.asked:
            assert not {"paginate", "since", "until", "marginMode"} & set(asked.params)
