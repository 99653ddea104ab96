"""How many requests the first sync of the demo's exchanges sends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from benchmarks.ground import WHOLE, Bench, Ground, world
from benchmarks.lines import Line, measured
from exchange_cache.simulator.venue.core import ALL_ACCOUNTS, SECOND_ACCOUNT


def run(bench: Bench) -> Iterator[Line]:
    """With the settings of a new user, and as ``excache demo`` does it."""
    yield from _first(bench, "", "", at_most=5000)
    yield from _first(bench, WHOLE, ", every listed symbol at once (as in the demo)")


def _first(bench: Bench, settings: str, how: str, **goal: float) -> Iterator[Line]:
    options = {"accounts": {**ALL_ACCOUNTS, **SECOND_ACCOUNT}, **bench.world}
    accounts = Counter(options["accounts"].values())
    many = f"{accounts.total()} accounts of {len(accounts)} exchanges"
    with world(settings, **options) as ground:
        took, sent = ground.counted("sync")
        for exchange, number in sorted(sent.items()):
            yield measured("first sync", f"first sync, {exchange}{how}", "requests", [number])
        yield measured(
            "first sync",
            f"first sync of {many} ({_rows(ground):,} rows){how}",
            "requests",
            [sent.total()],
            (took,),
            requests=sent.total(),
            **goal,
        )


def _rows(ground: Ground) -> int:
    tables = ("exchange_fills", "exchange_orders", "exchange_transfers")
    return sum(ground.query(f"SELECT count(*) FROM {name}")[0][0] for name in tables)
