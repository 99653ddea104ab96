"""The example crontab under a real cron daemon, with real mail: what a year of hourly runs would
be, in one minute.

Runs where ``EXCACHE_TEST_CRON=1`` says that this machine may lend its cron for a minute (CI does);
elsewhere it says why not.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.fresh.helpers import Home, wait_until

EXAMPLE = Path(__file__).parents[2] / "crontab.example"
SENDMAIL = Path("/usr/sbin/sendmail")  # Debian's cron knows no other place
A_MINUTE_AND_THE_RUN = 85.0


def _why_not() -> str:
    if os.environ.get("EXCACHE_TEST_CRON") != "1":
        return "it lends this machine's cron for a minute: allow that with EXCACHE_TEST_CRON=1"
    if os.geteuid() != 0:
        return "only root may start a cron daemon"
    if shutil.which("cron") is None or shutil.which("crontab") is None:
        return "cron is not installed (Debian: apt install cron)"
    if any(_name(process) == "cron" for process in Path("/proc").glob("[0-9]*")):
        return "a cron daemon is running here already"
    if SENDMAIL.exists():
        return "a real sendmail is installed here: the mail would be sent"
    if subprocess.run(["crontab", "-l"], capture_output=True, check=False).returncode == 0:
        return "root has a crontab, which must not be touched"
    return ""


def _name(process: Path) -> str:
    with suppress(OSError):
        return (process / "comm").read_text(encoding="utf-8").strip()
    return ""


REASON = _why_not()
pytestmark = pytest.mark.skipif(bool(REASON), reason=REASON)


@pytest.fixture
def mails(tmp_path: Path) -> Iterator[Path]:
    """A folder into which this machine's mail goes."""
    folder = tmp_path / "mails"
    folder.mkdir()
    SENDMAIL.write_text(f'#!/bin/sh\ncat > "$(mktemp {folder}/XXXXXX)"\n', encoding="utf-8")
    SENDMAIL.chmod(0o755)
    yield folder
    SENDMAIL.unlink()


@pytest.fixture
def run_cron(tmp_path: Path) -> Iterator[Callable[[str], subprocess.Popen[bytes]]]:
    """``run_cron(text)``: root's crontab is this text, and a daemon works on it until the test
    ends."""
    started: list[subprocess.Popen[bytes]] = []

    def run(text: str) -> subprocess.Popen[bytes]:
        file = tmp_path / "crontab"
        file.write_text(text, encoding="utf-8")
        done = subprocess.run(["crontab", str(file)], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        process = subprocess.Popen(
            ["cron", "-f"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.terminate()
        process.wait()
    subprocess.run(["crontab", "-r"], capture_output=True, check=False)


def _example(home: Home, mail_to: str = "") -> str:
    """The example as a user would fill it in: the program's place, the cache's place, every minute
    instead of every hour."""
    text = EXAMPLE.read_text(encoding="utf-8")
    program = Path(sys.executable).with_name("excache")
    for ours, theirs in (
        ("/usr/local/bin/excache sync", f"{program} sync"),
        ("17 * * * * ", "* * * * * "),
        ("--jitter 3m", "--jitter 1s"),
        ("#EXCACHE_HOME=/home/you/excache", f"EXCACHE_HOME={home.home}"),
        *([("#MAILTO=you@example.org", f"MAILTO={mail_to}")] if mail_to else []),
    ):
        assert ours in text, f"the example has no {ours!r} any more"
        text = text.replace(ours, theirs)
    return text


def _has_children(process: subprocess.Popen[bytes]) -> bool:
    return bool(
        Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="utf-8").split()
    )


def test_the_example_under_a_real_cron_daemon(
    make_home: Callable[..., Home], mails: Path, run_cron: Callable[[str], subprocess.Popen[bytes]]
) -> None:
    well, failing, shared = make_home(), make_home(), make_home()
    failing.configure("retries = 0")
    assert failing.run("sync").code == 0
    failing.simulator.stop_exchange("kraken", "503")
    shared.simulator.set_latency(300)

    cron = run_cron(
        _example(well) + _example(shared) + _example(shared) + _example(failing, "me@example.org")
    )
    wait_until(
        lambda: (well.home / "cache.sqlite3").exists(),
        "cron starts the first run",
        A_MINUTE_AND_THE_RUN,
    )
    time.sleep(0.5)  # all entries of this minute have their process by now
    wait_until(lambda: not _has_children(cron), "all runs of this minute have ended")
    cron.terminate()
    cron.wait()

    assert [(command, outcome) for command, _, _, outcome in well.runs()] == [("sync", "ok")], (
        "a sync happened"
    )
    assert well.query("SELECT count(*) FROM exchange_fills")[0][0] > 0
    assert [(command, outcome) for command, _, _, outcome in shared.runs()] == [("sync", "ok")], (
        "two overlapping runs did one sync"
    )
    assert [(command, outcome) for command, _, _, outcome in failing.runs()] == [
        ("sync", "ok"),
        ("sync", "failed"),
    ]

    texts = [mail.read_text(encoding="utf-8") for mail in mails.iterdir()]
    assert len(texts) == 1, "mail only where something is wrong"
    head, _, body = texts[0].partition("\n\n")
    assert re.search(r"^To: me@example\.org$", head, re.MULTILINE)
    assert body.splitlines() == failing.run("sync").err.splitlines(), (
        "cron mails what the command says"
    )
    assert len(body.splitlines()) == 1
    assert body.startswith("excache: kraken: kraken is not available (")
