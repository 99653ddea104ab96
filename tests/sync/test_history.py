"""Walking a history: every page saved with its progress, resumable anywhere, under each way of
paging."""

from __future__ import annotations

import contextlib
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from exchange_cache.adapter.policy import (
    CursorPaging,
    IdPaging,
    NumberPaging,
    OffsetPaging,
    OnePage,
    StreamPolicy,
    TimeBounds,
    TimePaging,
)
from exchange_cache.adapter.port import Page
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamKey, StreamState
from exchange_cache.clock import SetClock, from_ms, to_ms
from exchange_cache.errors import (
    BadResponse,
    ExchangeFault,
    ExchangeUnavailable,
    Interrupted,
    OutOfRetention,
    RequestRefused,
)
from exchange_cache.ledger.coverage import Ranges, Span
from exchange_cache.records import DataType, Fill
from exchange_cache.sync.history import Walk
from exchange_cache.sync.plan import gaps, out_of_retention, plan_stream
from tests.builders import NOW, T0, fill, order
from tests.effort import examples
from tests.engine import POSTGRES
from tests.sync.fake_port import DAY, HOUR, Event, FakeExchange, Killed, policy, stream

BEGIN = NOW - 10 * DAY
BEGIN_MS, NOW_MS = to_ms(BEGIN), to_ms(NOW)
SYMBOLS = ("BTC/USDT", "ETH/USDT")

KINDS: dict[str, dict[str, Any]] = {
    "one page": {"paging": OnePage(), "page_size": 4, "window": 3 * DAY},
    "one page, any window": {"paging": OnePage(), "page_size": 4},
    "cursor": {"paging": CursorPaging(path="next"), "page_size": 3, "window": 2 * DAY},
    "cursor, oldest first": {
        "paging": CursorPaging(path="next"),
        "page_size": 3,
        "window": 2 * DAY,
        "backfill": "oldest_first",
    },
    "offset, any window": {"paging": OffsetPaging(), "page_size": 3},
    "offset with total": {"paging": OffsetPaging(total="total"), "page_size": 3, "window": 5 * DAY},
    "page number": {"paging": NumberPaging(), "page_size": 3, "window": 5 * DAY},
    "page number with total": {"paging": NumberPaging(total="total"), "page_size": 3},
    "id forward": {
        "paging": IdPaging(param="fromId", step=1, start="0", whole_history=True),
        "page_size": 3,
        "needs_symbol": True,
    },
    "id backward": {
        "paging": IdPaging(param="before", backward=True),
        "page_size": 3,
        "window": 4 * DAY,
        "needs_symbol": True,
    },
    "time forward": {
        "paging": TimePaging(field="time"),
        "page_size": 4,
        "window": 4 * DAY,
        "needs_symbol": True,
    },
    "time backward": {
        "paging": TimePaging(field="time", backward=True),
        "page_size": 4,
        "needs_symbol": True,
    },
}


def kind(name: str, **more: Any) -> StreamPolicy:
    return stream(**{"history_start_ms": BEGIN_MS, **KINDS[name], **more})


def history(*places: tuple[float, int]) -> list[Event]:
    """Fills at (hours after BEGIN, index of the symbol); ids count from 1 in each symbol, equal
    fills stay several."""
    numbers: Counter[str] = Counter()
    events = []
    for hours, index in sorted(places):
        symbol, moment = SYMBOLS[index], BEGIN + timedelta(hours=hours)
        numbers[symbol] += 1
        made = fill(str(numbers[symbol]), symbol=symbol, time=moment)
        events.append(
            Event(number=numbers[symbol], at_ms=to_ms(moment), record=made, symbol=symbol)
        )
    return events


class Bench:
    """A cache and an exchange with one stream; ``sync`` is one run as the program does it."""

    def __init__(
        self,
        folder: Path,
        way: StreamPolicy,
        events: Iterable[Event] = (),
        *,
        cap: int | None = None,
    ) -> None:
        self.way = way
        self.clock = SetClock(NOW)
        self.port = FakeExchange(policy(way), clock=self.clock, cap=cap)
        self.port.add(way.data_type, way.scope, *events)
        self.repository = ExchangeCacheRepository.open(folder / "cache.sqlite3")
        if not POSTGRES:  # hundreds of caches are made here
            self.repository._database.peewee.execute_sql("PRAGMA synchronous = OFF")

    def key(self, symbol: str = "") -> StreamKey:
        return StreamKey(
            account="main", data_type=self.way.data_type, scope=self.way.scope, symbol=symbol
        )

    def state(self, symbol: str = "") -> StreamState:
        return self.repository.ledger.state(self.key(symbol))

    def sync(self, *, full: bool = False, stop: Any = lambda: False) -> int:
        """The new rows of one run; a symbol that fails stops no other, and its error is raised in
        the end."""
        new, now_ms = 0, to_ms(self.clock.now())
        failed: list[ExchangeFault] = []
        for symbol in SYMBOLS if self.way.needs_symbol else ("",):
            plan = plan_stream(self.way, self.state(symbol), now_ms, full=full)
            walk = Walk(
                self.port,
                self.repository.ledger,
                self.clock,
                self.way,
                self.state(symbol),
                stop=stop,
                refresh=full,
            )
            try:
                walk.run(plan.windows, now_ms)
                walk.finish(plan.floor_ms, now_ms)
            except ExchangeFault as error:
                failed.append(error)
            assert walk.state == self.state(symbol)
            new += walk.tally.new_rows
        if failed:
            raise failed[0]
        return new

    def killed_sync(self, after: int) -> bool:
        """One run whose process dies at the request after so many, as another process with another
        session; whether it ended."""
        self.port.kill_at = self.port.requests + after + 1
        try:
            self.sync()
            return True
        except Killed:
            return False
        finally:
            self.port.kill_at = None

    def fills(self) -> list[Fill]:
        return sorted(
            self.repository.ledger.fills(),
            key=lambda item: (item.time, item.symbol, int(item.fill_id)),
        )

    def stored(self) -> tuple[list[Fill], list[Any], dict[str, Any]]:
        states = self.repository.ledger.states()
        by_id = isinstance(self.way.paging, IdPaging) and self.way.paging.whole_history
        progress = {
            item.key.symbol: (item.rows, item.open, item.last_id if by_id else None)
            for item in states
        }
        return self.fills(), self.repository.dump("exchange_coverage"), progress

    def close(self) -> None:
        self.repository.close()


@pytest.fixture
def bench(tmp_path: Path):
    made: list[Bench] = []

    def build(name: str, *places: tuple[float, int], cap: int | None = None, **more: Any) -> Bench:
        made.append(Bench(tmp_path / str(len(made)), kind(name, **more), history(*places), cap=cap))
        return made[-1]

    yield build
    for item in made:
        item.close()


def truth(events: Iterable[Event]) -> list[Fill]:
    return sorted(
        (event.record for event in events),
        key=lambda item: (item.time, item.symbol, int(item.fill_id)),
    )


# --- properties -----------------------------------------------------------------------------------

kinds = st.sampled_from(sorted(KINDS))
place = st.tuples(
    st.integers(0, 239) | st.sampled_from([0, 23, 24, 48, 72, 168, 238, 239]), st.integers(0, 1)
)


def _at_most_three_of_one_instant(places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """A page must be able to hold all rows of one millisecond: no exchange can be read
    otherwise."""
    count: Counter[int] = Counter()
    kept = []
    for hours, index in places:
        count[hours] += 1
        if count[hours] <= 3:
            kept.append((hours, index))
    return kept


histories = (
    st.lists(place, max_size=14)
    .map(_at_most_three_of_one_instant)
    .map(lambda places: history(*places))
)


@settings(max_examples=examples(36), deadline=None)
@given(
    name=kinds,
    events=histories,
    kills=st.lists(st.integers(0, 9), min_size=1, max_size=5),
    expired=st.booleans(),
)
def test_a_run_killed_anywhere_and_resumed_stores_what_an_undisturbed_one_stores(
    name: str, events: list[Event], kills: list[int], expired: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        whole = Bench(Path(folder) / "whole", kind(name), events)
        parts = Bench(Path(folder) / "parts", kind(name), events)
        whole.sync()
        for after in kills:
            if parts.killed_sync(after):
                break
            parts.port.session += expired
        parts.sync()

        assert parts.stored() == whole.stored()
        assert whole.fills() == truth(events)
        assert whole.sync() == parts.sync() == 0
        assert parts.stored() == whole.stored()
        whole.close()
        parts.close()


@settings(max_examples=examples(24), deadline=None)
@given(
    name=kinds,
    events=histories,
    kills=st.lists(st.tuples(st.integers(0, 6), st.integers(0, 30)), min_size=1, max_size=4),
)
def test_time_and_trade_go_on_between_the_kills(
    name: str, events: list[Event], kills: list[tuple[int, int]]
) -> None:
    end = BEGIN_MS + 240 * 3_600_000
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), kind(name), [])
        bench.clock.at = BEGIN + timedelta(hours=1)
        waiting = sorted(events, key=lambda event: event.at_ms)
        for after, hours in kills:
            bench.clock.at += timedelta(hours=hours)
            while waiting and waiting[0].at_ms < to_ms(bench.clock.at):
                bench.port.add(DataType.FILLS, "spot", waiting.pop(0))
            bench.killed_sync(after)
        bench.port.add(DataType.FILLS, "spot", *waiting)
        bench.clock.at = from_ms(end)
        bench.sync()

        assert bench.fills() == truth(events)
        assert {state.key.symbol: state.covered for state in bench.repository.ledger.states()} == {
            state.key.symbol: Ranges.of((BEGIN_MS, end))
            for state in bench.repository.ledger.states()
        }
        bench.close()


@settings(max_examples=examples(24), deadline=None)
@given(name=kinds, events=histories, failures=st.sets(st.integers(1, 25), max_size=5))
def test_a_failing_page_is_never_covered_and_asked_again(
    name: str, events: list[Event], failures: set[int]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), kind(name), events)
        bench.port.fail = {number: ExchangeUnavailable("down") for number in failures}
        for _ in range(len(failures) + 1):
            try:
                bench.sync()
            except ExchangeUnavailable:
                missing = [
                    event for event in events if event.record not in bench.repository.ledger.fills()
                ]
                for event in missing:
                    symbol = event.symbol if bench.way.needs_symbol else ""
                    assert not bench.state(symbol).covered.contains(event.at_ms), event
        assert bench.fills() == truth(events)
        bench.close()


@settings(max_examples=examples(36), deadline=None)
@given(
    name=kinds,
    events=histories,
    poisoned=st.sets(st.integers(0, 13), max_size=3),
    failures=st.sets(st.integers(1, 25), max_size=4),
)
def test_what_cannot_be_read_is_never_covered_and_holds_up_nothing_else(
    name: str, events: list[Event], poisoned: set[int], failures: set[int]
) -> None:
    """Some rows cannot be decoded, some windows are refused: all but the rows near them is stored,
    and all once it can be read."""
    bad = [events[index] for index in poisoned if index < len(events)]
    with tempfile.TemporaryDirectory() as folder:
        shown = [
            replace(event, record=BadResponse("nonsense")) if event in bad else event
            for event in events
        ]
        bench = Bench(Path(folder), kind(name), shown)
        bench.port.fail = {number: RequestRefused("no") for number in failures}
        for _ in range(len(failures) + 1):
            with contextlib.suppress(ExchangeFault):
                bench.sync()
            _nothing_missing_is_covered(bench, events)
        stored = bench.fills()
        if not (isinstance(bench.way.paging, IdPaging) and bench.way.paging.whole_history):
            far = [
                event
                for event in events
                if all(abs(event.at_ms - other.at_ms) > 3_600_000 for other in bad)
            ]
            assert [event for event in far if event.record not in stored] == []
        bench.port.events, bench.port.fail = {(DataType.FILLS, "spot"): list(events)}, {}
        bench.sync()
        assert bench.fills() == truth(events)
        bench.close()


def _nothing_missing_is_covered(bench: Bench, events: Iterable[Event]) -> None:
    stored = bench.fills()
    for event in events:
        if event.record not in stored:
            assert not bench.state(event.symbol if bench.way.needs_symbol else "").covered.contains(
                event.at_ms
            ), event


@pytest.mark.parametrize("name", KINDS)
def test_under_every_way_of_paging_a_kill_after_any_request_loses_nothing(
    bench: Any, name: str
) -> None:
    places = [(hour, hour % 2) for hour in (0, 1, 30, 100, 100, 101, 180, 230, 231, 232, 239)]
    whole, parts = bench(name, *places), bench(name, *places)
    whole.sync()
    for after in range(30):
        if parts.killed_sync(after):
            break
    parts.sync()

    assert whole.fills() == truth(history(*places))
    assert parts.stored() == whole.stored()


# --- cases ----------------------------------------------------------------------------------------


def test_pages_shorter_than_asked_end_nothing(bench: Any) -> None:
    """The exchange caps its pages at 2 where 50 were asked."""
    for name in (
        "cursor",
        "offset, any window",
        "page number",
        "id forward",
        "id backward",
        "time forward",
        "time backward",
    ):
        made = bench(name, *((hour, 0) for hour in range(200, 211)), page_size=50, cap=2)
        made.sync()
        assert len(made.fills()) == 11, name


def test_fills_of_one_millisecond_that_straddle_pages_are_all_stored(bench: Any) -> None:
    for name in ("time forward", "time backward", "cursor", "id forward"):
        made = bench(name, (100, 0), (100, 0), (100, 0), (101, 0), (101, 0), (101, 0), page_size=4)
        made.sync()
        assert len(made.fills()) == 6, name


def test_ids_that_are_unique_only_per_symbol_are_not_merged(bench: Any) -> None:
    made = bench("cursor", (1, 0), (1, 1), (2, 0), (2, 1))
    made.sync()

    assert Counter((item.symbol, item.fill_id) for item in made.fills()) == Counter(
        [("BTC/USDT", "1"), ("BTC/USDT", "2"), ("ETH/USDT", "1"), ("ETH/USDT", "2")]
    )


def test_empty_windows_are_covered_and_end_nothing(bench: Any) -> None:
    made = bench("cursor", (1, 0))
    made.sync()

    assert made.state().covered == Ranges.of((BEGIN_MS, NOW_MS))
    assert len(made.fills()) == 1
    assert made.state().completed_ms == NOW_MS
    assert made.state().floor_ms == BEGIN_MS


def test_a_history_without_any_row_is_covered(bench: Any) -> None:
    for name in KINDS:
        made = bench(name)
        made.sync()
        assert all(
            state.covered == Ranges.of((BEGIN_MS, NOW_MS))
            for state in made.repository.ledger.states()
        ), name


def test_every_page_is_saved_when_it_comes(bench: Any) -> None:
    made = bench("offset, any window", *((hour, 0) for hour in range(9)))
    made.killed_sync(2)

    assert len(made.fills()) == 6
    assert made.state().open == Span(BEGIN_MS, NOW_MS)
    assert made.state().cursor["offset"] == 6
    assert not made.state().covered


def test_a_kill_costs_at_most_the_page_under_way(bench: Any) -> None:
    places = [(hour, 0) for hour in range(30)]
    made, whole = bench("offset, any window", *places), bench("offset, any window", *places)
    whole.sync()
    runs = 1
    while not made.killed_sync(3):
        runs += 1

    # per run beside its own pages: the request at which it died, and at the very end the head
    # beside the resumed window
    assert made.port.requests <= whole.port.requests + runs + 1
    assert made.stored() == whole.stored()


def test_a_window_too_full_for_one_page_is_halved_until_it_fits(bench: Any) -> None:
    made = bench("one page", *((hour, 0) for hour in range(100, 120)))
    made.sync()

    assert len(made.fills()) == 20
    assert made.state().covered == Ranges.of((BEGIN_MS, NOW_MS))
    lengths = [window.length_ms for _, _, window in made.port.asked if window]
    assert min(lengths) < 5 * 3_600_000


def test_a_full_page_is_kept_though_its_window_is_not_covered(bench: Any) -> None:
    made = bench("one page, any window", *((hour, 0) for hour in range(8)))
    made.killed_sync(1)

    assert len(made.fills()) == 4
    assert not made.state().covered


def test_more_rows_in_one_millisecond_than_a_page_holds_are_an_error_not_a_loss(bench: Any) -> None:
    made = bench("one page", *[(100, 0)] * 5)

    with pytest.raises(BadResponse, match="one millisecond"):
        made.sync()
    assert not made.state().covered.contains(BEGIN_MS + 100 * 3_600_000)


def test_a_cursor_that_expired_begins_its_window_again(bench: Any) -> None:
    made = bench("cursor", *((hour, 0) for hour in range(220, 232)))
    made.killed_sync(2)
    assert made.state().cursor
    made.port.session += 1
    made.sync()

    assert len(made.fills()) == 12
    assert made.state().open is None
    assert made.state().cursor == {}


def test_a_window_refused_from_its_beginning_is_an_error(bench: Any) -> None:
    made = bench("cursor", (1, 0))
    made.port.broken = {("spot", ""): RequestRefused("no")}

    with pytest.raises(RequestRefused):
        made.sync()
    asked = [window for _, _, window in made.port.asked]
    assert len(asked) == len(set(asked)) == 5
    assert not made.state().covered


def test_a_range_out_of_retention_is_recorded_as_such_and_never_as_covered(bench: Any) -> None:
    made = bench("cursor", (1, 0), (230, 0), retention=3 * DAY)
    made.sync()

    floor = NOW_MS - 3 * 86_400_000 + 60_000
    assert made.state().covered == Ranges.of((floor, NOW_MS))
    assert made.state().floor_ms == floor
    assert made.state().history_start_ms == BEGIN_MS
    assert len(made.fills()) == 1


def test_a_window_left_open_when_the_retention_passes_over_it_costs_no_failure(bench: Any) -> None:
    made = bench(
        "cursor, oldest first", *((hour, 0) for hour in range(168, 200)), retention=3 * DAY
    )
    made.killed_sync(5)
    assert made.state().open is not None
    made.clock.at += 2 * HOUR
    made.sync()

    assert made.state().covered.end_ms == to_ms(made.clock.at)
    assert made.state().open is None


def test_a_refusal_for_retention_is_not_asked_twice(bench: Any) -> None:
    made = bench("cursor", *((hour, 0) for hour in range(200, 220)))
    made.killed_sync(2)
    made.port.fail = {made.port.requests + 1: OutOfRetention("gone")}

    with pytest.raises(OutOfRetention):
        made.sync()


def test_news_are_fetched_with_the_overlap_alone(bench: Any) -> None:
    made = bench("cursor", (1, 0))
    made.sync()
    made.clock.at += HOUR
    made.port.add(
        DataType.FILLS,
        "spot",
        Event(9, to_ms(NOW) + 5, fill("9", time=from_ms(to_ms(NOW) + 5)), "BTC/USDT"),
    )
    before = made.port.requests

    assert made.sync() == 1
    assert made.port.requests == before + 1
    assert made.port.asked[-1][2] == Span(NOW_MS - 3_600_000, NOW_MS + 3_600_000)


def test_a_row_that_the_exchange_shows_late_is_found_in_the_overlap(bench: Any) -> None:
    made = bench("cursor")
    made.sync()
    late = NOW_MS - 30 * 60_000
    made.port.add(DataType.FILLS, "spot", Event(9, late, fill("9", time=from_ms(late)), "BTC/USDT"))
    made.clock.at += HOUR

    assert made.sync() == 1


def test_full_asks_everything_again_and_brings_deleted_rows_back(bench: Any) -> None:
    made = bench("cursor", (1, 0), (100, 0), (200, 0))
    made.sync()
    made.repository.forget_account("main")
    made.sync(full=True)
    assert len(made.fills()) == 3

    before = made.stored()
    assert made.sync(full=True) == 0
    assert made.stored() == before


def test_id_walks_go_on_from_the_last_id(bench: Any) -> None:
    made = bench("id forward", *((hour, 0) for hour in range(7)))
    made.sync()
    assert made.state("BTC/USDT").last_id == "7"
    made.port.add(
        DataType.FILLS,
        "spot",
        Event(8, NOW_MS + 5, fill("8", time=from_ms(NOW_MS + 5)), "BTC/USDT"),
    )
    made.clock.at += HOUR
    before = made.port.requests

    assert made.sync() == 1
    assert made.port.requests - before <= 3


def test_a_stop_ends_between_two_pages_and_keeps_what_came(bench: Any) -> None:
    made = bench("offset, any window", *((hour, 0) for hour in range(12)))

    with pytest.raises(Interrupted):
        made.sync(stop=lambda: made.port.requests >= 2)
    assert made.port.requests == 2
    assert len(made.fills()) == 6
    assert made.sync() == 6


def test_a_failure_is_noted_and_the_next_success_clears_it(bench: Any) -> None:
    made = bench("cursor")
    walk = Walk(made.port, made.repository.ledger, made.clock, made.way, made.state())
    walk.fail("failed", "it is down")
    assert (made.state().state, made.state().error, made.state().completed_ms) == (
        "failed",
        "it is down",
        None,
    )

    made.sync()
    assert (made.state().state, made.state().error, made.state().completed_ms) == (
        "ok",
        None,
        NOW_MS,
    )


def test_a_cursor_that_never_ends_is_an_error(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exchange_cache.sync.history.MAX_PAGES", 3)
    made = bench("offset, any window", *((hour, 0) for hour in range(100)))

    with pytest.raises(BadResponse, match="never end"):
        made.sync()
    assert not made.state().covered


def test_symbols_named_by_rows_are_reported(bench: Any) -> None:
    made = bench("cursor")
    made.port.add(DataType.FILLS, "spot", Event(1, NOW_MS - 5, None, names=("BTC/USDT:USDT",)))
    walk = Walk(made.port, made.repository.ledger, made.clock, made.way, made.state())
    walk.run(plan_stream(made.way, made.state(), NOW_MS).windows, NOW_MS)

    assert walk.symbols == {"BTC/USDT:USDT"}
    assert T0 < BEGIN


# --- what an exchange does not serve although it does not refuse it -------------------------------


NEWEST = {"paging": TimePaging(field="time"), "page_size": 2, "needs_symbol": False}


def test_a_history_of_the_newest_rows_only_is_covered_from_its_oldest_row_on(bench: Any) -> None:
    served = bench(
        "time forward", (100, 0), (120, 0), (130, 0), (200, 0), newest_rows=4, window=None, **NEWEST
    )
    served.sync()
    oldest = BEGIN_MS + 100 * 3_600_000
    assert served.state().covered == Ranges.of((oldest, NOW_MS))
    assert out_of_retention(served.state()) == Ranges.of((BEGIN_MS, oldest)), (
        "older rows may have been, and are not served"
    )
    served.port.asked.clear()
    served.clock.at += HOUR
    served.sync()
    assert min(span.start_ms for _, _, span in served.port.asked) > oldest, (
        "what is not served is not asked again"
    )
    assert out_of_retention(served.state()) == Ranges.of((BEGIN_MS, oldest))


def test_a_history_of_fewer_rows_than_the_exchange_serves_is_whole(bench: Any) -> None:
    served = bench(
        "time forward", (100, 0), (120, 0), (130, 0), newest_rows=4, window=None, **NEWEST
    )
    served.sync()
    assert served.state().covered == Ranges.of((BEGIN_MS, NOW_MS))
    assert out_of_retention(served.state()) == Ranges()


def test_a_history_of_the_newest_rows_killed_in_its_middle_claims_no_more(bench: Any) -> None:
    places = [(hour, 0) for hour in (100, 120, 130, 200)]
    for after in range(5):
        parts = bench("time forward", *places, newest_rows=4, window=None, **NEWEST)
        parts.killed_sync(after)
        parts.sync()
        assert parts.state().covered == Ranges.of((BEGIN_MS + 100 * 3_600_000, NOW_MS)), (
            f"killed after {after}"
        )


def test_more_rows_than_are_served_between_two_runs_leave_a_hole_that_is_reported(
    bench: Any,
) -> None:
    served = bench("time forward", (100, 0), newest_rows=3, window=None, **NEWEST)
    served.sync()
    served.clock.at += 3 * DAY
    first = NOW_MS + 36 * 3_600_000
    served.port.events.clear()
    served.port.add(DataType.FILLS, "spot", *history((100, 0), (276, 0), (280, 0), (290, 0))[1:])
    served.sync()
    assert out_of_retention(served.state()) == Ranges.of((NOW_MS, first))


def test_an_old_order_that_ended_late_proves_nothing_of_the_time_since_it_was_made(
    bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest two orders by their end: one that ended before them is not served, although it was
    made after the older one."""
    unbound = TimeBounds(start=None, end=None)
    served = bench("cursor", data_type=DataType.ORDERS, newest_rows=2, window=None, bounds=unbound)
    ended = [NOW - timedelta(hours=2), NOW - timedelta(hours=1)]
    made = [
        order("1", created_at=NOW - timedelta(days=5), updated_at=ended[0]),
        order("2", created_at=ended[1], updated_at=ended[1]),
    ]
    monkeypatch.setattr(
        served.port, "page", lambda *_: Page(records=tuple(made), next=None, row_count=2)
    )
    served.sync()
    assert served.state().covered == Ranges.of((to_ms(ended[0]), NOW_MS))


def test_an_answer_that_reaches_behind_its_window_proves_all_of_it(bench: Any) -> None:
    way = bench(
        "cursor",
        (100, 0),
        (120, 0),
        (200, 0),
        newest_rows=3,
        window=None,
        bounds=TimeBounds(start=None, end=None),
    )
    way.sync()
    oldest = BEGIN_MS + 100 * 3_600_000
    assert way.state().floor_ms == oldest
    way.clock.at += HOUR
    way.sync()
    assert way.state().floor_ms == oldest, "the newest rows of each run are no new loss"
    assert way.state().covered == Ranges.of((oldest, to_ms(way.clock.at)))


def test_what_comes_from_before_the_proven_time_is_kept_and_proves_nothing(bench: Any) -> None:
    way = bench("one page", (60, 0), (200, 0), retention=9 * DAY, proven=3 * DAY)
    way.sync()
    proven = NOW_MS - 3 * DAY // timedelta(milliseconds=1) + 60_000
    assert len(way.fills()) == 2
    assert way.state().covered == Ranges.of((proven, NOW_MS))
    assert way.state().floor_ms == proven
    way.port.asked.clear()
    way.sync()
    assert min(span.start_ms for _, _, span in way.port.asked) >= proven, (
        "the time before was asked once"
    )


@pytest.mark.parametrize("window", [6 * HOUR, 3 * DAY, None])
def test_an_exchange_that_refuses_the_time_before_the_proven_one_is_asked_that_once(
    bench: Any, window: timedelta | None
) -> None:
    way = bench(
        "one page",
        (60, 0),
        (172, 0),
        (230, 0),
        window=window,
        proven=3 * DAY,
        backfill="oldest_first",
        needs_symbol=False,
    )
    proven = NOW_MS - 3 * DAY // timedelta(milliseconds=1) + 60_000
    serve = way.port.page

    def page(stream: StreamPolicy, symbol: str | None, span: Span, cursor: Any) -> Any:
        if span.start_ms < proven:
            way.port.asked.append((stream.scope, "", span))
            raise RequestRefused("too old")
        return serve(stream, symbol, span, cursor)

    way.port.page = page
    way.sync()
    assert len(way.fills()) == 2
    assert way.state().covered == Ranges.of((proven, NOW_MS))
    way.port.asked.clear()
    way.sync()
    assert len(way.port.asked) == 1


def test_an_exchange_that_refuses_everything_is_not_asked_for_all_the_time_before_the_proven_one(
    bench: Any,
) -> None:
    way = bench(
        "one page", window=2 * HOUR, proven=3 * DAY, backfill="oldest_first", needs_symbol=False
    )
    way.port.fail = {number: RequestRefused("no") for number in range(1, 200)}
    with pytest.raises(RequestRefused):
        way.sync()
    assert way.port.requests <= 27
    assert way.state().covered == Ranges()


def test_a_stream_that_only_brings_rows_forward_reports_no_loss(bench: Any) -> None:
    way = bench("one page", (239, 0), retention=DAY, brings_forward=True)
    way.sync()
    assert len(way.fills()) == 1
    assert (out_of_retention(way.state()), gaps(way.state(), NOW_MS)) == (Ranges(), Ranges())
