"""What averages cost: after ten new fills, from nothing, and asked of the past."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from benchmarks.ground import Bench, Ground, process
from benchmarks.lines import Line, measured
from benchmarks.timing import BARE, Series, Took, take_turns

NEW = 10
#: Questions that a stored answer does not answer.
QUESTIONS = (
    "explain BTC",
    "diff --since 7d",
    "portfolio --at {month} --no-refresh",
    "portfolio --cost-method fifo --no-refresh",
)
#: From this number of fills on the questions have a goal.
MANY = 100_000


def new_fills(bench: Bench) -> Iterator[Line]:
    """Syncs with ten new fills and without any, in turn, at every size."""
    for size in bench.sizes:
        with bench.ledger(size) as ground:
            yield from _new_fills(bench, ground, size)


def _new_fills(bench: Bench, ground: Ground, size: int) -> Iterator[Line]:
    ground.simulator.venue.deposit("main", "USDT", Decimal(10_000), wallet="spot")
    _sync_with_fills(ground)
    rounds = []
    for _ in range(bench.few):
        bare = ground.timed(BARE)
        quiet, quiet_requests = ground.counted("sync")
        busy, busy_requests = _sync_with_fills(ground)
        rounds.append((bare, quiet, busy, quiet_requests.total(), busy_requests))
    starts = [(busy.cpu - quiet.cpu) / bare.cpu for bare, quiet, busy, _, _ in rounds]
    busy_series = tuple(one[2] for one in rounds)
    yield measured(
        "fills",
        f"sync with {NEW} new fills at {size:,}, above one without",
        "bare starts",
        starts,
        busy_series,
        at_most=40,
        memory_at_most=150,
        requests=rounds[-1][4],
        curve=f"excache sync, {NEW} new fills",
        size=ground.fills(),
    )
    quiet_series = tuple(one[1] for one in rounds)
    yield measured(
        "fills",
        f"sync without a new fill at {size:,}",
        "s CPU",
        [one.cpu for one in quiet_series],
        quiet_series,
        requests=rounds[-1][3],
    )


def _sync_with_fills(ground: Ground) -> tuple[Took, int]:
    """A sync after ten trades; all of them must be stored."""
    before, venue = ground.fills(), ground.simulator.venue
    for number in range(NEW):
        side = "sell" if number % 2 else "buy"
        venue.trade("main", "BTC/USDT", side, quote_amount=Decimal(50 - number))
    took, requests = ground.counted("sync")
    if ground.fills() != before + NEW:
        raise SystemExit(f"{ground.fills() - before} of {NEW} new fills were stored")
    return took, requests.total()


def rebuild(bench: Bench) -> Iterator[Line]:
    """The cost of the whole ledger from nothing, a fill of it: one method, all in one pass, and
    all with their states stored."""
    for size in bench.sizes[1:] or bench.sizes:
        with bench.ledger(size) as ground:
            yield from _rebuild(bench, ground, size)


def _rebuild(bench: Bench, ground: Ground, size: int) -> Iterator[Line]:
    goals = {"one": 80.0, "all": 150.0, "stored": None}
    names = {"one": "one method", "all": "all methods", "stored": "all methods, stored"}
    fills = ground.fills()
    with tempfile.TemporaryDirectory(prefix="excache-rebuild-") as folder:
        copied = Path(folder) / "cache.sqlite3"

        def run(words: Sequence[str]) -> Took:
            ground.copy_cache(copied)
            return ground.timed(words)

        commands = [process("rebuild", kind, str(copied)) for kind in ("open", *goals)]
        opened, *found = take_turns(commands, bench.rounds, run)
    for (kind, goal), series in zip(goals.items(), found, strict=True):
        yield measured(
            "rebuild",
            f"whole rebuild of {size:,} fills, {names[kind]}",
            "µs a fill",
            per_fill(series, opened, fills),
            series,
            at_most=goal,
            memory_at_most=None if goal is None else 300,
            curve=f"excache rebuild, {names[kind]}" if kind != "stored" else "",
            size=fills,
        )


def per_fill(series: Series, without: Series, fills: int) -> list[float]:
    """Microseconds of CPU for each fill, in each round."""
    pairs = zip(series, without, strict=True)
    return [(one.cpu - other.cpu) / fills * 1e6 for one, other in pairs]


def questions(bench: Bench) -> Iterator[Line]:
    """Questions about the past and about other methods, at every size."""
    month = f"{datetime.now(UTC) - timedelta(days=30):%Y-%m-%d}"
    for size in bench.sizes:
        with bench.ledger(size) as ground:
            asked = [text.format(month=month) for text in QUESTIONS]
            commands = [ground.excache(*text.split()) for text in asked]
            found = ground.take_turns(commands, bench.rounds)
            for text, series in zip(QUESTIONS, found, strict=True):
                name = text.replace("{month}", "DAY").replace(" --no-refresh", "")
                of_them = f", {_fills_since(ground, 7):,} of them since" if "7d" in name else ""
                yield measured(
                    "questions",
                    f"{name}, {size:,} fills{of_them}",
                    "s CPU",
                    [one.cpu for one in series],
                    series,
                    at_most=1 if size >= MANY else None,
                    memory_at_most=80 if size >= MANY else None,
                    curve=f"excache {name}",
                    size=ground.fills(),
                )


def _fills_since(ground: Ground, days: int) -> int:
    since = int((datetime.now(UTC) - timedelta(days=days)).timestamp() * 1000)
    query = "SELECT count(*) FROM exchange_fills WHERE time_ms >= ?"
    return int(ground.query(query, since)[0][0])
