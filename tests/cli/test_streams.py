"""Standard streams that are closed, or whose encoding knows few characters."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys

import pytest

from tests.e2e.world import World

COMMANDS = ["portfolio --no-refresh", "balances", "fills", "status", "explain EUR", "--help"]


def shell(world: World, command: str) -> subprocess.CompletedProcess[str]:
    """A command of a shell, in which ``excache`` is the program."""
    return subprocess.run(
        ["sh", "-c", command.replace("excache", f"{sys.executable} -m exchange_cache")],
        env=world.env,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_a_closed_stdout_ends_quietly(template: World, command: str) -> None:
    done = shell(template, f"excache {command} >&-")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_closed_stderr_or_stdin_changes_nothing(template: World) -> None:
    usual = shell(template, "excache balances --format csv")
    for closed in ("2>&-", "<&-", "<&- 2>&-"):
        done = shell(template, f"excache balances --format csv {closed}")
        assert (done.returncode, done.stderr) == (0, "")
        assert len(done.stdout.splitlines()) == len(usual.stdout.splitlines())


def test_what_is_written_to_a_closed_stdout_does_not_end_in_the_cache(world: World) -> None:
    done = shell(world, "excache db check >&- 2>&- <&-; excache db check")
    assert done.returncode == 0
    assert "sound" in done.stdout


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
@pytest.mark.parametrize("form", ["table", "plain", "markdown", "csv", "json"])
def test_every_format_survives_an_encoding_of_few_characters(
    synced: World, encoding: str, form: str
) -> None:
    for words in ("balances", "portfolio --no-refresh --all"):
        done = subprocess.run(
            [sys.executable, "-m", "exchange_cache", *words.split(), "--format", form],
            env={**synced.env, "PYTHONIOENCODING": encoding},
            capture_output=True,
            check=False,
            timeout=60,
        )
        assert (done.returncode, done.stderr) == (0, b"")
        text = done.stdout.decode(encoding)
        assert "币安人生" not in text
        if form in {"csv", "markdown"}:
            assert r"\u5e01\u5b89\u4eba\u751f" in text
        if form == "csv":
            rows = list(csv.reader(io.StringIO(text)))
            assert {len(row) for row in rows} == {len(rows[0])}


def test_an_open_stream_stays_what_it_is() -> None:
    code = (
        "import sys; before = sys.stdout.fileno();"
        "from exchange_cache.cli.streams import usable_streams; usable_streams();"
        "assert sys.stdout.fileno() == before == 1; print('written')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, env=dict(os.environ)
    )
    assert done.stdout == b"written\n"
