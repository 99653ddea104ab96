"""Which columns share a line of a narrow terminal."""

from __future__ import annotations

from exchange_cache.render.runs import fitting_runs

COLUMNS = [(2, 4), (2, 4), (2, 4), (2, 4)]


def test_columns_that_fit_share_a_line() -> None:
    assert fitting_runs(COLUMNS, 22, 2) == (slice(0, None),)
    assert fitting_runs(COLUMNS, None, 2) == (slice(0, None),)


def test_the_further_lines_have_room_for_their_indent() -> None:
    assert fitting_runs(COLUMNS, 12, 2) == (slice(0, 2), slice(2, None))
    assert fitting_runs(COLUMNS, 11, 2) == (slice(0, 2), slice(2, 3), slice(3, None))


def test_a_column_that_is_wider_than_the_terminal_has_a_line_of_its_own() -> None:
    assert fitting_runs([(2, 4), (2, 30), (2, 4)], 12, 2) == (
        slice(0, 1),
        slice(1, 2),
        slice(2, None),
    )
