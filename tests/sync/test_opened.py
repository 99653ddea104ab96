"""Which wallets an account has: what needs one is not requested without it."""

from __future__ import annotations

import pytest

from exchange_cache.adapter.policy import WalletPolicy
from exchange_cache.adapter.port import WalletReading
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import SetClock
from exchange_cache.errors import NotOffered
from exchange_cache.records import DataType
from exchange_cache.sync.opened import Opened
from exchange_cache.value.freshness import SyncStatus
from tests.builders import NOW, balance
from tests.sync.fake_port import FakeExchange, policy

WALLETS = (
    WalletPolicy(name="spot"),
    WalletPolicy(name="margin", optional=True),
    WalletPolicy(name="pairs", optional=True, market_rows="assets"),
)


@pytest.fixture
def opened(repository: ExchangeCacheRepository, clock: SetClock) -> Opened:
    return Opened(FakeExchange(policy(wallets=WALLETS)), repository, clock)


def read(repository: ExchangeCacheRepository, wallet: str, state: str) -> None:
    repository.progress.record(
        SyncStatus(
            account="main",
            data_type=DataType.BALANCES,
            part=wallet,
            attempted_at=NOW,
            succeeded_at=NOW if state == "ok" else None,
            state=state,
        )
    )


def test_a_wallet_is_open_when_it_was_read(
    repository: ExchangeCacheRepository, opened: Opened
) -> None:
    assert opened.any_of(()) and opened.refusal(()) is None
    assert not opened.any_of({"margin"})
    read(repository, "margin", "ok")
    assert opened.any_of({"margin", "pairs"}) and opened.refusal({"margin"}) is None


def test_a_closed_wallet_is_not_offered_and_an_unread_one_unknown(
    repository: ExchangeCacheRepository, opened: Opened
) -> None:
    read(repository, "margin", "not_offered")
    closed = opened.refusal({"margin", "pairs"})
    assert isinstance(closed, NotOffered)
    assert closed.message == "the account has no margin or pairs wallet"
    read(repository, "margin", "failed")
    unknown = opened.refusal({"margin"})
    assert unknown is not None and not isinstance(unknown, NotOffered)
    assert unknown.message == (
        "the margin wallet could not be read, so whether the account has it is unknown"
    )


def test_a_wallet_of_pairs_is_open_by_a_pair_and_remembers_it(
    repository: ExchangeCacheRepository, opened: Opened, clock: SetClock
) -> None:
    read(repository, "pairs", "ok")
    assert not opened.any_of({"pairs"}), "it could be read, but has no pair"
    opened.remember("pairs", WalletReading(balances=(), symbols=frozenset({"ETH/USDT"})))
    opened.remember("pairs", WalletReading(balances=(), symbols=frozenset({"ADA/USDT"})))
    later = Opened(FakeExchange(policy(wallets=WALLETS)), repository, clock)
    assert later.any_of({"pairs"})
    assert later.symbols("pairs") == {"ADA/USDT", "ETH/USDT"}
    assert later.symbols("spot") == frozenset()


def test_codes_that_a_wallet_lists_with_zero_are_of_this_run(opened: Opened) -> None:
    opened.remember("spot", WalletReading(balances=(balance(),), emptied=frozenset({"DOGE"})))
    opened.remember("margin", WalletReading(balances=(), emptied=frozenset({"SOL"})))
    assert opened.emptied == {"DOGE", "SOL"}
