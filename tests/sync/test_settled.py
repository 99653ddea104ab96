"""The settling time, walked again under each way of paging: what it finds and what it misses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import to_ms
from exchange_cache.errors import BadResponse, ExchangeFault
from exchange_cache.ledger.coverage import Ranges, Span
from exchange_cache.sync.due import Due, RunOptions
from exchange_cache.sync.history import Walk
from tests.builders import NOW
from tests.sync.fake_port import Event, Killed
from tests.sync.test_history import KINDS, SYMBOLS, Bench, history, kind

DAY, HOUR, MS = timedelta(days=1), timedelta(hours=1), timedelta(milliseconds=1)
#: Hours since ten days before the first run: some of each symbol, old and lately.
PLACES = ((1.0, 0), (100.0, 1), (200.0, 0), (201.0, 0), (202.0, 1), (203.0, 0), (238.0, 0))


class Settled(Bench):
    """A bench whose runs are planned as the program does it."""

    def run(self) -> None:
        now_ms = to_ms(self.clock.now())
        due = Due(self.repository, self.port.policy, "main", RunOptions(), now_ms)
        for symbol in SYMBOLS if self.way.needs_symbol else ("",):
            state = self.state(symbol)
            plan = due.plan(self.way, state)
            walk = Walk(self.port, self.repository.ledger, self.clock, self.way, state)
            walk.run(plan.windows, now_ms)
            walk.finish(plan.floor_ms, now_ms)

    def later(self, wait: timedelta) -> list[str]:
        """The fills after a run that long after the one before."""
        self.clock.at += wait
        self.run()
        return self.names()

    def names(self) -> list[str]:
        return sorted(f"{one.symbol} {one.fill_id}" for one in self.repository.ledger.fills())


Build = Callable[..., Settled]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Build]:
    made: list[Settled] = []

    def build(name: str, **more: object) -> Settled:
        made.append(Settled(tmp_path / str(len(made)), kind(name, **more), history(*PLACES)))
        made[-1].run()
        return made[-1]

    yield build
    for item in made:
        item.close()


def lately(bench: Settled) -> tuple[list[Event], int]:
    """The events of the bench, and the place of one that happened two days ago."""
    events = bench.port.events[bench.way.data_type, bench.way.scope]
    place = next(at for at, one in enumerate(events) if one.at_ms > to_ms(NOW - 2 * DAY))
    return events, place


@pytest.mark.parametrize("name", KINDS)
def test_a_row_that_is_served_late_is_read_within_a_day(bench: Build, name: str) -> None:
    made = bench(name)
    events, place = lately(made)
    late = events.pop(place)
    other = Settled(made.repository.path.parent / "other", made.way, events)
    other.run()
    other.port.events[made.way.data_type, made.way.scope].append(late)

    assert other.later(HOUR) != made.names()
    assert other.later(DAY) == made.names()
    other.close()


@pytest.mark.parametrize("name", KINDS)
def test_a_row_that_changed_is_updated_within_a_day(bench: Build, name: str) -> None:
    made = bench(name)
    events, place = lately(made)
    event = events[place]
    events[place] = replace(event, record=replace(event.record, quantity=Decimal(9)))
    made.later(DAY)

    changed = {one.key: one.quantity for one in made.repository.ledger.fills()}
    assert changed[event.record.key] == 9
    assert [one.what for one in made.repository.ledger.revisions.afterwards()] == ["changed"]


@pytest.mark.parametrize("name", KINDS)
def test_a_row_that_is_taken_back_vanishes_with_the_run_after_the_one_that_missed_it(
    bench: Build, name: str
) -> None:
    made = bench(name)
    events, place = lately(made)
    whole = made.names()
    gone = events.pop(place)

    assert made.later(HOUR) == whole, "the settling time is walked once a day"
    assert made.later(DAY) == whole, "missed once"
    left = made.later(HOUR)
    assert set(whole) - set(left) == {f"{gone.record.symbol} {gone.record.fill_id}"}

    events.append(gone)
    assert made.later(DAY) == whole


@pytest.mark.parametrize("name", KINDS)
def test_a_walk_that_dies_between_pages_misses_nothing(bench: Build, name: str) -> None:
    made = bench(name)
    events, place = lately(made)
    gone = events.pop(place)
    symbol = gone.symbol if made.way.needs_symbol else ""
    made.clock.at += DAY
    for request in range(1, 30):
        made.port.kill_at = made.port.requests + request
        try:
            made.run()
            break
        except Killed:
            ended = made.state(symbol).settled_ms == to_ms(made.clock.now())
            assert _missed(made.repository) == ended
    made.port.kill_at = None
    if not _missed(made.repository):  # a window that a dead run left open does not compare
        made.later(HOUR)

    assert _missed(made.repository), "the first walk that came to its end"


def test_a_walk_that_left_a_gap_misses_nothing_and_is_made_again(bench: Build) -> None:
    made = bench("cursor")
    events, place = lately(made)
    events.pop(place)
    half = BadResponse("half a page", account="main")
    made.port.fail = {made.port.requests + at: half for at in range(1, 9)}
    settled = made.state().settled_ms
    with pytest.raises(ExchangeFault):
        made.later(DAY)
    assert (_missed(made.repository), made.state().settled_ms) == (False, settled)

    made.port.fail = {}
    made.later(HOUR)
    assert _missed(made.repository)


def _missed(repository: ExchangeCacheRepository) -> bool:
    return repository.ledger.revisions.any()


def test_an_exchange_that_serves_only_its_newest_rows_takes_nothing_back(bench: Build) -> None:
    made = bench("time backward", newest_rows=1000)
    events, place = lately(made)
    events.pop(place)
    for wait in (DAY, HOUR, HOUR):
        made.later(wait)

    assert not _missed(made.repository)


def test_a_row_that_cannot_be_asked_for_any_more_is_given_up(bench: Build) -> None:
    made = bench("cursor", window=None, proven=3 * DAY)
    events, place = lately(made)
    events.pop(place)  # it happened 40 hours before the first run
    made.later(DAY)
    assert _missed(made.repository)

    whole = made.later(10 * HOUR)
    made.port.asked.clear()
    assert made.later(HOUR) == whole, "it counts on: nothing proves that it was taken back"
    assert not _missed(made.repository)
    assert [span.length_ms for _, _, span in made.port.asked if span] == [2 * HOUR // MS]


def test_a_gap_in_the_past_does_not_keep_the_settling_time_from_being_walked(bench: Build) -> None:
    made = bench("cursor")
    events, place = lately(made)
    events.pop(place)
    state = made.state()
    old = state.covered.start_ms
    assert old is not None
    hole = Ranges.of((old + 1, old + 2))
    made.repository.ledger.save_state(replace(state, covered=state.covered.minus(hole)))
    serve = made.port.page

    def page(stream: Any, symbol: Any, span: Span, cursor: Any) -> Any:
        if span.start_ms == old + 1:
            raise BadResponse("half a page", account="main")
        return serve(stream, symbol, span, cursor)

    made.port.page = page  # type: ignore[method-assign]
    with pytest.raises(ExchangeFault):
        made.later(DAY)

    assert _missed(made.repository)
    assert made.state().settled_ms == to_ms(made.clock.now())
