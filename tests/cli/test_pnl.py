"""``excache pnl``: its options."""

from __future__ import annotations

from tests.e2e.world import World


def test_the_period_is_named(world: World) -> None:
    assert world.run("pnl").out.startswith("Realised over all time   ")
    done = world.run("pnl", "--period", "2026-01-02", "--by", "account")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("Realised since 2026-01-02   ")
    assert "\nkraken " in done.out


def test_without_a_cache_it_is_exit_66(fresh: World) -> None:
    assert (fresh.run("pnl").code, fresh.run("pnl").out) == (66, "")
