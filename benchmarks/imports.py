"""What importing a large file costs beside storing the same rows through a sync, and how much
memory the command needs."""

from __future__ import annotations

import csv
import json
import random
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.ground import Bench, Ground, process, world
from benchmarks.lines import Line, measured

#: So many rows are imported; of the first file as many as the largest ledger, where that is larger.
ROWS = 100_000
#: The first row of a file lies so far back.
_YEARS = timedelta(days=3 * 365)
_TRADES = (
    *("txid", "ordertxid", "pair", "time", "type", "ordertype", "price", "cost", "fee", "vol"),
    *("margin", "misc", "ledgers"),
)
_LEDGERS = (
    *("txid", "refid", "time", "type", "subtype", "aclass", "asset", "amount", "fee", "balance"),
)
_BINANCE = ("Date(UTC)", "Pair", "Side", "Price", "Executed", "Amount", "Fee")
Cells = Iterable[str]


def run(bench: Bench) -> Iterator[Line]:
    """Files whose rows have the ids of the API, and files whose rows are compared with the ledger,
    since they have none; files with running balances, which prove something."""
    rows = min(ROWS, max(bench.sizes))
    with (
        world("", accounts={"main": "kraken", "other": "binance"}, fills=100, busy=0) as ground,
        tempfile.TemporaryDirectory(prefix="excache-imports-") as folder,
    ):
        ground.timed(ground.excache("sync", "--only", "balances"))
        before = Path(folder) / "cache.sqlite3"
        ground.copy_cache(before)
        before.chmod(0o600)
        for name, (columns, write) in FILES.items():
            file = Path(folder) / "file.csv"
            written(file, columns, write(rows))
            if name in COMPARED:
                yield from _beside_sync(bench, ground, name, file)
            yield _command(ground, name, file, rows)
            _restored(ground, before)
        if max(bench.sizes) > rows:
            name, (columns, write) = next(iter(FILES.items()))
            written(file, columns, write(max(bench.sizes)))
            yield _command(ground, name, file, max(bench.sizes))


def _restored(ground: Ground, before: Path) -> None:
    for leftover in ground.home.glob("cache.sqlite3*"):
        leftover.unlink()
    shutil.copy(before, ground.cache)


def _beside_sync(bench: Bench, ground: Ground, name: str, file: Path) -> Iterator[Line]:
    found = json.loads(ground.output(process("imports", str(file), str(bench.rounds))))
    line = f"import of {found['rows']:,} {name} / the API's rows of them, parsed and stored"
    shares = [ours / synced for ours, synced, _ in found["rounds"]]
    yield measured("imports", line, "x", shares, at_most=3)
    shares = [ours / stored for ours, _, stored in found["rounds"]]
    yield measured("imports", f"(import of {name} / storing alone)", "x", shares)
    each = [ours / found["rows"] * 1e6 for ours, _, _ in found["rounds"]]
    yield measured("imports", f"(importing one of {name})", "µs", each)


def _command(ground: Ground, name: str, file: Path, rows: int) -> Line:
    """The whole command, which derives the averages too."""
    took = ground.timed(ground.excache("import", str(file)))
    line = f"excache import, {rows:,} rows of {name}"
    each = [took.cpu / rows * 1e6]
    return measured("imports", line, "µs a row", each, (took,), memory_at_most=200)


def written(file: Path, columns: Cells, rows: Iterable[Cells]) -> None:
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(columns)
        writer.writerows(rows)


def _moments(rows: int, seed: int) -> Iterator[tuple[int, datetime, random.Random]]:
    """Trades that go on for three years, some of them in one second."""
    chance = random.Random(seed)
    moment = datetime(2023, 1, 1, tzinfo=UTC)
    most = 2 * _YEARS.total_seconds() / max(1, rows)
    for number in range(rows):
        if chance.random() < 0.8:
            moment += timedelta(seconds=chance.uniform(1, most))
        yield number, moment, chance


def kraken_trades(rows: int) -> Iterator[list[str]]:
    for number, moment, chance in _moments(rows, 1):
        size, price = chance.randrange(1, 99_999_999), chance.randrange(20_000, 60_000)
        yield [
            *(f"TX{number:07}-AAAAA-BBBBBB", f"OX{number:07}-AAAAA-BBBBBB", "XXBTZEUR"),
            *(f"{moment:%Y-%m-%d %H:%M:%S}.{number % 10_000:04}", _side(number), "limit"),
            *(f"{price}.00000", f"{size * price / 1e8:.5f}", f"{size / 1e5:.5f}"),
            *(f"{size / 1e8:.8f}", "0.00000", "", ""),
        ]


def kraken_ledgers(rows: int) -> Iterator[list[str]]:
    """Two rows a trade, with the balance after each."""
    held = {"XXBT": 10**16, "ZEUR": 10**16}
    for number, moment, chance in _moments(rows // 2, 2):
        size, price = chance.randrange(1, 99_999_999), chance.randrange(20_000, 60_000)
        sign = 1 if _side(number) == "buy" else -1
        for asset, change in (("XXBT", sign * size), ("ZEUR", -sign * size * price)):
            held[asset] += change
            yield [
                *(f"L{asset[1]}{number:07}-AAAAA", f"TX{number:07}-AAAAA-BBBBBB"),
                *(f"{moment:%Y-%m-%d %H:%M:%S}", "trade", "", "currency", asset),
                *(_decimal(change), "0", _decimal(held[asset])),
            ]


def binance_trades(rows: int) -> Iterator[list[str]]:
    """Without ids, the newest first."""
    for number, moment, chance in reversed(list(_moments(rows, 3))):
        size, price = chance.randrange(1, 99_999), chance.randrange(20_000, 60_000)
        yield [
            *(f"{moment:%Y-%m-%d %H:%M:%S}", "BTCUSDT", _side(number).upper(), f"{price}.00"),
            *(f"{size / 1e5:.5f}BTC", f"{size * price / 1e5:.7f}USDT", f"{size / 1e8:.8f}BTC"),
        ]


def _side(number: int) -> str:
    return "sell" if number % 2 else "buy"


def _decimal(units: int) -> str:
    """A figure of so many hundred-millionths."""
    return f"{'-' if units < 0 else ''}{abs(units) // 10**8}.{abs(units) % 10**8:08}"


FILES: dict[str, tuple[Cells, Callable[[int], Iterator[list[str]]]]] = {
    "trades with ids (kraken)": (_TRADES, kraken_trades),
    "trades without ids (binance)": (_BINANCE, binance_trades),
    "ledger rows with balances (kraken)": (_LEDGERS, kraken_ledgers),
}
#: The files of which a row is a row of the API.
COMPARED = tuple(FILES)[:2]
