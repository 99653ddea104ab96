"""Homes on a file system that is read-only, read by a user who is not root."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from exchange_cache.clock import SetClock
from tests.builders import NOW, balance
from tests.cli.stored_home import StoredHome
from tests.e2e.world import Result
from tests.mounted import mounted

NOBODY, ANOTHER = 65534, 65533
READING = ("portfolio --no-refresh", "balances --json", "fills --json", "status --json")


@contextmanager
def frozen(place: Path, *, owner: int, mode: int, shut: str = "") -> Iterator[StoredHome]:
    """A home whose files have that owner and mode, on a file system that is read-only since; those
    of a pattern are ``shut`` to all but their owner."""
    with mounted(place, "8m"):
        home = StoredHome(folder=place / "home", clock=SetClock(NOW))
        home.configure()
        home.store(balance("1"))
        for file in (home.folder, *home.folder.iterdir()):
            file.chmod(mode | 0o111 if file.is_dir() else mode)
            os.chown(file, owner, owner)
        for file in home.folder.glob(shut) if shut else ():
            file.chmod(0o600)
        subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
        yield home


def as_nobody(run: Callable[[], Result]) -> Result:
    """What a command does for a user who is not root: in a process of its own, after root has run
    it and so loaded what it needs, since another user may not reach the interpreter's modules."""
    run()
    ours, theirs = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=_answer, args=(run, theirs))
    process.start()
    theirs.close()
    found: Result = ours.recv()
    process.join()
    return found


def _answer(run: Callable[[], Result], answer: Connection) -> None:
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    assert os.geteuid() == NOBODY
    answer.send(run())


@pytest.fixture
def place() -> Iterator[Path]:
    """A place that every user may reach, which the folders of pytest are not."""
    if os.geteuid() != 0:
        pytest.skip("only root becomes another user")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        yield Path(folder) / "frozen"


@pytest.mark.parametrize("words", READING)
def test_a_user_reads_an_own_home_on_a_read_only_file_system(place: Path, words: str) -> None:
    with frozen(place, owner=NOBODY, mode=0o600) as home:
        expected = home.run(*words.split())
        done = as_nobody(lambda: home.run(*words.split()))
    assert (done.code, done.out) == (0, expected.out)
    assert done.err == ""


def test_a_user_reads_the_home_of_another_that_all_may_read(place: Path) -> None:
    with frozen(place, owner=ANOTHER, mode=0o644) as home:
        done = as_nobody(lambda: home.run("portfolio", "--no-refresh"))
    assert (done.code, "USDT" in done.out) == (0, True)
    assert "others may read the cache" in done.err


@pytest.mark.parametrize("words", [*READING, "sync"])
def test_a_home_that_a_user_may_not_read_is_named(place: Path, words: str) -> None:
    with frozen(place, owner=ANOTHER, mode=0o600) as home:
        done = as_nobody(lambda: home.run(*words.split()))
    assert (done.code, done.out) == (78, "")
    assert str(home.folder) in done.err and "a bug in excache" not in done.err


@pytest.mark.parametrize("words", READING)
def test_a_cache_that_a_user_may_not_read_is_named(place: Path, words: str) -> None:
    with frozen(place, owner=ANOTHER, mode=0o644, shut="cache.sqlite3*") as home:
        done = as_nobody(lambda: home.run(*words.split()))
    assert (done.code, done.out) == (78, "")
    assert f"{home.folder}/cache.sqlite3" in done.err and "a bug in excache" not in done.err


def test_a_sync_states_that_the_file_system_is_read_only(place: Path) -> None:
    with frozen(place, owner=NOBODY, mode=0o600) as home:
        done = as_nobody(lambda: home.run("sync"))
    assert (done.code, done.out) == (78, "")
    assert "read-only" in done.err.casefold() and "a bug in excache" not in done.err
