"""The histories of one account: heads before backfills, whole streams before those per symbol."""

from __future__ import annotations

from exchange_cache.adapter.policy import IdPaging
from exchange_cache.cache.filter import Filter
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import SetClock, to_ms
from exchange_cache.errors import BadResponse
from exchange_cache.records import DataType
from exchange_cache.sync.due import RunOptions
from exchange_cache.sync.events import unobserved
from exchange_cache.sync.ledger_run import LedgerRun
from exchange_cache.sync.opened import Opened
from exchange_cache.sync.parts import Parts
from exchange_cache.sync.resting import Resting
from exchange_cache.sync.scopes import NAMED_SYMBOLS
from tests.builders import NOW, fill, transfer
from tests.sync.fake_port import DAY, Event, FakeExchange, market, policy, stream

BEGIN_MS = to_ms(NOW - 10 * DAY)
WHOLE = stream(history_start_ms=BEGIN_MS, window=4 * DAY)
BY_SYMBOL = stream(
    scope="swap",
    history_start_ms=BEGIN_MS,
    needs_symbol=True,
    paging=IdPaging(param="fromId", step=1, start="0", whole_history=True),
)
INCOME = stream(DataType.TRANSFERS, "income", history_start_ms=BEGIN_MS, window=4 * DAY)


def run(
    port: FakeExchange,
    repository: ExchangeCacheRepository,
    clock: SetClock,
    options: RunOptions | None = None,
) -> Parts:
    parts = Parts(port.account, repository, clock, unobserved, lambda: False)
    LedgerRun(
        port,
        repository,
        clock,
        parts,
        Opened(port, repository, clock),
        options or RunOptions(),
        to_ms(NOW),
        resting=Resting(port, repository, clock, reads_all=False, explicit=False),
        wake=lambda: None,
        stop=lambda: False,
    ).run()
    return parts


def test_the_newest_rows_of_every_history_come_before_older_ones(
    repository: ExchangeCacheRepository, clock: SetClock
) -> None:
    port = FakeExchange(policy(WHOLE, INCOME), clock=clock)
    parts = run(port, repository, clock)
    heads = [scope for scope, _, window in port.asked[:4] if window and window.end_ms == to_ms(NOW)]
    assert heads == ["spot", "spot", "income", "income"], "empty, so asked twice"
    assert len(port.asked) == 6 + 2, "ten days in windows of four, and each empty head again"
    assert {part.state for part in parts.results} == {"ok"}


def test_a_symbol_that_a_row_names_is_read_in_the_same_run_and_remembered(
    repository: ExchangeCacheRepository, clock: SetClock
) -> None:
    port = FakeExchange(policy(INCOME, BY_SYMBOL), clock=clock)
    port.listed = {"ETH/USDT": market("ETH/USDT")}
    row = Event(1, to_ms(NOW - DAY), transfer("1", scope="income"), names=("ETH/USDT",))
    port.add(DataType.TRANSFERS, "income", row)
    traded = fill("7", symbol="ETH/USDT", time=NOW - DAY)
    port.add(DataType.FILLS, "swap", Event(7, to_ms(NOW - DAY), traded, "ETH/USDT"))
    run(port, repository, clock, RunOptions(sweep_budget=0))
    assert repository.ledger.fills(Filter()) == (traded,)
    assert repository.progress.memory("main")[NAMED_SYMBOLS] == ["ETH/USDT"]


def test_a_failing_symbol_fails_the_scope_and_hides_no_other(
    repository: ExchangeCacheRepository, clock: SetClock
) -> None:
    port = FakeExchange(policy(BY_SYMBOL), clock=clock)
    port.listed = {name: market(name) for name in ("ADA/USDT", "ETH/USDT")}
    port.broken = {("swap", "ADA/USDT"): BadResponse("a row cannot be read")}
    traded = fill("7", symbol="ETH/USDT", time=NOW - DAY)
    port.add(DataType.FILLS, "swap", Event(7, to_ms(NOW - DAY), traded, "ETH/USDT"))
    (part,) = run(port, repository, clock, RunOptions(symbols=("ADA/USDT", "ETH/USDT"))).results
    assert (part.state, part.error and part.error.message) == (
        "failed",
        "ADA/USDT: a row cannot be read",
    )
    assert repository.ledger.fills(Filter()) == (traded,)


def test_no_history_is_read_before_the_start_that_the_user_set(
    repository: ExchangeCacheRepository, clock: SetClock
) -> None:
    port = FakeExchange(policy(WHOLE), clock=clock)
    start = to_ms(NOW - 2 * DAY)
    run(port, repository, clock, RunOptions(start_ms=start))
    assert min(window.start_ms for _, _, window in port.asked if window) == start
