"""Borrowing and trading on margin at the venue: the books of it, and what may be asked."""

from __future__ import annotations

from decimal import Decimal
from itertools import count

import pytest

from exchange_cache.simulator.venue import BooksError, Venue, VenueError, isolated_wallet, truth_of
from tests.simulator.builders import NOW_MS, still_venue

PAIR = isolated_wallet("SOL/USDT")


@pytest.fixture
def empty() -> Venue:
    """An account with 1000 USDT in the cross wallet and nothing else."""
    venue = still_venue(accounts={"main": "binance"}, history_too=False)
    venue.deposit("main", "USDT", Decimal(1000))
    venue.transfer("main", "USDT", Decimal(1000), "spot", "margin")
    return venue


def net(venue: Venue, wallet: str = "margin") -> dict[str, Decimal]:
    """Totals as the truth tells them."""
    reported = truth_of(venue)["accounts"]["main"]["balances"].get(wallet, {})
    return {asset: Decimal(total) for asset, total in reported.items()}


def test_a_loan_changes_what_is_held_and_owed_but_not_the_net(empty: Venue) -> None:
    empty.borrow("main", "USDT", Decimal(500))
    (held,) = empty.balances("main", "margin")
    (debt,) = empty.debts("main", "margin")
    assert (held.free, held.owed, held.total) == (1500, 500, 1000)
    assert (debt.borrowed, debt.interest, net(empty)) == (500, 0, {"USDT": 1000})
    empty.check_books()


def test_interest_is_owed_and_repaid_first(empty: Venue) -> None:
    empty.borrow("main", "USDT", Decimal(500))
    empty.accrue("main", "USDT", rate=Decimal("0.001"), days=Decimal(4))
    assert net(empty) == {"USDT": 998}
    paid = empty.repay("main", "USDT", Decimal(102))
    (debt,) = empty.debts("main", "margin")
    assert (paid.interest, paid.principal, debt.borrowed, debt.interest) == (2, 100, 400, 0)
    assert [(e.kind, e.principal, e.interest) for e in empty.loan_events("main")] == [
        ("borrow", 500, 0), ("repay", 100, 2),
    ]  # fmt: skip
    assert [(row.amount, row.size, row.wallet) for row in empty.incomes("main")] == [
        (-2, 500, "margin")
    ]
    empty.check_books()


def test_a_trade_with_its_loan_has_one_moment_while_time_goes_on(empty: Venue) -> None:
    ticks = count(NOW_MS)
    empty.clock = lambda: next(ticks)
    (sold,) = empty.margin_trade("main", "SOL/USDT", "sell", Decimal(3))
    order = empty.order("main", "SOL/USDT", sold.order_id)
    assert order is not None
    times = {sold.time_ms, order.created_ms, *(one.time_ms for one in empty.loan_events("main"))}
    assert len(times) == 1


def test_a_short_is_a_negative_net_balance_and_buying_back_makes_it_good(empty: Venue) -> None:
    (sold,) = empty.margin_trade("main", "SOL/USDT", "sell", Decimal(3))
    assert net(empty) == {"SOL": -3, "USDT": 1000 + sold.cost - sold.fees[0][1]}
    (bought,) = empty.margin_trade("main", "SOL/USDT", "buy", Decimal("3.004"))
    assert bought.fees == (("SOL", Decimal("0.003004")),)
    empty.repay("main", "SOL")
    assert net(empty)["SOL"] == Decimal("0.004") - Decimal("0.003004")
    empty.check_books()


def test_only_what_is_missing_is_borrowed(empty: Venue) -> None:
    order = empty.margin_place("main", "SOL/USDT", "buy", Decimal(10), Decimal(150))
    (debt,) = empty.debts("main", "margin")
    assert order.hold == Decimal(1509)
    assert debt.borrowed == 1509 - 1000
    empty.cancel(order)
    assert net(empty) == {"USDT": 1000}
    empty.check_books()


def test_nothing_is_borrowed_where_that_is_switched_off(empty: Venue) -> None:
    with pytest.raises(VenueError):
        empty.margin_trade("main", "SOL/USDT", "sell", Decimal(3), borrow=False)
    assert empty.debts("main", "margin") == []


def test_no_wallet_but_a_margin_wallet_borrows(empty: Venue) -> None:
    with pytest.raises(VenueError):
        empty.loans.borrow("main", "spot", "USDT", Decimal(5), NOW_MS)
    with pytest.raises(VenueError):
        empty.repay("main", "USDT", Decimal(1))


def test_an_isolated_pair_lives_apart(empty: Venue) -> None:
    empty.transfer("main", "USDT", Decimal(300), "margin", PAIR)
    empty.margin_trade("main", "SOL/USDT", "sell", Decimal(1), isolated=True)
    assert net(empty, PAIR)["SOL"] == -1
    assert net(empty) == {"USDT": 700}
    assert empty.isolated_pairs("main") == ["SOL/USDT"]
    empty.check_books()


def test_fills_on_margin_are_of_their_own_kind_and_share_the_ids_of_the_symbol(
    empty: Venue,
) -> None:
    empty.deposit("main", "USDT", Decimal(1000))
    (first,) = empty.trade("main", "SOL/USDT", "buy", Decimal(1))
    (second,) = empty.margin_trade("main", "SOL/USDT", "buy", Decimal(1))
    (third,) = empty.trade("main", "SOL/USDT", "sell", Decimal("0.5"))
    assert int(first.id) < int(second.id) < int(third.id)
    assert (
        empty.fills("main", symbol="SOL/USDT") == empty.fills("main", kind="spot") == [first, third]
    )
    assert (
        empty.fills("main", kind="margin")
        == empty.fills("main", kind="margin", symbol="SOL/USDT")
        == [second]
    )
    assert [order.id for order in empty.orders("main", symbol="SOL/USDT")] == [
        first.order_id,
        third.order_id,
    ]
    served = truth_of(empty)["accounts"]["main"]["fills_served"]
    assert served == {
        "spot": {"SOL/USDT": [first.id, third.id]},
        "margin": {"SOL/USDT": [second.id]},
    }


def test_check_books_notices_a_debt_nobody_booked(empty: Venue) -> None:
    empty.borrow("main", "USDT", Decimal(5))
    empty.state.books.balances[("main", "margin!borrowed", "USDT")] -= 1
    with pytest.raises(BooksError):
        empty.check_books()


def test_check_books_notices_a_loan_without_its_record(empty: Venue) -> None:
    empty.state.books.post(
        "binance",
        "main",
        "margin",
        "USDT",
        NOW_MS,
        "borrow",
        None,
        amount=Decimal(5),
        against="loans",
        ref="x",
    )
    with pytest.raises(BooksError, match="records sum"):
        empty.check_books()
