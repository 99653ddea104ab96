"""The entry point: errors become one message and an exit code."""

from __future__ import annotations

import subprocess
import sys

from tests.e2e.world import World


def test_a_reader_that_goes_away_is_no_failure(synced: World) -> None:
    done = subprocess.run(
        f"{sys.executable} -m exchange_cache fills --format csv | head -1; echo ${{PIPESTATUS[0]}}",
        shell=True,
        executable="/bin/bash",
        env=synced.env,
        capture_output=True,
        text=True,
        check=True,
    )
    header, code = done.stdout.replace("\r", "").splitlines()
    assert header.startswith("time,account")
    assert code == "0"
    assert done.stderr == ""


def test_an_unknown_command_names_the_nearest(world: World) -> None:
    done = world.run("portfolo")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "excache: there is no command 'portfolo'; did you mean 'portfolio'?\n"
        "         excache --help\n"
    )


def test_an_error_of_excache_has_its_exit_code_and_its_hint_on_a_line_of_its_own(
    fresh: World,
) -> None:
    done = fresh.run("status")
    assert (done.code, done.out) == (66, "")
    assert done.err == "excache: nothing is cached yet\n         fetch it: excache sync\n"
