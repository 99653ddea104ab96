"""``excache diff`` while past prices are missing: what it says, and that its cure works."""

from __future__ import annotations

import re
import shlex

from tests.e2e.world import World

PERCENT = re.compile(r"\([+-][\d.,]+ %\)")


def test_no_percentage_while_prices_of_then_are_missing_and_the_printed_cure_fetches_them(
    world: World,
) -> None:
    before = world.run("diff", "--since", "40d")
    head = before.out.splitlines()[0]
    assert "of what has a price at both times" in head and not PERCENT.search(head)
    (cure,) = re.findall(r"excache (diff --since .* --wait)", before.out)
    reported = world.run("diff", "--since", "40d", "--json").json()
    assert len(reported["unpriced_before"]) > 3
    prices = {row["asset"]: row for row in reported["rows"]}
    for asset in reported["unpriced_before"]:
        assert prices[asset]["quantity_before"] != "0" and prices[asset]["value_before"] == "0"

    cured = world.run(*shlex.split(cure))
    assert (cured.code, cured.err) == (0, "")
    assert PERCENT.search(cured.out.splitlines()[0])
    after = world.run(*shlex.split(cure), "--json").json()
    assert set(after["unpriced_before"]) < set(reported["unpriced_before"])
    served = set(reported["unpriced_before"]) - set(after["unpriced_before"])
    assert all(float(row["value_before"]) for row in after["rows"] if row["asset"] in served)
    assert "--wait" not in cured.out


def test_the_cure_of_a_diff_keeps_its_options(world: World) -> None:
    done = world.run("diff", "--since", "60d", "--until", "30d", "--account", "kraken")
    (cure,) = re.findall(r"excache (diff --since .* --wait)", done.out)
    assert "--until" in cure and "--account kraken" in cure
    assert world.run(*shlex.split(cure)).code == 0


def test_a_second_wait_requests_nothing_again(world: World) -> None:
    done = world.run("diff", "--since", "40d")
    (cure,) = re.findall(r"excache (diff --since .* --wait)", done.out)
    world.run(*shlex.split(cure))
    sent = len(world.simulator.requests)
    assert world.run(*shlex.split(cure)).code == 0
    assert len(world.simulator.requests) == sent


def test_what_was_priced_only_afterwards_is_not_called_unchanged(world: World) -> None:
    """After a first sync the only price of most assets is that of now, which shows nothing of
    what changed since yesterday."""
    reported = world.run("diff", "--since", "20h", "--json").json()
    unpriced = set(reported["unpriced_before"]) - set(reported["unpriced_after"])
    assert unpriced
    for row in reported["rows"]:
        assert row["asset"] not in unpriced or row["value_before"] == "0" != row["value_after"]
    (cure,) = re.findall(
        r"excache (diff --since .* --wait)", world.run("diff", "--since", "20h").out
    )
    assert world.run(*shlex.split(cure)).code == 0
    after = world.run(*shlex.split(cure), "--json").json()
    priced = unpriced - set(after["unpriced_before"])
    changed = {row["asset"] for row in after["rows"] if float(row["price"])}
    assert priced and priced & changed == priced
