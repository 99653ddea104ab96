"""A home on a disk of 4 MB that fills up: what writes says so (exit code 75), reading goes on."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from exchange_cache.simulator.server import Simulator
from tests.fresh.helpers import Home
from tests.mounted import mounted


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    with mounted(place, "4m"):
        yield place


@pytest.fixture
def fill(disk: Path) -> Callable[[], Path]:
    def fill_up() -> Path:
        ballast = disk / "ballast"
        with ballast.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(b"\0" * 4096)
        return ballast

    return fill_up


@pytest.fixture
def home(disk: Path, calm: Simulator) -> Home:
    return Home.create(calm, disk / "home")


@pytest.fixture
def filled(home: Home, synced_once: Path, fill: Callable[[], Path], tmp_path: Path) -> Home:
    """A cache that was synced well, and then no room."""
    whole = tmp_path / "whole"
    shutil.copytree(synced_once, whole)
    with closing(sqlite3.connect(whole / "cache.sqlite3")) as cache:
        cache.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copytree(whole, home.home, dirs_exist_ok=True)
    assert not list(home.home.glob("cache.sqlite3-*")), (
        "what SQLite keeps beside it has to be made anew"
    )
    fill()
    return home


def says_full(done: object, path: Path | str) -> bool:
    err = done.err  # type: ignore[attr-defined]
    assert f"no space left on device: {path}" in err, err
    assert "rollback" not in err and "a bug in excache" not in err
    return done.code == 75  # type: ignore[attr-defined]


@pytest.mark.parametrize("how", ["run", "process"])
def test_a_sync_says_that_the_disk_is_full_and_goes_on_when_there_is_room(
    home: Home, fill: Callable[[], Path], how: str
) -> None:
    ballast = fill()
    home.home.joinpath("cache.sqlite3").unlink(missing_ok=True)
    with ballast.open("r+b") as file:
        file.truncate(
            ballast.stat().st_size - 500_000
        )  # enough to begin, too little for the history
    done = getattr(home, how)("sync")
    assert says_full(done, home.home / "cache.sqlite3")
    ballast.unlink()
    again = home.run("sync")
    assert (again.code, again.err) == (0, "")
    assert home.repository().check() == []


@pytest.mark.parametrize(
    "words",
    [("portfolio", "--no-refresh"), ("balances",), ("fills",), ("status",), ("stats",)],
    ids=" ".join,
)
def test_reading_goes_on_without_room(filled: Home, words: tuple[str, ...]) -> None:
    done = filled.process(*words)
    assert (done.code, done.err) == (0, "")
    assert done.out


@pytest.mark.parametrize(
    ("words", "file"),
    [
        (("sync",), "cache.sqlite3"),
        (("reload", "--force"), "cache.sqlite3"),
        (("db", "backup", "{home}/backup.sqlite3"), "backup.sqlite3"),
        (
            ("basis", "set", "BTC", "--quantity", "1", "--price", "1", "--at", "2026-01-01"),
            "cache.sqlite3",
        ),
        (("history", "--output", "{home}/worth.svg"), "worth.svg"),
        (("account", "remove", "kraken", "--force"), "config.toml"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else None,
)
def test_what_must_write_says_that_the_disk_is_full(
    filled: Home, words: tuple[str, ...], file: str
) -> None:
    before = filled.home.joinpath("config.toml").read_bytes()
    done = filled.process(*(word.format(home=filled.home) for word in words))
    assert says_full(done, filled.home / file)
    assert filled.home.joinpath("config.toml").read_bytes() == before
