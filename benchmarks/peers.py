"""The portfolio beside other programs: hledger and ledger with the same fills in a journal, and a
loop over ccxt that asks the same simulated exchange."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from benchmarks.costs import per_fill
from benchmarks.ground import Bench, Ground, process
from benchmarks.journal import write
from benchmarks.lines import Line, measured, ratios
from benchmarks.timing import Series

#: From this number of fills on, excache is to be ahead.
AHEAD = {"hledger": 1_000, "ledger": 10_000}


def run(bench: Bench) -> Iterator[Line]:
    """Each size in turn; a program that is not installed is left out, and named."""
    for name in AHEAD:
        if shutil.which(name) is None:
            print(f"  ({name} is not installed)")
    for size in bench.sizes:
        with bench.ledger(size) as ground:
            yield from _journals(bench, ground, size)
            yield from _loop(bench, ground, size)


def _journals(bench: Bench, ground: Ground, size: int) -> Iterator[Line]:
    names = [name for name in AHEAD if shutil.which(name)]
    if not names:
        return
    journal, empty = ground.home / "fills.journal", ground.home / "empty.journal"
    held = write(ground.cache, journal)
    empty.write_text("", encoding="utf-8")
    if "hledger" in names:
        _check(ground, journal, held)
    cached = ground.excache("portfolio", "--json", "--no-refresh")
    opened, rebuilt = (process("rebuild", kind, str(ground.cache)) for kind in ("open", "one"))
    asked = [_balance(name, file) for name in names for file in (journal, empty)]
    portfolio, without, whole, *found = ground.take_turns(
        [cached, opened, rebuilt, *asked], bench.rounds
    )
    fills, written = ground.fills(), journal.read_text(encoding="utf-8").count("@@")
    ours = per_fill(whole, without, fills)
    for index, name in enumerate(names):
        series, nothing = found[2 * index : 2 * index + 2]
        yield from _beside(name, size, fills, series, portfolio)
        theirs = per_fill(series, nothing, written)
        yield measured(
            "peers",
            f"a whole rebuild of {size:,} fills, a fill: {name} / excache (one method)",
            "x",
            [their / our for their, our in zip(theirs, ours, strict=True)],
            series,
            at_least=1 if name == "hledger" else None,
        )


def _beside(name: str, size: int, fills: int, series: Series, ours: Series) -> Iterator[Line]:
    yield measured(
        "peers",
        f"balances at cost and value of {size:,} fills: {name} / portfolio --json",
        "x",
        ratios(series, ours),
        series,
        at_least=1 if size >= AHEAD[name] else None,
        curve=f"{name} balance",
        size=fills,
    )


def _balance(name: str, journal: Path) -> list[str]:
    return [name, "-f", str(journal), "balance", "assets", "-V"]


def _check(ground: Ground, journal: Path, held: dict[str, Decimal]) -> None:
    """hledger must read every fill: what it says is held is what the fills sum up to."""
    words = ["hledger", "-f", str(journal), "balance", "assets", "-N", "-O", "csv", "--layout=bare"]
    rows = list(csv.reader(io.StringIO(ground.output(words))))[1:]
    found = {row[1]: Decimal(row[2]) for row in rows}
    wrong = {name for name, total in held.items() if found.get(name, Decimal(0)) != total}
    if wrong:
        raise SystemExit(f"hledger holds another quantity of {', '.join(sorted(wrong))}")


def _loop(bench: Bench, ground: Ground, size: int) -> Iterator[Line]:
    """A program without a cache: balances, prices and every page of every symbol's fills."""
    symbols = [
        row[0]
        for row in ground.query(
            "SELECT DISTINCT symbol FROM exchange_fills WHERE category = 'spot' ORDER BY symbol"
        )
    ]
    account = ground.simulator.venue.account("main")
    (ground.home / "loop.json").write_text(
        json.dumps({"exchange": "binance", "port": ground.simulator.port, "symbols": symbols,
                    "apiKey": account.api_key, "secret": account.secret})
    )  # fmt: skip
    loop = process("loop", "loop.json")
    ground.simulator.requests.clear()
    ground.timed(loop)
    requests = len(ground.simulator.requests)
    cached = ground.excache("portfolio", "--json", "--no-refresh")
    ours, series = ground.take_turns([cached, loop], bench.rounds)
    yield measured(
        "peers",
        f"the portfolio of {size:,} fills: a loop over ccxt / portfolio --json",
        "x",
        ratios(series, ours),
        series,
        requests=requests,
        curve="a loop over ccxt",
        size=ground.fills(),
    )
