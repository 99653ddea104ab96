"""Cases are drawn in the order of a seed, tried for a time, and what breaks down did not hold."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.reliability import running
from tests.reliability.frame import Product, Verdict, is_first
from tests.reliability.running import CLASSES, class_of, draw, tried
from tests.reliability.tally import Tally, document, load, store

ALL = Product(("a", "b"), range(3))


def trials(**more: Any) -> Any:
    return SimpleNamespace(
        **{"NAME": "made", "SAYS": "what it does", "SHARE": 1, "cases": lambda: ALL, **more}
    )


def test_a_product_has_every_combination_once_and_knows_its_own() -> None:
    assert list(ALL) == [("a", "0"), ("a", "1"), ("a", "2"), ("b", "0"), ("b", "1"), ("b", "2")]
    assert ("b", "2") in ALL and ("b", "3") not in ALL and ("a",) not in ALL


def test_a_seed_gives_one_order_and_what_did_not_hold_comes_first() -> None:
    first = draw(trials(), 1, (), ())
    one, rest = first.batch(), first.batch()
    assert len({case[0] for case in one}) == 1, "a batch is of one world"
    assert sorted(one + rest) == sorted(ALL)
    assert draw(trials(), 1, (), ()).batch() == one
    assert [draw(trials(), seed, ("a",), ()).batch() for seed in (1, 2)] != 2 * [one]
    assert draw(trials(), 1, (), [("b", "1")]).batch()[0] == ("b", "1")
    assert {case[0] for case in draw(trials(), 1, ("b",), ()).batch()} == {"b"}
    assert draw(trials(), 1, ("b", "1"), [("a", "0")]).batch() == [("b", "1")]


def test_a_number_of_cases_are_the_first_ones_of_the_seed() -> None:
    every, some = draw(trials(), 1, ("a",), ()), draw(trials(), 1, ("a",), (), 2)
    assert some.batch() == every.batch()[:2] and some.batch() == []


def test_cases_of_one_world_are_one_batch() -> None:
    one = draw(trials(world=lambda case: case[1:]), 1, (), ()).batch()
    assert sorted(case[0] for case in one) == ["a", "b"] and len({case[1] for case in one}) == 1


def test_a_trial_that_breaks_down_did_not_hold(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(case: tuple[str, ...], folder: Path) -> Verdict:
        raise KeyError("x")

    monkeypatch.setattr(running, "class_of", lambda name: trials(run=run))
    [(case, verdict, _)] = tried("made", [("a", "0"), ("a", "1")], 0)
    assert (case, verdict.held) == (("a", "0"), 0)
    assert verdict.wrong == ("crash of the trial: KeyError: 'x'",)
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize("name", CLASSES)
def test_every_class_has_cases_of_its_own_kind(name: str) -> None:
    every = class_of(name).cases()
    assert len(every) > 100 or name in ("crowd", "secrets")
    assert every[0] in every and ("no", "such", "case") not in every


def test_the_page_adds_up_runs_and_names_what_is_open(tmp_path: Path) -> None:
    place, page = tmp_path / "results.json", tmp_path / "page.md"
    tally = Tally()
    tally.add(trials(), ("a", "0"), Verdict(wrong=("lost: 3 rows",)), 1)
    tally.add(trials(), ("a", "1"), Verdict(tried=50), 1)
    tally.add(trials(), ("b", "1"), Verdict(skipped="no compiler"), 1)
    tally.runs.append({"seed": 7, "minutes": 1.0, "tried": 51, "held": 50})
    store(tally, [trials()], place, page)
    assert page.read_text() == document(load(place), [trials()])
    assert "51 cases tried in 1 runs of 1 minutes together, 50 held." in page.read_text()
    assert "- `make torture CASE=made,a,0`: lost: 3 rows" in page.read_text()
    assert "- made: 1 cases, no compiler" in page.read_text()
    again = load(place)
    assert again.again(trials()) == [("a", "0")]
    again.add(trials(), ("a", "0"), Verdict(), 1)
    assert again.again(trials()) == []
    assert "| lost | 1 |" in document(again, [trials()])


def test_cases_that_are_drawn_as_often_as_all_others_take_turns_with_them() -> None:
    found = draw(trials(often=lambda: [("b", "0")]), 1, (), ())
    assert ("b", "0") in list(islice(found.order, 2))
    assert sorted([*draw(trials(often=lambda: [("b", "0")]), 1, (), ()).order]) == sorted(ALL)


def test_a_part_that_chooses_a_call_of_a_smaller_one_is_no_case_of_its_own() -> None:
    assert [part for part in range(10) if is_first(part, 10, 4)] == [0, 3, 5, 8]
    assert all(is_first(part, 10, 10) for part in range(10))
    assert not is_first(0, 10, 0), "nothing to fail"


def test_damages_without_chance_have_one_number() -> None:
    every = list(class_of("disk").cases().parts[3])  # type: ignore[attr-defined]  # a product of parts, which the protocol does not name
    assert every and {case[4] for case in every} == {"0"}


def test_faults_are_tried_at_many_endpoints_at_once_and_alone() -> None:
    every = set(class_of("http").cases())
    assert ("kraken", "*", "502", "once", "first") in every
    assert ("kraken", "/0/private/BalanceEx", "502", "once", "first") in every
    assert ("kraken", "*", "502", "always", "increment") in every
