"""The events window by window are those of the whole history, in the same order."""

from __future__ import annotations

from decimal import Decimal, localcontext
from itertools import pairwise
from typing import Any

from hypothesis import given, settings, strategies as st

from exchange_cache.ledger.asset_events import AssetEvents
from exchange_cache.ledger.bookings import recognise
from exchange_cache.ledger.history import build_history
from exchange_cache.ledger.pairing import pair_transfers
from exchange_cache.ledger.rates import Rates as AllRates
from exchange_cache.ledger.results import ExposureBook
from exchange_cache.ledger.timeline import Timeline, began
from exchange_cache.money import EXACT
from exchange_cache.records import Fill, Transfer
from tests.cost.builders import Rates, at, fill, transfer
from tests.cost.test_fold import BEGIN, END, RENAMES, STATED, UNREAD, Rows
from tests.cost.test_properties import RATES, histories
from tests.effort import examples

Row = Fill | Transfer
NONE = AssetEvents()


def timeline(rows: list[Row], assets: AssetEvents = NONE, **more: Any) -> Timeline:
    return Timeline(Rows(rows), rates=AllRates(Rates(RATES), "USDT", assets), assets=assets, **more)


def whole(rows: list[Row], assets: AssetEvents, stated: Any) -> list[tuple[object, ...]]:
    found = recognise(
        assets,
        [one for one in rows if isinstance(one, Fill)],
        [one for one in rows if isinstance(one, Transfer)],
    )
    with localcontext(EXACT):
        history = build_history(
            found.fills,
            found.transfers,
            pair_transfers(found.transfers),
            rates=AllRates(Rates(RATES), "USDT", assets),
            stated=stated,
            carries=found.carries,
        )
        return [(one.digest, one.time, one.legs) for one in history.events]


@settings(max_examples=examples(120), deadline=None)
@given(
    histories(),
    st.lists(st.integers(0, 45), max_size=4),
    st.sampled_from([NONE, RENAMES, UNREAD]),
    st.sampled_from([(), STATED]),
)
def test_windows_have_the_events_of_the_whole_history(
    rows: list[Row], cuts: list[int], assets: AssetEvents, stated: Any
) -> None:
    own, book = timeline(rows, assets, stated=stated), ExposureBook()

    def result(one: Fill) -> Decimal:
        _, computed = book.apply(one)
        return computed if one.realised_pnl is None else one.realised_pnl

    with localcontext(EXACT):
        found = [
            (event.digest, event.time, event.legs)
            for start, end in pairwise([BEGIN, *sorted(map(at, cuts)), END])
            for event in own.between(start, end, result)
        ]
    assert found == whole(rows, assets, stated)


def test_a_pair_happens_at_the_earlier_of_its_two_rows() -> None:
    own = timeline(
        [
            transfer("withdrawal", "2", hour=3, account="a", tx="t"),
            transfer("deposit", "2", hour=5, account="b", tx="t"),
        ]
    )
    (pair,) = own.pairing.pairs
    assert began(pair) == at(3)
    assert [event.kind for event in own.between(at(0), at(4), lambda _: Decimal(0))] == ["move"]
    assert list(own.between(at(4), at(9), lambda _: Decimal(0))) == []
    assert [event.kind for event in own.whole(at(0), at(4))] == ["move"]


def test_a_replaced_code_is_another_asset_from_its_event_on() -> None:
    own = timeline([fill("buy", "1", "1", symbol="XXX/USDT", hour=1, account="a")], RENAMES)
    rename, redenomination = RENAMES.events
    assert own.replaced() == {("a", rename): at(20)}
    assert {carry.event for carry in own.carries} == {rename, redenomination}
