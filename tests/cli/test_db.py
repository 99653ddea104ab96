"""``excache db``: maintenance of the cache file."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

from exchange_cache.cache.schema import MODELS
from exchange_cache.cli.tables import TABLES
from exchange_cache.clock import SetClock
from tests.builders import NOW
from tests.cli.stored_home import StoredHome
from tests.e2e.world import World


def test_db_path_check_backup_migrate(world: World, tmp_path: Path) -> None:
    assert world.run("db", "path").out == f"{world.home / 'cache.sqlite3'}\n"
    checked = world.run("db", "check")
    assert checked.code == 0
    assert "sound" in checked.out and "exchange_" not in checked.out
    counts = dict(re.findall(r"(?m)^  (\S.*?) +([\d,]+)$", checked.out))
    assert counts["fills"] == f"{len(world.repository().ledger.fills()):,}"
    assert "0" not in counts.values()
    copy = tmp_path / "backup.sqlite3"
    assert world.run("db", "backup", str(copy)).code == 0
    with sqlite3.connect(copy) as connection:
        assert connection.execute("SELECT count(*) FROM exchange_fills").fetchone()[0] == len(
            world.repository().ledger.fills()
        )
    connection.close()
    again = world.run("db", "backup", str(copy))
    assert (again.code, "--force" in again.err) == (2, True)
    assert world.run("db", "backup", str(copy), "--force").code == 0
    assert world.run("db", "migrate").code == 0


def test_an_empty_cache_has_no_costs_to_compare(tmp_path: Path) -> None:
    home = StoredHome(folder=tmp_path / "home", clock=SetClock(NOW))
    home.configure()
    home.save()
    done = home.run("db", "check")
    assert done.code == 0
    assert "no costs to compare: no fill or transfer is stored" in done.out
    assert "wait to be derived" not in done.out


def test_a_cache_is_not_backed_up_onto_itself(world: World) -> None:
    cache = world.home / "cache.sqlite3"
    before = cache.stat().st_ino
    done = world.run("db", "backup", str(cache), "--force")
    assert (done.code, "is the cache itself" in done.err) == (2, True)
    assert cache.stat().st_ino == before


def test_every_table_has_words_of_people() -> None:
    assert {model._meta.table_name for model in MODELS} == set(TABLES)
    assert len(set(TABLES.values())) == len(TABLES)
    assert not [words for words in TABLES.values() if "_" in words]
