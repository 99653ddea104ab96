"""What a tabulator completes: commands, options, and values of the cache, in real shells."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from exchange_cache.cli.main import COMMANDS
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
    return home


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
    ],
)
def test_commands_options_and_values_are_offered(
    home: StoredHome, typed: str, expected: list[str]
) -> None:
    assert offered(home, typed) == expected


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
