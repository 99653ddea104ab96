"""A watchdog hears of the start, the success and the failure of a sync, and that it is deaf fails
nothing."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from exchange_cache.cli.pinging import START, ping
from exchange_cache.clock import SystemClock
from exchange_cache.sync.lock import WriterLock
from tests.fresh.helpers import Home


class Since(SystemClock):
    """A machine on which everything happens at one moment of the past."""

    def __init__(self, at: datetime) -> None:
        object.__setattr__(self, "at", at)

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return time.monotonic() - (datetime.now(UTC) - self.at).total_seconds()


class Behind(SystemClock):
    def now(self) -> datetime:
        return datetime.now(UTC) - timedelta(hours=5)


class Watchdog(HTTPServer):
    heard: list[str]
    answer = 200
    location: str | None = None


@pytest.fixture
def watchdog() -> Iterator[Watchdog]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.heard.append(self.path)
            self.send_response(server.answer)
            if server.location is not None:
                self.send_header("Location", server.location)
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    server = Watchdog(("127.0.0.1", 0), Handler)
    server.heard = []
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def test_start_and_success_are_reported(synced: Home, watchdog: Watchdog) -> None:
    done = synced.run("sync", "--ping", f"http://127.0.0.1:{watchdog.server_port}/abc")
    assert (done.code, done.out, done.err) == (0, "", "")
    assert watchdog.heard == ["/abc/start", "/abc"]


def test_a_failure_is_reported_as_such_also_from_the_settings(
    synced: Home, watchdog: Watchdog
) -> None:
    synced.configure(f'ping_url = "http://127.0.0.1:{watchdog.server_port}/abc?x=1"\nretries = 0')
    synced.simulator.stop_exchange("kraken")
    assert synced.run("sync").code == 69
    assert watchdog.heard == ["/abc/start?x=1", "/abc/fail?x=1"]


def test_a_refresh_in_the_background_does_not_hide_that_cron_is_dead(
    synced: Home, watchdog: Watchdog
) -> None:
    synced.configure(f'ping_url = "http://127.0.0.1:{watchdog.server_port}/abc"')
    assert synced.run("sync", "--background").code == 0
    assert watchdog.heard == []


def test_a_deaf_watchdog_costs_one_line_and_no_sync(synced: Home, watchdog: Watchdog) -> None:
    watchdog.answer = 500
    asked = len(synced.simulator.requests)
    done = synced.run("sync", "--ping", f"http://127.0.0.1:{watchdog.server_port}/abc")
    assert done.code == 0
    assert len(done.err.splitlines()) == 1 and "the watchdog could not be reached" in done.err
    assert len(synced.simulator.requests) > asked


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirected_ping_is_not_followed_and_names_the_host_alone(
    watchdog: Watchdog, status: int
) -> None:
    watchdog.answer, watchdog.location = (
        status,
        f"http://127.0.0.1:{watchdog.server_port}/elsewhere?token=abc",
    )
    assert (
        ping(f"http://127.0.0.1:{watchdog.server_port}/abc", START)
        == f"the watchdog answered {status}, a redirect to the host"
        f" 127.0.0.1:{watchdog.server_port}, which is not followed"
    )
    assert watchdog.heard == ["/abc/start"]


def test_a_run_that_leaves_because_another_is_at_work_tells_nothing(
    synced: Home, watchdog: Watchdog
) -> None:
    with WriterLock(synced.home / "cache.sqlite3.lock", SystemClock()) as holder:
        assert holder.try_acquire("sync")
        done = synced.run("sync", "--ping", f"http://127.0.0.1:{watchdog.server_port}/abc")
    assert (done.code, done.out, done.err) == (0, "", "")
    assert watchdog.heard == []


def test_a_lock_that_is_held_for_too_long_is_a_failure_that_names_its_holder(
    synced: Home, watchdog: Watchdog
) -> None:
    synced.configure('lock_alarm = "2h"')
    now = synced.clock.now()
    with WriterLock(
        synced.home / "cache.sqlite3.lock", Since(now - timedelta(hours=2, minutes=1))
    ) as holder:
        assert holder.try_acquire("reload")
        url = f"http://127.0.0.1:{watchdog.server_port}/abc"
        done = synced.run("sync", "--ping", url)
        said = done.err.splitlines()
        assert (done.code, done.out, len(said)) == (75, "", 2)
        assert said[0].startswith(
            f"excache: reload (pid {os.getpid()}) has held the lock for 2 h 1 min, since 2"
        )
        assert f"kill {os.getpid()}" in said[1]
        assert watchdog.heard == ["/abc/fail"], "it was not this run that started"
        assert synced.run("sync").code == 75, "without a watchdog, too"
        assert len(synced.runs()) == 1


def test_a_lock_is_no_older_than_the_machine_says_whatever_its_clock_did_meanwhile(
    synced: Home, watchdog: Watchdog
) -> None:
    """The clock was five hours behind when the lock was taken, and was set right since."""
    with WriterLock(synced.home / "cache.sqlite3.lock", Behind()) as holder:
        assert holder.try_acquire("sync")
        done = synced.run("sync", "--ping", f"http://127.0.0.1:{watchdog.server_port}/abc")
    assert (done.code, done.err) == (0, "")
    assert watchdog.heard == []


def test_everything_fresh_is_success(synced: Home, watchdog: Watchdog) -> None:
    done = synced.run(
        "sync", "--if-stale", "--ping", f"http://127.0.0.1:{watchdog.server_port}/abc"
    )
    assert (done.code, done.err) == (0, "")
    assert watchdog.heard == ["/abc/start", "/abc"]
    assert len(synced.runs()) == 1


def test_a_broken_configuration_is_a_failure(synced: Home, watchdog: Watchdog) -> None:
    url = f"http://127.0.0.1:{watchdog.server_port}/abc"
    assert synced.run("sync", "--account", "nobody", "--ping", url).code == 2
    assert watchdog.heard == ["/abc/fail"]
