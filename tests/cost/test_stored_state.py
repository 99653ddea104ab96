"""A state that was stored and read again is the same, to the last digit."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings, strategies as st

from exchange_cache.cost.basis import Method
from exchange_cache.cost.fold import Fold, FoldSettings
from exchange_cache.cost.stored_state import pack, unpack
from exchange_cache.ledger.asset_events import AssetEvents
from exchange_cache.records import Fill, Transfer
from tests.cost.test_fold import BEGIN, DUST, END, RENAMES, UNREAD
from tests.cost.test_player import player_of
from tests.cost.test_properties import histories
from tests.effort import examples

SETTINGS = FoldSettings(reporting_asset="USDT", methods=tuple(Method), dust=DUST)


@settings(max_examples=examples(60), deadline=None)
@given(histories(), st.sampled_from([AssetEvents(), RENAMES, UNREAD]))
def test_what_is_read_is_what_was_stored(
    events: list[Fill | Transfer], assets: AssetEvents
) -> None:
    player = player_of(events, assets)
    player.play(BEGIN, END)
    for (account, asset), holding in player.fold.holdings.items():
        text = pack(holding)
        again = Fold(SETTINGS).new(account, asset)
        unpack(again, text)
        assert pack(again) == text
        for state, kept in zip(holding.states, again.states, strict=True):
            assert figures(kept) == figures(state)


def figures(state: Any) -> list[object]:
    book = state.book
    return [
        state.quantity,
        state.cost,
        state.average,
        state.realised,
        state.trading + state.outside,
        state.fees,
        state.lent,
        {flow: value for flow, value in state.flows.items() if value},
        state.oversold_at,
        book.parts,
        book.shrunk,
        {flow: figures(one) for flow, one in state.aside.items()},
    ]
