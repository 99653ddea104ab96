"""Net worth before the first snapshot: the books of a known world at prices of stored rows."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from exchange_cache.clock import from_ms, to_ms
from exchange_cache.portfolio.net_worth import Prices, thinned, usual_step
from exchange_cache.portfolio.series import Worth
from exchange_cache.zones import shown_in, zone_of
from tests.portfolio.conftest import NOON, StillWorld, still_world
from tests.value.builders import asset_of

DAY = timedelta(days=1)
MONTH = timedelta(days=31)


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StillWorld]:
    """A first sync, and another one two hours later."""
    for made in still_world(
        tmp_path_factory.mktemp("synced"), seed=8, fills=300, accounts={"kraken": "kraken"}
    ):
        made.sync()
        made.pass_time(hours=2)
        made.venue.trade("kraken", "BTC/EUR", "buy", Decimal("0.01"))
        made.sync()
        yield made


def rows(world: StillWorld, *options: str) -> list[dict]:
    return world.run("history", *options, "--json").json()["rows"]


def seen_prices(world: StillWorld) -> dict[str, dict[datetime, Decimal]]:
    """Every stored candle at its end and every spot trade in USDT, up to the first snapshot."""
    repository = world.world.repository()
    found: dict[str, dict[datetime, Decimal]] = defaultdict(dict)
    for rate in repository.derived.rates("USDT", until=NOON):
        if rate.value is not None:
            found[rate.asset][rate.at + timedelta(seconds=rate.resolution_s)] = rate.value
    for fill in repository.ledger.fills():
        if fill.quote == "USDT" and fill.kind == "trade" and fill.time < NOON:
            found[fill.base][fill.time] = fill.price
    repository.close()
    return found


def expected_price(seen: dict[datetime, Decimal], moment: datetime) -> Decimal | None:
    before = max((at for at in seen if moment - MONTH <= at < moment), default=None)
    after = min((at for at in seen if moment <= at <= moment + MONTH), default=None)
    if before is None or after is None:
        one = before or after
        return None if one is None else seen[one]
    share = Decimal(to_ms(moment) - to_ms(before)) / Decimal(to_ms(after) - to_ms(before))
    return seen[before] + (seen[after] - seen[before]) * share


def test_a_point_is_the_books_of_that_midnight_at_prices_of_stored_rows(
    synced: StillWorld,
) -> None:
    prices = seen_prices(synced)
    points = {row["time"]: row for row in rows(synced) if row["source"] == "reconstructed"}
    assert len(points) > 20
    for text, row in list(points.items())[:: len(points) // 12]:
        moment = datetime.fromisoformat(text)
        books: dict[str, Decimal] = defaultdict(Decimal)
        for entry in synced.venue.entries("kraken", end=to_ms(moment)):
            books[asset_of(entry.asset)] += entry.amount - entry.fee
        worth, unpriced = Decimal(0), []
        for asset, quantity in books.items():
            price = Decimal(1) if asset == "USDT" else expected_price(prices[asset], moment)
            if price is None and quantity:
                unpriced.append(f"{asset} price")
            worth += quantity * (price or 0)
        assert abs(Decimal(row["value"]) - worth) < Decimal("0.0001"), text
        assert row["lacks"] == sorted(unpriced)


def test_the_line_goes_back_to_the_first_event_and_ends_at_the_first_snapshot(
    synced: StillWorld,
) -> None:
    found = rows(synced, "--every", "day")
    sources = [row["source"] for row in found]
    recorded = sources.count("snapshot")
    assert sources == ["reconstructed"] * (len(found) - recorded) + ["snapshot"] * recorded
    first = from_ms(min(entry.time_ms for entry in synced.venue.entries("kraken")))
    assert datetime.fromisoformat(found[0]["time"]) - first <= DAY


def test_buckets_and_what_is_recorded(synced: StillWorld) -> None:
    monthly = rows(synced, "--every", "month", "--until", f"{NOON:%Y-%m-%d}")
    assert {row["time"][8:] for row in monthly[:-1]} == {"01T00:00:00Z"}
    weekly = [row for row in rows(synced) if row["source"] == "reconstructed"]
    assert {datetime.fromisoformat(row["time"]).weekday() for row in weekly[:-1]} == {0}
    assert {row["source"] for row in rows(synced, "--recorded")} == {"snapshot"}
    assert len(rows(synced, "--recorded")) == 2


def test_some_accounts_and_parts_add_up_to_the_stored_points(synced: StillWorld) -> None:
    whole = {row["time"]: row for row in rows(synced)}
    parts = {row["time"]: row for row in rows(synced, "--by", "asset")}
    assert whole.keys() == parts.keys()
    for at, row in parts.items():
        total = sum(Decimal(one) for name, one in row.items() if name.startswith("part:"))
        assert abs(total - Decimal(whole[at]["value"])) < Decimal("0.0001")


def test_a_read_of_stored_points_asks_nobody_and_takes_little_time(synced: StillWorld) -> None:
    before, started = len(synced.world.simulator.requests), time.process_time()
    rows(synced)
    assert time.process_time() - started < 0.5
    assert len(synced.world.simulator.requests) == before


def test_a_sync_without_older_rows_stores_the_points_once(synced: StillWorld) -> None:
    def stored() -> list[object]:
        repository = synced.world.repository()
        found = [row for row in repository.dump("exchange_memory") if "net_worth_past" in row]
        repository.close()
        return found

    before = stored()
    synced.pass_time(hours=2)
    synced.venue.trade("kraken", "BTC/EUR", "buy", Decimal("0.01"))
    synced.sync()
    assert len(before) == 1 and stored() == before


def test_the_screen_names_both_parts_and_what_is_left_out(synced: StillWorld) -> None:
    screen = synced.run("history").out
    assert "... reconstructed from fills, transfers and past prices" in screen
    assert f"*** recorded since {NOON:%Y-%m-%d}" in screen
    assert "Results of open positions are in the recorded part only." in screen
    assert "Left out where no price within 31 days is stored: " in screen


# --- parts of it ----------------------------------------------------------------------------------

START = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_price_lies_on_the_line_between_its_neighbours() -> None:
    prices = Prices([("BTC", START, Decimal(100)), ("BTC", START + 4 * DAY, Decimal(200))])
    assert prices.at("BTC", START + DAY) == 125
    assert prices.at("BTC", START) == 100
    assert prices.at("BTC", START - MONTH) == 100
    assert prices.at("BTC", START + 4 * DAY + MONTH) == 200
    assert prices.at("BTC", START + 5 * DAY + MONTH) is None
    assert prices.at("ETH", START) is None


def worths(count: int) -> list[Worth]:
    return [
        Worth(at=START + number * DAY, value=Decimal(number), parts={}) for number in range(count)
    ]


def test_a_midnight_closes_the_day_before() -> None:
    monthly = thinned(worths(70), "month")
    assert [f"{one.at:%m-%d}" for one in monthly] == ["01-01", "02-01", "03-01", "03-11"]
    assert [f"{one.at:%a}" for one in thinned(worths(20), "week")][:3] == ["Mon"] * 3


@pytest.mark.parametrize(
    ("zone", "month", "week", "day"),
    [
        ("UTC", "02-01 00", "01-05 00", "01-03 00"),
        ("America/Los_Angeles", "02-01 06", "01-05 06", "01-03 06"),
        ("Asia/Tokyo", "01-31 12", "01-04 12", "01-02 12"),
    ],
)
def test_days_weeks_and_months_are_those_of_the_zone_of_screens(
    zone: str, month: str, week: str, day: str
) -> None:
    """Of points every six hours, the last of the month, week and day of 2026-01-02 12:00 UTC."""
    points = [
        Worth(at=START + number * DAY / 4, value=Decimal(number), parts={}) for number in range(200)
    ]
    with shown_in(lambda: zone_of(zone)):
        found = [
            next(one.at for one in thinned(points, every) if one.at >= START + 1.5 * DAY)
            for every in ("month", "week", "day")
        ]
    assert [f"{one:%m-%d %H}" for one in found] == [month, week, day]


def test_longer_lines_have_wider_steps() -> None:
    assert [usual_step(worths(days)) for days in (0, 100, 200, 1500)] == [
        "day",
        "day",
        "week",
        "month",
    ]
