"""Scopes in words of people."""

from __future__ import annotations

import pytest

from exchange_cache.adapter.policy import StreamPolicy
from exchange_cache.exchanges import MODULES, policy_for
from exchange_cache.records import DataType
from exchange_cache.scope_names import history_name, known_name, scope_name, trades

EXCHANGES = (*sorted(set(MODULES.values())), "poloniex")
STREAMS = [(name, stream) for name in EXCHANGES for stream in policy_for(name).streams]
#: Scopes that are words of people already.
PLAIN = {"spot", "margin", "futures", "deposits", "withdrawals", "interest"}


@pytest.mark.parametrize(
    ("exchange", "stream"), STREAMS, ids=[f"{name}-{one.scope}" for name, one in STREAMS]
)
def test_every_scope_of_every_policy_has_a_name(exchange: str, stream: StreamPolicy) -> None:
    name = known_name(stream.scope)
    assert name is not None, f"{exchange}: name the scope {stream.scope!r} in scope_names"
    assert name != stream.scope or stream.scope in PLAIN
    assert "_" not in name


@pytest.mark.parametrize(
    ("exchange", "stream"), STREAMS, ids=[f"{name}-{one.scope}" for name, one in STREAMS]
)
def test_the_kind_of_trades_is_that_of_the_policy(exchange: str, stream: StreamPolicy) -> None:
    if stream.data_type is not DataType.FILLS or not trades(stream.scope):
        return
    kinds = {"linear": "futures", "inverse": "futures", "option": "options"}
    assert trades(stream.scope) == kinds.get(stream.category, stream.category)


def test_names_are_composed() -> None:
    assert scope_name("moves-main_cmfuture") == "transfers from spot to COIN-M futures"
    assert scope_name("pre-upgrade-linear") == "linear futures before the account upgrade"
    assert scope_name("margin-isolated-interest") == "interest on isolated margin"


def test_a_scope_of_an_earlier_version_is_shown_with_spaces() -> None:
    assert known_name("old-thing_x") is None
    assert scope_name("old-thing_x") == "old thing x"


def test_a_history_begins_with_its_data_type() -> None:
    assert history_name("fills", "spot") == "fills spot"
    assert history_name("transfers", "moves") == "transfers between wallets"
    assert history_name("fills", "linear BTC/USDT:USDT") == "fills linear futures BTC/USDT:USDT"
    assert history_name("orders", "spot canceled") == "orders spot, canceled"
    assert history_name("balances", "spot") == "balances spot"
