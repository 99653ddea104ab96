"""The port over ccxt: it counts its requests, lists its markets and keeps what it knows."""

from __future__ import annotations

from decimal import Decimal

import pytest

from exchange_cache.errors import ConfigError, ExchangeFault
from exchange_cache.records import DataType
from tests.exchanges.builders import SECRETS, adapter_for, open_stubbed, stream
from tests.exchanges.stub import Answer, Asked

FUNDING = {
    "retCode": 0,
    "result": {
        "balance": [{"coin": "BTC", "transferBalance": "0.25", "walletBalance": "0.75"}],
    },
}


def test_opening_an_adapter_sends_nothing_and_every_request_is_counted() -> None:
    with adapter_for("bybit", lambda asked: FUNDING) as (adapter, stub):
        assert (adapter.account, adapter.requests, stub.asked) == ("main", 0, [])
        funding = next(item for item in adapter.policy.wallets if item.name == "funding")
        (held,) = adapter.balances(funding)
        assert (held.code, held.total) == ("BTC", Decimal("0.75"))
        assert adapter.requests == len(stub.asked) > 0


def test_markets_are_those_that_the_exchange_lists() -> None:
    with adapter_for("bybit", lambda asked: FUNDING) as (adapter, stub):
        found = adapter.markets()
        assert sorted(found) == ["BTC/USD:BTC", "BTC/USDT", "BTC/USDT:USDT"]
        adapter._session.market("LUNA/USDT", "spot")
        assert adapter.markets() is found and not stub.asked


def test_what_it_knows_outlives_it() -> None:
    def never(asked: Asked) -> None:
        raise AssertionError(asked)

    with adapter_for("bybit", never) as (adapter, stub):
        adapter.markets()
        again = open_stubbed("bybit", stub.url, memory=adapter.memory())
        assert again.markets().keys() == adapter.markets().keys()
        assert set(adapter.pace()) <= set(adapter.memory())


def test_an_unknown_credential_is_refused_by_name() -> None:
    with pytest.raises(ConfigError, match="unknown credential 'pin'"):
        open_stubbed("bybit", "http://127.0.0.1:1", credentials={**SECRETS, "pin": "1"})


@pytest.mark.parametrize("status", [403, 404, 500])
def test_a_market_list_that_is_refused_is_requested_once_and_not_by_every_part(status: int) -> None:
    """The pairs of Bitvavo are all of its market list, and it takes one request."""

    def script(asked: Asked) -> Answer:
        return Answer({"errorCode": 100, "error": "no"}, status)

    with adapter_for("bitvavo", script, memory={}) as (adapter, stub):
        fills = stream(adapter, DataType.FILLS, "spot")
        for _ in range(5):
            with pytest.raises(ExchangeFault):
                adapter.wallet(adapter.policy.wallets[0])
            with pytest.raises(ExchangeFault):
                adapter.page(fills, "BTC/EUR", None, {})
        paths = [asked.path for asked in stub.asked]
    assert len(paths) <= 2 * 3, f"two requests with three attempts each make a list: {paths}"
