"""Runs in which nothing new is to be found: what they request, what they find all the same, when,
and what is stored meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from exchange_cache.adapter.policy import CallPolicy, CursorPaging, IdPaging, WalletPolicy
from exchange_cache.cache.filter import ALL, Filter
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamKey
from exchange_cache.clock import SetClock, to_ms
from exchange_cache.errors import ExchangeFault, KeyRefused, RequestRefused
from exchange_cache.records import DataType
from exchange_cache.sync.account_run import AccountRun, RunOptions
from exchange_cache.sync.report import AccountReport
from exchange_cache.value.unmoved import unmoved
from tests.builders import NOW, balance, fill, order, position, transfer
from tests.sync.fake_port import DAY, HOUR, Event, FakeExchange, Killed, market, policy, stream

BEGIN_MS = to_ms(NOW - 10 * DAY)
SPOT, FUNDING = WalletPolicy(name="spot", trades=frozenset({"spot"})), WalletPolicy(name="funding")
PAGES: dict[str, Any] = {
    "history_start_ms": BEGIN_MS,
    "paging": CursorPaging(path="next"),
    "page_size": 3,
}
DEPOSITS = stream(DataType.TRANSFERS, "deposits", witness=True, **PAGES)
REWARDS = stream(DataType.TRANSFERS, "rewards", **PAGES)
ORDERS = stream(DataType.ORDERS, "all", forgets=DAY, **PAGES)
FILLS = stream(
    history_start_ms=BEGIN_MS,
    needs_symbol=True,
    paging=IdPaging(param="fromId", step=1, start="0", whole_history=True),
    page_size=3,
)
TICKERS = CallPolicy(category="spot", method="fake")
OPEN = CallPolicy(category="spot", method="fake")
OPEN_LINEAR = CallPolicy(category="linear", method="fake")
POSITIONS = CallPolicy(category="linear", method="fake")
#: What a run requests that finds nothing: the wallet that holds something, and what shows arrivals.
QUIET = ["deposits", "spot"]
EVERYTHING = sorted(["spot", "funding", "linear", "spot", "linear", "deposits", "rewards", "all"])

Run = Callable[..., AccountReport]


@pytest.fixture
def port(clock: SetClock) -> FakeExchange:
    """BTC in the spot wallet, traded for USDT and EUR; nothing anywhere else."""
    made = FakeExchange(
        policy(
            DEPOSITS,
            REWARDS,
            ORDERS,
            FILLS,
            wallets=(SPOT, FUNDING),
            positions=(POSITIONS,),
            open_orders=(OPEN, OPEN_LINEAR),
        ),
        clock=clock,
    )
    made.listed = {name: market(name) for name in ("BTC/USDT", "BTC/EUR", "ETH/USDT")}
    made.wallets = {"spot": (balance("1"), balance("9", "USDT"), balance("9", "EUR"))}
    for number, symbol in enumerate(made.listed):
        traded(made, f"{number + 1}", symbol, NOW - DAY)
    return made


def traded(port: FakeExchange, name: str, symbol: str = "BTC/USDT", at: Any = None) -> None:
    at = at or port.clock.now()
    row = fill(name, symbol=symbol, time=at)
    port.add(DataType.FILLS, "spot", Event(int(name), to_ms(at), row, symbol))


@pytest.fixture
def run(repository: ExchangeCacheRepository, clock: SetClock, port: FakeExchange) -> Run:
    """One run so many hours after the one before; what it requested is in ``port.asked``."""

    def go(hours: float = 1, **options: Any) -> AccountReport:
        clock.at += hours * HOUR
        port.asked.clear()
        return AccountRun(port, repository, clock, RunOptions(**options)).run()

    return go


@pytest.fixture
def quiet(run: Run, port: FakeExchange) -> None:
    """The account after its first day of hourly runs began: nothing was left to read."""
    run(0)
    run()
    run()
    assert asked(port) == QUIET


def asked(port: FakeExchange) -> list[str]:
    return sorted(symbol or scope for scope, symbol, _ in port.asked)


def covered_until(repository: ExchangeCacheRepository, scope: str, symbol: str = "") -> int | None:
    data_type = {"spot": DataType.FILLS, "all": DataType.ORDERS}.get(scope, DataType.TRANSFERS)
    key = StreamKey(account="main", data_type=data_type, scope=scope, symbol=symbol)
    return repository.ledger.state(key).covered.end_ms


@pytest.mark.usefixtures("quiet")
def test_a_run_in_which_nothing_happened_requests_no_history_but_the_witness_in_23_of_24_runs(
    run: Run, port: FakeExchange
) -> None:
    counts = []
    for _ in range(24):
        run()
        counts.append(len(port.asked))
    assert sorted(counts)[:21] == [2] * 21
    assert counts.index(max(counts)) == 21, "the daily round, a day after the first run"
    assert sorted(counts)[21:23] == [3, 3], "orders that the exchange forgets after a day"


@pytest.mark.usefixtures("quiet")
def test_what_rests_covers_no_further_time_and_keeps_its_last_attempt(
    run: Run, repository: ExchangeCacheRepository, clock: SetClock
) -> None:
    read_at = clock.now() - HOUR
    report = run(5)
    assert report.ok
    for scope, symbol in (("rewards", ""), ("spot", "BTC/USDT"), ("all", "")):
        assert covered_until(repository, scope, symbol) == to_ms(read_at), scope
    assert covered_until(repository, "deposits") == to_ms(clock.now())
    known = repository.progress.statuses(["main"])
    attempts = {(one.data_type, one.part): one.attempted_at for one in known}
    assert attempts[DataType.TRANSFERS, "rewards"] == read_at
    assert attempts[DataType.FILLS, "spot"] == read_at
    assert attempts[DataType.BALANCES, "spot"] == clock.now()
    rested = {one.part for one in report.parts if one.rested}
    assert rested == {"funding", "linear", "open spot", "open linear", "rewards", "all", "spot"}


@pytest.mark.usefixtures("quiet")
def test_a_run_that_ends_at_a_refused_key_proves_of_nothing_that_it_rested(
    run: Run, port: FakeExchange, repository: ExchangeCacheRepository, clock: SetClock
) -> None:
    read_at = clock.now()
    port.wallets["spot"] = KeyRefused("invalid key")
    assert run().fatal is not None
    known = {one.data_type: one for one in repository.progress.statuses(["main"]) if not one.part}
    assert known.pop(DataType.PRICES).state == "not_offered"
    assert {one.state for one in known.values()} == {"failed"}
    assert known[DataType.POSITIONS].succeeded_at == read_at
    assert not unmoved(repository.progress.statuses(["main"]), [(read_at, clock.now())])


@pytest.mark.usefixtures("quiet")
def test_a_balance_that_moved_has_every_history_of_it_requested_and_again_by_the_next_run(
    run: Run, port: FakeExchange, repository: ExchangeCacheRepository, clock: SetClock
) -> None:
    clock.at += timedelta(minutes=30)
    traded(port, "9")
    port.wallets["spot"] = (balance("2"), balance("8", "USDT"), balance("9", "EUR"))
    run(0.5)
    assert set(asked(port)) == {*EVERYTHING, "BTC/EUR", "BTC/USDT", "ETH/USDT"}
    assert "9" in {one.fill_id for one in repository.ledger.fills()}
    assert covered_until(repository, "rewards") == to_ms(clock.now())
    run()
    assert {"rewards", "BTC/USDT"} <= set(asked(port)), "a row may be served late"
    run()
    assert asked(port) == QUIET


@pytest.mark.usefixtures("quiet")
def test_only_symbols_of_an_asset_that_moved_are_requested(run: Run, port: FakeExchange) -> None:
    port.wallets["spot"] = (balance("1"), balance("9", "USDT"), balance("8", "EUR"))
    run()
    assert [one for one in asked(port) if "/" in one] == ["BTC/EUR"]


@pytest.mark.usefixtures("quiet")
def test_a_round_trip_that_leaves_balances_equal_is_found_by_the_daily_round(
    run: Run, port: FakeExchange, repository: ExchangeCacheRepository, clock: SetClock
) -> None:
    traded(port, "8")
    traded(port, "9")
    for _ in range(21):
        run()
        assert {one.fill_id for one in repository.ledger.fills()} == {"1", "2", "3"}
        assert (covered_until(repository, "spot", "BTC/USDT") or 0) < to_ms(clock.now()) - 1
    run()
    assert {"8", "9"} <= {one.fill_id for one in repository.ledger.fills()}
    assert covered_until(repository, "spot", "BTC/USDT") == to_ms(clock.now())


@pytest.mark.parametrize("options", [{"full": True}, {"force": True}, {"only": {DataType.FILLS}}])
@pytest.mark.usefixtures("quiet")
def test_an_explicit_request_finds_the_round_trip_at_once(
    run: Run, port: FakeExchange, repository: ExchangeCacheRepository, options: dict[str, Any]
) -> None:
    traded(port, "9")
    only = frozenset(options.pop("only", DataType))
    run(only=only, **options)
    assert "9" in {one.fill_id for one in repository.ledger.fills()}


@pytest.mark.usefixtures("quiet")
def test_a_deposit_into_a_wallet_that_was_empty_wakes_everything(
    run: Run, port: FakeExchange, repository: ExchangeCacheRepository, clock: SetClock
) -> None:
    row = transfer("7", scope="deposits", time=clock.now())
    port.add(DataType.TRANSFERS, "deposits", Event(7, to_ms(clock.now()), row))
    port.wallets["funding"] = (balance("3", "USDT", wallet="funding"),)
    run()
    assert [one.wallet for one in repository.mirror.balances(["main"])].count("funding") == 1
    assert set(EVERYTHING) <= set(asked(port))


@pytest.mark.usefixtures("quiet")
def test_what_enters_an_empty_wallet_unseen_is_found_by_the_daily_round(
    run: Run, port: FakeExchange, repository: ExchangeCacheRepository, clock: SetClock
) -> None:
    port.wallets["funding"] = (balance("3", "USDT", wallet="funding"),)
    row = transfer("7", scope="rewards", time=clock.now())
    port.add(DataType.TRANSFERS, "rewards", Event(7, to_ms(clock.now()), row))
    before = clock.now()
    run(5)
    kept = {one.part: one for one in repository.progress.statuses(["main"])}["funding"]
    assert kept.succeeded_at is not None and kept.succeeded_at <= before, "read before that"
    assert {one.wallet for one in repository.mirror.balances(["main"])} == {"spot"}
    run(17)
    assert {one.wallet for one in repository.mirror.balances(["main"])} == {"spot", "funding"}
    assert [one.transfer_id for one in repository.ledger.transfers(ALL)] == ["7"]


@pytest.mark.usefixtures("quiet")
def test_an_order_that_locks_units_is_found_though_the_list_was_empty(
    run: Run, port: FakeExchange, repository: ExchangeCacheRepository
) -> None:
    port.open_lists["spot"] = (order("5", "open"),)
    locked = balance("9", "USDT", free=Decimal(8), used=Decimal(1))
    port.wallets["spot"] = (balance("1"), locked, balance("9", "EUR"))
    run()
    assert [one.order_id for one in repository.ledger.orders(Filter(status="open"))] == ["5"]


@pytest.mark.usefixtures("quiet")
def test_an_order_that_locks_nothing_is_found_by_the_daily_round(
    run: Run, port: FakeExchange, repository: ExchangeCacheRepository
) -> None:
    port.open_lists["linear"] = (order("5", "open", category="linear", symbol="BTC/USDT:USDT"),)
    run(5)
    assert not repository.ledger.orders(Filter(status="open"))
    run(17)
    assert [one.order_id for one in repository.ledger.orders(Filter(status="open"))] == ["5"]


@pytest.mark.parametrize(
    "changed",
    [order("5", "open", price="99"), order("5", "open", amount="2"), None],
    ids=["another price", "another amount", "gone"],
)
def test_an_open_order_that_changed_wakes_the_histories_of_its_symbol(
    run: Run, port: FakeExchange, changed: Any
) -> None:
    port.open_lists["spot"] = (order("5", "open"),)
    run(0)
    run()
    run()
    assert asked(port) == sorted([*QUIET, "spot"])
    port.open_lists["spot"] = () if changed is None else (changed,)
    run()
    assert [one for one in asked(port) if "/" in one] == ["BTC/USDT"]
    assert {"rewards", "all"} <= set(asked(port))


@pytest.mark.usefixtures("quiet")
def test_an_order_that_was_made_and_canceled_between_runs_is_found_before_it_is_forgotten(
    run: Run, port: FakeExchange, repository: ExchangeCacheRepository, clock: SetClock
) -> None:
    made = order("5", "canceled", created_at=clock.now())
    port.add(DataType.ORDERS, "all", Event(5, to_ms(clock.now()), made))
    found_after = None
    for hours in range(1, 24):
        run()
        if found_after is None and repository.ledger.orders(ALL):
            found_after = hours
    assert found_after is not None and found_after <= 11


def test_a_position_that_changed_wakes_everything_and_its_margin_does_not(
    run: Run, port: FakeExchange
) -> None:
    wallet = WalletPolicy(name="swap", trades=frozenset({"linear"}))
    port.policy = policy(
        REWARDS, FILLS, wallets=(wallet,), positions=(POSITIONS,), open_orders=(OPEN_LINEAR,)
    )

    def margin(used: str) -> None:
        held = balance("9", "USDT", wallet="swap", used=Decimal(used), free=9 - Decimal(used))
        port.wallets["swap"] = (held,)

    margin("1")
    port.open_positions["linear"] = (position(),)
    run(0)
    run()
    run()
    assert asked(port) == ["linear", "swap"]
    margin("2")
    run()
    assert asked(port) == ["linear", "swap"]
    port.open_positions["linear"] = (position(contracts="2"),)
    run()
    assert "rewards" in asked(port)


@pytest.mark.usefixtures("quiet")
def test_a_movement_is_not_forgotten_by_a_run_that_was_killed(
    run: Run, port: FakeExchange, repository: ExchangeCacheRepository
) -> None:
    traded(port, "9")
    port.wallets["spot"] = (balance("2"), balance("8", "USDT"), balance("9", "EUR"))
    port.kill_at = port.requests + 3
    with pytest.raises(Killed):
        run()
    port.kill_at = None
    run()
    assert "9" in {one.fill_id for one in repository.ledger.fills()}


@pytest.mark.usefixtures("quiet")
def test_a_history_that_failed_is_requested_again_by_every_run(
    run: Run, port: FakeExchange, clock: SetClock
) -> None:
    port.broken[("rewards", "")] = RequestRefused("not now")
    run(22)
    assert "rewards" in asked(port), "the daily round"
    run()
    assert asked(port) == sorted([*QUIET, "rewards"])
    del port.broken[("rewards", "")]
    run()
    run()
    assert asked(port) == QUIET


@pytest.mark.usefixtures("quiet")
def test_nothing_rests_while_a_mirror_cannot_be_read(run: Run, port: FakeExchange) -> None:
    port.wallets["spot"] = ExchangeFault("not now")
    run()
    assert {"rewards", "BTC/USDT", "funding"} <= set(asked(port))


def test_a_symbol_costs_nothing_where_nothing_happened(run: Run, port: FakeExchange) -> None:
    names = [f"A{number}/USDT" for number in range(100)]
    port.listed = {name: market(name) for name in names}
    held = tuple(balance("1", name.partition("/")[0]) for name in names)
    port.wallets["spot"] = held
    run(0)
    assert len([one for one in asked(port) if "/" in one]) >= 100
    run()
    run()
    assert asked(port) == QUIET


@pytest.mark.usefixtures("quiet")
def test_open_orders_listed_by_symbol_are_requested_for_those_that_have_one_or_moved(
    run: Run, port: FakeExchange, repository: ExchangeCacheRepository
) -> None:
    by_symbol = CallPolicy(category="spot", method="fake", needs_symbol=True)
    port.policy = policy(FILLS, wallets=(SPOT,), open_orders=(by_symbol,))
    port.open_lists["spot"] = (order("5", "open"),)
    run(force=True)
    run()
    sent = port.requests
    run()
    assert port.requests - sent == 2, "the wallet, and the list of one symbol"
    locked = balance("9", "EUR", free=Decimal(8), used=Decimal(1))
    port.wallets["spot"] = (balance("1"), balance("9", "USDT"), locked)
    port.open_lists["spot"] = (order("5", "open"), order("6", "open", symbol="BTC/EUR"))
    run()
    found = repository.ledger.orders(Filter(status="open"))
    assert {one.order_id for one in found} == {"5", "6"}


def test_symbols_of_the_sweep_are_requested_again_in_the_daily_round_a_share_of_them_each_day(
    run: Run, port: FakeExchange
) -> None:
    port.listed = {f"A{number}/USDT": market(f"A{number}/USDT") for number in range(14)}
    port.wallets["spot"] = (balance("9", "USDT"),)

    def swept(hours: float, budget: int) -> int:
        run(hours, sweep_budget=budget)
        return len([one for one in asked(port) if "/" in one])

    assert swept(0, 14) == 14
    assert [swept(24, 1) for _ in range(7)] == [0] * 7
    assert swept(1, 1) == 0, "no round"
    assert [swept(24, 1) for _ in range(7)] == [2] * 7, "each once a week"
    assert swept(24, 0) == 0, "switched off"
