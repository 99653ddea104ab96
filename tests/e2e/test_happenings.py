"""Renamed, redenominated and reused codes, a launch, a delivered future and fees in the base, from
the wire to the screen: nothing is left unexplained, and cost follows the units."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from exchange_cache.clock import from_ms
from exchange_cache.records import TransferKind
from tests.e2e.world import World

D = Decimal
#: Old code, new code, units of the new one for each old one, as the venue books them.
SWAPS = (("LUNA", "LUNC", 1), ("BTT", "BTTC", 1000), ("MATIC", "POL", 1))


def explained(world: World, asset: str, account: str) -> Any:
    done = world.run("explain", asset, "--account", account, "--json")
    assert done.code == 0, done.err
    return done.json()


def swap_time(world: World, old: str) -> str:
    (given,) = [
        row
        for row in world.simulator.venue.incomes("main", kind="dividend")
        if row.asset == old and row.amount < 0
    ]
    return from_ms(given.time_ms).strftime("%Y-%m-%dT%H:%M:%S")


@pytest.mark.parametrize(("old", "new", "factor"), SWAPS)
def test_a_new_code_takes_all_units_with_their_cost(
    synced: World, old: str, new: str, factor: int
) -> None:
    before, after = (explained(synced, asset, "main") for asset in (old, new))
    assert before["reconciliation"]["difference"] == after["reconciliation"]["difference"] == "0"
    moment = swap_time(synced, old)
    (left,) = [row for row in before["rows"] if row["time"].startswith(moment)]
    (come,) = [row for row in after["rows"] if row["time"].startswith(moment)]
    held = before["rows"][before["rows"].index(left) - 1]
    assert D(come["quantity"]) == -D(left["quantity"]) * factor == D(held["held"]) * factor
    assert (left["held"], left["cost_held"]) == ("0", "0")
    assert come["cost_held"] == held["cost_held"]
    assert D(come["average"]) * factor == pytest.approx(D(held["average"]))


def test_what_was_bought_under_the_old_code_cost_what_the_exchange_charged(synced: World) -> None:
    (bought,) = synced.simulator.venue.fills("main", symbol="MATIC/USDT")
    assert bought.fees[0][0] == "MATIC"
    first = explained(synced, "MATIC", "main")["rows"][0]
    assert D(first["held"]) == bought.amount - bought.fees[0][1]
    assert D(first["cost_held"]) == bought.cost


def test_a_code_that_is_used_again_is_another_asset(synced: World) -> None:
    rows = explained(synced, "LUNA", "main")["rows"]
    (credited,) = [row for row in rows if row["quantity"] == "7.25"]
    assert credited["held"] == "7.25"
    assert rows[-1]["held"] == "0"


def test_swaps_are_neither_income_nor_deposits_nor_withdrawals(synced: World) -> None:
    for row in synced.run("pnl", "--account", "main", "--json").json()["rows"]:
        if row["name"] in {"BTT", "BTTC", "LUNC", "POL"}:
            assert row["identity"]["deposited"] == "0", row["name"]
            assert row["identity"]["income"] == "0", row["name"]


def test_a_delivery_realises_its_result(synced: World) -> None:
    (delivery,) = synced.simulator.venue.incomes("main", kind="delivery")
    rows = synced.run("transfers", "--account", "main", "--kind", "settlement", "--json").json()
    assert [(row["asset"], D(row["quantity"])) for row in rows["rows"]] == [
        ("USDT", delivery.amount)
    ]
    assert TransferKind(rows["rows"][0]["kind"]) is TransferKind.SETTLEMENT


def test_a_launch_is_neither_income_nor_a_withdrawal(make_world: Callable[..., World]) -> None:
    """OKX gives both rows no common id, so that what was allotted has no known cost."""
    world = make_world(accounts={"okx": "okx"}, fills=60)
    assert world.run("sync").code == 0
    answer = explained(world, "APT", "okx")
    assert answer["reconciliation"]["difference"] == "0"
    (row,) = answer["rows"]
    assert (row["event"], row["held"]) == ("subscription", "40")
    (reason,) = answer["reconciliation"]["unknown_reasons"]
    assert reason.startswith("allotted by a subscription whose payment is not known")
    for one in world.run("pnl", "--json").json()["rows"]:
        if one["name"] == "APT":
            assert one["identity"]["income"] == one["identity"]["deposited"] == "0"


def test_fees_in_base_leave_nothing_unexplained(synced: World) -> None:
    charged = {
        fill.market.base
        for fill in synced.simulator.venue.fills("kraken")
        if fill.fees[0][0] == fill.market.base
    }
    assert "XRP" in charged
    for asset in charged:
        assert explained(synced, asset, "kraken")["reconciliation"]["difference"] == "0", asset
