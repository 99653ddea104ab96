"""An hour of many accounts whose cache several workers share on a server: what a worker and the
server spend on an account, and what gives out first with 2,000 of them, by calculation.

The exchanges answer with the latency of a real one. In the hour before, every tenth account traded.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from benchmarks.ground import Bench, Ground, process, world
from benchmarks.lines import Line, measured
from benchmarks.server import SETTINGS
from tests.postgres import Cluster, missing

EXCHANGES = ("kraken", "bybit")
BUSY = {"kraken": "BTC/EUR", "bybit": "BTC/USDT"}
LATENCY_MS = 100
WORKERS = (1, 4)
CROWD = 2_000
DAYS = 7


@dataclass(frozen=True, slots=True)
class Hour:
    """What one hour took: all workers together."""

    wall: float
    workers: float
    server: float
    requests: int


def run(bench: Bench) -> Iterator[Line]:
    reason = missing()
    if reason is not None:
        print(f"  ({reason}: nothing is measured)")
        return
    number = 3 * bench.accounts
    names = {f"account{one:04}": EXCHANGES[one % len(EXCHANGES)] for one in range(number)}
    since = f"{datetime.now(UTC) - timedelta(days=DAYS):%Y-%m-%d}"
    settings = f"history_start = {since}\nsweep_budget = 0\n"
    with (
        Cluster.running(*SETTINGS) as cluster,
        world(settings, latency=LATENCY_MS, accounts=names, fills=20 * number) as ground,
        tempfile.TemporaryDirectory(prefix="excache-machines-") as folder,
    ):
        url = cluster.create()
        homes = [_home(ground, Path(folder) / f"worker{one}", url) for one in range(max(WORKERS))]
        homes[0].timed(homes[0].excache("sync"))
        found = {}
        for hour, workers in enumerate(WORKERS, 1):
            _trade(ground, names)
            found[workers] = _hour(cluster, homes[:workers], hour)
            yield from _lines(number, workers, found[workers])
    yield from _calculated(number, found)


def _home(ground: Ground, home: Path, url: str) -> Ground:
    """A worker's home: the same accounts and keys, the cache on the server."""
    home.mkdir()
    for file in ground.home.iterdir():
        if file.is_file():
            (home / file.name).write_bytes(file.read_bytes())
            (home / file.name).chmod(0o600)
    config = home / "config.toml"
    config.write_text(f'cache_url = "{url}"\n{config.read_text(encoding="utf-8")}')
    return Ground(ground.simulator, home)


def _trade(ground: Ground, names: dict[str, str]) -> None:
    for name, exchange in list(names.items())[::10]:
        ground.simulator.venue.trade(name, BUSY[exchange], "buy", Decimal("0.001"))


def _hour(cluster: Cluster, homes: list[Ground], hour: int) -> Hour:
    """Every worker syncs what is due and free, so many hours later."""
    homes[0].simulator.requests.clear()
    spent, began = cluster.cpu(), time.perf_counter()
    words = process("later", str(hour * 3700), "sync")
    with ThreadPoolExecutor(len(homes)) as together:
        took = list(together.map(lambda home: home.timed(words), homes))
    wall, workers = time.perf_counter() - began, sum(one.cpu for one in took)
    return Hour(wall, workers, cluster.cpu() - spent, len(homes[0].simulator.requests))


def _lines(number: int, workers: int, found: Hour) -> Iterator[Line]:
    what = f"an hour of {number} accounts, {workers} worker{'s' if workers > 1 else ''}"
    more = {"wall": found.wall, "cpu": found.workers, "requests": found.requests}
    yield measured("machines", f"{what}: CPU of a worker for an account", "s",
                   [found.workers / number], **more)  # fmt: skip
    yield measured("machines", f"{what}: CPU of the server for an account", "s",
                   [found.server / number])  # fmt: skip


def _calculated(number: int, found: dict[int, Hour]) -> Iterator[Line]:
    """What a worker takes whatever it reads, what an account takes, and the sum of many."""
    few, many = min(found), max(found)
    for who in ("workers", "server"):
        less, more = getattr(found[few], who), getattr(found[many], who)
        worker = (more - less) / (many - few)
        account = (less - worker * few) / number
        yield measured("machines", f"(one worker more: {who})", "s CPU", [worker])
        yield measured("machines", f"(one account more: {who})", "s CPU", [account])
        cores = (account * CROWD + worker * many) / 3600
        name = f"({CROWD:,} accounts an hour, {many} workers, by calculation: {who})"
        yield measured("machines", name, "cores", [cores])
