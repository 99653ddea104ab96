"""The freshness of every account, and the findings, as status shows them."""

from __future__ import annotations

from tests.cli.conftest import Later
from tests.e2e.world import World


def test_status_tells_stale_data(world: World) -> None:
    later = World(simulator=world.simulator, home=world.home, clock=Later(3))
    done = later.run("status")
    assert done.code == 0
    assert "3 h stale" in done.out
    assert {row["state"] for row in later.run("status", "--json").json()["rows"]} <= {
        "stale",
        "not_offered",
    }


def test_status_tells_programs_the_findings_that_it_shows(synced: World) -> None:
    found = synced.run("status", "--json").json()["findings"]
    assert {"code", "account", "asset", "message", "hint"} == set(found[0])
    assert ("bybit", "out_of_retention") in {(one["account"], one["code"]) for one in found}
    shown = " ".join(synced.run("status").out.split())
    assert all(" ".join(one["message"].split()) in shown for one in found)
