"""Fresh processes do not forget: a ban holds for every process to come, and an hour without news
costs few requests."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from exchange_cache.adapter import pace
from exchange_cache.adapter.policy import CallPolicy, WalletPolicy
from exchange_cache.adapter.port import ExchangePort
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cli.app import App
from exchange_cache.cli.ports import careful_port
from exchange_cache.clock import SetClock, to_ms
from exchange_cache.errors import Banned, RateLimited
from exchange_cache.exchanges import policy_for
from exchange_cache.simulator.dialects.binance.limits import Limits
from exchange_cache.simulator.wire import Request
from exchange_cache.sync.pause import UNSTATED_BAN, PausedPort, Pauses
from tests.builders import NOW
from tests.fresh.helpers import Home
from tests.sync.fake_port import FakeExchange, policy


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[ExchangeCacheRepository]:
    opened = ExchangeCacheRepository.open(tmp_path / "cache.sqlite3")
    yield opened
    opened.close()


def _limits(home: Home) -> Limits:
    return next(
        value
        for value in vars(home.simulator.dialects["binance"]).values()
        if isinstance(value, Limits)
    )


def test_after_a_ban_no_process_sends_anything_before_its_end(
    make_home: Callable[..., Home],
) -> None:
    home = make_home(accounts={"main": "binance", "kraken": "kraken"})
    home.configure("retries = 0")
    assert home.run("sync", "--account", "main", "--only", "balances").code == 0
    record = _limits(home)._records["api"]
    record.banned_until = _limits(home).clock() + 600
    first = home.run("sync", "--only", "balances")
    assert first.code == 1 and "banned this address" in first.err
    sent = len(home.simulator.calls("binance"))

    again = home.process("sync", "--only", "balances")
    assert len(home.simulator.calls("binance")) == sent, "a request during a ban makes it longer"
    assert again.code == 1
    assert (
        again.err.startswith("excache: main: binance banned this address until 2")
        and "nothing is sent" in again.err
    )
    assert len(again.err.splitlines()) == 1
    assert "banned this address until" in home.run("portfolio", "--no-refresh").out
    assert len(home.simulator.calls("kraken", "BalanceEx")) == 2, "the others go on"
    assert home.run("sync", "--account", "main", "--only", "balances").code == 75

    home.execute(
        "UPDATE exchange_memory SET value = json_set(value, '$.until_ms', 0) WHERE key = 'pause"
        " binance'"
    )  # time goes by
    record.banned_until = 0.0
    done = home.run("sync", "--only", "balances")
    assert (done.code, done.err) == (0, "")
    assert len(home.simulator.calls("binance")) > sent


def test_a_banned_exchange_is_not_asked_by_a_check_of_the_account_either(
    make_home: Callable[..., Home],
) -> None:
    home = make_home(accounts={"main": "binance"})
    home.configure("retries = 0")
    limits = _limits(home)
    limits.charge(Request(exchange="binance", host="", method="GET", path="/api/v3/account"))
    limits._records["api"].banned_until = limits.clock() + 600
    first = home.run("account", "check")
    assert first.code == 75 and "banned this address" in first.err
    assert len(home.simulator.calls("binance")) == 1, "the first answer says it"
    for words in (
        ("account", "check"),
        ("account", "check", "--json"),
        ("sync",),
        ("reload", "--force"),
    ):
        assert home.run(*words).code == 75, words
    assert len(home.simulator.calls("binance")) == 1


def test_a_pause_is_kept_in_the_cache_for_all_accounts_of_the_exchange(
    repository: ExchangeCacheRepository,
) -> None:
    clock = SetClock(NOW)
    port = FakeExchange(policy(exchange="fake"), fail={1: Banned("no", retry_after=600.0)})
    with pytest.raises(Banned):
        PausedPort(port, Pauses(repository.progress, clock)).prices(_call())
    other = FakeExchange(policy(exchange="fake"), account="second")
    later = Pauses(repository.progress, clock)
    with pytest.raises(
        Banned, match=r"fake banned this address until 2026-01-31 12:10:00 UTC"
    ) as caught:
        PausedPort(other, later).prices(_call())
    assert (caught.value.account, caught.value.retry_after, caught.value.exit_code) == (
        "second",
        600.0,
        75,
    )
    assert other.requests == 0
    elsewhere = FakeExchange(policy(exchange="another"))
    PausedPort(elsewhere, later).prices(_call())
    clock.at += timedelta(seconds=601)
    PausedPort(other, later).prices(_call())
    assert other.requests == 1


def test_a_ban_without_an_end_lasts_a_quarter_of_an_hour(
    repository: ExchangeCacheRepository,
) -> None:
    clock = SetClock(NOW)
    pauses = Pauses(repository.progress, clock)
    pauses.note("fake", Banned("no"))
    pauses.note("fake", Banned("no", retry_after=5.0))  # a shorter one does not end the longer
    clock.at += UNSTATED_BAN - timedelta(seconds=1)
    with pytest.raises(Banned):
        pauses.refuse("fake", "main")
    clock.at += timedelta(seconds=1)
    pauses.refuse("fake", "main")


def test_a_short_request_to_slow_down_is_waited_for_a_long_one_refused(
    repository: ExchangeCacheRepository,
) -> None:
    clock = SetClock(NOW)
    pauses = Pauses(repository.progress, clock)
    pauses.note("fake", RateLimited("slower"))
    pauses.refuse("fake", "main")
    assert clock.slept == []
    pauses.note("fake", RateLimited("slower", retry_after=8.0))
    pauses.refuse("fake", "main")
    assert clock.slept == [8.0]
    pauses.note("fake", RateLimited("slower", retry_after=300.0))
    with pytest.raises(RateLimited, match="asked us to slow down until") as caught:
        pauses.refuse("fake", "main")
    assert not isinstance(caught.value, Banned)


def _call() -> CallPolicy:
    return CallPolicy(category="spot", method="fake")


# --- what is used up ------------------------------------------------------------------------------


def test_a_nearly_used_allowance_is_waited_for_by_the_next_process() -> None:
    now = 1_000_000 * pace.MINUTE_MS + 10_000
    allowances = policy_for("binance").allowances
    reported = pace.used_of(
        {"X-MBX-USED-WEIGHT-1M": "5500", "X-MBX-USED-WEIGHT": "5500"},
        "GET private account",
        now,
        allowances=allowances,
    )
    kept = pace.from_memory(pace.to_memory(reported, now))
    assert pace.wait_ms(kept, "GET private myTrades", now) == 50_000 + pace.MARGIN_MS
    assert pace.wait_ms(kept, "GET fapiPrivateV3 account", now) == 0, "futures count for themselves"
    assert pace.wait_ms(kept, "GET private myTrades", now + 50_000) == 0
    assert pace.to_memory(reported, now + 50_000) == {}, "the minute is over"
    little = pace.used_of(
        {"x-mbx-used-weight-1m": "1200"}, "GET private account", now, allowances=allowances
    )
    assert pace.wait_ms(little, "GET private myTrades", now) == 0
    assert (
        pace.used_of(
            {"x-mbx-used-weight-1m": "5500"},
            "GET private account",
            now,
            allowances=allowances,
            faster=50,
        )["api"].share
        < 0.02
    )


def test_used_weight_survives_the_process(make_home: Callable[..., Home]) -> None:
    home = make_home(accounts={"main": "binance"})
    assert home.run("sync", "--only", "balances").code == 0
    memory = home.repository().progress.memory("main")
    assert set(memory["used"]) >= {"api", "sapi"}
    assert memory["last_request_ms"] and memory["markets"] and "time_difference" in memory


class _Killed(BaseException):
    """The process ends here, as by SIGKILL: nothing of the project catches it."""


def test_processes_killed_one_after_another_never_ask_for_more_than_is_left(
    make_home: Callable[..., Home],
) -> None:
    """Other programs of this address have used up nearly all of the minute; 20 processes are killed
    as soon as one waits for the next."""
    clock = SetClock(datetime(2026, 5, 4, 12, 0, 1, tzinfo=UTC))
    home = make_home(
        accounts={"main": "binance"}, limit_scale=1, clock=lambda: to_ms(clock.at), app_clock=clock
    )
    config = home.home / "config.toml"
    config.write_text(
        config.read_text().replace("rateLimit = 0.1\n", "rateLimit = 50\n")
    )  # the usual pace of this exchange
    limits = _limits(home)
    limits.clock = lambda: clock.at.timestamp()
    limits._counter("api").charge("ip", 5650)
    clock.on_sleep = lambda seconds: _killed_when_reported_to_wait(clock, seconds)
    wallet = policy_for("binance").wallets[0]
    for _ in range(20):
        app = App(env=home.env, clock=clock, out=io.StringIO(), err=io.StringIO())
        with pytest.raises(_Killed):
            _ask_on(careful_port(app, app.settings.accounts[0]), wallet)
    assert clock.at.minute == 0, "all of it within the minute"
    assert 5650 < limits._counter("api").used("ip") <= 6000, "what is refused counts, too"


def _ask_on(port: ExchangePort, wallet: WalletPolicy) -> None:
    while True:
        port.wallet(wallet)


def _killed_when_reported_to_wait(clock: SetClock, seconds: float) -> None:
    if seconds > 10:
        clock.at -= timedelta(seconds=seconds)
        raise _Killed


# --- an hour without news -------------------------------------------------------------------------


def test_an_hour_without_news_costs_kraken_one_request_per_thing(synced: Home) -> None:
    assert synced.run("sync").code == 0
    asked = len(synced.simulator.requests)
    done = synced.process("sync")
    assert (done.code, done.out, done.err) == (0, "", "")
    assert Counter(
        call.path.rsplit("/", 1)[1] for call in list(synced.simulator.requests)[asked:]
    ) == {
        "Time": 1,
        "BalanceEx": 1,
        "Ticker": 1,
        "OpenOrders": 1,
        "TradesHistory": 1,
        "ClosedOrders": 1,
        "Ledgers": 1,
    }


@pytest.mark.long
def test_an_hour_without_news_downloads_no_markets_and_no_account_modes(
    make_home: Callable[..., Home],
) -> None:
    home = make_home(accounts={"main": "binance", "bybit": "bybit"}, fills=100)
    month_ago = datetime.now(UTC) - timedelta(days=20)
    home.configure(f"sweep_budget = 0\nhistory_start = {month_ago:%Y-%m-%d}")
    assert home.run("sync").code == 0
    asked = len(home.simulator.requests)
    assert home.process("sync").code == 0
    again = list(home.simulator.requests)[asked:]
    paths = Counter((call.exchange, call.path) for call in again)
    once_a_day = (
        "exchangeInfo",
        "instruments-info",
        "getall",
        "query-api",
        "account/info",
        "/time",
        "allPairs",
        "apiRestrictions",
    )
    assert [path for _, path in paths if any(word in path for word in once_a_day)] == []
    streams = len(
        home.query("SELECT 1 FROM exchange_streams WHERE account = 'main' AND symbol <> ''")
    )
    watched = len(
        home.query(
            "SELECT DISTINCT symbol FROM exchange_orders WHERE account = 'main' AND status = 'open'"
        )
    )
    per_symbol = sum(
        number
        for (_, path), number in paths.items()
        if path.endswith(("myTrades", "allOrders", "userTrades"))
    )
    assert per_symbol <= streams + watched, (
        "one request a history, one more where an open order is watched"
    )
    fixed = {
        exchange: sum(1 for call in again if call.exchange == exchange)
        for exchange in ("binance", "bybit")
    }
    assert fixed["bybit"] <= 45
    assert fixed["binance"] - per_symbol <= 45
