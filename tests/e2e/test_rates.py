"""Past prices over HTTP: whoever is synced first, the averages are those of one sync of all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from exchange_cache.clock import SystemClock, to_ms
from exchange_cache.simulator.server import Simulator, running_simulator
from exchange_cache.simulator.venue import Venue
from exchange_cache.sync.rates import hour_of
from tests.e2e.world import World

ACCOUNTS = ("binance", "kraken", "okx")


@dataclass(frozen=True, slots=True)
class Shifted(SystemClock):
    """Goes as time does, behind it by a constant."""

    behind: timedelta = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) - self.behind


@pytest.fixture(scope="module")
def clock() -> SystemClock:
    """Begins with the hour, so that no candle that counts is still being made."""
    now = SystemClock().now()
    return Shifted(behind=now - hour_of(now))


@pytest.fixture(scope="module")
def simulator(clock: SystemClock) -> Iterator[Simulator]:
    venue = Venue(
        seed=1,
        fills=40,
        clock=lambda: to_ms(clock.now()),
        accounts={name: name for name in ACCOUNTS},
    )
    with running_simulator(venue, limit_scale=1000) as running:
        yield running


def averages(world: World) -> dict[tuple[str | None, str], tuple[Decimal | None, Decimal, Decimal]]:
    found = world.repository().derived.bases("average", "USDT")
    return {
        (one.account, one.asset): (
            one.average_entry_price,
            one.explained_quantity,
            one.unknown_quantity,
        )
        for one in found
    }


def rates(world: World) -> dict[tuple[str, datetime], tuple[Decimal | None, tuple[str, ...]]]:
    return {
        (one.asset, one.at): (one.value, one.route)
        for one in world.repository().derived.rates("USDT")
    }


@pytest.mark.long
def test_syncing_kraken_first_gives_the_averages_of_one_sync_of_all(
    simulator: Simulator, clock: SystemClock, tmp_path: Path
) -> None:
    """Kraken serves the newest 720 candles only, so most of its own past needs the others."""
    whole, split = (
        World.create(simulator, tmp_path / name, clock, history_days=120)
        for name in ("whole", "split")
    )
    assert whole.run("sync", "--only", "fills").code == 0
    for account in ("kraken", "okx", "binance"):
        done = split.run("sync", "--only", "fills", "--account", account)
        assert (done.code, done.err) == (0, "")

    assert {leg.partition("@")[2] for _, route in rates(whole).values() for leg in route} >= {
        "binance"
    }
    assert averages(split) == averages(whole)
    assert rates(split) == rates(whole)


def test_the_other_exchanges_are_asked_for_public_prices_without_a_key(
    simulator: Simulator, clock: SystemClock, tmp_path: Path
) -> None:
    world = World.create(simulator, tmp_path, clock, history_days=120)
    for key in (*world.home.glob("binance.*"), *world.home.glob("okx.*")):
        key.unlink()
    before = len(simulator.calls())
    done = world.run("sync", "--only", "fills", "--account", "kraken")

    assert (done.code, done.err) == (0, "")
    assert rates(world) and all(value for value, _ in rates(world).values())
    sent = [call for call in simulator.calls()[before:] if call.exchange != "kraken"]
    assert {call.method for call in sent} == {"GET"}
    assert {call.path.rsplit("/", 1)[1] for call in sent} <= {
        "exchangeInfo",
        "klines",
        "instruments",
        "history-candles",
        "candles",
    }


def test_an_account_whose_settings_cannot_be_used_spoils_no_other(
    simulator: Simulator, clock: SystemClock, tmp_path: Path
) -> None:
    world = World.create(simulator, tmp_path, clock, history_days=120)
    config = world.home / "config.toml"
    wrong = 'exchange = "okx"\nwallets = ["attic"]\n'
    config.write_text(config.read_text().replace('exchange = "okx"\n', wrong))
    done = world.run("sync", "--only", "fills", "--account", "kraken")

    assert (done.code, done.err) == (0, "")
    assert rates(world)
