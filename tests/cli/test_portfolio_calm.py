"""The portfolio of the six-exchange demo: as long as a screen, and its commands run as printed."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from decimal import Decimal

import pytest

from exchange_cache.simulator.server import running_simulator
from exchange_cache.simulator.venue.core import ALL_ACCOUNTS, SECOND_ACCOUNT
from tests.e2e.world import World

pytestmark = pytest.mark.long

#: A command after two blanks or more, or alone on its line.
COMMAND = re.compile(r"(?:^|\s{2,})(excache [a-z].*)$")
#: What the screens print with each set of options.
SCREENS = (
    (),
    ("--all",),
    ("--by", "account"),
    ("--account", "main"),
    ("--quote", "EUR"),
    ("BTC", "SRM"),
    ("--at", "2025-06-01"),
    ("--at", "2025-06-01", "--quote", "EUR"),
)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """What ``excache demo --all`` shows, after its first sync."""
    accounts = {**ALL_ACCOUNTS, **SECOND_ACCOUNT}
    with running_simulator(seed=1, limit_scale=1000, accounts=accounts) as simulator:
        world = World.create(simulator, tmp_path_factory.mktemp("six"))
        assert world.run("sync").code == 0
        yield world


def shown(demo: World, *options: str, columns: int | None = 80) -> str:
    width = {} if columns is None else {"COLUMNS": str(columns)}
    done = demo.run("portfolio", "--no-refresh", *options, env={**demo.env, **width})
    assert done.code == 0, done.err
    return done.out


def test_it_fits_in_sixty_lines_at_eighty_columns(demo: World) -> None:
    lines = shown(demo).splitlines()
    assert len(lines) <= 60
    assert max(map(len, lines)) <= 80
    heading = next(line for line in lines if line.startswith("Asset"))
    assert heading.split() == [
        *("Asset", "Quantity", "Price", "Avg", "entry", "Value", "Unrealised", "%", "24", "h"),
    ]
    assert lines[0].endswith("7 of 7 ok")


def test_at_most_three_lines_stand_under_the_tables_each_with_a_command(demo: World) -> None:
    for columns in (80, 100, 140, 200):
        under = shown(demo, columns=columns).split("\n\n")[-1].splitlines()
        assert 1 <= len(under) <= 3
        assert all(COMMAND.search(line) for line in under), under
        assert max(map(len, under)) <= columns


@pytest.mark.parametrize("options", SCREENS[-2:])
def test_a_past_moment_has_no_more_lines_and_unfolds_them(
    demo: World, options: tuple[str, ...]
) -> None:
    under = shown(demo, *options, columns=100).split("\n\n")[-1].splitlines()
    assert len(under) <= 3
    assert all(COMMAND.search(line) for line in under), under
    unfold = COMMAND.search(under[-1])
    assert unfold
    assert unfold[1] == f"excache portfolio {' '.join(options)} --all"
    assert len(shown(demo, *options, "--all").split("\n\n")[-1].splitlines()) > 3


@pytest.mark.sampled(3)
@pytest.mark.parametrize("options", SCREENS)
def test_every_printed_command_runs_as_it_stands(demo: World, options: tuple[str, ...]) -> None:
    found = {
        match[1]
        for columns in (80, None)
        for line in shown(demo, *options, columns=columns).splitlines()
        if (match := COMMAND.search(line))
    }
    assert found
    for command in found:
        done = demo.run(*shlex.split(command)[1:])
        assert (done.code, done.err) == (0, ""), command
        silent = command == "excache sync"  # where no terminal is, when all is well
        assert bool(done.out) is not silent, command


def test_the_rows_add_up_to_the_total(demo: World) -> None:
    text = shown(demo, "--all", "--format", "markdown", columns=None)
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("|")
    ]
    table = rows[: next(place for place, row in enumerate(rows) if row[0] == "Positions")]
    value = table[0].index("Value")
    values = [row[value] for row in table[2:] if row[value] != "-"]
    feet = re.findall(r"(?m)^(?:open positions|Total) +([-\d,.]+)", text)
    known = (*values, *feet[:2])  # the third is that of the positions
    amounts = [Decimal(one.replace(",", "")) for one in known if not one.startswith("&lt;")]
    assert abs(sum(amounts[:-1]) - amounts[-1]) <= Decimal("0.01") * len(amounts)


def test_a_pipe_states_what_a_terminal_states(demo: World) -> None:
    piped, narrow = (shown(demo, columns=columns).split() for columns in (None, 80))
    missing = {word.rstrip(";") for word in narrow if word not in piped}
    counted = {"...", "accounts", "assets", "more"}
    assert {word for word in missing if not word.isdecimal()} <= counted
