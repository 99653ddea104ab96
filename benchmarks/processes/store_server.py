"""``store_server.py CACHE URL URL TIMES``: stores the fills of a cache on a server, page by page,
through excache (the first, empty database) and through the driver alone (the second), in turn.

Prints for each the wall seconds, and the CPU seconds of this process and of the server's for it.
The table of the driver alone has the same columns, key and indexes, and no triggers; nothing
compares what is stored.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.server import Server
from exchange_cache.cache.streams import StreamKey
from exchange_cache.records import DataType, Fill

PAGE = 500
NAMES = ("excache", "again", "pages", "one transaction")
_TICK = os.sysconf("SC_CLK_TCK")
_TABLES = ("exchange_fills", "exchange_streams", "exchange_coverage")


def main(cache: str, ours: str, theirs: str, times: str) -> int:
    with closing(ExchangeCacheRepository.open(Path(cache))) as file:
        fills = sorted(file.ledger.fills(), key=lambda one: one.time)
    with closing(sqlite3.connect(cache)) as opened:
        rows = opened.execute("SELECT * FROM exchange_fills ORDER BY time_ms").fetchall()
    beside = Path(cache).with_name("store")
    with (
        closing(ExchangeCacheRepository.open(Server(ours, beside))) as repository,
        closing(ExchangeCacheRepository.open(Server(theirs, beside))),
        psycopg.connect(theirs) as driver,
    ):
        _without_triggers(driver)
        found = [
            _round(repository, driver, fills, rows, number) for number in range(int(times) + 1)
        ]
    print(json.dumps({"rows": len(rows), "names": NAMES, "rounds": found[1:]}))
    return 0


def _round(
    repository: ExchangeCacheRepository,
    driver: psycopg.Connection[Any],
    fills: Sequence[Fill],
    rows: Sequence[tuple[Any, ...]],
    number: int,
) -> dict[str, tuple[float, float]]:
    database = repository._database
    ((backend,),) = database.select("SELECT pg_backend_pid()", ())
    with database.write():
        database.execute(f"TRUNCATE {', '.join(_TABLES)}")
    acts: dict[str, tuple[int, Callable[[], None]]] = {
        "excache": (backend, lambda: _stored(repository, fills)),
        "again": (backend, lambda: _stored(repository, fills)),
        "pages": (driver.info.backend_pid, lambda: _by_driver(driver, rows, PAGE)),
        "one transaction": (driver.info.backend_pid, lambda: _by_driver(driver, rows, len(rows))),
    }
    names = NAMES if number % 2 else (NAMES[3], NAMES[2], NAMES[0], NAMES[1])
    return {name: _took(*acts[name], driver) for name in names}


def _took(
    backend: int, act: Callable[[], None], driver: psycopg.Connection[Any]
) -> tuple[float, float]:
    driver.execute("TRUNCATE exchange_fills")
    driver.commit()
    server, began, cpu = _cpu_of(backend), time.perf_counter(), time.process_time()
    act()
    wall, mine = time.perf_counter() - began, time.process_time() - cpu
    return wall, mine + _cpu_of(backend) - server


def _cpu_of(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


def _stored(repository: ExchangeCacheRepository, fills: Sequence[Fill]) -> None:
    key = StreamKey(account=fills[0].account, data_type=DataType.FILLS, scope="spot", symbol="")
    state, now = repository.ledger.state(key), datetime.now(UTC)
    for start in range(0, len(fills), PAGE):
        repository.ledger.save_page(state, fills[start : start + PAGE], now)


def _by_driver(driver: psycopg.Connection[Any], rows: Sequence[tuple[Any, ...]], page: int) -> None:
    insert = f"INSERT INTO exchange_fills VALUES ({', '.join(['%s'] * len(rows[0]))})"
    with driver.cursor() as cursor:
        for start in range(0, len(rows), page):
            cursor.executemany(insert, rows[start : start + page])
            driver.commit()


def _without_triggers(driver: psycopg.Connection[Any]) -> None:
    sql = (
        "SELECT tgname FROM pg_trigger"
        " WHERE tgrelid = 'exchange_fills'::regclass AND NOT tgisinternal"
    )
    for (name,) in driver.execute(sql).fetchall():
        driver.execute(f"DROP TRIGGER {name} ON exchange_fills")
    driver.commit()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
