"""Walks of scopes: what they found is kept for the rest of the run, and a part that was walked in
part only keeps its last attempt."""

from __future__ import annotations

import pytest

from exchange_cache.adapter.policy import IdPaging, StreamPolicy
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import SetClock, to_ms
from exchange_cache.errors import RequestRefused
from exchange_cache.records import DataType
from exchange_cache.sync.due import Due, RunOptions
from exchange_cache.sync.events import unobserved
from exchange_cache.sync.parts import Parts
from exchange_cache.sync.plan import Window
from exchange_cache.sync.scopes import NAMED_SYMBOLS, Scopes
from exchange_cache.sync.ways import Job, Ways
from tests.builders import NOW, fill
from tests.sync.fake_port import DAY, HOUR, Event, FakeExchange, policy, stream

NOW_MS = to_ms(NOW)
BY_SYMBOL = stream(
    needs_symbol=True, paging=IdPaging(param="fromId", step=1, start="0", whole_history=True)
)


class Walked:
    """Scopes of a fake exchange, and the streams that were watched."""

    def __init__(self, repository: ExchangeCacheRepository, clock: SetClock) -> None:
        self.port = FakeExchange(policy(BY_SYMBOL), clock=clock)
        self.parts = Parts("main", repository, clock, unobserved, lambda: False)
        due = Due(repository, self.port.policy, "main", RunOptions(), NOW_MS)
        ways = Ways(self.port, repository, clock, self.parts, due, NOW_MS, fresh=False)
        self.watched: list[StreamPolicy] = []
        self.scopes = Scopes(
            self.port,
            repository,
            clock,
            self.parts,
            ways,
            NOW_MS,
            refresh=False,
            stop=lambda: False,
            watch=self.watched.append,
        )

    def walk(self, *symbols: str, partly: bool = False) -> bool:
        jobs = [Job(symbol=symbol, windows=(Window(span=None),)) for symbol in symbols]
        return self.scopes.walk(BY_SYMBOL, jobs, partly=partly)


@pytest.fixture
def walked(repository: ExchangeCacheRepository, clock: SetClock) -> Walked:
    return Walked(repository, clock)


def test_symbols_with_new_fills_and_named_symbols_are_kept(
    walked: Walked, repository: ExchangeCacheRepository
) -> None:
    traded = fill("7", symbol="ETH/USDT", time=NOW - DAY)
    event = Event(7, to_ms(NOW - DAY), traded, "ETH/USDT", names=("SOL/USDT",))
    walked.port.add(DataType.FILLS, "spot", event)
    assert walked.walk("BTC/USDT", "ETH/USDT")
    assert walked.scopes.filled == {("spot", "ETH/USDT")}
    assert walked.scopes.named == {"SOL/USDT"}
    assert repository.progress.memory("main")[NAMED_SYMBOLS] == ["SOL/USDT"]
    assert walked.watched == [BY_SYMBOL]


def test_a_failing_symbol_fails_the_part_and_hides_no_other(
    walked: Walked, repository: ExchangeCacheRepository
) -> None:
    walked.port.broken = {("spot", "BTC/USDT"): RequestRefused("not this one")}
    traded = fill("7", symbol="ETH/USDT", time=NOW - DAY)
    walked.port.add(DataType.FILLS, "spot", Event(7, to_ms(NOW - DAY), traded, "ETH/USDT"))
    assert not walked.walk("BTC/USDT", "ETH/USDT")
    assert walked.scopes.filled == {("spot", "ETH/USDT")}
    states = {one.key.symbol: one.state for one in repository.ledger.states("main")}
    assert states == {"BTC/USDT": "failed", "ETH/USDT": "ok"}


@pytest.mark.parametrize(("partly", "hours"), [(False, 1), (True, 0)])
def test_a_part_of_which_some_symbols_rest_keeps_its_last_attempt(
    walked: Walked,
    repository: ExchangeCacheRepository,
    clock: SetClock,
    partly: bool,
    hours: int,
) -> None:
    walked.walk("BTC/USDT", "ETH/USDT")
    clock.at += HOUR
    walked.walk("ETH/USDT", partly=partly)
    (status,) = repository.progress.statuses(["main"])
    assert status.attempted_at == NOW + hours * HOUR
