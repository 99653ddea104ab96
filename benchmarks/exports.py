"""What an export costs for each fill, and how much memory it takes at every size."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.ground import Bench
from benchmarks.lines import Line, measured

#: What is exported; the lots of a method are in memory.
EXPORTS = ("beancount --method fifo", "hledger --method average", "jsonl", "koinly")


def run(bench: Bench) -> Iterator[Line]:
    for size in bench.sizes[1:] or bench.sizes:
        with bench.ledger(size) as ground:
            fills = ground.fills()
            for words in EXPORTS:
                command = ground.excache("export", *words.split())
                series = tuple(ground.timed(command) for _ in range(bench.rounds))
                yield measured(
                    "exports",
                    f"export {words}, {size:,} fills",
                    "µs a fill",
                    [one.cpu / fills * 1e6 for one in series],
                    series,
                    memory_at_most=150,
                    size=fills,
                )
