"""The answer of a state after the last event."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from decimal import localcontext

import pytest

from exchange_cache.cost.answer import finish
from exchange_cache.cost.asset_state import AssetState
from exchange_cache.cost.basis import Method
from exchange_cache.cost.lot_book import new_book
from exchange_cache.ledger.fill_events import fill_event
from exchange_cache.ledger.rates import Rates as AllRates
from exchange_cache.money import EXACT
from tests.cost.builders import D, Rates, at, fill

RATES = AllRates(Rates(), "USDT")


@pytest.fixture(autouse=True)
def exact() -> Iterator[None]:
    with localcontext(EXACT):
        yield


def played(*fills: tuple[str, str, str], dust: str = "0") -> tuple:
    state = AssetState(
        account="main",
        asset="BTC",
        book=new_book(Method.AVERAGE, dust=D(dust)),
        reporting=False,
        explained=False,
    )
    for order, (side, quantity, price) in enumerate(fills):
        event = fill_event(fill(side, quantity, price, hour=order), D(0), RATES)
        for leg in event.legs:
            if leg.asset == "BTC":
                state.apply(leg, event, order)
    return state, event, order


def test_the_answer_has_the_figures_of_the_state() -> None:
    state, last, order = played(("buy", "4", "10"), ("sell", "1", "16"))
    basis = finish(state, last, order, "USDT", Method.AVERAGE, b"digest")
    assert (basis.quantity, basis.cost, basis.average_entry_price) == (3, 30, 10)
    assert (basis.realised_pnl, basis.trading_pnl, basis.first_event) == (6, 6, at(0))
    assert basis.realised_by_day == ((at(0).date(), 6),)
    seed = b"average|USDT|BTC|0\n"
    assert basis.inputs_sha256 == hashlib.sha256(seed + b"digest").hexdigest()


def test_dust_that_the_last_sale_left_is_written_off() -> None:
    state, last, order = played(("buy", "4", "10"), ("sell", "3.9", "10"), dust="0.2")
    basis = finish(state, last, order, "USDT", Method.AVERAGE, b"")
    assert (basis.explained_quantity, basis.unknown_quantity, basis.cost) == (0, D("0.1"), 0)
    assert basis.realised_pnl == -1
