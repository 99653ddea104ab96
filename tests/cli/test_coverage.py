"""The bars of ``status --coverage``: no history is drawn as better than it is."""

from __future__ import annotations

from collections.abc import Sequence

from exchange_cache.cache.streams import StreamKey, StreamState
from exchange_cache.cli.coverage import _bars
from exchange_cache.clock import to_ms
from exchange_cache.ledger.coverage import Ranges, Span
from exchange_cache.records import DataType
from exchange_cache.render.coverage import CoverageSpan, coverage_bar, merged_spans
from exchange_cache.render.layout import plain
from exchange_cache.value.unmoved import Checks
from tests.builders import NOW
from tests.e2e.world import World
from tests.sync.fake_port import DAY

START, END = to_ms(NOW - 10 * DAY) // 86_400_000 * 86_400_000, to_ms(NOW)
MIDDLE = START + 5 * 86_400_000


def spot(symbol: str, *covered: tuple[int, int], **more: object) -> StreamState:
    key = StreamKey(account="main", data_type=DataType.FILLS, scope="spot", symbol=symbol)
    values = {"floor_ms": START, "history_start_ms": START, "completed_ms": END, **more}
    return StreamState(key=key, covered=Ranges.of(*covered), **values)  # type: ignore[arg-type]


def drawn(*states: StreamState, never: dict[str, int] | None = None) -> list[tuple[str, str]]:
    rows = _bars(states, {"main": never or {}}, START, NOW, Checks([], []))
    return [(row.note, plain(coverage_bar(row.spans, START, END, 10))) for row in rows]


def test_symbols_stored_equally_far_share_a_bar() -> None:
    assert drawn(spot("A/B", (START, END)), spot("C/D", (START, END))) == [
        ("spot (2 symbols)", "█" * 10)
    ]


def test_a_symbol_that_lacks_its_past_is_not_hidden_by_those_that_have_it() -> None:
    found = drawn(
        spot("A/B", (START, END)),
        spot("C/D", (START, END)),
        spot("E/F", (MIDDLE, END), completed_ms=None),
    )
    assert found == [
        ("spot (1 symbol, 1 of them still being fetched)", "░" * 5 + "█" * 5),
        ("spot (2 symbols)", "█" * 10),
    ]


def test_several_that_differ_are_drawn_as_the_worst_of_them() -> None:
    histories: list[Sequence[CoverageSpan]] = [
        [(0, 4, "retention"), (4, 10, "complete")],
        [(0, 6, "complete"), (6, 7, "gap"), (7, 10, "complete")],
        [(2, 10, "complete")],
    ]
    assert merged_spans(histories, 0, 10) == (
        (0, 2, "never"),
        (2, 4, "retention"),
        (4, 6, "complete"),
        (6, 7, "gap"),
        (7, 10, "complete"),
    )


def test_a_walk_that_was_interrupted_is_drawn_where_it_goes_on() -> None:
    ((_, bar),) = drawn(spot("A/B", (MIDDLE, END), open=Span(START, MIDDLE), completed_ms=None))
    assert bar == "▓" * 5 + "█" * 5


def test_symbols_that_were_never_asked_are_counted_and_those_the_exchange_does_not_know_are_not() -> (  # noqa: E501
    None
):
    unknown = spot("OLD/B", state="symbol_unknown", source="delisted")
    assert drawn(spot("A/B", (START, END)), unknown, never={"spot": 41}) == [
        ("spot (1 symbol, 41 never requested)", "█" * 10)
    ]


def test_coverage_as_data_says_from_when_to_when(synced: World) -> None:
    rows = synced.run("status", "--coverage", "--json").json()["rows"]
    keys = {"account", "data_type", "scope", "symbol", "state", "start", "end", "grade"}
    assert keys == set(rows[0])
    grades = {(row["state"], row["grade"]) for row in rows}
    assert ("complete", "proven") in grades and ("retention", None) in grades
    assert {"complete", "retention"} <= {row["state"] for row in rows}
    assert all(row["start"] < row["end"] for row in rows)
    shown = synced.run("status", "--coverage").out
    assert "no longer served" in shown and "complete" in shown
