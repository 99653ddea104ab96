"""What was given, refunded and allotted under one reference is one exchange."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from exchange_cache.ledger.replay import flows
from exchange_cache.ledger.subscriptions import subscriptions
from exchange_cache.records import Transfer
from tests.cost.builders import basis_book, transfer

D = Decimal


def row(quantity: str, asset: str, hour: float, reference: str | None = "7") -> Transfer:
    return replace(transfer("subscription", quantity, asset, hour=hour), reference=reference)


GIVEN, REFUND, ALLOTTED = row("-100", "BNB", 1), row("60", "BNB", 3), row("800", "NEW", 3)
HELD = transfer("deposit", "100", "BNB", hour=0)


def test_rows_of_one_reference_and_account_belong_together() -> None:
    (found,) = subscriptions((ALLOTTED, GIVEN, REFUND, GIVEN))
    assert (found.given, found.allotted) == ({"BNB": D(40)}, {"NEW": D(800)})
    assert found.is_complete and found.rows[0] == GIVEN
    elsewhere = replace(ALLOTTED, account="other")
    assert not any(one.is_complete for one in subscriptions((GIVEN, elsewhere)))
    assert len(subscriptions((row("-1", "BNB", 1, None), row("-1", "BNB", 1, None)))) == 2


def test_the_value_of_what_was_given_is_the_cost_of_what_was_allotted() -> None:
    book = basis_book(
        transfer("deposit", "1000", "USDT", hour=-1),
        transfer("reward", "100", "BNB", hour=0),
        *(GIVEN, REFUND, ALLOTTED),
        rates={"BNB": {-1: "5", 1: "6"}},
    )
    new, bnb = book.pooled["NEW"], book.pooled["BNB"]
    assert (new.cost, new.average_entry_price, new.income) == (240, D("0.3"), 0)
    assert (bnb.quantity, bnb.trading_pnl, bnb.income) == (60, 40, 500)
    assert new.traded + bnb.traded == 0


def test_without_a_price_of_what_was_given_that_of_what_was_allotted_counts() -> None:
    book = basis_book(GIVEN, ALLOTTED, HELD, rates={"NEW": "0.5"})
    assert book.pooled["NEW"].cost == 400


def test_units_given_are_set_aside_at_cost_until_something_is_allotted() -> None:
    buy = transfer("reward", "100", "BNB", hour=0)
    given = basis_book(buy, GIVEN, rates={"BNB": {-1: "5", 1: "6"}}).pooled["BNB"]
    assert (given.subscribed, given.subscribed_quantity, given.quantity) == (-500, 100, 0)
    assert (given.trading_pnl, given.deposited) == (0, 0)


def test_a_refund_under_no_reference_returns_with_its_cost() -> None:
    rows = [row("-100", "BNB", 1, None), row("60", "BNB", 3, None)]
    buy = transfer("reward", "100", "BNB", hour=0)
    found = basis_book(buy, *rows, rates={"BNB": {-1: "5", 1: "6"}}).pooled["BNB"]
    assert (found.cost, found.subscribed, found.subscribed_quantity) == (300, -200, 40)


def test_an_allotment_without_a_known_payment_has_no_known_cost() -> None:
    found = basis_book(ALLOTTED, rates={"NEW": "0.5"}).pooled["NEW"]
    assert (found.unknown_quantity, found.income, found.cost) == (800, 0, 0)
    assert found.unknown_reasons == ("subscription 2026-01-01",)


def test_in_a_difference_a_complete_subscription_is_a_trade() -> None:
    whole = {(one.asset, one.quantity, str(one.cause)) for one in flows((), (GIVEN, ALLOTTED))}
    assert whole == {("BNB", D(-100), "trades"), ("NEW", D(800), "trades")}
    assert [str(one.cause) for one in flows((), (GIVEN,))] == ["subscribed"]


SECOND = 1 / 3600


def alone(quantity: str, asset: str, seconds: float = 0, account: str = "main") -> Transfer:
    """A row without a reference."""
    moment = 1 + seconds * SECOND
    return replace(
        transfer("subscription", quantity, asset, hour=moment, account=account), reference=None
    )


def exchanges(*rows: Transfer) -> list[set[str]]:
    return [{one.asset for one in found.rows} for found in subscriptions(rows) if found.is_complete]


def test_two_rows_of_one_moment_without_a_reference_are_one_exchange() -> None:
    given, received = alone("-3", "USDC"), alone("0.1", "SOL", 0.4)
    assert (
        exchanges(received, given)
        == exchanges(alone("0.1", "SOL"), alone("-3", "USDC", 1))
        == [{"USDC", "SOL"}]
    )
    bought = basis_book(transfer("deposit", "3", "USDC"), given, received, rates={"USDC": "1"})
    sol, usdc = bought.pooled["SOL"], bought.pooled["USDC"]
    assert (sol.cost, sol.quantity, sol.income, usdc.quantity) == (3, D("0.1"), 0, 0)
    assert usdc.subscribed_quantity == 0


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([alone("-3", "USDC"), alone("1", "SOL", 1.5)], id="two moments"),
        pytest.param([alone("-3", "USDC"), alone("1", "SOL", account="b")], id="two accounts"),
        pytest.param([alone("-3", "USDC"), alone("1", "USDC")], id="one asset, refunded"),
        pytest.param([alone("-3", "USDC"), alone("-1", "SOL")], id="both given"),
        pytest.param([alone("3", "USDC"), alone("1", "SOL")], id="both received"),
        pytest.param(
            [alone("-3", "USDC"), alone("1", "SOL", 0.2), alone("2", "NEW", 0.3)], id="three"
        ),
        pytest.param(
            [alone("-3", "USDC"), alone("1", "SOL", 0.9), alone("-2", "NEW", 1.8)],
            id="another within a second of one of them",
        ),
        pytest.param(
            [alone("-3", "USDC"), replace(alone("1", "SOL"), reference="7")], id="one referenced"
        ),
        pytest.param(
            [alone("-3", "USDC"), alone("1", "SOL"), replace(alone("-1", "BNB"), reference="7")],
            id="next to one with a reference",
        ),
    ],
)
def test_rows_that_may_be_two_events_are_not_joined(rows: list[Transfer]) -> None:
    assert exchanges(*rows) == []


def test_two_exchanges_of_one_day_are_two() -> None:
    rows = [alone("-3", "USDC"), alone("1", "SOL"), alone("-1", "SOL", 60), alone("4", "USDC", 60)]
    assert exchanges(*rows) == [{"USDC", "SOL"}, {"SOL", "USDC"}]
