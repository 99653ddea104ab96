"""The running average and its methods, against arithmetic done by hand; and every line of the
"Cost" checklist, by name."""

from __future__ import annotations

import pytest

from tests.cost.builders import D, basis_book, codes, fill, pooled, transfer

# --- the average ----------------------------------------------------------------------------------


def test_the_average_is_weighted_by_quantity() -> None:
    basis = pooled(fill("buy", "1", "100"), fill("buy", "3", "200", hour=1))
    assert basis.average_entry_price == D(175)


def test_a_sale_leaves_the_average_and_realises_the_difference() -> None:
    basis = pooled(fill("buy", "2", "100"), fill("sell", "0.5", "160", hour=1))
    assert (basis.average_entry_price, basis.realised_pnl, basis.quantity, basis.cost) == (
        D(100),
        D(30),
        D("1.5"),
        D(150),
    )


def test_sells_are_not_ignored() -> None:
    assert pooled(fill("buy", "1", "100"), fill("sell", "1", "100", hour=1)).quantity == 0


def test_a_full_sell_resets_without_a_division_by_zero() -> None:
    book = basis_book(fill("buy", "1", "100"), fill("sell", "1", "90", hour=1))
    basis = book.pooled["BTC"]
    assert (basis.average_entry_price, basis.cost, basis.realised_pnl) == (None, 0, -10)
    again = pooled(
        fill("buy", "1", "100"), fill("sell", "1", "90", hour=1), fill("buy", "1", "70", hour=2)
    )
    assert again.average_entry_price == 70


def test_an_average_without_any_fill_does_not_exist() -> None:
    assert "BTC" not in basis_book().pooled


# --- unknown is not zero --------------------------------------------------------------------------


def test_missing_buys_are_neither_free_nor_bought_at_the_current_price() -> None:
    basis = pooled(
        transfer("deposit", "1"), fill("buy", "1", "100", hour=1), fill("sell", "1", "200", hour=2)
    )
    assert (basis.explained_quantity, basis.unknown_quantity) == (D("0.5"), D("0.5"))
    assert basis.average_entry_price == 100
    assert basis.realised_pnl == 50  # half of the sale is explained: 100 - 50
    assert basis.unexplained_proceeds == 100


def test_an_unpaired_deposit_is_unknown_with_its_date() -> None:
    basis = pooled(transfer("deposit", "0.5"), transfer("deposit", "0.25", hour=24 * 3))
    assert basis.unknown_quantity == D("0.75")
    assert basis.unknown_reasons == ("deposit 2026-01-01..2026-01-04 x2",)
    assert (basis.average_entry_price, basis.cost) == (None, 0)


def test_selling_more_than_is_known_is_a_finding_and_no_crash() -> None:
    book = basis_book(
        fill("buy", "0.5", "10"), fill("sell", "0.6", "5", hour=1), fill("buy", "1", "8", hour=2)
    )
    basis = book.pooled["BTC"]
    assert [finding.code for finding in book.findings] == ["sold_more_than_known"]
    assert "0.1 BTC" in book.findings[0].message
    assert basis.quantity == D("0.9")
    assert (basis.explained_quantity, basis.average_entry_price, basis.oversold_quantity) == (
        D(1),
        D(8),
        D("0.1"),
    )
    assert basis.unexplained_proceeds == D("0.5")
    assert basis.realised_pnl == D("-2.5")


def test_temporarily_negative_balances_are_real() -> None:
    basis = pooled(fill("sell", "1", "100"), transfer("deposit", "1", hour=1))
    assert (basis.quantity, basis.unknown_quantity, basis.oversold_quantity) == (0, 0, 0)
    assert codes(fill("sell", "1", "100"), transfer("deposit", "1", hour=1)) == []


def test_the_reporting_asset_has_average_one_and_no_result() -> None:
    book = basis_book(
        transfer("deposit", "1000", "USDT"),
        fill("buy", "1", "100", "1 USDT"),
        fill("sell", "1", "300", hour=1),
    )
    usdt = book.pooled["USDT"]
    assert (usdt.quantity, usdt.explained_quantity, usdt.unknown_quantity) == (D(1199), D(1199), 0)
    assert (usdt.average_entry_price, usdt.realised_pnl) == (1, 0)


def test_the_reporting_asset_bought_with_another_currency_has_no_result_either() -> None:
    book = basis_book(fill("buy", "100", "40", "1 USDT", symbol="USDT/TRY"), rates={"TRY": "0.03"})
    assert (book.pooled["USDT"].quantity, book.pooled["USDT"].realised_pnl) == (99, 0)
    assert book.pooled["TRY"].unexplained_proceeds == 99  # what the unknown lira fetched


def test_usdt_is_not_usd() -> None:
    book = basis_book(fill("buy", "1", "100"), reporting_asset="USD", rates={"USDT": "0.999"})
    assert book.pooled["BTC"].cost == D("99.9")
    assert (
        basis_book(fill("buy", "1", "100"), reporting_asset="USD").pooled["BTC"].unknown_quantity
        == 1
    )


# --- own accounts ---------------------------------------------------------------------------------


def test_transfers_between_own_accounts_carry_the_basis_and_are_no_profit() -> None:
    book = basis_book(
        fill("buy", "2", "100", account="a"),
        transfer("withdrawal", "1", account="a", hour=1, fee="0.1 BTC", tx="x"),
        transfer("deposit", "1", account="b", hour=2, tx="x"),
    )
    left, came, whole = book.by_account["a", "BTC"], book.by_account["b", "BTC"], book.pooled["BTC"]
    assert (left.quantity, left.average_entry_price, left.moved) == (D("0.9"), D(100), D(-100))
    assert (came.quantity, came.average_entry_price, came.moved, came.unknown_quantity) == (
        D(1),
        D(100),
        D(100),
        0,
    )
    assert (whole.quantity, whole.average_entry_price, whole.realised_pnl) == (
        D("1.9"),
        D(100),
        D(-10),
    )
    assert whole.moved == 0


def test_an_own_transfer_carries_unknown_units_and_their_reason() -> None:
    book = basis_book(
        transfer("deposit", "1", account="a"),
        transfer("withdrawal", "1", account="a", hour=30, tx="x"),
        transfer("deposit", "1", account="b", hour=31, tx="x"),
    )
    assert book.by_account["b", "BTC"].unknown_reasons == ("deposit 2026-01-01",)
    assert book.by_account["a", "BTC"].unknown_reasons == ()


def test_an_own_transfer_of_units_never_seen_is_unknown_there() -> None:
    book = basis_book(
        transfer("withdrawal", "1", account="a", tx="x"),
        transfer("deposit", "1", account="b", hour=1, tx="x"),
    )
    assert book.by_account["b", "BTC"].unknown_reasons == ("transfer 2026-01-01",)
    assert [(one.code, one.account) for one in book.findings] == [("sold_more_than_known", "a")]


@pytest.mark.parametrize("method", ["fifo", "lifo", "hifo"])
def test_lots_keep_their_age_when_they_move(method: str) -> None:
    book = basis_book(
        fill("buy", "1", "100", account="a"),
        fill("buy", "1", "300", account="b", hour=1),
        transfer("withdrawal", "1", account="a", hour=2, tx="x"),
        transfer("deposit", "1", account="b", hour=3, tx="x"),
        fill("sell", "1", "400", account="b", hour=4),
        method=method,
    )
    assert (
        book.by_account["b", "BTC"].realised_pnl == {"fifo": 300, "lifo": 100, "hifo": 100}[method]
    )


def test_two_accounts_have_their_own_averages_and_a_pooled_one() -> None:
    book = basis_book(
        fill("buy", "1", "100", account="a"), fill("buy", "1", "300", account="b", hour=1)
    )
    assert [book.by_account[name, "BTC"].average_entry_price for name in "ab"] == [100, 300]
    assert book.pooled["BTC"].average_entry_price == 200


@pytest.mark.parametrize("method", ["average", "fifo", "lifo", "hifo"])
def test_what_an_account_sold_without_having_it_is_not_taken_from_another_accounts_units(
    method: str,
) -> None:
    book = basis_book(
        fill("buy", "5", "100", account="a"),
        fill("sell", "3", "120", account="b", hour=1),
        fill("sell", "1", "130", account="a", hour=2),
        method=method,
    )
    whole = book.pooled["BTC"]
    assert (whole.explained_quantity, whole.oversold_quantity, whole.quantity) == (4, 3, 1)
    assert (whole.average_entry_price, whole.realised_pnl, whole.unexplained_proceeds) == (
        100,
        30,
        360,
    )


def test_what_arrives_unpriced_makes_good_only_what_its_own_account_had_oversold() -> None:
    book = basis_book(
        fill("sell", "3", "120", account="b"),
        transfer("deposit", "2", account="a", hour=1),
        transfer("deposit", "1", account="b", hour=2),
    )
    whole = book.pooled["BTC"]
    assert (whole.unknown_quantity, whole.oversold_quantity, whole.quantity) == (2, 2, 0)


@pytest.mark.parametrize("method", ["average", "fifo", "lifo", "hifo"])
def test_units_sent_without_having_been_seen_are_unknown_in_the_pool_too(method: str) -> None:
    there_and_back = [
        transfer("withdrawal", "2", account="a", hour=1, tx="x"),
        transfer("deposit", "2", account="b", hour=2, tx="x"),
    ]
    bought = fill("buy", "5", "100", account="c")
    whole = basis_book(bought, *there_and_back, method=method).pooled["BTC"]
    assert (
        whole.explained_quantity,
        whole.unknown_quantity,
        whole.oversold_quantity,
        whole.cost,
    ) == (5, 2, 2, 500)
    assert whole.unknown_reasons == ("transfer 2026-01-01", "sold_more_than_known 2026-01-01")
    sold_before = fill("sell", "2", "120", account="b")
    whole = basis_book(bought, sold_before, *there_and_back, method=method).pooled["BTC"]
    assert (
        whole.explained_quantity,
        whole.unknown_quantity,
        whole.oversold_quantity,
        whole.cost,
    ) == (5, 0, 2, 500)
