"""An event has one place in the order of all, wherever the windows begin."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given, settings, strategies as st

from exchange_cache.cost.basis import Method
from exchange_cache.cost.contracts import Contracts
from exchange_cache.cost.fold import Fold, FoldSettings
from exchange_cache.cost.player import Player
from exchange_cache.ledger.asset_events import AssetEvents
from exchange_cache.ledger.rates import Rates as AllRates
from exchange_cache.ledger.timeline import Timeline
from exchange_cache.records import Fill, Transfer
from tests.cost.builders import Rates, at, fill, transfer
from tests.cost.test_fold import BEGIN, DUST, END, Rows
from tests.cost.test_properties import RATES, histories
from tests.effort import examples

NONE = AssetEvents()


def player_of(events: Sequence[Fill | Transfer], assets: AssetEvents = NONE) -> Player:
    rates = AllRates(Rates(RATES), "USDT", assets)
    found = FoldSettings(reporting_asset="USDT", methods=tuple(Method), dust=DUST)
    return Player(Fold(found), Timeline(Rows(events), rates=rates, assets=assets), Contracts())


def orders(player: Player) -> list[int]:
    """The place of each event that is played from now on."""
    found: list[int] = []
    apply = player.fold.apply
    player.fold.apply = lambda event, order: (found.append(order), apply(event, order))[1]  # type: ignore[method-assign]
    return found


def test_events_of_one_millisecond_follow_one_another() -> None:
    player = player_of([fill("buy", "1", "1", hour=1, fill_id=str(n)) for n in range(3)])
    found = orders(player)
    player.play(BEGIN, END)
    assert found == [found[0], found[0] + 1, found[0] + 2]
    assert (player.events, player.order) == (3, found[-1])


@settings(max_examples=examples(30), deadline=None)
@given(histories(), st.lists(st.integers(0, 45), max_size=4))
def test_the_places_are_those_of_one_window(events: list[Fill | Transfer], cuts: list[int]) -> None:
    whole, parts = player_of(events), player_of(events)
    one, several = orders(whole), orders(parts)
    whole.play(BEGIN, END)
    for start, end in pairwise([BEGIN, *sorted(map(at, cuts)), END]):
        parts.play(start, end)
    assert several == one == sorted(set(one))


def test_a_resumed_player_goes_on_behind_the_last_event() -> None:
    events = [fill("buy", "1", "1", hour=1, fill_id=str(n)) for n in range(2)]
    player = player_of(events)
    player.play(BEGIN, END)
    again = player_of(events)
    assert player.last is not None
    again.resume(5, player.last.time, player.order, player.events)
    assert (again.order, again.events, again.began_ms) == (player.order, 2, 5)
    assert again.last is not None
    assert again.last.time == at(1)


def test_a_loan_that_is_logged_later_has_the_place_at_which_it_counts() -> None:
    """It takes effect before its row: no later event has its place."""
    minute = 1 / 60
    player = player_of(
        [
            transfer("loan", "5", "BTC", hour=1),
            fill("sell", "1", "9", symbol="ETH/USDT", hour=1 - minute / 2),
            fill("sell", "5", "9", hour=1),
        ]
    )
    found = orders(player)
    player.play(BEGIN, END)
    assert found == sorted(set(found))
    assert player.fold.holdings["main", "BTC"].trail.events == 2
