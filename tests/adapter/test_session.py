"""What every read of one account shares: markets, repeated requests, checks of the answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from exchange_cache.adapter.market_list import TTL_MS
from exchange_cache.adapter.session import Session, is_private
from exchange_cache.adapter.traffic import Answer
from exchange_cache.clock import SetClock
from exchange_cache.errors import BadResponse, ExchangeUnavailable
from exchange_cache.exchanges import policy_for
from tests.exchanges.builders import NOW, WALLET, adapter_for, market
from tests.exchanges.stub import Answer as Sent


@pytest.fixture
def session() -> Iterator[Session]:
    with adapter_for("bybit", lambda asked: {}) as (adapter, _stub):
        yield adapter._session


@pytest.mark.parametrize(
    ("endpoint", "private"),
    [
        ("GET private v5/account", True),
        ("GET sapi asset/dribblet", True),
        ("GET public time", False),
        ("GET fapiPublic ping", False),
        (None, False),
    ],
)
def test_an_endpoint_of_a_section_that_is_not_public_needs_the_key(
    endpoint: str | None, private: bool
) -> None:
    assert is_private(endpoint) is private


def test_rows_that_ccxt_dropped_are_noticed(session: Session) -> None:
    session.nothing_lost("fills spot", 2, 2)
    with pytest.raises(BadResponse, match="bybit: 3 rows were received for fills spot but 2 could"):
        session.nothing_lost("fills spot", 2, 3)


def test_an_answer_without_room_for_rows_is_no_empty_list(session: Session) -> None:
    session.not_hollow("orders", {"data": []})
    with pytest.raises(BadResponse, match="the answer about orders has no rows where they should"):
        session.not_hollow("orders", {"data": None})
    with pytest.raises(BadResponse, match=r"bybit: no 'result\.list' in the answer"):
        session.rows({"result": {}}, "result.list")


def test_the_market_of_a_structure_is_the_requested_one_or_that_of_its_symbol(
    session: Session,
) -> None:
    requested = market("X", "X/USDT")
    fills = next(one for one in session.policy.streams if one.category == "spot")
    assert session.market_of({"symbol": "BTC/USDT"}, requested, fills) is requested
    assert session.market_of({"symbol": "BTC/USDT"}, None, fills)["id"] == "BTCUSDT"
    assert session.market_of({"symbol": None}, None, fills) is None


def test_parameters_get_the_accounts_own_wallet_address() -> None:
    with adapter_for("hyperliquid", lambda asked: {}) as (adapter, _stub):
        params = policy_for("hyperliquid").streams[0].params
        assert adapter._session.filled({**params, "n": 1}) == {**params, "user": WALLET, "n": 1}


def test_an_answer_of_which_nothing_can_be_made_is_requested_again() -> None:
    answers = iter([Sent("{}", 503), {"retCode": 0, "result": {}}])
    with adapter_for("bybit", lambda asked: next(answers)) as (adapter, stub):
        session = adapter._session

        def request() -> Any:
            return session.client.privateGetV5UserQueryApi()

        def made(answer: Answer[Any]) -> str:
            return str(answer.response["retCode"])

        assert session.read("the key", request, made) == "0"
        assert len(stub.asked) == 2


def test_old_markets_stay_in_use_while_a_download_fails() -> None:
    clock = SetClock(NOW)
    with adapter_for("bybit", lambda asked: Sent("{}", 503), clock=clock) as (adapter, stub):
        assert adapter._session.ready() is False, "they are young"
        clock.at += timedelta(milliseconds=TTL_MS, minutes=1)
        assert adapter._session.ready() is False
        tried = len(stub.asked)
        assert tried > 0 and "BTC/USDT" in adapter.markets()
        assert adapter._session.ready() is False
        assert len(stub.asked) == tried, "one failed download per process is enough"


def test_without_markets_a_failed_download_is_an_error() -> None:
    with (
        adapter_for("bybit", lambda asked: Sent("{}", 503), memory=None) as (adapter, _stub),
        pytest.raises(ExchangeUnavailable, match="bybit is not available"),
    ):
        adapter._session.ready()
