"""``db copy`` that is killed at random moments, from a file to a server and back, and run again,
leaves every row."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.server import Place, Server
from exchange_cache.cache.streams import StreamKey
from exchange_cache.records import DataType
from tests.builders import NOW, fill
from tests.homes import raw
from tests.postgres import Cluster

#: It names both engines by itself.
pytestmark = [pytest.mark.long, pytest.mark.sqlite]

KILLS = int(os.environ.get("EXCACHE_TEST_KILLS", "4"))
FILLS = 8000
#: What follows a copy that was killed after its last row.
_WHOLE = "holds a cache already"
_CONFIG = '[accounts.cold]\nexchange = "manual"\n'


def start(home: Path, target: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "exchange_cache", "db", "copy", "--to", target],
        env={**os.environ, "HOME": str(home), "EXCACHE_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def copied(home: Path, target: str) -> None:
    process = start(home, target)
    _, said = process.communicate(timeout=300)
    assert process.returncode == 0 or _WHOLE in said, said


def killed(home: Path, target: str, spare: str, forget: Callable[[], object]) -> None:
    """Kill copies at random moments of one that nothing disturbs, then let one end."""
    began, rng = time.monotonic(), random.Random(5)
    copied(home, spare)
    took, hits = time.monotonic() - began, 0
    while hits < KILLS:
        process = start(home, target)
        try:
            process.wait(timeout=rng.uniform(0.3 * took, 0.95 * took))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            hits += 1
        process.communicate()
        if process.returncode == 0:  # it was faster: once more from the start
            forget()
            took *= 0.8
    copied(home, target)


def rows(place: Place) -> dict[str, list[tuple[object, ...]]]:
    with raw(place) as database:
        return {
            table: sorted(database.select(f"SELECT * FROM {table}", ()), key=repr)
            for table in sorted(database.tables() - {"prepared_readings", "schema_migrations"})
        }


def test_copies_that_are_killed_continue_both_ways(tmp_path: Path, cluster: Cluster) -> None:
    home, back = tmp_path / "home", tmp_path / "back.sqlite3"
    home.mkdir()
    (home / "config.toml").write_text(_CONFIG)
    file, url = home / "cache.sqlite3", cluster.create()
    with closing(ExchangeCacheRepository.open(file)) as repository:
        for scope in ("spot", "linear"):
            key = StreamKey(account="cold", data_type=DataType.FILLS, scope=scope)
            page = [fill(f"{scope}{one}", account="cold") for one in range(FILLS)]
            repository.ledger.save_page(repository.ledger.state(key), page, NOW)
            repository.progress.begin_run("sync", 7, NOW)

    killed(home, url, cluster.create(), lambda: cluster.empty(url))
    assert rows(Server(url, tmp_path / "server")) == rows(file)

    (home / "config.toml").write_text(f'cache_url = "{url}"\n{_CONFIG}')
    spare = f"sqlite:///{tmp_path / 'spare.sqlite3'}"
    killed(home, f"sqlite:///{back}", spare, back.unlink)
    assert rows(back) == rows(file)
