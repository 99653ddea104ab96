"""Writes the past: every account's story on one agenda, performed in the order of time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exchange_cache.simulator.venue.busy import make_busy
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
    busy: int,
) -> None:
    """Give all accounts together about `fills` fills (a little more), ending at `now_ms`, and the
    first account of each exchange `busy` more in one symbol."""
    agenda = Agenda()
    shares = {name: state.profile_of(name).share for name in state.accounts}
    whole, done = sum(shares.values()), set[str]()
    for name, share in shares.items():
        target = int(fills * share / whole * 1.06) + 12
        story = Story(name, seed, now_ms, target, agenda, state, trader, moves, loans)
        load_story(state.accounts[name].exchange)(story)
        if busy and state.accounts[name].exchange not in done:
            make_busy(story, busy)
        done.add(state.accounts[name].exchange)
    agenda.run(now_ms)
