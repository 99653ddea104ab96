"""The lowest and highest price of some days: from candles that cover them all, requested once."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from exchange_cache.adapter.policy import CandlePolicy
from exchange_cache.adapter.port import Candle
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.stored import PriceRange
from exchange_cache.cost.averages import compute_basis
from exchange_cache.errors import ExchangeUnavailable
from exchange_cache.sync.candles import CandleSource
from exchange_cache.sync.price_ranges import needed_ranges, open_ranges, ranges_of
from exchange_cache.sync.rates import ASK_AGAIN
from tests.builders import NOW
from tests.cost.builders import Rates, transfer
from tests.sync.fake_port import DAY, FakeExchange, candle, market, policy

MIDNIGHT = NOW.replace(hour=0, minute=0, second=0, microsecond=0)
THREE = (MIDNIGHT, MIDNIGHT + 3 * DAY)


def days(symbol: str, *prices: tuple[str, str], width: int = 1) -> tuple[Candle, ...]:
    return tuple(
        candle(symbol, MIDNIGHT + width * number * DAY, close, opened, seconds=86_400 * width)
        for number, (opened, close) in enumerate(prices)
    )


def exchange(*, served: CandlePolicy | None = None, **wider: tuple[Candle, ...]) -> FakeExchange:
    found = {(name.replace("_", "/"), "1d"): candles for name, candles in wider.items()}
    return FakeExchange(
        policy(candles=served or CandlePolicy()),
        listed={symbol: market(symbol) for symbol, _ in found},
        wider=found,  # type: ignore[arg-type]
    )


def ranged(
    port: FakeExchange, *requested: tuple[str, object], after: int = 30
) -> tuple[object, ...]:
    source = CandleSource([port], NOW + after * DAY)
    found = ranges_of(source, requested or (("ETH", THREE),), "USDT")  # type: ignore[arg-type]
    return tuple((one.low, one.high, one.route) for one in found)


def test_the_range_is_that_of_all_its_days() -> None:
    port = exchange(ETH_USDT=days("ETH/USDT", ("5", "9"), ("7", "4"), ("6", "8"), ("99", "1")))

    assert ranged(port) == ((Decimal(4), Decimal(9), ("ETH/USDT@main",)),)
    assert len(port.candles_asked) == 1


def test_two_legs_combine_their_lows_and_highs() -> None:
    port = exchange(
        ETH_EUR=days("ETH/EUR", *[("5", "9")] * 3), USDT_EUR=days("USDT/EUR", *[("0.5", "2")] * 3)
    )

    route = ("ETH/EUR@main", "USDT/EUR@main")
    assert ranged(port) == ((Decimal("2.5"), Decimal(18), route),)


def test_days_without_a_candle_leave_it_unknown() -> None:
    two = exchange(ETH_USDT=days("ETH/USDT", ("5", "9"), ("7", "4")))

    assert ranged(two) == ((None, None, ()),)
    assert ranged(two, after=1) == ((Decimal(4), Decimal(9), ("ETH/USDT@main",)),)


def test_days_beyond_the_newest_candles_are_not_requested() -> None:
    port = exchange(served=CandlePolicy(newest=7), ETH_USDT=days("ETH/USDT", *[("5", "9")] * 3))

    assert ranged(port) == ((None, None, ()),)
    assert port.candles_asked == []


def test_a_long_range_is_read_by_weeks() -> None:
    port = exchange(ETH_USDT=())
    weekly = days("ETH/USDT", *[("5", "9")] * 100, width=7)
    port.wider["ETH/USDT", "1w"] = weekly

    found = ranged(port, ("ETH", (MIDNIGHT, MIDNIGHT + 600 * DAY)), after=700)
    assert found == ((Decimal(5), Decimal(9), ("ETH/USDT@main",)),)


def test_a_failure_leaves_it_open() -> None:
    port = exchange(ETH_USDT=())
    port.closes = {"ETH/USDT": ExchangeUnavailable("down")}

    assert ranged(port) == ()


def test_the_days_of_unknown_units_are_needed_and_those_of_the_reporting_asset_not() -> None:
    moves = [transfer("deposit", "1", "ETH", hour=1), transfer("deposit", "1", "USDT", hour=1)]
    made = compute_basis([], moves, reporting_asset="USDT", rates=Rates())
    first = moves[0].time.replace(hour=0, minute=0)

    assert needed_ranges(made.bases, "USDT") == {("ETH", (first, first + DAY))}


def test_a_range_is_requested_again_once_its_days_are_over_or_after_a_while(
    repository: ExchangeCacheRepository,
) -> None:
    def stored(low: str | None, asked: timedelta) -> None:
        price = None if low is None else Decimal(low)
        one = PriceRange(
            asset="ETH", quote="USDT", since=THREE[0], until=THREE[1], low=price, high=price,
            route=(),
        )  # fmt: skip
        repository.derived.save_ranges([one], MIDNIGHT + asked)

    def is_open(after: timedelta) -> bool:
        return bool(open_ranges(repository.derived, [("ETH", THREE)], "USDT", MIDNIGHT + after))

    assert is_open(DAY)
    stored("5", asked=DAY)
    assert [is_open(after) for after in (2 * DAY, 3 * DAY)] == [False, True]
    stored("5", asked=4 * DAY)
    assert not is_open(900 * DAY)
    stored(None, asked=4 * DAY)
    assert [is_open(after) for after in (5 * DAY, 4 * DAY + ASK_AGAIN)] == [False, True]


def test_a_range_is_there_before_the_next_one_is_requested() -> None:
    port = exchange(ETH_USDT=days("ETH/USDT", *[("5", "9")] * 3))
    ticks: list[tuple[str, int, int]] = []
    found = ranges_of(
        CandleSource([port], NOW + 30 * DAY),
        [("ETH", THREE), ("SOL", THREE)],
        "USDT",
        lambda *tick: ticks.append(tick),
    )

    assert next(iter(found)).asset == "ETH"
    assert ticks == [("ETH", 1, 2)]
