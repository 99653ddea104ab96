"""Names for other programs: accepted ones stay, and no two of ours become one."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, strategies as st

from exchange_cache.export.names import Parts, commodity, component, currency, literal, part

#: What beancount documents as a currency, of at least two characters.
CURRENCY = re.compile(r"[A-Z][A-Z0-9'._-]{0,22}[A-Z0-9]")


@pytest.mark.parametrize(
    ("asset", "written"),
    [
        ("BTC", "BTC"),
        ("USDT", "USDT"),
        ("BTC.B", "BTC.B"),
        ("1000SATS", "X.1000SATS"),
        ("X1000SATS", "X1000SATS"),
        ("X.1000SATS", "X.X_002E1000SATS"),
        ("stETH", "X.'S'TETH"),
        ("STETH", "STETH"),
        ("T", "X.T"),
        ("币安人生", "X._5E01_5B89_4EBA_751F"),
        ("TRUE", "X.TRUE"),
        ("A/B", "X.A_002FB"),
        ("😀", "X.__01F600"),
        ("A" * 25, "X.AAAAAAAAAAAA--6724431F"),
    ],
)
def test_a_currency_of_beancount(asset: str, written: str) -> None:
    assert currency(asset) == written


@given(st.text(min_size=1, max_size=30), st.text(min_size=1, max_size=30))
def test_every_currency_is_accepted_and_stands_for_one_asset(one: str, other: str) -> None:
    assert CURRENCY.fullmatch(currency(one))
    assert (currency(one) == currency(other)) == (one == other)


@given(st.text(min_size=1), st.text(min_size=1))
def test_every_commodity_stands_for_one_asset(one: str, other: str) -> None:
    written = commodity(one)
    assert written.isprintable() and not set(written.strip('"')) & set('";:{}[]()@=\\')
    assert (written == commodity(other)) == (one == other)


def test_commodities_are_quoted_unless_they_are_letters() -> None:
    assert [commodity(one) for one in ("BTC", "stETH", "1000SATS", "币安人生", 'A";')] == [
        "BTC",
        "stETH",
        '"1000SATS"',
        '"币安人生"',
        '"A_0022_003B"',
    ]


def test_parts_of_accounts() -> None:
    assert [component(one) for one in ("main", "my_account-2", "1000SATS", "X.'S'TETH", "币")] == [
        "Main",
        "My-account-2",
        "1000SATS",
        "X--S-TETH",
        "币",
    ]
    assert [part(one) for one in ("main", "a:b", "a  b", ";")] == [
        "main",
        "a_003Ab",
        "a b",
        "_003B",
    ]


def test_a_second_name_of_one_spelling_gets_a_number() -> None:
    parts = Parts(component)
    assert [parts(one) for one in ("main", "Main", "main", "MAIN", "a_b", "a-b")] == [
        "Main",
        "Main-2",
        "Main",
        "MAIN",
        "A-b",
        "A-b-2",
    ]


def test_a_literal_is_json_in_which_nothing_means_anything() -> None:
    assert literal('A";[x') == r'"A\u0022\u003b\u005bx"'
