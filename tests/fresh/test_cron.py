"""The crontab: excache owns its marked block and not one byte besides; the examples install as they
stand; missed hours show."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from exchange_cache.sync.schedule import (
    BEGIN,
)
from tests.builders import NOW
from tests.fresh.helpers import Home

ROOT = Path(__file__).parents[2]
OTHERS = "# mine\r\nMAILTO=me\n\n5 4 * * * caf\udce9 \x0c --x='1 % 2'\n"


# --- the commands ---------------------------------------------------------------------------------


@pytest.fixture
def crontab(tmp_path: Path) -> Path:
    """A crontab command of our own, ahead in PATH; what it holds is in the file returned."""
    held = tmp_path / "held"
    program = tmp_path / "bin" / "crontab"
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\nif [ "$1" = -l ]; then cat {held} 2>/dev/null || {{ echo "no crontab for me"'
        f" >&2; exit 1; }}\nelse cat > {held}; fi\n",
        encoding="utf-8",
    )
    program.chmod(0o755)
    return held


@pytest.fixture
def cron_home(synced: Home, crontab: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("PATH", f"{crontab.parent / 'bin'}{os.pathsep}{os.environ['PATH']}")
    return synced


def test_install_shows_the_difference_then_writes_and_is_idempotent(
    cron_home: Home, crontab: Path
) -> None:
    crontab.write_bytes(OTHERS.encode(errors="surrogateescape"))
    refused = cron_home.run("cron", "install")
    assert refused.code == 2 and "--force" in refused.err and BEGIN in refused.err
    assert crontab.read_bytes() == OTHERS.encode(errors="surrogateescape")
    done = cron_home.run("cron", "install", "--force")
    assert done.code == 0 and done.out == ""
    assert f"+{BEGIN}" in done.err and "Installed. It runs every hour at minute" in done.err
    installed = crontab.read_bytes()
    assert installed.startswith(OTHERS.encode(errors="surrogateescape"))
    line = installed.decode(errors="surrogateescape").splitlines()[-2]
    assert (
        f"EXCACHE_HOME={cron_home.home} {sys.executable} -m exchange_cache sync --jitter 3m" in line
    )
    assert "Nothing to change." in cron_home.run("cron", "install", "--force").err
    assert crontab.read_bytes() == installed
    assert "Installed." in cron_home.run("cron", "show").err
    assert "ext by cron at " in cron_home.run("status").out
    assert cron_home.run("cron", "remove", "--force").code == 0
    assert crontab.read_bytes() == OTHERS.encode(errors="surrogateescape")
    assert "Nothing to change." in cron_home.run("cron", "remove", "--force").err


def test_the_watchdog_stays_known_to_show(cron_home: Home, crontab: Path) -> None:
    assert (
        cron_home.run("cron", "install", "--force", "--ping", "https://hc.example/a%20b").code == 0
    )
    shown = cron_home.run("cron", "show")
    assert r"--ping https://hc.example/a\%20b" in shown.out and "Installed." in shown.err
    assert cron_home.run("cron", "install", "--force", "--ping", "nonsense").code == 2


def test_a_terminal_is_asked_and_no_changes_nothing(cron_home: Home, crontab: Path) -> None:
    done = cron_home.in_terminal("cron", "install", answer="n\n")
    assert (
        done.code == 0
        and "Change your crontab like this?" in done.out
        and "Not changed." in done.out
    )
    assert not crontab.exists()
    assert "Installed." in cron_home.in_terminal("cron", "install", answer="y\n").out
    assert crontab.exists()


def test_secrets_from_the_environment_are_pointed_out(cron_home: Home) -> None:
    config = cron_home.home / "config.toml"
    config.write_text(
        config.read_text(encoding="utf-8").replace(
            '{ file = "kraken.key" }', '{ env = "KRAKEN_KEY" }'
        ),
        encoding="utf-8",
    )
    assert (
        "reads its api_key from $KRAKEN_KEY, which cron does not set"
        in cron_home.run("cron", "install", "--force").err
    )


def test_without_cron_the_systemd_timer_is_named(
    synced: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    done = synced.run("cron", "install", "--force")
    assert (
        done.code == 78
        and "there is no cron on this machine" in done.err
        and "contrib/systemd" in done.err
    )
    assert "Last sync " in synced.run("status").out


def test_missed_hours_show_in_status(synced: Home) -> None:
    synced.age(hours=7)
    assert synced.run("sync").code == 0
    synced.age(hours=3.1)
    assert ": 2 hourly runs missed.   excache cron show" in synced.run("status").out
    said = synced.run("status", "--all").out
    assert "10 h" not in said.split("missed")[0]
    assert ": 2 hourly runs missed. Is it installed? excache cron show" in said
    assert ": 6 hourly runs missed." in said
    assert said.index("No run since") < said.index("No run between")


# --- what is shipped ------------------------------------------------------------------------------


@pytest.mark.skipif(
    shutil.which("crontab") is None,
    reason="no cron is installed here: its own check of the file cannot run",
)
def test_the_example_passes_crons_own_check() -> None:
    checks = [
        subprocess.run(
            ["crontab", flag, str(ROOT / "crontab.example")],
            capture_output=True,
            text=True,
            check=False,
        )
        for flag in ("-n", "-T")
    ]
    if all("invalid option" in check.stderr for check in checks):
        pytest.skip("this crontab command cannot check a file without installing it")
    assert any(check.returncode == 0 for check in checks), [check.stderr for check in checks]


def test_the_example_says_all_that_cron_needs() -> None:
    lines = (ROOT / "crontab.example").read_text(encoding="utf-8").splitlines()
    active = [line for line in lines if line and not line.startswith("#")]
    assert active == [
        "PATH=/usr/local/bin:/usr/bin:/bin",
        "17 * * * * /usr/local/bin/excache sync --jitter 3m",
    ]
    comments = " ".join(lines)
    for word in ("MAILTO", "EXCACHE_HOME", "KRAKEN_KEY", "lock", "jitter", "--ping"):
        assert word in comments


@pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed here"
)
def test_the_systemd_units_are_sound(tmp_path: Path) -> None:
    for name in ("excache.service", "excache.timer"):
        text = (ROOT / "contrib" / "systemd" / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(
            text.replace("%h/.local/bin/excache", "/bin/true"), encoding="utf-8"
        )
    (tmp_path / "run").mkdir(mode=0o700)
    env = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path / "run")}
    words = [
        "systemd-analyze",
        "--user",
        "verify",
        str(tmp_path / "excache.service"),
        str(tmp_path / "excache.timer"),
    ]
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.strip()) == (0, "")


def test_jitter_waits_within_its_bounds(make_home) -> None:
    from tests.fresh.helpers import MovedClock

    clock = MovedClock(NOW)
    home = make_home(clock=clock.ms, app_clock=clock)
    assert home.run("sync", "--only", "prices", "--jitter", "3m").code == 0
    assert 0 <= clock.slept[0] <= 180
