"""An hour of thousands of accounts whose answers are recorded: workers with addresses of their own
share one cache on a server that waits for the disk, and every exchange answers after 100 ms."""

from __future__ import annotations

import json
import subprocess
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.ground import environment, process
from benchmarks.recorded import HOUR, Recorded, accounts, cloned, homes_of
from benchmarks.timing import Took, timed
from tests.postgres import Cluster, name_of

LATENCY_MS = 100
#: How often it is looked at what the server waits for.
LOOKS_A_SECOND = 5
_LOOK = """
SELECT coalesce(wait_event_type || ' ' || wait_event, 'running'), count(*)
FROM pg_stat_activity WHERE datname = current_database() AND pid != pg_backend_pid()
AND state != 'idle' GROUP BY 1
"""


@dataclass(slots=True)
class Waits:
    """What sessions did whenever they were looked at, and the most that there were at once."""

    looks: int = 0
    doing: Counter[str] = field(default_factory=Counter)
    most: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """What the hour of all workers took, in seconds; ``wrong``: what was requested otherwise than
    recorded."""

    accounts: int
    wall: float
    workers: tuple[Took, ...]
    server: float
    exchanges: float
    requests: int
    commits: int
    rows: int
    log: int
    waits: Waits
    wrong: tuple[str, ...]


def hour(cluster: Cluster, recording: Recorded, number: int, workers: int, folder: Path) -> Hour:
    """So many accounts, each read once by so many workers that start at once."""
    names = accounts(number)
    url = cloned(cluster, recording, names)
    ahead = (recording.began - datetime.now(UTC)).total_seconds() - HOUR + 120
    with _answering(recording, ahead, 0) as port:
        homes = _placed(recording, names, folder / "before", 1, port, url)
        _sync(homes[0], ahead, "--if-stale")  # the costs of all
    ahead = (recording.began - datetime.now(UTC)).total_seconds()
    with _answering(recording, ahead, LATENCY_MS) as port:
        homes = _placed(recording, names, folder / "workers", workers, port, url)
        before, spent = _counted(cluster, url), cluster.cpu()
        with _watched(url) as waits, ThreadPoolExecutor(workers) as together:
            began = time.perf_counter()
            took = tuple(together.map(lambda home: _sync(home, ahead), homes))
            wall = time.perf_counter() - began
        served = _served(port)
        after = _counted(cluster, url)
        commits, rows, log = (new - old for new, old in zip(after, before, strict=True))
        return Hour(
            accounts=number,
            wall=wall,
            workers=took,
            server=cluster.cpu() - spent,
            exchanges=served["cpu"],
            requests=sum(times for *_, times in served["served"]),
            commits=commits,
            rows=rows,
            log=log,
            waits=waits,
            wrong=tuple(_wrong(recording, names, served)),
        )


def _placed(
    recording: Recorded, names: dict[str, str], folder: Path, number: int, port: int, url: str
) -> list[Path]:
    """Homes whose exchanges are the recorded answers."""
    folder.mkdir()
    homes = homes_of(recording, names, folder, number)
    for home in homes:
        config = home / "config.toml"
        text = config.read_text(encoding="utf-8")
        for old, new in ((f":{recording.port}/", f":{port}/"), (recording.url, url)):
            text = text.replace(old, new)
        config.write_text(text, encoding="utf-8")
    return homes


def _sync(home: Path, ahead: float, *options: str) -> Took:
    return timed(process("later", f"{ahead:.0f}", "sync", *options), environment(home), home)


@contextmanager
def _answering(recording: Recorded, ahead: float, latency: float) -> Iterator[int]:
    """The port at which recorded answers are served."""
    words = process("answers", str(recording.answers), str(ahead), str(latency))
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield int(server.stdout.readline())
        finally:
            server.terminate()


def _served(port: int) -> dict[str, Any]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/_counts") as answer:
        return dict(json.load(answer))


def _counted(cluster: Cluster, url: str) -> tuple[int, int, int]:
    """Transactions that were committed, rows that were written, and bytes of the log."""
    ((commits, rows, log),) = cluster.execute(
        "SELECT xact_commit, tup_inserted + tup_updated + tup_deleted,"
        " pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint"
        " FROM pg_stat_database WHERE datname = current_database()",
        name_of(url),
    )
    return int(commits), int(rows), int(log)  # type: ignore[call-overload]


@contextmanager
def _watched(url: str) -> Iterator[Waits]:
    """What the sessions of a database do meanwhile, so often a second."""
    import psycopg

    found, ended = Waits(), threading.Event()

    def watch() -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            while not ended.wait(1 / LOOKS_A_SECOND):
                found.looks += 1
                found.doing.update(dict(connection.execute(_LOOK).fetchall()))
                (most,) = connection.execute(
                    "SELECT count(*) - 1 FROM pg_stat_activity WHERE datname = current_database()"
                ).fetchone() or (0,)
                found.most = max(found.most, most)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield found
    finally:
        ended.set()
        watcher.join()


def _wrong(recording: Recorded, names: dict[str, str], served: dict[str, Any]) -> Iterator[str]:
    """What differs from the recording: a run over copied rows requests what one over synced rows
    does, and each account is read once."""
    yield from (f"not recorded: {what} ({times} times)" for what, times in served["missed"].items())
    sent: dict[str, dict[str, int]] = {name: {} for name in names}
    for key, what, times in served["served"]:
        if key:
            sent[key.rpartition("-")[2]][what] = times
    for name, like in names.items():
        expected = recording.requests[like]
        yield from (
            f"{name}, like {like}: {what}: {sent[name].get(what, 0)}, not {expected.get(what, 0)}"
            for what in sorted({*expected, *sent[name]})
            if sent[name].get(what, 0) != expected.get(what, 0)
        )
