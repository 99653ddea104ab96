"""Histories that every run requests."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exchange_cache.adapter.policy import FanOut, StreamPolicy
from exchange_cache.adapter.witnesses import FEW, has_few, is_witness
from exchange_cache.exchanges import policy_for
from exchange_cache.records import DataType, TransferKind
from tests.sync.fake_port import policy, stream

REWARDS = stream(DataType.TRANSFERS, "rewards")
DEPOSITS = stream(DataType.TRANSFERS, "deposits", transfer_kind=TransferKind.DEPOSIT)
BY_SYMBOL = stream(needs_symbol=True)
FANNED = FanOut(method="fake", param="id")


@pytest.mark.parametrize(
    ("one", "witness"),
    [
        (REWARDS, False),
        (stream(DataType.TRANSFERS, "ledger", witness=True), True),
        (stream(newest_rows=100), True),
        (DEPOSITS, True),
        (replace(DEPOSITS, optional=True), False),
        (replace(DEPOSITS, fan_out=FANNED), False),
        (BY_SYMBOL, False),
    ],
)
def test_what_shows_more_than_balances_is_requested_by_every_run(
    one: StreamPolicy, witness: bool
) -> None:
    assert is_witness(policy(one, BY_SYMBOL), one) is witness


def test_where_one_request_reads_each_of_few_histories_none_rests() -> None:
    few = [stream(DataType.TRANSFERS, f"s{number}") for number in range(FEW)]
    assert has_few(policy(*few)) and is_witness(policy(*few), few[0])
    for more in (REWARDS, BY_SYMBOL):
        assert not has_few(policy(*few, more))
    assert not has_few(policy(REWARDS, BY_SYMBOL))
    assert not has_few(policy(stream(fan_out=FANNED)))


@pytest.mark.parametrize("exchange", ["binance", "bybit", "coinbase", "kraken", "kucoin", "okx"])
def test_a_run_requests_no_more_than_a_few_of_them(exchange: str) -> None:
    known = policy_for(exchange)
    assert sum(is_witness(known, one) or bool(one.forgets) for one in known.streams) <= FEW
