"""An hour of many accounts whose cache several workers share on a server: what they, the server
and the exchanges spend, and what the server's sessions wait for; with ``LONG=1``, 2,000 of them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.crowd import Hour, hour
from benchmarks.ground import Bench
from benchmarks.lines import Line, measured
from benchmarks.recorded import recorded
from benchmarks.server import SETTINGS
from tests.postgres import Cluster, missing

WORKERS = 4
#: So many times the accounts of other parts; the last where a million fills are measured, too.
TIMES = (5, 20, 100)
LONG = 1_000_000


def run(bench: Bench) -> Iterator[Line]:
    reason = missing()
    if reason is not None:
        print(f"  ({reason}: nothing is measured)")
        return
    numbers = [bench.accounts * one for one in (TIMES if LONG in bench.sizes else TIMES[:-1])]
    with (
        Cluster.running(*SETTINGS) as cluster,
        tempfile.TemporaryDirectory(prefix="excache-machines-") as folder,
        recorded(cluster, Path(folder)) as recording,
    ):
        for number in numbers:
            load = os.getloadavg()[0]
            place = Path(folder) / f"{number}"
            place.mkdir()
            yield from _lines(hour(cluster, recording, number, WORKERS, place), load)


def _lines(found: Hour, load: float) -> Iterator[Line]:
    number, waits = found.accounts, found.waits
    what = f"an hour of {number:,} accounts, {WORKERS} workers"
    memory = max(one.memory for one in found.workers)
    more = {"cpu": _cpu(found), "memory": memory, "requests": found.requests}
    yield _line(what, "s", found.wall, **more)
    yield _line(f"({what}: other work of the machine, its load average at the start)", "", load)
    yield _line(f"{what}: requested otherwise than recorded", "requests", len(found.wrong))
    yield _line(f"({what}: CPU of the workers, an account)", "s", _cpu(found) / number)
    last = max(one.cpu for one in found.workers) - min(one.cpu for one in found.workers)
    yield _line(f"({what}: CPU of the one that computes for all, beside another)", "s", last)
    yield _line(f"({what}: CPU of the server)", "s", found.server)
    yield _line(f"({what}: CPU of what serves the recorded answers)", "s", found.exchanges)
    yield _line(f"({what}: transactions)", "a second", found.commits / found.wall)
    yield _line(f"({what}: rows inserted, changed or deleted)", "rows", found.rows)
    yield _line(f"({what}: write-ahead log)", "MB", found.log / 1_000_000)
    yield _line(f"({what}: connections at once)", "connections", waits.most)
    for doing, times in waits.doing.most_common(4):
        yield _line(f"({what}: sessions in a transaction, {doing})", "of them", times / waits.looks)
    for wrong in found.wrong[:10]:
        print(f"  {wrong}")


def _line(name: str, unit: str, value: float, **more: float) -> Line:
    return measured("machines", name, unit, [value], **more)


def _cpu(found: Hour) -> float:
    return sum(one.cpu for one in found.workers)
