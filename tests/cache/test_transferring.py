from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from exchange_cache.cache import transferring
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.server import Server
from exchange_cache.cache.streams import StreamKey
from exchange_cache.errors import UsageError
from exchange_cache.records import DataType
from tests.builders import NOW, fill

FILLS = StreamKey(account="main", data_type=DataType.FILLS, scope="spot")


@pytest.fixture
def source(tmp_path: Path) -> Iterator[ExchangeCacheRepository]:
    with closing(ExchangeCacheRepository.open(tmp_path / "source.sqlite3")) as opened:
        state = opened.ledger.state(FILLS)
        opened.ledger.save_page(state, [fill(str(one)) for one in range(500)], NOW)
        opened.progress.remember("main", {"orders_compared": 1}, NOW)
        opened.progress.begin_run("sync", 7, NOW)
        yield opened


def rows(repository: ExchangeCacheRepository) -> dict[str, list[object]]:
    return {
        table: [tuple(row) for row in repository.dump(table)]
        for table in repository.table_counts()
        if table != "prepared_readings"
    }


def test_a_copy_has_every_row(source: ExchangeCacheRepository, tmp_path: Path) -> None:
    with closing(ExchangeCacheRepository.open(tmp_path / "copy.sqlite3")) as copy:
        assert source.copy_to(copy) == sum(len(each) for each in rows(source).values())
        assert rows(copy) == rows(source)


def test_a_place_that_is_filled_is_refused(source: ExchangeCacheRepository, tmp_path: Path) -> None:
    with closing(ExchangeCacheRepository.open(tmp_path / "copy.sqlite3")) as copy:
        source.copy_to(copy)
        with pytest.raises(UsageError, match="holds a cache already"):
            source.copy_to(copy)


def test_a_copy_that_was_interrupted_continues(
    source: ExchangeCacheRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the source has changed meanwhile: that table is copied anew."""
    monkeypatch.setattr(transferring, "_BATCH", 100)

    class Stopped(Exception):
        pass

    def stop(table: str, number: int) -> None:
        if table == "exchange_fills":
            raise Stopped

    with closing(ExchangeCacheRepository.open(tmp_path / "copy.sqlite3")) as copy:
        with pytest.raises(Stopped):
            source.copy_to(copy, stop)
        state = source.ledger.state(FILLS)
        source.ledger.save_page(state, [fill("-1"), fill("x")], NOW)
        source.copy_to(copy)
        assert rows(copy) == rows(source)


@pytest.mark.long
def test_a_cache_goes_to_a_server_and_back(
    source: ExchangeCacheRepository, server: Server, tmp_path: Path
) -> None:
    with closing(ExchangeCacheRepository.open(server)) as remote:
        source.copy_to(remote)
        assert rows(remote) == rows(source)
        run = remote.progress.begin_run("sync", 8, NOW)
        assert run not in {one.id for one in source.progress.runs()}
        remote.backup(tmp_path / "back.sqlite3")
        with closing(ExchangeCacheRepository.open(tmp_path / "back.sqlite3")) as back:
            assert rows(back) == rows(remote)
        assert (tmp_path / "back.sqlite3").stat().st_mode & 0o777 == 0o600


@pytest.mark.long
def test_nul_that_a_file_holds_is_a_mark_on_a_server(
    source: ExchangeCacheRepository, server: Server
) -> None:
    source.ledger.save_page(source.ledger.state(FILLS), [fill("odd", order_id="a\0b")], NOW)
    with closing(ExchangeCacheRepository.open(server)) as remote:
        source.copy_to(remote)
        (found,) = (one for one in remote.ledger.fills() if one.fill_id == "odd")
        assert found.order_id == "a\ufffdb"
