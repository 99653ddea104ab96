"""One account's run: one failing part stops no other, and the status says exactly which part failed
and since when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from exchange_cache.adapter.policy import CallPolicy, CursorPaging, IdPaging, WalletPolicy
from exchange_cache.cache.filter import Filter
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamKey
from exchange_cache.clock import SetClock, to_ms
from exchange_cache.errors import (
    BadResponse,
    Banned,
    CertificateRefused,
    ClockSkew,
    DiskFull,
    ExchangeFault,
    ExchangeUnavailable,
    KeyRefused,
    NotOffered,
    PermissionMissing,
    ProxyFailed,
    RateLimited,
    RequestRefused,
    SymbolUnknown,
)
from exchange_cache.ledger.coverage import Ranges, Span
from exchange_cache.records import DataType
from exchange_cache.sync.account_run import AccountRun, RunOptions
from exchange_cache.sync.differences import DIFFERENCES, Doubt, Verdict, remembered, stored
from exchange_cache.sync.events import SyncEvent
from exchange_cache.sync.findings import NEVER_ASKED, history_findings
from exchange_cache.sync.report import AccountReport
from exchange_cache.sync.revisits import Revisited
from exchange_cache.value.freshness import SyncStatus
from tests.builders import NOW, balance, fill, order, position, price, transfer
from tests.sync.fake_port import DAY, HOUR, Event, FakeExchange, market, policy, stream

SPOT, EARN, SWAP = (
    WalletPolicy(name="spot"),
    WalletPolicy(name="earn", optional=True),
    WalletPolicy(name="swap"),
)
BEGIN_MS = to_ms(NOW - 10 * DAY)
FILLS = stream(
    history_start_ms=BEGIN_MS, paging=CursorPaging(path="next"), page_size=3, window=4 * DAY
)
BY_SYMBOL = stream(
    history_start_ms=BEGIN_MS,
    needs_symbol=True,
    paging=IdPaging(param="fromId", step=1, start="0", whole_history=True),
    page_size=3,
)
ORDERS = stream(
    DataType.ORDERS,
    history_start_ms=BEGIN_MS,
    paging=CursorPaging(path="next"),
    page_size=3,
    window=4 * DAY,
)
DEPOSITS = stream(
    DataType.TRANSFERS,
    "deposits",
    history_start_ms=BEGIN_MS,
    paging=CursorPaging(path="next"),
    page_size=3,
)
TICKERS = CallPolicy(category="spot", method="fake")
OPEN = CallPolicy(category="spot", method="fake")
POSITIONS = CallPolicy(category="linear", method="fake")

Run = Callable[..., AccountReport]


def whole_policy(**more: Any) -> Any:
    return policy(
        FILLS,
        ORDERS,
        DEPOSITS,
        wallets=(SPOT, EARN, SWAP),
        tickers=(TICKERS,),
        positions=(POSITIONS,),
        open_orders=(OPEN,),
        **more,
    )


@pytest.fixture
def port(clock: SetClock) -> FakeExchange:
    """An account in which something of everything is found."""
    made = FakeExchange(whole_policy(), clock=clock)
    made.wallets = {
        "spot": (balance("1"),),
        "earn": (balance("2", wallet="earn"),),
        "swap": (balance("3", "USDT", wallet="swap"),),
    }
    made.tickers = {"spot": (price(),)}
    made.open_positions = {"linear": (position(),)}
    made.open_lists = {"spot": (order("9", "open", created_at=NOW - HOUR),)}
    made.add(DataType.FILLS, "spot", event(fill("1", time=NOW - DAY)))
    made.add(DataType.ORDERS, "spot", event(order("1", created_at=NOW - DAY)))
    made.add(DataType.TRANSFERS, "deposits", event(transfer("1", time=NOW - 2 * DAY)))
    return made


def event(record: Any, **more: Any) -> Event:
    moment: datetime = getattr(record, "time", None) or record.created_at
    number = int(
        getattr(record, "fill_id", None) or getattr(record, "order_id", None) or record.transfer_id
    )
    return Event(number, to_ms(moment), record, record.symbol or "", **more)


@pytest.fixture
def run(repository: ExchangeCacheRepository, clock: SetClock) -> Run:
    def go(
        port: FakeExchange,
        stop: Callable[[], bool] = lambda: False,
        observer: Any = None,
        **options: Any,
    ) -> AccountReport:
        seen = observer or (lambda event: None)
        return AccountRun(
            port, repository, clock, RunOptions(**options), observer=seen, stop=stop
        ).run()

    return go


def status(
    repository: ExchangeCacheRepository, data_type: DataType, part: str = ""
) -> SyncStatus | None:
    found = [
        item
        for item in repository.progress.statuses(["main"])
        if item.data_type is data_type and item.part == part
    ]
    return found[0] if found else None


def states(repository: ExchangeCacheRepository) -> dict[str, str]:
    """Every status row as "data type part" -> state."""
    return {
        f"{item.data_type} {item.part}".strip(): item.state
        for item in repository.progress.statuses(["main"])
    }


ALL_OK = {
    "balances": "ok",
    "balances earn": "ok",
    "balances spot": "ok",
    "balances swap": "ok",
    "fills": "ok",
    "fills spot": "ok",
    "orders": "ok",
    "orders open spot": "ok",
    "orders spot": "ok",
    "positions": "ok",
    "positions linear": "ok",
    "prices": "ok",
    "prices spot": "ok",
    "transfers": "ok",
    "transfers deposits": "ok",
}


# --- all is well ----------------------------------------------------------------------------------


def test_everything_is_fetched_and_every_part_has_its_status(
    repository: ExchangeCacheRepository, port: FakeExchange, run: Run
) -> None:
    report = run(port)

    assert report.ok
    assert states(repository) == ALL_OK
    assert {item.succeeded_at for item in repository.progress.statuses()} == {NOW}
    assert [item.total for item in repository.mirror.balances()] == [2, 1, 3]
    assert repository.mirror.positions() == (position(),)
    assert repository.mirror.prices() == (price(),)
    assert [item.order_id for item in repository.ledger.orders()] == ["1", "9"]
    assert [len(repository.ledger.fills()), len(repository.ledger.transfers())] == [1, 1]
    assert {item.data_type: report.new_rows(item.data_type) for item in report.parts}[
        DataType.FILLS
    ] == 1


def test_syncing_twice_adds_nothing(
    repository: ExchangeCacheRepository, port: FakeExchange, run: Run
) -> None:
    run(port)
    tables = set(repository.table_counts()) - {"exchange_sync_status"}
    before = {table: repository.dump(table) for table in tables}
    again = run(port)

    assert sum(part.new_rows for part in again.parts) == 0
    assert {table: repository.dump(table) for table in tables} == before
    assert states(repository) == ALL_OK


def test_only_what_is_asked_for_is_touched(
    repository: ExchangeCacheRepository, port: FakeExchange, run: Run
) -> None:
    report = run(port, only=frozenset({DataType.PRICES, DataType.TRANSFERS}))

    assert states(repository) == {
        name: state for name, state in ALL_OK.items() if name.startswith(("prices", "transfers"))
    }
    assert {name for name, _, _ in port.asked} == {"spot", "deposits"}
    assert report.parts[0].data_type is DataType.PRICES


def test_the_cheap_and_valuable_comes_first(port: FakeExchange, run: Run) -> None:
    report = run(port)

    order_of = list(dict.fromkeys(part.data_type for part in report.parts))
    assert order_of[:3] == [DataType.BALANCES, DataType.PRICES, DataType.POSITIONS]
    heads = [window.end_ms == to_ms(NOW) for scope, _, window in port.asked if window is not None]
    assert heads == sorted(heads, reverse=True), "heads of all streams come before any backfill"


def test_history_is_not_asked_before_what_the_user_wants(
    repository: ExchangeCacheRepository, port: FakeExchange, run: Run
) -> None:
    start = to_ms(NOW - 3 * DAY)
    run(port, start_ms=start)

    assert min(window.start_ms for _, _, window in port.asked if window) == start
    assert {state.covered for state in repository.ledger.states()} == {
        Ranges.of((start, to_ms(NOW)))
    }


def test_what_is_done_and_planned_is_reported(port: FakeExchange, run: Run) -> None:
    reported: list[SyncEvent] = []
    run(port, observer=reported.append)

    assert reported[-1].state == "finished"
    assert all(item.done <= item.planned for item in reported)
    assert reported[-1].done == reported[-1].planned
    assert reported[-1].requests == port.requests
    assert [item.done for item in reported] == sorted(item.done for item in reported)


def test_nothing_is_planned_that_is_not_asked_for(port: FakeExchange, run: Run) -> None:
    reported: list[SyncEvent] = []
    run(port, observer=reported.append, only=frozenset({DataType.PRICES}))

    assert {item.planned for item in reported} == {1}


# --- one part fails -------------------------------------------------------------------------------


def test_a_failing_wallet_hides_no_other_and_keeps_its_old_rows(
    repository: ExchangeCacheRepository, port: FakeExchange, run: Run, clock: SetClock
) -> None:
    run(port)
    clock.at += HOUR
    port.wallets = {
        "spot": (balance("5", fetched_at=clock.at),),
        "earn": BadResponse("nonsense"),
        "swap": (),
    }
    port.wallets["swap"] = (balance("4", "USDT", wallet="swap", fetched_at=clock.at),)
    report = run(port)

    assert {
        (item.wallet, int(item.total), item.fetched_at) for item in repository.mirror.balances()
    } == {
        ("spot", 5, clock.at),
        ("earn", 2, NOW),
        ("swap", 4, clock.at),
    }
    assert [part.part for part in report.failures] == ["earn"]
    assert states(repository) == {**ALL_OK, "balances": "failed", "balances earn": "failed"}


def test_one_failing_wallet_makes_the_whole_data_type_as_old_as_its_last_complete_success(
    repository: ExchangeCacheRepository, port: FakeExchange, run: Run, clock: SetClock
) -> None:
    run(port)
    clock.at += HOUR
    port.wallets["earn"] = BadResponse("nonsense", hint="look at it")
    run(port)

    whole, earn, spot = (
        status(repository, DataType.BALANCES, part) for part in ("", "earn", "spot")
    )
    assert whole and earn and spot
    assert (whole.succeeded_at, earn.succeeded_at, spot.succeeded_at) == (NOW, NOW, NOW + HOUR)
    assert whole.error == "earn: nonsense; look at it"
    assert (whole.error_code, whole.failures) == ("bad_response", 1)
    assert whole.attempted_at == NOW + HOUR


@pytest.mark.parametrize(
    "error",
    [RateLimited("slow down"), BadResponse("html"), PermissionMissing("no"), NotOffered("no")],
)
def test_any_part_that_must_be_there_fails_visibly(
    repository: ExchangeCacheRepository, port: FakeExchange, run: Run, error: Exception
) -> None:
    port.wallets["spot"] = error
    report = run(port)

    assert not report.ok
    assert states(repository)["balances spot"] == states(repository)["balances"] == "failed"
    assert states(repository)["fills"] == "ok"


def test_a_lasting_demand_to_slow_down_ends_the_run_after_a_few_parts(
    repository: ExchangeCacheRepository, port: FakeExchange, run: Run
) -> None:
    limited = RateLimited("slow down")
    port.wallets = {"spot": limited, "earn": limited, "swap": limited}
    port.fail = dict.fromkeys(range(1, 100), limited)
    report = run(port)

    assert [part.part for part in report.parts] == ["spot", "earn", "swap"]
    assert report.fatal is limited


def test_parts_that_succeed_between_demands_to_slow_down_let_a_run_go_on(
    repository: ExchangeCacheRepository, port: FakeExchange, run: Run
) -> None:
    limited = RateLimited("slow down")
    port.wallets = {**port.wallets, "spot": limited, "swap": limited}
    report = run(port)

    assert report.fatal is None
    assert {part.part for part in report.parts if part.error is limited} == {"spot", "swap"}


def test_a_balance_in_doubt_makes_a_run_request_the_time_since_again_and_then_daily(
    repository: ExchangeCacheRepository, port: FakeExchange, run: Run, clock: SetClock
) -> None:
    port.policy = policy(FILLS)
    only = frozenset({DataType.FILLS, DataType.TRANSFERS})
    run(port, only=only)
    since_ms = to_ms(NOW - 20 * HOUR)
    doubt = Doubt(assets=("BTC",), since_ms=since_ms)
    verdict = Verdict(doubt=doubt, checked_ms=to_ms(clock.now()))
    repository.progress.remember("main", {DIFFERENCES: stored(verdict)}, clock.now())
    port.add(DataType.FILLS, "spot", event(fill("77", time=NOW - 10 * HOUR)))
    port.asked.clear()

    assert run(port, only=only).ok
    assert "77" in {item.fill_id for item in repository.ledger.fills()}
    spans = [span for _, _, span in port.asked]
    assert Span(since_ms - to_ms(NOW) + to_ms(NOW - HOUR), to_ms(NOW)) in spans
    assert remembered(repository.progress.memory("main")).doubt == replace(
        doubt, revisited=Revisited(times=1, at_ms=to_ms(clock.now()))
    )

    run(port, only=only)
    port.asked.clear()
    run(port, only=only)
    assert len(port.asked) == 1, "twice as soon as possible, then daily: the head alone"


def test_an_optional_part_without_permission_is_no_failure(
    repository: ExchangeCacheRepository, port: FakeExchange, run: Run
) -> None:
    port.wallets["earn"] = PermissionMissing("the key may not")
    report = run(port)

    assert report.ok
    assert states(repository) == {**ALL_OK, "balances earn": "no_permission"}
    earn = status(repository, DataType.BALANCES, "earn")
    assert earn and earn.succeeded_at is None and earn.error == "the key may not"


def test_a_wallet_that_can_no_longer_be_read_keeps_its_rows_and_is_reported_once(
    repository: ExchangeCacheRepository, port: FakeExchange, run: Run, clock: SetClock
) -> None:
    run(port)
    port.wallets["earn"] = PermissionMissing("the key may not")
    reported = []
    for _ in range(3):
        clock.at += HOUR
        report = run(port)
        assert report.ok
        reported.append(report.problems())
        earn = status(repository, DataType.BALANCES, "earn")
        assert earn and (earn.state, earn.succeeded_at, earn.rows) == ("no_permission", NOW, 1)
        assert {
            item.fetched_at for item in repository.mirror.balances() if item.wallet == "earn"
        } == {NOW}
    assert reported == [("balances earn: the key may not",), (), ()]


def test_a_wallet_that_was_empty_is_not_missed_when_it_can_no_longer_be_read(
    port: FakeExchange, run: Run
) -> None:
    port.wallets["earn"] = ()
    run(port)
    port.wallets["earn"] = PermissionMissing("the key may not")

    assert run(port).problems() == ()


def test_an_optional_part_that_is_not_offered_is_no_failure(
    repository: ExchangeCacheRepository, port: FakeExchange, run: Run
) -> None:
    port.policy = replace(port.policy, positions=(replace(POSITIONS, optional=True),))
    port.open_positions = {"linear": NotOffered("no contracts here")}

    assert run(port).ok
    assert states(repository) == {
        **ALL_OK,
        "positions": "not_offered",
        "positions linear": "not_offered",
    }


def _with_a_frozen_history(port: FakeExchange) -> None:
    frozen = stream(
        DataType.FILLS, "before", window=timedelta(days=7), recheck=timedelta(days=7), optional=True
    )
    port.policy = replace(port.policy, streams=(*port.policy.streams, frozen))


def _asked(port: FakeExchange, scope: str) -> int:
    count = sum(name == scope for name, _, _ in port.asked)
    port.asked.clear()
    return count


def test_a_history_that_the_account_does_not_have_costs_one_request_a_week(
    repository: ExchangeCacheRepository, port: FakeExchange, run: Run, clock: SetClock
) -> None:
    _with_a_frozen_history(port)
    port.broken[("before", "")] = NotOffered("this account was never anything else")
    for later, requests in ((timedelta(0), 1), (HOUR, 0), (6 * DAY, 0), (DAY, 1), (HOUR, 0)):
        clock.at += later
        assert run(port).ok
        assert _asked(port, "before") == requests, later
        assert states(repository) == {**ALL_OK, "fills before": "not_offered"}
        found = status(repository, DataType.FILLS, "before")
        assert found and found.attempted_at == clock.now(), (
            "whoever waits for a run must see that it was dealt with"
        )
    assert run(port, full=True).ok and _asked(port, "before") == 1


def test_a_history_that_does_not_grow_is_read_once_and_then_looked_at_once_a_week(
    repository: ExchangeCacheRepository, port: FakeExchange, run: Run, clock: SetClock
) -> None:
    _with_a_frozen_history(port)
    port.add(DataType.FILLS, "before", event(fill("7", time=NOW - 2 * DAY)))
    assert run(port).ok and _asked(port, "before") > 0
    assert {item.fill_id for item in repository.ledger.fills()} == {"1", "7"}
    # the week that follows the overlap is empty, and is asked twice
    for later, requests in ((HOUR, 0), (6 * DAY, 0), (DAY, 3), (HOUR, 0)):
        clock.at += later
        assert run(port).ok
        assert _asked(port, "before") == requests, later
        assert states(repository) == {**ALL_OK, "fills before": "ok"}


def test_an_optional_part_that_is_broken_is_a_failure(port: FakeExchange, run: Run) -> None:
    port.wallets["earn"] = BadResponse("nonsense")

    assert not run(port).ok


def test_an_optional_part_that_refuses_a_key_which_works_elsewhere_fails(
    repository: ExchangeCacheRepository, port: FakeExchange, run: Run
) -> None:
    port.wallets["earn"] = KeyRefused("invalid key")
    report = run(port)

    assert (report.ok, report.fatal) == (False, None)
    assert states(repository) == {**ALL_OK, "balances": "failed", "balances earn": "failed"}


def test_two_refusals_in_a_row_of_a_key_that_worked_end_the_run(
    repository: ExchangeCacheRepository, port: FakeExchange, run: Run
) -> None:
    port.wallets["earn"] = KeyRefused("invalid key")
    port.wallets["swap"] = KeyRefused("invalid key")
    report = run(port)

    assert report.fatal is not None and report.fatal.code == "key_refused"
    assert states(repository)["balances spot"] == "ok"
    assert states(repository)["fills"] == states(repository)["positions"] == "failed"


def test_what_an_exchange_does_not_have_is_not_offered(
    repository: ExchangeCacheRepository, clock: SetClock, run: Run
) -> None:
    port = FakeExchange(policy(wallets=(SPOT,)), clock=clock, wallets={"spot": (balance(),)})

    assert run(port).ok
    assert states(repository) == {
        "balances": "ok",
        "balances spot": "ok",
        **dict.fromkeys(("fills", "orders", "positions", "prices", "transfers"), "not_offered"),
    }


def test_a_part_that_is_no_longer_asked_is_forgotten_with_its_rows(
    repository: ExchangeCacheRepository, port: FakeExchange, run: Run
) -> None:
    run(port)
    port.policy = replace(port.policy, wallets=(SPOT,), positions=())
    run(port)

    assert {item.wallet for item in repository.mirror.balances()} == {"spot"}
    assert repository.mirror.positions() == ()
    assert {name for name in states(repository) if name.startswith(("balances", "positions"))} == {
        "balances",
        "balances spot",
        "positions",
    }


# --- the account is down --------------------------------------------------------------------------


def test_a_refused_key_ends_the_run_at_once(
    repository: ExchangeCacheRepository, port: FakeExchange, run: Run
) -> None:
    port.wallets["spot"] = KeyRefused("invalid key", hint="see account check")
    report = run(port)

    assert port.requests == 1
    assert isinstance(report.fatal, KeyRefused)
    assert {item.state for item in repository.progress.statuses()} == {"failed"}
    assert {item.error_code for item in repository.progress.statuses()} == {"key_refused"}
    assert {item.data_type for item in repository.progress.statuses() if item.part == ""} == set(
        DataType
    )


def test_public_prices_do_not_prove_a_key(port: FakeExchange, run: Run) -> None:
    """Tickers succeed with a dead key; the optional history behind them must not pass for missing a
    permission."""
    port.policy = replace(port.policy, streams=(replace(FILLS, optional=True),))
    port.broken = {("spot", ""): KeyRefused("invalid key")}
    report = run(port, only=frozenset({DataType.PRICES, DataType.FILLS}))

    assert isinstance(report.fatal, KeyRefused)


def test_a_ban_ends_the_run_at_once_and_keeps_what_was_complete(
    repository: ExchangeCacheRepository, port: FakeExchange, run: Run
) -> None:
    port.tickers = {"spot": Banned("banned for 10 minutes")}
    report = run(port)

    assert isinstance(report.fatal, Banned)
    assert port.requests == 4
    assert states(repository)["balances"] == "ok"
    assert status(repository, DataType.BALANCES).succeeded_at == NOW  # type: ignore[union-attr]
    assert {
        states(repository)[str(item)] for item in DataType if item is not DataType.BALANCES
    } == {"failed"}


def test_two_parts_in_a_row_that_find_the_exchange_down_end_the_run(
    repository: ExchangeCacheRepository, port: FakeExchange, run: Run
) -> None:
    port.wallets["earn"] = port.wallets["swap"] = ExchangeUnavailable("connection refused")
    report = run(port)

    assert isinstance(report.fatal, ExchangeUnavailable)
    assert port.requests == 3
    assert states(repository)["balances spot"] == "ok"
    assert states(repository)["fills"] == "failed"


def test_one_part_that_finds_no_proxy_ends_the_run(port: FakeExchange, run: Run) -> None:
    port.wallets["spot"] = ProxyFailed("fake did not answer: the proxy failed")
    report = run(port)

    assert isinstance(report.fatal, ProxyFailed)
    assert port.requests == 1


def test_certificates_that_are_refused_twice_in_a_row_end_the_run(
    port: FakeExchange, run: Run
) -> None:
    port.wallets["spot"] = port.wallets["earn"] = CertificateRefused("not trusted")
    report = run(port)

    assert isinstance(report.fatal, CertificateRefused)
    assert port.requests == 2


def test_two_parts_that_find_it_down_between_others_do_not(port: FakeExchange, run: Run) -> None:
    port.wallets["spot"] = ExchangeUnavailable("a time-out")
    port.wallets["earn"] = PermissionMissing("an answer")
    port.wallets["swap"] = ExchangeUnavailable("a time-out")
    report = run(port)

    assert report.fatal is None
    assert [part.part for part in report.failures] == ["spot", "swap"]


def test_an_exchange_that_goes_down_leaves_every_old_row_with_its_old_time(
    repository: ExchangeCacheRepository, port: FakeExchange, run: Run, clock: SetClock
) -> None:
    run(port)
    tables = (
        "exchange_balances",
        "exchange_positions",
        "exchange_orders",
        "exchange_fills",
        "exchange_prices",
        "exchange_transfers",
    )
    before = {table: repository.dump(table) for table in tables}
    clock.at += HOUR
    port.fail = {number: ExchangeUnavailable("down") for number in range(1, 99)}
    run(port)

    assert {table: repository.dump(table) for table in tables} == before
    assert {item.succeeded_at for item in repository.progress.statuses()} == {NOW}


#: Three wallets, a list of prices, of positions and of open orders.
MIRRORED = 6


@pytest.mark.parametrize("error", [DiskFull("the cache"), SystemExit()])
def test_a_run_that_breaks_off_in_a_history_leaves_what_it_read_fresh(
    repository: ExchangeCacheRepository, port: FakeExchange, run: Run, error: BaseException
) -> None:
    port.fail = {MIRRORED + 1: error}
    with pytest.raises(type(error)):
        run(port)

    found = states(repository)
    assert [found[kind] for kind in ("balances", "positions", "prices")] == ["ok"] * 3
    assert "fills" not in found


def test_a_run_that_breaks_off_does_not_call_a_wallet_fresh_that_failed(
    repository: ExchangeCacheRepository, port: FakeExchange, run: Run
) -> None:
    port.wallets["earn"] = BadResponse("odd")
    port.fail = {MIRRORED + 1: DiskFull("the cache")}
    with pytest.raises(DiskFull):
        run(port)

    assert "balances" not in states(repository)
    assert states(repository)["prices"] == "ok"


# --- a wallet that is suddenly empty --------------------------------------------------------------


def test_a_suddenly_empty_wallet_is_refused_once_and_then_believed(
    repository: ExchangeCacheRepository, port: FakeExchange, run: Run
) -> None:
    run(port)
    port.wallets["spot"] = ()

    first = run(port)
    assert [(part.part, part.error.code) for part in first.failures if part.error] == [
        ("spot", "suspicious_empty")
    ]
    assert "reload --force" in first.problems()[0]
    assert "spot" in {item.wallet for item in repository.mirror.balances()}
    assert status(repository, DataType.BALANCES).state == "failed"  # type: ignore[union-attr]

    assert run(port).ok
    assert "spot" not in {item.wallet for item in repository.mirror.balances()}
    assert run(port).ok


def test_a_suddenly_empty_wallet_is_believed_when_forced(
    repository: ExchangeCacheRepository, port: FakeExchange, run: Run
) -> None:
    run(port)
    port.wallets["spot"] = ()

    assert run(port, force=True).ok
    assert "spot" not in {item.wallet for item in repository.mirror.balances()}


def test_a_wallet_that_was_refused_and_returns_is_suspected_anew(
    port: FakeExchange, run: Run
) -> None:
    run(port)
    port.wallets["spot"] = ()
    run(port)
    port.wallets["spot"] = (balance("1"),)
    assert run(port).ok

    port.wallets["spot"] = ()
    assert not run(port).ok


@pytest.mark.parametrize("held", [(), (balance("0"),)], ids=["never held anything", "held zeros"])
def test_a_wallet_that_held_nothing_may_be_empty(
    port: FakeExchange, run: Run, held: tuple[Any, ...]
) -> None:
    port.wallets["spot"] = held
    run(port)
    port.wallets["spot"] = ()

    assert run(port).ok


# --- orders and transfers under way ---------------------------------------------------------------


def test_an_open_order_that_vanishes_is_unknown_until_history_tells_its_end(
    repository: ExchangeCacheRepository, port: FakeExchange, run: Run, clock: SetClock
) -> None:
    created = NOW - 5 * DAY
    port.open_lists = {"spot": (order("9", "open", created_at=created),)}
    run(port)
    assert repository.ledger.orders(Filter(status="open"))[0].order_id == "9"

    clock.at += HOUR
    port.open_lists = {"spot": ()}
    run(port)
    assert repository.ledger.orders(Filter(status="unknown"))[0].order_id == "9"

    clock.at += HOUR
    port.add(
        DataType.ORDERS, "spot", event(order("9", "canceled", created_at=created, filled="0.4"))
    )
    run(port)
    (found,) = (item for item in repository.ledger.orders() if item.order_id == "9")
    assert (found.status, str(found.filled)) == ("canceled", "0.4")


def test_once_its_end_is_known_the_order_history_is_asked_with_the_overlap_alone(
    port: FakeExchange, run: Run, clock: SetClock
) -> None:
    created = NOW - 5 * DAY
    port.policy = policy(ORDERS, open_orders=(OPEN,))
    port.open_lists = {"spot": (order("9", "open", created_at=created),)}
    run(port, only=frozenset({DataType.ORDERS}))
    port.open_lists = {"spot": ()}
    port.add(DataType.ORDERS, "spot", event(order("9", "closed", created_at=created)))
    run(port, only=frozenset({DataType.ORDERS}))
    port.asked.clear()
    run(port, only=frozenset({DataType.ORDERS}))

    assert [window.start_ms for _, _, window in port.asked if window] == [to_ms(NOW - HOUR)]


def test_an_order_that_stays_open_for_long_does_not_drag_its_history_along(
    port: FakeExchange, run: Run, clock: SetClock
) -> None:
    port.policy = policy(ORDERS, open_orders=(OPEN,))
    port.open_lists = {"spot": (order("9", "open", created_at=NOW - 9 * DAY),)}
    run(port, only=frozenset({DataType.ORDERS}))
    clock.at += HOUR
    port.asked.clear()
    run(port, only=frozenset({DataType.ORDERS}))

    assert [window.start_ms for _, _, window in port.asked if window] == [to_ms(NOW - HOUR)]


def test_an_order_that_vanished_without_a_trace_is_given_up_after_a_while(
    port: FakeExchange, run: Run, clock: SetClock
) -> None:
    port.policy = policy(ORDERS, open_orders=(OPEN,))
    port.open_lists = {"spot": (order("9", "open", created_at=NOW - 5 * DAY),)}
    run(port, only=frozenset({DataType.ORDERS}))
    port.open_lists = {"spot": ()}
    starts = []
    for _ in range(9):
        clock.at += DAY
        port.asked.clear()
        run(port, only=frozenset({DataType.ORDERS}))
        starts.append(min(window.start_ms for _, _, window in port.asked if window))

    assert starts == [to_ms(NOW - 5 * DAY)] * 7 + [
        to_ms(NOW + 4 * DAY - HOUR),  # the settling time: three days before the walk of yesterday
        to_ms(NOW + 5 * DAY - HOUR),
    ]


def test_without_an_open_list_the_history_alone_tells_of_open_orders(
    port: FakeExchange, run: Run, clock: SetClock
) -> None:
    created = NOW - 2 * DAY
    port.policy = policy(ORDERS)
    port.events[(DataType.ORDERS, "spot")] = [event(order("9", "open", created_at=created))]
    run(port, only=frozenset({DataType.ORDERS}))
    port.asked.clear()
    run(port, only=frozenset({DataType.ORDERS}))

    assert min(window.start_ms for _, _, window in port.asked if window) == to_ms(created)


def test_a_failing_open_list_changes_no_order(
    repository: ExchangeCacheRepository, port: FakeExchange, run: Run
) -> None:
    run(port)
    port.open_lists = {"spot": BadResponse("nonsense")}
    run(port)

    assert [item.order_id for item in repository.ledger.orders(Filter(status="open"))] == ["9"]


def test_a_pending_transfer_older_than_the_overlap_is_asked_again_until_it_arrives(
    repository: ExchangeCacheRepository, port: FakeExchange, run: Run, clock: SetClock
) -> None:
    port.events[(DataType.TRANSFERS, "deposits")] = [
        event(transfer("1", time=NOW - 2 * HOUR, status="pending"))
    ]
    run(port)
    assert [item.status for item in repository.ledger.transfers()] == ["pending"]

    clock.at += 5 * HOUR
    port.events[(DataType.TRANSFERS, "deposits")] = [
        event(transfer("1", time=NOW - 2 * HOUR, tx_id="0xabc"))
    ]
    run(port)
    assert [(item.status, item.tx_id) for item in repository.ledger.transfers()] == [
        ("ok", "0xabc")
    ]


# --- histories ------------------------------------------------------------------------------------


def undecodable(number: int, at: datetime, symbol: str = "BTC/USDT") -> Event:
    return Event(number, to_ms(at), BadResponse("a row that is not the documented one"), symbol)


def test_a_history_that_cannot_be_read_at_its_head_is_failed_and_goes_on_behind_it(
    repository: ExchangeCacheRepository, port: FakeExchange, run: Run
) -> None:
    port.policy = policy(FILLS)
    port.add(
        DataType.FILLS, "spot", undecodable(8, NOW - HOUR), event(fill("7", time=NOW - 9 * DAY))
    )
    for failures in (1, 2):
        report = run(port, only=frozenset({DataType.FILLS}))

        assert report.problems() == ("fills spot: a row that is not the documented one",)
        assert states(repository) == {"fills": "failed", "fills spot": "failed"}
        (state,) = repository.ledger.states()
        assert (state.state, state.error, state.completed_ms) == (
            "failed",
            "a row that is not the documented one",
            None,
        )
        assert not state.covered.contains(to_ms(NOW - HOUR))
        assert state.covered.contains(to_ms(NOW - 3 * HOUR)) and state.covered.contains(BEGIN_MS)
        assert [item.fill_id for item in repository.ledger.fills()] == ["7", "1"]
        assert status(repository, DataType.FILLS, "spot").failures == failures  # type: ignore[union-attr]


def test_a_gap_that_cannot_be_read_is_reported_and_filled_when_it_can(
    repository: ExchangeCacheRepository, port: FakeExchange, run: Run, clock: SetClock
) -> None:
    port.policy = policy(FILLS)
    port.fail = {2: RequestRefused("no such window")}
    report = run(port, only=frozenset({DataType.FILLS}))

    assert report.problems() == ("fills spot: no such window",)
    (state,) = repository.ledger.states()
    assert state.covered == Ranges.of(
        (BEGIN_MS, to_ms(NOW - 6 * DAY)), (to_ms(NOW - 4 * DAY), to_ms(NOW))
    )
    found = {item.code: item.message for item in history_findings(repository, "main", NOW)}
    assert (
        found["gap"]
        == f"fills (spot): gap {NOW - 6 * DAY:%Y-%m-%d} … {NOW - 4 * DAY:%Y-%m-%d}, to be"
        " fetched again"
    )
    assert found["history_failed"] == "fills (spot): no such window"

    port.fail = {}
    clock.at += HOUR
    assert run(port, only=frozenset({DataType.FILLS})).ok
    assert repository.ledger.states()[0].covered == Ranges.of((BEGIN_MS, to_ms(NOW + HOUR)))
    assert list(history_findings(repository, "main", NOW)) == []


def test_what_is_new_is_fetched_though_an_older_window_left_open_cannot_be_read(
    repository: ExchangeCacheRepository, port: FakeExchange, run: Run, clock: SetClock
) -> None:
    port.policy = policy(FILLS)
    port.add(
        DataType.FILLS, "spot", *(event(fill(str(n), time=NOW - n * HOUR)) for n in range(2, 7))
    )
    port.fail = {2: ExchangeUnavailable("down")}
    run(port, only=frozenset({DataType.FILLS}))
    assert repository.ledger.states()[0].open is not None

    port.add(DataType.FILLS, "spot", undecodable(9, NOW - 30 * HOUR))
    clock.at += HOUR
    port.add(DataType.FILLS, "spot", event(fill("10", time=NOW + HOUR / 2)))
    port.fail = {}
    run(port, only=frozenset({DataType.FILLS}))
    assert {item.fill_id for item in repository.ledger.fills()} == {
        "1",
        "2",
        "3",
        "4",
        "5",
        "6",
        "10",
    }
    assert repository.ledger.states()[0].state == "failed"
    assert not repository.ledger.states()[0].covered.contains(to_ms(NOW - 30 * HOUR))


@pytest.mark.parametrize(
    "error", [ExchangeUnavailable, Banned, RateLimited, KeyRefused, PermissionMissing, ClockSkew]
)
def test_what_concerns_the_whole_account_ends_a_walk_at_once(
    port: FakeExchange, run: Run, error: type[ExchangeFault]
) -> None:
    port.policy = policy(FILLS)
    port.fail = {1: error("no")}
    run(port, only=frozenset({DataType.FILLS}))

    assert port.requests == 1


def test_an_exchange_that_answers_nonsense_to_everything_is_not_asked_for_ever(
    port: FakeExchange, run: Run
) -> None:
    days = 400
    narrow = replace(FILLS, history_start_ms=to_ms(NOW - days * DAY), window=DAY)
    port.policy = policy(narrow, replace(narrow, scope="other"))
    port.broken = {
        ("spot", ""): BadResponse("a page of HTML"),
        ("other", ""): BadResponse("a page of HTML"),
    }
    report = run(port, only=frozenset({DataType.FILLS}))

    assert not report.ok
    assert 10 < port.requests < 60


def test_a_history_without_permission_is_reported_and_asked_again_next_time(
    repository: ExchangeCacheRepository, port: FakeExchange, run: Run
) -> None:
    port.policy = policy(replace(FILLS, optional=True))
    port.broken = {("spot", ""): PermissionMissing("the key may not")}
    assert run(port, only=frozenset({DataType.FILLS})).ok
    assert repository.ledger.states()[0].state == "no_permission"
    assert [item.code for item in history_findings(repository, "main", NOW)] == ["no_permission"]

    port.broken = {}
    run(port, only=frozenset({DataType.FILLS}))
    assert list(history_findings(repository, "main", NOW)) == []


@pytest.fixture
def by_symbol(clock: SetClock) -> FakeExchange:
    """An exchange that tells fills only per symbol."""
    names = ("BTC/USDT", "ETH/USDT", "ETH/BTC", "SOL/USDT", "XRP/USDT")
    made = FakeExchange(policy(BY_SYMBOL, wallets=(SPOT,), discovery_quotes=("USDT",)), clock=clock)
    made.listed = {name: market(name) for name in names}
    made.wallets = {"spot": (balance("1", "BTC"), balance("5", "USDT"))}
    return made


def asked_symbols(port: FakeExchange) -> list[str]:
    return list(dict.fromkeys(symbol for _, symbol, _ in port.asked if symbol))


def test_what_is_found_leads_to_further_symbols_in_the_same_run(
    by_symbol: FakeExchange, run: Run
) -> None:
    """BTC is held; a deposit of ETH was made; ETH was bought with BTC, which nobody named."""
    by_symbol.policy = replace(by_symbol.policy, streams=(BY_SYMBOL, DEPOSITS))
    by_symbol.add(
        DataType.TRANSFERS, "deposits", event(transfer("1", asset="ETH", time=NOW - 5 * DAY))
    )
    run(by_symbol, sweep_budget=0)

    assert asked_symbols(by_symbol) == ["BTC/USDT", "ETH/BTC", "ETH/USDT"]


def test_open_orders_of_symbols_found_in_this_run_are_read_in_this_run(
    repository: ExchangeCacheRepository, by_symbol: FakeExchange, run: Run
) -> None:
    by_symbol.policy = replace(by_symbol.policy, open_orders=(replace(OPEN, needs_symbol=True),))
    by_symbol.add(DataType.FILLS, "spot", event(fill("1", time=NOW - DAY)))
    by_symbol.open_lists = {"spot": (order("9", "open", created_at=NOW - HOUR),)}
    run(by_symbol, sweep_budget=0)
    assert [item.order_id for item in repository.ledger.orders(Filter(status="open"))] == ["9"]
    by_symbol.asked.clear()
    run(by_symbol, sweep_budget=0)
    assert [name for name, symbol, _ in by_symbol.asked if not symbol].count("spot") == 2, (
        "balances and one open list: nothing new"
    )


def test_symbols_named_by_income_are_asked(
    repository: ExchangeCacheRepository, by_symbol: FakeExchange, run: Run
) -> None:
    income = replace(DEPOSITS, scope="income")
    by_symbol.policy = replace(by_symbol.policy, streams=(BY_SYMBOL, income))
    by_symbol.add(
        DataType.TRANSFERS,
        "income",
        Event(1, to_ms(NOW - DAY), None, names=("XRP/USDT", "NOT/LISTED")),
    )
    run(by_symbol, sweep_budget=0)

    assert "XRP/USDT" in asked_symbols(by_symbol)
    assert "NOT/LISTED" not in asked_symbols(by_symbol)
    by_symbol.asked.clear()
    by_symbol.events.clear()
    run(by_symbol, sweep_budget=0)
    assert "XRP/USDT" in asked_symbols(by_symbol), "remembered"


def test_the_sweep_asks_a_few_per_run_until_all_were_asked(
    repository: ExchangeCacheRepository, by_symbol: FakeExchange, run: Run
) -> None:
    seen: list[tuple[list[str], object]] = []
    for _ in range(4):
        by_symbol.asked.clear()
        run(by_symbol, sweep_budget=2)
        seen.append((asked_symbols(by_symbol), repository.progress.memory("main")[NEVER_ASKED]))

    assert seen == [
        (["BTC/USDT", "ETH/BTC", "ETH/USDT"], {"spot": 2}),
        (["BTC/USDT", "SOL/USDT", "XRP/USDT"], {"spot": 0}),
        (["BTC/USDT"], {"spot": 0}),
        (["BTC/USDT"], {"spot": 0}),
    ]


def test_what_was_never_asked_is_a_finding_until_it_was(
    repository: ExchangeCacheRepository, by_symbol: FakeExchange, run: Run
) -> None:
    run(by_symbol, sweep_budget=0)
    (found,) = history_findings(repository, "main", NOW)
    assert (found.code, found.message.split()[0]) == ("never_asked", "4")

    run(by_symbol, sweep_budget=10)
    assert list(history_findings(repository, "main", NOW)) == []


def test_one_failing_symbol_stops_no_other(
    repository: ExchangeCacheRepository, by_symbol: FakeExchange, run: Run
) -> None:
    by_symbol.broken = {("spot", "ETH/BTC"): BadResponse("nonsense")}
    by_symbol.add(
        DataType.FILLS,
        "spot",
        event(fill("1", time=NOW - DAY)),
        event(fill("1", symbol="ETH/USDT", time=NOW - DAY)),
    )
    report = run(by_symbol, sweep_budget=10)

    assert [item.symbol for item in repository.ledger.fills()] == ["BTC/USDT", "ETH/USDT"]
    assert states(repository)["fills spot"] == states(repository)["fills"] == "failed"
    assert [problem.split(":")[0] for problem in report.problems()] == ["fills spot"]
    assert "ETH/BTC" in report.problems()[0]


def test_a_page_by_id_that_cannot_be_read_is_never_passed(
    repository: ExchangeCacheRepository, by_symbol: FakeExchange, run: Run
) -> None:
    """Three fills to a page, the fifth of BTC/USDT is nonsense: what lies behind it waits, and
    other symbols go on."""
    by_symbol.add(
        DataType.FILLS,
        "spot",
        *(event(fill(str(n), time=NOW - (30 - n) * HOUR)) for n in (1, 2, 3, 4, 6, 7, 8, 9)),
    )
    by_symbol.add(
        DataType.FILLS,
        "spot",
        undecodable(5, NOW - 25 * HOUR),
        event(fill("1", symbol="ETH/USDT", time=NOW - DAY)),
    )
    for _ in range(2):
        run(by_symbol, sweep_budget=10)
        found = [(item.symbol, item.fill_id) for item in repository.ledger.fills()]
        assert sorted(found) == [
            ("BTC/USDT", "1"),
            ("BTC/USDT", "2"),
            ("BTC/USDT", "3"),
            ("ETH/USDT", "1"),
        ]
        state = repository.ledger.state(
            StreamKey(account="main", data_type=DataType.FILLS, scope="spot", symbol="BTC/USDT")
        )
        assert (state.state, bool(state.covered), state.last_id) == ("failed", False, "3")

    by_symbol.events[(DataType.FILLS, "spot")] = [
        event(fill(str(n), time=NOW - (30 - n) * HOUR)) for n in range(1, 10)
    ]
    assert run(by_symbol, sweep_budget=10).ok
    assert len(repository.ledger.fills(Filter(symbol="BTC/USDT"))) == 9


def test_symbols_that_always_fail_do_not_use_up_the_sweep(
    by_symbol: FakeExchange, run: Run
) -> None:
    by_symbol.wallets = {}
    by_symbol.broken = {("spot", name): BadResponse("nonsense") for name in ("BTC/USDT", "ETH/BTC")}
    for _ in range(3):
        run(by_symbol, sweep_budget=2)

    assert set(asked_symbols(by_symbol)) == set(by_symbol.listed)


def test_a_failed_symbol_is_not_covered_up_by_a_later_round(
    repository: ExchangeCacheRepository, by_symbol: FakeExchange, run: Run
) -> None:
    """BTC/USDT fails; ETH is found by a deposit walked afterwards, so that its symbols succeed in a
    second round."""
    by_symbol.policy = replace(
        by_symbol.policy, streams=(BY_SYMBOL, replace(DEPOSITS, window=4 * DAY))
    )
    by_symbol.add(
        DataType.TRANSFERS, "deposits", event(transfer("1", asset="ETH", time=NOW - 9 * DAY))
    )
    by_symbol.broken = {("spot", "BTC/USDT"): BadResponse("nonsense")}
    run(by_symbol, sweep_budget=0)

    assert asked_symbols(by_symbol) == ["BTC/USDT", "ETH/BTC", "ETH/USDT"]
    part = status(repository, DataType.FILLS, "spot")
    assert part and (part.state, part.succeeded_at, part.failures) == ("failed", None, 1)


def test_symbols_that_fail_alike_are_reported_together(
    repository: ExchangeCacheRepository, by_symbol: FakeExchange, run: Run
) -> None:
    said = "binance refused the request (fills spot {}): no such account. (-11001)"
    by_symbol.broken = {
        ("spot", name): RequestRefused(said.format(name))
        for name in ("ETH/BTC", "SOL/USDT", "XRP/USDT")
    }
    run(by_symbol, sweep_budget=10)
    (found,) = [
        item for item in history_findings(repository, "main", NOW) if item.code == "history_failed"
    ]
    assert (
        found.message
        == "fills (ETH/BTC, SOL/USDT, XRP/USDT): binance refused the request: no such account."
        " (-11001)"
    )


def test_a_delisted_symbol_that_the_exchange_forgot_is_no_failure_and_no_finding(
    repository: ExchangeCacheRepository, by_symbol: FakeExchange, run: Run
) -> None:
    by_symbol.wallets = {"spot": (balance("1", "LUNA"),)}
    by_symbol.broken = {("spot", "LUNA/USDT"): SymbolUnknown("no such symbol")}
    report = run(by_symbol, sweep_budget=10)

    assert report.ok
    key = StreamKey(account="main", data_type=DataType.FILLS, scope="spot", symbol="LUNA/USDT")
    assert (repository.ledger.state(key).state, repository.ledger.state(key).source) == (
        "symbol_unknown",
        "delisted",
    )
    assert list(history_findings(repository, "main", NOW)) == []

    by_symbol.asked.clear()
    run(by_symbol, sweep_budget=10)
    assert "LUNA/USDT" not in asked_symbols(by_symbol)


def test_a_configured_symbol_that_the_exchange_does_not_know_is_a_finding(
    repository: ExchangeCacheRepository, by_symbol: FakeExchange, run: Run
) -> None:
    by_symbol.broken = {("spot", "BCT/USDT"): SymbolUnknown("no such symbol")}
    run(by_symbol, sweep_budget=10, symbols=("BCT/USDT",))

    assert [item.code for item in history_findings(repository, "main", NOW)] == ["symbol_unknown"]


def test_the_reason_for_asking_a_symbol_is_kept(
    repository: ExchangeCacheRepository, by_symbol: FakeExchange, run: Run
) -> None:
    run(by_symbol, sweep_budget=1, symbols=("SOL/USDT",))

    assert {state.key.symbol: state.source for state in repository.ledger.states()} == {
        "BTC/USDT": "held",
        "SOL/USDT": "configured",
        "ETH/BTC": "sweep",
    }


def test_earn_codes_are_not_crossed_with_quotes(by_symbol: FakeExchange, run: Run) -> None:
    by_symbol.wallets = {"spot": (balance("1", "BTC", code="LDBTC", earn=True),)}
    run(by_symbol, sweep_budget=0)

    assert asked_symbols(by_symbol) == ["BTC/USDT"]


def test_unknown_markets_fail_the_symbols_and_nothing_else(
    repository: ExchangeCacheRepository, by_symbol: FakeExchange, run: Run
) -> None:
    by_symbol.listed = BadResponse("no markets")
    report = run(by_symbol)

    assert [f"{part.data_type} {part.part}" for part in report.failures] == ["fills spot"]
    assert states(repository)["balances"] == "ok"


def test_an_exchange_that_goes_down_is_not_asked_for_every_symbol(
    by_symbol: FakeExchange, run: Run
) -> None:
    by_symbol.fail = {number: ExchangeUnavailable("down") for number in range(2, 99)}
    run(by_symbol, sweep_budget=10)

    assert by_symbol.requests == 2


# --- stopping -------------------------------------------------------------------------------------


def test_a_stop_ends_between_two_pages_and_records_only_what_was_complete(
    repository: ExchangeCacheRepository, port: FakeExchange, run: Run
) -> None:
    report = run(port, stop=lambda: port.requests >= 7)

    assert report.interrupted
    assert not report.ok
    assert port.requests == 7
    assert {name for name in states(repository) if " " not in name} == {
        "balances",
        "prices",
        "positions",
    }
    assert status(repository, DataType.FILLS) is None
    assert run(port).ok


def test_a_stop_before_anything_touches_nothing(
    repository: ExchangeCacheRepository, port: FakeExchange, run: Run
) -> None:
    run(port)
    before = repository.dump("exchange_sync_status")
    report = run(port, stop=lambda: True)

    assert (report.interrupted, report.parts) == (True, ())
    assert repository.dump("exchange_sync_status") == before


def test_times_of_attempts_and_successes_come_from_the_clock(
    repository: ExchangeCacheRepository, port: FakeExchange, run: Run, clock: SetClock
) -> None:
    def tick(number: int) -> None:
        clock.at += timedelta(seconds=1)

    port.on_request = tick
    run(port)
    spot = status(repository, DataType.BALANCES, "spot")
    assert spot and (spot.attempted_at, spot.succeeded_at, spot.duration_ms) == (
        NOW,
        NOW + timedelta(seconds=1),
        1000,
    )
