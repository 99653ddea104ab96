"""Costs that are derived step by step, however rows arrive, against a computation from nothing."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, seed, settings

from exchange_cache.sync import derivation
from tests.reliability.frame import LOST, Case, Product, Verdict, cut
from tests.sync.test_derivation import ARRIVALS, arrive

NAME = "costs"
SHARE = 2
EXAMPLES = 20
SAYS = (
    "random histories of two accounts whose rows arrive late, in any order and parts, with past"
    " prices, renames, stated costs and interruptions: every stored figure of every method after"
    " each part, and those of a random moment; counted by history"
)


@cache
def cases() -> Sequence[Case]:
    return Product(range(1_000_000))


def run(case: Case, folder: Path) -> Verdict:
    (number,) = case
    tried = [0]

    @seed(int(number))
    @settings(max_examples=EXAMPLES, deadline=None, phases=[Phase.generate], database=None)
    @given(*ARRIVALS)
    def histories(rows: Any, chance: Any, assets: Any, stated: Any) -> None:
        tried[0] += 1
        arrive(rows, chance, assets, stated)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(derivation, "STEP", 3)
        try:
            histories()
        except AssertionError as error:
            return Verdict(tried=tried[0], wrong=(f"{LOST}: {cut(str(error))}",))
    return Verdict(tried=tried[0])
