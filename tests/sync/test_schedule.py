"""The crontab as text: excache's own block is added, replaced and removed, and nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from exchange_cache.errors import ConfigError, UsageError
from exchange_cache.sync.schedule import (
    BEGIN,
    END,
    Entry,
    block_of,
    difference,
    minute_in,
    minute_of,
    missed_hours,
    with_block,
    without_block,
)
from tests.builders import NOW

OTHERS = "# mine\r\nMAILTO=me\n\n5 4 * * * caf\udce9 \x0c --x='1 % 2'\n"
ENTRY = Entry(minute=17, command=("/opt/excache", "sync"), env={"EXCACHE_HOME": "/a b"})
BLOCK = f"{BEGIN}\n17 * * * * EXCACHE_HOME='/a b' /opt/excache sync\n{END}\n"


def test_installing_adds_the_block_and_removing_it_gives_back_every_byte() -> None:
    installed = with_block(OTHERS, ENTRY)
    assert installed == OTHERS + BLOCK
    assert with_block(installed, ENTRY) == installed
    assert without_block(installed) == OTHERS
    assert without_block(OTHERS) == OTHERS
    assert with_block("", ENTRY) == BLOCK


def test_an_older_block_is_replaced_where_it_stands() -> None:
    old = f"a\n{BEGIN}\n1 * * * * old\n{END}\nb\n"
    assert with_block(old, ENTRY) == f"a\n{BLOCK}b\n"
    assert block_of(old) == (BEGIN, "1 * * * * old", END)
    assert (minute_in(old), minute_in(with_block(old, ENTRY)), minute_in(OTHERS)) == (1, 17, None)


@pytest.mark.parametrize(
    "torn", [f"{BEGIN}\nx\n", f"x\n{END}\n", f"{END}\n{BEGIN}\n", f"{BEGIN}\n{BEGIN}\n{END}\n"]
)
def test_torn_markers_change_nothing(torn: str) -> None:
    for edit in (without_block, block_of, lambda text: with_block(text, ENTRY)):
        with pytest.raises(ConfigError, match="nothing was changed"):
            edit(torn)


def test_the_difference_shows_only_the_block() -> None:
    shown = difference(OTHERS, with_block(OTHERS, ENTRY))
    assert [
        line for line in shown.splitlines() if line.startswith("+") and not line.startswith("+++")
    ] == [f"+{line}" for line in BLOCK.splitlines()]
    assert difference(OTHERS, OTHERS) == ""


def test_percent_signs_are_escaped_and_line_breaks_refused() -> None:
    entry = Entry(minute=3, command=("x", "--ping", "https://h/a%20b"), env={})
    assert entry.lines()[1] == r"3 * * * * x --ping https://h/a\%20b"
    with pytest.raises(UsageError):
        Entry(minute=3, command=("x", "a\nb"), env={})


def test_minutes_are_odd_and_differ() -> None:
    minutes = {minute_of(f"user@host{number}") for number in range(200)}
    assert all(minute % 2 == 1 and 1 <= minute <= 59 for minute in minutes)
    assert len(minutes) > 20


def test_missed_hours_are_counted() -> None:
    def at(*hours: float) -> list:
        return [NOW + timedelta(hours=hour) for hour in hours]

    assert missed_hours(at(0, 1, 2.1, 3)) == []
    (gap,) = missed_hours(at(0, 1, 4, 5))
    assert (gap.since, gap.until, gap.runs) == (*at(1, 4), 2)
    assert missed_hours(at(0)) == []
