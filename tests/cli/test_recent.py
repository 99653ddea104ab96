"""Long lists on a terminal: the newest first, and the command that lists the rest."""

from __future__ import annotations

import io
import re

import pytest

from exchange_cache.cli.app import App
from exchange_cache.cli.main import _run
from exchange_cache.cli.recent import SCREEN
from tests.e2e.world import World

LISTS = ["orders", "fills", "transfers"]
TIME = re.compile(r"\b20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\b")


class Screen(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def screen(world: World, *words: str) -> str:
    out = Screen()
    env = {**world.env, "COLUMNS": "200", "NO_COLOR": "1"}
    assert _run(App(env=env, clock=world.clock, out=out, err=io.StringIO()), list(words)) == 0
    return out.getvalue()


def times(shown: str) -> list[str]:
    return [found[0] for line in shown.splitlines() if (found := TIME.search(line))]


@pytest.mark.sampled(3)
@pytest.mark.parametrize("name", LISTS)
def test_a_terminal_shows_the_newest_first_and_how_to_see_the_rest(
    synced: World, name: str
) -> None:
    shown = screen(synced, name)
    own = times(shown)
    assert len(own) == SCREEN
    assert own == sorted(own, reverse=True)
    named = re.search(rf"These are the newest {SCREEN}\. Every one: (excache .*)", shown)
    assert named is not None
    rest = screen(synced, *named[1].split()[1:])
    rows = synced.run(name, "--json").json()["rows"]
    assert len(times(rest)) == len(rows) > SCREEN
    assert "Every one" not in rest
    assert times(rest)[:SCREEN] == own


@pytest.mark.sampled(3)
@pytest.mark.parametrize("name", LISTS)
def test_reverse_is_the_other_order(synced: World, name: str) -> None:
    assert times(screen(synced, name, "--reverse")) == times(screen(synced, name))[::-1]
    rows = synced.run(name, "--json").json()["rows"]
    assert synced.run(name, "--json", "--reverse").json()["rows"] == rows[::-1]


def test_the_command_for_the_rest_keeps_what_was_selected(synced: World) -> None:
    shown = screen(synced, "fills", "--asset", "BTC", "--since", "2025-01-01")
    assert "Every one: excache fills --asset BTC --since 2025-01-01 --all" in shown


def test_a_limit_is_a_limit_and_a_short_list_says_nothing(synced: World) -> None:
    shown = screen(synced, "fills", "--limit", "60")
    assert len(times(shown)) == 60
    assert "Every one" not in shown
    few = screen(synced, "transfers", "--asset", "SOL")
    assert 0 < len(times(few)) <= SCREEN
    assert "Every one" not in few


@pytest.mark.sampled(4)
@pytest.mark.parametrize("form", ["plain", "csv", "json", "markdown"])
def test_other_formats_list_everything_in_the_order_of_time(synced: World, form: str) -> None:
    piped = synced.run("fills", "--format", form).out
    assert "Every one" not in piped
    own = re.findall(r"\b20\d\d-\d\d-\d\d[ T]\d\d:\d\d:\d\d", piped)
    assert len(own) > SCREEN
    assert len(synced.run("fills").out.splitlines()) > SCREEN + 10, "a pipe gets every row too"
