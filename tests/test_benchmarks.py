"""What the benchmark claims to measure: a plain install, commands that take turns, medians with
their spread.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.ground import Ground
from benchmarks.timing import EDITABLE, Series, Took, kind_of_install, take_turns, timed

ROOT = Path(__file__).parents[1]


def test_commands_take_turns_after_a_round_that_is_not_counted() -> None:
    ran: list[str] = []

    def run(words: Sequence[str]) -> Took:
        ran.append(words[0])
        return Took(wall=len(ran), cpu=1.0)

    first, second = take_turns([["a"], ["b"]], 3, run)
    assert "".join(ran) == "ab" + "ababab"
    assert [took.wall for took in first.times] == [3, 5, 7]
    assert [took.wall for took in second.times] == [4, 6, 8]


def test_a_series_is_its_median_with_least_and_most() -> None:
    series = Series((Took(0.150, 0.1), Took(0.149, 0.09), Took(0.420, 0.12)))
    assert (series.wall, series.cpu) == (0.150, 0.1)
    assert " ".join(series.words().split()) == "150 ms (149 – 420) CPU 100 ms (90 – 120)"


def test_a_process_is_timed_by_wall_clock_and_cpu_and_must_succeed(tmp_path: Path) -> None:
    env = {"PATH": os.environ["PATH"]}
    took = timed([sys.executable, "-c", "sum(range(100_000))"], env, tmp_path)
    assert took.wall > 0 < took.cpu
    with pytest.raises(SystemExit, match="ended with 3"):
        timed([sys.executable, "-c", "raise SystemExit(3)"], env, tmp_path)


@pytest.mark.parametrize(
    ("package", "kind"),
    [
        ("/home/me/.bench/lib/python3.12/site-packages/exchange_cache", "a plain install"),
        (
            "/home/me/excache/exchange_cache",
            EDITABLE,
        ),
    ],
)
def test_an_editable_install_is_called_so(package: str, kind: str) -> None:
    assert kind_of_install(Path(package), Path("/home/me/.bench")) == kind


def test_make_bench_measures_an_install_of_its_own_that_is_not_editable() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    recipe = makefile[makefile.index(".bench/installed:") : makefile.index("\ninstall:")]
    assert "--editable" not in recipe
    assert ".bench/bin/python -m benchmarks" in recipe


def test_the_command_that_is_timed_is_the_installed_one_whatever_folder_is_present() -> None:
    command = Ground.excache(Ground.__new__(Ground), "portfolio")
    assert command == [str(Path(sys.executable).with_name("excache")), "portfolio"]
