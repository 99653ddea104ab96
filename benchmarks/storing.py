"""What storing a page of fills costs beside sqlite3 alone."""

from __future__ import annotations

import json
from collections.abc import Iterator

from benchmarks.ground import Bench, process
from benchmarks.lines import Line, measured


def run(bench: Bench) -> Iterator[Line]:
    size = bench.sizes[min(1, len(bench.sizes) - 1)]
    with bench.ledger(size) as ground:
        found = json.loads(ground.output(process("store", str(ground.cache), str(bench.few))))
    name = f"storing {found['rows']:,} fills / raw executemany of the same rows"
    new = [ours / raw for ours, _, raw in found["rounds"]]
    yield measured("storing", name, "x", new, at_most=4)
    known = [again / raw for _, again, raw in found["rounds"]]
    yield measured("storing", "the same pages again, all rows known / raw executemany", "x", known)
    each = [ours / found["rows"] * 1e6 for ours, _, _ in found["rounds"]]
    yield measured("storing", "(storing one fill)", "µs", each)
