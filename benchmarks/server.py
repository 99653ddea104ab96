"""What a cache on a PostgreSQL server costs beside a file: the portfolio, and storing pages beside
the driver alone. The server runs on this machine with the settings that Debian installs, so each
commit waits for the disk."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.ground import Bench, Ground, process
from benchmarks.lines import Line, measured
from benchmarks.reads import words_of
from benchmarks.timing import BARE, Series
from tests.postgres import Cluster, missing

#: What the tests switch off.
SETTINGS = ("fsync=on", "full_page_writes=on", "synchronous_commit=on", "autovacuum=on")
READS = ("portfolio --json", "portfolio")
_DRIVER = (sys.executable, "-c", "import psycopg")


def run(bench: Bench) -> Iterator[Line]:
    reason = missing()
    if reason is not None:
        print(f"  ({reason}: nothing is measured)")
        return
    size = bench.sizes[min(1, len(bench.sizes) - 1)]
    with Cluster.running(*SETTINGS) as cluster, bench.ledger(size) as ground:
        with _copied(ground, cluster.create()) as shared:
            for read in READS:
                yield from _reads(bench, read, ground, shared)
        yield from _storing(bench, ground, cluster)


@contextmanager
def _copied(ground: Ground, url: str) -> Iterator[Path]:
    """A home with the same accounts whose cache is on the server."""
    home = ground.home / "shared"
    home.mkdir()
    for file in ground.home.iterdir():
        if file.is_file() and not file.name.startswith("cache.sqlite3"):
            (home / file.name).write_bytes(file.read_bytes())
            (home / file.name).chmod(0o600)
    ground.timed(ground.excache("db", "copy", "--to", url))
    config = home / "config.toml"
    config.write_text(f'cache_url = "{url}"\n{config.read_text(encoding="utf-8")}')
    shared = Ground(ground.simulator, home)
    shared.timed(shared.excache("sync"))  # prepares the answers for this configuration
    yield home


def _reads(bench: Bench, read: str, ground: Ground, shared: Path) -> Iterator[Line]:
    """In one round: the command from a file, the same from the server, and what importing the
    driver takes."""
    words = ground.excache(*words_of(read))
    there = ["env", f"HOME={shared}", f"EXCACHE_HOME={shared}", *words]
    here = ["env", f"HOME={ground.home}", f"EXCACHE_HOME={ground.home}", *words]
    bare, driver, file, server = ground.take_turns([BARE, _DRIVER, here, there], bench.times)
    for unit in ("cpu", "wall"):
        kind = "CPU" if unit == "cpu" else "wall time"
        values = [_of(series, unit) for series in (bare, driver, file, server)]
        rounds = list(zip(*values, strict=True))
        name = f"{read} on a server / from a file, {kind}"
        whole = [one[3] / one[2] for one in rounds]
        yield measured("server", name, "x", whole, server, at_most=4)
        name = f"{read} on a server, without the import of the driver / from a file, {kind}"
        rest = [(one[3] - (one[1] - one[0])) / one[2] for one in rounds]
        yield measured("server", name, "x", rest, at_most=1.5)
    imports = [one.cpu - other.cpu for one, other in zip(driver, bare, strict=True)]
    yield measured("server", f"(importing the driver, beside {read})", "s CPU", imports)


def _of(series: Series, unit: str) -> Sequence[float]:
    return [float(getattr(one, unit)) for one in series]


def _storing(bench: Bench, ground: Ground, cluster: Cluster) -> Iterator[Line]:
    urls = [cluster.create() for _ in range(2)]
    words = process("store_server", str(ground.cache), *urls, str(bench.few))
    found = json.loads(ground.output(words))
    for index, kind in enumerate(("wall time", "CPU of both processes")):
        ours, again, pages, one = (
            [row[name][index] for row in found["rounds"]] for name in found["names"]
        )
        rows = f"{found['rows']:,} fills"
        name = f"storing {rows} on a server / executemany in one transaction, {kind}"
        yield measured("server", name, "x", _ratios(ours, one), at_most=2)
        name = f"storing {rows} on a server / executemany page by page, {kind}"
        yield measured("server", name, "x", _ratios(ours, pages), at_most=2)
        name = f"the same pages again, all rows known / executemany in one transaction, {kind}"
        yield measured("server", name, "x", _ratios(again, one))
    each = [row["excache"][0] / found["rows"] * 1e6 for row in found["rounds"]]
    yield measured("server", "(storing one fill on a server)", "µs", each)


def _ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    return [one / other for one, other in zip(ours, theirs, strict=True)]
