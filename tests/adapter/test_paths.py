"""Rows at dotted paths of an answer."""

from __future__ import annotations

import pytest

from exchange_cache.adapter.paging import (
    RowsMissing,
    dig,
    rows_of,
)


def test_rows_are_found_by_path_and_missing_ones_are_an_error() -> None:
    assert rows_of([{"a": 1}], "") == [{"a": 1}]
    assert rows_of({"result": {"list": [1]}}, "result.list") == [1]
    assert rows_of({"result": {"trades": {"T1": {"pair": "X"}}}}, "result.trades") == [
        {"pair": "X", "id": "T1"}
    ]
    assert rows_of({"result": {"list": None}}, "result.list", null_is_empty=True) == []
    assert rows_of({"total": 0}, "rows?") == []
    assert rows_of({"x": 1, "data": {"items": [{"a": 1}]}}, "*") == [{"a": 1}]
    assert rows_of({"warnings": [], "tags": ["x"], "data": {"items": [{"a": 1}]}}, "*") == [
        {"a": 1}
    ]
    assert rows_of({"warnings": [], "data": [[1, 2]]}, "*") == [[1, 2]]
    assert rows_of({"warnings": [], "data": {}}, "*") == []
    for answer in ({}, {"result": {}}, {"result": "no"}, {"result": {"list": None}}):
        with pytest.raises(RowsMissing):
            rows_of(answer, "result.list")
    with pytest.raises(RowsMissing):
        rows_of({}, "")
    assert dig({"a": [{"b": 2}]}, "a.0.b") == 2


def test_an_answer_may_leave_out_its_rows_only_where_it_says_that_there_are_none() -> None:
    assert rows_of({"total": 0}, "rows?") == []
    assert rows_of({"code": "000000", "success": True}, "data?") == []
    for answer in ({}, {"error": "bad request"}, {"response": {"rows": [1]}}, {"success": False}):
        with pytest.raises(RowsMissing):
            rows_of(answer, "rows?")
