"""Whatever kind of stored time a clock that was ahead wrote, the next command distrusts it.

The table holds every kind of time that is stored, read back and compared with now.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from exchange_cache.clock import to_ms
from exchange_cache.sync.lock import WriterLock
from tests.builders import NOW
from tests.fresh.helpers import Home, MovedClock

DAY_MS = 86_400_000


def later(home: Home, days: float = 3) -> int:
    return to_ms(home.clock.now()) + int(days * DAY_MS)


def memory(home: Home, account: str, key: str, value: object) -> None:
    home.execute(
        "INSERT OR REPLACE INTO exchange_memory (account, key, value, updated_ms) "
        "VALUES (?, ?, ?, ?)",
        account,
        key,
        json.dumps(value),
        later(home),
    )


def _last_request(home: Home) -> None:
    memory(home, "kraken", "last_request_ms", later(home))


def _used(home: Home) -> None:
    memory(home, "kraken", "used", {"api": [0.99, later(home)]})


def _dear(home: Home) -> None:
    memory(home, "kraken", "dear", [[later(home), 60_000], [later(home), 60_000]])


def _ban(home: Home) -> None:
    memory(home, "", "pause kraken", {"until_ms": later(home) + 600_000, "banned": True})


def _markets(home: Home) -> None:
    memory(home, "kraken", "markets_at", later(home))


def _freshness(home: Home) -> None:
    moment = later(home)
    home.execute(
        "UPDATE exchange_sync_status SET succeeded_ms = ?, attempted_ms = ? WHERE state = 'ok'",
        moment,
        moment,
    )


def _streams(home: Home) -> None:
    home.execute(
        "UPDATE exchange_streams SET asked_ms = ?, completed_ms = ?", later(home), later(home)
    )


def _run(home: Home) -> None:
    home.execute(
        "INSERT INTO sync_runs (pid, command, started_ms, requests, rows) "
        "VALUES (1, 'sync', ?, 0, 0)",
        later(home),
    )


KINDS = {
    "last request": _last_request,
    "used allowance": _used,
    "dear requests": _dear,
    "ban": _ban,
    "markets": _markets,
    "freshness": _freshness,
    "progress of histories": _streams,
    "a run left open": _run,
}


def times_of_the_future(home: Home) -> list[str]:
    """Every stored time that says when excache did something, and lies in the future."""
    now = to_ms(home.clock.now()) + 5000
    found = []
    for table, columns in {
        "exchange_sync_status": ("attempted_ms", "succeeded_ms"),
        "exchange_streams": ("asked_ms", "completed_ms", "open_end_ms"),
        "exchange_coverage": ("end_ms",),
        "sync_runs": ("ended_ms",),
        "exchange_findings": ("since_ms",),
        "exchange_balances": ("fetched_ms",),
        "exchange_prices": ("fetched_ms",),
    }.items():
        for column in columns:
            if home.query(f"SELECT 1 FROM {table} WHERE {column} > ?", now):
                found.append(f"{table}.{column}")
    kept = {
        key: json.loads(value)
        for key, value in home.query(
            "SELECT key, value FROM exchange_memory WHERE account = 'kraken'"
        )
    }
    found += [key for key in ("last_request_ms", "markets_at") if kept[key] > now]
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_a_stored_time_of_the_future_delays_no_sync_and_is_gone_after_it(
    synced: Home, kind: str
) -> None:
    KINDS[kind](synced)
    asked = len(synced.simulator.calls("kraken", "BalanceEx"))
    synced.clock = clock = MovedClock(datetime.now(UTC))
    done = synced.run("sync", *(("--if-stale",) if kind == "freshness" else ()))
    assert (done.code, done.out) == (0, ""), done.err
    assert sum(clock.slept) < 1
    assert len(synced.simulator.calls("kraken", "BalanceEx")) == asked + 1
    assert times_of_the_future(synced) == []


def test_data_of_the_future_is_stale_and_says_so(synced: Home) -> None:
    _freshness(synced)
    said = synced.run("portfolio", "--no-refresh").out
    assert "which is in the future: the clock was ahead, so its age is unknown" in said
    states = {
        item["state"]
        for item in synced.run("portfolio", "--no-refresh", "--json").json()["freshness"]
    }
    assert states <= {"stale", "not_offered"}
    assert synced.run("portfolio", "--no-refresh", "--max-age", "1h").code == 75


def test_a_run_of_the_future_is_no_reason_to_rest_and_leaves_no_hours_missed(synced: Home) -> None:
    moment = later(synced)
    synced.execute(
        "UPDATE sync_runs SET started_ms = ?, ended_ms = ?, outcome = 'failed'", moment, moment
    )
    said = synced.run("status").out
    assert "by a clock that was ahead, failed" in said
    assert "missed" not in said
    synced.age(2)
    synced.execute("UPDATE sync_runs SET started_ms = ?, ended_ms = ?", moment, moment)
    assert synced.run("portfolio").code == 0
    synced.quiet()
    assert len(synced.runs()) == 2, "a refresh was started"


def test_a_lock_of_the_future_is_reported_as_such(synced: Home) -> None:
    holder = WriterLock(
        synced.home / "cache.sqlite3.lock", MovedClock(synced.clock.now() + timedelta(days=3))
    )
    assert holder.try_acquire("sync")
    try:
        note = json.loads((synced.home / "cache.sqlite3.lock").read_bytes())
        del note["monotonic"]  # as an older excache leaves it
        (synced.home / "cache.sqlite3.lock").write_text(json.dumps(note))
        assert "since a time in the future (the clock was ahead)" in synced.run("status").out
    finally:
        holder.release()


def test_a_finding_of_the_future_is_open_since_the_next_sync(synced: Home) -> None:
    synced.execute("UPDATE exchange_findings SET since_ms = ?", later(synced))
    known = len(synced.query("SELECT 1 FROM exchange_findings"))
    assert synced.run("sync").code == 0
    assert known == len(synced.query("SELECT 1 FROM exchange_findings"))
    assert times_of_the_future(synced) == []


def test_a_rate_asked_for_in_the_future_is_asked_for_again(synced: Home) -> None:
    derived = synced.repository().derived
    synced.execute("UPDATE asset_rates SET fetched_ms = ?, value = NULL", later(synced))
    stored = {(rate.asset, rate.at) for rate in derived.rates("USDT")}
    assert stored
    assert {
        (rate.asset, rate.at) for rate in derived.early_rates("USDT", until=synced.clock.now())
    } == stored


def test_a_snapshot_of_the_future_is_no_point_of_the_history(synced: Home) -> None:
    points = synced.run("history", "--format", "csv").out
    synced.execute(
        "INSERT INTO portfolio_snapshots (taken_ms, reporting_asset, value, stale_value, details) "
        "SELECT ?, reporting_asset, '1', stale_value, details FROM portfolio_snapshots",
        later(synced),
    )
    assert synced.run("history", "--format", "csv").out == points


@pytest.mark.long
def test_a_sync_under_a_clock_three_days_ahead_loses_nothing_and_holds_nobody_up(
    make_home: Callable[..., Home],
) -> None:
    """The exchange keeps its own time and excache follows it: the first sync is accepted."""
    moved, theirs = MovedClock(NOW + timedelta(days=3)), MovedClock(NOW)
    home = make_home(app_clock=moved, accounts={"main": "bybit"}, clock=theirs.ms)
    home.configure(f"history_start = {NOW - timedelta(days=20):%Y-%m-%d}")
    assert home.run("sync").code == 0
    fills = {
        str(fill.id)
        for fill in home.simulator.venue.trade("main", "BTC/USDT", "buy", Decimal("0.001"))
    }
    moved.at = theirs.at = NOW + timedelta(hours=3)
    moved.slept.clear()

    done = home.run("sync")
    pace = "excache: repaired: main: request times that lay in the future are forgotten\n"
    assert (done.code, done.err) == (0, pace), "nothing else of the future was stored"
    assert sum(moved.slept) < 60
    stored = {row[0] for row in home.query("SELECT fill_id FROM exchange_fills")}
    assert fills <= stored


def test_fills_seen_in_the_future_are_not_shown_as_new(synced: Home) -> None:
    assert synced.run("sync").code == 0
    synced.execute("UPDATE exchange_fills SET seen_ms = ?", later(synced))
    assert synced.run("reload", "--force", "--json").json()["new_fills"] == []


def test_rows_of_the_future_are_not_shown_as_just_now(synced: Home) -> None:
    _freshness(synced)
    synced.execute("UPDATE exchange_balances SET fetched_ms = ?", later(synced))
    assert "in the future (the clock was ahead)" in synced.run("balances").out
    heading, *status = synced.run("status").out.splitlines()  # the heading dates the last sync
    assert "stale" in heading
    assert any("! ?" in line for line in status) and not any("0 s" in line for line in status)
    details = synced.run("status", "--all").out
    assert "? stale" in details and " 0 s stale" not in details
    rows = synced.run("status", "--json").json()["rows"]
    assert {row["age_seconds"] for row in rows} == {None}
