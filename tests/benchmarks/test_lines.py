"""A line is the median of its rounds with their spread, and says whether it meets its goals."""

from __future__ import annotations

import pytest

from benchmarks.lines import Line, figure, measured, ratios
from benchmarks.screen import text
from benchmarks.timing import Took

SERIES = (Took(0.150, 0.10, 30), Took(0.149, 0.09, 31), Took(0.420, 0.12, 29))


def line(**more: float) -> Line:
    return measured("reads", "portfolio", "x bare", [7.25, 6.5, 9.75], SERIES, **more)


def test_a_line_is_its_median_with_least_and_most() -> None:
    found = line()
    assert (found.value, found.least, found.most, found.times) == (7.25, 6.5, 9.75, 3)
    assert (found.cpu, found.wall, found.memory) == (0.10, 0.150, 31)
    assert found.measured() == "7.25 x bare (6.50 – 9.75)"


def test_a_ratio_compares_the_same_round() -> None:
    bare = (Took(1, 0.01), Took(1, 0.03), Took(1, 0.02))
    assert ratios(SERIES, bare) == pytest.approx([10, 3, 6])


@pytest.mark.parametrize(
    ("goals", "met", "goal"),
    [
        ({}, None, ""),
        ({"at_most": 7.25}, True, "≤ 7.25 x bare"),
        ({"at_most": 7}, False, "≤ 7 x bare"),
        ({"at_least": 7.5}, False, "≥ 7.50 x bare"),
        ({"at_most": 9, "memory_at_most": 30}, False, "≤ 9 x bare, ≤ 30 MiB"),
        ({"at_most": 9, "memory_at_most": 31}, True, "≤ 9 x bare, ≤ 31 MiB"),
    ],
)
def test_a_missed_goal_is_printed_as_missed(
    goals: dict[str, float], met: bool | None, goal: str
) -> None:
    found = line(**goals)
    assert (found.is_met, found.goal()) == (met, goal)
    assert found.verdict() == {None: "", True: "met", False: "MISSED"}[met]
    assert (f"goal {goal}: {found.verdict()}" in text(found)) is (met is not None)


def test_a_memory_goal_without_a_measurement_is_not_met() -> None:
    assert measured("reads", "x", "s", [1], memory_at_most=9).is_met is False


def test_figures_keep_three_digits() -> None:
    numbers = (0.0, 0.123, 1.0, 1.2345, 12.345, 123.45, 12345.6)
    expected = ["0", "0.12", "1", "1.23", "12.3", "123", "12,346"]
    assert [figure(number) for number in numbers] == expected
