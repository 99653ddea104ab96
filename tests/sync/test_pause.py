"""An exchange that sent us away is left alone until the time it named: by all its accounts,
in every process."""

from __future__ import annotations

from datetime import timedelta

import pytest

from exchange_cache.adapter.policy import WalletPolicy
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import SetClock
from exchange_cache.errors import Banned, ExchangeUnavailable, RateLimited
from exchange_cache.sync.pause import UNSTATED_BAN, PausedPort, Pauses
from tests.builders import NOW, balance
from tests.sync.fake_port import FakeExchange, policy

SPOT = WalletPolicy(name="spot")


def paused(
    repository: ExchangeCacheRepository,
    clock: SetClock,
    *,
    account: str = "main",
    exchange: str = "fake",
) -> PausedPort:
    """A port as a new process builds it."""
    port = FakeExchange(
        policy(exchange=exchange),
        account=account,
        clock=clock,
        wallets={"spot": (balance(account=account),)},
    )
    return PausedPort(port, Pauses(repository.progress, clock))


def fail(port: PausedPort, error: Exception) -> None:
    port._port.fail = {port._port.requests + 1: error}  # type: ignore[attr-defined]
    with pytest.raises(type(error)):
        port.wallet(SPOT)


@pytest.mark.parametrize(
    ("reported", "length"), [(600.0, timedelta(minutes=10)), (None, UNSTATED_BAN)]
)
def test_a_ban_holds_for_every_account_and_process_until_it_is_over(
    repository: ExchangeCacheRepository, clock: SetClock, reported: float | None, length: timedelta
) -> None:
    fail(paused(repository, clock), Banned("banned", retry_after=reported))
    later = paused(repository, clock, account="other")
    with pytest.raises(Banned) as caught:
        later.wallet(SPOT)
    assert later.requests == 0
    assert caught.value.account == "other"
    assert f"{NOW + length:%H:%M:%S} UTC" in str(caught.value)

    clock.at += length
    assert later.wallet(SPOT).balances == (balance(account="other"),)


def test_another_exchange_is_asked_on(repository: ExchangeCacheRepository, clock: SetClock) -> None:
    fail(paused(repository, clock), Banned("banned", retry_after=600))

    assert paused(repository, clock, exchange="other").wallet(SPOT).balances


def test_a_short_request_to_slow_down_is_waited_for_and_a_long_one_refused(
    repository: ExchangeCacheRepository, clock: SetClock
) -> None:
    port = paused(repository, clock)
    fail(port, RateLimited("slow", retry_after=5))
    assert port.wallet(SPOT).balances
    assert clock.now() == NOW + timedelta(seconds=5)

    fail(port, RateLimited("slow", retry_after=300))
    with pytest.raises(RateLimited):
        port.wallet(SPOT)
    assert port.requests == 3


@pytest.mark.parametrize("error", [RateLimited("slow"), ExchangeUnavailable("down")])
def test_what_names_no_time_pauses_nothing(
    repository: ExchangeCacheRepository, clock: SetClock, error: Exception
) -> None:
    port = paused(repository, clock)
    fail(port, error)

    assert port.wallet(SPOT).balances
    assert clock.slept == []


def test_the_requests_of_a_view_count_what_the_run_left_out(
    repository: ExchangeCacheRepository, clock: SetClock
) -> None:
    """Statistics compare reads of the cache with a live view; most runs leave empty wallets out."""
    whole = policy(wallets=(SPOT, WalletPolicy(name="funding")))
    port = PausedPort(FakeExchange(whole, clock=clock), Pauses(repository.progress, clock))
    assert port.view_requests == 0
    port.wallet(whole.wallets[0])
    assert port.view_requests == 2
    port.wallet(whole.wallets[1])
    assert port.view_requests == 2
