"""A sample of cases keeps something of every group and differs between groups; all of its turns
together are everything."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import effort

pytest_plugins = ["pytester"]


@pytest.mark.parametrize("one_in", [1, 2, 3, 7])
def test_the_turns_of_a_sample_are_all_cases_once(one_in: int) -> None:
    cases = list(range(12))
    turns = [effort.sample(cases, one_in, turn) for turn in range(one_in)]
    assert sorted(case for turn in turns for case in turn) == cases


def test_a_sample_of_few_cases_is_never_empty() -> None:
    for turn in range(5):
        assert len(effort.sample(["one", "two"], 4, turn)) == 1
    assert effort.sample([], 4) == []


def test_something_of_every_group_is_kept_and_not_the_same_of_each() -> None:
    groups = [name for name in ("binance", "kraken", "okx") for _ in range(4)]
    assert effort.kept(groups, 4) == [
        *(True, False, False, False),
        *(False, True, False, False),
        *(False, False, True, False),
    ]
    assert effort.kept(["lonely", *groups], 100).count(True) == 4


@pytest.mark.parametrize(("sampled", "number"), [(False, 60), (True, 15)])
def test_hypothesis_makes_fewer_examples_in_a_sample(
    sampled: bool, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(effort, "SAMPLE", sampled)
    assert effort.examples(60) == number
    assert effort.examples(5) == 5


CASES = """
import pytest

@pytest.mark.sampled(3, each="exchange")
@pytest.mark.parametrize("kind", range(6))
@pytest.mark.parametrize("exchange", ["binance", "kraken"])
def test_long(exchange, kind):
    pass

@pytest.mark.sampled(4)
@pytest.mark.parametrize("kind", range(8))
def test_flat(kind):
    pass

def test_short():
    pass

@pytest.mark.long
def test_longest():
    pass

@pytest.mark.reduced
def test_a_part_of_it_in_a_sample():
    pass
"""


@pytest.mark.parametrize(
    ("sampled", "passed", "left"), [("", 23, 0), ("1", 8, 15), ("rest", 16, 7)]
)
def test_pytest_leaves_cases_out_only_where_a_sample_is_asked_for(
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    sampled: str,
    passed: int,
    left: int,
) -> None:
    root = Path(__file__).parent.parent
    monkeypatch.setenv("EXCACHE_TEST_SAMPLE", sampled)
    monkeypatch.setenv("PYTHONPATH", str(root))
    pytester.makepyfile(CASES)
    done = pytester.runpytest_subprocess("-p", "tests.sampling", "-p", "no:cacheprovider")
    done.assert_outcomes(passed=passed, deselected=left)
