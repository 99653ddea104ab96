"""``portfolio --at`` in a real world: what it claims of that time, and that its commands help."""

from __future__ import annotations

import re
import shlex

from tests.e2e.world import World

BEFORE_ALL = "2015-01-01"


def printed(screen: str) -> list[str]:
    """The commands of a screen, each at the end of its line."""
    return re.findall(r"   excache ((?:portfolio|status|explain|prices|reload) .*)$", screen, re.M)


def some_day(world: World) -> str:
    return f"{world.clock.now().replace(year=world.clock.now().year - 1):%Y-%m-%d}"


def test_nothing_is_claimed_of_24_hours_or_of_a_total_that_lacks_most_prices(world: World) -> None:
    day = some_day(world)
    done = world.run("portfolio", "--at", day)
    reported = world.run("portfolio", "--at", day, "--json").json()
    assert (done.code, done.err) == (0, "")
    assert "24 h   " not in done.out.splitlines()[0] and "in 24 h" not in done.out
    assert reported["totals"]["change_24h"] is None
    assert reported["totals"]["change_24h_value"] is None
    priced = [one for one in reported["holdings"] if one["value"] is not None]
    assert 2 * len(priced) < len(reported["holdings"])
    assert (
        f"of {len(priced)} of {len(reported['holdings'])} assets, the others have no price"
        in (done.out.splitlines()[0])
    )


def test_the_printed_wait_fetches_the_prices_and_is_not_offered_again(world: World) -> None:
    done = world.run("portfolio", "--at", some_day(world))
    (cure,) = {command for command in printed(done.out) if "--wait" in command}
    cured = world.run(*shlex.split(cure))
    assert (cured.code, cured.err) == (0, "")
    assert "--wait" not in cured.out
    assert "the others have no price" not in cured.out
    everything = world.run("portfolio", "--at", some_day(world), "--all").out
    (missing,) = re.findall(r"no price of that day is stored for (.*)", everything)
    assert missing.endswith("; none of your exchanges serves one")


def test_nothing_is_held_before_the_first_stored_event(world: World) -> None:
    done = world.run("portfolio", "--at", BEFORE_ALL)
    reported = world.run("portfolio", "--at", BEFORE_ALL, "--json").json()
    assert reported["holdings"] == []
    assert done.out.startswith("Portfolio   nothing is stored of that time ")
    first = min(row["time"] for row in world.run("transfers", "--json").json()["rows"])
    fills = min(row["time"] for row in world.run("fills", "--json").json()["rows"])
    begun = min(first, fills)[:10]
    everything = world.run("portfolio", "--at", BEFORE_ALL, "--all").out
    beginning = f"its stored history begins on {begun}, so nothing is known of what it held before"
    assert beginning in everything
    assert "No account holds anything" not in done.out


def test_every_command_on_the_screen_of_a_past_day_runs_as_it_stands(world: World) -> None:
    for day in (BEFORE_ALL, some_day(world)):
        commands = printed(world.run("portfolio", "--at", day).out)
        assert commands
        for command in commands:
            assert world.run(*shlex.split(command)).code == 0, command
