"""What was given, refunded and allotted under one reference is one exchange."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

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
