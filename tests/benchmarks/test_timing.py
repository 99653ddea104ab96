"""What the benchmark claims to measure: a plain install, commands that take turns, and the cost of
the command alone."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.ground import Ground, process
from benchmarks.timing import BARE, EDITABLE, Took, kind_of_install, take_turns, timed

ROOT = Path(__file__).parents[2]
ENV = {"PATH": os.environ["PATH"]}


def test_commands_take_turns_after_a_round_that_is_not_counted() -> None:
    ran: list[str] = []

    def run(words: Sequence[str]) -> Took:
        ran.append(words[0])
        return Took(wall=len(ran), cpu=1.0)

    first, second = take_turns([["a"], ["b"]], 3, run)
    assert "".join(ran) == "ab" + "ababab"
    assert [took.wall for took in first] == [3, 5, 7]
    assert [took.wall for took in second] == [4, 6, 8]


def test_a_process_is_timed_by_wall_clock_and_cpu_and_must_succeed(tmp_path: Path) -> None:
    took = timed([sys.executable, "-c", "sum(range(100_000))"], ENV, tmp_path)
    assert took.wall > 0 < took.cpu
    with pytest.raises(SystemExit, match="ended with 3:\nno"):
        words = "import sys; print('no', file=sys.stderr); sys.exit(3)"
        timed([sys.executable, "-c", words], ENV, tmp_path)
    with pytest.raises(SystemExit, match="ended with 127:\nnowhere: No such file"):
        timed(["nowhere"], ENV, tmp_path)


def test_the_memory_is_the_command_s_and_not_that_of_the_program_that_measures(
    tmp_path: Path,
) -> None:
    held = bytearray(150 << 20)
    held[:: 1 << 12] = bytes([1]) * len(held[:: 1 << 12])
    assert timed(BARE, ENV, tmp_path).memory < 60
    grown = timed([sys.executable, "-c", "held = bytes([1]) * (150 << 20)"], ENV, tmp_path)
    assert grown.memory > 150


@pytest.mark.parametrize(
    ("package", "kind"),
    [
        ("/home/me/.bench/lib/python3.12/site-packages/exchange_cache", "a plain install"),
        ("/home/me/excache/exchange_cache", EDITABLE),
    ],
)
def test_an_editable_install_is_called_so(package: str, kind: str) -> None:
    assert kind_of_install(Path(package), Path("/home/me/.bench")) == kind


def test_make_bench_measures_an_install_of_its_own_that_is_not_editable() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    recipe = makefile[makefile.index(".bench/installed:") : makefile.index("\ninstall:")]
    assert "--editable" not in recipe
    assert ".bench/venv/bin/python -m benchmarks" in recipe


def test_the_command_that_is_timed_is_the_installed_one_whatever_folder_is_present() -> None:
    command = Ground.excache(Ground.__new__(Ground), "portfolio")
    assert command == [str(Path(sys.executable).with_name("excache")), "portfolio"]
    assert process("loop")[1] == "-P"
