"""Values for shell completion: all that the cache holds, read in steps of its indexes."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from exchange_cache.cache import completing
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamKey
from exchange_cache.records import DataType
from tests.builders import NOW, balance, fill, order, position

QUERIES = {name: getattr(completing, name) for name in ("ACCOUNTS", "ASSETS", "SYMBOLS", "PRICED")}


def save(cache: ExchangeCacheRepository, *records: object) -> None:
    key = StreamKey(account="main", data_type=DataType.FILLS, scope="test")
    cache.ledger.save_page(cache.ledger.state(key), records, NOW)  # type: ignore[arg-type]


def test_symbols_are_those_of_fills_orders_and_positions(tmp_path: Path) -> None:
    path = tmp_path / "cache.sqlite3"
    with closing(ExchangeCacheRepository.open(path)) as cache:
        assert completing.values(path, completing.SYMBOLS) == []
        save(cache, fill("1", "1", "2", symbol="B/USDT", base="B"))
        save(cache, fill("2", "1", "2", symbol="A/USDT", base="A"))
        assert completing.values(path, completing.SYMBOLS) == ["A/USDT", "B/USDT"]
        save(cache, order("1", symbol="C/USDT"), order("2", symbol="C/USDT"))
        save(cache, order("3", symbol="B/USDT", account="other", category="margin"))
        cache.mirror.replace_positions("main", "linear", [position(symbol="D/USDT:USDT")])
        found = completing.values(path, completing.SYMBOLS)
        assert found == ["A/USDT", "B/USDT", "C/USDT", "D/USDT:USDT"]


def test_assets_are_those_that_are_held_by_both_of_their_names(tmp_path: Path) -> None:
    path = tmp_path / "cache.sqlite3"
    with closing(ExchangeCacheRepository.open(path)) as cache:
        cache.mirror.replace_balances("main", "earn", [balance("1", "BTC", code="LDBTC")])
        assert completing.values(path, completing.ASSETS) == ["BTC", "LDBTC"]


def test_symbols_take_a_step_for_each_not_for_each_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted by SQLite: its virtual machine must not run longer for more fills and orders."""
    path = tmp_path / "cache.sqlite3"
    steps = []
    with closing(ExchangeCacheRepository.open(path)) as cache:
        for number in (10, 1000):
            rows = [(fill(f"f{one}"), order(f"o{one}")) for one in range(number)]
            save(cache, *(record for pair in rows for record in pair))
            steps.append(_counted(monkeypatch, path))
    assert 0 < steps[1] <= steps[0] * 1.2


def _counted(monkeypatch: pytest.MonkeyPatch, path: Path) -> int:
    counted = 0
    connect = sqlite3.connect

    def count() -> int:
        nonlocal counted
        counted += 1
        return 0

    def counting(*arguments: Any, **more: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*arguments, **more)
        connection.set_progress_handler(count, 1)
        return connection

    with monkeypatch.context() as patch:
        patch.setattr(completing.sqlite3, "connect", counting)
        assert completing.values(path, completing.SYMBOLS) == ["BTC/USDT"]
    return counted


@pytest.mark.parametrize("name", QUERIES)
def test_what_cannot_be_read_has_no_values(tmp_path: Path, name: str) -> None:
    broken = tmp_path / "cache.sqlite3"
    assert completing.values(broken, QUERIES[name]) == []
    assert not broken.exists()
    broken.write_bytes(b"not a database at all" * 100)
    assert completing.values(broken, QUERIES[name]) == []
