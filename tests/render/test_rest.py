"""What the units are that an average leaves out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from exchange_cache.cost.basis import AssetBasis
from exchange_cache.cost.reconcile import Reconciled, reconcile
from exchange_cache.records import Transfer
from exchange_cache.render.rest import Rest, rest_of, rest_title
from exchange_cache.value.completeness import Complete
from exchange_cache.value.places import PlaceDifference
from tests.builders import NOW, transfer

D = Decimal
SINCE = NOW.replace(hour=0, minute=0) - timedelta(days=60)
COMPLETE = {"main": (Complete(kind="spot", since=SINCE), Complete(kind="futures", since=NOW))}


def basis(
    unknown: str = "0", *reasons: str, account: str | None = "main", explained: str = "2"
) -> AssetBasis:
    return AssetBasis(
        asset="ETH",
        account=account,
        quantity=D(explained) + D(unknown),
        explained_quantity=D(explained),
        unknown_quantity=D(unknown),
        cost=D(explained) * 100,
        average_entry_price=D(100),
        realised_pnl=None,
        fees_paid=None,
        unknown_reasons=reasons,
        fills_count=1,
    )


def result(own: AssetBasis, balance: str, **more: Any) -> Reconciled:
    return reconcile(own, D(balance), asset="ETH", reporting_asset="USDT", **more)


def place(difference: str, *causes: str, account: str = "main") -> PlaceDifference:
    return PlaceDifference(
        account=account,
        events=D(2),
        balance=D(2) + D(difference),
        difference=D(difference),
        causes=causes or ("not in any list that is read",),
    )


def rest(
    own: AssetBasis, balance: str, *places: PlaceDifference, complete: Any = None, **more: Any
) -> list[Rest]:
    known = COMPLETE if complete is None else complete
    unfetched = more.pop("unfetched", ())
    return rest_of(result(own, balance, **more), own, [own], places, known, (), unfetched)


def test_units_from_before_the_stored_history_can_be_given_a_cost() -> None:
    assert rest(basis(), "2.5", place("0.5")) == [
        Rest(
            D("0.5"),
            f"main: held before its stored history begins ({SINCE:%Y-%m})",
            f"excache basis set ETH --account main --quantity 0.5 --at {SINCE:%Y-%m-%d}",
        )
    ]


def test_units_that_a_file_or_an_archive_can_explain_lead_there() -> None:
    known = result(basis(), "2.5")
    (one,) = rest_of(known, basis(), [basis()], [place("0.5")], COMPLETE, {"main"})
    assert one.command == "excache status --missing --account main"
    assert one.quantity == D("0.5")


def test_what_a_first_sync_may_still_bring_is_not_to_be_stated() -> None:
    own = basis("0", "sold_more_than_known 2025-03-09")
    (one,) = rest(own, "2.5", place("0.9"), unfetched=["main"])
    assert one == Rest(D("0.5"), "main: its history is not fetched yet", "excache sync")


def test_they_are_stated_before_the_first_sale_beyond_the_history() -> None:
    own = basis("0", "sold_more_than_known 2025-03-09")
    (one,) = rest(own, "2.5", place("0.9"))
    assert one.command == "excache basis set ETH --account main --quantity 0.9 --at 2025-03-09"
    assert one.quantity == D("0.5")


def test_a_history_without_a_beginning_points_to_what_is_stored() -> None:
    (one,) = rest(basis(), "2.5", place("0.5"), complete={})
    assert one == Rest(
        D("0.5"),
        "main: not in any list that is read",
        "excache status --coverage --account main",
    )


def test_the_start_in_the_configuration_is_named_as_the_cause() -> None:
    cause = "history is read from 2026-01-01 on, by start in config.toml"
    (one,) = rest(basis(), "2.5", place("0.5", cause))
    assert one.text == f"main: {cause}"


def test_deposits_without_a_price_are_named_with_their_days_and_command() -> None:
    assert rest(basis("0.25", "deposit 2025-02-26..2025-12-31 x3"), "2.25") == [
        Rest(
            D("0.25"),
            "main: deposited without a known price (from 2025-02-26 to 2025-12-31, 3 times)",
            "excache basis set ETH --account main --quantity 0.25 --at 2025-02-26",
        )
    ]


def deposits(*made: tuple[str, str, int]) -> list[Transfer]:
    """Of ETH: by account, quantity and day of March 2025."""
    return [
        transfer(
            f"{account} {day}",
            quantity,
            "ETH",
            account=account,
            time=datetime(2025, 3, day, 14, 2, tzinfo=UTC),
        )
        for account, quantity, day in made
    ]


def several(*received: Transfer) -> list[Rest]:
    """What is said of 3 units without a price that came to two accounts, one of which traded on."""
    reason = "deposit 2025-03-01..2025-03-05 x2"
    own = [
        basis("2", "deposit 2025-03-01", account="main"),
        basis("1", "deposit 2025-03-05", "reward 2025-04-01", account="okx"),
    ]
    pooled = basis("3", reason, account=None)
    return rest_of(result(pooled, "5"), pooled, own, [], COMPLETE, (), (), received)


def test_deposits_to_several_accounts_have_a_command_each() -> None:
    found = several(*deposits(("main", "2", 1), ("okx", "1.5", 5), ("kraken", "9", 3)))
    assert found == [
        Rest(
            None,
            "main: deposited without a known price (on 2025-03-01)",
            "excache basis set ETH --account main --quantity 2 --at 2025-03-01",
        ),
        Rest(
            None,
            "okx: deposited without a known price (on 2025-03-05)",
            "excache basis set ETH --account okx --quantity 1.5 --at 2025-03-05",
        ),
    ]


def test_where_other_deposits_may_be_among_them_the_list_decides() -> None:
    (one,) = several(*deposits(("main", "2", 1), ("main", "1", 2), ("okx", "1.5", 5)))
    assert one.command == "excache transfers --asset ETH"
    assert one.text.startswith("main, okx: deposited without a known price")


def test_of_several_reasons_no_quantity_is_invented() -> None:
    found = rest(basis("0.25", "deposit 2025-02-26", "reward 2025-03-01"), "2.25")
    assert [one.quantity for one in found] == [None, None]
    assert {one.command for one in found} == {"excache transfers --asset ETH"}


def test_the_results_of_open_positions_need_no_cure() -> None:
    (one,) = rest(basis(), "2.5", unrealised_inside=D("0.5"))
    assert one == Rest(D("0.5"), "unrealised result of open positions", None)


def test_everything_covered_leaves_nothing() -> None:
    assert rest(basis(), "2") == []


def test_the_title_says_whether_it_is_all() -> None:
    assert rest_title(result(basis(), "2.5")) == "What the other 0.5 ETH are"
    none = reconcile(None, D(2), asset="ETH", reporting_asset="USDT")
    assert rest_title(none) == "What 2 ETH are"


def test_the_units_of_several_accounts_never_exceed_those_that_are_left() -> None:
    two = place("0.4"), place("0.3", account="second")
    held = [one.quantity for one in rest(basis(), "2.7", *two)]
    assert held == [D("0.4"), D("0.3")]
    some_sold = [one.quantity for one in rest(basis(), "2.5", *two)]
    assert some_sold == [None, None]
