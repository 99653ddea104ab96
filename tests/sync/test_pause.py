"""An exchange that sent us away is left alone until the time it named: by all its accounts,
in every process."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from exchange_cache.adapter.policy import WalletPolicy
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import SetClock, to_ms
from exchange_cache.errors import Banned, ExchangeUnavailable, RateLimited
from exchange_cache.sync.claims import READER
from exchange_cache.sync.pause import (
    PACE_COUNTS_MS,
    UNSTATED_BAN,
    PausedPort,
    Pauses,
    carry,
    paces_beside,
)
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


def test_a_ban_of_one_address_stops_no_machine_at_another(
    repository: ExchangeCacheRepository, clock: SetClock
) -> None:
    here = Pauses(repository.progress, clock, "a")
    here.note("fake", Banned("no", retry_after=600.0))
    for address, banned in (("a", True), ("b", False), ("", False)):
        later = Pauses(repository.progress, clock, address)
        if not banned:
            later.refuse("fake", "main")
            continue
        with pytest.raises(Banned):
            later.refuse("fake", "main")


def test_a_ban_that_another_process_met_meanwhile_is_seen(
    repository: ExchangeCacheRepository, clock: SetClock
) -> None:
    mine = Pauses(repository.progress, clock, "a")
    mine.refuse("fake", "main")
    Pauses(repository.progress, clock, "a").note("fake", Banned("no", retry_after=600.0))
    mine.look_again()
    with pytest.raises(Banned):
        mine.refuse("fake", "main")


def test_pauses_of_an_address_are_carried_to_a_file(
    repository: ExchangeCacheRepository, clock: SetClock, tmp_path: Path
) -> None:
    Pauses(repository.progress, clock, "a").note("fake", Banned("no", retry_after=600.0))
    Pauses(repository.progress, clock, "b").note("other", Banned("no", retry_after=600.0))
    with closing(ExchangeCacheRepository.open(tmp_path / "copy.sqlite3")) as file:
        carry(repository.progress, file.progress, "main", clock.now(), "a")
        found = Pauses(file.progress, clock)
        found.refuse("other", "main")
        with pytest.raises(Banned):
            found.refuse("fake", "main")


def test_paces_of_an_address_are_those_with_which_it_read_other_accounts_just_now(
    repository: ExchangeCacheRepository, clock: SetClock
) -> None:
    now = to_ms(clock.now())
    kept = {"last_request_ms": now - 1000, "used": {"api": [0.5, now]}, "dear": []}
    for account, address, last in (
        ("main", "a", 1000),
        ("elsewhere", "b", 1000),
        ("long ago", "a", PACE_COUNTS_MS),
    ):
        reader = {READER: {"host": "x", "address": address}}
        paced = {**kept, "last_request_ms": now - last}
        repository.progress.remember(account, {**reader, **paced}, clock.now())
    names = ("main", "elsewhere", "long ago", "never")
    assert paces_beside(repository.progress, names, "a", clock.now()) == {"main": kept}


def test_a_pace_whose_time_alone_changed_is_stored_seldom(
    repository: ExchangeCacheRepository, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = paused(repository, clock)
    used = {"pool": [0.5, 1]}
    monkeypatch.setattr(
        port._port, "pace", lambda: {"last_request_ms": to_ms(clock.now()), "used": dict(used)}
    )
    kept: list[timedelta] = []
    keep = Pauses.keep_pace

    def noting(self: Pauses, account: str, pace: Mapping[str, object]) -> None:
        kept.append(clock.now() - NOW)
        keep(self, account, pace)

    monkeypatch.setattr(Pauses, "keep_pace", noting)
    for second in range(14):
        if second == 3:
            used["pool"] = [0.7, 1]
        port.wallet(SPOT)
        clock.sleep(1)
    assert [one.total_seconds() for one in kept] == [0, 3, 13]
