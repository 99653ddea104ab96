"""The transaction log of Bybit's unified account: its editions, and the signs of its fees."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings, strategies as st

from exchange_cache.errors import StatementRefused
from exchange_cache.exchanges.bybit.files import TABLES
from exchange_cache.records import DataType, Fee, Fill, Side, Transfer, TransferKind
from exchange_cache.statements.table import Found, Stated
from tests.effort import examples
from tests.exchanges.file_cases import (
    changes,
    checkpoints,
    desks,
    left_out,
    read,
    records,
    summed,
)
from tests.exchanges.test_bybit import CONTRACT, EXECUTION

PREAMBLE = "UID: 100000000,Company Name: ,Country:"
HEADER = (
    "Uid,Currency,Contract,Type,Direction,Quantity,Position,Filled Price,Funding,Fee Paid,"
    "Cash Flow,Change,Wallet Balance,Action,Time(UTC)"
)
SAMPLE = f"""\
{PREAMBLE}
{HEADER}
100000000,USDT,BTCUSDT,SETTLEMENT,BUY,--,0.02,--,-0.0043,0,0,-0.0043,306.6598,SETTLEMENT,\
2026-09-22 20:00:00
100000000,USDT,BTCUSDT,TRADE,SELL,0.02,0.02,4356,0,-0.0871,1.0375,0.9504,306.6641,CLOSE,\
2026-09-22 19:11:48
100000000,EUR,,TRANSFER_IN,--,0,0,0,0,0,17,17,17,--,2026-06-05 08:18:56
"""


def logged(*lines: str) -> list[Found]:
    return read(TABLES, "\n".join((PREAMBLE, HEADER, *lines)))


def test_the_sample_is_funding_a_closed_contract_and_a_move() -> None:
    funding, closed, moved = records(read(TABLES, SAMPLE))
    assert isinstance(funding, Transfer) and isinstance(moved, Transfer)
    assert (funding.kind, funding.scope, funding.quantity, funding.symbol) == (
        TransferKind.FUNDING,
        "log-settlement",
        Decimal("-0.0043"),
        "BTC/USDT:USDT",
    )
    assert isinstance(closed, Fill)
    assert (closed.symbol, closed.side, closed.quantity, closed.price, closed.time) == (
        "BTC/USDT:USDT",
        Side.SELL,
        Decimal("0.02"),
        Decimal(4356),
        datetime(2026, 9, 22, 19, 11, 48, tzinfo=UTC),
    )
    assert (closed.realised_pnl, closed.fees) == (
        Decimal("1.0375"),
        (Fee(asset="USDT", amount=Decimal("0.0871")),),
    )
    assert (moved.kind, moved.asset, moved.quantity, moved.to_wallet) == (
        TransferKind.INTERNAL,
        "EUR",
        Decimal(17),
        "unified",
    )


def test_the_records_change_what_the_file_says() -> None:
    assert changes(read(TABLES, SAMPLE), {"unified"}) == summed(
        [("USDT", "-0.0043"), ("USDT", "0.9504"), ("EUR", "17")]
    )


def test_the_wallet_balance_runs_by_currency() -> None:
    newest, older, other = checkpoints(read(TABLES, SAMPLE))
    assert (newest.chain, newest.asset, newest.after) == ("unified", "USDT", Decimal("306.6598"))
    assert older.after + newest.change == newest.after
    assert (other.asset, other.after) == ("EUR", Decimal(17))


def test_nothing_without_an_id_of_the_api_is_exact() -> None:
    assert not any(one.exact for one in read(TABLES, SAMPLE) if isinstance(one, Stated))


OLDER = (
    "Time,Currency,Contract,Type,Direction,Quantity,Position,Filled Price,Funding,Fee Paid,"
    "Cash Flow,Change,Wallet Balance,Fee Rate,Trade ID,Order ID"
)


def test_the_earlier_edition_states_a_paid_fee_as_a_positive_one() -> None:
    found = read(
        TABLES,
        f"{OLDER}\n2022-09-22 19:11:48,USDT,BTCUSDT,trade,Close Long,0.02,0,4356,0,0.0871,1.0375,"
        "0.9504,306.6641,0.001,e-1,o-1\n",
    )
    (closed,) = records(found)
    assert isinstance(closed, Fill)
    assert (closed.side, closed.fees) == (
        Side.SELL,
        (Fee(asset="USDT", amount=Decimal("0.0871")),),
    )
    assert changes(found) == {"USDT": Decimal("0.9504")}


def test_a_rebate_is_a_rebate_under_either_sign() -> None:
    row = "100000000,USDT,BTCUSDT,TRADE,SELL,0.02,0.02,4356,0,{},1,1.01,9,CLOSE,2026-09-22 19:11:48"
    for stated in ("0.01", "-0.01"):
        (closed,) = records(logged(row.format(stated)))
        assert isinstance(closed, Fill)
        assert closed.fees == (Fee(asset="USDT", amount=Decimal("-0.01")),)


def test_a_row_whose_arithmetic_fails_is_refused_by_its_line() -> None:
    with pytest.raises(StatementRefused, match="Change is not") as refusal:
        logged(
            "100000000,USDT,BTCUSDT,TRADE,SELL,0.02,0.02,4356,0,-0.0871,1.0375,0.5,9,CLOSE,"
            "2026-09-22 19:11:48"
        )
    assert refusal.value.line == 3


def test_a_spot_trade_is_a_row_for_each_currency() -> None:
    found = logged(
        "1,BTC,BTCUSDT,TRADE,BUY,0.01,0,80000,0,-0.00001,0.01,0.00999,0.00999,--,"
        "2026-09-22 19:11:48",
        "1,USDT,BTCUSDT,TRADE,BUY,0.01,0,80000,0,0,-800,-800,200,--,2026-09-22 19:11:48",
    )
    (bought,) = records(found)
    assert isinstance(bought, Fill)
    assert (bought.category, bought.symbol, bought.side) == ("spot", "BTC/USDT", Side.BUY)
    assert (bought.quantity, bought.cost) == (Decimal("0.01"), Decimal(800))
    assert bought.fees == (Fee(asset="BTC", amount=Decimal("0.00001")),)
    assert changes(found) == summed([("BTC", "0.00999"), ("USDT", "-800")])


def test_a_spot_trade_whose_pair_is_of_other_currencies_is_refused() -> None:
    with pytest.raises(StatementRefused, match="begins with no Currency of its rows"):
        logged(
            "1,ETH,BTCUSDT,TRADE,BUY,0.01,0,80000,0,0,0.01,0.01,0.01,--,2026-09-22 19:11:48",
            "1,USDT,BTCUSDT,TRADE,BUY,0.01,0,80000,0,0,-800,-800,200,--,2026-09-22 19:11:48",
        )


def test_the_quantity_of_a_leg_may_be_in_its_own_currency() -> None:
    (bought,) = records(
        logged(
            "1,BTC,BTCUSDT,TRADE,BUY,0.01,0,80000,0,0,0.01,0.01,0.01,--,2026-09-22 19:11:48",
            "1,USDT,BTCUSDT,TRADE,BUY,-800,0,80000,0,0,-800,-800,200,--,2026-09-22 19:11:48",
        )
    )
    assert isinstance(bought, Fill)
    assert (bought.category, bought.quantity, bought.cost) == ("spot", Decimal("0.01"), 800)


def test_equal_spot_trades_of_one_second_are_two() -> None:
    rows = (
        "1,BTC,BTCUSDT,TRADE,BUY,0.01,0,80000,0,0,0.01,0.01,0.02,--,2026-09-22 19:11:48",
        "1,USDT,BTCUSDT,TRADE,BUY,0.01,0,80000,0,0,-800,-800,200,--,2026-09-22 19:11:48",
    )
    found = records(logged(*rows, *rows))
    assert [one.quantity for one in found] == [Decimal("0.01")] * 2
    assert len({one.key for one in found}) == 2


def test_legs_that_no_amount_pairs_are_one_fill_of_their_sums() -> None:
    found = logged(
        "1,BTC,BTCUSDT,TRADE,BUY,0.01,0,80000,0,0,0.01,0.01,0.02,--,2026-09-22 19:11:48",
        "1,BTC,BTCUSDT,TRADE,BUY,0.02,0,80001,0,0,0.02,0.02,0.03,--,2026-09-22 19:11:48",
        "1,USDT,BTCUSDT,TRADE,BUY,0.03,0,80000,0,0,-2400,-2400,200,--,2026-09-22 19:11:48",
    )
    (one,) = [each for each in found if isinstance(each, Stated)]
    assert isinstance(one.record, Fill)
    assert (one.record.quantity, one.record.cost) == (Decimal("0.03"), Decimal(2400))


WITH_IDS = HEADER.removeprefix("Uid,").replace("Action,Time(UTC)", "Action,OrderId,TradeId,Time")


def test_an_edition_with_ids_states_the_fill_of_the_api() -> None:
    desk = desks("bybit")(DataType.FILLS, "linear")
    (served,) = desk.records(CONTRACT)
    found = read(
        TABLES,
        f"{WITH_IDS}\nUSDT,BTCUSDT,TRADE,BUY,0.02,0,101500.5,0,-1.218006,12.5,11.281994,99,CLOSE,"
        f"{CONTRACT['orderId']},{CONTRACT['execId']},2025-05-31 20:00:00.250\n",
    )
    (one,) = [each for each in found if isinstance(each, Stated)]
    assert one.exact
    assert one.record.key == served.key
    assert isinstance(one.record, Fill)
    for name in ("time", "side", "quantity", "price", "cost", "fees", "realised_pnl", "order_id"):
        assert getattr(one.record, name) == getattr(served, name), name


def test_an_edition_with_ids_states_the_spot_fill_of_the_api() -> None:
    desk = desks("bybit")(DataType.FILLS, "spot")
    (served,) = desk.records({**EXECUTION, "execFee": "0.00002", "feeCurrency": "BTC"})
    ids = f"{EXECUTION['orderId']},{EXECUTION['execId']},2025-05-31 20:00:00.250"
    found = read(
        TABLES,
        f"{WITH_IDS}\nBTC,BTCUSDT,TRADE,BUY,0.02,0,101500.5,0,-0.00002,0.02,0.01998,1,--,{ids}\n"
        f"USDT,BTCUSDT,TRADE,BUY,0.02,0,101500.5,0,0,-2030.01,-2030.01,1,--,{ids}\n",
    )
    (one,) = [each for each in found if isinstance(each, Stated)]
    assert one.exact and isinstance(one.record, Fill)
    assert one.record.key == served.key
    for name in ("time", "side", "quantity", "price", "cost", "fees", "order_id"):
        assert getattr(one.record, name) == getattr(served, name), name


def test_an_inverse_contract_settles_in_its_base() -> None:
    (closed,) = records(
        logged(
            "1,BTC,BTCUSD,TRADE,SELL,100,0,100000,0,-0.0000006,0.00001,0.0000094,1,CLOSE,"
            "2026-09-22 19:11:48"
        )
    )
    assert isinstance(closed, Fill)
    assert (closed.category, closed.symbol, closed.quantity, closed.cost) == (
        "inverse",
        "BTC/USD:BTC",
        Decimal("0.001"),
        Decimal(100),
    )


def test_a_contract_that_no_list_has_waits() -> None:
    found = logged(
        "1,USDT,WHATEVER-1-2,TRADE,SELL,100,0,10,0,-0.1,1,0.9,1,CLOSE,2026-09-22 19:11:48"
    )
    assert left_out(found) == [(3, "'WHATEVER-1-2' is in no list of markets")]


def test_a_convert_is_two_rows_of_one_time() -> None:
    (one,) = records(
        logged(
            "1,ETH,,CURRENCY_BUY,--,0,0,0,0,0,0.5,0.5,0.5,--,2026-06-05 08:18:56",
            "1,USDT,,CURRENCY_SELL,--,0,0,0,0,0,-1000,-1000,0,--,2026-06-05 08:18:56",
        )
    )
    assert isinstance(one, Fill)
    assert (one.kind, one.symbol, one.quantity, one.cost) == (
        "convert",
        "ETH/USDT",
        Decimal("0.5"),
        Decimal(1000),
    )


def test_an_unknown_word_is_kept_as_it_stands() -> None:
    (one,) = records(logged("1,USDT,,NEW_WORD,--,0,0,0,0,0,3,3,3,--,2026-06-05 08:18:56"))
    assert isinstance(one, Transfer)
    assert (one.kind, one.word, one.quantity) == (
        TransferKind.UNCLASSIFIED,
        "NEW_WORD",
        Decimal(3),
    )


WORDS = ("TRADE", "SETTLEMENT", "TRANSFER_IN", "TRANSFER_OUT", "INTEREST", "BORROW", "REPAY")
LINES = st.tuples(
    st.integers(0, 2),
    st.sampled_from([*WORDS, "CURRENCY_BUY", "CURRENCY_SELL", "AIRDROP", "NEW_WORD"]),
    st.sampled_from(["BTC", "USDT"]),
    st.integers(-4, 4).map(lambda number: Decimal(number) / 4),  # cash flow
    st.sampled_from([Decimal(0), Decimal("0.25"), Decimal("-0.25")]),  # fee as it is stated
    st.sampled_from([1, -1]),  # its sign in the edition
    st.sampled_from(["OPEN", "CLOSE", "--"]),
)


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(LINES, min_size=1, max_size=10))
def test_quantities_are_conserved_whichever_sign_a_fee_has(
    lines: list[tuple[int, str, str, Decimal, Decimal, int, str]],
) -> None:
    rows, expected = [], []
    for second, word, asset, flow, fee, sign, action in sorted(lines, key=lambda one: -one[0]):
        contract = "BTCUSDT" if asset == "USDT" or action == "--" else "BTCUSD"
        change = flow + sign * fee
        expected.append((asset, str(change)))
        rows.append(
            f"1,{asset},{contract},{word},BUY,1,0,2,0,{fee},{flow},{change},1,{action},"
            f"2026-09-22 19:11:0{second}"
        )
    found = logged(*rows)
    assert changes(found, {"unified"}) == summed(expected)
    stated = {line for one in found if isinstance(one, Stated) for line in one.lines}
    assert stated | {line for line, _ in left_out(found)} == set(range(3, len(rows) + 3))
