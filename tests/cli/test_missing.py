"""``status --missing`` over real histories: what is gone, what brings it, and how it ends empty."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from exchange_cache.render.missing import NOTHING
from tests.e2e.world import World


def test_an_exchange_that_serves_everything_is_missing_nothing(world: World) -> None:
    shown = world.run("status", "--missing")
    assert shown.code == 0, shown.err
    assert " ".join(shown.out.split()) == NOTHING
    assert world.run("status", "--missing", "--json").json()["rows"] == []


def test_the_past_of_okx_is_brought_by_its_archive_or_its_bills(
    make_world: Callable[..., World],
) -> None:
    world = make_world(seed=1, fills=300, accounts={"okx": "okx"}, history_days=None)
    assert world.run("sync").code == 0
    document = world.run("status", "--missing", "--json").json()
    fills, transfers = document["rows"]
    assert (fills["account"], fills["data_type"]) == ("okx", "fills")
    assert "spot" in fills["histories"]
    assert [one["table"] for one in fills["files"]] == ["trading account bills"]
    assert [one["archive"] for one in fills["archives"]] == ["bills by quarter"]
    assert fills["command"] == "excache import FILE"
    values = [Decimal(one["value"]) for one in fills["explains"] if one["value"] is not None]
    assert values == sorted(values, reverse=True)
    assert Decimal(fills["worth"]) == sum(values) > 0
    assert transfers["data_type"] == "transfers"
    shown = world.run("status", "--missing", env={"COLUMNS": "140"}).out
    assert "or now: trading account bills: Assets > Report center" in shown


@pytest.mark.long
def test_units_are_those_that_explain_leaves_out(make_world: Callable[..., World]) -> None:
    world = make_world(seed=1, fills=300, accounts={"okx": "okx"}, history_days=None)
    assert world.run("sync").code == 0
    (fills, _) = world.run("status", "--missing", "--json").json()["rows"]
    for one in fills["explains"]:
        document = world.run("explain", one["asset"], "--json").json()["reconciliation"]
        assert Decimal(one["quantity"]) <= Decimal(document["unknown_quantity"])
    largest = fills["explains"][0]["asset"]
    assert "excache status --missing --account okx" in world.run("explain", largest).out


def test_the_two_screens_of_histories_are_not_mixed(world: World) -> None:
    result = world.run("status", "--missing", "--coverage")
    assert result.code == 2
    assert "two screens" in result.err
