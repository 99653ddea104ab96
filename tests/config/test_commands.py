"""Programs that print a secret: bounded output, an end at the time limit, the terminal lent."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from exchange_cache.config.commands import run_command
from exchange_cache.config.private_files import MAX_BYTES


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def ends(pid: int) -> bool:
    deadline = time.monotonic() + 5
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not is_running(pid)


def test_at_its_time_limit_a_command_ends_with_all_that_it_started(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    started = time.monotonic()
    result = run_command(["sh", "-c", f"sleep 60 & echo $! > {note}; sleep 60"], os.environ, 0.5)
    assert (result.status, result.output) == (None, None)
    assert time.monotonic() - started < 5
    assert ends(int(note.read_text()))


def test_a_child_that_keeps_the_output_open_ends_at_the_time_limit_too(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    result = run_command(["sh", "-c", f"sleep 60 & echo $! > {note}"], os.environ, 0.5)
    assert result.status is None
    assert ends(int(note.read_text()))


def test_output_without_end_is_not_kept(tmp_path: Path) -> None:
    started = time.monotonic()
    result = run_command(["sh", "-c", f"echo $$ > {tmp_path}/pid; exec yes"], os.environ, 60)
    assert result.excess and result.output is None
    assert time.monotonic() - started < 30
    assert ends(int((tmp_path / "pid").read_text()))


@pytest.mark.parametrize("size", [0, 1, MAX_BYTES])
def test_output_up_to_the_bound_is_kept(size: int) -> None:
    result = run_command(["head", "-c", str(size), "/dev/zero"], os.environ, 30)
    assert (result.status, result.excess) == (0, False)
    assert result.output is not None and len(result.output.reveal()) == size


def test_a_command_that_closes_its_output_early_is_waited_for() -> None:
    result = run_command(["sh", "-c", "echo x; exec >&-; sleep 0.2; exit 3"], os.environ, 30)
    assert result.status == 3


ASKING = """
import os, sys
from exchange_cache.config.commands import run_command
asked = "read word < /dev/tty; echo got $word"
print(run_command(["sh", "-c", asked], os.environ, 10).output.reveal().strip(), flush=True)
print("then", open("/dev/tty").readline().strip(), flush=True)
"""


@pytest.mark.skipif(shutil.which("setsid") is None, reason="no setsid here")
def test_a_command_may_ask_on_the_terminal_which_is_ours_again_afterwards() -> None:
    own, other = pty.openpty()
    process = subprocess.Popen(
        ["setsid", "--ctty", "--wait", sys.executable, "-c", ASKING],
        stdin=other,
        stdout=subprocess.PIPE,
        text=True,
    )
    os.close(other)
    assert process.stdout is not None
    os.write(own, b"passphrase\n")
    assert process.stdout.readline() == "got passphrase\n"
    os.write(own, b"more\n")
    assert process.stdout.readline() == "then more\n"
    assert process.wait(10) == 0
    process.stdout.close()
    os.close(own)
