"""The portfolio answers first; then at most one detached refresh of what is stale; whoever demands
freshness is reported."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import pytest

from exchange_cache.sync.background import is_running, last_words, slot_of, start_refresh
from tests.builders import NOW
from tests.fresh.helpers import Home, wait_until

SLOW_MS = 2000


def test_a_fresh_read_starts_nothing(synced: Home) -> None:
    asked = len(synced.simulator.requests)
    done = synced.process("portfolio")
    assert (done.code, done.err) == (0, "")
    assert "refreshing" not in done.out
    assert not synced.is_refreshing()
    assert len(synced.simulator.requests) == asked


def test_a_stale_read_prints_then_refreshes_and_returns_while_exchanges_take_two_seconds(
    synced: Home,
) -> None:
    synced.age(hours=3)
    synced.simulator.set_latency(SLOW_MS)
    done = synced.process("portfolio")
    assert synced.is_refreshing(), "the prompt waited for the exchanges"
    assert done.code == 0
    assert "3 h" in done.out and "refreshing now" in done.out
    synced.simulator.set_latency(0)
    synced.quiet()
    assert synced.runs()[-1][0] == "refresh" and synced.runs()[-1][3] == "ok"
    assert "refreshing" not in synced.process("portfolio").out
    assert synced.outcomes() == ["stale", "hit"]


def test_a_pipe_ends_with_the_portfolio_not_with_the_refresh(synced: Home) -> None:
    synced.age(hours=3)
    synced.simulator.set_latency(SLOW_MS)
    command = f"{sys.executable} -m exchange_cache portfolio 2>&1 | cat"
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        env=synced.env,
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
    )
    assert synced.is_refreshing(), "the pipe waited for the exchanges"
    assert "Portfolio" in done.stdout
    synced.simulator.set_latency(0)
    synced.quiet()


@pytest.mark.skipif(
    not Path("/proc/self/stat").exists(),
    reason="processes are looked at through /proc, which is Linux's",
)
def test_the_refresh_is_nobodys_child_and_holds_no_stream_of_its_starter(synced: Home) -> None:
    """Started from a process that lives on (this one): no zombie remains, and no descriptor of ours
    is open in it."""
    synced.age(hours=3)
    synced.simulator.set_latency(SLOW_MS)
    assert synced.run("portfolio").code == 0
    wait_until(lambda: synced.holder() is not None, "the refresh has the lock")
    holder = synced.holder()
    assert holder is not None
    status = Path(f"/proc/{holder.pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    state, parent, session = status[0], int(status[1]), int(status[3])
    assert state != "Z"
    assert parent != os.getpid()
    assert session != os.getsid(0)
    links = {Path(f"/proc/{holder.pid}/fd/{number}").readlink() for number in (0, 1)}
    assert links == {Path("/dev/null")}
    mine = {
        link
        for number in (0, 1, 2)
        if "/dev/null" not in str(link := Path(f"/proc/self/fd/{number}").readlink())
    }
    theirs = set()
    for entry in Path(f"/proc/{holder.pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed while we look
            theirs.add(entry.readlink())
    assert not mine & theirs
    synced.simulator.set_latency(0)
    synced.quiet()
    children = (
        Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text(encoding="utf-8").split()
    )
    zombies = [
        pid for pid in children if ") Z " in Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    ]
    assert zombies == []


@pytest.mark.long
def test_many_stale_reads_start_one_refresh(synced: Home) -> None:
    synced.age(hours=3)
    synced.simulator.set_latency(SLOW_MS)
    for _ in range(5):
        done = synced.run("portfolio")
        assert done.code == 0 and "refreshing now" in done.out
    wait_until(lambda: synced.holder() is not None, "the refresh has the lock")
    synced.simulator.set_latency(0)
    synced.quiet()
    assert [run[0] for run in synced.runs()] == ["sync", "refresh"]


def test_only_what_is_stale_is_refreshed(synced: Home) -> None:
    synced.execute(
        "UPDATE exchange_sync_status SET succeeded_ms = succeeded_ms - 7200000 WHERE data_type ="
        " 'prices'"
    )
    asked = len(synced.simulator.requests)
    assert synced.run("portfolio").code == 0
    wait_until(lambda: len(synced.runs()) == 2, "the refresh begins")
    synced.quiet()
    assert [call.path for call in list(synced.simulator.requests)[asked:]] == ["/0/public/Ticker"]


def test_no_refresh_starts_nothing(synced: Home) -> None:
    synced.age(hours=3)
    done = synced.run("portfolio", "--no-refresh")
    assert done.code == 0 and "3 h" in done.out and "refreshing" not in done.out
    assert not synced.is_refreshing() and [run[0] for run in synced.runs()] == ["sync"]


def test_wait_syncs_first_and_counts_as_a_bypass(synced: Home) -> None:
    synced.age(hours=3)
    trade = synced.simulator.venue.trade("kraken", "BTC/EUR", "buy", Decimal("0.001"))
    done = synced.run("portfolio", "--wait", "--json")
    assert done.code == 0
    assert {item["state"] for item in done.json()["freshness"]} <= {"fresh", "not_offered"}
    assert [
        row[0]
        for row in synced.query(
            "SELECT fill_id FROM exchange_fills WHERE fill_id = ?", str(trade[0].id)
        )
    ] == [str(trade[0].id)]
    assert synced.outcomes() == ["bypass"]
    assert synced.run("portfolio", "--wait").code == 0
    assert synced.outcomes() == ["bypass", "hit"], "nothing was due, so the cache answered"


def test_a_script_that_demands_freshness_gets_75_and_the_answer_all_the_same(synced: Home) -> None:
    synced.age(hours=0.5)
    assert synced.run("portfolio", "--max-age", "1h", "--no-refresh").code == 0
    done = synced.run("portfolio", "--max-age", "10m", "--no-refresh")
    assert done.code == 75
    assert "Portfolio" in done.out
    assert "older than 10m" in done.err and "excache portfolio --wait" in done.err
    assert synced.run("portfolio", "--max-age", "10m", "--wait").code == 0


def test_the_refresh_of_a_demand_keeps_to_the_demand(synced: Home) -> None:
    """Half an hour is fresh by the settings and stale by the flag: the refresh must not find that
    nothing is due."""
    synced.age(hours=0.5)
    assert synced.run("portfolio", "--max-age", "10m").code == 75
    wait_until(lambda: len(synced.runs()) == 2, "the refresh begins")
    synced.quiet()
    assert synced.run("portfolio", "--max-age", "10m").code == 0


def test_with_an_empty_cache_a_script_gets_66_and_a_first_sync_begins(home: Home) -> None:
    done = home.process("portfolio")
    assert (done.code, done.out) == (66, "")
    assert done.err.splitlines() == [
        "excache: nothing is cached yet; a first sync has been started",
        "         watch it: excache status",
    ]
    wait_until(
        lambda: bool((home.home / "cache.sqlite3").exists() and home.runs()),
        "the first sync begins",
    )
    home.quiet()
    assert home.process("portfolio").code == 0
    assert home.outcomes() == ["miss", "hit"]


def test_with_an_empty_cache_no_refresh_only_says_so(home: Home) -> None:
    done = home.run("portfolio", "--no-refresh")
    assert done.code == 66 and "fetch it: excache sync" in done.err
    assert not home.is_refreshing() and not (home.home / "cache.sqlite3").exists()
    assert home.outcomes() == ["miss"]


def test_on_a_terminal_an_empty_cache_is_explained_and_the_offer_taken(home: Home) -> None:
    done = home.in_terminal("portfolio", answer="y\n")
    assert done.code == 0
    assert "Nothing is cached yet for kraken (kraken)." in done.out
    assert "Sync now?" in done.out
    assert "Portfolio" in done.out[done.out.index("Sync now?") :]
    assert home.outcomes() == ["miss"]


def test_on_a_terminal_the_offer_may_be_declined(home: Home) -> None:
    done = home.in_terminal("portfolio", answer="n\n")
    assert done.code == 66
    assert "Sync later: excache sync." in done.out and "excache demo" in done.out
    assert home.runs() == [] and not home.is_refreshing()


def test_a_failed_refresh_shows_at_the_next_read_beside_the_old_figures(synced: Home) -> None:
    synced.age(hours=3)
    synced.configure("retries = 0")
    synced.simulator.stop_exchange("kraken", "503")
    before = synced.run("portfolio", "--json", "--no-refresh").json()["totals"]["value"]
    assert synced.run("portfolio").code == 0
    wait_until(
        lambda: len(synced.runs()) == 2 and synced.runs()[-1][2] is not None, "the refresh ends"
    )
    synced.quiet()
    done = synced.run("portfolio")
    assert done.code == 0
    line = next(line for line in done.out.splitlines() if line.startswith("! kraken:"))
    assert "3 h" in line and "is not available" in done.out
    assert "refreshing now" not in done.out, (
        "an exchange that failed a moment ago is left alone for a minute"
    )
    assert not synced.is_refreshing()
    reading = synced.run("portfolio", "--json", "--no-refresh").json()
    assert reading["totals"]["value"] == before
    balances = next(item for item in reading["freshness"] if item["data_type"] == "balances")
    assert balances["state"] == "stale" and "is not available" in balances["error"]


def test_a_first_sync_that_failed_is_reported_instead_of_promised_again(home: Home) -> None:
    home.simulator.fault("kraken", "", 100, "bad_key")
    assert home.run("sync").code == 77
    done = home.run("portfolio", "--no-refresh")
    assert done.code == 66
    assert "refused the key" in done.err
    assert "nothing is cached yet" in done.err


def test_a_relative_home_is_the_same_home_for_the_refresh(synced: Home, monkeypatch) -> None:
    synced.age(hours=3)
    monkeypatch.chdir(synced.home.parent)
    done = synced.run("portfolio", env={"EXCACHE_HOME": synced.home.name})
    assert done.code == 0
    wait_until(lambda: len(synced.runs()) == 2, "the refresh begins in the same cache")
    synced.quiet()


def test_whoever_comes_second_starts_no_refresh(tmp_path: Path, monkeypatch) -> None:
    slow = tmp_path / "python"
    slow.write_text("#!/bin/sh\necho reported >&2\nexec sleep 0.5\n", encoding="utf-8")
    slow.chmod(0o755)
    monkeypatch.setattr("exchange_cache.sync.background.sys.executable", str(slow))
    slot = slot_of(tmp_path / "cache.sqlite3")
    log = tmp_path / "state" / "refresh.log"
    assert start_refresh(os.environ, slot, log=log)
    assert not start_refresh(os.environ, slot, log=log)
    assert is_running(slot)
    wait_until(lambda: not is_running(slot), "the slot is free again")
    assert last_words(log, NOW.replace(year=2000)) == "reported"
    assert last_words(log, NOW.replace(year=2100)) == "", (
        "what was said before the last success is past"
    )
    assert log.stat().st_mode & 0o777 == 0o600


def test_what_kept_a_refresh_from_beginning_is_reported_on_a_terminal(synced: Home) -> None:
    synced.age(hours=3)
    (synced.home / "refresh.log").write_text(
        "excache: the disk is full\n         free some space\n", encoding="utf-8"
    )
    (synced.home / "cache.sqlite3.refresh").mkdir()  # nor can the next one
    assert (
        "The last refresh in the background failed: the disk is full"
        in synced.in_terminal("portfolio").out
    )
