"""A sync that is killed (SIGKILL, at random moments) and run again leaves the same ledger as one
that was never disturbed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
from collections.abc import Callable

import pytest

from exchange_cache.cache.server import Place
from tests.e2e.world import World
from tests.homes import raw

pytestmark = pytest.mark.long

#: How often the sync is killed; EXCACHE_TEST_KILLS=50 is the long run.
KILLS = int(os.environ.get("EXCACHE_TEST_KILLS", "4"))

#: What the exchanges reported, row by row; when we fetched it is not part of it.
_LEDGERS = {
    "exchange_fills": (
        "account, category, symbol, fill_id, order_id, time_ms, side, base, quote, quantity, price,"
        " cost, fees, kind"
    ),
    "exchange_orders": (
        "account, category, symbol, order_id, created_ms, side, type, status, price, average,"
        " amount, filled, cost"
    ),
    "exchange_transfers": (
        "account, scope, transfer_id, kind, time_ms, asset, quantity, fee_asset, fee, status, tx_id"
    ),
}


def ledger(cache: Place) -> dict[str, list[tuple[object, ...]]]:
    with raw(cache) as database:
        return {
            table: database.select(f"SELECT {columns} FROM {table} ORDER BY {columns}", ())
            for table, columns in _LEDGERS.items()
        }


def test_killed_syncs_leave_the_ledger_of_an_undisturbed_one(
    make_world: Callable[..., World],
) -> None:
    world = make_world(fills=600, history_days=None if KILLS > 10 else 60)
    assert world.run("sync").code == 0
    undisturbed = ledger(world.cache)
    world.forget()
    world.simulator.set_latency(4)
    rng = random.Random(7)
    killed = 0
    for _ in range(KILLS):
        process = world.start(["sync"])
        try:
            process.wait(timeout=rng.uniform(0.7, 2.5))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            killed += 1
    assert killed >= KILLS // 2, "the kills must hit running syncs"
    world.simulator.set_latency(0)
    done = world.run("sync")
    assert (done.code, done.err) == (0, "")
    assert ledger(world.cache) == undisturbed
    assert world.run("db", "check").code == 0
