"""``excache stats``: which figures it shows."""

from __future__ import annotations

from tests.e2e.world import World

FIGURES = (
    "reads hits stale misses bypasses hit_rate served_from_cache cached_p50_ms cached_p95_ms"
    " live_ms live_over_cached live_requests api_calls_saved findings"
)


def test_reads_are_counted_by_outcome(world: World) -> None:
    for _ in range(2):
        assert world.run("portfolio", "--no-refresh").code == 0
    rows = world.run("stats", "--json").json()["rows"]
    figures = {row["figure"]: row["value"] for row in rows}
    assert list(figures) == FIGURES.split()
    assert (figures["reads"], figures["hits"], figures["hit_rate"]) == ("2", "2", "100.0 %")
    since = world.clock.now().isoformat()
    assert world.run("stats", "--since", since, "--json").json()["rows"][0]["value"] == "0"


def test_without_a_cache_it_is_exit_66(fresh: World) -> None:
    assert fresh.run("stats").code == 66
