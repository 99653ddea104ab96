"""Numbers keep every digit through a file."""

from __future__ import annotations

from decimal import Decimal

from exchange_cache.recording import exact_json


def test_a_number_keeps_its_digits_and_a_text_its_quotes() -> None:
    text = '{"a": [0.10000000000000000001, "0.10", 9007199254740993, true, null], "b": {}}'
    assert exact_json.dumps(exact_json.loads(text)) == text


def test_an_exponent_becomes_plain_notation() -> None:
    assert exact_json.loads("1E-8") == Decimal("0.00000001")
    assert exact_json.dumps(exact_json.loads("1E-8")) == "0.00000001"


def test_indented_items_have_their_own_lines() -> None:
    assert exact_json.dumps({"a": [1, {"b": "é"}], "c": []}, indent=1) == (
        '{\n "a": [\n  1,\n  {\n   "b": "é"\n  }\n ],\n "c": []\n}'
    )
