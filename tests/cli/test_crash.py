"""A bug is reported in one line; its traceback is written without secrets."""

from __future__ import annotations

import io
import os
import stat
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from exchange_cache.cli import crash
from exchange_cache.cli.app import App
from exchange_cache.clock import SetClock
from exchange_cache.portfolio.accessor import PortfolioDataAccessor
from tests.builders import NOW, balance
from tests.cli.stored_home import StoredHome
from tests.mounted import mounted


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


def _failing(monkeypatch: pytest.MonkeyPatch) -> None:
    def cached(*arguments: object) -> None:
        raise RuntimeError("out of sorts")

    monkeypatch.setattr(PortfolioDataAccessor, "cached", cached)


def stored(folder: Path) -> StoredHome:
    home = StoredHome(folder=folder, clock=SetClock(NOW))
    home.configure()
    home.store(balance("1"))
    return home


def test_a_bug_in_portfolio_leaves_its_traceback_and_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = stored(tmp_path / "home")
    before = (home.folder / "cache.sqlite3").read_bytes()
    with monkeypatch.context() as patched:
        _failing(patched)
        done = home.run("portfolio", "--no-refresh")
    assert (done.code, done.out) == (1, "")
    assert "a bug in excache, not in what you did: RuntimeError: out of sorts" in done.err
    log = home.folder / "excache.log"
    assert "RuntimeError: out of sorts" in log.read_text()
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert (home.folder / "cache.sqlite3").read_bytes() == before
    assert home.run("portfolio", "--no-refresh").code == 0


@pytest.fixture
def frozen(tmp_path: Path) -> Iterator[StoredHome]:
    """A home of another user, which others may read, on a file system that is read-only."""
    place = tmp_path / "frozen"
    with mounted(place, "8m"):
        home = stored(place / "home")
        for file in home.folder.iterdir():
            file.chmod(0o644)
            os.chown(file, 65534, 65534)
        subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
        yield home


def test_the_home_of_another_user_on_a_read_only_file_system_is_read(
    frozen: StoredHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = frozen.run("portfolio", "--no-refresh")
    assert (done.code, "USDT" in done.out) == (0, True)
    assert "others may read the cache" in done.err and "cannot be changed" in done.err
    _failing(monkeypatch)
    failed = frozen.run("portfolio", "--no-refresh")
    assert failed.code == 1
    assert "its traceback could not be written" in failed.err
    assert "Read-only file system" in failed.err
