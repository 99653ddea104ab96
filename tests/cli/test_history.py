"""``excache history``: files and refusals."""

from __future__ import annotations

import json
from pathlib import Path

from tests.e2e.world import World


def test_a_file_has_the_format_of_its_name(world: World, tmp_path: Path) -> None:
    written = tmp_path / "worth.json"
    done = world.run("history", "--recorded", "--output", str(written))
    assert (done.code, done.out) == (0, "")
    assert done.err == f"Wrote {written} (1 points).\n"
    (row,) = json.loads(written.read_text())["rows"]
    assert row["reporting_asset"] == "USDT"


def test_a_name_of_no_known_format_is_refused(world: World, tmp_path: Path) -> None:
    done = world.run("history", "--output", str(tmp_path / "worth.pdf"))
    assert done.code == 2
    assert "worth.pdf: the name must end in .svg, .png, .json or .csv" in done.err


def test_a_file_that_cannot_be_written_is_named(world: World, tmp_path: Path) -> None:
    done = world.run("history", "--output", str(tmp_path / "missing" / "worth.svg"))
    assert done.code == 2
    assert "worth.svg cannot be written (No such file or directory)" in done.err


def test_without_a_snapshot_it_is_exit_66(fresh: World) -> None:
    done = fresh.run("history")
    assert done.code == 66
    assert "every sync stores one: excache sync" in done.err
