"""``store.py CACHE PAGES``: stores the fills of a cache in a new one, page by page, through excache
and through sqlite3 alone, in turn; prints the CPU seconds of each.

The tables of sqlite3 alone have the same columns, keys and indexes, and its pages are transactions,
too; it does not compare what is stored.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamKey
from exchange_cache.records import DataType, Fill

PAGE = 500


def main(cache: str, times: str) -> int:
    repository = ExchangeCacheRepository.open(Path(cache))
    fills = sorted(repository.ledger.fills(), key=lambda one: one.time)
    repository.close()
    with closing(sqlite3.connect(cache)) as opened:
        rows = opened.execute("SELECT * FROM exchange_fills ORDER BY time_ms").fetchall()
        made = opened.execute(
            "SELECT sql FROM sqlite_master WHERE tbl_name = 'exchange_fills' AND type IN"
            " ('table', 'index') AND sql NOT NULL ORDER BY type DESC"
        ).fetchall()
    found = []
    for _ in range(int(times) + 1):
        found.append([_by_excache(fills), _again(fills), _by_sqlite(rows, made)])
    print(json.dumps({"rows": len(rows), "rounds": found[1:]}))
    return 0


def _by_excache(fills: Sequence[Fill]) -> float:
    with tempfile.TemporaryDirectory(prefix="excache-store-") as folder:
        repository = ExchangeCacheRepository.open(Path(folder) / "cache.sqlite3")
        took = _stored(repository, fills)
        repository.close()
    return took


def _again(fills: Sequence[Fill]) -> float:
    """Pages whose rows are all known."""
    with tempfile.TemporaryDirectory(prefix="excache-store-") as folder:
        repository = ExchangeCacheRepository.open(Path(folder) / "cache.sqlite3")
        _stored(repository, fills)
        took = _stored(repository, fills)
        repository.close()
    return took


def _stored(repository: ExchangeCacheRepository, fills: Sequence[Fill]) -> float:
    key = StreamKey(account=fills[0].account, data_type=DataType.FILLS, scope="spot", symbol="")
    state, now = repository.ledger.state(key), datetime.now(UTC)
    began = time.process_time()
    for start in range(0, len(fills), PAGE):
        repository.ledger.save_page(state, fills[start : start + PAGE], now)
    return time.process_time() - began


def _by_sqlite(rows: Sequence[tuple[Any, ...]], made: Sequence[tuple[str]]) -> float:
    with tempfile.TemporaryDirectory(prefix="excache-store-") as folder:
        opened = sqlite3.connect(Path(folder) / "raw.sqlite3")
        opened.execute("PRAGMA journal_mode = wal")
        for (text,) in made:
            opened.execute(text)
        insert = f"INSERT INTO exchange_fills VALUES ({', '.join('?' * len(rows[0]))})"
        began = time.process_time()
        for start in range(0, len(rows), PAGE):
            with opened:
                opened.executemany(insert, rows[start : start + PAGE])
        took = time.process_time() - began
        opened.close()
    return took


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
