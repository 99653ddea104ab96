"""What every derivative's fill realised."""

from __future__ import annotations

from decimal import Decimal

from exchange_cache.ledger.results import realised_by_fill
from tests.cost.builders import contract


def test_what_the_exchange_says_it_realised_is_believed() -> None:
    fills = [
        contract("buy", "1", "100", fill_id="1"),
        contract("sell", "1", "110", hour=1, fill_id="2", pnl="9.9"),
    ]
    assert list(realised_by_fill(fills).values()) == [0, Decimal("9.9")]
