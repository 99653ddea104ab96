"""An earlier moment: its holdings and their cost include what happened at that moment."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from exchange_cache.clock import SetClock
from tests.builders import NOW, balance, fill, price, transfer
from tests.cli.stored_home import StoredHome

DAY = timedelta(days=1)
EVENT = """
[[asset_events]]
from = "OLD"
to = "NEW"
at = 2026-01-21
factor = 3
"""


def test_a_day_that_ends_with_an_asset_event_has_the_cost_of_the_new_asset(tmp_path: Path) -> None:
    home = StoredHome(folder=tmp_path / "home", clock=SetClock(NOW))
    home.configure(EVENT)
    home.store(
        transfer("d", "30", "USDT", time=NOW - 21 * DAY),
        fill("1", "10", "3", symbol="OLD/USDT", time=NOW - 20 * DAY),
        balance("30", asset="NEW", code="NEW"),
        price("NEW/USDT", "2"),
    )
    for day, asset, average in (("19", "OLD", "3"), ("20", "NEW", "1"), ("21", "NEW", "1")):
        answer = home.run("portfolio", "--at", f"2026-01-{day}", "--json").json()
        (holding,) = [one for one in answer["holdings"] if one["asset"] == asset]
        assert (holding["average_entry_price"], holding["unknown_quantity"]) == (average, "0")
