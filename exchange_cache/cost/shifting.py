"""Adds the effect of late rows to later states of the reporting asset.

Each of its units costs one, so every figure of its states is a sum over events: what late rows
change in one part of a history, they change in every state behind it by the same amounts. Whatever
is no such sum (units set aside, a day without a result any more) is not shifted: it is derived
again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from exchange_cache.cost.asset_state import AssetState
from exchange_cache.cost.fold import Holding
from exchange_cache.cost.trail import MODULUS
from exchange_cache.money import ZERO

#: The figures of a state that are sums over its events.
_STATE = ("trading", "unexplained", "written_off", "fees", "outside", "realised")
_BOOK = ("explained", "cost")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """What changed in the states of one holding at a moment. ``counted``: how many events it had
    there before; ``former_last``, ``last``: its last event there before and now."""

    figures: Mapping[str, Decimal]
    flows: Mapping[str, Decimal]
    days: Mapping[date, Decimal]
    flags: Mapping[str, int]
    digest: int
    events: int
    fills: int
    counted: int
    former_last: datetime | None
    last: datetime | None

    @property
    def changes_nothing(self) -> bool:
        figures = (*self.figures.values(), *self.flows.values(), *self.days.values())
        counts = (self.digest, self.events, self.fills, *self.flags.values())
        return self.last == self.former_last and not any((*figures, *counts))


def shift_between(
    former: Holding, now: Holding, former_days: Mapping[date, Decimal]
) -> Shift | None:
    """The difference of two states of a holding at one moment; None if it cannot be added to later
    ones. ``former_days``: what the former one had realised on each of the days of the other."""
    (one,), (other,) = former.states, now.states
    days = other.by_day
    if one.aside or other.aside or not former_days.keys() <= days.keys():
        return None
    if not (former.trail.events and now.trail.events):
        return None
    own, its = former.trail, now.trail
    return Shift(
        figures={name: _figure(other, name) - _figure(one, name) for name in (*_STATE, *_BOOK)},
        flows={name: other.flows[name] - one.flows[name] for name in one.flows},
        days={day: amount - former_days.get(day, ZERO) for day, amount in days.items()},
        flags={
            name: its.flags.get(name, 0) - own.flags.get(name, 0)
            for name in {*own.flags, *its.flags}
        },
        digest=(its.digest - own.digest) % MODULUS,
        events=its.events - own.events,
        fills=its.fills - own.fills,
        counted=own.events,
        former_last=own.last,
        last=its.last,
    )


def shift(holding: Holding, shifts: Iterable[Shift]) -> None:
    """Add differences, in their order, to a later state of the same holding."""
    (state,) = holding.states
    trail, counted = holding.trail, holding.trail.events
    for one in shifts:
        for name in _STATE:
            setattr(state, name, getattr(state, name) + one.figures[name])
        for name in _BOOK:
            setattr(state.book, name, getattr(state.book, name) + one.figures[name])
        for flow, value in one.flows.items():
            state.flows[flow] += value
        for flag, number in one.flags.items():
            trail.flags[flag] = trail.flags.get(flag, 0) + number
        trail.digest = (trail.digest + one.digest) % MODULUS
        trail.events, trail.fills = trail.events + one.events, trail.fills + one.fills
        trail.last = one.last if counted == one.counted else trail.last
        _shift_day(state, one.days)


def _shift_day(state: AssetState, days: Mapping[date, Decimal]) -> None:
    """A stored state keeps its newest day with a result."""
    for day in sorted(days):
        newest = max(state.by_day, default=None)
        if newest is None or day > newest:
            state.by_day = {day: days[day]}
        elif day == newest:
            state.by_day[day] += days[day]


def _figure(state: AssetState, name: str) -> Decimal:
    value = getattr(state if name in _STATE else state.book, name)
    assert isinstance(value, Decimal)
    return value
