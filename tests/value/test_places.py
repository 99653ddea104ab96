"""Accounts looked at one by one: which of them lacks how much, and what its history is known to
lack."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from exchange_cache.findings import Finding
from exchange_cache.records import Balance, Fill, Transfer
from exchange_cache.value.places import UNLISTED, PlaceDifference, place_differences
from tests.cost.builders import balance, basis_book, fill, transfer

D = Decimal
GONE = Finding(
    code="out_of_retention",
    account="a",
    message="fills before 2024-11-26 are no longer served (spot, linear)",
)


def places(
    *rows: Balance,
    events: list[Fill | Transfer],
    findings: tuple[Finding, ...] = (),
    inside: Mapping[tuple[str, str], Decimal] | None = None,
) -> tuple[PlaceDifference, ...]:
    own = basis_book(*events).by_account.values()
    return place_differences(
        "BTC", bases=own, balances=rows, findings=findings, inside=inside or {}
    )


def test_what_one_account_lacks_does_not_hide_behind_what_another_has_too_much() -> None:
    events = [fill("buy", "2", "100", account="a"), fill("buy", "3", "100", account="b")]
    found = places(balance("2.5", account="a"), balance("2.5", account="b"), events=events)
    assert [(one.account, one.events, one.balance) for one in found] == [
        ("a", 2, D("2.5")),
        ("b", 3, D("2.5")),
    ]
    assert [one.difference for one in found] == [D("0.5"), D("-0.5")]


def test_the_cause_is_what_the_accounts_own_history_is_known_to_lack_with_its_range() -> None:
    events = [fill("buy", "1", "100", account="a"), fill("buy", "1", "100", account="b")]
    stale = Finding(code="stale", account="a", message="prices are old")
    found = places(
        balance("2", account="a"), balance("2", account="b"), events=events, findings=(stale, GONE)
    )
    assert [one.cause for one in found] == [
        "a: fills before 2024-11-26 are no longer served",
        f"b: {UNLISTED}",
    ]


def test_what_adds_up_but_for_rounding_is_no_difference() -> None:
    assert places(balance("1.0000009"), events=[fill("buy", "1", "100")]) == ()
    assert len(places(balance("1.000002"), events=[fill("buy", "1", "100")])) == 1


def test_an_account_whose_units_are_all_gone_is_looked_at_too() -> None:
    (found,) = places(events=[transfer("deposit", "1", account="b")])
    assert (found.account, found.events, found.balance, found.difference) == ("b", 1, 0, -1)


def test_open_results_inside_a_wallet_are_no_difference() -> None:
    assert (
        places(
            balance("1.25"), events=[fill("buy", "1", "100")], inside={("main", "BTC"): D("0.25")}
        )
        == ()
    )
