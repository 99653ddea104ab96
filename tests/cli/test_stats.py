"""``excache stats``: which figures it shows."""

from __future__ import annotations

import re

from exchange_cache.cli.stats import _exactly, _figures, _in_words
from exchange_cache.portfolio.statistics import Statistics
from tests.e2e.world import World

FIGURES = (
    "reads hits stale misses bypasses hit_rate served_from_cache cached_p50_ms cached_p95_ms"
    " live_ms live_over_cached live_requests api_calls_saved findings"
)
CODE = re.compile(r"\b[a-z0-9]+_[a-z0-9_]+\b")
FOUND = Statistics(
    hits=11_000,
    stale=1_000,
    misses=0,
    bypasses=0,
    cached_p50_ms=147.44,
    cached_p95_ms=1234.56,
    live_ms=13_360,
    live_requests=51,
    calls_saved=612_000,
    findings=10,
)


def test_people_read_words_units_and_thousands():
    shown = [_in_words(*figure) for figure in _figures(FOUND)]
    assert not [row for row in shown if CODE.search(str(row["figure"]))]
    values = {row["figure"]: row["value"] for row in shown}
    assert values["reads"] == "12,000"
    assert values["hit rate"] == "91.7 %"
    assert values["cached read, median"] == "147.4 ms"
    assert values["cached read, 95th percentile"] == "1,234.6 ms"
    assert values["live fetch"] == "13,360 ms"
    assert values["requests saved"] == "612,000"


def test_programs_read_codes_and_plain_figures():
    rows = [_exactly(*figure) for figure in _figures(FOUND)]
    assert [row["figure"] for row in rows] == FIGURES.split()
    assert {
        "figure": "live_ms",
        "value": "13360",
        "meaning": "the last fetch of the same data",
    } in rows


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
