"""What an acceptance holds on to: the finding as it was said, without what passes by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from exchange_cache.findings import Acceptance, Finding, accepted, marked, statement, still_open
from tests.cost.builders import NOW

DAY = timedelta(days=1)


def finding(message: str = "a gap of 3 days", code: str = "gap", **more: str | None) -> Finding:
    return Finding(code=code, message=message, **{"account": "main", **more})


def acceptance(days: float = 90) -> Acceptance:
    return Acceptance(reason="known", at=NOW, until=NOW + days * DAY)


def is_accepted(
    found: Finding, by: Finding, *, days: float = 90, later: timedelta = timedelta(0)
) -> bool:
    [one] = marked([found], [accepted(by, acceptance(days))], NOW + later)
    return one.accepted is not None


def test_an_accepted_finding_carries_the_reason_and_the_end_and_is_open_no_more() -> None:
    [found] = marked([finding()], [accepted(finding(), acceptance())], NOW)
    assert found.accepted == Acceptance(reason="known", at=NOW, until=NOW + 90 * DAY)
    assert still_open([found, finding("another")]) == (finding("another"),)


@pytest.mark.parametrize(
    "other",
    [
        finding("a gap of 4 days"),
        finding(code="gap2"),
        finding(account="second"),
        finding(account=None),
        finding(asset="BTC"),
    ],
)
def test_a_finding_that_says_something_else_or_elsewhere_is_another_one(other: Finding) -> None:
    assert not is_accepted(other, finding())


def test_an_acceptance_ends_at_its_end() -> None:
    assert is_accepted(finding(), finding(), days=1, later=DAY - timedelta(milliseconds=1))
    assert not is_accepted(finding(), finding(), days=1, later=DAY)


@pytest.mark.parametrize(
    ("code", "before", "after"),
    [
        (
            "no_permission",
            "the earn wallet (refused); what is shown was fetched 3 h 12 min ago",
            "4 d",
        ),
        ("stale_price", "the price of ABC is 3 h 12 min old", "59 min"),
    ],
)
def test_an_age_that_passes_is_no_change(code: str, before: str, after: str) -> None:
    assert is_accepted(finding(before.replace("3 h 12 min", after), code), finding(before, code))


def test_two_prices_that_go_on_to_differ_are_no_change() -> None:
    first, later = (
        f"ABC is at {low} on main and at {high} on second"
        for low, high in (("0.0003", "0.03"), ("0.00031", "1,029.7"))
    )
    assert statement(finding(first, "price_conflict")) == statement(
        finding(later, "price_conflict")
    )


def test_a_quantity_that_changes_is_a_change() -> None:
    assert not is_accepted(
        finding("the cost of 2 of 5 BTC is unknown", "unknown_cost"),
        finding("the cost of 1 of 5 BTC is unknown", "unknown_cost"),
    )


def test_separators_of_thousands_are_no_change() -> None:
    now, first = "1,234,567.5 USDT left the account", "1234567.5 USDT left the account"
    assert is_accepted(finding(now), finding(first))
    assert not is_accepted(finding(now.replace("4", "5")), finding(first))


def test_an_acceptance_of_the_first_wording_holds_for_a_reworded_finding() -> None:
    before, now = (
        f"0.5 BTC {left} after 2026-01-01 00:00 UTC, not explained by any stored fill or transfer"
        for left in ("left", "left the account")
    )
    assert is_accepted(finding(now, "outflow_unexplained"), finding(before, "outflow_unexplained"))
    assert statement(finding(now, "outflow_unexplained")) == before


@pytest.mark.parametrize(
    ("code", "first", "now"),
    [
        (
            "gap",
            "fills (spot): gap 2026-01-01 … 2026-01-03, to be asked again",
            "fills (spot): gap 2026-01-01 … 2026-01-03, to be fetched again",
        ),
        (
            "out_of_retention",
            "fills of spot before 2024-11-29 are out of retention",
            "fills of spot before 2024-11-29 are no longer served",
        ),
        (
            "never_asked",
            "40 symbols of spot were never asked for fills; each sync asks some more",
            "30 symbols of spot: their fills were never requested; each sync requests some more",
        ),
        (
            "history_failed",
            "fills (spot): okx sent an answer that is not the documented one: x",
            "fills (spot): okx sent an answer that differs from its documentation: x",
        ),
        (
            "history_failed",
            "fills (spot): okx does not serve that time any more",
            "fills (spot): okx no longer serves that time",
        ),
        (
            "history_failed",
            "fills (spot): okx: 3 rows were sent for fills spot but 2 could be read",
            "fills (spot): okx: 3 rows were received for fills spot but 2 could be read",
        ),
    ],
)
def test_a_finding_in_new_words_is_still_accepted(code: str, first: str, now: str) -> None:
    assert is_accepted(finding(now, code), finding(first, code))


@pytest.mark.parametrize(
    ("code", "first", "now"),
    [
        (
            "out_of_retention",
            "transfers of moves-main_margin before 2026-01-01 are out of retention",
            "transfers from spot to margin before 2026-01-01 are no longer served",
        ),
        (
            "out_of_retention",
            "transfers of moves, earn before 2026-01-01, transfers of dividends before 2026-02-01"
            " are out of retention",
            "transfers between wallets, earn rewards before 2026-01-01, distributions before"
            " 2026-02-01 are no longer served",
        ),
        (
            "out_of_retention",
            "fills of spot, usdt-futures, coin-futures (BTC/USDT, spot) before 2026-01-01 are out"
            " of retention",
            "fills of spot, USDT-M futures, COIN-M futures (BTC/USDT, spot) before 2026-01-01 are"
            " no longer served",
        ),
        (
            "gap",
            "transfers (moves, dividends, earn, log and 3 more): gap 2026-01-01 … 2026-01-03, to"
            " be asked again",
            "transfers (transfers between wallets, distributions, earn rewards, account log and 3"
            " more): gap 2026-01-01 … 2026-01-03, to be fetched again",
        ),
        (
            "gap",
            "fills (linear, linear): gap 2026-01-01 … 2026-01-03, to be asked again",
            "fills (linear futures): gap 2026-01-01 … 2026-01-03, to be fetched again",
        ),
        (
            "never_asked",
            "… symbols of spot-classic were never asked for fills; each sync asks some more",
            "30 symbols of spot before 2024: their fills were never requested; each sync requests"
            " some more",
        ),
        (
            "no_permission",
            "transfers (moves): the key may not read them",
            "transfers (transfers between wallets): the key may not read them",
        ),
        (
            "symbol_unknown",
            "fills: the exchange does not know BTC/USDT, usdt-futures any more",
            "fills: the exchange does not know BTC/USDT, USDT-M futures any more",
        ),
        (
            "history_failed",
            "transfers (moves): okx: 3 rows were sent for transfers moves but 2 could be read",
            "transfers (transfers between wallets): okx: 3 rows were received for transfers between"
            " wallets but 2 could be read",
        ),
        (
            "average_differs",
            "ETH in trading: openAvgPx 77 USD, by fills 0.5 to 0.6 USD; entryNtl / total -7 USD,"
            " by fills 8 USD; fills are missing, or the average was edited at the exchange",
            "ETH in trading: average of the buys 77 USD, by fills 0.5 to 0.6 USD; average of the"
            " buys less the sales -7 USD, by fills 8 USD; fills are missing, or the average was"
            " edited at the exchange",
        ),
    ],
)
def test_a_finding_that_names_its_histories_anew_is_still_accepted(
    code: str, first: str, now: str
) -> None:
    stored = replace(accepted(finding(now, code), acceptance()), statement=first)
    assert marked([finding(now, code)], [stored], NOW)[0].accepted is not None
    again = accepted(finding(now, code), acceptance())
    assert marked([finding(now, code)], [again], NOW)[0].accepted is not None


def test_an_acceptance_holds_for_its_own_histories_alone() -> None:
    stored = replace(
        accepted(finding(code="out_of_retention"), acceptance()),
        statement="transfers of moves before 2026-01-01 are out of retention",
    )
    other = finding("distributions before 2026-01-01 are no longer served", "out_of_retention")
    assert marked([other], [stored], NOW)[0].accepted is None
