"""Raw rows are checked before they are parsed, and each fault names its place."""

from __future__ import annotations

from typing import Any

import pytest

from exchange_cache.adapter.paths import RowsMissing
from exchange_cache.adapter.policy import KEY, CallPolicy, RawRows
from exchange_cache.adapter.raw_rows import held_names, hollow, is_nothing, raw_rows, rule_of

LIST = RawRows(path="data.*", name="coin", texts=("type",), figures=("free", "locked|frozen"))
BTC = {"coin": "BTC", "type": "spot", "free": "1.5", "frozen": "0"}
MAPPING = RawRows(path="data.*", name=KEY, figures=("",))


def test_rows_of_lists_and_mappings_are_found() -> None:
    assert raw_rows({"data": [BTC]}, LIST) == [BTC]
    assert raw_rows({"data": {"BTC": "1"}}, MAPPING) == ["1"]
    named = RawRows(path="data.*", name=KEY, figures=("free",))
    assert raw_rows({"data": {"BTC": {"free": "1"}}}, named) == [{"free": "1", "id": "BTC"}]
    assert raw_rows({}, RawRows(path="data?.*")) == []


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({}, "no 'data.*' in the answer: it has no 'data'"),
        (None, "no 'data.*' in the answer: null is where 'data' should be"),
        ({"data": None}, "'data.*' holds no list of rows but null"),
        ({"data": {}}, r"'data.*' holds no list of rows but \{\}"),
        ({"data": [None]}, "a row at 'data.*' has no type"),
        ({"data": [{**BTC, "type": ""}]}, "a row at 'data.*' has no type"),
        ({"data": [{**BTC, "coin": None}]}, "a row at 'data.*' has no coin"),
        ({"data": [{**BTC, "free": "x"}]}, "a row at 'data.*' has no number in free: 'x'"),
        ({"data": [{**BTC, "free": ""}]}, "a row at 'data.*' has an empty free"),
        (
            {"data": [{"coin": "BTC", "type": "spot", "free": "1"}]},
            r"a row at 'data.*' has no locked\|frozen",
        ),
    ],
)
def test_a_row_or_list_that_cannot_be_read_is_named(answer: Any, said: str) -> None:
    with pytest.raises(RowsMissing, match=said):
        raw_rows(answer, LIST)


def test_null_and_empty_texts_are_allowed_only_where_the_policy_says_so() -> None:
    assert raw_rows({"data": None}, RawRows(path="data.*", null_is_empty=True)) == []
    assert raw_rows({"data": {}}, RawRows(path="data.*", keyed=True)) == []
    blank = RawRows(path="data.*", name="coin", figures=("free",), blank=True)
    assert raw_rows({"data": [{"coin": "", "free": ""}]}, blank) == [{"coin": "", "free": ""}]
    assert is_nothing({"free": "", "locked": "0.0"}, ("free", "locked"))
    with pytest.raises(RowsMissing, match="has no coin"):
        raw_rows({"data": [{"coin": None, "free": None}]}, blank)


def test_names_are_those_of_rows_that_hold_something() -> None:
    rows = [BTC, {**BTC, "coin": "ETH", "free": "0"}, {**BTC, "coin": "SOL", "type": "loan"}]
    assert held_names({"data": rows}, LIST) == {"BTC", "SOL"}
    only = RawRows(path="data.*", name="coin", figures=("free",), only=("type", "spot"))
    assert held_names({"data": rows}, only) == {"BTC"}
    assert held_names({"data": {"BTC": "1", "ETH": "0"}}, MAPPING) == {"BTC"}


@pytest.mark.parametrize(
    ("answer", "empty"),
    [
        (None, True),
        ({"data": None}, True),
        ({"data": {"orders": "none"}}, True),
        ({"data": []}, False),
        ({"data": None, "rows": []}, False),
        ({"code": 0}, False),
    ],
)
def test_an_answer_of_unknown_shape_needs_a_list(answer: Any, empty: bool) -> None:
    assert hollow(answer) is empty


def test_the_rule_of_a_call_is_written_in_its_policy() -> None:
    call = CallPolicy(category="spot", method="x", rows="data", market_field="s", figures=("f",))
    assert rule_of(call) == RawRows(path="data.*", name="s", figures=("f",))
