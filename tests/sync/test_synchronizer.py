"""All accounts in one run: none waits for another exchange, none falls with another account."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from exchange_cache.adapter.policy import OffsetPaging, WalletPolicy
from exchange_cache.adapter.port import ExchangePort
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import SetClock, to_ms
from exchange_cache.errors import (
    Banned,
    CacheBusy,
    ExcacheError,
    ExchangeUnavailable,
    SecretUnavailable,
)
from exchange_cache.records import DataType
from exchange_cache.sync import synchronizer as synchronizers
from exchange_cache.sync.account_run import RunOptions
from exchange_cache.sync.events import SyncEvent
from exchange_cache.sync.synchronizer import (
    AT_ONCE,
    ExchangeDataSynchronizer,
    SyncAccount,
    _workers,
)
from tests.builders import NOW, balance, fill
from tests.sync.fake_port import DAY, HOUR, Event, FakeExchange, policy, stream

TTL = dict.fromkeys(DataType, HOUR)
ALL = frozenset(DataType)
FILLS = stream(history_start_ms=to_ms(NOW - 10 * DAY), paging=OffsetPaging(), page_size=1)


@pytest.fixture
def exchange(clock: SetClock) -> Callable[..., FakeExchange]:
    """An account with a wallet and five full pages of fills; an empty one, asked twice, ends the
    walk."""

    def build(name: str, at: str = "fake", **more: Any) -> FakeExchange:
        port = FakeExchange(
            policy(FILLS, wallets=(WalletPolicy(name="spot"),), exchange=at),
            account=name,
            clock=clock,
            **more,
        )
        port.wallets = {"spot": (balance(account=name),)}
        for number in range(5):
            moment = NOW - DAY + number * HOUR
            port.add(
                DataType.FILLS,
                "spot",
                Event(number, to_ms(moment), fill(str(number), account=name, time=moment)),
            )
        return port

    return build


def opened(port: FakeExchange, before: Callable[[], None] = lambda: None) -> SyncAccount:
    def connect() -> ExchangePort:
        before()
        return port

    return SyncAccount(name=port.account, exchange=port.policy.exchange, open=connect)


def closed(name: str, error: ExcacheError, exchange: str = "fake") -> SyncAccount:
    def connect() -> ExchangePort:
        raise error

    return SyncAccount(name=name, exchange=exchange, open=connect)


def synchronizer(
    repository: ExchangeCacheRepository, clock: SetClock, *accounts: SyncAccount, **more: Any
) -> ExchangeDataSynchronizer:
    return ExchangeDataSynchronizer(repository, clock, accounts, **more)


def test_every_account_is_synced_and_reported_in_the_order_of_the_configuration(
    repository: ExchangeCacheRepository, clock: SetClock, exchange: Any
) -> None:
    ports = [exchange("b", "one"), exchange("a", "two"), exchange("c", "one")]
    report = synchronizer(repository, clock, *(opened(port) for port in ports)).run(RunOptions())

    assert report.ok
    assert [item.account for item in report.accounts] == ["b", "a", "c"]
    assert [item.account for item in repository.mirror.balances()] == ["a", "b", "c"]
    assert repository.ledger.count(DataType.FILLS) == 15
    assert all(port.closed for port in ports)
    assert repository.progress.memory("a")["requests"] == 8


def test_an_account_that_cannot_be_opened_stops_no_other(
    repository: ExchangeCacheRepository, clock: SetClock, exchange: Any
) -> None:
    missing = SecretUnavailable("the variable KEY is not set", hint="export KEY=…")
    report = synchronizer(repository, clock, closed("bad", missing), opened(exchange("good"))).run(
        RunOptions()
    )

    assert [(item.account, item.ok) for item in report.accounts] == [("bad", False), ("good", True)]
    assert report.exit_code == 1
    assert report.lines() == ("bad: the variable KEY is not set; export KEY=…",)
    found = [item for item in repository.progress.statuses(["bad"]) if item.part == ""]
    assert {item.data_type for item in found} == ALL
    assert {(item.state, item.error_code, item.succeeded_at) for item in found} == {
        ("failed", "secret", None)
    }


def test_a_missing_secret_keeps_the_old_rows_with_their_old_time(
    repository: ExchangeCacheRepository, clock: SetClock, exchange: Any
) -> None:
    port = exchange("main")
    synchronizer(repository, clock, opened(port)).run(RunOptions())
    clock.at += HOUR
    report = synchronizer(repository, clock, closed("main", SecretUnavailable("locked"))).run(
        RunOptions()
    )

    assert report.exit_code == 78
    assert repository.mirror.balances() == (balance(),)
    status = next(
        item
        for item in repository.progress.statuses()
        if item.data_type is DataType.BALANCES and item.part == ""
    )
    assert (status.succeeded_at, status.attempted_at, status.state) == (NOW, NOW + HOUR, "failed")


def test_one_exchange_that_is_down_stops_no_other(
    repository: ExchangeCacheRepository, clock: SetClock, exchange: Any
) -> None:
    down = exchange(
        "down", "one", fail={number: ExchangeUnavailable("refused") for number in range(1, 99)}
    )
    report = synchronizer(repository, clock, opened(down), opened(exchange("up", "two"))).run(
        RunOptions()
    )

    assert report.exit_code == 1
    assert [item.account for item in repository.mirror.balances()] == ["up"]


def test_a_cache_that_cannot_be_written_is_no_account_failure(
    repository: ExchangeCacheRepository,
    clock: SetClock,
    exchange: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def busy(*_: object) -> None:
        raise CacheBusy("locked")

    monkeypatch.setattr(repository.mirror, "replace_balances", busy)
    with pytest.raises(CacheBusy):
        synchronizer(repository, clock, opened(exchange("main"))).run(RunOptions())


def test_accounts_of_one_exchange_run_side_by_side(
    repository: ExchangeCacheRepository, clock: SetClock, exchange: Any
) -> None:
    """Each waits in its first request until all are in theirs: one after another would never get
    there."""
    meeting = threading.Barrier(AT_ONCE)
    ports = [exchange(f"a{number}") for number in range(AT_ONCE)]
    for port in ports:
        port.on_request = lambda number: meeting.wait(20) if number == 1 else None

    assert synchronizer(repository, clock, *(opened(port) for port in ports)).run(RunOptions()).ok


def test_so_many_accounts_run_at_once_and_no_more(
    repository: ExchangeCacheRepository, clock: SetClock, exchange: Any
) -> None:
    """Counted are those between their first and their last request."""
    running: set[str] = set()
    most = [0]
    ports = [exchange(f"a{number:02}") for number in range(3 * AT_ONCE)]
    for port in ports:

        def note(number: int, name: str = port.account) -> None:
            running.add(name)
            most[0] = max(most[0], len(running))
            running.discard(name) if number == 8 else None

        port.on_request = note
    report = synchronizer(repository, clock, *(opened(port) for port in ports)).run(RunOptions())

    assert report.ok
    assert most[0] <= AT_ONCE
    assert [item.account for item in report.accounts] == [port.account for port in ports]
    assert repository.ledger.count(DataType.FILLS) == 5 * len(ports)


@pytest.mark.parametrize(
    ("exchanges", "each", "threads"), [(1, 3, 3), (1, 50, 10), (8, 50, 40), (60, 2, 60)]
)
def test_threads_are_bounded_and_every_exchange_has_one(
    exchanges: int, each: int, threads: int
) -> None:
    account = SyncAccount(name="a", exchange="fake", open=lambda: pytest.fail("opened"))
    workers = _workers([[account] * each for _ in range(exchanges)])
    assert len(workers) == threads
    assert len({id(queue) for queue in workers}) == exchanges


def test_secrets_are_read_one_account_at_a_time(
    repository: ExchangeCacheRepository, clock: SetClock, exchange: Any
) -> None:
    reading = threading.Lock()

    def alone() -> None:
        assert reading.acquire(blocking=False), "another program asks for its passphrase"
        time.sleep(0.005)  # long enough for another thread to find the lock taken
        reading.release()

    ports = [exchange(f"a{number}") for number in range(8)]
    accounts = [opened(port, alone) for port in ports]
    assert synchronizer(repository, clock, *accounts).run(RunOptions()).ok


def test_accounts_of_two_exchanges_run_side_by_side(
    repository: ExchangeCacheRepository, clock: SetClock, exchange: Any
) -> None:
    """Each waits in its first request until the other is in its own: one after another would never
    get there."""
    meeting = threading.Barrier(2)
    ports = [exchange("a", "one"), exchange("b", "two")]
    for port in ports:
        port.on_request = lambda number: meeting.wait(20) if number == 1 else None

    assert synchronizer(repository, clock, *(opened(port) for port in ports)).run(RunOptions()).ok


def test_a_ban_of_one_account_spares_those_of_its_exchange_that_follow(
    repository: ExchangeCacheRepository,
    clock: SetClock,
    exchange: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(synchronizers, "AT_ONCE", 1)
    first, second = exchange("a"), exchange("b")
    first.fail = {1: Banned("banned", retry_after=600)}
    report = synchronizer(repository, clock, opened(first), opened(second)).run(RunOptions())

    assert second.requests == 0
    assert report.exit_code == 75


def test_a_stop_ends_between_two_pages_with_130_and_keeps_what_came(
    repository: ExchangeCacheRepository, clock: SetClock, exchange: Any
) -> None:
    first, second = exchange("a"), exchange("b")
    worker = synchronizer(
        repository,
        clock,
        opened(first),
        opened(second),
        after=lambda ports: pytest.fail("nothing is derived"),
    )
    stopped = threading.Event()

    def stop_at(number: int) -> None:
        if number == 3:
            worker.stop()
            stopped.set()

    first.on_request = stop_at
    second.on_request = lambda number: stopped.wait(20) and None  # its first answer takes long
    report = worker.run(RunOptions())

    assert report.exit_code == 130
    assert first.requests == 3
    assert second.requests <= 1
    assert repository.ledger.count(DataType.FILLS) == 2
    again = synchronizer(repository, clock, opened(first), opened(second)).run(RunOptions())
    assert again.ok
    assert repository.ledger.count(DataType.FILLS) == 10


def test_an_account_that_was_not_reached_is_not_opened(
    repository: ExchangeCacheRepository, clock: SetClock, exchange: Any
) -> None:
    worker = synchronizer(
        repository, clock, opened(exchange("a"), lambda: pytest.fail("no secret is read any more"))
    )
    worker.stop()

    assert worker.run(RunOptions()).exit_code == 130


def test_only_what_is_due_is_asked(
    repository: ExchangeCacheRepository, clock: SetClock, exchange: Any
) -> None:
    ports = [exchange("a"), exchange("b")]
    worker = synchronizer(repository, clock, *(opened(port) for port in ports))
    assert worker.due(TTL, ALL) == {"a": ALL, "b": ALL}
    worker.run(RunOptions(), {"a": frozenset({DataType.BALANCES})})

    assert [port.requests for port in ports] == [1, 0]
    # a run of some histories would not count as one of everything
    assert worker.due(TTL, ALL) == {"a": ALL, "b": ALL}
    some = frozenset({DataType.BALANCES, DataType.PRICES})
    assert worker.due(TTL, some) == {"a": frozenset({DataType.PRICES}), "b": some}
    assert worker.due(TTL, frozenset({DataType.BALANCES})) == {"b": frozenset({DataType.BALANCES})}


def test_what_succeeded_is_due_again_after_its_time_to_live(
    repository: ExchangeCacheRepository, clock: SetClock, exchange: Any
) -> None:
    worker = synchronizer(repository, clock, opened(exchange("a")))
    worker.run(RunOptions())
    assert worker.due(TTL, ALL) == {}

    clock.at += HOUR
    assert worker.due(TTL, ALL) == {}
    clock.at += timedelta(milliseconds=1)
    assert worker.due(TTL, ALL) == {"a": frozenset({DataType.BALANCES, DataType.FILLS})}


def test_a_failure_stays_due(repository: ExchangeCacheRepository, clock: SetClock) -> None:
    worker = synchronizer(repository, clock, closed("a", SecretUnavailable("locked")))
    worker.run(RunOptions())

    assert worker.due(TTL, ALL) == {"a": ALL}


def test_what_follows_gets_the_open_ports_in_order_and_its_notes_are_reported(
    repository: ExchangeCacheRepository, clock: SetClock, exchange: Any
) -> None:
    got: list[str] = []

    def after(ports: Sequence[ExchangePort]) -> tuple[str, ...]:
        got.extend(port.account for port in ports)
        assert repository.ledger.count(DataType.FILLS) == 15
        return ("a note",)

    accounts = [opened(exchange(name, name)) for name in ("c", "a", "b")]
    report = synchronizer(
        repository, clock, *accounts, closed("d", SecretUnavailable("no")), after=after
    ).run(RunOptions())

    assert got == ["c", "a", "b"]
    assert report.notes == ("a note",)


def test_who_watches_hears_of_every_account(
    repository: ExchangeCacheRepository, clock: SetClock, exchange: Any
) -> None:
    reported: list[SyncEvent] = []
    synchronizer(
        repository,
        clock,
        opened(exchange("a")),
        opened(exchange("b", "two")),
        observer=reported.append,
    ).run(RunOptions())

    assert {item.account for item in reported if item.state == "finished"} == {"a", "b"}


def test_no_accounts_are_no_failure(repository: ExchangeCacheRepository, clock: SetClock) -> None:
    assert synchronizer(repository, clock).run(RunOptions()).exit_code == 0


def test_a_bug_met_at_one_account_hides_no_other_account(
    repository: ExchangeCacheRepository,
    clock: SetClock,
    exchange: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broken, sound = exchange("broken", "one"), exchange("sound", "two")

    def bug(*_: object) -> None:
        raise ValueError("secret-abc")

    monkeypatch.setattr(broken, "wallet", bug)
    report = synchronizer(repository, clock, opened(broken), opened(sound)).run(RunOptions())

    assert [item.ok for item in report.accounts] == [False, True]
    assert "a bug in excache (ValueError at test_synchronizer.py:" in report.lines()[0]
    assert "secret-abc" not in report.lines()[0]
    assert report.exit_code == 1
    assert repository.ledger.count(DataType.FILLS, "sound") == 5
