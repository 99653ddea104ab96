"""``excache reload``: what it fetches and shows."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.e2e.world import World


def test_reload_asks_nothing_while_everything_is_fresh_and_says_how_to_force_it(
    world: World,
) -> None:
    seen = len(world.simulator.requests)
    done = world.run("reload")
    assert done.code == 0
    assert "excache reload --force" in done.out + done.err
    assert len(world.simulator.requests) == seen


def test_reload_force_shows_the_fill_just_made(world: World) -> None:
    made = world.simulator.venue.trade("kraken", "BTC/EUR", "buy", Decimal("0.001"))
    done = world.run("reload", "--force", "--account", "kraken")
    assert done.code == 0
    assert "New fills (kraken)" in done.out
    assert "fills +" in done.out
    listed = world.run("fills", "--limit", "20", "--json").json()["rows"]
    assert {str(fill.id) for fill in made} <= {row["fill_id"] for row in listed}


@pytest.mark.parametrize("form", ["table", "plain", "markdown", "csv", "json"])
def test_reload_in_every_format(world: World, form: str) -> None:
    done = world.run("reload", "--force", "--format", form)
    assert done.code == 0
    assert done.out


def test_json_of_a_reload(world: World) -> None:
    found = world.run("reload", "--force", "--json").json()
    assert {"schema", "as_of", "reporting_asset", "accounts", "new_fills", "assets"} <= found.keys()
    types = {row["data_type"]: row["state"] for row in found["accounts"][0]["types"]}
    assert types["balances"] == "ok"
