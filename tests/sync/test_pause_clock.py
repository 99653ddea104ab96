"""A pause that a wrong clock noted binds nobody; a long one ends the exchange's part of a run."""

from __future__ import annotations

from datetime import timedelta

import pytest

from exchange_cache.adapter.policy import WalletPolicy
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import SetClock, to_ms
from exchange_cache.errors import Banned, RateLimited
from exchange_cache.records import DataType
from exchange_cache.sync.account_run import AccountRun, RunOptions
from exchange_cache.sync.pause import LONGEST_BAN, PausedPort, Pauses
from tests.builders import NOW, balance
from tests.sync.fake_port import FakeExchange, policy

SPOT, EARN = WalletPolicy(name="spot"), WalletPolicy(name="earn")


def port(repository: ExchangeCacheRepository, clock: SetClock, **more: object) -> PausedPort:
    exchange = FakeExchange(
        policy(wallets=(SPOT, EARN)), clock=clock, wallets={"spot": (balance(),)}, **more
    )  # type: ignore[arg-type]
    return PausedPort(exchange, Pauses(repository.progress, clock))


@pytest.mark.parametrize(
    ("noted", "until"),
    [
        pytest.param(timedelta(days=3), timedelta(days=3, minutes=10), id="noted in the future"),
        pytest.param(
            timedelta(minutes=-1),
            LONGEST_BAN + timedelta(minutes=1),
            id="longer than any exchange bans",
        ),
    ],
)
@pytest.mark.parametrize("banned", [True, False])
def test_a_pause_that_a_wrong_clock_noted_is_not_kept(
    repository: ExchangeCacheRepository,
    clock: SetClock,
    noted: timedelta,
    until: timedelta,
    banned: bool,
) -> None:
    kept = {"pause fake": {"until_ms": to_ms(NOW + until), "banned": banned}}
    repository.progress.remember("", kept, NOW + noted)

    assert port(repository, clock).wallet(SPOT).balances == (balance(),)
    assert clock.slept == []


def test_a_longer_ban_than_any_exchange_states_is_noted_as_the_longest(
    repository: ExchangeCacheRepository, clock: SetClock
) -> None:
    with pytest.raises(Banned):
        port(repository, clock, fail={1: Banned("banned", retry_after=30 * 86_400.0)}).wallet(SPOT)

    clock.at += LONGEST_BAN
    assert port(repository, clock).wallet(SPOT).balances == (balance(),)


@pytest.mark.parametrize("kind", [Banned, RateLimited])
def test_a_long_pause_ends_the_accounts_run_at_once_and_names_its_end(
    repository: ExchangeCacheRepository, clock: SetClock, kind: type[RateLimited]
) -> None:
    paused = port(repository, clock, fail={1: kind("fake says no", retry_after=7200.0)})
    run = AccountRun(paused, repository, clock, RunOptions(only=frozenset({DataType.BALANCES})))

    report = run.run()
    assert clock.slept == []
    assert paused.requests == 1
    assert report.fatal is not None and report.fatal.exit_code == 75
    assert report.problems() == (
        "fake says no; nothing is sent to it before 2026-01-31 14:00:00 UTC",
    )
