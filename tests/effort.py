"""How much of the long proofs runs: ``make test`` takes a fixed sample of their cases, ``make
test-all`` the rest, and all runs wherever nobody asks for a part (pytest called by hand)."""

from __future__ import annotations

import os
from collections.abc import Hashable, Sequence
from typing import TypeVar

T = TypeVar("T")
#: ``1``: a sample; ``rest``: what a sample leaves out.
PART = os.environ.get("EXCACHE_TEST_SAMPLE", "")
SAMPLE = PART == "1"


def sample(cases: Sequence[T], one_in: int, turn: int = 0) -> list[T]:
    """One of so many cases, at least one, from another beginning at each turn."""
    return list(cases[turn % min(one_in, len(cases)) :: one_in]) if cases else []


def examples(number: int) -> int:
    """How many examples hypothesis makes where all would be ``number``."""
    return max(5, number // 4) if SAMPLE else number


def kept(groups: Sequence[Hashable], one_in: int) -> list[bool]:
    """Which of the cases a sample keeps, by the group of each: something of every group, and
    other cases of it than of the group before."""
    members: dict[Hashable, list[int]] = {}
    for number, group in enumerate(groups):
        members.setdefault(group, []).append(number)
    found = {
        number
        for turn, numbers in enumerate(members.values())
        for number in sample(numbers, one_in, turn)
    }
    return [number in found for number in range(len(groups))]
