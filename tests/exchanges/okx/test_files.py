"""OKX's files: the sample lines of their editions, and the traps of each."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from exchange_cache.exchanges.okx.files import TABLES
from exchange_cache.records import Fee, Fill, Side, Transfer, TransferKind
from exchange_cache.statements.table import Checkpoint, Stated, Zone
from tests.exchanges.file_cases import (
    UTC8,
    changes,
    checkpoints,
    left_out,
    opened,
    read,
    recognises,
    records,
    summed,
)

HEADER = (
    "id,Order id,Time,Trade Type,Symbol,Action,Amount,Trading Unit,Filled Price,PnL,Fee,Fee Unit,"
    "Position Change,Position Balance,Balance Change,Balance,Balance Unit"
)
TRADING = f"""\
UID:100000000,Account Type:Trading,Time Zone:UTC+8
{HEADER}
3,30003,2026-05-11 21:37:10,Transfer,,Transfer out,0,cont,0,0,0,BTC,0,0,-0.011988,0,BTC
2,30001,2026-05-11 21:35:20,Spot,BTC-USDT,Buy,0.012,BTC,80000,0,-0.000012,BTC,0,0,0.011988,\
0.011988,BTC
1,30001,2026-05-11 21:35:20,Spot,BTC-USDT,Sell,960,BTC,80000,0,0,USDT,0,0,-960,2040,USDT
"""


def trading(*lines: str) -> list[object]:
    return list(read(TABLES, "\n".join(("UID:1,Time Zone:UTC+8", HEADER, *lines)), zone=UTC8))


def test_the_sample_of_the_trading_account_is_a_buy_and_a_move() -> None:
    moved, bought = sorted(
        records(read(TABLES, TRADING, zone=UTC8)), key=lambda one: type(one).__name__, reverse=True
    )
    assert isinstance(moved, Transfer) and isinstance(bought, Fill)
    assert moved == Transfer(
        account="main",
        scope="moves",
        transfer_id="3",
        kind=TransferKind.INTERNAL,
        time=datetime(2026, 5, 11, 13, 37, 10, tzinfo=UTC),
        asset="BTC",
        quantity=Decimal("0.011988"),
        from_wallet="trading",
        word="1",
        reference="30003",
    )
    assert bought == Fill(
        account="main",
        category="spot",
        symbol="BTC/USDT",
        fill_id="bill 2",
        order_id="30001",
        time=datetime(2026, 5, 11, 13, 35, 20, tzinfo=UTC),
        side=Side.BUY,
        base="BTC",
        quote="USDT",
        quantity=Decimal("0.012"),
        price=Decimal(80000),
        cost=Decimal(960),
        fees=(Fee(asset="BTC", amount=Decimal("0.000012")),),
    )


def test_moves_have_the_id_of_the_api_and_trades_do_not() -> None:
    found = [one for one in read(TABLES, TRADING, zone=UTC8) if isinstance(one, Stated)]
    assert {
        (one.record.word if isinstance(one.record, Transfer) else "fill"): one.exact
        for one in found
    } == {"1": True, "fill": False}


def test_the_balance_runs_by_the_unit_of_the_balance_not_by_the_trading_unit() -> None:
    assert [
        (one.line, one.asset, one.change, one.after)
        for one in checkpoints(read(TABLES, TRADING, zone=UTC8))
    ] == [
        (3, "BTC", Decimal("-0.011988"), Decimal(0)),
        (4, "BTC", Decimal("0.011988"), Decimal("0.011988")),
        (5, "USDT", Decimal(-960), Decimal(2040)),
    ]


def test_the_balance_change_is_net_of_the_fee() -> None:
    assert changes(read(TABLES, TRADING, zone=UTC8), {"trading"}) == summed(
        [("BTC", "0.011988"), ("USDT", "-960"), ("BTC", "-0.011988")]
    )


def test_a_byte_order_mark_stands_before_the_first_column() -> None:
    assert len(records(read(TABLES, "\ufeff" + TRADING.split("\n", 1)[1], zone=UTC8))) == 2


def test_the_earlier_edition_has_a_column_twice() -> None:
    text = """\
id,Order id,Time,Trade Type,Instrument,Type,Amount,Unit,PL,Fee,Position Change,Position Balance,\
Balance Change,Balance,Unit
2,9,2023-05-11 21:35:20,Spot,BTC-USDT,Buy,0.012,BTC,0,-0.000012,0,0,0.011988,0.011988,BTC
1,9,2023-05-11 21:35:20,Spot,BTC-USDT,Sell,0.012,BTC,0,0,0,0,-960,2040,USDT
"""
    (bought,) = records(read(TABLES, text, zone=UTC8))
    assert isinstance(bought, Fill)
    assert (bought.quantity, bought.cost, bought.price) == (
        Decimal("0.012"),
        Decimal(960),
        Decimal(80000),
    )
    assert bought.fees == (Fee(asset="BTC", amount=Decimal("0.000012")),)


def test_a_contract_without_a_price_states_what_it_changed_and_no_trade_at_zero() -> None:
    text = """\
id,Order id,Time,Trade Type,Instrument,Type,Amount,Unit,PL,Fee,Position Change,Position Balance,\
Balance Change,Balance,Unit
3,9,2023-05-11 21:36:20,Perpetual swap,BTC-USDT-SWAP,Close long,2,cont,5,-0.1,0,0,4.9,104.8,USDT
2,8,2023-05-11 21:35:20,Perpetual swap,BTC-USDT-SWAP,Open long,2,cont,0,-0.1,0,0,-0.1,99.9,USDT
1,7,2023-05-11 21:34:20,Perpetual swap,BTC-USD-SWAP,Open long,2,cont,0,-0.1,0,0,-0.1,9.9,BTC
"""
    found = read(TABLES, text, zone=UTC8)
    assert [(row.kind, row.asset, row.symbol) for row in records(found)] == [
        (TransferKind.SETTLEMENT, "USDT", "BTC/USDT:USDT"),
        (TransferKind.FEE, "USDT", "BTC/USDT:USDT"),
        (TransferKind.FEE, "BTC", "BTC/USD:BTC"),
    ]
    assert changes(found) == summed([("USDT", "4.8"), ("BTC", "-0.1")])


def test_two_fills_of_an_order_in_one_second_are_paired_by_price() -> None:
    found = trading(
        "8,7,2026-05-11 21:35:20,Spot,BTC-USDT,Buy,0.01,BTC,80000,0,0,BTC,0,0,0.01,0.03,BTC",
        "7,7,2026-05-11 21:35:20,Spot,BTC-USDT,Buy,0.02,BTC,80010,0,0,BTC,0,0,0.02,0.02,BTC",
        "6,7,2026-05-11 21:35:20,Spot,BTC-USDT,Sell,1600.2,BTC,80010,0,0,USDT,0,0,-1600.2,0,USDT",
        "5,7,2026-05-11 21:35:20,Spot,BTC-USDT,Sell,800,BTC,80000,0,0,USDT,0,0,-800,1600.2,USDT",
    )
    assert [(one.quantity, one.cost) for one in records(found) if isinstance(one, Fill)] == [
        (Decimal("0.01"), Decimal(800)),
        (Decimal("0.02"), Decimal("1600.2")),
    ]


def test_legs_that_no_price_pairs_become_one_fill_of_their_sums() -> None:
    found = trading(
        "8,7,2026-05-11 21:35:20,Spot,BTC-USDT,Buy,0.01,BTC,80000,0,0,BTC,0,0,0.01,0.03,BTC",
        "7,7,2026-05-11 21:35:20,Spot,BTC-USDT,Buy,0.02,BTC,80010,0,0,BTC,0,0,0.02,0.02,BTC",
        "6,7,2026-05-11 21:35:20,Spot,BTC-USDT,Sell,2400,BTC,80007,0,0,USDT,0,0,-2400.2,0,USDT",
    )
    (one,) = [each for each in found if isinstance(each, Stated)]
    assert isinstance(one.record, Fill)
    assert (one.record.quantity, one.record.cost) == (Decimal("0.03"), Decimal("2400.2"))


def test_a_contract_states_its_result_and_its_fee() -> None:
    (closed,) = records(
        trading(
            "4,9,2026-05-11 21:35:20,Perpetual,BTC-USDT-SWAP,Close long,3,cont,80000,12.5,-1.2,"
            "USDT,-3,0,11.3,2051.3,USDT"
        )
    )
    assert isinstance(closed, Fill)
    assert (closed.symbol, closed.side, closed.contracts, closed.quantity) == (
        "BTC/USDT:USDT",
        Side.SELL,
        Decimal(3),
        Decimal("0.03"),
    )
    assert (closed.realised_pnl, closed.fees) == (
        Decimal("12.5"),
        (Fee(asset="USDT", amount=Decimal("1.2")),),
    )


def test_funding_and_interest_have_the_scopes_of_the_api() -> None:
    found = records(
        trading(
            "6,,2026-05-11 21:35:22,Perpetual,BTC-USDT-SWAP,Funding fee expense,0,cont,0,-0.5,0,"
            "USDT,0,0,-0.5,9,USDT",
            "5,,2026-05-11 21:35:21,Spot,,Interest deduction,0,USDT,0,0,0,USDT,0,0,-0.1,9.5,USDT",
        )
    )
    assert [
        (one.scope, one.kind, one.quantity, one.symbol)
        for one in found
        if isinstance(one, Transfer)
    ] == [
        ("funding", TransferKind.FUNDING, Decimal("-0.5"), "BTC/USDT:USDT"),
        ("interest", TransferKind.INTEREST, Decimal("-0.1"), None),
    ]


def test_an_unknown_word_is_kept_as_it_stands() -> None:
    (one,) = records(
        trading("6,,2026-05-11 21:35:22,Gift box,,Opened,0,cont,0,0,0,USDT,0,0,5,9,USDT")
    )
    assert isinstance(one, Transfer)
    assert (one.kind, one.word, one.quantity) == (
        TransferKind.UNCLASSIFIED,
        "Gift box Opened",
        Decimal(5),
    )


def test_a_convert_is_a_fill() -> None:
    found = trading(
        "6,,2026-05-11 21:35:22,Convert,,Convert out,0,cont,0,0,0,USDT,0,0,-90,0,USDT",
        "5,,2026-05-11 21:35:22,Convert,,Convert in,0,cont,0,0,0,ETH,0,0,0.03,0.03,ETH",
    )
    (one,) = records(found)
    assert isinstance(one, Fill)
    assert (one.symbol, one.side, one.quantity, one.cost, one.kind) == (
        "ETH/USDT",
        Side.BUY,
        Decimal("0.03"),
        Decimal(90),
        "convert",
    )


# --- the funding account --------------------------------------------------------------------------

FUNDING = """\
UID:100000000,Account Type:Funding,Time Zone:UTC+8
id,Time,Type,Amount,Before Balance,After Balance,Symbol
9,2026-01-31 11:55:15,Withdrawal,-0.010000000000000000,0.010000000000000000,0E-18,BTC
8,2026-01-30 11:55:15,Staking Yield,0.001,0.009,0.01,BTC
7,2026-01-29 11:55:15,Pending,0,0.009,0.009,BTC
"""


@pytest.mark.parametrize(
    ("word", "amount", "kind"),
    [
        ("Jumpstart payment", "-5", TransferKind.SUBSCRIPTION),
        ("Jumpstart token distribution", "5", TransferKind.SUBSCRIPTION),
        ("Deposit yield", "5", TransferKind.REWARD),
    ],
)
def test_a_sale_and_a_yield_of_the_funding_account_are_classified(
    word: str, amount: str, kind: TransferKind
) -> None:
    row = f"9,2026-01-31 11:55:15,{word},{amount},10,{10 + int(amount)},BTC"
    text = f"id,Time,Type,Amount,Before Balance,After Balance,Symbol\n{row}\n"
    (one,) = records(read(TABLES, text))
    assert isinstance(one, Transfer)
    assert (one.kind, one.quantity) == (kind, Decimal(amount))


def test_the_sample_of_the_funding_account_is_a_withdrawal() -> None:
    found = read(TABLES, FUNDING, zone=UTC8)
    assert [
        (one.kind, one.quantity, one.fee) for one in records(found) if isinstance(one, Transfer)
    ] == [
        (TransferKind.WITHDRAWAL, Decimal("0.01"), None),
        (TransferKind.REWARD, Decimal("0.001"), None),
    ]
    assert left_out(found) == [(5, "changes no balance")]


def test_a_zero_with_an_exponent_is_a_zero() -> None:
    first = checkpoints(read(TABLES, FUNDING, zone=UTC8))[0]
    assert first == Checkpoint(
        line=3,
        chain="funding",
        asset="BTC",
        time=datetime(2026, 1, 31, 3, 55, 15, tzinfo=UTC),
        change=Decimal("-0.010000000000000000"),
        after=Decimal(0),
    )


def test_a_withdrawal_has_another_id_in_the_list_of_the_api() -> None:
    found = [one for one in read(TABLES, FUNDING, zone=UTC8) if isinstance(one, Stated)]
    assert [one.exact for one in found] == [False, True]


def test_a_fee_is_what_the_balance_changed_by_besides_the_amount() -> None:
    text = """\
id,Time,Type,Amount,Before Balance,After Balance,Fee,Symbol
9,2022-01-31 11:55:15,Withdrawal,-0.01,0.02,0.0095,-0.0005,BTC
"""
    found = read(TABLES, text, zone=UTC8)
    (one,) = records(found)
    assert isinstance(one, Transfer)
    assert (one.quantity, one.fee) == (
        Decimal("0.01"),
        Fee(asset="BTC", amount=Decimal("0.0005")),
    )
    assert changes(found) == {"BTC": Decimal("-0.0105")}


def test_one_edition_has_an_empty_column() -> None:
    _, header, _ = opened(
        "id,,Time,Type,Amount,Before Balance,After Balance,Fee,Symbol\n1,,2,3,4,5,6,7,8\n"
    )
    assert [table.name for table in TABLES if recognises(table, header)] == [
        "funding account bills"
    ]


def test_each_table_says_where_its_times_get_their_zone() -> None:
    assert {(table.name, table.edition): table.zone for table in TABLES} == {
        ("trading account bills", "2025"): Zone.PREAMBLE,
        ("trading account bills", "2021"): Zone.UNKNOWN,
        ("funding account bills", "2025"): Zone.PREAMBLE,
        ("trading account bills by quarter", "2024"): Zone.UTC,
    }
