"""Any order and any split of accounts over runs ends with the averages of one sync of all."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from exchange_cache.adapter.policy import CandlePolicy
from exchange_cache.adapter.port import Candle, ExchangePort
from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.migrations import MIGRATIONS, migrate
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamKey
from exchange_cache.clock import SetClock, to_ms
from exchange_cache.errors import BadResponse, ExchangeUnavailable, NotOffered
from exchange_cache.records import DataType, Fill
from exchange_cache.sync.candles import PATIENCE
from exchange_cache.sync.costs import CostSettings, derive_costs
from exchange_cache.sync.rates import ASK_AGAIN
from tests.builders import NOW, fill
from tests.effort import examples
from tests.sync.fake_port import DAY, HOUR, FakeExchange, candle, market, policy

NAMES = ("kraken", "okx", "main")
MARKETS = ("ETH/USDT", "ETH/BTC", "BTC/USDT", "USDT/EUR", "BTC/EUR")
MIDNIGHT = NOW.replace(hour=0, minute=0, second=0, microsecond=0)
TRADED = ("ETH/BTC", "BTC/EUR", "ETH/EUR")
DOWN = ExchangeUnavailable("down")

Closes = Mapping[str, Mapping[datetime, str]]


class Exchange(FakeExchange):
    """One whose candle of an hour that goes on shows another close than in the end."""

    def candles(
        self, symbol: str, since: datetime, limit: int, resolution: str = "1h"
    ) -> tuple[Candle, ...]:
        now = self.clock.now()
        made = (
            one for one in super().candles(symbol, since, limit, resolution) if one.opened_at <= now
        )
        return tuple(
            one
            if one.opened_at + timedelta(seconds=one.resolution_s) <= now
            else replace(one, close=one.close * 2)
            for one in made
        )


@dataclass
class World:
    """A cache, the exchanges of some accounts, and what has been traded at each."""

    repository: ExchangeCacheRepository
    closes: Mapping[str, Closes]
    fills: Sequence[Fill] = ()
    clock: SetClock = field(default_factory=lambda: SetClock(NOW + 2 * DAY))
    names: tuple[str, ...] = NAMES
    failing: Mapping[str, Exception] = field(
        default_factory=dict
    )  # by account, or by symbol@account
    asked: list[tuple[str, str, datetime]] = field(default_factory=list)
    quote: str = "USDT"
    exchanges: Mapping[str, str] = field(default_factory=dict)  # of accounts not named as theirs
    days: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # the close of NOW's day

    def sync(self, *accounts: str, again: bool = False) -> tuple[str, ...]:
        """One run: the histories of these accounts (none: of all), then the averages."""
        chosen = accounts or self.names
        for account in chosen:
            key = StreamKey(account=account, data_type=DataType.FILLS, scope="spot")
            own = [one for one in self.fills if one.account == account]
            self.repository.ledger.save_page(
                self.repository.ledger.state(key), own, self.clock.now()
            )
        opened = {account: self._port(account) for account in chosen}

        def beside(names: Collection[str]) -> Sequence[ExchangePort]:
            opened.update({name: self._port(name) for name in self.names if name in names})
            return [opened[name] for name in names]

        costs = CostSettings(reporting_asset=self.quote, accounts=NAMES, sources=self.names)
        own_ports = [opened[account] for account in chosen]
        notes = derive_costs(
            self.repository, own_ports, costs, self.clock, beside=beside, again=again
        )
        self.asked += [
            (name, symbol, since)
            for name, port in opened.items()
            for symbol, since in port.candles_asked
        ]
        return notes

    def served(self, account: str) -> CandlePolicy:
        widths = ("1h", "1d") if self.days else ("1h",)
        return CandlePolicy(resolutions=widths, newest=720 if account == "kraken" else None)

    def _port(self, account: str) -> Exchange:
        closes: dict[str, Any] = dict(self.closes.get(account, {}))
        listed: Any = {symbol: market(symbol) for symbol in closes}
        for symbol in closes:
            closes[symbol] = self.failing.get(f"{symbol}@{account}", closes[symbol])
        return Exchange(
            policy(exchange=self.exchanges.get(account, account), candles=self.served(account)),
            account=account,
            clock=self.clock,
            listed=self.failing.get(account, listed),
            closes=closes,
            wider={
                (symbol, "1d"): (candle(symbol, MIDNIGHT, close, seconds=86_400),)
                for symbol, close in self.days.get(account, {}).items()
            },
        )

    def averages(self) -> dict[tuple[str | None, str], tuple[Decimal | None, Decimal]]:
        found = self.repository.derived.bases("average", self.quote)
        return {
            (one.account, one.asset): (one.average_entry_price, one.explained_quantity)
            for one in found
        }

    def rates(self) -> dict[tuple[str, datetime], tuple[Decimal | None, tuple[str, ...]]]:
        return {
            (one.asset, one.at): (one.value, one.route)
            for one in self.repository.derived.rates(self.quote)
        }

    def route(self, asset: str) -> tuple[str, ...]:
        ((_, route),) = [found for (name, _), found in self.rates().items() if name == asset]
        return route


def at(hour: int) -> datetime:
    return NOW + hour * HOUR


def series(*closes: str) -> dict[datetime, str]:
    return {at(hour): close for hour, close in enumerate(closes)}


@contextmanager
def cached() -> Iterator[ExchangeCacheRepository]:
    with tempfile.TemporaryDirectory() as folder:
        repository = ExchangeCacheRepository.open(Path(folder) / "cache.sqlite3")
        yield repository
        repository.close()


@pytest.fixture
def world(repository: ExchangeCacheRepository) -> World:
    """Something bought at kraken, which serves no price of it, while the others do."""
    closes = {"kraken": {}, "okx": {"BTC/USDT": series("11")}, "main": {"BTC/USDT": series("10")}}
    return World(
        repository, closes, [fill("1", "2", "0.5", symbol="ETH/BTC", account="kraken", time=NOW)]
    )


# --- the property ---------------------------------------------------------------------------------

hours = st.integers(0, 2)
candles = st.dictionaries(hours.map(at), st.integers(1, 99).map(str), max_size=3)
exchanges = st.fixed_dictionaries(
    {name: st.dictionaries(st.sampled_from(MARKETS), candles, max_size=4) for name in NAMES}
)
days = st.fixed_dictionaries(
    {
        name: st.dictionaries(st.sampled_from(MARKETS), st.integers(1, 99).map(str), max_size=4)
        for name in NAMES
    }
)
trades = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(TRADED), hours), min_size=1, max_size=6
)
orders = st.permutations(NAMES)
failures = st.dictionaries(
    st.sampled_from((*NAMES, *(f"{symbol}@{name}" for symbol in MARKETS for name in NAMES))),
    st.sampled_from((DOWN, BadResponse("an HTML page"))),
    max_size=4,
)
#: Runs of one account or two, each with what fails and when: within an hour, or after all of them.
runs = st.lists(
    st.tuples(
        st.sets(st.sampled_from(NAMES), min_size=1, max_size=2),
        failures,
        st.sampled_from((0, 1, 2, 20)),
    ),
    max_size=4,
)


def bought(trades: Sequence[tuple[str, str, int]]) -> list[Fill]:
    return [
        fill(str(number), "3", "0.7", symbol=symbol, account=account, time=at(hour))
        for number, (account, symbol, hour) in enumerate(trades)
    ]


@settings(max_examples=examples(20), deadline=None)
@given(closes=exchanges, days=days, trades=trades, runs=runs, order=orders)
def test_any_order_and_any_split_of_runs_gives_the_rates_and_averages_of_one_sync_of_all(
    closes: Mapping[str, Closes],
    days: Mapping[str, Mapping[str, str]],
    trades: list[tuple[str, str, int]],
    runs: list[tuple[set[str], Mapping[str, Exception], int]],
    order: Sequence[str],
) -> None:
    with cached() as first, cached() as second:
        split, whole = (
            World(cache, closes, bought(trades), days=days) for cache in (first, second)
        )
        for accounts, failing, hour in sorted(runs, key=lambda run: run[2]):
            split.clock.at, split.failing = at(hour) + HOUR / 2, failing
            split.sync(*sorted(accounts))
        split.clock.at, split.failing = NOW + 2 * DAY, {}
        for account in order:
            split.sync(account)
        whole.sync()

        assert split.averages() == whole.averages()
        both = (
            split.rates().keys() & whole.rates().keys()
        )  # one may have asked for more than it needs
        assert {key: split.rates()[key] for key in both} == {
            key: whole.rates()[key] for key in both
        }


@settings(max_examples=examples(10), deadline=None)
@given(closes=exchanges, trades=trades, failing=failures, order=orders)
def test_a_partial_failure_that_is_over_leaves_nothing_behind_whoever_runs_next(
    closes: Mapping[str, Closes],
    trades: list[tuple[str, str, int]],
    failing: Mapping[str, Exception],
    order: Sequence[str],
) -> None:
    with cached() as first, cached() as second:
        failed, whole = (
            World(first, closes, bought(trades), failing=failing),
            World(second, closes, bought(trades)),
        )
        failed.sync()
        failed.failing = {}
        failed.sync(order[0])
        whole.sync()

        assert failed.averages() == whole.averages()
        asked = len(failed.asked)
        failed.sync()
        assert len(failed.asked) == asked


# --- its parts ------------------------------------------------------------------------------------


def test_what_the_exchange_of_one_account_cannot_serve_is_asked_of_the_others(world: World) -> None:
    assert world.sync("kraken") == ()

    assert world.averages()["kraken", "ETH"] == (Decimal(5) + Decimal("0.5"), Decimal(2))
    assert world.route("BTC") == ("BTC/USDT@okx",)


def test_nobody_is_asked_where_nothing_is_open(world: World) -> None:
    world.sync("kraken")
    world.asked.clear()
    world.failing = {"okx": DOWN, "main": DOWN}

    assert world.sync("kraken") == ()
    assert world.asked == []


def test_a_price_of_a_worse_source_serves_until_the_better_one_answers(world: World) -> None:
    world.failing = {"BTC/USDT@okx": DOWN}
    assert world.sync("kraken") == (
        "averages: past prices of a preferred exchange are missing, the next sync tries again:"
        " down",
    )
    assert world.route("BTC") == ("BTC/USDT@main",)
    world.failing = {}
    assert world.sync("kraken") == ()

    assert world.route("BTC") == ("BTC/USDT@okx",)


def test_a_miss_binds_the_market_that_had_no_candle_and_no_other(world: World) -> None:
    world.closes = {"kraken": {}, "okx": {"BTC/USDT": {}}, "main": {}}
    world.sync()
    assert world.rates()["BTC", NOW] == (None, ())
    world.closes = {**world.closes, "main": {"BTC/USDT": series("10")}}
    world.sync("main")

    assert world.route("BTC") == ("BTC/USDT@main",)
    assert [name for name, symbol, _ in world.asked if symbol == "BTC/USDT"] == ["okx", "main"]


@pytest.mark.parametrize("accounts", [("okx",), ("kraken",), ()])
def test_a_miss_is_not_asked_every_hour_but_after_a_week(
    world: World, accounts: tuple[str, ...]
) -> None:
    world.closes = {"kraken": {}, "okx": {"BTC/USDT": {}}, "main": {"BTC/USDT": {}}}
    world.sync()
    world.asked.clear()
    for _ in range(3):
        world.clock.at += HOUR
        world.sync(*accounts)
    assert world.asked == []
    world.clock.at += ASK_AGAIN
    world.sync(*accounts)
    assert [name for name, _, _ in world.asked] == ["okx", "main"]
    world.sync(*accounts)

    assert len(world.asked) == 2


def test_a_full_sync_asks_the_markets_of_its_accounts_once_more(world: World) -> None:
    world.closes = {"kraken": {}, "okx": {"BTC/USDT": {}}, "main": {"BTC/USDT": {}}}
    world.sync()
    world.asked.clear()
    world.closes = {**world.closes, "main": {"BTC/USDT": series("10")}}
    world.sync("main")
    assert world.rates()["BTC", NOW] == (None, ())
    world.sync("main", again=True)

    assert world.route("BTC") == ("BTC/USDT@main",)
    assert [name for name, _, _ in world.asked] == ["main"]


def test_a_new_account_is_asked_for_what_was_found_nowhere(world: World) -> None:
    world.names = ("kraken", "main")
    world.closes = {**world.closes, "main": {}}
    world.sync()
    assert world.rates()["BTC", NOW] == (None, ())
    world.names = NAMES
    world.sync("kraken")

    assert world.route("BTC") == ("BTC/USDT@okx",)


def test_a_price_of_an_account_that_is_removed_or_disabled_stays(world: World) -> None:
    world.sync()
    world.names = ("kraken", "main")
    world.sync()

    assert world.route("BTC") == ("BTC/USDT@okx",)


def test_a_price_of_a_market_that_is_listed_no_more_stays(world: World) -> None:
    world.sync()
    world.closes = {**world.closes, "okx": {}}
    world.sync()

    assert world.route("BTC") == ("BTC/USDT@okx",)


def test_an_account_of_the_same_name_at_another_exchange_is_asked_anew(world: World) -> None:
    world.closes = {"kraken": {}, "okx": {"BTC/USDT": {}}, "main": {}}
    world.sync()
    world.closes, world.exchanges = {"okx": {"BTC/USDT": series("9")}}, {"okx": "gate"}
    world.sync("okx")

    assert world.rates()["BTC", NOW] == (Decimal(9), ("BTC/USDT@okx",))


def test_another_reporting_asset_is_searched_for_anew(world: World) -> None:
    world.closes = {"okx": {"BTC/USDT": {}, "BTC/EUR": series("9")}}
    world.sync()
    world.quote = "EUR"
    world.sync("kraken")

    assert world.route("BTC") == ("BTC/EUR@okx",)


def test_an_exchange_that_offers_no_candles_is_no_failure(world: World) -> None:
    world.failing = {"BTC/USDT@okx": NotOffered("no candles")}

    assert world.sync() == ()
    assert world.route("BTC") == ("BTC/USDT@main",)
    asked = len(world.asked)
    world.sync()
    assert len(world.asked) == asked


def test_an_exchange_that_is_down_is_not_asked_for_every_hour(world: World) -> None:
    world.fills = [
        fill(str(hour), "2", "0.5", symbol="ETH/BTC", account="kraken", time=NOW - hour * DAY)
        for hour in range(PATIENCE * 3)
    ]
    world.failing = {"BTC/USDT@okx": DOWN}
    world.sync()

    assert len([name for name, _, _ in world.asked if name == "okx"]) == PATIENCE


def test_a_hole_in_a_series_says_nothing_about_the_hours_before_it(world: World) -> None:
    """A market without a trade in one hour was taken to begin after it."""
    world.closes = {"okx": {"ETH/BTC": {}, "BTC/USDT": {at(0): "7", at(2): "9"}}}
    world.fills = [
        fill("1", "2", "0.5", symbol="AAA/BTC", account="okx", time=at(1)),
        fill("2", "2", "0.5", symbol="ZZZ/BTC", account="okx", time=at(0)),
    ]
    world.sync()

    assert {
        hour: value for (asset, hour), (value, _) in world.rates().items() if asset == "BTC"
    } == {at(0): Decimal(7), at(1): None}


def test_a_cache_of_misses_without_a_source_is_healed_by_the_next_sync(tmp_path: Path) -> None:
    old = CacheDatabase(tmp_path / "old.sqlite3")
    migrate(old.peewee, "here", MIGRATIONS[:3])
    row = ("BTC", "USDT", to_ms(NOW), 3600, None, "[]", to_ms(NOW + DAY))
    old.peewee.execute_sql("INSERT INTO asset_rates VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    old.close()
    repository = ExchangeCacheRepository.open(tmp_path / "old.sqlite3")
    bought_there = fill("1", "2", "0.5", symbol="ETH/BTC", account="kraken", time=NOW)
    world = World(repository, {"okx": {"BTC/USDT": series("11")}}, [bought_there])
    world.sync("kraken")

    assert world.route("BTC") == ("BTC/USDT@okx",)
    repository.close()
