"""Single values of a row: exact, or an error that names the field."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from exchange_cache.adapter.values import (
    FIRST_MS,
    Row,
    moment,
    moment_or_none,
    number,
    positive,
    required_number,
    required_text,
    text,
    whole_texts,
)
from exchange_cache.errors import BadResponse
from tests.exchanges.builders import DAY_MS, NOW_MS, origin


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("0.10", Decimal("0.10")),
        ("1e-8", Decimal("0.00000001")),
        (3, Decimal(3)),
        (0.5, Decimal("0.5")),
        ("", None),
        (None, None),
    ],
)
def test_numbers_are_exact_and_absent_ones_unknown(value: object, found: Decimal | None) -> None:
    assert number(origin(), {"price": value}, "price") == found


def test_a_value_that_is_no_number_or_text_is_an_error_with_its_row_and_field() -> None:
    row = {"id": "t1", "price": "many", "flag": True}
    with pytest.raises(BadResponse, match="binance spot: row t1 has no number in 'price': 'many'"):
        number(origin(), row, "price")
    with pytest.raises(ValueError, match="no text in 'flag': True"):
        text(row, "flag")


@pytest.mark.parametrize("row", [{"id": "t1"}, {"id": "t1", "x": None}, {"id": "t1", "x": ""}])
def test_a_required_value_that_is_absent_is_an_error(row: Row) -> None:
    for required in (required_number, required_text, moment):
        with pytest.raises(BadResponse, match="row t1 has no x"):
            required(origin(), row, "x")


def test_numbers_are_texts_too_where_ids_are_numbers() -> None:
    assert text({"id": 17}, "id") == "17"
    assert required_text(origin(), {"id": "a"}, "id") == "a"


def test_zero_prices_and_times_say_that_there_is_none() -> None:
    assert [positive(value) for value in (Decimal(0), Decimal("0.1"), None)] == [
        None,
        Decimal("0.1"),
        None,
    ]
    assert moment_or_none(origin(), {"t": 0}, "t") is None
    assert moment(origin(), {"t": str(FIRST_MS)}, "t") == datetime(2009, 1, 3, tzinfo=UTC)


@pytest.mark.parametrize("time_ms", [FIRST_MS - 1, NOW_MS + DAY_MS + 1])
def test_a_time_before_bitcoin_or_in_the_future_is_an_error(time_ms: int) -> None:
    with pytest.raises(BadResponse, match=f"impossible time in t: {time_ms} ms"):
        moment(origin(), {"t": time_ms}, "t")


def test_half_of_a_pair_of_surrogates_becomes_a_mark_that_can_be_stored() -> None:
    found = whole_texts({"a\udfff": ["\ud800x", "\U0001f600", 1, None]})
    assert found == {"a\ufffd": ["\ufffdx", "\U0001f600", 1, None]}


def test_nul_becomes_a_mark_that_a_server_can_store_too() -> None:
    assert whole_texts({"a\0": ["\0b", "\\u0000"]}) == {"a\ufffd": ["\ufffdb", "\\u0000"]}
