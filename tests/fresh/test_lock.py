"""One writer: the second leaves or waits, a killed one is gone at once, and status tells who is at
work."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from decimal import Decimal
from pathlib import Path

import pytest

from exchange_cache.clock import SetClock, SystemClock
from exchange_cache.errors import Interrupted, LockBusy
from exchange_cache.sync.lock import WriterLock
from tests.builders import NOW
from tests.fresh.helpers import Home, wait_until


def test_the_lock_is_taken_once_and_tells_its_holder(tmp_path: Path) -> None:
    first, second = (
        WriterLock(tmp_path / "lock", SetClock(NOW), pid=os.getpid()),
        WriterLock(tmp_path / "lock", SetClock(NOW)),
    )
    assert first.holder() is None
    assert first.try_acquire("sync")
    assert not second.try_acquire("reload")
    holder = second.holder()
    assert holder is not None
    assert (holder.pid, holder.command, holder.since) == (os.getpid(), "sync", NOW)
    first.release()
    assert second.holder() is None
    assert second.try_acquire("reload")
    second.release()


def test_waiting_ends_with_the_holder_or_with_patience(tmp_path: Path) -> None:
    first = WriterLock(tmp_path / "lock", SetClock(NOW))
    assert first.try_acquire("sync")
    clock = SetClock(NOW)
    second = WriterLock(tmp_path / "lock", clock)
    with pytest.raises(
        LockBusy, match=rf"sync \(pid {os.getpid()}\) since 2026-01-31 12:00:00 UTC"
    ) as caught:
        second.acquire("reload", wait_seconds=5)
    assert caught.value.exit_code == 75
    assert (clock.at - NOW).total_seconds() == pytest.approx(5, abs=0.3)
    with pytest.raises(Interrupted):
        second.acquire("reload", wait_seconds=5, stop=lambda: True)
    clock.on_sleep = lambda seconds: first.release()
    assert second.acquire("reload", wait_seconds=5) == pytest.approx(0.2)
    second.release()


def test_looking_who_holds_it_never_makes_a_sync_leave(tmp_path: Path) -> None:
    """Hundreds of readers look; a cron run that found one of them in its way must not take it for a
    writer."""
    path = tmp_path / "lock"
    done = threading.Event()

    def look() -> None:
        lock = WriterLock(path, SystemClock())
        while not done.is_set():
            lock.holder()

    lookers = [threading.Thread(target=look) for _ in range(8)]
    for looker in lookers:
        looker.start()
    try:
        for _ in range(200):
            lock = WriterLock(path, SystemClock())
            assert lock.try_acquire("sync")
            lock.release()
    finally:
        done.set()
        for looker in lookers:
            looker.join()


def test_a_holder_killed_with_sigkill_frees_the_lock_at_once(synced: Home) -> None:
    synced.simulator.set_latency(1500)
    victim = synced.start(["sync"])
    wait_until(
        lambda: synced.holder() is not None and len(synced.runs()) == 2, "the sync is at work"
    )
    victim.send_signal(signal.SIGKILL)
    victim.communicate()
    assert synced.holder() is None
    assert (synced.home / "cache.sqlite3.lock").exists(), (
        "the file stays; only the lock on it counts"
    )
    said = synced.run("status").out
    assert (
        "the sync started" in said
        and "was killed; the next run continues it.   excache sync" in said
    )
    synced.simulator.set_latency(0)
    done = synced.run("sync")
    assert (done.code, done.out, done.err) == (0, "", "")
    assert [run[3] for run in synced.runs()] == ["ok", "killed", "ok"]


@pytest.mark.long
def test_a_second_sync_leaves_quietly_while_status_tells_who_is_at_work(synced: Home) -> None:
    synced.simulator.set_latency(1000)
    first = synced.start(["sync"])
    wait_until(
        lambda: synced.holder() is not None and len(synced.runs()) == 2, "the sync is at work"
    )
    second = synced.run("sync")
    assert (second.code, second.out, second.err) == (0, "", "")
    assert "sync (pid" in synced.in_terminal("sync").out, (
        "on a terminal it says why it does nothing"
    )
    wait_until(
        lambda: bool(synced.query("SELECT 1 FROM sync_runs WHERE doing <> '' AND requests > 0")),
        "the run notes how far it is",
    )
    said = synced.run("status").out
    assert f"Running now: sync (pid {first.pid}) since " in said
    assert " UTC, kraken " in said and "so far." in said
    document = synced.run("status", "--json").json()
    running = document["running"]
    assert list(running) == [*("command", "pid", "since", "doing", "requests", "rows", "host")]
    assert (running["command"], running["pid"]) == ("sync", first.pid)
    assert running["since"].endswith("Z") and running["doing"].startswith("kraken ")
    last = document["last_run"]
    assert (last["command"], last["outcome"], last["ended_at"] > last["started_at"]) == (
        "sync",
        "ok",
        True,
    )
    synced.simulator.set_latency(0)
    out, err = first.communicate()
    assert (first.returncode, out, err) == (0, "", "")
    assert len(synced.runs()) == 2, "the second one made no run"
    document = synced.run("status", "--json").json()
    assert (document["running"], document["last_run"]["pid"]) == (None, first.pid)


@pytest.mark.long
def test_reload_waits_and_then_does_what_the_other_run_did_not_cover(synced: Home) -> None:
    """The other run asked for the balances before the trade and ended after it: its success must
    not hide the trade."""
    synced.simulator.set_latency(250)
    asked = len(synced.simulator.calls("kraken", "BalanceEx"))
    other = synced.start(["sync"])
    wait_until(
        lambda: len(synced.simulator.calls("kraken", "BalanceEx")) > asked,
        "it has asked for the balances",
    )
    wait_until(
        lambda: synced.simulator.calls("kraken")[-1].path != "/0/private/BalanceEx",
        "it has got them",
    )
    fills = synced.simulator.venue.trade("kraken", "BTC/EUR", "buy", Decimal("0.001"))
    done = synced.process("reload", "--force", "--json")
    assert other.wait() == 0
    other.communicate()
    assert done.code == 0
    assert {row["fill_id"] for row in json.loads(done.out)["new_fills"]} >= {
        str(fill.id) for fill in fills
    }
    began, ended = synced.runs()[1], synced.runs()[2]
    assert began[0] == "sync" and ended[0] == "reload"
    assert began[2] is not None and ended[1] >= began[2], "one writer at a time"


def test_reload_gives_up_when_its_patience_ends(synced: Home) -> None:
    holder = WriterLock(synced.home / "cache.sqlite3.lock", SystemClock())
    assert holder.try_acquire("sync")
    done = synced.run("reload", "--force", "--lock-wait", "1s")
    holder.release()
    assert done.code == 75
    assert f"sync (pid {os.getpid()})" in done.err and "excache status" in done.err


def test_a_lock_is_not_inherited_by_programs_that_a_sync_starts(tmp_path: Path) -> None:
    """A command that prints a secret may leave a daemon behind; it must not go on holding the
    lock."""
    script = (
        "import subprocess, sys\nfrom pathlib import Path\nfrom exchange_cache.clock import"
        " SystemClock\nfrom exchange_cache.sync.lock import WriterLock\nlock ="
        " WriterLock(Path(sys.argv[1]), SystemClock())\nassert lock.try_acquire('sync')\nleft ="
        " subprocess.Popen(['sleep', '5'], close_fds=False, stdout=subprocess.DEVNULL,"
        " stderr=subprocess.DEVNULL)\nprint(left.pid)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "lock")],
        capture_output=True,
        text=True,
        check=True,
        timeout=20,
    )
    assert WriterLock(tmp_path / "lock", SystemClock()).holder() is None
    os.kill(int(done.stdout), signal.SIGTERM)
