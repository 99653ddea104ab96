"""KuCoin's files of trades: the fills of today, filled orders, and the editions in UTC+8."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from exchange_cache.errors import StatementRefused
from exchange_cache.exchanges.kucoin.files import TABLES
from exchange_cache.records import Fee, Fill, Side
from exchange_cache.statements.table import Found, Stated
from tests.exchanges.file_cases import changes, left_out, read, records, summed

HEADER = (
    "UID,Account Type,Order ID,Symbol,Side,Order Type,Avg. Filled Price,Filled Amount,"
    "Filled Volume,Filled Volume (USDT),Filled Time(UTC+01:00),Fee,Tax,Maker/Taker,Fee Currency,"
    "Account Mode"
)
SAMPLE = (
    "10000000,mainAccount,65ba00000000000000000001,DAG-USDT,SELL,LIMIT,0.051,1000,51,51,"
    "2026-01-31 14:55:54,0.051,,TAKER,USDT,CLASSIC"
)
AHEAD = timezone(timedelta(hours=1))


def filled(*lines: str) -> list[Found]:
    return read(TABLES, "\n".join((HEADER, *lines)), zone=AHEAD)


def test_the_sample_is_a_sale_in_the_zone_of_the_header() -> None:
    (one,) = [each for each in filled(SAMPLE) if isinstance(each, Stated)]
    assert not one.exact
    assert isinstance(one.record, Fill)
    assert one.record == Fill(
        account="main",
        category="spot",
        symbol="DAG/USDT",
        fill_id=one.record.fill_id,
        order_id="65ba00000000000000000001",
        time=datetime(2026, 1, 31, 13, 55, 54, tzinfo=UTC),
        side=Side.SELL,
        base="DAG",
        quote="USDT",
        quantity=Decimal(1000),
        price=Decimal("0.051"),
        cost=Decimal(51),
        fees=(Fee(asset="USDT", amount=Decimal("0.051")),),
        liquidity="taker",
    )


def test_equal_fills_of_one_order_and_second_are_two() -> None:
    found = filled(SAMPLE, SAMPLE)
    assert len({one.key for one in records(found)}) == 2
    assert changes(found) == summed([("DAG", "-2000"), ("USDT", "101.898")])


def test_a_tax_makes_the_fee_unknown() -> None:
    (one,) = records(filled(SAMPLE.replace("0.051,,TAKER", "0.051,0.2,TAKER")))
    assert isinstance(one, Fill) and not one.fees_known


def test_a_fill_of_a_margin_account_is_one_on_margin() -> None:
    (one,) = records(filled(SAMPLE.replace("mainAccount", "marginAccount")))
    assert isinstance(one, Fill) and one.category == "margin"


def test_a_canceled_order_counts_as_far_as_it_was_filled() -> None:
    header = (
        "UID,Account Type,Order ID,Order Time(UTC+08:00),Symbol,Side,Order Type,Order Price,"
        "Order Amount,Avg. Filled Price,Filled Amount,Filled Volume,Filled Volume (USDT),"
        "Filled Time(UTC+08:00),Fee,Fee Currency,Status"
    )
    line = "1,tradeAccount,o-{},2022-01-01 00:00:00,BTC-USDT,BUY,LIMIT,40000,1,40000,{},{},{},{},0"
    found = read(
        TABLES,
        "\n".join(
            (
                header,
                line.format(1, "0.5", "20000", "20000", "2022-01-01 08:00:00") + ",USDT,part_deal",
                line.format(2, "0", "0", "0", "--") + ",USDT,cancelled",
            )
        ),
        zone=timezone(timedelta(hours=8)),
    )
    (one,) = records(found)
    assert isinstance(one, Fill)
    assert (one.quantity, one.time) == (Decimal("0.5"), datetime(2022, 1, 1, tzinfo=UTC))
    assert left_out(found) == [(3, "fills nothing")]


@pytest.mark.parametrize(
    "text",
    [
        "tradeCreatedAt,orderId,symbol,side,price,size,funds,fee,liquidity,feeCurrency,orderType,\n"
        "2021-01-01 08:00:00,o-1,BTC-USDT,buy,40000,0.5,20000,20,taker,USDT,limit,",
        "tradeCreatedAt,symbol,side,price,size,funds,fee,feeCurrency\n"
        "2021-01-01 08:00:00,BTC-USDT,buy,40000,0.5,20000,20,USDT",
        "oid,symbol,dealPrice,dealValue,amount,fee,direction,createdDate,\n"
        "o-1,BTC-USDT,40000,20000,0.5,20,BUY,2021-01-01 08:00:00,",
        "uid,symbol,order_type,price,amount_coin,direction,funds,fee,created_at\n"
        "1,BTC-USDT,limit,40000,0.5,BUY,20000,20,2021-01-01 08:00:00",
        "Time,Pair,Side,FilledPrice,FilledPriceCoin,Amount,AmountCoin,Volume,VolumeCoin,Fee,FeeCoin\n"
        "2021-01-01 08:00:00,BTC-USDT,buy,40000,USDT,0.5,BTC,20000,USDT,20,USDT",
    ],
    ids=["created", "created without order", "oid", "uid", "2019"],
)
def test_the_editions_before_are_in_utc_8_without_stating_it(text: str) -> None:
    (one,) = records(read(TABLES, text, zone=UTC))
    assert isinstance(one, Fill)
    assert (one.time, one.symbol, one.side, one.quantity, one.cost, one.fees) == (
        datetime(2021, 1, 1, tzinfo=UTC),
        "BTC/USDT",
        Side.BUY,
        Decimal("0.5"),
        Decimal(20000),
        (Fee(asset="USDT", amount=Decimal(20)),),
    )


def test_a_symbol_that_is_no_pair_is_refused_by_its_line() -> None:
    with pytest.raises(StatementRefused, match="not a pair") as refusal:
        filled(SAMPLE.replace("DAG-USDT", "DAGUSDT"))
    assert refusal.value.line == 2
