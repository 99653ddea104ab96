"""``sync --dry-run``: each request with its reason, and nothing is sent."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Later
from tests.e2e.world import World


@pytest.fixture
def later(world: World) -> World:
    """The world an hour after its sync."""
    return World(simulator=world.simulator, home=world.home, clock=Later(1))


def test_nothing_is_sent_and_each_part_has_its_requests_and_its_reason(later: World) -> None:
    seen = len(later.simulator.requests)
    document = later.run("sync", "--dry-run", "--json").json()
    assert len(later.simulator.requests) == seen
    assert set(document["rows"][0]) == {
        "account",
        "data_type",
        "part",
        "symbols",
        "requests",
        "reason",
    }
    sums = {True: 0, False: 0}
    for row in document["rows"]:
        assert row["requests"] >= 1 and row["reason"]
        sums[row["reason"] == "rests"] += row["requests"]
    assert (document["requests"], document["resting_requests"]) == (sums[False], sums[True])


def test_the_screen_says_that_nothing_was_sent(later: World) -> None:
    shown = " ".join(later.run("sync", "--dry-run").out.split())
    assert "requests, and more where a page is full" in shown
    assert "none was sent" in shown
    assert "marked rests, are left out: nothing was seen to move since they were last sent" in shown


def test_the_screen_sums_by_reason_in_words_and_80_columns(later: World) -> None:
    env = {"COLUMNS": "80"}
    document = later.run("sync", "--dry-run", "--json").json()
    shown = [line.split() for line in later.run("sync", "--dry-run", env=env).out.splitlines()]
    head = shown.index(["Account", "Data", "Lists", "Requests", "Why"])
    rows = shown[head + 1 : shown.index([], head)]
    whole = [(r["account"], r["data_type"], r["reason"]) for r in document["rows"]]
    assert sorted((r[0], r[1], " ".join(r[4:])) for r in rows) == sorted(set(whole))
    assert sum(int(r[2]) for r in rows) == len(whole)
    assert sum(int(r[3]) for r in rows) == sum(r["requests"] for r in document["rows"])


def test_it_is_limited_to_accounts_and_data_types_as_the_sync_is(later: World) -> None:
    words = ("--account", "kraken", "--only", "balances", "--json")
    rows = later.run("sync", "--dry-run", *words).json()["rows"]
    assert [(row["account"], row["data_type"], row["part"]) for row in rows] == [
        ("kraken", "balances", "spot")
    ]


def test_a_format_without_a_dry_run_is_refused(later: World) -> None:
    done = later.run("sync", "--json")
    assert done.code == 2
    assert "--dry-run" in done.err
