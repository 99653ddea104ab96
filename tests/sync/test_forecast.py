"""What a run would request and why: known from the cache alone, and what it then requests."""

from __future__ import annotations

from typing import Any

import pytest

from exchange_cache.adapter.policy import CallPolicy, CursorPaging, IdPaging, WalletPolicy
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import SetClock, to_ms
from exchange_cache.records import DataType
from exchange_cache.sync.account_run import AccountRun
from exchange_cache.sync.due import RunOptions
from exchange_cache.sync.forecast import Forecast, Foreseen
from exchange_cache.sync.reasons import Why
from tests.builders import NOW, balance
from tests.sync.fake_port import DAY, HOUR, FakeExchange, market, policy, stream

BEGIN_MS = to_ms(NOW - 10 * DAY)
DEPOSITS = stream(
    DataType.TRANSFERS,
    "deposits",
    witness=True,
    history_start_ms=BEGIN_MS,
    paging=CursorPaging(path="next"),
)
REWARDS = stream(
    DataType.TRANSFERS, "rewards", history_start_ms=BEGIN_MS, window=4 * DAY, page_size=3
)
FILLS = stream(
    history_start_ms=BEGIN_MS,
    needs_symbol=True,
    paging=IdPaging(param="fromId", step=1, start="0", whole_history=True),
)
CLOSED = stream(DataType.FILLS, "margin", opened_by=frozenset({"margin"}), optional=True)
POLICY = policy(
    DEPOSITS,
    REWARDS,
    FILLS,
    CLOSED,
    wallets=(WalletPolicy(name="spot"), WalletPolicy(name="funding")),
    tickers=(CallPolicy(category="spot", method="fake"),),
    open_orders=(CallPolicy(category="spot", method="fake"),),
)


@pytest.fixture
def port(clock: SetClock, repository: ExchangeCacheRepository) -> FakeExchange:
    made = FakeExchange(POLICY, clock=clock)
    made.wallets = {"spot": (balance("1"), balance("9", "USDT"))}
    made.listed = {name: market(name) for name in ("BTC/USDT", "ETH/USDT")}
    kept = [
        {
            "symbol": name,
            "id": name,
            "base": name[:3],
            "quote": "USDT",
            "type": "spot",
            "spot": True,
        }
        for name in made.listed
    ]
    repository.progress.remember("main", {"markets": kept}, NOW)
    return made


class Runs:
    """Forecasts and runs of one account."""

    def __init__(
        self, port: FakeExchange, repository: ExchangeCacheRepository, clock: SetClock
    ) -> None:
        self.port, self.repository, self.clock = port, repository, clock

    def foreseen(self, **options: Any) -> tuple[Foreseen, ...]:
        made = Forecast("main", POLICY, self.repository, self.clock, RunOptions(**options))
        return made.of()

    def sent(self, **options: Any) -> int:
        before = self.port.requests
        AccountRun(self.port, self.repository, self.clock, RunOptions(**options)).run()
        return self.port.requests - before


@pytest.fixture
def runs(port: FakeExchange, repository: ExchangeCacheRepository, clock: SetClock) -> Runs:
    return Runs(port, repository, clock)


def reasons(found: tuple[Foreseen, ...]) -> dict[str, Why | None]:
    return {one.part: one.why for one in found}


def test_a_first_run_requests_everything_from_the_beginning(runs: Runs) -> None:
    found = runs.foreseen()
    assert set(reasons(found).values()) <= {Why.FIRST, Why.NEWS}
    windows = {one.part: one.requests for one in found}
    assert windows["rewards"] == 3, "ten days in windows of four"
    assert "margin" not in windows, "there is no such wallet"
    assert runs.port.requests == 0


def test_the_forecast_of_a_quiet_run_is_what_it_requests(runs: Runs) -> None:
    for _ in range(3):
        runs.sent()
        runs.clock.at += HOUR
    found = runs.foreseen()
    assert reasons(found) == {
        "spot": None,
        "funding": None,
        "open spot": None,
        "deposits": Why.WITNESS,
        "rewards": None,
    }
    first = next(one for one in found if one.data_type is DataType.BALANCES)
    assert first.why is Why.HOLDS
    (fills,) = (one for one in found if one.data_type is DataType.FILLS)
    assert (fills.symbols, fills.requests, fills.why) == (1, 1, None)
    foreseen = sum(one.requests for one in found if one.why is not None)
    assert foreseen == 3 == runs.sent(), "the wallet, the tickers and the deposits"


def test_the_daily_round_and_an_explicit_request_leave_nothing_out(runs: Runs) -> None:
    for _ in range(3):
        runs.sent()
        runs.clock.at += HOUR
    explicit = runs.foreseen(full=True)
    assert set(reasons(explicit).values()) == {Why.EXPLICIT}
    runs.clock.at += DAY
    assert set(reasons(runs.foreseen()).values()) == {Why.ROUND}


def test_only_the_requested_data_types_are_listed(runs: Runs) -> None:
    runs.sent()
    found = runs.foreseen(only=frozenset({DataType.TRANSFERS}))
    assert {one.data_type for one in found} == {DataType.TRANSFERS}
    assert set(reasons(found).values()) == {Why.EXPLICIT}


def test_a_forecast_changes_nothing(runs: Runs) -> None:
    runs.sent()
    runs.clock.at += HOUR
    before = runs.repository.progress.memory("main")
    runs.foreseen()
    assert runs.repository.progress.memory("main") == before
