"""Readers return a checked value, or say what it must be."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from exchange_cache.config import values
from exchange_cache.config.faults import Wrong


def wrong(reader: Callable[[object], Any], value: object) -> str:
    with pytest.raises(Wrong) as caught:
        reader(value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("reader", "value", "expected"),
    [
        (values.flag, True, True),
        (values.text, "x", "x"),
        (values.whole(0, 10), 10, 10),
        (values.choice("fifo", "lifo"), "fifo", "fifo"),
        (values.asset, "USDT", "USDT"),
        (values.duration, "90s", timedelta(seconds=90)),
        (values.day, date(2021, 1, 31), date(2021, 1, 31)),
        (values.day, "2021-01-31", date(2021, 1, 31)),
        (values.amount, Decimal("1.5"), Decimal("1.5")),
        (values.amount, "0", Decimal(0)),
        (values.web_address, "https://example.com", "https://example.com"),
        (
            values.list_of(values.symbol),
            ["BTC/USDT", "ETH/USDT:USDT"],
            ("BTC/USDT", "ETH/USDT:USDT"),
        ),
        (values.list_of(values.code), ["BTC"], ("BTC",)),
        (values.list_of(values.wallet), ["spot"], ("spot",)),
    ],
)
def test_a_right_value_is_returned(
    reader: Callable[[object], Any], value: object, expected: object
) -> None:
    assert reader(value) == expected


def test_a_wrong_value_is_answered_with_what_it_must_be() -> None:
    assert wrong(values.flag, "yes") == 'must be true or false, not "yes"'
    assert wrong(values.whole(0, 10), True) == "must be a whole number from 0 to 10, not true"
    assert wrong(values.whole(0, 10), 11) == "must be a whole number from 0 to 10, not 11"
    assert wrong(values.choice("fifo", "lifo"), "fif") == (
        'must be one of fifo, lifo, not "fif"; did you mean "fifo"?'
    )
    assert wrong(values.asset, "usdt") == (
        'must be an asset in capital letters such as "USDT", not "usdt"; did you mean "USDT"?'
    )
    assert wrong(values.amount, Decimal(-1)) == "must be a number from 0 upwards, not -1"
    limits = values.duration_between(timedelta(seconds=1), timedelta(minutes=10))
    assert wrong(limits, "1h") == 'must be from "1s" to "10m", not "1h"'


def test_every_wrong_item_of_a_list_is_a_fault_of_its_own() -> None:
    assert wrong(values.list_of(values.code), "BTC") == 'must be a list in brackets, not "BTC"'
    with pytest.raises(Wrong) as caught:
        values.list_of(values.symbol)(["BTC/USDT", "btc", 7])
    assert [place for place, _ in caught.value.parts] == [(1,), (2,)]
