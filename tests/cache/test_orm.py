from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.world import World

pytest.importorskip("psycopg")

SHOWN = "; import sys; print(*sorted({'psycopg', 'psycopg2', 'pymysql'} & set(sys.modules)))"


def run(code: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()


def test_a_cache_in_a_file_loads_no_driver_of_a_server_although_one_is_installed() -> None:
    assert run(f"import exchange_cache.cache.repository{SHOWN}") == ""


def test_without_this_peewee_loads_it() -> None:
    assert run(f"import peewee{SHOWN}") == "psycopg"


def test_a_driver_that_is_hidden_can_be_imported_afterwards() -> None:
    assert run(f"import exchange_cache.cache.repository, psycopg{SHOWN}") == "psycopg"


def test_a_driver_that_is_loaded_already_stays() -> None:
    assert run(f"import psycopg, exchange_cache.cache.repository{SHOWN}") == "psycopg"


#: Every command that opens a cache, in an order in which each has something to do.
COMMANDS = (
    "sync",
    "import {form}",
    "portfolio --no-refresh",
    "portfolio --no-refresh --cost-method fifo",
    "reload --force",
    "status",
    "fills --limit 1",
    "explain BTC",
    "pnl",
    "gains --cost-method fifo",
    "diff --since 1d",
    "history",
    "stats",
    "export csv",
    "export hledger",
    "basis list",
    "db check --quick",
    "db backup {home}/backup.sqlite3",
    "db copy --to sqlite:///{home}/copy.sqlite3",
    "db path",
    "db grants",
    "account list",
)
_RUN = """
import atexit, os, sys
atexit.register(lambda: os.write(2, str('psycopg' in sys.modules).encode()))
from exchange_cache.cli.main import main
main()
"""
_FORM = "time,type,asset,quantity,quote,cost,id\n2024-01-01 10:00:00,buy,ADA,1,EUR,1.50,1\n"


def ended(
    world: World, words: str, code: str = _RUN, **env: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *words.split()],
        env={**world.env, **env},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.long
@pytest.mark.sqlite
def test_no_command_with_a_cache_in_a_file_loads_a_driver(
    make_world: Callable[..., World],
) -> None:
    world = make_world(accounts={"kraken": "kraken"}, fills=100, history_days=30)
    config = world.home / "config.toml"
    config.write_text(f'{config.read_text()}\n[accounts.cold]\nexchange = "manual"\n')
    form = world.home / "form.csv"
    form.write_text(_FORM)
    for words in COMMANDS:
        done = ended(world, words.format(home=world.home, form=form))
        assert done.returncode == 0, (words, done.stderr)
        assert done.stderr.endswith("False"), words
    completing = {"_EXCACHE_COMPLETE": "bash_complete", "COMP_CWORD": "2"}
    done = ended(world, "", COMP_WORDS="excache explain B", **completing)
    assert "BTC" in done.stdout and done.stderr.endswith("False")


def test_without_the_driver_a_server_is_refused_with_the_cure(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(
        'cache_url = "postgresql://db.invalid/excache"\n[accounts.cold]\nexchange = "manual"\n'
    )
    code = f"import sys; sys.modules['psycopg'] = None\n{_RUN}"
    env = {**os.environ, "EXCACHE_HOME": str(tmp_path), "HOME": str(tmp_path)}
    for words in ("portfolio", "sync", "db check", "portfolio --json --no-refresh"):
        done = subprocess.run(
            [sys.executable, "-c", code, *words.split()],
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 78, (words, done.stderr)
        assert "needs the driver psycopg 3" in done.stderr
        assert "pip install 'excache[postgres]'" in done.stderr
