"""A sync that is stopped in the middle: quickly, with everything fetched so far kept, and completed
by the next one."""

from __future__ import annotations

import signal
import subprocess
import time
from typing import Any

import pytest

from exchange_cache.records import FillKind
from tests.e2e.world import World


def _wait_until(condition: Any, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
def test_an_interrupted_sync_ends_quickly_and_the_next_one_completes_it(
    fresh: World, number: signal.Signals
) -> None:
    fresh.simulator.set_latency(150)
    seen = len(fresh.simulator.requests)
    process = fresh.start(["sync"])
    try:
        _wait_until(
            lambda: (
                sum("History" in call.path for call in list(fresh.simulator.requests)[seen:]) >= 3
            )
        )
        process.send_signal(number)
        sent = time.monotonic()
        out, err = process.communicate(timeout=20)
    finally:
        process.kill()
    assert time.monotonic() - sent < 4
    assert process.returncode == 130
    assert out == ""
    assert err.startswith("excache: stopped. ")
    assert err.endswith(" saved; averages come next.   excache sync\n")
    assert "Traceback" not in err
    fresh.simulator.set_latency(0)
    kept = _ids(fresh)
    assert fresh.run("sync").code == 0
    assert kept <= _ids(fresh)
    trades = [
        (item.symbol, item.fill_id)
        for item in fresh.repository().ledger.fills()
        if item.kind is FillKind.TRADE
    ]
    served = fresh.truth("kraken")["fills_served"].values()
    expected = [
        (symbol, str(name))
        for symbols in served
        for symbol, names in symbols.items()
        for name in names
    ]
    assert sorted(trades) == sorted(expected), "nothing is missing and nothing is doubled"


def _ids(world: World) -> set[tuple[str, ...]]:
    repository = world.repository()
    try:
        fills = {
            ("fill", item.account, item.symbol, item.fill_id) for item in repository.ledger.fills()
        }
        transfers = {
            ("transfer", item.account, item.scope, item.transfer_id)
            for item in repository.ledger.transfers()
        }
        return {*fills, *transfers}
    finally:
        repository.close()


@pytest.mark.long
def test_a_sync_while_another_one_runs_leaves_quietly(fresh: World) -> None:
    fresh.simulator.set_latency(150)
    seen = len(fresh.simulator.requests)
    first = fresh.start(["sync"])
    try:
        _wait_until(lambda: len(fresh.simulator.requests) > seen)
        done = fresh.process("sync")
        assert (done.code, done.out, done.err) == (0, "", "")
        reported = fresh.run("status")
        assert "Running now: sync (pid" in reported.out
        late = fresh.process("reload", "--force", "--lock-wait", "1s")
        assert late.code == 75
        assert "sync (pid" in late.err
    finally:
        first.send_signal(signal.SIGINT)
        first.communicate(timeout=20)


def test_the_served_demo_ends_with_ctrl_c(tmp_path: Any) -> None:
    import os
    import sys

    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "exchange_cache",
            "demo",
            "--serve",
            "--home",
            str(tmp_path / "demo"),
            "--fills",
            "100",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == f"export EXCACHE_HOME={tmp_path / 'demo'}\n"
        assert (tmp_path / "demo" / "config.toml").exists()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=10)
    finally:
        process.kill()
    assert process.returncode == 0
    assert "Traceback" not in err
