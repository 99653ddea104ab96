"""Costs are derived once per change of the ledger, with the rates they need; findings tell what the
history misses."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.stored import StatedCost
from exchange_cache.cache.streams import StreamKey
from exchange_cache.clock import SetClock
from exchange_cache.errors import ExchangeUnavailable
from exchange_cache.records import AverageMethod, DataType, ReportedAverage
from exchange_cache.sync import averages, costs
from exchange_cache.sync.costs import CostSettings, derive_costs
from exchange_cache.sync.dust import dust_limits
from exchange_cache.sync.rates import ASK_AGAIN
from tests.builders import NOW, balance, fill, position, transfer
from tests.sync.fake_port import DAY, HOUR, Ending, FakeExchange, market, policy

SETTINGS = CostSettings(reporting_asset="USDT", accounts=("main", "other"))
FILLS = StreamKey(account="main", data_type=DataType.FILLS, scope="spot")
DEPOSITS = StreamKey(account="main", data_type=DataType.TRANSFERS, scope="deposits")


@pytest.fixture
def port(clock: SetClock) -> FakeExchange:
    symbols = ("BTC/USDT", "ETH/BTC", "ETH/USDT")
    listed = {symbol: market(symbol, min_amount="0.001") for symbol in symbols}
    return FakeExchange(
        policy(),
        clock=clock,
        listed=listed,
        closes={"BTC/USDT": {NOW: "100"}, "ETH/USDT": {NOW: "10"}},
    )


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry per computation of the whole ledger."""
    calls: list[int] = []
    compute = costs._derived

    def counting(*args: Any, **more: Any) -> Any:
        calls.append(1)
        return compute(*args, **more)

    monkeypatch.setattr(costs, "_derived", counting)
    return calls


def keep(
    repository: ExchangeCacheRepository,
    *records: Any,
    key: StreamKey = FILLS,
    refresh: bool = False,
) -> None:
    repository.ledger.save_page(repository.ledger.state(key), records, NOW, refresh=refresh)


def average(repository: ExchangeCacheRepository, asset: str) -> Decimal | None:
    (found,) = (
        item
        for item in repository.derived.bases("average", "USDT")
        if item.asset == asset and item.account is None
    )
    return found.average_entry_price


def test_a_finding_stays_while_the_next_comparison_of_its_account_waits(
    repository: ExchangeCacheRepository,
    clock: SetClock,
    port: FakeExchange,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown = ReportedAverage(
        name="avgPx", method=AverageMethod.MOVING, unit="USDT", price=Decimal(150)
    )
    held = replace(balance("1", "BTC"), told_averages=(shown,), fetched_at=NOW + DAY)
    repository.mirror.replace_balances("main", "spot", (held,))
    keep(repository, fill("1", "1", "100", time=NOW))
    monkeypatch.setattr(averages, "MANY_FILLS", 0)

    def codes() -> list[str]:
        derive_costs(repository, [port], SETTINGS, clock)
        return [item.code for item in repository.derived.findings(["main"])]

    assert "average_differs" in codes()
    right = replace(held, told_averages=(replace(shown, price=Decimal(100)),))
    repository.mirror.replace_balances("main", "spot", (right,))
    assert "average_differs" in codes(), "the next comparison is due in a day"
    clock.at += DAY
    assert "average_differs" not in codes()


def test_costs_are_derived_from_the_fills(
    repository: ExchangeCacheRepository, clock: SetClock, port: FakeExchange
) -> None:
    keep(
        repository,
        fill("1", "1", "100", time=NOW),
        fill("2", "1", "200", time=NOW, fees=("2 USDT",)),
    )

    assert derive_costs(repository, [port], SETTINGS, clock) == ()
    assert average(repository, "BTC") == Decimal(151)
    assert port.candles_asked == []


def test_rates_that_the_ledger_needs_are_fetched_once_and_kept(
    repository: ExchangeCacheRepository, clock: SetClock, port: FakeExchange
) -> None:
    keep(repository, fill("1", "2", "0.1", symbol="ETH/BTC", time=NOW + timedelta(minutes=5)))
    derive_costs(repository, [port], SETTINGS, clock)

    assert {(rate.asset, rate.at, rate.value) for rate in repository.derived.rates("USDT")} == {
        ("BTC", NOW, Decimal(100)),
        ("ETH", NOW, Decimal(10)),
    }
    assert average(repository, "ETH") == Decimal(10)
    asked = list(port.candles_asked)
    keep(repository, fill("2", "2", "0.1", symbol="ETH/BTC", time=NOW + timedelta(minutes=6)))
    derive_costs(repository, [port], SETTINGS, clock)
    assert port.candles_asked == asked


def test_nothing_is_recomputed_when_nothing_changed(
    repository: ExchangeCacheRepository, clock: SetClock, port: FakeExchange, computed: list[int]
) -> None:
    keep(repository, fill("1"))
    derive_costs(repository, [port], SETTINGS, clock)
    before = {table: repository.dump(table) for table in repository.table_counts()}
    computed.clear()
    clock.at += HOUR
    keep(repository, fill("1"))
    derive_costs(repository, [port], SETTINGS, clock)

    assert computed == []
    assert {table: repository.dump(table) for table in repository.table_counts()} == before


def state_cost(repository: ExchangeCacheRepository, price: str) -> int:
    cost = StatedCost(
        account="",
        asset="BTC",
        quantity=Decimal(1),
        price=Decimal(price),
        quote="USDT",
        at=NOW - DAY,
        note=None,
    )
    return repository.derived.state_cost(cost, NOW)


def test_every_change_of_what_cost_depends_on_is_noticed(
    repository: ExchangeCacheRepository, clock: SetClock, port: FakeExchange, computed: list[int]
) -> None:
    keep(repository, fill("1", "1", "100", time=NOW))
    keep(repository, transfer("1", "1", time=NOW - DAY, status="pending"), key=DEPOSITS)
    stated: list[int] = []

    def restate() -> None:
        repository.derived.remove_stated_cost(stated.pop())
        stated.append(state_cost(repository, "60"))

    changes = {
        "the first time": lambda: None,
        "a new fill": lambda: keep(repository, fill("2", "1", "200", time=NOW)),
        "a fill that was corrected": lambda: keep(
            repository, fill("2", "1", "300", time=NOW), refresh=True
        ),
        "a transfer that arrived": lambda: keep(
            repository, transfer("1", "1", time=NOW - DAY), key=DEPOSITS
        ),
        "a transfer that failed after all": lambda: keep(
            repository, transfer("1", "1", time=NOW - DAY, status="failed"), key=DEPOSITS
        ),
        "a stated cost": lambda: stated.append(state_cost(repository, "50")),
        "another stated cost under the same number": restate,
        "another least amount": lambda: port.listed.update(
            {"BTC/USDT": market("BTC/USDT", min_amount="0.5")}
        ),  # type: ignore[union-attr]
    }
    for name, change in changes.items():
        change()
        computed.clear()
        derive_costs(repository, [port], SETTINGS, clock)
        assert computed, name
        computed.clear()
        derive_costs(repository, [port], SETTINGS, clock)
        assert not computed, f"{name}, twice"


def test_another_method_or_reporting_asset_is_derived_anew(
    repository: ExchangeCacheRepository, clock: SetClock, port: FakeExchange
) -> None:
    keep(repository, fill("1", time=NOW))
    derive_costs(repository, [port], SETTINGS, clock)
    derive_costs(repository, [port], replace(SETTINGS, method="fifo"), clock)

    assert repository.derived.bases("fifo", "USDT")
    assert repository.derived.bases("average", "USDT")


def test_a_failing_exchange_is_asked_again_and_noted(
    repository: ExchangeCacheRepository, clock: SetClock, port: FakeExchange
) -> None:
    keep(repository, fill("1", "2", "0.1", symbol="ETH/BTC", time=NOW))
    port.closes = {"BTC/USDT": ExchangeUnavailable("down"), "ETH/USDT": ExchangeUnavailable("down")}
    notes = derive_costs(repository, [port], SETTINGS, clock)
    assert notes == ("averages: past prices are missing, the next sync tries again: down",)
    assert repository.derived.rates("USDT") == ()

    port.closes = {"BTC/USDT": {NOW: "100"}}
    assert derive_costs(repository, [port], SETTINGS, clock) == ()
    assert average(repository, "ETH") == Decimal(10)


def test_prices_fetched_before_ctrl_c_are_stored_and_not_requested_again(
    repository: ExchangeCacheRepository, clock: SetClock, port: FakeExchange
) -> None:
    for number, base in enumerate(("ETH", "SOL", "XRP")):
        row = fill(str(number), "2", "0.1", symbol=f"{base}/BTC", time=NOW)
        keep(repository, row)
    closes: Any = {f"{base}/USDT": {NOW: "10"} for base in ("ETH", "SOL", "XRP")}
    listed = {symbol: market(symbol) for symbol in closes}
    ending = Ending(port.policy, closes=closes, listed=listed)
    ending.left = 2
    with pytest.raises(KeyboardInterrupt):
        derive_costs(repository, [ending], SETTINGS, clock)
    assert {rate.asset for rate in repository.derived.rates("USDT")} == {"BTC", "ETH", "SOL"}
    assert repository.costs_open("USDT")

    whole = FakeExchange(port.policy, closes=closes, listed=listed)
    derive_costs(repository, [whole], SETTINGS, clock)
    assert [symbol for symbol, _ in whole.candles_asked] == ["XRP/USDT"]
    assert average(repository, "XRP") == Decimal(10)
    assert not repository.costs_open("USDT")


def test_rates_missed_because_no_account_could_be_opened_are_asked_by_the_next_run(
    repository: ExchangeCacheRepository, clock: SetClock, port: FakeExchange
) -> None:
    keep(repository, fill("1", "2", "0.1", symbol="ETH/BTC", time=NOW))
    derive_costs(repository, [], SETTINGS, clock)
    assert average(repository, "ETH") is None

    derive_costs(repository, [port], SETTINGS, clock)
    assert average(repository, "ETH") == Decimal(10)


def test_a_price_fetched_before_its_hour_was_over_outlives_a_run_of_accounts_that_do_not_list_it(
    repository: ExchangeCacheRepository, clock: SetClock, port: FakeExchange
) -> None:
    keep(repository, fill("1", "2", "0.1", symbol="ETH/BTC", time=NOW))
    derive_costs(repository, [port], SETTINGS, clock)
    clock.at += HOUR
    other = FakeExchange(
        policy(), account="other", clock=clock, listed={"XRP/USDT": market("XRP/USDT")}
    )
    derive_costs(repository, [other], SETTINGS, clock)
    assert average(repository, "ETH") == Decimal(10)  # 0.1 BTC at 100

    port.closes["BTC/USDT"] = {NOW: "110"}  # the close of the whole hour
    derive_costs(repository, [port], SETTINGS, clock)
    assert average(repository, "ETH") == Decimal(11)


def test_a_price_that_is_served_no_more_once_its_hour_is_over_stays_and_is_not_asked_for_ever(
    repository: ExchangeCacheRepository, clock: SetClock, port: FakeExchange, computed: list[int]
) -> None:
    keep(repository, fill("1", "2", "0.1", symbol="ETH/BTC", time=NOW))
    derive_costs(repository, [port], SETTINGS, clock)
    port.closes = {}
    clock.at += ASK_AGAIN + DAY
    derive_costs(repository, [port], SETTINGS, clock)
    computed.clear()
    derive_costs(repository, [port], SETTINGS, clock)

    assert average(repository, "ETH") == Decimal(10)
    assert computed == []


def test_what_nobody_served_is_not_asked_every_hour_but_after_a_while(
    repository: ExchangeCacheRepository, clock: SetClock, port: FakeExchange
) -> None:
    earlier = NOW - 2 * HOUR
    keep(repository, fill("1", "2", "0.1", symbol="ETH/BTC", time=earlier))
    port.closes = {}
    derive_costs(repository, [port], SETTINGS, clock)
    asked = len(port.candles_asked)
    clock.at += HOUR
    derive_costs(repository, [port], SETTINGS, clock)
    assert len(port.candles_asked) == asked

    clock.at += ASK_AGAIN
    port.closes = {"BTC/USDT": {earlier: "100"}}
    derive_costs(repository, [port], SETTINGS, clock)
    assert average(repository, "ETH") == Decimal(10)


def test_a_candle_that_was_still_being_made_is_asked_for_once_more(
    repository: ExchangeCacheRepository, clock: SetClock, port: FakeExchange
) -> None:
    """What the hour's candle says half-way is not its close: a cache filled later would say
    something else."""
    keep(repository, fill("1", "2", "0.1", symbol="ETH/BTC", time=NOW + timedelta(minutes=5)))
    clock.at = NOW + timedelta(minutes=30)
    derive_costs(repository, [port], SETTINGS, clock)
    assert average(repository, "ETH") == Decimal(10)

    port.closes = {"BTC/USDT": {NOW: "130"}, "ETH/USDT": {NOW: "13"}}
    clock.at = NOW + timedelta(minutes=59)
    asked = len(port.candles_asked)
    derive_costs(repository, [port], SETTINGS, clock)
    assert len(port.candles_asked) == asked

    clock.at = NOW + HOUR
    derive_costs(repository, [port], SETTINGS, clock)
    assert average(repository, "ETH") == Decimal(13)
    asked = len(port.candles_asked)
    clock.at += HOUR
    derive_costs(repository, [port], SETTINGS, clock)
    assert len(port.candles_asked) == asked


def test_cost_findings_stay_while_nothing_is_recomputed_and_keep_their_age(
    repository: ExchangeCacheRepository, clock: SetClock, port: FakeExchange
) -> None:
    keep(repository, fill("1", "5", "100", side="sell", time=NOW))
    derive_costs(repository, [port], SETTINGS, clock)
    found = [item for item in repository.derived.findings(["main"]) if item.scope == "cost"]
    assert found
    clock.at += HOUR
    derive_costs(repository, [port], SETTINGS, clock)

    assert [item for item in repository.derived.findings(["main"]) if item.scope == "cost"] == found
    assert {item.since for item in found} == {NOW}


def test_the_least_amount_of_any_market_is_dust(clock: SetClock, port: FakeExchange) -> None:
    port.listed = {
        "BTC/USDT": market("BTC/USDT", min_amount="0.001"),
        "BTC/EUR": market("BTC/EUR", min_amount="0.0001"),
        "ETH/BTC": market("ETH/BTC"),
        "BTC/USDT:USDT": market("BTC/USDT:USDT", min_amount="0.0000001"),
    }

    assert [*dust_limits([port]).values()] == [{"BTC": "0.0001"}]


def test_unknown_markets_keep_the_dust_of_the_last_run(
    repository: ExchangeCacheRepository, clock: SetClock, port: FakeExchange, computed: list[int]
) -> None:
    keep(repository, fill("1", time=NOW))
    derive_costs(repository, [port], SETTINGS, clock)
    computed.clear()
    port.listed = ExchangeUnavailable("down")
    derive_costs(repository, [port], SETTINGS, clock)

    assert computed == []


def test_findings_about_positions_of_one_account_each_keep_their_words(
    repository: ExchangeCacheRepository, clock: SetClock, port: FakeExchange
) -> None:
    positions = [position(symbol) for symbol in ("BTC/USDT:USDT", "ETH/USDT:USDT")]
    repository.mirror.replace_positions("main", "linear", positions)
    keep(repository, fill("1", "1", "100", time=NOW))
    derive_costs(repository, [port], SETTINGS, clock)

    (found,) = repository.derived.findings(["main"])
    assert found.code == "position_not_explained"
    assert "BTC/USDT:USDT" in found.message and "ETH/USDT:USDT" in found.message
