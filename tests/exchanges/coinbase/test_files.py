"""Coinbase's transaction history: five editions, and what stands in its notes alone."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from exchange_cache.exchanges.coinbase.files import TABLES
from exchange_cache.records import Fee, Fill, FillKind, Side, Transfer, TransferKind
from exchange_cache.statements.table import Found, Stated
from tests.exchanges.file_cases import changes, left_out, read, records, summed

PREAMBLE = "\nTransactions\nUser,Jane Doe,0000\n"
HEADER = (
    "ID,Timestamp,Transaction Type,Asset,Quantity Transacted,Price Currency,Price at Transaction,"
    "Subtotal,Total (inclusive of fees and/or spread),Fees and/or Spread,Notes"
)
SAMPLE = f"""\
{PREAMBLE}{HEADER},Sender Address,Recipient Address
61cf00000000000000000001,2026-01-02 10:00:00 UTC,Buy,BTC,0.01,EUR,€40000.00,€400.00,€405.99,€5.99,\
Bought 0.01 BTC for 405.99 EUR,,
"""


def stated(*lines: str) -> list[Found]:
    return read(TABLES, "\n".join((HEADER, *lines)))


def row(
    word: str,
    asset: str,
    quantity: str,
    notes: str = "",
    at: str = "2026-01-02 10:00:00",
    money: str = "EUR,€1.00,€1.00,€1.00,€0.00",
) -> str:
    return f'x,{at} UTC,{word},{asset},{quantity},{money},"{notes}"'


def test_the_sample_is_a_buy_at_the_subtotal_with_its_fee() -> None:
    (one,) = [each for each in read(TABLES, SAMPLE) if isinstance(each, Stated)]
    assert not one.exact  # 24 hex digits; the API's ids are UUIDs
    assert one.record == Fill(
        account="main",
        category="spot",
        symbol="BTC/EUR",
        fill_id="61cf00000000000000000001",
        order_id=None,
        time=datetime(2026, 1, 2, 10, tzinfo=UTC),
        side=Side.BUY,
        base="BTC",
        quote="EUR",
        quantity=Decimal("0.01"),
        price=Decimal(40000),
        cost=Decimal(400),
        fees=(Fee(asset="EUR", amount=Decimal("5.99")),),
        kind=FillKind.FIAT,
    )


def test_lines_end_as_on_windows_below_a_preamble() -> None:
    assert records(read(TABLES, SAMPLE.replace("\n", "\r\n"))) == records(read(TABLES, SAMPLE))


@pytest.mark.parametrize(
    "header",
    [
        "Price Currency,Price at Transaction,Subtotal,Total (inclusive of fees and/or spread),"
        "Fees and/or Spread",
        "Spot Price Currency,Spot Price at Transaction,Subtotal,"
        "Total (inclusive of fees and/or spread),Fees and/or Spread",
        "Spot Price Currency,Spot Price at Transaction,Subtotal,Total (inclusive of fees),Fees",
        "GBP Spot Price at Transaction,GBP Subtotal,GBP Total (inclusive of fees),GBP Fees",
    ],
    ids=["v4", "v3", "v2", "v1"],
)
def test_the_earlier_editions_state_the_same_without_signs(header: str) -> None:
    money = "30000,300,304.48,4.48" if header.startswith("GBP S") else "GBP,30000,300,304.48,4.48"
    found = read(
        TABLES,
        f"Timestamp,Transaction Type,Asset,Quantity Transacted,{header},Notes\n"
        f"2021-01-02T10:00:00Z,Sell,BTC,0.01,{money},Sold 0.01 BTC for £295.52 GBP\n"
        f"2021-01-03T10:00:00Z,Send,BTC,0.5,{money},Sent 0.5 BTC to 1abc\n",
    )
    sold, sent = records(found)
    assert isinstance(sold, Fill) and isinstance(sent, Transfer)
    assert (sold.symbol, sold.side, sold.cost, sold.fees) == (
        "BTC/GBP",
        Side.SELL,
        Decimal(300),
        (Fee(asset="GBP", amount=Decimal("4.48")),),
    )
    assert sent.kind is TransferKind.WITHDRAWAL
    assert changes(found) == summed([("BTC", "-0.51"), ("GBP", "295.52")])


def test_the_sign_of_the_money_is_no_part_of_the_figure() -> None:
    (one,) = records(
        stated(row("Sell", "ETH", "-0.5", money='USD,"$1,800.00",-$900.00,-$895.00,$5.00'))
    )
    assert isinstance(one, Fill)
    assert (one.quantity, one.cost, one.quote) == (Decimal("0.5"), Decimal(900), "USD")


@pytest.mark.parametrize("word", ["Advanced Trade Buy", "Advance Trade Buy"])
def test_what_an_advanced_trade_paid_stands_in_its_notes_alone(word: str) -> None:
    (one,) = records(
        stated(
            row(
                word,
                "ETH",
                "0.5",
                "Bought 0.5 ETH for 903.6 USDC on ETH-USDC at 1800 USDC/ETH",
                money="EUR,€1700.00,€850.00,€853.40,€3.40",
            )
        )
    )
    assert isinstance(one, Fill)
    assert (one.symbol, one.kind, one.cost, one.fees, one.fees_known) == (
        "ETH/USDC",
        FillKind.TRADE,
        Decimal(900),
        (Fee(asset="USDC", amount=Decimal("3.6")),),
        True,
    )


def test_notes_with_a_price_are_more_exact_than_columns_of_two_digits() -> None:
    (one,) = records(
        stated(
            row(
                "Advanced Trade Buy",
                "ETH",
                "0.0123",
                "Bought 0.0123 ETH for 21.053825 EUR on ETH-EUR at 1700.75 EUR/ETH",
                money="EUR,€1700.75,€20.92,€21.05,€0.13",
            )
        )
    )
    assert isinstance(one, Fill)
    assert (one.cost, one.fees) == (
        Decimal("20.919225"),
        (Fee(asset="EUR", amount=Decimal("0.1346")),),
    )


def test_notes_without_the_fee_leave_it_to_the_column_of_the_same_currency() -> None:
    (one,) = records(
        stated(
            row(
                "Advanced Trade Buy",
                "ETH",
                "0.5",
                "Bought 0.5 ETH for 850 EUR on ETH-EUR at 1700 EUR/ETH",
                money="EUR,€1700.00,€850.00,€853.40,€3.40",
            )
        )
    )
    assert isinstance(one, Fill)
    assert (one.cost, one.fees, one.fees_known) == (
        Decimal(850),
        (Fee(asset="EUR", amount=Decimal("3.40")),),
        True,
    )


def test_a_fee_that_only_another_currency_states_is_unknown() -> None:
    (one,) = records(
        stated(
            row(
                "Advanced Trade Sell",
                "ETH",
                "-0.5",
                "Sold 0.5 ETH for 900 USDC on ETH-USDC at 1800 USDC/ETH",
                money="EUR,€1700.00,€850.00,€846.60,€3.40",
            )
        )
    )
    assert isinstance(one, Fill)
    assert (one.cost, one.fees, one.fees_known) == (Decimal(900), (), False)


def test_a_convert_of_one_row_has_its_other_leg_in_the_notes() -> None:
    (one,) = records(stated(row("Convert", "BTC", "-0.01", "Converted 0.01 BTC to 0.2 ETH")))
    assert isinstance(one, Fill)
    assert (one.kind, one.symbol, one.side, one.quantity, one.cost) == (
        FillKind.CONVERT,
        "ETH/BTC",
        Side.BUY,
        Decimal("0.2"),
        Decimal("0.01"),
    )


def test_a_convert_of_two_rows_up_to_ten_seconds_apart_is_one() -> None:
    found = stated(
        row("Convert", "ETH", "0.2", "Converted 0.01 BTC to 0.2 ETH", at="2026-01-02 10:00:09"),
        row("Receive", "SOL", "1", at="2026-01-02 10:00:05"),
        row("Convert", "BTC", "-0.01", "Converted 0.01 BTC to 0.2 ETH", at="2026-01-02 10:00:00"),
    )
    (convert,) = [one for one in records(found) if isinstance(one, Fill)]
    assert convert.time == datetime(2026, 1, 2, 10, tzinfo=UTC)
    assert changes(found) == summed([("SOL", "1"), ("ETH", "0.2"), ("BTC", "-0.01")])


def test_two_equal_converts_of_two_rows_are_two() -> None:
    lines = [
        row("Convert", "ETH", "0.2", "Converted 0.01 BTC to 0.2 ETH"),
        row("Convert", "ETH", "0.2", "Converted 0.01 BTC to 0.2 ETH"),
        row("Convert", "BTC", "-0.01", "Converted 0.01 BTC to 0.2 ETH"),
        row("Convert", "BTC", "-0.01", "Converted 0.01 BTC to 0.2 ETH"),
    ]
    found = stated(*lines)
    assert len({one.key for one in records(found)}) == 2
    assert changes(found) == summed([("ETH", "0.4"), ("BTC", "-0.02")])


def test_the_two_rows_of_a_convert_are_one_where_quantities_have_no_sign() -> None:
    header = (
        "Timestamp,Transaction Type,Asset,Quantity Transacted,Spot Price Currency,"
        "Spot Price at Transaction,Subtotal,Total (inclusive of fees),Fees,Notes"
    )
    line = "2021-01-02T10:00:0{}Z,Convert,{},{},GBP,1,1,1,0,Converted 0.01 BTC to 0.2 ETH\n"
    gave, got = line.format(1, "BTC", "0.01"), line.format(2, "ETH", "0.2")
    for rows in (gave, got, gave + got, got + gave):
        found = read(TABLES, f"{header}\n{rows}")
        assert changes(found) == summed([("BTC", "-0.01"), ("ETH", "0.2")])


def test_two_rows_further_apart_are_two_converts() -> None:
    found = stated(
        row("Convert", "BTC", "-0.01", "Converted 0.01 BTC to 0.2 ETH", at="2026-01-02 10:00:20"),
        row("Convert", "BTC", "-0.01", "Converted 0.01 BTC to 0.2 ETH", at="2026-01-02 10:00:00"),
    )
    assert changes(found) == summed([("ETH", "0.4"), ("BTC", "-0.02")])


def test_a_half_without_notes_stays_a_half() -> None:
    (one,) = records(stated(row("Convert", "BTC", "-0.01")))
    assert isinstance(one, Transfer)
    assert (one.kind, one.quantity) == (TransferKind.SUBSCRIPTION, Decimal("-0.01"))


@pytest.mark.parametrize(
    ("word", "quantity", "kind"),
    [
        ("Send", "-1", TransferKind.WITHDRAWAL),
        ("Receive", "1", TransferKind.DEPOSIT),
        ("Deposit", "1", TransferKind.DEPOSIT),
        ("Withdrawal", "-1", TransferKind.WITHDRAWAL),
        ("Exchange Deposit", "-1", TransferKind.INTERNAL),
        ("Pro Deposit", "-1", TransferKind.INTERNAL),
        ("Pro Withdrawal", "1", TransferKind.INTERNAL),
        ("Prime Deposit", "-1", TransferKind.INTERNAL),
        ("Coinbase Earn", "1", TransferKind.REWARD),
        ("Learning Reward", "1", TransferKind.REWARD),
        ("Rewards Income", "1", TransferKind.REWARD),
        ("Reward Income", "1", TransferKind.REWARD),
        ("Staking Income", "1", TransferKind.REWARD),
        ("Inflation Reward", "1", TransferKind.REWARD),
        ("Interest payout", "1", TransferKind.INTEREST),
        ("Subscription", "-1", TransferKind.FEE),
        ("Subscription Rebate", "1", TransferKind.REWARD),
        ("Card Spend", "-1", TransferKind.WITHDRAWAL),
        ("Admin Debit", "-1", TransferKind.ADJUSTMENT),
        ("Donation", "-1", TransferKind.WITHDRAWAL),
        ("Retail Simple DEX", "1", TransferKind.UNCLASSIFIED),
    ],
)
def test_types_are_what_their_words_say(word: str, quantity: str, kind: TransferKind) -> None:
    found = stated(row(word, "USDC", quantity))
    (one,) = records(found)
    assert isinstance(one, Transfer) and one.kind is kind
    assert changes(found, {"spot"}) == {"USDC": Decimal(quantity)}


def test_a_pro_deposit_leaves_the_retail_account() -> None:
    (one,) = records(stated(row("Pro Deposit", "USDC", "-1")))
    assert isinstance(one, Transfer)
    assert (one.from_wallet, one.to_wallet) == ("spot", "pro")


def test_an_unknown_type_is_kept_as_it_stands() -> None:
    (one,) = records(stated(row("Moon Landing", "USDC", "1")))
    assert isinstance(one, Transfer)
    assert (one.kind, one.word) == (TransferKind.UNCLASSIFIED, "Moon Landing")


def test_a_row_of_nothing_is_left_out() -> None:
    assert left_out(stated(row("Receive", "USDC", "0"))) == [(2, "moves nothing")]
