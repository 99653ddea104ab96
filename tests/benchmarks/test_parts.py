"""Every part of the benchmark measures what it names, at the smallest size (``make test-all``)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest

from benchmarks import (
    costs,
    exports,
    growth,
    hourly,
    imports,
    latency,
    machines,
    peers,
    reads,
    server,
    storing,
    syncs,
)
from benchmarks.charges import Charge
from benchmarks.ground import Bench, Ground
from benchmarks.lines import Line
from tests.postgres import missing

pytestmark = pytest.mark.skipif(
    "EXCACHE_TEST_BENCHMARKS" not in os.environ, reason="runs in make test-all"
)


@dataclass(frozen=True, slots=True)
class Once(Bench):
    """Every part uses the same open ledger."""

    ground: Ground | None = None

    @contextmanager
    def ledger(self, fills: int, name: str = "", **options: Any) -> Iterator[Ground]:
        assert self.ground is not None
        yield self.ground


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """One short ledger, each command once."""
    few = {"sizes": (100,), "times": 1, "few": 1, "rounds": 1, "days": 1, "accounts": 1}
    kept = tmp_path_factory.mktemp("kept")
    with Bench(kept=kept).ledger(100) as ground:
        yield Once(kept=kept, ground=ground, **few)


def test_reads_and_their_writes_have_lines(bench: Bench) -> None:
    found = {one.name: one for one in reads.beside_bare(bench)}
    assert reads.READS.keys() < found.keys()
    assert found["portfolio --json"].at_most == 7.5
    assert {one.times for one in found.values()} == {1}
    assert len(list(reads.at_every_size(bench))) == len(reads.FLAT)
    assert len(list(reads.with_accounts(bench))) == 2
    traced = {one.name: one for one in reads.writes(bench)}
    assert not traced or traced["(a sync: waits for the disk)"].value > 0


def test_new_fills_are_stored_by_the_sync_that_is_measured(bench: Bench) -> None:
    above, quiet = costs.new_fills(bench)
    assert (above.at_most, above.memory_at_most) == (40, 150)
    assert above.requests and quiet.requests and above.size > 50


def test_a_rebuild_plays_every_fill(bench: Bench) -> None:
    one, every, stored = costs.rebuild(bench)
    assert (one.at_most, every.at_most, stored.at_most) == (80, 150, None)
    assert one.size == every.size > 50


def test_questions_are_answered(bench: Bench) -> None:
    assert len(list(costs.questions(bench))) == len(costs.QUESTIONS)


def test_a_year_is_as_long_as_it_says(bench: Bench) -> None:
    grown, *_ = growth.run(bench)
    assert "1 days" in grown.name and grown.value > 0


def test_stored_pages_are_those_of_the_ledger(bench: Bench) -> None:
    new, known, each = storing.run(bench)
    assert new.at_most == 4 and known.value > 0 < each.value


@pytest.mark.skipif(missing() is not None, reason="no PostgreSQL server is installed")
def test_a_server_is_measured_beside_a_file(bench: Bench) -> None:
    found = {one.name: one for one in server.run(bench)}
    goals = [one.at_most for name, one in found.items() if name.startswith("portfolio")]
    assert goals == [4, 1.5] * 4
    assert [one.at_most for name, one in found.items() if name.startswith("storing")] == [2] * 4
    assert found["(storing one fill on a server)"].value > 0


@pytest.mark.skipif(missing() is not None, reason="no PostgreSQL server is installed")
def test_workers_share_the_accounts_of_an_hour(bench: Bench) -> None:
    found = list(machines.run(replace(bench, accounts=2)))
    whole = [one for one in found if one.requests is not None]
    assert [one.requests and one.value > 0 for one in whole] == [True, True]
    wrong = [one.value for one in found if one.name.endswith("requested otherwise than recorded")]
    assert wrong == [0, 0]


def test_an_import_is_measured_beside_a_sync_of_the_same_trades(bench: Bench) -> None:
    found = {one.name: one for one in imports.run(bench)}
    beside = [one for one in found.values() if one.at_most is not None]
    whole = [one for one in found.values() if one.memory_at_most is not None]
    assert [one.at_most for one in beside] == [3] * len(imports.COMPARED)
    assert [one.memory_at_most for one in whole] == [200] * len(imports.FILES)
    assert all("100 " in one.name for one in (*beside, *whole))
    assert all(one.memory and one.memory > 0 for one in whole)


def test_an_export_is_measured_with_its_memory(bench: Bench) -> None:
    found = list(exports.run(bench))
    assert [one.memory_at_most for one in found] == [150] * len(exports.EXPORTS)
    assert all(one.value > 0 and one.size and one.size > 50 and one.memory for one in found)


def test_other_programs_have_the_same_fills(bench: Bench) -> None:
    loop = next(one for one in peers.run(bench) if "loop over ccxt" in one.name)
    assert loop.requests and loop.requests > 5


def test_a_run_in_which_nothing_happened_is_counted(bench: Bench) -> None:
    found = list(hourly._hours("kraken", 3))
    lines = [one for one in found if isinstance(one, Line)]
    (charge,) = [one for one in found if isinstance(one, Charge)]
    assert (charge.exchange, charge.shared, charge.an_hour) == ("kraken", False, 0.5 * 3600)
    nothing, daily = lines
    assert nothing.at_most == 8 and nothing.requests
    assert nothing.requests >= nothing.most and daily.value > 0


def test_a_first_sync_is_counted_by_exchange(bench: Bench) -> None:
    tiny = replace(bench, world={"fills": 100, "accounts": {"main": "kraken", "b": "kraken"}})
    kraken, both, _, whole = syncs.run(tiny)
    assert (kraken.name, both.at_most, whole.at_most) == ("first sync, kraken", 5000, None)
    assert "first sync of 2 accounts of 1 exchanges" in both.name
    assert kraken.value == both.value > 0


def test_accounts_side_by_side_wait_for_the_exchange(bench: Bench) -> None:
    (faster, _) = latency.side_by_side(bench)
    assert faster.at_least == 5 and faster.requests
