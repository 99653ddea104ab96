"""The crontab entry of an installation, and the watchdog in an installed one."""

from __future__ import annotations

import io
import sys
from pathlib import Path

from exchange_cache.cli.app import App
from exchange_cache.cli.cron import entry_for, env_secrets, pinged_in
from exchange_cache.clock import SetClock
from exchange_cache.config.accounts import AccountSettings
from exchange_cache.config.sources import EnvSecret, plain
from tests.builders import NOW


def app(**env: str) -> App:
    return App(env=env, clock=SetClock(at=NOW), out=io.StringIO(), err=io.StringIO())


def test_an_entry_names_the_program_and_the_places_of_the_shell(tmp_path: Path) -> None:
    entry = entry_for(app(EXCACHE_HOME=str(tmp_path), XDG_DATA_HOME="/data"))
    assert entry.command == (
        sys.executable, "-m", "exchange_cache", "sync", "--jitter", "3m",
    )  # fmt: skip
    assert entry.env == {"EXCACHE_HOME": str(tmp_path)}
    places = entry_for(app(HOME=str(tmp_path), XDG_DATA_HOME="/data", PATH="/bin"))
    assert places.env == {"XDG_DATA_HOME": "/data"}


def test_the_watchdog_of_an_entry_is_found_again(tmp_path: Path) -> None:
    entry = entry_for(app(EXCACHE_HOME=str(tmp_path)), "https://hc.example/a%20b")
    assert pinged_in(entry.lines()) == "https://hc.example/a%20b"
    assert pinged_in(entry_for(app(EXCACHE_HOME=str(tmp_path))).lines()) is None
    assert pinged_in(("17 * * * * 'an open quote --ping https://x",)) is None


def test_credentials_from_the_environment_are_named() -> None:
    account = AccountSettings(
        name="main",
        exchange="kraken",
        credentials={"api_key": EnvSecret("KEY"), "secret": plain("c2VjcmV0")},
    )
    assert list(env_secrets(account)) == [("api_key", "KEY")]
