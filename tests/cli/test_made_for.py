"""A prepared answer is bound to one program and one configuration."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from exchange_cache.cli import made_for as module
from exchange_cache.cli.made_for import made_for
from exchange_cache.config.paths import Paths


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    (tmp_path / "config.toml").write_text("min_value = 1\n")
    return Paths(config_file=tmp_path / "config.toml", data_dir=tmp_path, state_dir=tmp_path)


def test_the_same_program_and_configuration_are_one_text(paths: Paths) -> None:
    assert made_for(paths) == made_for(paths) is not None


def test_without_a_configuration_there_is_none(tmp_path: Path) -> None:
    paths = Paths(config_file=tmp_path / "none", data_dir=tmp_path, state_dir=tmp_path)
    assert made_for(paths) is None


def test_another_text_of_the_same_length_and_time_is_another(paths: Paths) -> None:
    info, before = paths.config_file.stat(), made_for(paths)
    paths.config_file.write_text("min_value = 2\n")
    os.utime(paths.config_file, ns=(info.st_atime_ns, info.st_mtime_ns))
    assert made_for(paths) != before


def test_another_mode_is_another_configuration(paths: Paths) -> None:
    before = made_for(paths)
    paths.config_file.chmod(0o644 if paths.config_file.stat().st_mode & 0o777 != 0o644 else 0o600)
    assert made_for(paths) != before


def test_a_copy_in_another_folder_is_another_configuration(paths: Paths, tmp_path: Path) -> None:
    copy = tmp_path / "copy" / "config.toml"
    copy.parent.mkdir()
    copy.write_bytes(paths.config_file.read_bytes())
    other = Paths(config_file=copy, data_dir=tmp_path, state_dir=tmp_path)
    assert made_for(other) != made_for(paths)


def test_another_version_is_another_program(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    before = made_for(paths)
    monkeypatch.setattr(module, "__version__", "9.9")
    assert made_for(paths) != before


def test_a_changed_module_is_another_program(
    paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in module._PROGRAM:
        (tmp_path / "package" / name).mkdir(parents=True, exist_ok=True)
    code = tmp_path / "package" / "value" / "reading.py"
    code.write_text("one")
    monkeypatch.setattr(module, "_PACKAGE", tmp_path / "package")
    before = made_for(paths)
    os.utime(code, ns=(0, code.stat().st_mtime_ns + 1_000_000))
    assert made_for(paths) != before
