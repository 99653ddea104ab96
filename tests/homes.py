"""Where the caches of simulated homes are: in their own files, or each in a database of one server
(``EXCACHE_TEST_ENGINE=postgres``), which the home's config.toml names."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from exchange_cache.cache.database import CacheDatabase
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.server import Place, Server
from exchange_cache.cli.cache_file import place_of
from exchange_cache.config.paths import find_paths
from tests.postgres import Cluster


@dataclass
class Homes:
    """The homes that have a database instead of a file; none without a server."""

    cluster: Cluster | None = None
    places: dict[Path, Server] = field(default_factory=dict)
    opened: list[ExchangeCacheRepository] = field(default_factory=list)

    def settle(self, home: Path) -> None:
        """Let the config.toml of a new home name a database of its own."""
        if self.cluster is None:
            return
        url = self.cluster.create()
        config = home / "config.toml"
        config.write_text(f'cache_url = "{url}"\n{config.read_text()}')
        self._keep(home, url)

    def copy(self, home: Path, new: Path) -> None:
        """Copy a home with its cache, which nothing uses at the moment."""
        shutil.copytree(home, new, ignore=shutil.ignore_patterns("*.reads"))
        if self.cluster is not None and home in self.places:
            old = self.places[home].url
            url = self.cluster.copy(old)
            config = new / "config.toml"
            config.write_text(config.read_text().replace(old, url))
            self._keep(new, url)

    def _keep(self, home: Path, url: str) -> None:
        place = place_of(url, find_paths({"EXCACHE_HOME": str(home)}))
        assert isinstance(place, Server)
        self.places[home] = place

    def place(self, home: Path) -> Place:
        return self.places.get(home, home / "cache.sqlite3")

    def open(self, home: Path) -> ExchangeCacheRepository:
        """A repository; with a server, the end of the test closes it."""
        found = ExchangeCacheRepository.open(self.place(home))
        if self.cluster is not None:
            self.opened.append(found)
        return found

    def forget(self, home: Path) -> None:
        """Remove a home's cache, whatever it is."""
        place = self.places.get(home)
        for leftover in home.glob("cache.sqlite3*"):
            leftover.unlink()
        if place is not None and self.cluster is not None:
            self.cluster.empty(place.url)

    @contextmanager
    def during_a_test(self) -> Iterator[None]:
        """Drop the databases of the homes that were made meanwhile. None of them may have used a
        file beside: then its test would not be one of the server."""
        before = set(self.places)
        yield
        for repository in self.opened:
            repository.close()
        self.opened.clear()
        for home in set(self.places) - before:
            assert not (home / "cache.sqlite3").exists(), f"{home} used a file"
            if self.cluster is not None:
                self.cluster.drop(self.places.pop(home).url)


#: Those of this process.
HOMES = Homes()


@contextmanager
def raw(place: Place) -> Iterator[CacheDatabase]:
    """The database of a cache, whatever its schema, for statements of a test."""
    if isinstance(place, Path):
        opened = CacheDatabase(place)
    else:
        from exchange_cache.cache.postgres.database import ServerDatabase

        opened = ServerDatabase(place)
    with closing(opened):
        yield opened


def table(place: Place, name: str) -> list[dict[str, Any]]:
    """All rows of a table by their columns."""
    with raw(place) as database:
        cursor = database.peewee.execute_sql(f"SELECT * FROM {name}")
        columns = [str(one[0]) for one in cursor.description]
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def columns_of(place: Place, name: str) -> list[str]:
    """The columns of a table."""
    with raw(place) as database:
        found = database.peewee.execute_sql(f"SELECT * FROM {name} LIMIT 0")
        return [str(one[0]) for one in found.description]
