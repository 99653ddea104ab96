"""The history is one ordered list of events, whatever the order of its rows."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, localcontext

import pytest

from exchange_cache.ledger.events import StatedBasis
from exchange_cache.ledger.history import History, build_history
from exchange_cache.ledger.pairing import pair_transfers
from exchange_cache.ledger.rates import Rates
from exchange_cache.money import EXACT
from tests.cost.builders import Rates as Known, at, fill, transfer

FILLS = [fill("buy", "1", "100", hour=2), fill("sell", "1", "110", hour=3)]
MOVES = [transfer("withdrawal", "1", hour=4), transfer("deposit", "1", hour=1)]


@pytest.fixture(autouse=True)
def exact() -> Iterator[None]:
    """As callers do."""
    with localcontext(EXACT):
        yield


def build(fills: list, transfers: list, **more: object) -> History:
    return build_history(
        fills,
        transfers,
        pair_transfers(transfers),
        rates=Rates(Known(), "USDT"),
        **more,  # type: ignore[arg-type]
    )


def test_events_are_ordered_by_time() -> None:
    found = build(FILLS, MOVES).events
    assert [event.kind for event in found] == ["deposit", "buy", "sell", "withdrawal"]
    assert [event.time for event in found] == [at(1), at(2), at(3), at(4)]


def test_the_order_of_rows_and_repeated_rows_change_nothing() -> None:
    found = build(FILLS, MOVES)
    assert build(FILLS[::-1] + FILLS, MOVES[::-1] + MOVES) == found


def test_a_statement_that_matches_no_receipt_is_reported() -> None:
    stated = StatedBasis(account=None, asset="ETH", quantity=Decimal(1), price=Decimal(5), at=at(0))
    assert build(FILLS, MOVES, stated=[stated]).unplaced == (stated,)
    assert build(FILLS, MOVES).unplaced == ()
