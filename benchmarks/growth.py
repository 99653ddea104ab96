"""What a year of hourly runs without a trade leaves in the cache, and what ``history`` costs
then.

The year is written through the repository: 8,760 syncs would take a day.
"""

from __future__ import annotations

import copy
import os
import random
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from benchmarks.ground import Bench, environment
from benchmarks.lines import Line, measured
from benchmarks.timing import take_turns, timed
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.stored import Snapshot
from exchange_cache.clock import SetClock, to_ms
from exchange_cache.portfolio.accessor import PortfolioDataAccessor, ReadingSettings
from exchange_cache.portfolio.history import snapshot_details
from exchange_cache.records import Balance, DataType, Price
from exchange_cache.value.freshness import SyncStatus
from exchange_cache.value.reading import PortfolioReading

ACCOUNTS, ASSETS = 6, 20
HOUR = timedelta(hours=1)
#: How long every snapshot is kept, as documented.
KEPT = timedelta(days=7)
_EXCACHE = str(Path(sys.executable).with_name("excache"))
READS = ("history", "history --json", "history --by asset")


@dataclass(frozen=True, slots=True)
class Year:
    """A home folder whose cache holds a year of hourly runs."""

    home: Path
    first_bytes: int

    @property
    def cache(self) -> Path:
        return self.home / "cache.sqlite3"

    @property
    def grown(self) -> float:
        """Megabytes that the year added."""
        return (self.cache.stat().st_size - self.first_bytes) / 1_000_000


def run(bench: Bench) -> Iterator[Line]:
    with tempfile.TemporaryDirectory(prefix="excache-growth-") as folder:
        year = a_year(Path(folder) / "year", bench.days)
        name = f"cache growth in {bench.days} days of hourly runs, nothing traded"
        yield measured("growth", name, "MB", [year.grown], at_most=10)
        commands = [[_EXCACHE, *read.split()] for read in READS]
        env = environment(year.home)
        found = take_turns(commands, bench.few, lambda words: timed(words, env, year.home))
        for read, series in zip(READS, found, strict=True):
            name = f"{read} after {bench.days} days of hourly runs"
            yield measured(
                "growth", name, "s CPU", [one.cpu for one in series], series, at_most=0.5
            )


def a_year(home: Path, days: int) -> Year:
    """A year of runs through the repository, each with a snapshot whose prices moved. The reading
    itself is made once: what it shows is the same every hour."""
    home.mkdir()
    names = [f"account{number}" for number in range(ACCOUNTS)]
    keys = 'exchange = "binance"\napi_key = { env = "KEY" }\nsecret = { env = "SECRET" }\n'
    tables = "".join(f"[accounts.{name}]\n{keys}" for name in names)
    (home / "config.toml").write_text(tables)
    repository = ExchangeCacheRepository.open(home / "cache.sqlite3")
    end = datetime.now(UTC)
    reading = _reading(repository, names, end)
    first = _size(home)
    details, chance = snapshot_details(reading), random.Random(1)
    for number in range(days * 24):
        at = end - HOUR * (days * 24 - number)
        _run(repository, at, _moved(details, at, chance))
    repository.close()
    return Year(home, first)


def _size(home: Path) -> int:
    with closing(sqlite3.connect(home / "cache.sqlite3")) as cache:
        ((pages,),) = cache.execute("PRAGMA page_count")
        ((size,),) = cache.execute("PRAGMA page_size")
    return int(pages) * int(size)


def _run(repository: ExchangeCacheRepository, at: datetime, details: dict[str, Any]) -> None:
    number = repository.progress.begin_run("sync", os.getpid(), at)
    repository.derived.add_snapshot(
        Snapshot(
            taken_at=at,
            reporting_asset="USDT",
            value=sum(
                (
                    Decimal(one["figures"]["price"]) * Decimal(wallet["total"])
                    for one in details["holdings"]
                    for wallet in one["wallets"]
                ),
                Decimal(0),
            ),
            stale_value=Decimal(0),
            details=details,
        )
    )
    repository.thin_snapshots(at, KEPT)
    repository.progress.end_run(number, "ok", at, requests=60, row_count=0)


def _moved(details: dict[str, Any], at: datetime, chance: random.Random) -> dict[str, Any]:
    moved = copy.deepcopy(details)
    for holding in moved["holdings"]:
        holding["figures"]["price"] = f"{chance.uniform(0.1, 1000):.4f}"
        holding["at"] = to_ms(at)
        for wallet in holding["wallets"]:
            wallet["fetched_ms"] = to_ms(at) + chance.randrange(60_000)
    return moved


def _reading(
    repository: ExchangeCacheRepository, names: list[str], at: datetime
) -> PortfolioReading:
    for name in names:
        repository.mirror.replace_balances(
            name, "spot", [_balance(name, f"COIN{number}", at) for number in range(ASSETS)]
        )
        repository.mirror.replace_prices(
            name, "spot", [_price(name, f"COIN{number}", at) for number in range(ASSETS)]
        )
        for kind in DataType:
            repository.progress.record(
                SyncStatus(account=name, data_type=kind, attempted_at=at, succeeded_at=at)
            )
    settings = ReadingSettings(
        reporting_asset="USDT", ttl=dict.fromkeys(DataType, HOUR), accounts=tuple(names)
    )
    return PortfolioDataAccessor(repository, SetClock(at=at), settings).read()


def _balance(account: str, asset: str, at: datetime) -> Balance:
    total = Decimal("12.34567891")
    return Balance(
        account=account,
        wallet="spot",
        code=asset,
        asset=asset,
        free=total - 1,
        used=Decimal(1),
        total=total,
        fetched_at=at,
    )


def _price(account: str, asset: str, at: datetime) -> Price:
    return Price(
        account=account,
        symbol=f"{asset}/USDT",
        base=asset,
        quote="USDT",
        last=Decimal("12.3456"),
        fetched_at=at,
    )
