"""Files as users give them: plain, in a zip, in other encodings, damaged, or a bomb."""

from __future__ import annotations

import gzip
import io
import lzma
import os
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from exchange_cache.errors import StatementRefused
from exchange_cache.statements.opening import sources

from .files import written


def zipped(folder: Path, *files: tuple[str, bytes], name: str = "a.zip") -> Path:
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for inner, content in files:
            archive.writestr(inner, content)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_the_encoding_is_found(tmp_path: Path, encoding: str) -> None:
    source = written(tmp_path, "a,b\r\n1,ü\r\n".encode(encoding))
    with source.lines() as lines:
        assert list(lines) == ["a,b\r\n", "1,ü\r\n"]


def test_other_bytes_are_refused_with_their_line(tmp_path: Path) -> None:
    source = written(tmp_path, b"a,b\n1,\xff\xfe\n")
    with pytest.raises(StatementRefused, match=r"csv:2: is not text"), source.lines() as lines:
        list(lines)


def test_a_zero_byte_is_refused_with_its_line(tmp_path: Path) -> None:
    source = written(tmp_path, b"a,b\n1,2\n3,\0\n")
    with (
        pytest.raises(StatementRefused, match=r"csv:3: holds a zero byte"),
        source.lines() as lines,
    ):
        list(lines)


def test_a_line_without_end_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    source = written(tmp_path, b"x" * 60_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(StatementRefused, match="a million"), source.lines() as lines:
            list(lines)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("inner", ["a.csv", "[Content_Types].xml"])
def test_a_zip_that_expands_without_end_is_refused_as_a_spreadsheet_too(
    tmp_path: Path, inner: str
) -> None:
    path = zipped(tmp_path, (inner, b"0" * 20_000_000))
    with pytest.raises(StatementRefused, match="would expand"):
        sources(path)


def test_damaged_bytes_in_a_zip_are_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path, ("a.csv", b"a,b\n" + bytes(range(256)) * 40))
    content = bytearray(path.read_bytes())
    for place in range(45, 90):
        content[place] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(StatementRefused, match=r"a\.zip/a\.csv: the zip is damaged"):
        sources(path)


def test_a_name_is_one_line_of_text(tmp_path: Path) -> None:
    assert written(tmp_path, "a\n", "a\nb.csv").name == r"a\nb.csv"
    assert written(tmp_path, "a\n", os.fsdecode(b"a\xffb.csv")).name == "a\ufffdb.csv"
    (found,) = sources(zipped(tmp_path, ("x\ny.csv", b"a\n")))
    assert found.name == r"a.zip/x\ny.csv"
    with found.lines() as lines:
        assert list(lines) == ["a\n"]


def test_a_folder_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StatementRefused, match=r"^\.: cannot be opened: Is a directory"):
        sources(Path())


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StatementRefused, match=r"file\.csv: the file is empty"):
        written(tmp_path, "")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StatementRefused, match="cannot be opened"):
        sources(tmp_path / "missing.csv")


def test_a_zip_gives_its_csv_files_by_name(tmp_path: Path) -> None:
    path = zipped(
        tmp_path,
        ("b.csv", b"a\n"),
        ("x/a.csv", b"b\n"),
        ("readme.pdf", b"%"),
        ("__MACOSX/._b.csv", b"?"),
    )
    found = sources(path)
    assert [one.name for one in found] == ["a.zip/b.csv", "a.zip/x/a.csv"]
    with found[1].lines() as lines:
        assert list(lines) == ["b\n"]
    alone = written(tmp_path, "b\n", "alone.csv")
    assert found[1].digest == alone.digest  # the same bytes are the same file


def test_a_zip_without_csv_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StatementRefused, match="no CSV file"):
        sources(zipped(tmp_path, ("a.pdf", b"%")))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            gzip.compress(b"a,b\n1,2\n", mtime=0),
            "is compressed by gzip (extract it first: gunzip FILE)",
        ),
        (lzma.compress(b"a,b\n1,2\n"), "is compressed by xz"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504), "is an xls file"),
        (b"%PDF-1.7\n", "is a PDF (download the statement as CSV)"),
    ],
    ids=["gzip", "xz", "xls", "pdf"],
)
def test_a_file_of_another_kind_is_refused_by_its_name(
    tmp_path: Path, body: bytes, words: str
) -> None:
    with pytest.raises(StatementRefused) as refusal:
        written(tmp_path, body)
    assert words in f"{refusal.value} ({refusal.value.hint})"


def test_a_zip_of_another_kind_of_file_names_it(tmp_path: Path) -> None:
    with pytest.raises(StatementRefused, match=r"holds no CSV file, but log\.xlsx"):
        sources(zipped(tmp_path, ("log.xlsx", b"PK")))


@pytest.mark.parametrize("name", ["inner.zip", "x/more.xlsx", "old.csv.gz"])
def test_a_zip_that_holds_more_rows_than_are_read_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(StatementRefused, match=rf"a\.zip: the zip holds {name} too"):
        sources(zipped(tmp_path, ("a.csv", b"a\n"), (name, b"PK")))
    hidden = zipped(tmp_path, ("a.csv", b"a\n"), (f"__MACOSX/{name}", b"PK"))
    assert len(sources(hidden)) == 1


@pytest.mark.parametrize(
    ("body", "is_open"),
    [
        (b"a,b\n1,2\n", False),
        (b"a,b\r\n1,2\r\n", False),
        (b"a,b\n1,2", True),
        ("a,b\n1,2\n".encode("utf-16"), False),
        ("a,b\n1,2".encode("utf-16"), True),
    ],
)
def test_a_file_whose_last_line_has_no_end_is_known(
    tmp_path: Path, body: bytes, is_open: bool
) -> None:
    assert written(tmp_path, body).is_open_ended() is is_open


def test_a_zip_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    whole = zipped(tmp_path, ("a.csv", b"a,b\n" * 1000)).read_bytes()
    half = tmp_path / "half.zip"
    half.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(StatementRefused, match="damaged or cut off"):
        sources(half)


def test_a_zip_bomb_is_refused_before_it_expands(tmp_path: Path) -> None:
    with pytest.raises(StatementRefused, match="would expand"):
        sources(zipped(tmp_path, ("a.csv", b"0" * 50_000_000)))


def test_stdin_is_opened_like_a_file(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.csv", "x\n")
    (found,) = sources(Path("-"), name="stdin", content=buffer.getvalue())
    assert found.name == "stdin/a.csv"
    with found.lines() as lines:
        assert list(lines) == ["x\n"]
