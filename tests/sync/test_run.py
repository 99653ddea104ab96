"""One run of a writer: recorded while it works, with its outcome, and closed afterwards."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

import pytest

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import SetClock
from exchange_cache.errors import ConfigError, KeyRefused
from exchange_cache.findings import Finding
from exchange_cache.sync.due import RunOptions
from exchange_cache.sync.events import Observer, unobserved
from exchange_cache.sync.run import Run, perform
from exchange_cache.sync.synchronizer import ExchangeDataSynchronizer, SyncAccount
from tests.sync.fake_port import FakeExchange, policy, stream

ALARM = Finding(code="x", account="main", message="grave", hint="look")


@pytest.fixture
def made(repository: ExchangeCacheRepository, clock: SetClock) -> Callable[..., Run]:
    def make(
        port: FakeExchange | Exception,
        *,
        admit: Callable[[], None] = lambda: None,
        alarms: tuple[Finding, ...] = (),
    ) -> Run:
        def open_account() -> FakeExchange:
            if isinstance(port, Exception):
                raise port
            return port

        def build(observer: Observer) -> ExchangeDataSynchronizer:
            account = SyncAccount(name="main", exchange="fake", open=open_account)
            return ExchangeDataSynchronizer(repository, clock, [account], observer=observer)

        return Run(
            repository=repository,
            clock=clock,
            build=build,
            admit=admit,
            close=lambda _: alarms,
        )

    return make


def outcome(repository: ExchangeCacheRepository) -> Any:
    (run,) = repository.progress.runs()
    return run.command, run.outcome, run.pid


def test_a_run_is_recorded_with_its_outcome_and_its_alarms(
    repository: ExchangeCacheRepository, made: Callable[..., Run]
) -> None:
    run = made(FakeExchange(policy(stream())), alarms=(ALARM,))
    report = perform(run, "sync", RunOptions(), only=None, observer=unobserved)
    assert (report.ok, report.alarms, report.exit_code) == (True, (ALARM,), 1)
    assert outcome(repository) == ("sync", "ok", os.getpid())


def test_a_failing_account_makes_the_outcome_failed(
    repository: ExchangeCacheRepository, made: Callable[..., Run]
) -> None:
    run = made(KeyRefused("no"))
    report = perform(run, "reload", RunOptions(), only=None, observer=unobserved)
    assert not report.ok
    assert outcome(repository)[:2] == ("reload", "failed")


def test_a_run_that_may_not_start_is_recorded_as_failed_and_reads_nothing(
    repository: ExchangeCacheRepository, made: Callable[..., Run]
) -> None:
    def refuse() -> None:
        raise ConfigError("two accounts have one key")

    port = FakeExchange(policy(stream()))
    with pytest.raises(ConfigError, match="two accounts have one key"):
        perform(made(port, admit=refuse), "sync", RunOptions(), only=None, observer=unobserved)
    assert (outcome(repository)[:2], port.requests) == (("sync", "failed"), 0)
    assert repository.progress.runs()[0].doing == "two accounts have one key"


def test_a_signal_ends_the_run_as_interrupted_and_its_handler_with_it(
    repository: ExchangeCacheRepository, made: Callable[..., Run]
) -> None:
    before = signal.getsignal(signal.SIGTERM)
    port = FakeExchange(policy(stream()))
    port.on_request = lambda number: os.kill(os.getpid(), signal.SIGTERM)
    report = perform(made(port), "sync", RunOptions(), only=None, observer=unobserved)
    assert report.exit_code == 130
    assert outcome(repository)[1] == "interrupted"
    assert signal.getsignal(signal.SIGTERM) is before
