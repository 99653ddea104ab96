"""Runs the tests that open a cache on PostgreSQL instead: ``EXCACHE_TEST_ENGINE=postgres``.

Each file that a test names becomes a database of a real server. What concerns the file itself is
marked ``sqlite`` and left out.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from exchange_cache.cache import repository
from exchange_cache.cache.server import Place, Server
from exchange_cache.sync import claims
from tests.homes import HOMES
from tests.postgres import Cluster, missing

POSTGRES = os.environ.get("EXCACHE_TEST_ENGINE") == "postgres"

#: What they test is the file, its schema as SQLite has it, or who reads it by sqlite3 alone; or
#: they run commands in a home whose config.toml names no server (``e2e/test_server.py`` does).
_OF_FILES = frozenset(
    {
        "test_accessor_venue.py",
        "test_completing.py",
        "test_copying.py",
        "test_database.py",
        "test_database_disk.py",
        "test_migrations.py",
        "test_opening.py",
        "test_prepared.py",
        "test_reader.py",
        "test_renamed.py",
        "test_schema.py",
        "test_transferring.py",
        "test_upgrading.py",
        "test_views.py",
    }
)
#: What they do beside the cache is SQLite's: counting its steps, statements of its own, the file.
_OF_SQLITE = frozenset(
    {
        "test_a_comparison_takes_as_long_as_what_is_new",
        "test_a_miss_of_an_earlier_schema_binds_nobody_and_known_rates_stay",
        "test_a_late_row_of_a_small_asset_reads_no_more_rows_where_others_are_traded_more",
        "test_a_new_fill_rewrites_as_many_rows_in_a_long_history_as_in_a_short_one",
        "test_a_read_is_noted_while_another_process_writes",
        "test_a_backup_holds_everything_and_only_its_owner_reads_it",
        "test_a_page_is_saved_in_as_many_kinds_of_statements_whatever_its_length",
        "test_a_page_with_new_equal_changed_and_doubled_rows",
        "test_a_row_that_no_record_accepts_is_found",
        "test_a_sync_compresses_and_deletes_no_more_than_its_share",
        "test_each_time_of_an_order_that_was_ahead_is_cut_back",
        "test_fields_that_an_earlier_version_did_not_store_have_their_default",
        "test_fills_that_contradict_themselves_or_their_order_are_doubtful",
        "test_known_rows_are_not_written_again",
        "test_open_orders_are_read_without_those_that_ended",
        "test_orders_with_an_end_are_not_read_for_the_oldest_without_one",
        "test_snapshots_of_earlier_versions_read_the_same_before_and_after",
        "test_the_newest_rows_take_as_long_in_a_long_history",
        "test_the_number_of_rows_does_not_matter",
        "test_the_symbols_of_fills_are_found_without_a_pass_over_all_rows",
        "test_times_of_a_clock_that_was_ahead_are_cut_back",
        "test_what_is_new_shows_what_all_rows_show",
        "test_what_was_exchanged_is_found_in_one_pass",
        "test_what_was_unknown_before_wider_candles_is_due_again",
    }
)
#: Folders of tests that run commands in homes whose config.toml names a database; a file that they
#: name is one.
_OF_HOMES = frozenset({"e2e"})


#: Fixtures of worlds that a test syncs.
_WORLDS = frozenset({"first_syncs", "make_world"})


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "sqlite: concerns the file of the cache or SQLite itself")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if POSTGRES:
        left_out = pytest.mark.skip(reason="concerns the file of the cache")
        for item in items:
            if (
                (item.path.name in _OF_FILES and not _is_of_homes(item))
                or item.name.partition("[")[0] in _OF_SQLITE
                or item.get_closest_marker("sqlite")
                or _shares_a_file(item)
            ):
                item.add_marker(left_out)


def _shares_a_file(item: pytest.Item) -> bool:
    """Whether a test outside of the folders of homes reads the world that all tests share."""
    return "synced" in getattr(item, "fixturenames", ()) and not _is_of_homes(item)


def _is_of_homes(item: pytest.Item) -> bool:
    return item.path.parent.name in _OF_HOMES


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A running server of this process; skips where none is installed."""
    if reason := missing():
        pytest.skip(reason)
    with Cluster.running() as running:
        yield running


@pytest.fixture
def server(cluster: Cluster, tmp_path: Path) -> Server:
    """An empty database of it."""
    return Server(cluster.create(), tmp_path / "server")


if POSTGRES:

    @pytest.fixture(scope="session", autouse=True)
    def _homes(cluster: Cluster) -> Iterator[None]:
        HOMES.cluster = cluster
        yield
        HOMES.cluster = None

    @pytest.fixture(autouse=True)
    def _elsewhere(
        cluster: Cluster, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
    ) -> Iterator[None]:
        with HOMES.during_a_test():
            if _is_of_homes(request.node) or _WORLDS & set(request.fixturenames):
                # They sync twice in a row; only on a server does that leave accounts alone.
                monkeypatch.setattr(claims, "REST", timedelta(days=-1))
            if _is_of_homes(request.node):
                yield
            else:
                yield from _every_file_elsewhere(cluster, monkeypatch)

    def _every_file_elsewhere(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        urls: dict[Path, str] = {}
        opened = []
        monkeypatch.setattr(
            repository, "open_database", _on(cluster, urls, opened, repository.open_database)
        )
        yield
        for database in opened:
            database.close()
        for url in urls.values():
            cluster.take_back(url)


def _on(
    cluster: Cluster,
    urls: dict[Path, str],
    opened: list[repository.CacheDatabase],
    opening: Callable[..., repository.CacheDatabase | None],
) -> Callable[..., repository.CacheDatabase | None]:
    def open_database(place: Place, *, create: bool = True) -> repository.CacheDatabase | None:
        if isinstance(place, Path):
            if place not in urls and not create:
                return None
            if place not in urls:
                urls[place] = cluster.lend()
            place = Server(urls[place], place)
        found = opening(place, create=create)
        if found is not None:
            opened.append(found)
        return found

    return open_database
