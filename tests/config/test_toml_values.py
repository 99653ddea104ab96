"""Values as TOML text."""

import tomllib
from datetime import date
from decimal import Decimal

import pytest

from exchange_cache.config.toml_values import to_toml, to_toml_key


def test_a_type_that_toml_lacks_is_refused_by_name():
    with pytest.raises(ValueError, match="TOML has no NoneType"):
        to_toml(None)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (3, "3"),
        (Decimal("1.50"), "1.50"),
        (date(2026, 1, 2), "2026-01-02"),
        ('a "b"\\\n\x00', '"a \\"b\\"\\\\\\n\\u0000"'),
        (["a", 1], '["a", 1]'),
        ({"a b": 1, "c": []}, '{ "a b" = 1, c = [] }'),
    ],
)
def test_a_value_is_one_line_that_tomllib_reads_back(value: object, text: str) -> None:
    assert to_toml(value) == text
    assert tomllib.loads(f"x = {text}", parse_float=Decimal) == {"x": value}


def test_a_key_is_quoted_only_if_toml_requires_it() -> None:
    assert [to_toml_key(key) for key in ("a-B_1", "a.b", "", "é")] == [
        "a-B_1",
        '"a.b"',
        '""',
        '"é"',
    ]
