"""``portfolio --quote``: averages and results in another asset, or that they are not known yet."""

from __future__ import annotations

import shlex
from decimal import Decimal

import pytest

from tests.e2e.world import World


def reading(world: World, *words: str) -> dict:
    return world.run("portfolio", "--json", "--no-refresh", *words).json()


def averages(document: dict) -> dict[str, Decimal]:
    return {
        one["asset"]: Decimal(one["average_entry_price"])
        for one in document["holdings"]
        if one["average_entry_price"] is not None
    }


def test_the_printed_command_makes_averages_and_results_known_in_another_asset(
    world: World,
) -> None:
    before = reading(world, "--quote", "EUR")
    (missing,) = (one for one in before["warnings"] if one["code"] == "quote_rates_missing")
    assert before["totals"]["realised_pnl"] is None
    assert before["totals"]["unrealised_pnl"] is None
    shown = world.run("portfolio", "--quote", "EUR", "--no-refresh").out
    assert "unrealised" not in shown.splitlines()[1] and missing["hint"] in shown

    cured = world.run(*shlex.split(missing["hint"])[1:])
    assert cured.code == 0 and "rates from USDT to EUR" not in cured.out
    after = reading(world, "--quote", "EUR")
    assert "quote_rates_missing" not in {one["code"] for one in after["warnings"]}
    assert after["totals"]["realised_pnl"] is not None

    config = world.home / "config.toml"
    config.write_text(config.read_text().replace('"USDT"', '"EUR"'))
    assert world.run("sync", "--if-stale", "--max-age", "30d").code == 0
    kept = reading(world)
    ours, theirs = averages(after), averages(kept)
    assert ours.keys() == theirs.keys() and len(ours) > 3
    for asset, average in ours.items():
        assert float(average) == pytest.approx(float(theirs[asset]), rel=0.01), asset
    for name in ("realised_pnl", "unrealised_pnl"):
        ours_now, theirs_now = (float(one["totals"][name]) for one in (after, kept))
        assert ours_now == pytest.approx(theirs_now, rel=0.02, abs=5), name


def test_an_unknown_quote_of_the_past_has_no_costs_and_says_so(world: World) -> None:
    day = f"{world.clock.now().replace(year=world.clock.now().year - 1):%Y-%m-%d}"
    found = reading(world, "--quote", "EUR", "--at", day)
    assert "cost_in_other_asset" in {one["code"] for one in found["warnings"]}
    assert (found["totals"]["realised_pnl"], found["totals"]["unrealised_pnl"]) == (None, None)
