"""Fills as events: fees, rates, converts, derivatives, by what they make of the basis."""

from __future__ import annotations

from exchange_cache.records import FillKind
from tests.cost.builders import D, basis_book, contract, fill, pooled, transfer


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


def test_converts_and_dust_sweeps_are_trades() -> None:
    book = basis_book(
        fill("sell", "5", "2", symbol="XRP/USDT", kind=FillKind.CONVERT, hour=-1),
        fill("sell", "1", "0.01", symbol="XRP/BNB", kind=FillKind.DUST),
        explain=["XRP"],
    )
    assert [step.kind for step in book.steps["XRP"]] == ["convert", "dust"]
    assert book.pooled["USDT"].quantity == 10


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


def test_parts_of_leveraged_positions_move_nothing() -> None:
    kept = [transfer("deposit", "1000", "USDT"), fill("buy", "2", "100", hour=1)]
    leveraged = fill("buy", "5", "90", hour=2, kind=FillKind.LEVERAGED)
    assert basis_book(*kept, leveraged).pooled == basis_book(*kept).pooled
