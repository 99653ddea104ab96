"""``portfolio --at``: refusals."""

from __future__ import annotations

from tests.e2e.world import World


def test_a_period_and_a_past_day_exclude_each_other(world: World) -> None:
    done = world.run("portfolio", "--at", "2026-01-02", "--period", "year")
    assert (done.code, done.out) == (2, "")
    assert "--at and --period exclude each other" in done.err


def test_a_past_day_states_its_source(world: World) -> None:
    done = world.run("portfolio", "--at", "2026-01-02", "--json")
    assert done.json()["source"] == "replayed from the ledger to 2026-01-03 00:00 UTC"


def test_without_a_cache_it_is_exit_66(fresh: World) -> None:
    assert fresh.run("portfolio", "--at", "2026-01-02").code == 66
