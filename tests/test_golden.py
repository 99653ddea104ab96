"""Screens as files: compared sign by sign, written only on request."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.golden import SWITCH, hold_golden


def test_a_changed_screen_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SWITCH, raising=False)
    (tmp_path / "one.txt").write_text("␛[1mA\n", "utf-8")
    hold_golden(tmp_path, "one", "\x1b[1mA\n")
    with pytest.raises(AssertionError):
        hold_golden(tmp_path, "one", "A\n")
    with pytest.raises(AssertionError, match="make golden"):
        hold_golden(tmp_path, "another", "A\n")


def test_a_screen_is_written_on_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SWITCH, "write")
    hold_golden(tmp_path / "golden", "one", "A\n")
    assert (tmp_path / "golden" / "one.txt").read_text("utf-8") == "A\n"
