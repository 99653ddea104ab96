"""Alerts reach the user's program once each, in bounded time, and its failure is a finding."""

from __future__ import annotations

import json
import os
import stat
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import SetClock
from exchange_cache.data_types import NO_ACCOUNT
from exchange_cache.sync.alerting import LONGEST, deliver, document, run_command
from exchange_cache.value.alerts import Alert, AlertKind
from tests.builders import NOW

ENV = {"PATH": os.environ["PATH"]}
LIMIT = timedelta(seconds=20)


def alert(name: str) -> Alert:
    return Alert(id=name, kind=AlertKind.STALE, message=f"{name} is old", account=name)


class Program:
    """What a program would get; ``fails``: the alerts that it does not accept."""

    def __init__(self, *fails: str) -> None:
        self.got: list[str] = []
        self.fails = set(fails)

    def __call__(self, text: str, started: Callable[[], None]) -> str | None:
        name = json.loads(text)["id"]
        started()
        if name in self.fails:
            return "it failed"
        self.got.append(name)
        return None


def problems(repository: ExchangeCacheRepository) -> list[tuple[str, str]]:
    found = repository.derived.findings((NO_ACCOUNT,))
    return [(one.code, one.message) for one in found]


def test_each_alert_is_delivered_once_while_it_holds(
    repository: ExchangeCacheRepository, clock: SetClock
) -> None:
    program = Program()
    assert deliver(repository, [alert("a"), alert("b")], program, clock) is None
    assert deliver(repository, [alert("a"), alert("b"), alert("c")], program, clock) is None
    assert program.got == ["a", "b", "c"]
    deliver(repository, [alert("b")], program, clock)
    deliver(repository, [alert("a"), alert("b")], program, clock)  # it holds again
    assert program.got == ["a", "b", "c", "a"]


def test_what_fails_is_delivered_after_the_next_run(
    repository: ExchangeCacheRepository, clock: SetClock
) -> None:
    program = Program("b")
    alerts = [alert("a"), alert("b"), alert("c")]
    assert deliver(repository, alerts, program, clock) == "it failed"
    assert program.got == ["a"]
    assert problems(repository) == [("alert_command_failed", "it failed")]
    program.fails.clear()
    assert deliver(repository, alerts, program, clock) is None
    assert program.got == ["a", "b", "c"]
    assert problems(repository) == []


def test_a_run_stops_when_the_program_takes_too_long(
    repository: ExchangeCacheRepository, clock: SetClock
) -> None:
    program = Program()

    def slow(text: str, started: Callable[[], None]) -> str | None:
        clock.sleep(LONGEST.total_seconds() / 2 + 1)
        return program(text, started)

    alerts = [alert(name) for name in "abcde"]
    assert deliver(repository, alerts, slow, clock) is not None
    assert program.got == ["a", "b"]
    deliver(repository, alerts, slow, clock)
    assert program.got == ["a", "b", "c", "d"]


def test_the_document_has_every_field() -> None:
    text = document(Alert(id="x", kind=AlertKind.VALUE, message="gone – 币"), NOW)
    assert text.endswith("}\n") and text.count("\n") == 1
    assert json.loads(text) == {
        "schema": 1,
        "id": "x",
        "kind": "value",
        "at": NOW.isoformat().replace("+00:00", "Z"),
        "account": None,
        "asset": None,
        "symbol": None,
        "message": "gone – 币",
        "figure": None,
        "bound": None,
        "hint": None,
    }


def script(folder: Path, text: str) -> str:
    made = folder / "program"
    made.write_text(f"#!/bin/sh\n{text}\n")
    made.chmod(made.stat().st_mode | stat.S_IXUSR)
    return str(made)


def test_a_program_gets_the_text_on_its_stdin(tmp_path: Path) -> None:
    program = script(tmp_path, f'cat > "{tmp_path}/$1"')
    assert run_command((program, "got it"), '{"a": "币"}\n', ENV, LIMIT) is None
    assert (tmp_path / "got it").read_text("utf-8") == '{"a": "币"}\n'


def test_a_program_that_does_not_read_is_no_failure(tmp_path: Path) -> None:
    for text in ("exit 0", "exec <&-; sleep 0.1"):
        assert run_command((script(tmp_path, text),), "x" * 200_000, ENV, LIMIT) is None


def test_a_program_that_prints_megabytes_or_leaves_a_session_behind_is_no_failure(
    tmp_path: Path,
) -> None:
    began = time.monotonic()
    loud = "head -c 9000000 /dev/zero; head -c 9000000 /dev/zero >&2"
    for text in (loud, "setsid sleep 9 & exit 0"):
        assert run_command((script(tmp_path, text),), "x", ENV, LIMIT) is None
    assert time.monotonic() - began < 8


@pytest.mark.parametrize("text", ["kill -STOP $$", "trap '' TERM INT HUP; sleep 600"])
def test_a_program_that_does_not_end_is_killed(tmp_path: Path, text: str) -> None:
    found = run_command((script(tmp_path, text),), "x", ENV, timedelta(seconds=1))
    assert found is not None and found.endswith("was killed after 1 s")


def test_what_no_program_can_be_given_fails_nothing(tmp_path: Path) -> None:
    found = run_command(("/bin/cat", "a\0b"), "x", ENV, LIMIT)
    assert found == "the command of [alerts] (/bin/cat) could not be started (embedded null byte)"
    text = document(Alert(id="x\ud800", kind=AlertKind.VALUE, message="\ud800\x1b\u202e"), NOW)
    program = script(tmp_path, f'cat > "{tmp_path}/got"')
    assert run_command((program,), text, ENV, LIMIT) is None
    got = (tmp_path / "got").read_text("utf-8")
    assert json.loads(got)["message"] == "\ud800\x1b\u202e" and got.isascii()


@pytest.mark.parametrize(
    ("text", "problem"), [("exit 3", "failed with exit code 3"), ("kill -9 $$", "exit code -9")]
)
def test_a_program_that_fails_is_named(tmp_path: Path, text: str, problem: str) -> None:
    program = script(tmp_path, text)
    found = run_command((program,), "x", ENV, LIMIT)
    assert found is not None and found.endswith(problem) and program in found


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    found = run_command((str(tmp_path / "nothing"),), "x", ENV, LIMIT)
    assert found is not None and "could not be started (No such file" in found


def test_at_its_limit_a_program_is_killed_with_what_it_started(tmp_path: Path) -> None:
    program = script(tmp_path, f"sleep 600 & echo $! > {tmp_path}/child; wait")
    found = run_command((program,), "x", ENV, timedelta(seconds=2))
    assert found is not None and found.endswith("was killed after 2 s")
    child = int((tmp_path / "child").read_text())
    for _ in range(100):
        if not _runs(child):
            return
        time.sleep(0.05)
    raise AssertionError("what the program started still runs")


def _runs(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
