"""What every read of one account shares: markets, repeated requests, checks of the answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from exchange_cache.adapter.market_list import TTL_MS
from exchange_cache.adapter.retry import RetryPolicy
from exchange_cache.adapter.session import Session
from exchange_cache.adapter.shared import Shared
from exchange_cache.adapter.traffic import Answer
from exchange_cache.clock import SetClock
from exchange_cache.errors import BadResponse, Banned, ExchangeUnavailable, RateLimited
from exchange_cache.exchanges import policy_for
from tests.exchanges.builders import NOW, WALLET, adapter_for, market, open_stubbed
from tests.exchanges.stub import Answer as Sent


@pytest.fixture
def session() -> Iterator[Session]:
    with adapter_for("bybit", lambda asked: {}) as (adapter, _stub):
        yield adapter._session


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


# --- the pace that accounts share -----------------------------------------------------------------

ONCE = RetryPolicy(attempts=1)


@pytest.mark.parametrize(
    ("sent", "error", "waits"),
    [
        (Sent({"code": -1003, "msg": "Slow down"}, 429, {"Retry-After": "7"}), RateLimited, 7.0),
        (Sent({"code": -1003, "msg": "Banned"}, 418, {"Retry-After": "7"}), Banned, 7.0),
    ],
)
def test_a_refusal_of_the_address_lets_every_account_of_the_exchange_wait(
    sent: Sent, error: type[RateLimited], waits: float
) -> None:
    clock, shared = SetClock(NOW), Shared()
    with adapter_for("binance", lambda asked: sent, clock=clock, shared=shared, retry=ONCE) as (
        first,
        stub,
    ):
        with pytest.raises(error):
            first.balances(first.policy.wallets[0])
        stub.script = lambda asked: {"balances": []}
        clock.slept.clear()
        second = open_stubbed("binance", stub.url, account="two", clock=clock, shared=shared)
        second.balances(second.policy.wallets[0])
        assert clock.slept == [pytest.approx(waits, abs=0.01)]


def test_a_long_ban_lets_no_other_account_send_anything() -> None:
    clock, shared = SetClock(NOW), Shared()
    banned = Sent({"code": -1003, "msg": "Banned"}, 418, {"Retry-After": "600"})
    with adapter_for("binance", lambda asked: banned, clock=clock, shared=shared, retry=ONCE) as (
        first,
        stub,
    ):
        with pytest.raises(Banned):
            first.balances(first.policy.wallets[0])
        sent = len(stub.asked)
        second = open_stubbed("binance", stub.url, account="two", clock=clock, shared=shared)
        with pytest.raises(Banned, match="binance banned this address") as caught:
            second.balances(second.policy.wallets[0])
        assert len(stub.asked) == sent
        assert caught.value.account == "two" and caught.value.retry_after == 600


def test_a_limit_of_one_user_lets_no_other_account_wait() -> None:
    """Bybit answers 200, with a code, where a user sends too much."""
    clock, shared = SetClock(NOW), Shared()
    answer = {"retCode": 10006, "retMsg": "Too many visits.", "result": {}}
    with adapter_for("bybit", lambda asked: answer, clock=clock, shared=shared, retry=ONCE) as (
        first,
        stub,
    ):
        with pytest.raises(RateLimited):
            first.balances(first.policy.wallets[0])
        clock.slept.clear()
        second = open_stubbed(
            "bybit", stub.url, account="two", clock=clock, shared=shared, retry=ONCE
        )
        with pytest.raises(RateLimited):
            second.balances(second.policy.wallets[0])
        assert sum(clock.slept) < 0.1
