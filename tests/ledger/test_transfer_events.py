"""Transfers as events: deposits, rewards, funding, withdrawals, statements of the user."""

from __future__ import annotations

from exchange_cache.ledger.asset_events import AssetEvents
from exchange_cache.ledger.events import EXPENSE, LENT, StatedBasis
from exchange_cache.ledger.pairing import Pairing
from exchange_cache.ledger.rates import Rates
from exchange_cache.ledger.timeline import EARLY
from exchange_cache.ledger.transfer_events import transfer_events
from exchange_cache.sync.rates import StoredRates
from tests.cost.builders import D, at, basis_book, fill, pooled, transfer


def test_a_deposit_of_cash_costs_its_rate_where_the_caller_says_what_is_cash() -> None:
    events = [transfer("deposit", "100", "EUR"), fill("buy", "1", "50", symbol="BTC/EUR", hour=1)]
    rates = {"EUR": {0: "1.1", 1: "1.2"}}
    strict, kind = basis_book(*events, rates=rates), basis_book(*events, rates=rates, cash=["EUR"])
    assert (strict.pooled["EUR"].unknown_quantity, strict.pooled["EUR"].deposited) == (50, 0)
    assert (
        kind.pooled["EUR"].explained_quantity,
        kind.pooled["EUR"].deposited,
        kind.pooled["EUR"].realised_pnl,
    ) == (50, 110, 5)
    assert strict.pooled["BTC"].cost == kind.pooled["BTC"].cost == 60


def test_a_reward_is_income_at_its_market_value() -> None:
    basis = pooled(transfer("reward", "2"), rates={"BTC": "50"})
    assert (basis.explained_quantity, basis.cost, basis.income, basis.realised_pnl) == (
        2,
        100,
        100,
        100,
    )


def test_a_reward_without_a_rate_is_unknown_not_free() -> None:
    basis = pooled(transfer("reward", "2"))
    assert (basis.explained_quantity, basis.unknown_quantity, basis.income) == (0, 2, 0)
    assert basis.unknown_reasons == ("reward 2026-01-01",)


def test_an_internal_move_changes_nothing() -> None:
    events = [fill("buy", "1", "100")]
    assert pooled(*events, transfer("internal", "1", hour=1)) == pooled(*events)


def test_funding_is_in_the_realised_result() -> None:
    book = basis_book(
        transfer("deposit", "100", "USDT"),
        transfer("funding", "-3", "USDT", hour=1, symbol="BTC/USDT:USDT"),
        transfer("funding", "1", "USDT", hour=2, symbol="BTC/USDT:USDT"),
    )
    usdt = book.pooled["USDT"]
    assert (usdt.quantity, usdt.funding, usdt.realised_pnl) == (98, -2, -2)


def test_a_withdrawal_takes_its_cost_along_and_its_fee_is_an_expense() -> None:
    basis = pooled(fill("buy", "2", "100"), transfer("withdrawal", "1", hour=1, fee="0.1 BTC"))
    assert (basis.quantity, basis.cost, basis.average_entry_price) == (D("0.9"), D(90), D(100))
    assert (basis.deposited, basis.realised_pnl, basis.fees_paid) == (-100, -10, 10)


def test_a_loan_counts_before_its_row_and_its_fee_is_paid_with_the_row() -> None:
    row = transfer("loan", "2", hour=5, fee="1 USDT")
    rates = Rates(StoredRates(()), "USDT", AssetEvents())
    pairing = Pairing(pairs=(), withdrawals=(), deposits=())
    lent, paid = transfer_events([row, row], pairing, (), rates, ())[0]
    assert (lent.kind, lent.time, lent.moment) == ("borrow", at(5), at(5) - EARLY)
    assert [(leg.asset, leg.quantity, leg.flow) for leg in lent.legs] == [("BTC", 2, LENT)]
    assert lent.fees == ()
    assert (paid.kind, paid.moment, paid.fees) == ("fee", at(5), (row.fee,))
    assert [(leg.asset, leg.quantity, leg.flow) for leg in paid.legs] == [("USDT", -1, EXPENSE)]


def test_failed_and_canceled_transfers_do_not_count() -> None:
    events = [fill("buy", "1", "100")]
    more = [
        transfer("deposit", "1", status="failed"),
        transfer("deposit", "1", status="pending"),
        transfer("withdrawal", "1", status="canceled"),
    ]
    assert pooled(*events, *more).quantity == 1


def test_a_withdrawal_stated_with_its_fee_loses_the_fee_once() -> None:
    """What arrived is exactly the fee less than what the exchange says was withdrawn: so the fee
    was inside."""
    events = [
        fill("buy", "2", "100", account="a"),
        transfer("withdrawal", "1", account="a", hour=1, fee="0.1 BTC"),
        transfer("deposit", "0.9", account="b", hour=2),
    ]
    book = basis_book(*events)
    assert (book.by_account["a", "BTC"].quantity, book.by_account["b", "BTC"].quantity) == (
        1,
        D("0.9"),
    )
    assert (
        book.pooled["BTC"].quantity,
        book.pooled["BTC"].fees_paid,
        book.pooled["BTC"].realised_pnl,
    ) == (D("1.9"), 10, -10)


def test_more_than_was_sent_arrives_at_the_other_account_and_its_fee_is_paid_there() -> None:
    book = basis_book(
        fill("buy", "2", "100", account="a"),
        transfer("withdrawal", "1", account="a", hour=1, tx="x"),
        transfer("deposit", "1.5", account="b", hour=2, tx="x", fee="0.25 BTC"),
    )
    left, came = book.by_account["a", "BTC"], book.by_account["b", "BTC"]
    assert (left.quantity, left.unknown_quantity, left.fees_paid) == (1, 0, 0)
    assert (came.quantity, came.moved) == (D("1.25"), 100)
    assert came.unknown_reasons == ("deposit 2026-01-01",)


def test_a_stated_cost_explains_the_deposit_nearest_to_it() -> None:
    stated = StatedBasis(account="main", asset="BTC", quantity=D(1), price=D(40), at=at(25))
    basis = pooled(transfer("deposit", "1"), transfer("deposit", "2", hour=24), stated=[stated])
    assert (basis.explained_quantity, basis.cost, basis.unknown_quantity) == (1, 40, 2)
    assert basis.unknown_reasons == ("deposit 2026-01-01..2026-01-02 x2",)


def test_a_stated_cost_without_a_deposit_is_an_opening_quantity() -> None:
    stated = StatedBasis(account="main", asset="BTC", quantity=D(1), price=D(40), at=at(-100))
    basis = pooled(fill("sell", "1", "100"), stated=[stated])
    assert (basis.quantity, basis.realised_pnl, basis.deposited) == (0, 60, 40)
