"""Faults name a key, what is wrong with it, and the nearest valid word."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest

from exchange_cache.config.faults import (
    Fault,
    Wrong,
    dotted,
    kind_of,
    meant,
    nearest,
    suggestion,
    unknown_key,
    wrong_value,
)
from exchange_cache.errors import UsageError

KNOWN = ("fills", "orders", "balances")


def test_the_nearest_word_is_found_whatever_its_case() -> None:
    assert nearest("Fils", KNOWN) == "fills"
    assert nearest("xyz", KNOWN) is None


def test_a_suggestion_is_an_alias_or_the_nearest_word_or_all_words() -> None:
    assert suggestion("trades", KNOWN, aliases={"trades": "fills"}) == 'did you mean "fills"?'
    assert suggestion("order", KNOWN) == 'did you mean "orders"?'
    assert suggestion("xyz", KNOWN) == "there are fills, orders, balances"


def test_an_unknown_key_names_its_table() -> None:
    assert unknown_key(("fils",), KNOWN) == Fault(
        key=("fils",), what='unknown key "fils"; did you mean "fills"?'
    )
    assert unknown_key(("accounts", "a b", "x"), KNOWN).what == (
        'unknown key "x" in [accounts."a b"]; there are fills, orders, balances'
    )


def test_a_wrong_value_names_its_full_key_without_positions_in_lists() -> None:
    assert wrong_value(("ttl", 0, "fills"), "must be text").what == "ttl.fills must be text"
    assert dotted(("accounts", "a.b", 3)) == 'accounts."a.b"'


def test_several_faults_of_one_value_keep_their_places() -> None:
    parts = ((("a",), "is odd"), ((), "is even"))
    assert Wrong("is odd", at=("a",)).parts == parts[:1]
    several = Wrong.several(parts)
    assert (str(several), several.parts) == ("is odd; is even", parts)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (True, "true or false"),
        ("hunter2", "text"),
        (7, "a whole number"),
        (Decimal("1.5"), "a number"),
        (datetime(2026, 1, 1, tzinfo=UTC), "a date with a time"),
        (date(2026, 1, 1), "a date"),
        (time(12), "a time"),
        ([1], "a list"),
        ({}, "a table"),
    ],
)
def test_a_value_is_described_by_its_kind(value: object, kind: str) -> None:
    assert kind_of(value) == kind


@pytest.mark.parametrize(
    ("word", "known", "refusal"),
    [
        ("fils", ("fills", "orders"), 'there is no type "fils"; did you mean "fills"?'),
        ("xyz", ("fills", "orders"), 'there is no type "xyz"; there are fills, orders'),
        ("ab", ("Ab", "aB"), 'there is no type "ab"; did you mean "Ab" or "aB"?'),
        ("xyz", (), 'there is no type "xyz"'),
    ],
)
def test_an_unknown_word_is_refused(word: str, known: tuple[str, ...], refusal: str) -> None:
    with pytest.raises(UsageError) as caught:
        meant(word, known, "type")
    assert str(caught.value) == refusal


def test_a_hint_replaces_the_list_of_all_words() -> None:
    with pytest.raises(UsageError) as caught:
        meant("xyz", ("fills", "orders"), "type", hint="see them: excache balances")
    assert (str(caught.value), caught.value.hint) == (
        'there is no type "xyz"',
        "see them: excache balances",
    )


def test_a_word_is_itself_or_the_only_one_that_differs_in_case() -> None:
    assert meant("ab", ("ab", "AB"), "type") == "ab"
    assert meant("FILLS", ("fills", "orders"), "type") == "fills"
