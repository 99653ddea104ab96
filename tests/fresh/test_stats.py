"""The product's own figures against an independent count, and what collectors read."""

from __future__ import annotations

import re
import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from exchange_cache.cache import metrics
from exchange_cache.cache.metrics import Sums
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.stored import Read
from exchange_cache.portfolio.statistics import Live, prometheus, statistics
from exchange_cache.records import DataType
from exchange_cache.value.freshness import SyncStatus
from tests.builders import NOW
from tests.fresh.helpers import Home, MovedClock

MINUTE = timedelta(minutes=1)


def _figures(home: Home) -> dict[str, str]:
    return {row["figure"]: row["value"] for row in home.run("stats", "--json").json()["rows"]}


@pytest.mark.long
def test_a_day_of_hourly_runs_and_fifty_reads_agrees_with_an_independent_count(
    make_home: Callable[..., Home],
) -> None:
    """Cron syncs at minute 17; kraken is down from hour 10 to hour 12; the counting below knows
    nothing of the cache."""
    clock = MovedClock(NOW.replace(hour=0))
    home = make_home(app_clock=clock, clock=clock.ms)
    home.configure("retries = 0")
    midnight = clock.at
    expected: Counter[str] = Counter()
    last_success = None
    waited: list[float] = []

    def read(*more: str) -> None:
        nonlocal last_success
        began = time.perf_counter()
        done = home.run("portfolio", "--no-refresh", *more)
        took = (time.perf_counter() - began) * 1000
        age = None if last_success is None else clock.at - last_success
        if age is None:
            expected["miss"] += 1
            assert done.code == 66
            return
        assert done.code == 0
        if "--wait" in more and age > 60 * MINUTE:
            expected["bypass"] += 1
            last_success = clock.at
            return
        waited.append(took)
        expected["stale" if age > 60 * MINUTE else "hit"] += 1

    read()
    for hour in range(24):
        clock.at = midnight + hour * 60 * MINUTE + 17 * MINUTE
        if hour == 10:
            home.simulator.stop_exchange("kraken")
        if hour == 12:
            home.simulator.start_exchange("kraken")
        code = home.run("sync").code
        assert (code == 0) is (hour not in (10, 11))
        if code == 0:
            last_success = clock.at
        for minute in (25, 40):
            clock.at = midnight + hour * 60 * MINUTE + minute * MINUTE
            read()
    clock.at += 3 * 60 * MINUTE
    read("--wait")
    assert expected == {"miss": 1, "hit": 44, "stale": 4, "bypass": 1}, "the story has changed"

    figures = _figures(home)
    assert {
        name: int(figures[name]) for name in ("reads", "hits", "stale", "misses", "bypasses")
    } == {
        "reads": 50,
        "hits": 44,
        "stale": 4,
        "misses": 1,
        "bypasses": 1,
    }
    assert figures["hit_rate"] == "88.0 %" and figures["served_from_cache"] == "96.0 %"
    with sqlite3.connect(home.home / "cache.sqlite3") as cache:
        kept = [
            row[0]
            for row in cache.execute(
                "SELECT duration_us / 1000.0 FROM cache_reads WHERE outcome IN ('hit', 'stale')"
                " ORDER BY 1"
            )
        ]
        runs = cache.execute("SELECT count(*), sum(outcome = 'ok') FROM sync_runs").fetchone()
    assert runs == (25, 23)
    assert len(kept) == 48
    assert float(figures["cached_p50_ms"]) == pytest.approx(kept[23], abs=0.06)  # the 24th of 48
    assert float(figures["cached_p95_ms"]) == pytest.approx(
        kept[45], abs=0.06
    )  # 95 % of 48 is 45.6: the 46th
    assert kept[-1] <= max(waited), "a read cannot have taken longer than the whole command did"
    asked = [call.path.rsplit("/", 1)[1] for call in home.simulator.calls("kraken")]
    looks = [
        asked[index + 1] == "Ticker" for index, path in enumerate(asked[:-1]) if path == "BalanceEx"
    ]
    assert looks and all(looks), "one look at kraken: the balances and the tickers"
    assert (int(figures["live_requests"]), int(figures["api_calls_saved"])) == (3, 48 * 3)
    assert int(figures["findings"]) == len(home.repository().derived.findings())


def test_a_look_counts_every_page_and_the_slowest_exchange(make_home: Callable[..., Home]) -> None:
    home = make_home(accounts={"bybit": "bybit"})
    view = ("--only", "balances", "--only", "positions", "--only", "prices")
    assert home.run("sync", *view).code == 0
    asked = len(home.simulator.requests)
    assert home.run("sync", *view).code == 0
    assert int(_figures(home)["live_requests"]) == len(home.simulator.requests) - asked


def test_counting_never_makes_a_read_wait_or_fail(synced: Home) -> None:
    with sqlite3.connect(synced.home / "cache.sqlite3", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        done = synced.run("portfolio", "--no-refresh")
        took = time.monotonic() - began
        other.execute("ROLLBACK")
    assert done.code == 0 and "Portfolio" in done.out and done.err == ""
    assert took < 2
    assert synced.outcomes() == ["hit"]


def test_counters_do_not_fall_when_old_reads_are_trimmed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics, "KEEP_READS", 50)
    repository = ExchangeCacheRepository.open(tmp_path / "cache.sqlite3")
    for number in range(250):
        outcome = "stale" if number % 5 == 0 else "hit"
        repository.metrics.record(
            Read(at=NOW, command="portfolio", outcome=outcome, duration_us=10)
        )
        if number % 60 == 0:
            repository.metrics.take_in(NOW)
    assert len(repository.metrics.reads()) < 150
    assert repository.metrics.sums() == {
        "hit": Sums(count=200, duration_us=2000),
        "stale": Sums(count=50, duration_us=500),
    }
    repository.close()


# --- prometheus -----------------------------------------------------------------------------------

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\\\|\\"|\\n)*"'
SAMPLE = re.compile(
    rf"({NAME})(?:\{{({LABEL}(?:,{LABEL})*)\}})?"
    r" (-?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?|NaN|\+Inf|-Inf)"
)
KINDS = {"counter", "gauge", "summary"}


def check_exposition(text: str) -> dict[str, str]:
    """Read the text format as its description has it (prometheus.io, "Text-based format"); the
    samples by name and labels."""
    assert text.endswith("\n") and "\n\n" not in text
    kinds: dict[str, str] = {}
    helped: list[str] = []
    samples: dict[str, str] = {}
    current = ""
    for line in text.splitlines():
        if line.startswith("# HELP "):
            current = line.split(" ", 3)[2]
            assert re.fullmatch(NAME, current) and current not in helped, "one family, one place"
            helped.append(current)
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name == current and kind in KINDS and name not in kinds
            kinds[name] = kind
            assert (kind == "counter") is name.endswith("_total")
        else:
            match = SAMPLE.fullmatch(line)
            assert match, line
            name = match[1]
            if kinds[current] == "summary":
                assert name in (current, f"{current}_sum", f"{current}_count")
                assert (name == current) is ("quantile=" in (match[2] or ""))
            else:
                assert name == current
            key = f"{name}{{{match[2] or ''}}}"
            assert key not in samples, "a sample reported twice"
            samples[key] = match[3]
    assert set(kinds) == set(helped)
    return samples


def test_the_prometheus_text_is_valid_and_true(synced: Home) -> None:
    assert synced.run("portfolio").code == 0
    synced.age(hours=2)
    assert synced.run("portfolio", "--no-refresh").code == 0
    done = synced.run("stats", "--format", "prometheus")
    assert done.code == 0
    samples = check_exposition(done.out)
    assert samples['excache_reads_total{outcome="hit"}'] == "1"
    assert samples['excache_reads_total{outcome="stale"}'] == "1"
    assert samples["excache_cached_read_seconds_count{}"] == "2"
    succeeded = synced.query(
        "SELECT succeeded_ms FROM exchange_sync_status WHERE data_type = 'balances' AND part = ''"
    )[0][0]
    stamp = samples['excache_last_success_timestamp_seconds{account="kraken",data_type="balances"}']
    assert float(stamp) == pytest.approx(succeeded / 1000)
    assert samples['excache_sync_failures{account="kraken",data_type="fills"}'] == "0"


def test_the_prometheus_text_is_valid_with_nothing_measured_and_with_odd_names() -> None:
    nothing = statistics((), Live(milliseconds=None, requests=0), 0)
    check_exposition(prometheus(nothing, {}, ()))
    odd = [SyncStatus(account='a"b\\c\nd', data_type=DataType.FILLS, succeeded_at=NOW)]
    samples = check_exposition(prometheus(nothing, {}, odd))
    assert r'excache_sync_failures{account="a\"b\\c\nd",data_type="fills"}' in samples
