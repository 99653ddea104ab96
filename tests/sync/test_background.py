"""One detached refresh at a time; it outlives who started it and leaves a word about what kept it
from working."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from exchange_cache.clock import EPOCH
from exchange_cache.sync.background import is_running, last_words, slot_of, start_refresh


@pytest.fixture
def slot(tmp_path: Path) -> Path:
    return slot_of(tmp_path / "cache.sqlite3")


@pytest.fixture
def sleeper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands in for Python: notes its words and environment, then lives until the pipe it reads is
    opened and closed."""
    pipe, program = tmp_path / "pipe", tmp_path / "program"
    os.mkfifo(pipe)
    program.write_text(
        f'#!/bin/sh\necho "$@" > {tmp_path}/words\necho "no configuration" >&2\ncat {pipe} >'
        f" {tmp_path}/ended\n"
    )
    program.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(program))
    return pipe


def end(pipe: Path, slot: Path) -> None:
    """Let the refresh end, and wait until the kernel has freed its slot."""
    pipe.write_text("")
    with slot.open("r+") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)


def test_a_second_refresh_is_not_started_while_one_runs(
    slot: Path, sleeper: Path, tmp_path: Path
) -> None:
    assert not is_running(slot)
    assert start_refresh(dict(os.environ), slot, accounts=["main"], max_age="1h")
    assert is_running(slot)
    assert not start_refresh(dict(os.environ), slot)

    end(sleeper, slot)
    assert not is_running(slot)
    words = (tmp_path / "words").read_text()
    assert words == "-m exchange_cache sync --background --account main --max-age 1h\n"


def test_what_went_wrong_is_left_for_its_owner_alone(
    slot: Path, sleeper: Path, tmp_path: Path
) -> None:
    log = tmp_path / "state" / "refresh.log"
    assert last_words(log, EPOCH) == ""
    start_refresh(dict(os.environ), slot, log=log)
    end(sleeper, slot)

    assert last_words(log, EPOCH) == "no configuration"
    assert last_words(log, datetime.now(UTC) + timedelta(hours=1)) == "", "of an earlier refresh"
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_it_is_no_child_of_who_started_it(slot: Path, sleeper: Path) -> None:
    start_refresh(dict(os.environ), slot)
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
    end(sleeper, slot)


def test_a_folder_that_cannot_be_written_starts_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    assert not start_refresh(dict(os.environ), tmp_path / "file" / "cache.sqlite3.refresh")
    assert not is_running(tmp_path / "nowhere" / "slot")


def test_without_file_locks_nothing_is_started_and_nothing_runs(
    slot: Path, sleeper: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without_locks(handle: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    slot.touch()
    monkeypatch.setattr(fcntl, "flock", without_locks)
    assert not is_running(slot)
    with pytest.raises(OSError, match="No locks available"):
        start_refresh(os.environ, slot)
