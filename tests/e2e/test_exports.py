"""What six exchanges served, exported: other programs accept it, and derive the same from it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal, localcontext
from pathlib import Path

import pytest

from exchange_cache.cli.app import App
from exchange_cache.clock import SetClock, to_ms
from exchange_cache.cost.basis import AssetBasis
from exchange_cache.money import EXACT
from exchange_cache.simulator.server import running_simulator
from exchange_cache.simulator.venue import ALL_ACCOUNTS
from exchange_cache.sync.costs import stored_bases
from tests.e2e.world import World
from tests.export.programs import (
    PROGRAMS,
    accepted,
    books,
    differences,
    gain_differences,
    require,
)

#: One home of six accounts takes minutes.
pytestmark = pytest.mark.long

NOW = datetime(2026, 3, 10, 8, tzinfo=UTC)
METHODS = ("average", "fifo", "lifo", "hifo")


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A synced home of the six simulated exchanges of the demo."""
    clock = SetClock(NOW)
    with running_simulator(
        seed=3,
        fills=150,
        limit_scale=1000,
        accounts=ALL_ACCOUNTS,
        clock=lambda: to_ms(clock.now()),
    ) as simulator:
        world = World.create(simulator, tmp_path_factory.mktemp("six") / "home", clock)
        assert world.run("sync").code == 0
        yield world


def bases_of(world: World, method: str) -> list[AssetBasis]:
    app = App(env=world.env, clock=world.clock, out=io.StringIO(), err=io.StringIO())
    found = stored_bases(app.repository(), app.cost_settings(method))
    app.close()
    return [one for one in found if one.account is not None]


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("method", METHODS)
def test_units_costs_and_results_are_ours_to_the_last_digit(
    six: World, tmp_path: Path, program: str, method: str
) -> None:
    require(program)
    file = tmp_path / f"six.{program}"
    done = six.run("export", program, "--method", method, "-o", str(file))
    assert done.code == 0, done.err
    assert accepted(program, file) == ""
    bases = bases_of(six, method)
    assert len(bases) > 60
    assert differences(program, file.read_text("utf-8"), file, bases) == []


@pytest.mark.parametrize("program", ["hledger", "ledger"])
def test_units_are_the_balances_of_the_exchanges(six: World, tmp_path: Path, program: str) -> None:
    require(program)
    file = tmp_path / f"six.{program}"
    assert six.run("export", program, "-o", str(file)).code == 0
    held: dict[str, Decimal] = {}
    with localcontext(EXACT):
        for row in six.run("balances", "--json").json()["rows"]:
            name = f"Assets:{row['account']}:{row['asset']}"
            held[name] = held.get(name, Decimal(0)) + Decimal(row["total"])
    units = books(program, file).units
    assert {name: units.get(name) for name in held} == held


def test_gains_are_what_beancount_books_day_by_day(six: World, tmp_path: Path) -> None:
    file = tmp_path / "six.beancount"
    assert six.run("export", "beancount", "--method", "fifo", "-o", str(file)).code == 0
    words = ("gains", "--per-account", "--cost-method", "fifo", "--format", "csv", "--raw")
    gains = list(csv.DictReader(io.StringIO(six.run(*words).out)))
    assert len(gains) > 200
    assert gain_differences(file.read_text("utf-8"), file, gains) == []
