"""Borrowed and sold: shorts in margin wallets, against arithmetic done by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from exchange_cache.cost.basis import AssetBasis
from exchange_cache.cost.reconcile import reconcile
from exchange_cache.records import LOAN, Fill, Transfer
from tests.cost.builders import at, basis_book, fill, transfer

D = Decimal


def margin(side: str, quantity: str, price: str, *fee: str, **place: object) -> Fill:
    return fill(side, quantity, price, *fee, category="margin", **place)  # type: ignore[arg-type]


def loan(
    quantity: str, asset: str = "BTC", *, hour: float = 0, back: bool = False, account: str = "main"
) -> Transfer:
    """Lent by a unified account's exchange, or paid back to it."""
    return transfer("repayment" if back else "loan", quantity, asset, hour=hour, account=account)


def pooled(*events: Fill | Transfer, asset: str = "BTC", **options: object) -> AssetBasis:
    return basis_book(*events, **options).pooled[asset]  # type: ignore[arg-type]


def figures(basis: AssetBasis) -> tuple[Decimal, Decimal, Decimal, Decimal | None, Decimal | None]:
    return (
        basis.quantity,
        basis.explained_quantity,
        basis.cost,
        basis.average_entry_price,
        basis.realised_pnl,
    )


def test_a_borrowed_sale_is_a_short_with_the_price_it_was_sold_at() -> None:
    assert figures(pooled(margin("sell", "2", "100", "1 USDT"))) == (
        D(-2),
        D(-2),
        D(-199),
        D("99.5"),
        D(0),
    )


def test_the_same_sale_in_a_spot_wallet_is_missing_history() -> None:
    book = basis_book(fill("sell", "2", "100"))
    assert [finding.code for finding in book.findings] == ["sold_more_than_known"]
    assert (book.pooled["BTC"].explained_quantity, book.pooled["BTC"].oversold_quantity) == (0, 2)


def test_a_short_is_no_missing_history() -> None:
    assert basis_book(margin("sell", "2", "100")).findings == ()


def test_buying_back_realises_the_difference() -> None:
    basis = pooled(margin("sell", "2", "100"), margin("buy", "0.5", "80", hour=1))
    assert figures(basis) == (D("-1.5"), D("-1.5"), D(-150), D(100), D(10))


def test_buying_more_than_is_owed_turns_the_short_into_a_holding() -> None:
    basis = pooled(margin("sell", "2", "100"), margin("buy", "3", "90", hour=1))
    assert figures(basis) == (D(1), D(1), D(90), D(90), D(20))


def test_selling_more_than_is_held_turns_the_holding_into_a_short() -> None:
    basis = pooled(margin("buy", "1", "100"), margin("sell", "3", "120", hour=1))
    assert figures(basis) == (D(-2), D(-2), D(-240), D(120), D(20))


def test_a_purchase_with_borrowed_money_of_another_asset_is_a_short_of_that_asset() -> None:
    book = basis_book(margin("buy", "10", "0.05", symbol="ETH/BTC"), rates={"BTC": "60000"})
    assert figures(book.pooled["BTC"])[:4] == (D("-0.5"), D("-0.5"), D(-30000), D(60000))
    assert figures(book.pooled["ETH"])[:4] == (D(10), D(10), D(30000), D(3000))


def test_spot_purchases_cover_what_a_margin_wallet_owes() -> None:
    basis = pooled(margin("sell", "1", "100"), fill("buy", "1", "70", hour=1))
    assert figures(basis) == (D(0), D(0), D(0), None, D(30))


@pytest.mark.parametrize(
    ("method", "realised", "cost"),
    [("average", 70, -130), ("fifo", 20, -80), ("lifo", 100, -160), ("hifo", 20, -80)],
)
def test_shorts_are_covered_by_the_cost_method(method: str, realised: int, cost: int) -> None:
    events = [
        margin("sell", "1", "100"),
        margin("sell", "1", "160", hour=1),
        margin("sell", "1", "140", hour=2),
    ]
    if method == "lifo":
        events[1], events[2] = (
            margin("sell", "1", "140", hour=1),
            margin("sell", "1", "160", hour=2),
        )
    basis = pooled(*events, margin("buy", "2", "60", hour=3), method=method)
    proceeds = {"average": D(800) / 3, "fifo": D(260), "lifo": D(300), "hifo": D(240)}[method]
    assert basis.realised_pnl is not None
    assert abs(basis.realised_pnl - (proceeds - 120)) < D("1e-25")
    assert abs(basis.cost + (400 - proceeds)) < D("1e-25")


def test_interest_makes_a_debt_larger_at_its_worth_on_the_day() -> None:
    interest = transfer("fee", "-0.01", "BTC", hour=1, wallet="margin")
    basis = pooled(margin("sell", "1", "100"), interest, rates={"BTC": "120"})
    assert figures(basis)[:3] == (D("-1.01"), D("-1.01"), D("-101.2"))
    assert basis.average_entry_price is not None and abs(
        basis.average_entry_price * D("1.01") - D("101.2")
    ) < D("1e-25")
    assert (basis.realised_pnl, basis.expenses, basis.fees_paid) == (D("-1.2"), D("-1.2"), D("1.2"))


def test_interest_outside_a_margin_wallet_on_nothing_held_is_missing_history() -> None:
    book = basis_book(transfer("fee", "-0.01", "BTC"), rates={"BTC": "120"})
    assert [finding.code for finding in book.findings] == ["sold_more_than_known"]


def test_a_borrowed_sale_without_a_price_stays_unknown() -> None:
    book = basis_book(margin("sell", "1", "2", symbol="AAA/BBB"))
    assert (book.pooled["AAA"].explained_quantity, book.pooled["AAA"].oversold_quantity) == (0, 1)


def test_a_deposit_that_repays_a_short_leaves_proceeds_without_a_known_cost() -> None:
    basis = pooled(margin("sell", "2", "100"), transfer("deposit", "2", "BTC", hour=1))
    assert figures(basis) == (D(0), D(0), D(0), None, D(0))
    assert basis.unexplained_proceeds == D(200)


def test_accounts_keep_their_own_shorts_and_the_pool_nets_them() -> None:
    book = basis_book(
        fill("buy", "2", "100", account="a"), margin("sell", "1", "130", hour=1, account="b")
    )
    assert figures(book.by_account["b", "BTC"]) == (D(-1), D(-1), D(-130), D(130), D(0))
    assert figures(book.pooled["BTC"]) == (D(1), D(1), D(100), D(100), D(30))


def test_a_move_into_an_account_that_owes_covers_its_short_at_cost() -> None:
    book = basis_book(
        fill("buy", "2", "100", account="a"),
        margin("sell", "1", "130", hour=1, account="b"),
        transfer("withdrawal", "1.5", account="a", hour=2, tx="x"),
        transfer("deposit", "1.5", account="b", hour=2, tx="x"),
    )
    assert figures(book.by_account["b", "BTC"]) == (D("0.5"), D("0.5"), D(50), D(100), D(30))
    assert figures(book.pooled["BTC"]) == (D(1), D(1), D(100), D(100), D(30))


def test_a_debt_reconciles_with_the_negative_balance() -> None:
    basis = pooled(margin("sell", "2", "100"))
    split = reconcile(basis, D(-2), asset="BTC", reporting_asset="USDT")
    assert (
        split.explained,
        split.unknown,
        split.cost,
        split.average_entry_price,
        split.reasons,
    ) == (D(-2), 0, D(-200), D(100), ())


def test_more_debt_than_the_history_tells_is_borrowed_without_a_known_price() -> None:
    split = reconcile(
        pooled(margin("sell", "2", "100")), D(-3), asset="BTC", reporting_asset="USDT"
    )
    assert (split.explained, split.unknown, split.cost, split.reasons) == (
        D(-2),
        D(-1),
        D(-200),
        ("debt",),
    )


def test_less_debt_than_the_history_tells_is_said() -> None:
    split = reconcile(
        pooled(margin("sell", "2", "100")), D(-1), asset="BTC", reporting_asset="USDT"
    )
    assert (split.explained, split.unknown, split.cost, split.scaled_off, split.reasons) == (
        D(-1), 0, D(-100), D(-100), ("ledger_exceeds_balance",),
    )  # fmt: skip


def test_a_holding_against_a_short_history_is_not_in_the_history() -> None:
    split = reconcile(pooled(margin("sell", "2", "100")), D(1), asset="BTC", reporting_asset="USDT")
    assert (split.explained, split.unknown, split.reasons) == (0, 1, ("not_in_history",))


def test_a_pool_that_owes_what_no_account_lacks_is_short_and_not_oversold() -> None:
    """One account's short eats the other's units in the pool; when these are sold as well, the pool
    owes them."""
    events = [
        fill("buy", "5", "90", account="b"),
        margin("sell", "5", "100", account="a", hour=1),
        fill("sell", "5", "110", account="b", hour=2),
    ]
    book = basis_book(*events)
    whole = book.pooled["BTC"]
    assert (
        whole.quantity,
        whole.oversold_quantity,
        whole.average_entry_price,
        whole.realised_pnl,
    ) == (-5, 0, 110, 50)
    assert book.findings == ()


def test_a_spot_sale_of_units_that_a_margin_sale_was_booked_on_is_short_not_missing_history() -> (
    None
):
    """2 are held on spot and 2 borrowed ones sold on margin; then the 2 of spot are sold, and the
    debt is bought back."""
    events = [
        fill("buy", "2", "100"),
        margin("sell", "2", "120", hour=1),
        fill("sell", "2", "130", hour=2),
    ]
    book = basis_book(*events)
    assert figures(book.pooled["BTC"]) == (D(-2), D(-2), D(-260), D(130), D(40))
    assert book.findings == ()
    book = basis_book(*events, margin("buy", "2", "90", hour=3))
    assert figures(book.pooled["BTC"]) == (
        D(0),
        D(0),
        D(0),
        None,
        D(120),
    )  # (120 - 90) + (130 - 100), twice


def test_what_came_back_to_the_margin_wallet_is_lent_no_more() -> None:
    events = [
        margin("sell", "2", "120"),
        margin("buy", "2", "90", hour=1),
        fill("sell", "1", "130", hour=2),
    ]
    book = basis_book(*events)
    assert (book.pooled["BTC"].oversold_quantity, book.pooled["BTC"].explained_quantity) == (1, 0)
    assert [finding.code for finding in book.findings] == ["sold_more_than_known"]


def test_a_unified_account_sells_short_what_it_was_lent() -> None:
    book = basis_book(loan("2"), fill("sell", "2", "100", hour=1))
    assert (figures(book.pooled["BTC"]), book.findings) == (
        (D(-2), D(-2), D(-200), D(100), D(0)),
        (),
    )


def test_a_unified_account_sells_short_no_more_than_it_was_lent() -> None:
    book = basis_book(loan("2"), fill("sell", "3", "100", hour=1))
    assert (book.pooled["BTC"].explained_quantity, book.pooled["BTC"].oversold_quantity) == (-2, 1)
    assert [finding.code for finding in book.findings] == ["sold_more_than_known"]


def test_a_loan_by_itself_changes_no_holding() -> None:
    book = basis_book(fill("buy", "1", "100"), loan("2", hour=1), loan("0.5", hour=2, back=True))
    assert figures(book.pooled["BTC"]) == (D(1), D(1), D(100), D(100), D(0))


def test_what_was_paid_back_is_lent_no_more() -> None:
    events = [
        loan("2"),
        fill("sell", "2", "100", hour=1),
        fill("buy", "2", "80", hour=2),
        loan("2", hour=3, back=True),
    ]
    book = basis_book(*events, fill("sell", "1", "130", hour=4))
    assert (book.pooled["BTC"].realised_pnl, book.pooled["BTC"].oversold_quantity) == (40, 1)


def test_a_loan_that_is_logged_a_moment_after_its_sale_still_covers_it() -> None:
    late = replace(loan("2"), time=at(0) + timedelta(seconds=40))
    book = basis_book(fill("sell", "2", "100"), late)
    assert (book.pooled["BTC"].explained_quantity, book.findings) == (-2, ())


def test_a_purchase_with_lent_money_owes_that_money() -> None:
    book = basis_book(
        transfer("deposit", "1000", "USDT"), loan("200", "USDT"), fill("buy", "12", "100", hour=1)
    )
    assert (book.pooled["USDT"].quantity, book.pooled["USDT"].oversold_quantity) == (-200, 0)
    assert figures(book.pooled["BTC"])[:3] == (D(12), D(12), D(1200))


def test_interest_on_a_loan_makes_the_debt_larger() -> None:
    interest = transfer("fee", "-0.01", "BTC", hour=2, wallet=LOAN)
    basis = pooled(loan("1"), fill("sell", "1", "100", hour=1), interest, rates={"BTC": "120"})
    assert (figures(basis)[:3], basis.expenses) == (
        (D("-1.01"), D("-1.01"), D("-101.2")),
        D("-1.2"),
    )


def test_one_account_is_not_lent_what_another_borrowed() -> None:
    book = basis_book(loan("2", account="a"), fill("sell", "2", "100", hour=1, account="b"))
    assert [(finding.code, finding.account) for finding in book.findings] == [
        ("sold_more_than_known", "b")
    ]
    assert book.by_account["a", "BTC"].quantity == 0
