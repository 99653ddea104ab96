"""What answers show of an exchange: which question comes next, and what follows from what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from exchange_cache.adapter.looks import NOTHING, Asked, Frame, Look, Question, SeenRow
from exchange_cache.adapter.observation import Observation
from exchange_cache.adapter.observing import concluded, next_question, refusal

DAY = 86_400_000
NOW = 1_000 * DAY
FRAME = Frame(start_ms=0, now_ms=NOW, limit=100)

Server = Callable[[Question], Look]


def rows(*days: float, order: str = "o") -> Look:
    """Rows by the day on which they were; each has an id of its own."""
    return Look(
        rows=tuple(
            SeenRow(time_ms=int(day * DAY), name=str(day), id=f"id-{day}", order=order)
            for day in days
        )
    )


def served(
    days: Sequence[float],
    *,
    cap: int = 100,
    newest: bool = False,
    ignores: str = "",
    window: float | None = None,
) -> Server:
    """A history with a row on each of these days."""

    def answer(question: Question) -> Look:
        since = None if "since" in ignores else question.since_ms
        until = None if "until" in ignores else question.until_ms
        limit = None if "limit" in ignores else question.limit
        end = NOW if until is None else until
        if window is not None and since is not None and end - since > window * DAY:
            return Look()
        found = [
            day
            for day in days
            if (since is None or day * DAY >= since) and (until is None or day * DAY <= until)
        ]
        size = min(cap, limit or cap)
        return rows(*(found[-size:] if newest else found[:size]))

    return answer


def asked_of(server: Server, frame: Frame = FRAME) -> Asked:
    asked = NOTHING
    while (question := next_question(frame, asked)) is not None:
        asked = asked.with_(question, server(question))
    return asked


def seen(server: Server, **frame: Any) -> Observation:
    made = Frame(**{"start_ms": 0, "now_ms": NOW, "limit": 100} | frame)
    return concluded(made, asked_of(server, made))


def verdicts(found: Observation) -> tuple[str, ...]:
    return (found.since, found.until, found.limit, found.order)


LAST_DAYS = [float(day) for day in range(900, 940)]


@pytest.mark.parametrize(
    ("server", "expected", "grade"),
    [
        (
            served(LAST_DAYS),
            ("honoured", "honoured", "honoured", "oldest first"),
            "observed",
        ),
        (
            served(LAST_DAYS, ignores="until"),
            ("honoured", "ignored", "honoured", "oldest first"),
            "observed",
        ),
        (
            served(LAST_DAYS, ignores="until", newest=True),
            ("honoured", "ignored", "honoured", "newest first"),
            "assumed",
        ),
        (
            served(LAST_DAYS, ignores="since", newest=True),
            ("ignored", "honoured", "honoured", "newest first"),
            "observed",
        ),
        (
            served(LAST_DAYS, ignores="since until", newest=True),
            ("ignored", "ignored", "honoured", "newest first"),
            "assumed",
        ),
        (
            served(LAST_DAYS, ignores="until limit", cap=15),
            ("honoured", "ignored", "ignored", "unknown"),
            "assumed",
        ),
    ],
)
def test_each_parameter_is_seen_for_itself(
    server: Server, expected: tuple[str, ...], grade: str
) -> None:
    found = seen(server)
    assert verdicts(found) == expected
    assert found.grade == grade


def test_a_full_page_shows_the_cap_and_one_that_holds_everything_shows_none() -> None:
    assert seen(served(LAST_DAYS, cap=25)).cap == 25
    assert seen(served(LAST_DAYS, cap=100)).cap is None


def test_a_window_that_is_too_wide_is_narrowed_until_there_is_an_answer() -> None:
    found = seen(served(LAST_DAYS, window=90))
    assert found.window_ms == 90 * DAY
    assert found.past is True
    assert found.grade == "observed"


def test_a_window_in_ccxts_words_is_tried_before_any_other() -> None:
    found = seen(served(LAST_DAYS, window=70), window_ms=70 * DAY)
    assert found.window_ms == 70 * DAY


def test_a_history_without_a_row_shows_nothing() -> None:
    asked = asked_of(lambda question: Look())
    found = concluded(FRAME, asked)
    assert found.is_blank and found.grade == "assumed"
    assert len(asked.looks) == 7, "the newest, everything, and five times ever nearer"
    quick = Frame(start_ms=0, now_ms=NOW, limit=100, thorough=False)
    assert len(asked_of(lambda question: Look(), quick).looks) == 2


def test_a_single_row_is_enough_for_a_start_and_an_end() -> None:
    found = seen(served([950.0]))
    assert verdicts(found) == ("honoured", "honoured", "unknown", "unknown")
    assert verdicts(seen(served([950.0], ignores="since until")))[:2] == ("ignored", "ignored")


def test_an_empty_answer_where_rows_are_is_a_refusal() -> None:
    def answer(question: Question) -> Look:
        return Look() if question.until_ms is not None else served(LAST_DAYS)(question)

    assert seen(answer).until == "refused"


def test_what_is_refused_with_an_error_is_not_taken_for_an_empty_history() -> None:
    asked = asked_of(lambda question: Look(refusal="no"))
    assert refusal(asked) == "no"
    assert refusal(asked_of(served(LAST_DAYS))) is None


def test_nothing_more_is_asked_where_a_symbol_is_required() -> None:
    asked = asked_of(lambda question: Look(refusal="requires a symbol", needs_symbol=True))
    assert len(asked.looks) == 1
    assert concluded(FRAME, asked).symbol == "required"


def test_ids_are_unique_shared_or_missing() -> None:
    def ids(make: Callable[[int], str | None]) -> str:
        def answer(question: Question) -> Look:
            found = served(LAST_DAYS)(question).rows
            return Look(
                rows=tuple(
                    SeenRow(
                        time_ms=row.time_ms, name=row.name, id=make(row.time_ms // DAY), order="o"
                    )
                    for row in found
                )
            )

        return seen(answer).ids

    assert ids(str) == "unique"
    assert ids(lambda day: str(day // 2)) == "repeated"
    assert ids(lambda day: None) == "missing"
    assert ids(lambda day: "o") == "repeated"


def test_at_most_a_dozen_requests_observe_a_history() -> None:
    for ignores in ("", "since", "until", "since until", "limit"):
        for window in (None, 1, 30):
            assert seen(served(LAST_DAYS, ignores=ignores, window=window)).requests <= 12
