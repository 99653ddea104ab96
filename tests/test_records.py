"""Records cannot hold a wrong value, and their keys begin with the account."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.builders import balance, fill, order, position, price, transfer

D = Decimal
NAIVE = datetime(2026, 1, 1)  # noqa: DTZ001 - that it is refused is what is tested


@pytest.mark.parametrize(
    ("record", "name"),
    [
        (fill(), "time"),
        (order(), "created_at"),
        (transfer(), "time"),
        (balance(), "fetched_at"),
        (position(), "fetched_at"),
        (price(), "fetched_at"),
    ],
)
def test_a_time_without_a_zone_is_refused(record: Any, name: str) -> None:
    with pytest.raises(ValueError, match="must be an aware UTC time"):
        replace(record, **{name: NAIVE})


@pytest.mark.parametrize(
    ("record", "name", "value", "what"),
    [
        (fill(), "account", "", "account must not be empty"),
        (fill(), "fill_id", "", "fill_id must not be empty"),
        (fill(), "quantity", D(-1), "quantity must not be negative"),
        (fill(), "cost", D(-1), "cost must not be negative"),
        (order(), "order_id", "", "order_id must not be empty"),
        (transfer(), "transfer_id", "", "transfer_id must not be empty"),
        (position(), "side", "both", "position side must be long or short, not 'both'"),
        (position(), "contracts", D(0), "position contracts must be positive, not 0"),
    ],
)
def test_a_value_that_cannot_be_is_refused_by_name(
    record: Any, name: str, value: object, what: str
) -> None:
    with pytest.raises(ValueError, match=what):
        replace(record, **{name: value})


def test_natural_keys_begin_with_the_account() -> None:
    records: list[Any] = [fill(), order(), transfer(), balance(), position(), price()]
    assert [record.key for record in records] == [
        ("main", "spot", "BTC/USDT", "1"),
        ("main", "spot", "BTC/USDT", "1"),
        ("main", "deposits", "1"),
        ("main", "spot", "BTC"),
        ("main", "linear", "BTC/USDT:USDT", "long"),
        ("main", "BTC/USDT"),
    ]


def test_a_fill_that_settles_a_contract_is_a_derivative() -> None:
    assert not fill().is_derivative
    assert not fill(category="margin").is_derivative
    assert fill(category="linear", settle="USDT").is_derivative


@pytest.mark.parametrize(
    ("last", "bid", "ask", "mark", "value", "basis"),
    [
        ("100", "98", "104", "99", "100", "last"),
        (None, "98", "104", "99", "101", "mid"),
        (None, "98", None, "99", "99", "mark"),
        (None, None, None, None, None, None),
    ],
)
def test_a_ticker_is_worth_its_last_price_then_the_middle_then_the_mark(
    last: str | None,
    bid: str | None,
    ask: str | None,
    mark: str | None,
    value: str | None,
    basis: str | None,
) -> None:
    given = {name: text and D(text) for name, text in (("bid", bid), ("ask", ask), ("mark", mark))}
    found = price(last=last, **given)
    assert found.value == (value and D(value))
    if basis is not None:
        assert found.basis == basis
