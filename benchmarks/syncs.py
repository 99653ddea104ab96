"""How many requests the first sync of the demo's exchanges sends, and what the next one costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from benchmarks.ground import Bench, Ground, world
from benchmarks.lines import Line, measured
from exchange_cache.simulator.venue.core import ALL_ACCOUNTS, SECOND_ACCOUNT


def run(bench: Bench) -> Iterator[Line]:
    options = {"accounts": {**ALL_ACCOUNTS, **SECOND_ACCOUNT}, **bench.world}
    accounts = Counter(options["accounts"].values())
    many = f"{accounts.total()} accounts of {len(accounts)} exchanges"
    with world(**options) as ground:
        took, sent = ground.counted("sync")
        for exchange, number in sorted(sent.items()):
            yield measured("first sync", f"first sync, {exchange}", "requests", [number])
        yield measured(
            "first sync",
            f"first sync of {many} ({_rows(ground):,} rows)",
            "requests",
            [sent.total()],
            (took,),
            at_most=5000,
            requests=sent.total(),
        )
        ground.counted("sync")
        again, sent = ground.counted("sync")
        name = f"the third sync of {many}"
        yield measured(
            "first sync", name, "requests", [sent.total()], (again,), requests=sent.total()
        )


def _rows(ground: Ground) -> int:
    tables = ("exchange_fills", "exchange_orders", "exchange_transfers")
    return sum(ground.query(f"SELECT count(*) FROM {name}")[0][0] for name in tables)
