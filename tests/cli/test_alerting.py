"""``[alerts]``: the program gets each new event once, and contrib's programs send it on."""

from __future__ import annotations

import json
import os
import shutil
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from exchange_cache.errors import CacheError
from tests.cli.conftest import Later
from tests.e2e.world import Result, World

CONTRIB = Path(__file__).parents[2] / "contrib" / "alerts"
EVENT = {
    "schema": 1,
    "id": "test",
    "kind": "liquidation",
    "at": "2026-01-31T12:00:00Z",
    "account": "main",
    "asset": "USDT",
    "symbol": "BTC/USDT:USDT",
    "message": "main: BTC/USDT:USDT long is 3.1 % from liquidation – 币",
    "figure": "3.1",
    "bound": "10",
    "hint": "excache positions",
}


@pytest.fixture
def alerted(world: World) -> World:
    """A world whose program keeps what it gets, and fails where a file asks for it."""
    program = world.home / "program"
    program.write_text('#!/bin/sh\n[ -e "$HOME/fail" ] && exit 7\ncat >> "$HOME/events"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    config = world.home / "config.toml"
    rules = f'[alerts]\ncommand = "{program}"\nvalue_above = 1\nstale = "12h"\n'
    config.write_text(f"{config.read_text()}\n{rules}")
    return world


def events(world: World) -> list[dict[str, Any]]:
    file = world.home / "events"
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    return [json.loads(line) for line in lines]


def test_a_new_event_reaches_the_program_once(alerted: World) -> None:
    for _ in range(2):
        assert alerted.run("sync", "--only", "balances").code == 0
    (found,) = events(alerted)
    assert (found["kind"], found["bound"], found["account"]) == ("value", "1", None)
    assert float(found["figure"]) > 1


def test_the_price_of_an_asset_that_is_not_held_is_an_event(alerted: World) -> None:
    assert alerted.run("sync").code == 0
    held = {row["asset"] for row in alerted.run("balances", "--json").json()["rows"]}
    with closing(alerted.repository()) as repository:
        other = next(one.base for one in repository.mirror.prices() if one.base not in held)
    with (alerted.home / "config.toml").open("a") as config:
        config.write(f"price_above = {{ {other} = 0 }}\n")
    assert alerted.run("sync", "--only", "balances").code == 0
    (event,) = (one for one in events(alerted) if one["kind"] == "price")
    assert (event["asset"], event["bound"]) == (other, "0")


@pytest.mark.long
def test_an_exchange_that_is_down_is_an_event_after_the_limit(alerted: World) -> None:
    assert alerted.run("sync", "--only", "balances").code == 0
    alerted.simulator.stop_exchange("kraken")
    assert alerted.run("sync").code != 0
    assert [one["kind"] for one in events(alerted)] == ["value"]
    alerted.clock = Later(13)  # type: ignore[assignment]
    assert alerted.run("sync").code != 0
    kinds = {one["kind"] for one in events(alerted)}
    assert kinds == {"value", "stale"}
    assert {one["account"] for one in events(alerted) if one["kind"] == "stale"} == {"kraken"}


def test_a_program_that_fails_fails_no_sync_and_is_a_finding(alerted: World) -> None:
    (alerted.home / "fail").touch()
    done = alerted.run("sync", "--only", "balances")
    assert (done.code, done.out) == (0, "")
    assert "failed with exit code 7; try it: excache sync --test-alert" in done.err
    for words in (("portfolio", "--no-refresh", "--json"), ("status", "--json")):
        assert "alert_command_failed" in alerted.run(*words).out
    (alerted.home / "fail").unlink()
    assert alerted.run("sync", "--only", "balances").err == ""
    assert [one["kind"] for one in events(alerted)] == ["value"]
    assert "alert_command_failed" not in alerted.run("portfolio", "--no-refresh", "--json").out


def test_a_sync_that_is_killed_while_the_program_runs_repeats_no_event(alerted: World) -> None:
    program = alerted.home / "program"
    text = '#!/bin/sh\ntouch "$HOME/begun"; sleep 2; cat >> "$HOME/events"; touch "$HOME/done"\n'
    program.write_text(text)
    running = alerted.start(["sync", "--only", "balances"])
    _wait((alerted.home / "begun").exists)
    time.sleep(0.5)  # it is noted that the program has its text
    running.kill()
    running.communicate()
    _wait((alerted.home / "done").exists)
    assert alerted.run("sync", "--only", "balances").code == 0
    assert [one["kind"] for one in events(alerted)] == ["value"]


def _wait(done: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not done():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_alerts_that_cannot_be_found_or_noted_fail_no_sync(
    alerted: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise CacheError("the cache is locked")

    monkeypatch.setattr("exchange_cache.sync.outbox.Outbox.claim", full)
    done = alerted.run("sync", "--only", "balances")
    assert (done.code, done.out) == (0, "")
    assert "alerts are left for the next run: the cache is locked" in done.err


def test_a_test_alert_requests_nothing(alerted: World) -> None:
    alerted.simulator.stop_exchange("kraken")
    done = alerted.run("sync", "--test-alert")
    assert (done.code, done.out) == (0, "")
    assert done.err == "excache: the command of [alerts] accepted a test\n"
    assert [one["kind"] for one in events(alerted)] == ["test"]
    (alerted.home / "fail").touch()
    failed = alerted.run("sync", "--test-alert")
    assert failed.code == 1 and "failed with exit code 7" in failed.err


def test_without_alerts_there_is_nothing_to_test(world: World) -> None:
    done = world.run("sync", "--test-alert")
    assert done.code == 2 and "config.toml has no [alerts]" in done.err


# --- contrib --------------------------------------------------------------------------------------


def sent(program: str, *words: str, env: dict[str, str] | None = None) -> Result:
    done = subprocess.run(
        [sys.executable, str(CONTRIB / program), *words],
        input=json.dumps(EVENT),
        env={"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", **(env or {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return Result(code=done.returncode, out=done.stdout, err=done.stderr)


@pytest.fixture
def server() -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    """A server on this machine: its address, and the headers and bodies that it gets."""
    got: list[tuple[dict[str, str], bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((dict(self.headers), body))
            self.send_response(200 if self.path == "/topic" else 403)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Nothing on the terminal."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{running.server_port}", got
        running.shutdown()


def test_contrib_programs_may_be_started() -> None:
    for name in ("ntfy", "apprise", "mail"):
        assert os.access(CONTRIB / name, os.X_OK)
        assert f"`{name} " in (CONTRIB / "README.md").read_text("utf-8")


def test_ntfy_posts_to_its_topic(server: tuple[str, list[tuple[dict[str, str], bytes]]]) -> None:
    address, got = server
    done = sent("ntfy", f"http://{address}/topic", env={"NTFY_TOKEN": "tk_1"})
    assert (done.code, done.err) == (0, "")
    ((headers, body),) = got
    assert body.decode() == f"{EVENT['message']}\nexcache positions"
    assert (headers["Title"], headers["Priority"]) == ("excache: liquidation", "urgent")
    assert headers["Authorization"] == "Bearer tk_1"
    assert sent("ntfy", f"http://{address}/other").code != 0  # a refusal is a failure


@pytest.mark.skipif(shutil.which("apprise", path=str(Path(sys.executable).parent)) is None,
                    reason="apprise is not installed")  # fmt: skip
def test_apprise_sends_to_any_service(
    server: tuple[str, list[tuple[dict[str, str], bytes]]],
) -> None:
    address, got = server
    done = sent("apprise", f"json://{address}/topic")
    assert done.code == 0, done.err
    body = json.loads(got[0][1])
    assert body["title"] == "excache: liquidation"
    assert "3.1 % from liquidation – 币" in body["message"]
    assert sent("apprise", f"json://{address}/other").code != 0


def test_mail_is_sent_by_a_mail_server() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        lines: list[str] = []
        thread = threading.Thread(target=_receive_mail, args=(listening, lines))
        thread.start()
        port = str(listening.getsockname()[1])
        env = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": port, "SMTP_FROM": "excache@example.org"}
        done = sent("mail", "me@example.org", env=env)
        thread.join(timeout=30)
    assert (done.code, done.err) == (0, "")
    assert any(line.lower().startswith("mail from:<excache@example.org>") for line in lines)
    text = "\n".join(lines)
    assert "To: me@example.org" in text and "Subject: " in text
    assert sent("mail", "me@example.org", env=env).code != 0  # nobody listens any more


def _receive_mail(listening: socket.socket, lines: list[str]) -> None:
    """One conversation by RFC 5321, as a mail server that accepts everything."""
    connection, _ = listening.accept()
    with connection, connection.makefile("rwb") as stream:

        def say(text: str) -> None:
            stream.write(f"{text}\r\n".encode())
            stream.flush()

        say("220 test")
        inside = False
        for raw in stream:
            line = raw.decode().rstrip("\r\n")
            lines.append(line)
            if inside:
                inside = line != "."
                if not inside:
                    say("250 accepted")
            elif line.upper().startswith("DATA"):
                inside = True
                say("354 go on")
            elif line.upper().startswith("QUIT"):
                say("221 bye")
                return
            else:
                say("250 ok")
