"""A bug is reported in one line; its traceback is written without secrets."""

from __future__ import annotations

import io
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from exchange_cache.cli import crash
from exchange_cache.cli.app import App
from exchange_cache.clock import SetClock


@pytest.fixture
def app(tmp_path: Path) -> App:
    clock = SetClock(at=datetime(2026, 5, 4, 12, tzinfo=UTC))
    found = App(
        env={"EXCACHE_HOME": str(tmp_path / "home")},
        clock=clock,
        out=io.StringIO(),
        err=io.StringIO(),
    )
    found.secrets.add("s3cret-of-the-key")
    return found


def failed() -> Exception:
    try:
        raise KeyError("s3cret-of-the-key")
    except KeyError as error:
        return error


def test_the_line_names_the_error_and_the_log_holds_no_secret(app: App) -> None:
    crash.report_bug(app, failed())
    first, second = app.err.getvalue().splitlines()  # type: ignore[attr-defined]
    assert first.startswith("excache: a bug in excache, not in what you did: KeyError: ")
    assert str(app.paths.log_file) in second and "nothing cached was lost" in second
    log = app.paths.log_file.read_text()
    assert log.startswith("2026-05-04 12:00:00 UTC  excache ")
    assert "in failed" in log and "s3cret" not in log + first
    assert stat.S_IMODE(app.paths.log_file.stat().st_mode) == 0o600


def test_a_large_log_is_started_anew(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    crash.write_traceback(app, failed())
    size = app.paths.log_file.stat().st_size
    crash.write_traceback(app, failed())
    assert app.paths.log_file.stat().st_size == 2 * size
    monkeypatch.setattr(crash, "LOG_LIMIT", size)
    crash.write_traceback(app, failed())
    assert app.paths.log_file.stat().st_size == size


def test_a_traceback_without_end_is_cut_after_secrets_are_taken_out(app: App) -> None:
    crash.report_bug(app, ValueError("s3cret-of-the-key" * 500_000))
    log = app.paths.log_file.read_text()
    assert len(log) < crash.TRACE_LIMIT + 1000
    assert "characters left out" in log and "s3cret" not in log
