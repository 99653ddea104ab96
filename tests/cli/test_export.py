"""The command ``export``: where it writes, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

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
