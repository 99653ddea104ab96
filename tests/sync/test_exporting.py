"""What an export reads: every event once, a window of them at a time."""

from __future__ import annotations

import tracemalloc
from collections import deque
from datetime import timedelta
from pathlib import Path

import pytest

from exchange_cache.clock import SetClock
from exchange_cache.export.entries import Entry, Item
from exchange_cache.export.stream import Selection
from exchange_cache.sync.costs import CostSettings
from exchange_cache.sync.derivation import STEP
from exchange_cache.sync.exporting import exported
from tests.builders import NOW, T0, fill, transfer
from tests.cli.stored_home import StoredHome


def home_with(folder: Path, fills: int) -> StoredHome:
    """Units are bought and sold again, so that few lots are open at any time."""
    home = StoredHome(folder=folder, clock=SetClock(NOW))
    home.configure()
    home.save(
        transfer("d", "1000000", "USDT", time=T0),
        *(
            fill(
                str(number),
                "1",
                str(100 + number % 7),
                side="sell" if number % 2 else "buy",
                time=T0 + timedelta(minutes=1 + number),
            )
            for number in range(fills)
        ),
    )
    return home


def items_of(home: StoredHome) -> list[Item]:
    settings = CostSettings(reporting_asset="USDT", method="fifo", accounts=("main", "other"))
    repository = home.repository()
    return list(exported(repository, settings, Selection(), named=tuple, prices=lambda: ()))


def test_every_row_is_one_entry_in_time_order_across_windows(tmp_path: Path) -> None:
    fills = 2 * STEP + 10
    found = [one for one in items_of(home_with(tmp_path / "home", fills)) if isinstance(one, Entry)]
    assert [one.event.source_id for one in found] == ["d", *map(str, range(fills))]
    assert [one.time for one in found] == sorted(one.time for one in found)


@pytest.mark.long
def test_memory_does_not_grow_with_the_ledger(tmp_path: Path) -> None:
    peaks = []
    for windows in (2, 6):
        home = home_with(tmp_path / f"home-{windows}", windows * STEP)
        settings = CostSettings(reporting_asset="USDT", method="fifo", accounts=("main",))
        repository = home.repository()
        tracemalloc.start()
        deque(exported(repository, settings, Selection(), named=tuple, prices=lambda: ()), 0)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    few, many = peaks
    assert many < 1.1 * few, peaks
