"""How the answer about a key is read: what it does not state is unknown."""

from __future__ import annotations

import pytest

from exchange_cache.adapter.key_rights import any_flag, flag_at, text_at

ANSWER = {"data": {"uid": 42, "none": "", "nobody": 0, "read": "TRUE", "trade": 0, "list": [1]}}


@pytest.mark.parametrize(
    ("path", "found"),
    [("data.uid", "42"), ("data.none", None), ("data.nobody", None), ("data.other", None)],
)
def test_a_user_is_a_text_and_nobody_is_none(path: str, found: str | None) -> None:
    assert text_at(ANSWER, path) == found


@pytest.mark.parametrize(
    ("path", "found"),
    [("data.read", True), ("data.trade", False), ("data.list.0", True), ("data.other", None)],
)
def test_a_flag_that_is_absent_is_unknown(path: str, found: bool | None) -> None:
    assert flag_at(ANSWER, path) is found


def test_one_flag_of_several_is_enough_and_none_is_unknown() -> None:
    assert any_flag(ANSWER, "data.trade", "data.read") is True
    assert any_flag(ANSWER, "data.trade", "data.other") is False
    assert any_flag(ANSWER, "data.other") is None
