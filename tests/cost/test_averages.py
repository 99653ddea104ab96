"""The running average and its methods, against arithmetic done by hand; and every line of the
"Cost" checklist, by name."""

from __future__ import annotations

from decimal import Decimal

import pytest

from exchange_cache.cost.basis import AssetBasis, realised_between
from exchange_cache.ledger.events import StatedBasis
from exchange_cache.records import FillKind
from tests.cost.builders import at, basis_book, contract, fill, transfer

D = Decimal


def codes(*events: object, **options: object) -> list[str]:
    return [finding.code for finding in basis_book(*events, **options).findings]  # type: ignore[arg-type]


def pooled(*events: object, asset: str = "BTC", **options: object) -> AssetBasis:
    return basis_book(*events, **options).pooled[asset]  # type: ignore[arg-type]


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


def test_fee_in_quote_raises_the_average_and_lowers_the_proceeds() -> None:
    basis = pooled(fill("buy", "1", "100", "1 USDT"), fill("sell", "0.5", "100", "2 USDT", hour=1))
    assert basis.average_entry_price == D(101)
    assert basis.realised_pnl == D("-2.5")  # 50 - 2 - 50.5
    assert basis.fees_paid == 3


def test_fee_in_base_lowers_what_was_received() -> None:
    basis = pooled(fill("buy", "1", "100", "0.2 BTC"))
    assert (basis.quantity, basis.cost, basis.average_entry_price) == (D("0.8"), D(100), D(125))
    assert basis.fees_paid == 20


def test_fee_in_base_of_a_sale_leaves_the_holding_too() -> None:
    basis = pooled(fill("buy", "2", "100"), fill("sell", "1", "150", "0.1 BTC", hour=1))
    assert basis.quantity == D("0.9")
    assert basis.realised_pnl == 40  # 150 - 1.1 x 100


def test_fee_in_a_third_coin_is_worth_its_value_at_the_time_of_the_fill() -> None:
    book = basis_book(
        fill("buy", "1", "300", symbol="BNB/USDT"),
        fill("buy", "1", "1000", "0.1 BNB", hour=2),
        rates={"BNB": {0: "300", 2: "600", 3: "900"}},
    )
    assert book.pooled["BTC"].cost == 1060
    bnb = book.pooled["BNB"]
    assert (bnb.quantity, bnb.average_entry_price) == (D("0.9"), D(300))
    assert bnb.realised_pnl == 30  # given away at 60, bought at 30: gained since then, once
    assert book.pooled["USDT"].quantity == -1300


def test_fee_in_a_third_coin_without_a_rate_is_noted_and_leaves_at_its_cost() -> None:
    book = basis_book(
        fill("buy", "1", "300", symbol="BNB/USDT"), fill("buy", "1", "1000", "0.1 BNB", hour=1)
    )
    assert book.pooled["BTC"].cost == 1000
    assert (book.pooled["BNB"].quantity, book.pooled["BNB"].realised_pnl) == (D("0.9"), D(-30))
    assert [(one.code, one.asset) for one in book.findings] == [("fee_unvalued", "BTC")]


def test_fee_coin_of_unknown_cost_realises_no_fantasy_profit() -> None:
    book = basis_book(
        transfer("deposit", "1", "BNB"),
        fill("buy", "1", "1000", "0.1 BNB", hour=1),
        rates={"BNB": "600"},
    )
    assert book.pooled["BNB"].realised_pnl == 0
    assert (book.pooled["BNB"].unexplained_proceeds, book.pooled["BTC"].cost) == (D(60), D(1060))


def test_a_negative_fee_is_a_rebate_and_lowers_the_cost() -> None:
    assert pooled(fill("buy", "1", "100", "-1 USDT")).average_entry_price == 99
    assert pooled(fill("buy", "1", "100", "-0.25 BTC")).average_entry_price == 80
    book = basis_book(fill("buy", "1", "100", "-0.01 BNB"), rates={"BNB": "600"})
    assert (book.pooled["BTC"].cost, book.pooled["BNB"].cost, book.pooled["BNB"].quantity) == (
        D(94),
        D(6),
        D("0.01"),
    )


def test_a_list_of_two_fees_counts_both() -> None:
    basis = pooled(fill("buy", "1", "100", "1 USDT", "0.01 BNB"), rates={"BNB": "600"})
    assert basis.cost == 107


def test_a_missing_fee_is_a_finding_and_the_average_stays() -> None:
    book = basis_book(fill("buy", "1", "100", fees_known=False))
    assert [finding.code for finding in book.findings] == ["fee_missing"]
    assert book.pooled["BTC"].average_entry_price == 100


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


def test_dust_left_after_selling_everything_does_not_keep_a_position_alive() -> None:
    events = [fill("buy", "1", "100"), fill("sell", "0.999999993", "100", hour=1)]
    basis = pooled(*events, dust={"BTC": D("0.00001")})
    assert (basis.average_entry_price, basis.explained_quantity, basis.unknown_quantity) == (
        None,
        0,
        D("7e-9"),
    )
    assert basis.unknown_reasons == ("dust 2026-01-01",)
    again = pooled(*events, fill("buy", "2", "50", hour=2), dust={"BTC": D("0.00001")})
    assert again.average_entry_price == 50
    assert again.quantity == D("2.000000007")


@pytest.mark.parametrize("method", ["average", "fifo", "lifo", "hifo"])
def test_dust_between_the_parts_of_one_sale_changes_nothing(method: str) -> None:
    whole = pooled(
        fill("buy", "1", "100"),
        fill("sell", "1", "90", hour=1),
        dust={"BTC": D("0.01")},
        method=method,
    )
    parts = [fill("sell", "0.995", "90", hour=1), fill("sell", "0.005", "90", hour=1.1)]
    split = pooled(fill("buy", "1", "100"), *parts, dust={"BTC": D("0.01")}, method=method)
    assert (split.realised_pnl, split.quantity, split.unknown_quantity) == (
        whole.realised_pnl,
        0,
        0,
    )


def test_a_small_first_buy_is_no_dust() -> None:
    assert pooled(fill("buy", "0.001", "100"), dust={"BTC": D("0.01")}).average_entry_price == 100


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


def test_asset_bought_with_another_asset_counts_at_the_time_of_the_fill() -> None:
    book = basis_book(
        fill("buy", "1", "20000"),
        fill("buy", "10", "0.05", symbol="ETH/BTC", hour=5),
        rates={"BTC": {0: "20000", 5: "30000", 6: "90000"}, "ETH": {0: "1", 6: "9"}},
    )
    eth, btc = book.pooled["ETH"], book.pooled["BTC"]
    assert (eth.cost, eth.average_entry_price) == (D(15000), D(1500))
    assert (btc.quantity, btc.realised_pnl, btc.average_entry_price) == (
        D("0.5"),
        D(5000),
        D(20000),
    )


def test_a_fill_without_a_rate_gives_an_unknown_quantity_never_zero_cost() -> None:
    book = basis_book(fill("buy", "1", "100"), fill("buy", "10", "0.05", symbol="ETH/BTC", hour=1))
    eth, btc = book.pooled["ETH"], book.pooled["BTC"]
    assert (eth.explained_quantity, eth.unknown_quantity, eth.cost) == (0, 10, 0)
    assert eth.unknown_reasons == ("no_rate 2026-01-01",)
    assert (btc.cost, btc.written_off, btc.realised_pnl) == (D(50), D(50), 0)
    assert [(one.code, one.asset) for one in book.findings] == [("no_rate", "ETH")]


def test_the_rate_of_the_base_serves_when_the_quote_has_none() -> None:
    assert pooled(fill("buy", "2", "7", symbol="BTC/XYZ"), rates={"BTC": "100"}).cost == 200


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


def test_converts_and_dust_sweeps_are_trades() -> None:
    book = basis_book(
        fill("sell", "5", "2", symbol="XRP/USDT", kind=FillKind.CONVERT, hour=-1),
        fill("sell", "1", "0.01", symbol="XRP/BNB", kind=FillKind.DUST),
        explain=["XRP"],
    )
    assert [step.kind for step in book.steps["XRP"]] == ["convert", "dust"]
    assert book.pooled["USDT"].quantity == 10


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


# --- rewards, fees, funding -----------------------------------------------------------------------


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


def test_a_derivative_result_reaches_the_settle_asset_net_of_fees() -> None:
    usdt = pooled(
        contract("buy", "1", "100", "0.1 USDT"),
        contract("sell", "1", "110", "0.2 USDT", hour=1),
        asset="USDT",
    )
    assert (usdt.quantity, usdt.derivative_pnl, usdt.expenses, usdt.realised_pnl) == (
        D("9.7"),
        D(10),
        D("-0.3"),
        D("9.7"),
    )
    assert usdt.fees_paid == D("0.3")


def test_a_withdrawal_takes_its_cost_along_and_its_fee_is_an_expense() -> None:
    basis = pooled(fill("buy", "2", "100"), transfer("withdrawal", "1", hour=1, fee="0.1 BTC"))
    assert (basis.quantity, basis.cost, basis.average_entry_price) == (D("0.9"), D(90), D(100))
    assert (basis.deposited, basis.realised_pnl, basis.fees_paid) == (-100, -10, 10)


def test_failed_and_canceled_transfers_do_not_count() -> None:
    events = [fill("buy", "1", "100")]
    more = [
        transfer("deposit", "1", status="failed"),
        transfer("deposit", "1", status="pending"),
        transfer("withdrawal", "1", status="canceled"),
    ]
    assert pooled(*events, *more).quantity == 1


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


# --- methods --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "realised", "average"),
    [("average", 0, 200), ("fifo", 200, 250), ("lifo", 0, 200), ("hifo", -200, 150)],
)
def test_methods_differ_in_the_units_that_a_sale_takes(
    method: str, realised: int, average: int
) -> None:
    buys = [
        fill("buy", "2", "100", hour=0),
        fill("buy", "2", "300", hour=1),
        fill("buy", "2", "200", hour=2),
    ]
    basis = pooled(*buys, fill("sell", "2", "200", hour=3), method=method)
    assert (basis.realised_pnl, basis.average_entry_price) == (realised, average)


def test_fifo_takes_part_of_a_lot() -> None:
    basis = pooled(
        fill("buy", "3", "100"),
        fill("buy", "1", "200", hour=1),
        fill("sell", "1", "150", hour=2),
        method="fifo",
    )
    assert (basis.cost, basis.realised_pnl) == (400, 50)


def test_fifo_gives_an_unknown_lot_its_place_in_time() -> None:
    events = [
        transfer("deposit", "1"),
        fill("buy", "1", "100", hour=1),
        fill("sell", "1", "150", hour=2),
    ]
    first, last = pooled(*events, method="fifo"), pooled(*events, method="lifo")
    assert (first.explained_quantity, first.unknown_quantity, first.unexplained_proceeds) == (
        1,
        0,
        150,
    )
    assert (last.explained_quantity, last.unknown_quantity, last.realised_pnl) == (0, 1, 50)


# --- what the user says ---------------------------------------------------------------------------


def test_a_stated_cost_explains_the_deposit_nearest_to_it() -> None:
    stated = StatedBasis(account="main", asset="BTC", quantity=D(1), price=D(40), at=at(25))
    basis = pooled(transfer("deposit", "1"), transfer("deposit", "2", hour=24), stated=[stated])
    assert (basis.explained_quantity, basis.cost, basis.unknown_quantity) == (1, 40, 2)
    assert basis.unknown_reasons == ("deposit 2026-01-01..2026-01-02 x2",)


def test_a_stated_cost_without_a_deposit_is_an_opening_quantity() -> None:
    stated = StatedBasis(account="main", asset="BTC", quantity=D(1), price=D(40), at=at(-100))
    basis = pooled(fill("sell", "1", "100"), stated=[stated])
    assert (basis.quantity, basis.realised_pnl, basis.deposited) == (0, 60, 40)


# --- audit ----------------------------------------------------------------------------------------


def test_the_steps_tell_the_whole_story() -> None:
    book = basis_book(
        fill("buy", "1", "100", "1 USDT", fill_id="7"),
        transfer("withdrawal", "0.5", hour=1, transfer_id="w"),
        explain=["BTC"],
    )
    first, second = book.steps["BTC"]
    assert (
        first.kind,
        first.source_id,
        first.quantity_delta,
        first.price,
        first.value,
        first.fees_value,
    ) == ("buy", "7", 1, 100, 101, 1)
    assert (first.held_after, first.cost_after, first.average_after) == (1, 101, 101)
    assert (second.kind, second.source_id, second.held_after, second.cost_after) == (
        "withdrawal",
        "w",
        D("0.5"),
        D("50.5"),
    )
    assert set(book.steps) == {"BTC"}


def test_the_hash_depends_on_the_inputs_and_on_nothing_else() -> None:
    events = [fill("buy", "1", "100", fill_id="1"), fill("buy", "1", "110", fill_id="2", hour=1)]
    same = [fill("buy", "1.0", "110", fill_id="2", hour=1), fill("buy", "1", "100.00", fill_id="1")]
    other = [events[0], fill("buy", "1", "111", fill_id="2", hour=1)]
    assert pooled(*events).inputs_sha256 == pooled(*same, *events).inputs_sha256
    assert pooled(*events).inputs_sha256 != pooled(*other).inputs_sha256
    assert pooled(*events).inputs_sha256 != pooled(*events, method="fifo").inputs_sha256


_HASHED: dict[str, object] = {
    "side": "buy",
    "quantity": "1",
    "price": "100",
    "symbol": "BTC/EUR",
    "hour": 1,
    "fill_id": "7",
}


def _hash(
    *fee: str,
    rates: dict[str, str] | None = None,
    stated: tuple[StatedBasis, ...] = (),
    method: str = "average",
    dust: str = "0",
    arrived: str = "3",
    **change: object,
) -> str | None:
    facts = {**_HASHED, **change}
    one = fill(
        str(facts.pop("side")),
        str(facts.pop("quantity")),
        str(facts.pop("price")),
        *(fee or ("0.5 EUR",)),
        **facts,
    )  # type: ignore[arg-type]
    book = basis_book(
        transfer("deposit", arrived, transfer_id="d"),
        one,
        rates=rates or {"EUR": "1.1", "BNB": "600"},
        method=method,
        stated=stated,
        dust={"BTC": D(dust)},
    )
    return book.pooled["BTC"].inputs_sha256


def test_any_change_of_an_input_changes_the_hash() -> None:
    said = StatedBasis(account="main", asset="BTC", quantity=D(3), price=D(40), at=at(0))
    changed = [
        _hash(side="sell"),
        _hash(quantity="2"),
        _hash(price="101"),
        _hash(symbol="BTC/USDC"),
        _hash(hour=2),
        _hash(fill_id="8"),
        _hash(account="other"),
        _hash(kind=FillKind.CONVERT),
        _hash(fees_known=False),
        _hash("0.6 EUR"),
        _hash("0.5 BNB"),
        _hash("0.5 EUR", "0.1 BNB"),
        _hash(rates={"EUR": "1.2", "BNB": "600"}),
        _hash(rates={"BNB": "600"}),
        _hash(stated=(said,)),
        _hash(method="fifo"),
        _hash(dust="0.1"),
        _hash(arrived="4"),
    ]
    assert len({_hash(), *changed}) == 1 + len(changed)
    assert _hash() == _hash(quantity="1.000", price="100.0", arrived="3.0")


def test_identical_fills_with_two_ids_are_two_fills() -> None:
    assert (
        pooled(fill("buy", "1", "100", fill_id="1"), fill("buy", "1", "100", fill_id="2")).quantity
        == 2
    )


def test_one_id_on_two_symbols_or_accounts_is_two_fills() -> None:
    book = basis_book(
        fill("buy", "1", "100", fill_id="1"),
        fill("buy", "1", "100", fill_id="1", symbol="BTC/USDC"),
        fill("buy", "1", "100", fill_id="1", account="other"),
        rates={"USDC": "1"},
    )
    assert book.pooled["BTC"].quantity == 3


def test_realised_results_are_kept_by_day() -> None:
    book = basis_book(
        fill("buy", "3", "100"),
        fill("sell", "1", "110", hour=1),
        fill("sell", "1", "150", hour=30),
        fill("sell", "1", "90", hour=60),
    )
    bases = list(book.pooled.values())
    assert realised_between(bases) == 50
    assert realised_between(bases, since=at(24)) == 40
    assert realised_between(bases, until=at(24)) == 10


def test_parts_of_leveraged_positions_move_nothing() -> None:
    kept = [transfer("deposit", "1000", "USDT"), fill("buy", "2", "100", hour=1)]
    leveraged = fill("buy", "5", "90", hour=2, kind=FillKind.LEVERAGED)
    assert basis_book(*kept, leveraged).pooled == basis_book(*kept).pooled
