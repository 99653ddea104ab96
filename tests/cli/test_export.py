"""The command ``export``: where it writes, and what it refuses."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from exchange_cache.cli.exported import whole_file
from tests.export.nasty import nasty_home
from tests.export.test_beancount import home_of
from tests.mounted import mounted


def test_a_file_is_written_whole_and_readable_by_its_owner(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    file = tmp_path / "out.csv"
    done = home.run("export", "csv", "-o", str(file))
    assert (done.code, done.out, done.err) == (0, "", f"{file} written\n")
    assert file.stat().st_mode & 0o777 == 0o600
    with file.open(newline="") as text:
        assert text.read() == home.run("export", "csv").out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "out.csv"]


def test_what_is_no_file_of_its_own_stays_what_it_is(tmp_path: Path) -> None:
    """A link keeps pointing, and a pipe (or a device) is written to, not replaced."""
    home = home_of(tmp_path)
    expected = home.run("export", "csv").out
    (tmp_path / "target").write_text("before")
    (tmp_path / "link").symlink_to("target")
    assert home.run("export", "csv", "-o", str(tmp_path / "link")).code == 0
    assert (tmp_path / "link").is_symlink()
    os.mkfifo(tmp_path / "pipe")
    command = ["cat", str(tmp_path / "pipe")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as reader:
        assert home.run("export", "csv", "-o", str(tmp_path / "pipe")).code == 0
        out, _ = reader.communicate(timeout=60)
    assert (tmp_path / "pipe").is_fifo()
    for text in (out, (tmp_path / "target").read_bytes().decode()):
        assert text.splitlines() == expected.splitlines()


def test_two_exports_to_one_file_do_not_write_into_each_other(tmp_path: Path) -> None:
    home, file = home_of(tmp_path), tmp_path / "out"
    with whole_file(file) as one:
        one.write("half of ")
        assert home.run("export", "jsonl", "-o", str(file)).code == 0
        written = file.read_text()
        one.write("another")
    assert written == home.run("export", "jsonl").out and file.read_text() == "half of another"


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    place = tmp_path / "nowhere" / "out.csv"
    done = home.run("export", "csv", "-o", str(place))
    assert done.code == 2
    assert done.err.splitlines()[0] == (
        f"excache: {place} cannot be written (No such file or directory)"
    )


def test_a_full_disk_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    home = nasty_home(tmp_path)
    folder = tmp_path / "small"
    with mounted(folder, "8k"):
        file = folder / "out.csv"
        file.write_text("before")
        done = home.run("export", "csv", "-o", str(file))
        assert done.code == 75 and "no space left on device" in done.err
        assert [(one.name, one.read_text()) for one in folder.iterdir()] == [("out.csv", "before")]


def test_a_range_ends_after_it_begins(tmp_path: Path) -> None:
    words = ("--since", "2026-01-10", "--until", "2026-01-10")
    done = home_of(tmp_path).run("export", "csv", *words)
    assert done.code == 2 and "--since must be before --until" in done.err


def test_an_account_that_is_not_configured_is_refused(tmp_path: Path) -> None:
    done = home_of(tmp_path).run("export", "csv", "--account", "mian")
    assert done.code == 2 and 'did you mean "main"?' in done.err


def test_without_a_cache_there_is_nothing_to_export(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    for file in home.folder.glob("cache.sqlite3*"):
        file.unlink()
    assert home.run("export", "csv").code == 66


@pytest.mark.parametrize("method", ["average", "fifo", "lifo", "hifo"])
def test_the_setting_decides_the_method(tmp_path: Path, method: str) -> None:
    home = nasty_home(tmp_path, method=method)
    first = home.run("export", "beancount").out
    assert first == home.run("export", "beancount", "--cost-method", method).out
    assert f"method {method}," in first.splitlines()[0]
