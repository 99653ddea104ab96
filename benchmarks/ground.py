"""What the benchmarks stand on: simulated exchanges with a synced home folder, timed processes, and
more fills than anybody has."""

from __future__ import annotations

import os
import sqlite3
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from benchmarks.timing import Series, Took, take_turns, timed
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamKey
from exchange_cache.records import DataType, Fee, Fill, Side
from exchange_cache.simulator.home import write_home
from exchange_cache.simulator.server import Simulator, running_simulator

#: Rows that are made one by one, as a sync would; beyond them SQLite multiplies.
MADE = 1000


@dataclass(frozen=True, slots=True)
class Ground:
    """Simulated exchanges and a home folder that knows them."""

    simulator: Simulator
    home: Path

    @property
    def env(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "EXCACHE_HOME": str(self.home),
            "LANG": "C.UTF-8",
            "COLUMNS": "140",
        }

    @property
    def cache(self) -> Path:
        return self.home / "cache.sqlite3"

    def excache(self, *words: str) -> list[str]:
        """The command beside the interpreter, as a user's shell would start it: never the package
        in the present folder."""
        return [str(Path(sys.executable).with_name("excache")), *words]

    def timed(self, words: Sequence[str]) -> Took:
        """One process, started in the home folder; it must succeed."""
        return timed(words, self.env, self.home)

    def take_turns(self, commands: Sequence[Sequence[str]], times: int) -> list[Series]:
        return take_turns(commands, times, self.timed)


@contextmanager
def synced_ground(*, days: int, **options: Any) -> Iterator[Ground]:
    """A home after its first sync; ``days`` of history are enough here, the fills that count are
    added later."""
    with (
        running_simulator(**{"limit_scale": 1000, **options}) as simulator,
        tempfile.TemporaryDirectory(prefix="excache-bench-") as folder,
    ):
        home = Path(folder)
        write_home(home, simulator.port, simulator.venue)
        config = home / "config.toml"
        start = datetime.now(UTC) - timedelta(days=days)
        config.write_text(
            f"history_start = {start:%Y-%m-%d}\nsweep_budget ="
            f" 0\n{config.read_text(encoding='utf-8')}",
            encoding="utf-8",
        )
        ground = Ground(simulator, home)
        ground.timed(ground.excache("sync"))
        yield ground


def fill_up(ground: Ground, account: str, symbol: str, number: int) -> int:
    """Bring the cache to ``number`` fills: the first page through the repository, the rest as
    copies of it; how many there are."""
    with closing(sqlite3.connect(ground.cache)) as cache:
        have = int(cache.execute("SELECT count(*) FROM exchange_fills").fetchone()[0])
    if have < number:
        have += _through_the_repository(ground, account, symbol, min(MADE, number - have))
    if have < number:
        _copied(ground, account, number - have)
    with closing(sqlite3.connect(ground.cache)) as cache:
        return int(cache.execute("SELECT count(*) FROM exchange_fills").fetchone()[0])


def _through_the_repository(ground: Ground, account: str, symbol: str, number: int) -> int:
    repository = ExchangeCacheRepository.open(ground.cache)
    base, quote = symbol.split("/")
    first = Fill(
        account=account,
        category="spot",
        symbol=symbol,
        fill_id="bench",
        order_id=None,
        time=datetime.now(UTC),
        side=Side.BUY,
        base=base,
        quote=quote,
        quantity=Decimal("0.00012345"),
        price=Decimal("64000.10"),
        cost=Decimal("7.900812345"),
        fees=(Fee(asset=quote, amount=Decimal("0.0079")),),
    )
    made = tuple(
        replace(first, fill_id=f"bench-{index}", time=first.time - timedelta(minutes=index))
        for index in range(number)
    )
    key = StreamKey(account=account, data_type=DataType.FILLS, scope="bench", symbol="")
    new = repository.ledger.save_page(repository.ledger.state(key), made, datetime.now(UTC))
    repository.close()
    return new


def _copied(ground: Ground, account: str, number: int) -> None:
    with closing(sqlite3.connect(ground.cache)) as cache, cache:
        columns = [row[1] for row in cache.execute("PRAGMA table_info(exchange_fills)")]
        made = int(
            cache.execute(
                "SELECT count(*) FROM exchange_fills WHERE fill_id LIKE 'bench-%'"
            ).fetchone()[0]
        )
        changed = {"fill_id": "fill_id || '-' || n", "time_ms": "time_ms - n * 60000000"}
        cache.execute(
            "WITH RECURSIVE counter(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n <"
            " ?) INSERT INTO exchange_fills SELECT"
            f" {', '.join(changed.get(name, name) for name in columns)} FROM counter, (SELECT *"
            " FROM exchange_fills WHERE account = ? AND fill_id LIKE 'bench-%') LIMIT ?",
            (number // made + 1, account, number),
        )
