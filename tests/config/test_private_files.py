"""Files that only their owner may read."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from exchange_cache.config.private_files import (
    Problem,
    create_private,
    read_private,
    replace_private,
)
from exchange_cache.config.sources import Hidden

SECRET = Hidden("hunter2")


def mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def test_a_new_file_is_private_and_never_overwrites(tmp_path: Path) -> None:
    file = tmp_path / "key"
    create_private(file, SECRET)
    assert (mode(file), file.read_text(), read_private(file)) == (0o600, "hunter2", SECRET)
    with pytest.raises(FileExistsError):
        create_private(file, Hidden("other"))
    assert file.read_text() == "hunter2"


def test_a_replaced_file_is_private_and_a_link_stays_a_link(tmp_path: Path) -> None:
    file, link = tmp_path / "key", tmp_path / "link"
    file.write_text("old")
    file.chmod(0o644)
    link.symlink_to(file)
    replace_private(link, SECRET)
    assert (link.is_symlink(), mode(file), file.read_text()) == (True, 0o600, "hunter2")
    assert sorted(item.name for item in tmp_path.iterdir()) == ["key", "link"]


def problem(file: Path) -> Problem:
    found = read_private(file)
    assert isinstance(found, Problem)
    return found


def test_what_is_no_private_text_file_is_refused_with_a_cure(tmp_path: Path) -> None:
    file = tmp_path / "key"
    assert problem(file).what == f"the file {file} does not exist"
    file.write_bytes(b"\xff")
    file.chmod(0o640)
    assert problem(file) == Problem(
        f"the file {file} has mode 0640, open to others", f"chmod 600 {file}"
    )
    file.chmod(0o600)
    assert problem(file).what == f"the file {file} is not UTF-8 text"
    file.write_bytes(b"x" * 1_000_000)
    assert problem(file).what == f"the file {file} is too long to be a secret"
    assert problem(tmp_path).what == f"{tmp_path} is not a regular file"
