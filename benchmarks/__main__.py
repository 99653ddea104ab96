"""``python -m benchmarks [PART…] [--long] [--write]`` (``make bench``): measures, prints, and keeps
what was measured; ``--write`` puts all that is kept into the documents. ``stress``: the whole crowd
on one cache."""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from benchmarks import (
    costs,
    exports,
    growth,
    hourly,
    imports,
    latency,
    machines,
    peers,
    reads,
    results,
    screen,
    server,
    storing,
    syncs,
)
from benchmarks.charges import Charge
from benchmarks.document import write
from benchmarks.ground import Bench, environment
from benchmarks.lines import Line
from benchmarks.timing import what_is_measured

Part = Callable[[Bench], Iterator[Line | Charge]]

#: Every part with what measures it, in the order of the document.
PARTS: dict[str, tuple[Part, ...]] = {
    "reads": (reads.beside_bare,),
    "sizes": (reads.at_every_size,),
    "crowd": (reads.with_accounts,),
    "writes": (reads.writes,),
    "fills": (costs.new_fills,),
    "rebuild": (costs.rebuild,),
    "questions": (costs.questions,),
    "growth": (growth.run,),
    "storing": (storing.run,),
    "server": (server.run,),
    "imports": (imports.run,),
    "exports": (exports.run,),
    "hourly": (hourly.run,),
    "syncs": (syncs.run,),
    "latency": (latency.first_sync,),
    "accounts": (latency.side_by_side,),
    "machines": (machines.run,),
    "peers": (peers.run,),
}
LONG = 1_000_000
KEPT = Path(".bench")
USAGE = f"usage: python -m benchmarks [{'|'.join(PARTS)}|stress]… [--long] [--write]"


def main(words: list[str]) -> int:
    options = {word for word in words if word.startswith("--")}
    parts = [word for word in words if word not in options]
    if parts == ["stress"]:
        from benchmarks.stress import run

        return run()
    if options - {"--long", "--write"} or set(parts) - set(PARTS):
        print(USAGE, file=sys.stderr)
        return 2
    bench = Bench(kept=KEPT / "homes")
    if "--long" in options:
        bench = replace(bench, sizes=(*bench.sizes, LONG))
    kept = KEPT / "results.json"
    found = results.read(kept)
    where = _where()
    for part in parts or PARTS:
        newer = results.of(_measured(part, bench), where)
        found = found.with_newer(newer)
        results.keep(found, kept)
    _sum_up(found)
    if "--write" in options:
        write(found, Path())
    return 0


def _where() -> str:
    """What is measured, on what, and how busy that was with other work at the start."""
    kind = what_is_measured(environment(Path.home()), Path.home())
    load = f"load average {os.getloadavg()[0]:.1f} at the start"
    return f"{kind}, {platform.system()} with {os.cpu_count()} cores, {load}"


def _measured(part: str, bench: Bench) -> Iterator[Line | Charge]:
    """Everything of a part, printed as soon as it is known."""
    began = time.perf_counter()
    print(f"{part}\n{'':42}{screen.HEADINGS}", flush=True)
    for measure in PARTS[part]:
        for one in measure(bench):
            if isinstance(one, Line):
                print(screen.text(one), flush=True)
            yield one
    print(f"  ({time.perf_counter() - began:.0f} s)\n", flush=True)


def _sum_up(found: results.Results) -> None:
    missed = found.missed()
    met = sum(1 for one in found.lines if one.is_met)
    print(f"{met} goals are met, {len(missed)} are missed.")
    for one in missed:
        print(f"  MISSED  {one.name}: {one.measured()}, goal {one.goal()}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
