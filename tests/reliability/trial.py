"""One trial: syncs under a fault, then with the exchange well again, compared row by row with an
undisturbed cache and with the venue's truth."""

from __future__ import annotations

import dataclasses
import tempfile
from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from exchange_cache.cache.streams import StreamState
from exchange_cache.clock import to_ms
from exchange_cache.exchanges import policy_for
from exchange_cache.records import DataType, Fill, FillKind, Order, Transfer
from exchange_cache.simulator.misbehaviour import (
    FilterIgnored,
    LoopingCursor,
    Misbehaviour,
    PageFault,
    Refusal,
    RowFault,
)
from exchange_cache.simulator.server import Simulator
from tests.e2e.world import World
from tests.reliability.ground import END, START, Ground, make_ground
from tests.reliability.kinds import KINDS, PATHS, Kind

Row = Fill | Order | Transfer
#: More requests to one path than a run makes over these grounds, however often it asks again: up to
#: ten histories share a path, and each gives up after so many failures.
MOST_REQUESTS = 250
#: What differs between two caches of the same rows: when they were fetched.
_NOT_COMPARED = ("fetched_at", "first_seen_at", "seen_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a trial found. `rows` are those of the data type in the undisturbed cache; `reached`:
    whether the fault met a request."""

    kind: str
    exchange: str
    data: str
    rows: int = 0
    lost: int = 0
    doubled: int = 0
    invented: int = 0
    wrongly_complete: int = 0
    reached: bool = True
    error: str = ""

    @property
    def clean(self) -> bool:
        counts = (self.lost, self.doubled, self.invented, self.wrongly_complete)
        return not any(counts) and not self.error


def run_trial(name: str, exchange: str, data: str, folder: Path) -> Outcome:
    """Run one case in a folder of its own."""
    kind = KINDS[name]
    ground = _ground(exchange, ended=kind.ended)
    with ground.serving() as simulator:
        return _tried(kind, ground, data, simulator, folder)


def _bounds(faults: tuple[Misbehaviour, ...]) -> tuple[Misbehaviour, ...]:
    """What ends a walk that would never end by itself: the exchange is down then."""
    return tuple(
        Refusal(exchange=fault.exchange, path=fault.path, kind="503", after=MOST_REQUESTS)
        for fault in faults
        if isinstance(fault, LoopingCursor)
    )


@cache
def _ground(exchange: str, *, ended: bool) -> Ground:
    return make_ground(exchange, ended=ended)


def _tried(kind: Kind, ground: Ground, data: str, simulator: Simulator, folder: Path) -> Outcome:
    faults = kind.faults(ground, data)
    before = () if kind.lasts else _well(ground.exchange, kind.runs[0])
    world = ground.home(simulator, folder / "disturbed")
    simulator.inflict(*faults, *_bounds(faults))
    errors, covered = [], 0
    for number, hours in enumerate(kind.runs):
        ground.clock.at = START + timedelta(hours=hours)
        ahead = kind.local if number == 0 else timedelta()
        world.clock = dataclasses.replace(world.clock, by=ahead)  # type: ignore[type-var]
        if number == 1 and not kind.lasts:
            simulator.faults.clear()
        done = world.run("sync")
        if done.code not in (0, 1, 75, 69, 77) or "a bug in excache" in done.err:
            errors.append(f"run {number + 1}: exit code {done.code}: {done.err.strip()[-120:]}")
        if number == 0:
            covered = len(claimed(world, before))
            asked = len(simulator.calls(ground.exchange, PATHS[ground.exchange, data]))
            if asked > MOST_REQUESTS:
                errors.append(f"run 1 asks without end (stopped after {MOST_REQUESTS} requests)")
    if done.code:
        errors.append(f"last run: exit code {done.code}: {done.err.strip().splitlines()[:1]}")
    met = all(_met(fault, ground, simulator) for fault in faults)
    if kind.lasts:
        after = _undisturbed(kind, ground, faults, folder / "after")
        after = (*after, *_aged(ground.exchange, after))
    else:
        after = _well(ground.exchange, kind.runs[-1])
    found = rows_of(world)
    lost, doubled, invented = compare(after, found)
    true_lost = _missing_fills(ground, found, simulator)
    return Outcome(
        kind=kind.name,
        exchange=ground.exchange,
        data=data,
        rows=sum(1 for row in after if _is(row, data)),
        lost=max(len(lost), true_lost),
        doubled=len(doubled),
        invented=len(invented),
        wrongly_complete=max(covered, len(claimed(world, lost))),
        reached=met,
        error="; ".join(errors),
    )


def _aged(exchange: str, after: Iterable[Row]) -> list[Row]:
    """Rows from before the faults that a fresh cache found at START, and that the exchange serves
    no more at the end of a trial that lasts days."""
    have, begin = {row.key for row in after}, START - timedelta(hours=2)
    return [row for row in _well(exchange, 0) if row.key not in have and _time(row) < begin]


def _time(row: Row) -> datetime:
    return row.created_at if isinstance(row, Order) else row.time


def _met(fault: Misbehaviour, ground: Ground, simulator: Simulator) -> bool:
    """Whether a fault of pages met a request, and one of rows a row."""
    if isinstance(fault, PageFault | FilterIgnored):
        return simulator.faults.hits[fault] > 0
    if not isinstance(fault, RowFault):
        return True
    venue, account = ground.venue, ground.exchange
    rows = (*venue.fills(account), *venue.orders(account), *venue.transfers(account))
    return any(map(fault.concerns, rows))


@cache
def _well(exchange: str, hours: float) -> tuple[Row, ...]:
    """The rows of a fresh cache so many hours after START, where nothing ever went wrong."""
    ground = _ground(exchange, ended=False)
    at, ground.clock.at = ground.clock.at, START + timedelta(hours=hours)
    with tempfile.TemporaryDirectory(prefix="excache-torture-") as folder:
        found = _undisturbed(KINDS["key-refused"], ground, (), Path(folder))
    ground.clock.at = at
    return found


def _undisturbed(
    kind: Kind, ground: Ground, faults: tuple[Misbehaviour, ...], folder: Path
) -> tuple[Row, ...]:
    """The rows of a fresh cache at this hour, while the rows stand as `faults` left them; of a
    market that ended, those of a cache that knew it."""
    with ground.serving() as simulator:
        world = ground.home(simulator, folder)
        if kind.ended:
            at, ground.clock.at = ground.clock.at, END - timedelta(minutes=5)
            world.run("sync")
            ground.clock.at = at
        simulator.inflict(*faults)
        done = world.run("sync")
        assert done.code == 0, done.err
        return tuple(_called_by_id(ground, row) for row in rows_of(world))


def _called_by_id(ground: Ground, row: Row) -> Row:
    """The row as a cache has it that knows the id of its market, and no list with it."""
    if ground.ended is None or row.symbol != ground.ended.symbol:
        return row
    return dataclasses.replace(row, symbol=ground.symbol_by_id)


def rows_of(world: World) -> tuple[Row, ...]:
    """All rows that readers of the cache count, without when they were fetched."""
    repository = world.repository()
    rows: tuple[Row, ...] = (
        *repository.ledger.fills(),
        *repository.ledger.orders(),
        *repository.ledger.transfers(),
    )
    repository.close()
    return rows


def compare(after: Iterable[Row], found: Iterable[Row]) -> tuple[list[Row], list[Row], list[Row]]:
    """What of the undisturbed rows is lost (or stands otherwise), doubled and invented."""
    after, found = tuple(after), tuple(found)
    lost, extra = _difference(after, found), _difference(found, after)
    otherwise = {row.key for row in lost}
    surplus = Counter(map(_natural, found)) - Counter(map(_natural, after))
    known = set(map(_natural, after))
    rest = [row for row in extra if row.key not in otherwise]
    doubled = [row for row in rest if surplus[_natural(row)] and _natural(row) in known]
    return lost, doubled, [row for row in rest if row not in doubled]


def _difference(rows: Iterable[Row], other: Iterable[Row]) -> list[Row]:
    """Rows that are not among the other ones, as often as they are there."""
    left = Counter(_compared(row) for row in other)
    found = []
    for row in rows:
        key = _compared(row)
        if left[key]:
            left[key] -= 1
        else:
            found.append(row)
    return found


def _compared(row: Row) -> Hashable:
    fields = dataclasses.fields(row)
    values = [getattr(row, field.name) for field in fields if field.name not in _NOT_COMPARED]
    return (type(row).__name__, *values)


def _natural(row: Row) -> Hashable:
    """What one event has, whatever it is called: a second row of it is a double."""
    if isinstance(row, Fill):
        return ("fill", row.time, row.side, row.quantity, row.price)
    if isinstance(row, Order):
        return ("order", row.created_at, row.side, row.amount, row.price, row.filled)
    return ("transfer", row.time, row.asset, row.quantity)


def _is(row: Row, data: str) -> bool:
    return isinstance(row, {"fills": Fill, "orders": Order}.get(data, Transfer))


def _missing_fills(ground: Ground, found: Iterable[Row], simulator: Simulator) -> int:
    """Fills of the last twelve days that the exchange shows and the cache has not."""
    shown: Any = simulator.shown[ground.exchange]
    start = to_ms(START - timedelta(days=11))
    have = Counter(row.fill_id for row in found if isinstance(row, Fill))
    true = Counter(fill.id for fill in shown.fills(ground.exchange, start=start))
    return sum((true - have).values())


def claimed(world: World, rows: Iterable[Row]) -> list[Row]:
    """Rows that are not in the cache although every history that could hold them says that their
    time is covered."""
    have = {row.key for row in rows_of(world)}
    repository = world.repository()
    states = {
        (s.key.account, s.key.data_type, s.key.scope, s.key.symbol): s
        for s in repository.ledger.states()
    }
    repository.close()
    return [row for row in rows if row.key not in have and _all_cover(row, states)]


def _all_cover(row: Row, states: dict[tuple[str, DataType, str, str], StreamState]) -> bool:
    if isinstance(row, Transfer):
        return _covers(states.get((row.account, DataType.TRANSFERS, row.scope, "")), row)
    data = DataType.FILLS if isinstance(row, Fill) else DataType.ORDERS
    kind = row.kind if isinstance(row, Fill) else None
    own = [
        s
        for s in policy_for(row.account).streams
        if s.data_type is data
        and (kind is None or s.fill_kind is kind)
        and (kind not in (None, FillKind.TRADE) or s.category == row.category or s.mixed)
    ]
    found = [
        states.get((row.account, data, s.scope, row.symbol if s.needs_symbol else "")) for s in own
    ]
    return bool(own) and all(_covers(state, row) for state in found)


def _covers(state: StreamState | None, row: Row) -> bool:
    return state is not None and state.covered.contains(to_ms(_time(row)))
