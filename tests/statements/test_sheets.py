"""Spreadsheets: the first sheet as CSV, with every figure exact or refused by its line."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import pytest

from exchange_cache.errors import StatementRefused
from exchange_cache.statements.opening import sources


def workbook(folder: Path, *rows: tuple[object, ...]) -> Path:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    path = folder / "file.xlsx"
    book.save(path)
    return path


def test_the_first_sheet_is_read_as_csv(tmp_path: Path) -> None:
    path = workbook(tmp_path, ("a", "b", "c"), ("1.50", 0.25, 3), (None, True, "x,y"))
    (source,) = sources(path)
    with source.lines() as lines:
        assert list(lines) == ["a,b,c\n", "1.50,0.25,3\n", ',True,"x,y"\n']


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        (12345678901234567890, "more digits than a spreadsheet keeps"),
        (1234567.8901234567, "more digits than a spreadsheet keeps"),
        ("=1+1", "the formula '=1\\+1'"),
    ],
)
def test_a_figure_that_lost_digits_is_refused(tmp_path: Path, cell: object, words: str) -> None:
    path = workbook(tmp_path, ("a",), (cell,))
    with pytest.raises(StatementRefused, match=rf"^file\.xlsx:2: .*{words}"):
        sources(path)


def test_a_file_that_only_looks_like_a_spreadsheet_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("openpyxl")
    path = tmp_path / "file.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
    with pytest.raises(StatementRefused, match="is no xlsx file that can be read"):
        sources(path)


def test_without_openpyxl_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(StatementRefused, match="openpyxl is not installed") as refused:
        sources(path)
    assert refused.value.hint is not None
    assert "excache[xlsx]" in refused.value.hint
