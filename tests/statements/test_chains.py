"""Running balances: what they prove, and where they break."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from exchange_cache.statements.chains import Chains, Link, joined, proven
from exchange_cache.statements.table import Checkpoint

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def links(*rows: tuple[str, str], at: int = 0, file: int = 1) -> list[Link]:
    """The links of rows (change, balance after it), one an hour."""
    chains = Chains()
    for number, (change, after) in enumerate(rows):
        chains.add(
            Checkpoint(
                line=number + 2,
                chain="spot",
                asset="BTC",
                time=BEGIN + timedelta(hours=at + number),
                change=Decimal(change),
                after=Decimal(after),
            )
        )
    return [replace(link, file=file) for link in chains.links()]


WHOLE = (("1", "1"), ("0.5", "1.5"), ("-1", "0.5"))


@pytest.mark.parametrize("rows", [WHOLE, WHOLE[::-1]])
def test_an_unbroken_chain_is_one_link_in_either_direction(
    rows: tuple[tuple[str, str], ...],
) -> None:
    (link,) = links(*rows)
    assert (link.opening, link.closing, link.broken_by) == (0, Decimal("0.5"), None)


def test_a_missing_row_breaks_the_chain_and_is_named() -> None:
    first, second = links(WHOLE[0], WHOLE[2])
    assert (first.closing, second.opening) == (1, Decimal("1.5"))
    assert second.broken_by == "line 3 begins with 1.5 BTC, where line 2 left 1"


def test_a_chain_proves_only_what_the_exchange_itself_closes() -> None:
    whole = links(*WHOLE)
    assert proven(whole, []) == (None, None)
    found, broken = proven(whole, [BEGIN + timedelta(hours=2)])
    assert found is not None
    assert (found.start, found.end, found.from_zero) == (BEGIN, BEGIN + timedelta(hours=2), True)
    assert broken is None


def test_only_the_part_behind_a_break_is_proven() -> None:
    found, broken = proven(links(WHOLE[0], WHOLE[2]), [BEGIN + timedelta(hours=1)])
    assert found is not None
    assert (found.start, found.from_zero) == (BEGIN + timedelta(hours=1), False)
    assert broken is not None
    assert broken.at == BEGIN + timedelta(hours=1)
    assert "line 3 begins with 1.5 BTC" in broken.words


def test_a_break_within_one_second_is_not_hidden() -> None:
    first, second = links(WHOLE[0], WHOLE[2])
    same = [first, replace(second, start=first.end, end=first.end)]
    assert len(joined(same)) == 2


def test_files_that_continue_each_other_are_one_chain() -> None:
    both = links(*WHOLE[:2]) + links(WHOLE[2], at=2, file=2)
    (link,) = joined(both)
    assert (link.opening, link.closing) == (0, Decimal("0.5"))


def test_a_file_that_does_not_continue_the_one_before_breaks_the_chain() -> None:
    both = links(*WHOLE[:1]) + links(WHOLE[2], at=2, file=2)
    found, broken = proven(both, [BEGIN + timedelta(hours=2)])
    assert found is not None
    assert found.start == BEGIN + timedelta(hours=2)
    assert broken is not None
    assert "where the file before left 1" in broken.words


def test_files_that_overlap_are_one_chain_and_the_same_file_twice_too() -> None:
    whole = links(*WHOLE)
    assert len(joined(whole + links(*WHOLE[1:], at=1, file=2))) == 1
    assert len(joined(whole + links(*WHOLE, file=2))) == 1


def test_a_whole_file_repairs_the_break_of_another() -> None:
    assert len(joined(links(WHOLE[0], WHOLE[2]) + links(*WHOLE, file=2))) == 1


@pytest.mark.parametrize("newest_first", [True, False])
def test_a_credit_that_left_again_is_read_in_the_direction_of_the_times(
    *, newest_first: bool
) -> None:
    """From nothing to nothing: the balances alone run in both directions."""
    rows = [("9", "9"), ("-9", "0")]
    chains = Chains()
    for number, (change, after) in list(enumerate(rows))[:: -1 if newest_first else 1]:
        chains.add(
            Checkpoint(
                line=number + 2,
                chain="spot",
                asset="BTC",
                time=BEGIN + timedelta(hours=number),
                change=Decimal(change),
                after=Decimal(after),
            )
        )
    (link,) = chains.links()
    assert (link.opening, link.closing, link.start) == (0, 0, BEGIN)
