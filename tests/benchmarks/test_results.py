"""What was measured is kept until the same part is measured again."""

from __future__ import annotations

from pathlib import Path

from benchmarks.charges import Charge
from benchmarks.lines import measured
from benchmarks.results import Results, keep, of, read

OLD = measured("reads", "portfolio", "x", [1, 2, 3], at_most=1)
GROWTH = measured("growth", "history", "s", [1], at_most=1)
CHARGE = Charge(exchange="okx", name="limit", shared=True, used=2, an_hour=100)


def test_results_are_read_as_they_were_kept(tmp_path: Path) -> None:
    found = of([OLD, CHARGE, GROWTH], "here")
    keep(found, tmp_path / "new" / "results.json")
    assert read(tmp_path / "new" / "results.json") == found
    assert found == Results((OLD, GROWTH), (CHARGE,), "here")
    assert read(tmp_path / "none.json") == Results()


def test_a_part_that_is_measured_again_replaces_all_its_lines_and_no_other() -> None:
    newer = measured("reads", "status", "x", [5])
    found = of([OLD, CHARGE, GROWTH], "here").with_newer(of([newer], "there"))
    assert found == Results((GROWTH, newer), (CHARGE,), "there")


def test_missed_goals_are_listed() -> None:
    assert of([OLD, GROWTH], "").missed() == (OLD,)
