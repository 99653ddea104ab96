"""Past prices: by the shortest route, kept with it; what nobody served is kept as such, what failed
is asked again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal, localcontext
from typing import Any

import pytest

from exchange_cache.adapter.policy import CandlePolicy
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.stored import RateMiss, StoredRate
from exchange_cache.clock import SetClock
from exchange_cache.errors import ExchangeUnavailable
from exchange_cache.money import EXACT
from exchange_cache.sync.candles import CandleSource
from exchange_cache.sync.rates import (
    ASK_AGAIN,
    BATCH,
    Fetched,
    Known,
    RateFetcher,
    StoredRates,
    due_again,
    hour_of,
)
from tests.builders import NOW
from tests.sync.fake_port import DAY, HOUR, Ending, FakeExchange, candle, market, policy

DOWN = ExchangeUnavailable("down")
HOURLY = CandlePolicy(resolutions=("1h",))
NOTHING = Known(rates={}, misses={}, due=())


def exchange(
    closes: dict[str, dict[datetime, str] | Exception],
    *,
    account: str = "main",
    candles: CandlePolicy = HOURLY,
) -> FakeExchange:
    return FakeExchange(
        policy(candles=candles),
        account=account,
        closes=closes,
        listed={symbol: market(symbol) for symbol in closes},
    )


def hours(*closes: str, start: int = 0) -> dict[datetime, str]:
    return {NOW + (start + number) * HOUR: close for number, close in enumerate(closes)}


def asked(
    hours: Iterable[tuple[str, int]],
    *ports: FakeExchange,
    quote: str = "USDT",
    known: Known = NOTHING,
) -> Fetched:
    fetcher = RateFetcher(CandleSource(ports, NOW + 29 * DAY), quote, known, NOW + 29 * DAY)
    return fetcher.fetch([(asset, NOW + hour * HOUR) for asset, hour in hours])


def fetch(
    requested: Iterable[tuple[str, int]], *ports: FakeExchange, quote: str = "USDT"
) -> list[StoredRate]:
    return list(asked(requested, *ports, quote=quote).rates)


def reported(rates: list[StoredRate]) -> list[tuple[str, Decimal | None, tuple[str, ...]]]:
    return [(rate.asset, rate.value, rate.route) for rate in rates]


def test_a_direct_market_gives_the_close_of_the_hour() -> None:
    (rate,) = fetch([("BTC", 1)], exchange({"BTC/USDT": hours("100", "101.5", "102")}))

    assert rate == StoredRate(
        asset="BTC",
        quote="USDT",
        at=NOW + HOUR,
        resolution_s=3600,
        value=Decimal("101.5"),
        route=("BTC/USDT@main",),
    )


def test_an_inverse_market_is_divided() -> None:
    assert reported(fetch([("EUR", 0)], exchange({"USDT/EUR": hours("0.8")}))) == [
        ("EUR", Decimal("1.25"), ("USDT/EUR@main",))
    ]
    with localcontext(EXACT):
        third = 1 / Decimal(3)
    assert reported(fetch([("EUR", 0)], exchange({"USDT/EUR": hours("3")})))[0][1] == third


def test_a_bridge_is_crossed_where_there_is_no_direct_market() -> None:
    port = exchange({"XRP/BTC": hours("0.00002"), "BTC/USDT": hours("50000")})

    assert reported(fetch([("XRP", 0)], port)) == [
        ("XRP", Decimal(1), ("XRP/BTC@main", "BTC/USDT@main"))
    ]


def test_a_bridge_may_be_crossed_backwards() -> None:
    port = exchange({"XRP/BTC": hours("0.00002"), "BTC/USDT": hours("50000")})

    assert reported(fetch([("USDT", 0)], port, quote="XRP")) == [
        ("USDT", Decimal(1), ("BTC/USDT@main", "XRP/BTC@main"))
    ]


def test_a_direct_market_comes_before_a_bridge() -> None:
    port = exchange(
        {"ETH/USDT": hours("2000"), "ETH/BTC": hours("0.05"), "BTC/USDT": hours("50000")}
    )

    assert reported(fetch([("ETH", 0)], port))[0][1:] == (Decimal(2000), ("ETH/USDT@main",))
    assert {symbol for symbol, _ in port.candles_asked} == {"ETH/USDT"}


def test_a_bridge_helps_where_the_direct_market_did_not_exist_yet() -> None:
    port = exchange(
        {"ETH/USDT": hours("2000", start=5), "ETH/BTC": hours("0.05"), "BTC/USDT": hours("50000")}
    )

    assert reported(fetch([("ETH", 0)], port))[0][1:] == (
        Decimal(2500),
        ("ETH/BTC@main", "BTC/USDT@main"),
    )


def test_the_two_legs_of_a_bridge_may_be_of_two_accounts() -> None:
    first, second = (
        exchange({"XRP/BTC": hours("0.1")}, account="a"),
        exchange({"BTC/USDT": hours("10")}, account="b"),
    )

    assert reported(fetch([("XRP", 0)], first, second))[0][1:] == (
        Decimal(1),
        ("XRP/BTC@a", "BTC/USDT@b"),
    )


def test_who_serves_candles_of_any_age_is_asked_first() -> None:
    short, long = (
        exchange({"BTC/USDT": hours("1")}, account="short", candles=replace(HOURLY, newest=720)),
        exchange({"BTC/USDT": hours("2")}, account="long"),
    )

    assert reported(fetch([("BTC", 0)], short, long))[0][2] == ("BTC/USDT@long",)


def test_a_series_is_asked_once_for_many_hours() -> None:
    port = exchange({"BTC/USDT": hours(*(str(number) for number in range(1, 400)))})
    rates = fetch([("BTC", hour) for hour in range(398, -1, -1)], port)

    assert [rate.value for rate in rates] == [Decimal(number) for number in range(1, 400)]
    assert port.candles_asked == [("BTC/USDT", NOW)]


def test_a_hole_in_a_series_is_asked_once() -> None:
    port = exchange({"BTC/USDT": {NOW: "1", NOW + 3 * HOUR: "4"}})
    rates = fetch([("BTC", 0), ("BTC", 1), ("BTC", 2), ("BTC", 3)], port)

    assert [rate.value for rate in rates] == [Decimal(1), None, None, Decimal(4)]
    assert len(port.candles_asked) == 1


def test_what_nobody_serves_is_kept_as_such() -> None:
    assert reported(fetch([("SCAM", 0)], exchange({"BTC/USDT": hours("1")}))) == [
        ("SCAM", None, ())
    ]
    assert reported(fetch([("BTC", -9)], exchange({"BTC/USDT": hours("1")}))) == [("BTC", None, ())]


def test_a_zero_close_is_no_price() -> None:
    assert reported(fetch([("BTC", 0)], exchange({"BTC/USDT": hours("0")}))) == [("BTC", None, ())]
    assert reported(fetch([("EUR", 0)], exchange({"USDT/EUR": hours("0")}))) == [("EUR", None, ())]


def test_a_failing_exchange_leaves_nothing_behind() -> None:
    found = asked([("BTC", 0), ("BTC", 1)], exchange({"BTC/USDT": DOWN}))

    assert found == Fetched(rates=(), misses=(), failures=("down",))


def test_another_route_helps_where_one_exchange_fails() -> None:
    broken, good = (
        exchange({"BTC/USDT": DOWN}, account="a"),
        exchange({"BTC/USDT": hours("7")}, account="b"),
    )

    assert reported(fetch([("BTC", 0)], broken, good)) == [("BTC", Decimal(7), ("BTC/USDT@b",))]


def test_a_failing_bridge_is_not_taken_for_unserved_by_the_next_asset() -> None:
    port = exchange({"AAA/BTC": hours("1"), "BBB/BTC": hours("1"), "BTC/USDT": DOWN})

    assert fetch([("AAA", 0), ("BBB", 0)], port) == []
    assert len([symbol for symbol, _ in port.candles_asked if symbol == "BTC/USDT"]) == 1


def test_unknown_markets_are_not_taken_for_unserved() -> None:
    blind = exchange({"BTC/USDT": hours("1")})
    blind.listed = DOWN
    found = asked([("BTC", 0)], blind)

    assert found == Fetched(rates=(), misses=(), failures=("down",))


@pytest.mark.parametrize("minutes", [0, 1, 59])
def test_a_moment_takes_the_rate_of_its_hour(minutes: int) -> None:
    rates = StoredRates(fetch([("BTC", 0)], exchange({"BTC/USDT": hours("5")})))
    found = rates.rate("BTC", NOW + timedelta(minutes=minutes))

    assert found is not None
    assert (found.value, found.route, found.resolution) == (Decimal(5), ("BTC/USDT@main",), 3600)
    assert rates.missing == set()
    assert hour_of(NOW + timedelta(minutes=minutes)) == NOW


def test_what_was_asked_in_vain_is_noted_once_and_unserved_hours_are_not() -> None:
    rates = StoredRates(
        [StoredRate(asset="X", quote="USDT", at=NOW, resolution_s=3600, value=None, route=())]
    )
    assert rates.rate("BTC", NOW) is None
    assert rates.rate("BTC", NOW + timedelta(minutes=5)) is None
    assert rates.rate("X", NOW) is None

    assert rates.missing == {("BTC", NOW)}
    rates.add(fetch([("BTC", 0)], exchange({"BTC/USDT": hours("5")})))
    assert rates.rate("BTC", NOW) is not None
    assert rates.missing == set()


def test_what_nobody_served_is_asked_again_after_a_while(
    repository: ExchangeCacheRepository, clock: SetClock
) -> None:
    repository.derived.save_rates(fetch([("SCAM", 0)], exchange({})), clock.now())
    assert due_again(repository.derived, "USDT", clock) == set()

    clock.at += ASK_AGAIN + HOUR
    assert due_again(repository.derived, "USDT", clock) == {("SCAM", NOW)}
    assert due_again(repository.derived, "EUR", clock) == set()


# --- wider candles --------------------------------------------------------------------------------

KRAKEN = CandlePolicy(newest=720)


def old_exchange(
    *, hourly: dict[str, dict[datetime, str]], daily: dict[str, str], served: CandlePolicy = KRAKEN
) -> FakeExchange:
    """One whose daily candles contain NOW, and whose hourly ones begin later."""
    port = exchange({symbol: hourly.get(symbol, {}) for symbol in daily}, candles=served)
    for symbol, close in daily.items():
        one = candle(symbol, NOW - NOW.hour * HOUR, close, seconds=86_400)
        port.wider[symbol, "1d"] = (one,)
    return port


def at_last(port: FakeExchange, *, known: Known = NOTHING, after: timedelta = 100 * DAY) -> Fetched:
    fetcher = RateFetcher(CandleSource([port], NOW + after), "USDT", known, NOW + after)
    return fetcher.fetch([("USD", NOW)])


def test_a_day_prices_an_hour_that_no_market_serves() -> None:
    port = old_exchange(hourly={}, daily={"USDT/USD": "0.8"})
    (rate,) = at_last(port).rates

    assert (rate.value, rate.resolution_s) == (Decimal("1.25"), 86_400)
    assert (rate.at, rate.route) == (NOW, ("USDT/USD@main",))
    assert len(port.candles_asked) == 1


def test_an_hourly_candle_of_a_worse_route_comes_before_a_daily_one() -> None:
    port = old_exchange(
        hourly={"EUR/USD": hours("2"), "EUR/USDT": hours("3")},
        daily={"USDT/USD": "0.8", "EUR/USD": "1", "EUR/USDT": "1"},
        served=CandlePolicy(),
    )
    (rate,) = at_last(port).rates

    assert (rate.value, rate.resolution_s) == (Decimal("1.5"), 3_600)
    assert rate.route == ("EUR/USD@main", "EUR/USDT@main")


def test_a_week_prices_what_no_day_does() -> None:
    port = old_exchange(hourly={}, daily={"USDT/USD": "9"})
    port.wider["USDT/USD", "1w"] = (candle("USDT/USD", NOW - 2 * DAY, "0.5", seconds=604_800),)
    (rate,) = at_last(port, after=1000 * DAY).rates

    assert (rate.value, rate.resolution_s) == (Decimal(2), 604_800)


def test_a_price_by_the_day_gives_way_to_one_by_the_hour_and_not_the_reverse() -> None:
    daily = StoredRate(
        asset="USD", quote="USDT", at=NOW, resolution_s=86_400, value=Decimal(7),
        route=("USDT/USD@main",),
    )  # fmt: skip
    key = ("USD", NOW)
    known = Known(rates={key: daily}, misses={}, due=())
    hourly = old_exchange(hourly={"USDT/USD": hours("0.5")}, daily={"USDT/USD": "0.8"})
    assert [rate.value for rate in at_last(hourly, known=known, after=9 * DAY).rates] == [2]

    fine = Known(rates={key: replace(daily, resolution_s=3_600)}, misses={}, due=(key,))
    assert at_last(old_exchange(hourly={}, daily={"USDT/USD": "0.8"}), known=fine).rates == (
        replace(daily, resolution_s=3_600),
    )


def test_a_market_without_a_daily_candle_is_a_miss_of_that_width() -> None:
    port = exchange({"USDT/USD": {}}, candles=KRAKEN)
    found = at_last(port)

    assert {miss.resolution_s for miss in found.misses} == {86_400, 604_800}
    assert [rate.value for rate in found.rates] == [None]


def test_what_was_fetched_before_an_end_in_the_middle_is_stored() -> None:
    names = [f"A{number:02}" for number in range(BATCH + 5)]
    closes: Any = {f"{name}/USDT": hours("7") for name in names}
    closes["A03/USDT"] = {}
    listed = {symbol: market(symbol) for symbol in closes}
    port = Ending(policy(candles=HOURLY), closes=closes, listed=listed)
    port.left = BATCH + 2
    stored: list[tuple[list[str], list[str]]] = []

    def store(rates: Sequence[StoredRate], misses: Sequence[RateMiss]) -> None:
        stored.append(([one.asset for one in rates], [one.symbol for one in misses]))

    fetcher = RateFetcher(CandleSource([port], NOW + DAY), "USDT", NOTHING, NOW + DAY)
    with pytest.raises(KeyboardInterrupt):
        fetcher.fetch([(name, NOW) for name in names], store=store)

    first, rest = stored
    assert first == (names[:BATCH], ["A03/USDT"])
    assert rest == (names[BATCH : BATCH + 2], [])
