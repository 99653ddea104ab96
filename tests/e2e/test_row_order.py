"""Fills of one millisecond are stored in the order of their exchange, over HTTP, in all six
dialects."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from exchange_cache.simulator.venue import Fill
from tests.e2e.world import World

pytestmark = pytest.mark.long

SYMBOLS = {
    "binance": "BTC/USDT",
    "bybit": "BTC/USDT",
    "coinbase": "BTC/USD",
    "kraken": "BTC/EUR",
    "kucoin": "BTC/USDT",
    "okx": "BTC/USDT",
}
CROWD = 60  # more than a page of Kraken, so that a page border lies inside the millisecond


def test_fills_of_one_millisecond_are_in_the_order_of_the_exchange(
    make_world: Callable[..., World],
) -> None:
    accounts = {name: name for name in SYMBOLS}
    world = make_world(accounts=accounts, fills=120, history_days=20)
    happened: dict[str, list[Fill]] = {}
    for account, symbol in SYMBOLS.items():
        made = world.simulator.venue.trade(
            account, symbol, "buy", Decimal("0.06"), price=Decimal(100), parts=CROWD
        )
        assert len({fill.time_ms for fill in made}) == 1
        happened[account] = made
    # Coinbase states microseconds; simulated ones are the last digits of the number of the fill.
    happened["coinbase"].sort(key=lambda fill: fill.seq % 1000)
    assert world.run("sync").code == 0

    stored = world.repository().ledger.fills()
    for account, made in happened.items():
        keys = [(account, SYMBOLS[account], fill.id) for fill in made]
        found = [(one.account, one.symbol, one.fill_id) for one in stored]
        assert [key for key in found if key in keys] == keys
