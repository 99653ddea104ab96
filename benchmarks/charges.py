"""What a sync uses of an exchange's documented limits, as the simulated exchanges count it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from exchange_cache.simulator.server import Simulator
from exchange_cache.simulator.wire import DecayCounter, WindowCounter

HOUR = 3600.0
#: Names of places in which limits are kept.
_PLAIN = frozenset({"limits", "counters", "pools", "ip"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """What a sync of one account used of one limit. ``shared``: the limit is the address's;
    otherwise each account has its own. ``an_hour`` is what the exchange documents."""

    exchange: str
    name: str
    shared: bool
    used: float
    an_hour: float

    def as_data(self) -> dict[str, Any]:
        return asdict(self)

    def accounts(self) -> float:
        """How many accounts an hour's limit holds, each synced once."""
        return self.an_hour / self.used


@contextmanager
def charges_of(simulator: Simulator) -> Iterator[list[Charge]]:
    """Everything that is charged to the limits of the simulated exchanges meanwhile; the list is
    filled at the end."""
    used: dict[tuple[int, str], float] = defaultdict(float)
    counters: dict[int, Any] = {}
    plain = {kind: kind.charge for kind in (WindowCounter, DecayCounter)}

    def noting(kind: type[Any]) -> Any:
        def charge(counter: Any, who: str, cost: float) -> bool:
            counters[id(counter)] = counter
            used[id(counter), who] += cost
            return plain[kind](counter, who, cost)

        return charge

    found: list[Charge] = []
    for kind in plain:
        # The class itself is patched: the counters exist already, in every dialect.
        kind.charge = noting(kind)  # type: ignore[method-assign]
    try:
        yield found
    finally:
        for kind, charge in plain.items():
            kind.charge = charge  # type: ignore[method-assign]
    found += _charges(simulator, used, counters)


def _charges(
    simulator: Simulator, used: dict[tuple[int, str], float], counters: dict[int, Any]
) -> Iterator[Charge]:
    owners = {mark for one in simulator.venue.accounts() for mark in (one.api_key, one.uid)}
    places = {
        id(counter): (exchange, name, dialect.limit_scale)
        for exchange, dialect in simulator.dialects.items()
        for name, counter in _counters(dialect)
    }
    for (key, who), cost in used.items():
        exchange, name, scale = places[key]
        shared = not any(mark in who for mark in owners)
        yield Charge(
            exchange=exchange,
            name=_called(f"{name} {who}" if shared else name),
            shared=shared,
            used=cost / len(simulator.venue.accounts(exchange)) if shared else cost,
            an_hour=_a_second(counters[key]) / scale * HOUR,
        )


def _called(place: str) -> str:
    """The name of a limit: where it is kept and whose it is, without what says nothing."""
    words = (word.lstrip("_") for word in place.split())
    return " ".join(dict.fromkeys(word for word in words if word not in _PLAIN))


def _a_second(counter: Any) -> float:
    if isinstance(counter, DecayCounter):
        return counter._decay
    return float(counter.limit / counter.window)


def _counters(place: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every counter that a dialect holds, and where."""
    if isinstance(place, WindowCounter | DecayCounter):
        yield name, place
        return
    if isinstance(place, dict):
        parts = list(place.items())
    else:
        slots = getattr(type(place), "__slots__", ())
        parts = [(key, getattr(place, key)) for key in slots] or list(vars(place).items())
    for key, value in parts:
        if isinstance(value, WindowCounter | DecayCounter | dict) or key == "limits":
            yield from _counters(value, f"{name} {key}".strip())
