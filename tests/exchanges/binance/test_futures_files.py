"""Binance's files of futures: their ids are those of the API."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from exchange_cache.errors import StatementRefused
from exchange_cache.exchanges.binance.files import TABLES
from exchange_cache.records import DataType, Fee, Fill, Side, Transfer, TransferKind
from exchange_cache.statements.table import Stated
from tests.exchanges.file_cases import desks, left_out, read, records
from tests.exchanges.test_binance import INVERSE_FILL, LINEAR_FILL

HEADER = (
    "Uid,Time,Symbol,Side,Price,Quantity,Amount,Fee,Realized Profit,Buyer,Maker,Trade ID,Order ID"
)
SAMPLE = (
    "100000000,26-03-17 09:34:12,BTCUSDC,BUY,73000.1,0.01,730.001,0.29200040 USDC,0.28,true,false,"
    "419900001,49170000001"
)


def test_the_sample_is_a_trade_with_its_fee_and_result() -> None:
    (one,) = [
        each
        for each in read(TABLES, f"{HEADER}\n{SAMPLE}\n", zone=timezone(timedelta(hours=-6)))
        if isinstance(each, Stated)
    ]
    assert one.exact
    assert one.record == Fill(
        account="main",
        category="linear",
        symbol="BTC/USDC:USDC",
        fill_id="419900001",
        order_id="49170000001",
        time=datetime(2026, 3, 17, 15, 34, 12, tzinfo=UTC),
        side=Side.BUY,
        base="BTC",
        quote="USDC",
        quantity=Decimal("0.01"),
        price=Decimal("73000.1"),
        cost=Decimal("730.001"),
        fees=(Fee(asset="USDC", amount=Decimal("0.29200040")),),
        liquidity="taker",
        settle="USDC",
        contracts=Decimal("0.01"),
        contract_size=Decimal(1),
        realised_pnl=Decimal("0.28"),
    )


@pytest.mark.parametrize("fee", ["0.0782 USDT", "0.0782USDT"])
def test_a_row_is_the_fill_of_the_api_but_for_its_milliseconds(fee: str) -> None:
    (one,) = records(
        read(
            TABLES,
            f"{HEADER}\n1,2025-05-31 20:00:00,BTCUSDT,SELL,7819.01,0.002,15.63802,{fee},"
            "-0.91539999,false,false,698759,25851813\n",
        )
    )
    assert one == replace(LINEAR_FILL, time=LINEAR_FILL.time.replace(microsecond=0))


def test_contracts_of_the_coin_are_counted_in_contracts() -> None:
    (one,) = records(
        read(
            TABLES,
            f"{HEADER}\n1,2025-05-31 20:00:00,BTCUSD_PERP,BUY,50000,16,1600,0.0000064 BTC,0.0001,"
            "true,false,6,28\n",
        )
    )
    assert one == replace(INVERSE_FILL, time=INVERSE_FILL.time.replace(microsecond=0))


API = (
    "Uid,Time(UTC),Symbol,Side,Position Side,Price,Quantity,Amount,Fee,Realized Profit,Buyer,Maker,"
    "Trade Id,Order Id"
)


def charged(*lines: tuple[str, str], header: str = API) -> list[Decimal]:
    """The fees of rows with these figures and makers."""
    rows = (
        f"1,2026-01-13 23:00:{n:02},BTCUSDT,SELL,{'Both,' if header == API else ''}0.7226,27.7,"
        f"20.01602,{fee} USDT,0E-8,false,{maker},{n},7\n"
        for n, (fee, maker) in enumerate(lines)
    )
    found = records(read(TABLES, f"{header}\n{''.join(rows)}"))
    assert all(isinstance(one, Fill) for one in found)
    return [sum(fee.amount for fee in one.fees) for one in found if isinstance(one, Fill)]


def test_the_file_of_a_program_is_in_utc_and_its_fees_are_negative() -> None:
    """A maker pays 0.02 %: 20.01602 * 0.0002."""
    assert charged(("-0.00400320", "true")) == [Decimal("0.00400320")]
    (one,) = records(
        read(
            TABLES,
            f"{API}\n1,2025-05-31 20:00:00,BTCUSDT,SELL,Both,7819.01,0.002,15.63802,-0.0782 USDT,"
            "-0.91539999,false,false,698759,25851813\n",
        )
    )
    assert one == replace(LINEAR_FILL, time=LINEAR_FILL.time.replace(microsecond=0))


def test_a_taker_pays_whatever_the_sign_and_a_maker_may_be_paid() -> None:
    assert charged(("-0.5", "false"), ("0.1", "true")) == [Decimal("0.5"), Decimal("-0.1")]
    assert charged(("0.5", "false"), ("0.1", "true")) == [Decimal("0.5"), Decimal("0.1")]
    page = charged(("0.5", "false"), ("-0.1", "true"), header=HEADER)
    assert page == [Decimal("0.5"), Decimal("-0.1")]


def test_signs_of_fees_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(StatementRefused, match="sign of the rebates above") as refusal:
        charged(("-0.1", "true"), ("0.5", "false"))
    assert refusal.value.line == 3


def test_a_fee_in_an_unknown_asset_is_refused() -> None:
    with pytest.raises(StatementRefused, match="names no known asset") as refusal:
        read(TABLES, f"{HEADER}\n{SAMPLE.replace('0.29200040 USDC', '0.2QQQ')}\n")
    assert refusal.value.line == 2


def test_a_contract_that_no_list_has_waits() -> None:
    found = read(TABLES, f"{HEADER}\n{SAMPLE.replace('BTCUSDC', 'A_B_C')}\n")
    assert left_out(found) == [(2, "'A_B_C' is in no list of markets")]


INCOME = """\
Date(UTC),type,Amount,Asset,Symbol,Transaction ID
2025-05-31 20:00:00,FUNDING_FEE,-0.125,USDT,BTCUSDT,9689322392
2025-05-31 20:00:01,COMMISSION,-0.08,USDT,BTCUSDT,698759
2025-05-31 20:00:01,REALIZED_PNL,-0.9,USDT,BTCUSDT,698759
2025-05-31 20:00:02,TRANSFER,10,USDT,,123
"""


def test_transactions_are_the_income_of_the_api() -> None:
    desk = desks("binance")(DataType.TRANSFERS, "linear-income")
    (served,) = desk.records(
        {
            "symbol": "BTCUSDT",
            "incomeType": "FUNDING_FEE",
            "income": "-0.125",
            "asset": "USDT",
            "time": 1748721600250,
            "tranId": 9689322392,
        }
    )
    found = [one for one in read(TABLES, INCOME) if isinstance(one, Stated)]
    assert found[0].exact
    assert found[0].record == replace(served, time=served.time.replace(microsecond=0))


def test_what_trades_state_too_is_their_result_and_their_fee() -> None:
    found = [one for one in read(TABLES, INCOME) if isinstance(one, Stated)]
    assert [
        (one.record.kind, one.record.quantity, one.exact)
        for one in found[1:]
        if isinstance(one.record, Transfer)
    ] == [
        (TransferKind.FEE, Decimal("-0.08"), False),
        (TransferKind.SETTLEMENT, Decimal("-0.9"), False),
        (TransferKind.INTERNAL, Decimal(10), False),
    ]


COINS = """\
Date(UTC),type,Amount,Asset,Symbol,Transaction ID
2025-05-31 20:00:00,FUNDING_FEE,-0.00001,BTC,BTCUSD_PERP,9689322392
2025-05-31 20:00:02,TRANSFER,0.1,BTC,,123
"""


def test_transactions_of_the_coin_are_the_income_of_its_api() -> None:
    desk = desks("binance")(DataType.TRANSFERS, "inverse-income")
    (served,) = desk.records(
        {
            "symbol": "BTCUSD_PERP",
            "incomeType": "FUNDING_FEE",
            "income": "-0.00001",
            "asset": "BTC",
            "time": 1748721600250,
            "tranId": 9689322392,
        }
    )
    first, second = [one for one in read(TABLES, COINS) if isinstance(one, Stated)]
    assert first.exact and first.histories == ("transfers/inverse-income",)
    assert first.record == replace(served, time=served.time.replace(microsecond=0))
    assert isinstance(second.record, Transfer)
    assert (second.record.scope, second.record.to_wallet) == ("inverse-income", "inverse")


def test_transactions_that_name_no_contract_are_of_those_that_were_ordered() -> None:
    text = COINS.splitlines(keepends=True)
    moved = f"{text[0]}{text[2]}"
    for history, scope in (
        ("inverse-income", "inverse"),
        ("linear-income", "linear"),
        ("", "linear"),
    ):
        (one,) = records(read(TABLES, moved, history=history))
        assert isinstance(one, Transfer)
        assert (one.scope, one.to_wallet) == (f"{scope}-income", scope)
