"""A reading comes back from JSON with the same attributes, to the last digit."""

import json
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

import pytest

from exchange_cache.findings import Acceptance, Finding
from exchange_cache.value.portable import loaded, portable
from exchange_cache.value.reading import AccountAverage
from exchange_cache.value.states import State
from tests.builders import NOW
from tests.render.builders import holding, position, reading, verdicts, wallet


def back(value: object) -> Any:
    return loaded(json.dumps(portable(value)))


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        7,
        "BTC",
        "#1 coin",
        "@home",
        "~",
        "'quoted'",
        "",
        Decimal("1.500"),
        Decimal("1E-18"),
        Decimal("-0"),
        datetime(2026, 1, 31, 12, 0, 0, 123000, tzinfo=UTC),
        timedelta(hours=1, milliseconds=5),
        ("a", ("b", Decimal(1))),
        {"main": Decimal("1.10"), "#": None},
    ],
)
def test_a_value_comes_back(value: object) -> None:
    assert back(value) == value
    assert repr(back(value)) == repr(value)


def test_an_enumeration_comes_back_as_its_word() -> None:
    assert back(State.STALE) == "stale"


def test_a_reading_comes_back_with_every_attribute() -> None:
    found = Finding(
        code="stale",
        message="old",
        accepted=Acceptance(reason="known", at=NOW, until=NOW + timedelta(days=1)),
    )
    average = AccountAverage(
        account="main",
        explained_quantity=Decimal(1),
        unknown_quantity=Decimal(0),
        average_entry_price=None,
    )
    held = holding("BTC", "1.50", average="20000", wallets=(wallet("BTC", "1.5"),))
    object.__setattr__(held, "account_averages", (average,))
    object.__setattr__(held, "own_prices", {"main": Decimal("3.0")})
    whole = reading(held, positions=(position(),), freshness=verdicts("main"), warnings=(found,))
    assert_alike(whole, back(whole))


def assert_alike(one: Any, other: Any) -> None:
    """Every field and property of a record is an equal attribute of the other object."""
    if isinstance(one, tuple):
        assert isinstance(other, tuple)
        for item, own in zip(one, other, strict=True):
            assert_alike(item, own)
    elif is_dataclass(one):
        kind = type(one)
        properties = [name for name in vars(kind) if isinstance(vars(kind)[name], property)]
        for name in [*(item.name for item in fields(one)), *properties]:
            assert_alike(getattr(one, name), getattr(other, name))
    elif isinstance(one, Enum):
        assert other == one.value
    else:
        assert other == one
        assert repr(other) == repr(one)
