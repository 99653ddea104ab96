"""``excache diff``: its options and refusals."""

from __future__ import annotations

from tests.e2e.world import World


def test_the_parts_are_shown_up_to_now(world: World) -> None:
    done = world.run("diff", "--since", "1d")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("Change   ") and "Unexplained" in done.out


def test_an_end_before_the_start_is_refused(world: World) -> None:
    done = world.run("diff", "--since", "2026-01-02", "--until", "2026-01-01")
    assert (done.code, done.out) == (2, "")
    assert "--since must be before --until" in done.err


def test_without_a_cache_it_is_exit_66(fresh: World) -> None:
    done = fresh.run("diff", "--since", "1d")
    assert (done.code, done.out) == (66, "")
    assert "nothing is cached yet" in done.err
