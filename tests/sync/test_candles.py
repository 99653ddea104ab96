"""The candle with an hour is found whatever hour days and weeks open at, in few requests, and an
exchange is not asked for what it cannot serve."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from exchange_cache.adapter.policy import CandlePolicy
from exchange_cache.errors import (
    CertificateRefused,
    ExchangeFault,
    ExchangeUnavailable,
    ProxyFailed,
)
from exchange_cache.sync.candles import PATIENCE, RESOLUTIONS, CandleSource, price_of
from exchange_cache.value.rate_routes import Leg
from tests.builders import NOW
from tests.sync.fake_port import DAY, HOUR, FakeExchange, candle, market, policy

HOURS, DAYS, WEEKS = RESOLUTIONS
LEG = Leg("main", "BTC/USDT", inverse=False)
MIDNIGHT = NOW.replace(hour=0, minute=0, second=0, microsecond=0)


def day(number: int, opened: str, close: str, *, opens: int = 0, days: int = 1) -> object:
    at = MIDNIGHT + number * DAY + opens * HOUR
    return candle("BTC/USDT", at, close, opened, seconds=days * 86_400)


def exchange(*, served: CandlePolicy | None = None, **wider: object) -> FakeExchange:
    return FakeExchange(
        policy(candles=served or CandlePolicy()),
        listed={"BTC/USDT": market("BTC/USDT")},
        wider={("BTC/USDT", name[1:]): found for name, found in wider.items()},  # type: ignore[misc]
    )


def source(port: FakeExchange, now: datetime = MIDNIGHT + 30 * DAY) -> CandleSource:
    return CandleSource([port], now)


@pytest.mark.parametrize(("hour", "price"), [(0, "10"), (10, "10"), (11, "20"), (23, "20")])
def test_a_day_gives_its_open_in_its_first_half_and_then_its_close(hour: int, price: str) -> None:
    candles = source(exchange(_1d=(day(0, "10", "20"), day(1, "30", "40"))))

    assert candles.price(LEG, MIDNIGHT + hour * HOUR, DAYS) == Decimal(price)


def test_an_hour_gives_its_close() -> None:
    one = candle("BTC/USDT", NOW, "20", "10")

    assert price_of(one, NOW) == 20


@pytest.mark.parametrize("opens", [-8, 0, 16])
def test_days_may_open_at_any_hour(opens: int) -> None:
    found = tuple(day(number, str(number), str(number), opens=opens) for number in range(-1, 3))
    candles = source(exchange(_1d=found))

    inside = MIDNIGHT + 1 * DAY + opens * HOUR + 2 * HOUR
    assert candles.price(LEG, inside, DAYS) == 1
    assert candles.price(LEG, inside + 23 * HOUR, DAYS) == 2


def test_a_week_is_found_on_each_of_its_days() -> None:
    port = exchange(_1w=(day(-3, "7", "9", days=7), day(4, "9", "9", days=7)))
    candles = source(port)

    assert [candles.price(LEG, MIDNIGHT + number * DAY, WEEKS) for number in (-3, 0, 1, 3)] == [
        7, 7, 9, 9,
    ]  # fmt: skip
    assert len(port.candles_asked) == 1


def test_an_hour_between_two_days_has_no_price() -> None:
    candles = source(exchange(_1d=(day(0, "10", "20"), day(2, "30", "40"))))

    assert candles.price(LEG, MIDNIGHT + DAY, DAYS) is None
    assert candles.price(LEG, MIDNIGHT + 2 * DAY, DAYS) == 30


def test_many_days_are_one_request() -> None:
    port = exchange(_1d=tuple(day(number, "1", "1") for number in range(400)))
    candles = source(port, MIDNIGHT + 400 * DAY)

    assert all(candles.price(LEG, MIDNIGHT + hour * HOUR, DAYS) for hour in range(0, 9000, 50))
    assert len(port.candles_asked) == 1


def test_an_answer_without_candles_is_not_asked_for_again() -> None:
    port = exchange()
    candles = source(port)

    assert {candles.price(LEG, MIDNIGHT + number * DAY, DAYS) for number in range(20)} == {None}
    assert len(port.candles_asked) == 1


def test_an_exchange_is_asked_for_its_newest_candles_only() -> None:
    candles = source(exchange(served=CandlePolicy(newest=720)), MIDNIGHT + 1000 * DAY)

    hours = {name: MIDNIGHT + after for name, after in (("old", 0 * DAY), ("new", 999 * DAY))}
    assert {
        (name, resolution.name): candles.reaches(LEG, hour, resolution)
        for name, hour in hours.items()
        for resolution in RESOLUTIONS
    } == {
        ("old", "1h"): False, ("old", "1d"): False, ("old", "1w"): True,
        ("new", "1h"): True, ("new", "1d"): True, ("new", "1w"): True,
    }  # fmt: skip


def test_an_exchange_is_not_asked_for_widths_that_it_lacks() -> None:
    candles = source(exchange(served=CandlePolicy(resolutions=("1h", "1d"))))

    assert not candles.reaches(LEG, NOW, WEEKS)
    assert candles.reaches(LEG, NOW, DAYS)


def test_a_failure_is_remembered_for_the_hour_and_reported() -> None:
    port = exchange()
    port.closes = {"BTC/USDT": ExchangeUnavailable("down", hint="plug it in")}
    candles = source(port)

    for resolution in (HOURS, HOURS, DAYS):
        with pytest.raises(ExchangeFault, match="down"):
            candles.price(LEG, NOW, resolution)
    assert len(port.candles_asked) == 1
    assert list(candles.failures) == ["down; plug it in"]


@pytest.mark.parametrize("kind", [CertificateRefused, ProxyFailed])
def test_a_fault_of_this_machine_is_reported_once_for_all_exchanges(
    kind: type[ExchangeFault],
) -> None:
    reported = []
    for account in ("one", "two"):
        port = exchange()
        port.closes = {"BTC/USDT": kind(f"not reached from {account}", hint="cure it")}
        candles = source(port)
        with pytest.raises(kind):
            candles.price(LEG, NOW, HOURS)
        reported += candles.failures
    assert len(set(reported)) == 1
    assert reported[0].endswith("; cure it")


def test_an_exchange_that_waits_is_reported_by_what_it_waits_for() -> None:
    port = exchange()
    port.closes = {"BTC/USDT": ExchangeUnavailable("down")}
    candles = source(port)

    for hours in range(PATIENCE + 2):
        with pytest.raises(ExchangeFault):
            candles.price(LEG, NOW - timedelta(days=hours), HOURS)
    assert len(port.candles_asked) == PATIENCE
    assert list(candles.failures) == ["down"]
