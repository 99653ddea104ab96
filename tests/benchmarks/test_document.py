"""The documents hold what was measured, goals beside figures, and nothing of an earlier run."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.document import HEADINGS, QUOTED, tables, write
from benchmarks.lines import measured
from benchmarks.results import of
from benchmarks.timing import Took

ROOT = Path(__file__).parents[2]
TOOK = (Took(0.25, 0.0625, 20),)
FOUND = of(
    [
        measured("reads", "portfolio --json", "x bare", [7, 7.5, 8], TOOK, at_most=7.5),
        measured("reads", "status", "x bare", [18.5], TOOK, at_most=9.5, requests=3),
    ],
    "excache 1 in a plain install",
)


def test_a_table_holds_the_goal_beside_the_figure() -> None:
    text = tables(FOUND)
    json = "| portfolio --json | ≤ 7.50 x bare | 7.50 x bare (7 – 8) | met | 62 ms | 250 ms |"
    assert f"{json} 20 MiB |  |\n" in text
    assert (
        "| status | ≤ 9.50 x bare | 18.5 x bare | **missed** | 62 ms | 250 ms | 20 MiB | 3 |"
        in text
    )
    assert "Measured: excache 1 in a plain install. 1 goals are met, 1 are missed." in text
    assert text.count("Not measured.") == len(HEADINGS) - 1


def test_blocks_are_replaced_and_the_rest_stays(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    page, readme = tmp_path / "docs/performance.md", tmp_path / "README.md"
    block = "<!-- {0} -->\nold\n<!-- /{0} -->\n"
    page.write_text("Before\n" + block.format("figures") + block.format("capacity") + "After\n")
    readme.write_text("Read\n" + block.format("figures"))
    write(FOUND, tmp_path)
    write(FOUND, tmp_path)
    text = page.read_text()
    assert text.startswith("Before\n<!-- figures -->\nMeasured: ")
    assert text.endswith("<!-- capacity -->\nNot measured.\n<!-- /capacity -->\nAfter\n")
    assert "old" not in text + readme.read_text()
    assert "| status | ≤ 9.50 x bare | 18.5 x bare | **missed** |" in readme.read_text()
    assert (tmp_path / "docs/performance.svg").read_text().startswith("<svg")
    page.write_text("no block\n")
    with pytest.raises(SystemExit, match="0 blocks figures"):
        write(FOUND, tmp_path)


def test_the_readme_quotes_the_page() -> None:
    """Each line of the README's table is one of docs/performance.md."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    page = (ROOT / "docs/performance.md").read_text(encoding="utf-8")
    block = readme.split("<!-- figures -->")[1].split("<!-- /figures -->")[0]
    rows = [line.removesuffix(" |") for line in block.splitlines() if line.startswith("| ")][1:]
    assert 5 < len(rows) <= len(QUOTED)
    assert [row for row in rows if row not in page] == []
