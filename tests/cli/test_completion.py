"""What a tabulator completes: commands, options, and values of the cache, in real shells."""

from __future__ import annotations

import io
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import click
import pytest
from click.shell_completion import ShellComplete

from exchange_cache.cache.stored import StoredFinding
from exchange_cache.cli.app import App
from exchange_cache.cli.main import COMMANDS, cli
from exchange_cache.cli.manual import helped
from exchange_cache.clock import SetClock
from tests.builders import NOW, balance, fill, price
from tests.cli.shells import installed, shell
from tests.cli.stored_home import StoredHome

PROGRAM = Path(sys.executable).with_name("excache")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> StoredHome:
    home = StoredHome(folder=tmp_path_factory.mktemp("completed") / "home", clock=SetClock(NOW))
    home.configure()
    home.store(
        balance("2", "BTC"),
        balance("5", "KFEE"),
        price("SOL/USDT", "150"),
        fill("1", "2", "30000"),
        fill("2", "1", "30000", symbol="BTC/USDT:USDT", category="linear", settle="USDT"),
    )
    stated = "basis set KFEE --quantity 1 --price 2 --at 2026-01-01"
    assert home.run(*stated.split()).code == 0
    with closing(home.repository()) as repository:
        found = StoredFinding(
            account="main",
            code="negative_quantity",
            scope="",
            asset="KFEE",
            message="sold more than bought",
            hint=None,
            since=NOW,
        )
        repository.derived.replace_findings("main", [found], NOW)
    with sqlite3.connect(home.folder / "cache.sqlite3") as connection:
        _insert(connection, "imported_files")
    return home


def _insert(connection: sqlite3.Connection, table: str) -> None:
    """A row without meaning: every column that needs a value has 1."""
    columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
    names = [name for _, name, _, needed, _, _ in columns if needed]
    values = ", ".join("1" for _ in names)
    connection.execute(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({values})")


def env(home: StoredHome, **more: str) -> dict[str, str]:
    path = f"{PROGRAM.parent}{os.pathsep}{os.environ['PATH']}"
    folder = str(home.folder)
    return {"PATH": path, "HOME": folder, "EXCACHE_HOME": folder, "LANG": "C.UTF-8", **more}


def asked(home: StoredHome, name: str, instruction: str, **more: str) -> str:
    done = subprocess.run(
        [PROGRAM],
        env=env(home, _EXCACHE_COMPLETE=f"{name}_{instruction}", **more),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout


def offered(home: StoredHome, typed: str) -> list[str]:
    """The values that excache offers for a line."""
    words = typed.split(" ")
    found = asked(
        home, "zsh", "complete", COMP_WORDS=f"excache {typed}", COMP_CWORD=str(len(words))
    )
    return found.splitlines()[1::3]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("po", ["portfolio", "positions"]),
        ("", list(COMMANDS)),
        ("account re", ["record", "remove", "rename"]),
        ("fills --acc", ["--account"]),
        ("fills --account ", ["main", "other"]),
        ("sync --account M", ["main"]),
        ("account check o", ["other"]),
        ("account rename ", ["main", "other"]),
        ("balances --asset b", ["BTC"]),
        ("explain k", ["KFEE"]),
        ("portfolio --quote u", ["USDT"]),
        ("basis set KF", ["KFEE"]),
        ("fills --symbol ", ["BTC/USDT", "BTC/USDT:USDT"]),
        ("prices --symbol s", ["SOL/USDT"]),
        ("orders --status c", ["closed", "canceled"]),
        ("portfolio BTC k", ["KFEE"]),
        ("fills --since y", ["yesterday"]),
        ("pnl --period mo", ["month"]),
        ("account add new --exchange kr", ["kraken", "krakenfutures"]),
        ("account add new --exchange kraken --wallet s", ["spot"]),
        ("help account re", ["record", "remove", "rename"]),
    ],
)
def test_commands_options_and_values_are_offered(
    home: StoredHome, typed: str, expected: list[str]
) -> None:
    assert offered(home, typed) == expected


#: Values that no list holds: numbers, names that are new, files, addresses and reasons.
OPEN = {
    "account add": {"name", "symbols"},
    "account rename": {"new"},
    "sync": {"ping"},
    "cron install": {"ping"},
    "portfolio": {"min_value"},
    "orders": {"limit"},
    "fills": {"limit"},
    "transfers": {"limit"},
    "explain": {"limit"},
    "gains": {"year", "limit"},
    "db copy": {"target"},
    "basis set": {"quantity", "price", "note"},
    "status": {"reason"},
    "demo": {"port", "seed", "fills", "latency", "cache_url"},
}


def words_before(context: click.Context, param: click.Parameter) -> list[str]:
    """The command line up to the value of a parameter."""
    words = context.command_path.split()[1:]
    if isinstance(param, click.Option):
        return [*words, max(param.opts, key=len)]
    before = context.command.params[: context.command.params.index(param)]
    return [*words, *("x" for each in before if isinstance(each, click.Argument))]


def values_of_all() -> Iterator[tuple[str, click.Context, click.Parameter]]:
    for context in helped():
        path = context.command_path.removeprefix("excache").strip()
        for param in context.command.params:
            flag = isinstance(param, click.Option) and (param.is_flag or param.count)
            if not flag and param.name not in OPEN.get(path, ()):
                yield f"{path} {param.name}", context, param


@pytest.mark.parametrize(
    ("context", "param"),
    [(context, param) for _, context, param in values_of_all()],
    ids=[name for name, _, _ in values_of_all()],
)
def test_every_value_of_a_known_set_is_offered(
    home: StoredHome, context: click.Context, param: click.Parameter
) -> None:
    app = App(env=env(home), clock=SetClock(NOW), out=io.StringIO(), err=io.StringIO())
    completion = ShellComplete(cli, {"obj": app}, "excache", "_EXCACHE_COMPLETE")
    before = words_before(context, param)
    if param.name == "wallets":
        before[2:2] = ["--exchange", "kraken"]
    found = completion.get_completions(before, "")
    assert found, before
    assert not any(one.value.startswith("-") for one in found)


def test_a_key_press_waits_for_no_server(tmp_path: Path) -> None:
    away = StoredHome(folder=tmp_path / "home", clock=SetClock(NOW))
    away.configure()
    away.store(balance("2", "BTC"))  # the file that the server replaced
    config = away.folder / "config.toml"
    config.write_text(f'cache_url = "postgresql://nobody@127.0.0.1:1/none"\n{config.read_text()}')
    assert offered(away, "fills --account ") == ["main", "other"]
    assert offered(away, "balances --asset ") == []


def test_what_is_open_is_a_value_of_a_command() -> None:
    known = {
        context.command_path.removeprefix("excache").strip(): context.command.params
        for context in helped()
    }
    for path, names in OPEN.items():
        assert names <= {param.name for param in known[path]}, path


def test_an_account_that_only_the_cache_names_is_offered_to_lists(
    home: StoredHome, tmp_path: Path
) -> None:
    config = home.folder / "config.toml"
    before = config.read_text()
    try:
        config.write_text(before.replace("accounts.other", "accounts.renamed"))
        assert offered(home, "fills --account ") == ["main", "renamed", "other"]
        assert offered(home, "sync --account ") == ["main", "renamed"]
    finally:
        config.write_text(before)


@pytest.mark.parametrize("config", [None, "[accounts", "accounts = 3", 'cache_url = "x"\n['])
def test_without_anything_that_can_be_read_nothing_is_offered(
    tmp_path: Path, config: str | None
) -> None:
    empty = StoredHome(folder=tmp_path, clock=SetClock(NOW))
    if config is not None:
        (tmp_path / "config.toml").write_text(config)
    for typed in ("fills --account ", "explain ", "fills --symbol B"):
        assert offered(empty, typed) == []
    assert not (tmp_path / "cache.sqlite3").exists()


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_a_real_shell_completes(home: StoredHome, tmp_path: Path, name: str) -> None:
    if not installed(name):
        pytest.skip(f"{name} is not installed")
    script = tmp_path / f"excache.{name}"
    script.write_text(asked(home, name, "source"))
    lines = {
        "excache portf": "excache portfolio",
        "excache fills --acc": "excache fills --account",
        "excache fills --account ot": "excache fills --account other",
        "excache balances --asset kf": "excache balances --asset KFEE",
        "excache balances --asset=kf": "excache balances --asset=KFEE",
        "excache fills --symbol BTC/USDT:U": "excache fills --symbol BTC/USDT:USDT",
        "excache fills --symbol=BTC/USDT:U": "excache fills --symbol=BTC/USDT:USDT",
        "excache account check ma": "excache account check main",
    }
    with shell(name, script, env(home)) as opened:
        assert {typed: opened.line_after_tab(typed) for typed in lines} == lines
