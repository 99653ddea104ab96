"""Writes the past: every account's story on one agenda, performed in the order of time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exchange_cache.simulator.venue.profiles import load_story
from exchange_cache.simulator.venue.story import Agenda, Story

if TYPE_CHECKING:
    from exchange_cache.simulator.venue.loans import Loans
    from exchange_cache.simulator.venue.moves import Moves
    from exchange_cache.simulator.venue.state import State
    from exchange_cache.simulator.venue.trader import Trader


def generate(
    state: State,
    trader: Trader,
    moves: Moves,
    loans: Loans,
    seed: int,
    now_ms: int,
    fills: int,
) -> None:
    """Give all accounts together about `fills` fills (a little more), ending at `now_ms`."""
    agenda = Agenda()
    shares = {name: state.profile_of(name).share for name in state.accounts}
    whole = sum(shares.values())
    for name, share in shares.items():
        target = int(fills * share / whole * 1.06) + 12
        story = Story(name, seed, now_ms, target, agenda, state, trader, moves, loans)
        load_story(state.accounts[name].exchange)(story)
    agenda.run(now_ms)
