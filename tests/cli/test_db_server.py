from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.server import Server
from exchange_cache.clock import SetClock
from tests.builders import NOW
from tests.cli.stored_home import StoredHome
from tests.postgres import Cluster


@pytest.fixture
def home(tmp_path: Path) -> StoredHome:
    made = StoredHome(folder=tmp_path / "home", clock=SetClock(NOW))
    made.configure()
    return made


def test_a_copy_goes_to_another_file_and_an_occupied_place_is_refused(home: StoredHome) -> None:
    home.repository().close()
    there = f"sqlite:///{home.folder / 'other.sqlite3'}"
    done = home.run("db", "copy", "--to", there)
    assert (done.code, "each table equals its source" in done.err) == (0, True)
    assert (home.folder / "other.sqlite3").exists()
    own = home.run("db", "copy", "--to", f"sqlite:///{home.folder / 'cache.sqlite3'}")
    assert (own.code, "is the cache itself" in own.err) == (2, True)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("mysql://x", 'must be "sqlite:///" followed by a file name'),
        ("postgresql://me:hidden@x/y", "must not hold a password"),
    ],
)
def test_an_address_that_is_none_is_refused_and_a_password_not_shown(
    home: StoredHome, url: str, why: str
) -> None:
    home.repository().close()
    done = home.run("db", "copy", "--to", url)
    assert (done.code, why in done.err, "hidden" in done.err) == (2, True, False)


@pytest.mark.long
def test_the_grants_make_an_owner_a_writer_and_a_reader(home: StoredHome, tmp_path: Path) -> None:
    """As they are printed, by psql."""
    with Cluster.running() as cluster:
        file = cluster.folder / "grants.sql"
        file.write_text(home.run("db", "grants").out)
        file.chmod(0o644)
        cluster.run("psql", "-h", str(cluster.folder), "-U", "owner", "-v", "ON_ERROR_STOP=1",
                    "-f", str(file), "postgres")  # fmt: skip
        places = {
            role: Server(cluster.url("excache", f"excache_{role}"), tmp_path / role)
            for role in ("owner", "writer", "reader")
        }
        ExchangeCacheRepository.open(places["owner"]).close()
        with closing(ExchangeCacheRepository.open(places["writer"])) as writer:
            writer.progress.begin_run("sync", 1, NOW)
            writer.progress.remember("main", {"a": 1}, NOW)
        for role, may in (("owner", True), ("writer", True), ("reader", False)):
            from exchange_cache.cache.postgres.asking import may_write

            assert may_write(places[role]) is may
        with closing(ExchangeCacheRepository.open(places["reader"])) as reader:
            assert reader.progress.memory("main") == {"a": 1}
