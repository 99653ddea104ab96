"""What the benchmark stands on is synced over HTTP, kept, and asked again by the same exchange."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.charges import charges_of
from benchmarks.ground import Bench, code, world

pytestmark = pytest.mark.long

KRAKEN = {"accounts": {"main": "kraken"}}


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(kept=tmp_path_factory.mktemp("kept"))


def test_a_ledger_is_synced_once_and_each_use_has_a_copy(bench: Bench, tmp_path: Path) -> None:
    (bench.kept / "older code").mkdir()
    with bench.ledger(100, **KRAKEN) as first:
        fills = first.fills()
        assert fills > 50
        first.excache("sync")
        first.cache.write_bytes(b"spoiled")
    assert [one.name for one in bench.kept.iterdir()] == [code()]
    kept = bench.kept / code() / "100 fills" / "cache.sqlite3"
    before = kept.read_bytes()
    with bench.ledger(100, **KRAKEN) as again:
        assert again.fills() == fills
        assert len(again.simulator.requests) < 30  # its histories are not fetched again
        again.copy_cache(tmp_path / "copy.sqlite3")
        assert again.query("PRAGMA integrity_check") == [("ok",)]
    assert kept.read_bytes() == before
    assert (tmp_path / "copy.sqlite3").stat().st_size > 100_000


def test_requests_and_charges_are_counted(bench: Bench) -> None:
    with bench.ledger(100, **KRAKEN) as ground:
        _, fewer = ground.counted("sync", "--only", "balances")
        with charges_of(ground.simulator) as charges:
            _, sent = ground.counted("sync")
    assert 0 < fewer["kraken"] < sent["kraken"] == sent.total()
    (calls,) = charges
    assert (calls.exchange, calls.shared, calls.an_hour) == ("kraken", False, 0.5 * 3600)
    assert 0 < calls.used < 2 * sent["kraken"]


def test_the_exchanges_keep_their_pace_where_it_is_measured() -> None:
    options = {**KRAKEN, "fills": 100}
    with world(pace=None, **options) as paced, world(**options) as raised:
        assert "rateLimit" not in (paced.home / "config.toml").read_text()
        assert "rateLimit" in (raised.home / "config.toml").read_text()
        scales = [one.simulator.dialects["kraken"].limit_scale for one in (paced, raised)]
        assert scales == [1, 100_000]
