"""One duration counts for all data types; a table names some and a default for the others."""

from __future__ import annotations

from datetime import timedelta

import pytest

from exchange_cache.config.faults import Wrong
from exchange_cache.config.ttl import HOUR, ttl
from exchange_cache.records import DataType


def test_one_duration_is_that_of_every_data_type() -> None:
    assert ttl("30m") == dict.fromkeys(DataType, timedelta(minutes=30))


def test_a_table_names_some_and_a_default() -> None:
    found = ttl({"prices": "10m", "default": "2h"})

    assert found == dict.fromkeys(DataType, 2 * HOUR) | {DataType.PRICES: timedelta(minutes=10)}
    assert ttl({"prices": "10m"})[DataType.FILLS] == HOUR


def test_every_fault_of_a_table_is_named() -> None:
    with pytest.raises(Wrong) as caught:
        ttl({"price": "10m", "fills": 3})
    assert [place for place, _ in caught.value.parts] == [("price",), ("fills",)]
    with pytest.raises(Wrong, match="or a table of data types"):
        ttl(5)
