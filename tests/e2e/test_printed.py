"""Every command that a screen prints is read off it and run, in every state of a cache, and what it
promises is checked: it informs, or what it cures is no longer on the screen."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from exchange_cache.simulator.downloads import write_downloads
from exchange_cache.simulator.server import Simulator, running_simulator
from tests.e2e.printed import lines_with, printed_commands, words_of
from tests.e2e.world import Result, World
from tests.homes import HOMES, columns_of

pytestmark = pytest.mark.long

#: Every screen; ``{asset}`` is one that is held.
SCREENS = (
    "portfolio --no-refresh",
    "portfolio --no-refresh --by account",
    "portfolio --no-refresh --quote EUR",
    "portfolio --at 30d",
    "portfolio NOPE",
    "balances",
    "positions",
    "orders --limit 5",
    "fills --limit 5",
    "fills --asset NOPE",
    "transfers --limit 5",
    "prices",
    "status",
    "status --all",
    "status --coverage",
    "status --missing",
    "explain ETH",
    "explain XRP",
    "explain NOPE",
    "pnl",
    "diff --since 7d",
    "history",
    "history --since 1d --until 1h",
    "stats",
    "assets",
    "basis list",
    "account list",
    "account check",
    "cron show",
    "db check",
    "sync --dry-run",
    "sync --account nobody",
    "import list",
    "import nothing.csv",
)
#: What changes the state; everything else informs.
CURES = ("sync", "reload", "basis set", "import", "cron install", "account add")
#: What a person answers to a command that asks.
ANSWERS = {"basis set": ("--price", "1"), "cron install": ("--force",)}
#: What needs a person or a longer life than a test.
APART = ("demo", "account add", "portfolio --watch", "account record")


class State:
    """What is the matter in a home: how it came, and how its cause is removed."""

    def __init__(
        self, name: str, spoil: Callable[[World], World], *marks: pytest.MarkDecorator
    ) -> None:
        self.name = name
        self.spoil = spoil
        self.marks = marks


def _stale(world: World) -> World:
    """The last sync was 40 hours ago."""
    tables = ("exchange_sync_status", "exchange_balances", "exchange_positions", "exchange_prices")
    for table in tables:
        columns = columns_of(world.cache, table)
        moved = [f"{name} = {name} - {40 * 3_600_000}" for name in columns if name[-3:] == "_ms"]
        world.change(f"UPDATE {table} SET {', '.join(moved)}")
    return world


def _without_cache(world: World) -> World:
    world.forget()
    return world


def _without_config(world: World) -> World:
    _without_cache(world)
    (world.home / "config.toml").unlink()
    return world


def _first_sync_failed(world: World) -> World:
    _without_cache(world)
    world.simulator.stop_exchange("kraken")
    world.simulator.stop_exchange("bybit")
    assert world.run("sync").code != 0
    return world


def _key_refused(world: World) -> World:
    world.simulator.venue.set_permissions("kraken", can_read=False)
    later = _stale(world)
    assert later.run("sync", "--only", "balances").code != 0
    return later


def _short_history(world: World) -> World:
    _configure(world, 'history_start = "2026-06-01"\n')
    return world


def _another_asset(world: World) -> World:
    config = world.home / "config.toml"
    config.write_text(
        config.read_text().replace('reporting_asset = "USDT"', 'reporting_asset = "EUR"')
    )
    return world


def _one_account_off(world: World) -> World:
    config = world.home / "config.toml"
    config.write_text(
        config.read_text().replace("[accounts.bybit]", "[accounts.bybit]\nenabled = false")
    )
    return world


def _configure(world: World, line: str) -> None:
    config = world.home / "config.toml"
    config.write_text(line + config.read_text())


STATES = (
    State("synced", lambda world: world),
    State("stale", _stale),
    State("no_config", _without_config, pytest.mark.sqlite),  # which would name the server
    State("nothing_cached", _without_cache),
    State("first_sync_failed", _first_sync_failed),
    State("key_refused", _key_refused),
    State("short_history", _short_history),
    State("another_asset", _another_asset),
    State("one_account_off", _one_account_off),
)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Spot and derivatives, oversold, unpriced and deposited without a price."""
    accounts = {"kraken": "kraken", "bybit": "bybit"}
    with running_simulator(seed=3, fills=60, limit_scale=1000, accounts=accounts) as simulator:
        world = World.create(simulator, tmp_path_factory.mktemp("printed") / "home")
        assert world.run("sync").code == 0
        yield world


def whole(simulator: Simulator) -> None:
    """The exchanges as they were: what no command of a user could repair."""
    simulator.faults.clear()
    for exchange in ("kraken", "bybit"):
        simulator.start_exchange(exchange)
    simulator.dialects["kraken"].forget_nonces()  # type: ignore[attr-defined]
    simulator.venue.set_permissions("kraken", can_read=True)


def shown(world: World, words: list[str], columns: int) -> Result:
    return world.run(*words, env={"COLUMNS": str(columns)})


def text_of(done: Result) -> str:
    return f"{done.out}\n{done.err}"


@pytest.mark.parametrize(
    ("state", "columns"),
    [
        *(pytest.param(state, 200, marks=state.marks) for state in STATES),
        *((state, 80) for state in STATES if state.name in {"synced", "short_history"}),
    ],
    ids=lambda value: value.name if isinstance(value, State) else str(value),
)
def test_every_printed_command_runs_and_keeps_its_promise(
    template: World,
    tmp_path: Path,
    crontab: Path,
    state: State,
    columns: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    world = _copy(template, tmp_path / "state")
    problems: list[str] = []
    try:
        world = state.spoil(world)
        printed: dict[str, str] = {}
        for screen in SCREENS:
            done = shown(world, screen.split(), columns)
            if "a bug in excache" in done.err:
                problems.append(f"{screen}: {done.err}")
            for command in printed_commands(text_of(done)):
                printed.setdefault(command, screen)
        assert printed, "no screen of this state prints a command"
        for number, (command, screen) in enumerate(printed.items()):
            own = replace(_copy(world, tmp_path / f"run{number}"), clock=world.clock)
            problem = _problem(own, command, screen, columns)
            problems += [] if problem is None else [f"{screen}: excache {command}: {problem}"]
            shutil.rmtree(own.home)
            crontab.unlink(missing_ok=True)
    finally:
        whole(template.simulator)
    if problems:
        pytest.fail("\n".join(problems), pytrace=False)


def _with_files(world: World, words: list[str]) -> list[str]:
    """The words of a command with what a person downloads in place of FILE: all files of the
    account that it names, or of all accounts."""
    named = [word for before, word in pairwise(words) if before == "--account"]
    found = []
    for word in words:
        if word.startswith("FILE"):
            written = write_downloads(world.home.parent / "downloads", world.simulator.venue)
            found += [str(one) for one in written if not named or one.parent.name in named]
        else:
            found.append(word)
    return found


def _answers(command: str) -> tuple[str, ...]:
    return next((words for start, words in ANSWERS.items() if command.startswith(start)), ())


@pytest.fixture(autouse=True)
def crontab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What stands in for the machine's crontab."""
    tools = tmp_path / "bin"
    tools.mkdir()
    tab, fake = tools / "tab", tools / "crontab"
    fake.write_text(
        f'#!/bin/sh\n[ "$1" = -l ] || exec cat > {tab}\n[ -e {tab} ] && exec cat {tab}\n'
        'echo "no crontab for you" >&2; exit 1\n'
    )
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")
    return tab


def _copy(world: World, home: Path) -> World:
    HOMES.copy(world.home, home)
    return replace(world, home=home)


def _problem(world: World, command: str, screen: str, columns: int) -> str | None:
    """What is wrong with a printed command; None if it keeps its promise."""
    if command.startswith(APART):
        return None
    words = _with_files(world, words_of(command))
    before = text_of(shown(world, screen.split(), columns))
    helps = "--help" in words
    informs = helps or "--dry-run" in words
    cure = not informs and (command.startswith(CURES) or "--wait" in words)
    if cure:
        whole(world.simulator)
    done = world.run(*words, *_answers(command))
    if done.code == 78 and "excache account add" in done.err:
        return None  # what comes before it is named, with the command for it
    if "a bug in excache" in done.err or done.code in {2, 78}:
        return f"exit {done.code}: {done.err.strip()}"
    if not cure:
        informed = helps or f"{done.out}{done.err}".strip()  # click prints help by itself
        return None if informed else "says nothing"
    if done.code != 0:
        return f"exit {done.code}: {done.err.strip()}"
    after = text_of(shown(world, screen.split(), columns))
    left = set(lines_with(before, command)) & set(lines_with(after, command))
    return f"does not change what it is offered for: {left}" if left else None
