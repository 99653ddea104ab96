"""OKX's archives: their rows are the records that the API's own rows become."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from exchange_cache.exchanges.okx.files import TABLES
from exchange_cache.records import DataType, Fill, Side, Transfer, TransferKind
from exchange_cache.statements.table import Found, Stated
from tests.exchanges.file_cases import changes, desks, left_out, read, records
from tests.exchanges.test_okx import (
    CHARGED,
    FIRST_MS,
    LINEAR_FILL,
    MOVE,
    SECOND_MS,
    SPOT_FILL,
    bill,
)

COLUMNS = (
    *("instType", "billId", "subType", "ts", "balChg", "posBalChg", "bal", "posBal", "sz", "px"),
    *("ccy", "pnl", "fee", "mgnMode", "instId", "ordId", "execType", "interest", "tag"),
    *("fillTime", "tradeId", "clOrdId", "fillIdxPx", "fillMarkPx", "fillPxVol", "fillPxUsd"),
    *("fillMarkVol", "fillFwdPx"),
)


def archived(*rows: dict[str, str]) -> list[Found]:
    lines = [",".join(row.get(name, "") for name in COLUMNS) for row in rows]
    return read(TABLES, "\n".join((",".join(COLUMNS), *lines)))


def leg(number: str, asset: str, change: str, **more: str) -> dict[str, str]:
    """A leg of SPOT_FILL: 0.12 BTC for 7200 USDT, with a fee of 0.00012 BTC."""
    return {
        "instType": "SPOT",
        "instId": "BTC-USDT",
        "billId": number,
        "subType": "1",
        "ts": FIRST_MS,
        "balChg": change,
        "bal": "1",
        "sz": "0.12",
        "px": "60000",
        "ccy": asset,
        "fee": "0",
        "ordId": "312269865356374016",
        "execType": "M",
        "tradeId": "123",
        "fillTime": FIRST_MS,
        **more,
    }


def test_two_legs_are_the_fill_of_the_api() -> None:
    found = archived(
        leg("1111", "BTC", "0.11988", fee="-0.00012"),
        leg("1110", "USDT", "-7200", subType="2", sz="7200"),
    )
    (one,) = [each for each in found if isinstance(each, Stated)]
    assert one.record == SPOT_FILL
    assert one.exact
    assert changes(found) == {"BTC": Decimal("0.11988"), "USDT": Decimal("-7200")}


def test_a_sale_is_a_sale_of_the_base_in_whichever_order_its_legs_stand() -> None:
    legs = [
        leg("1111", "USDT", "7199", fee="-1", subType="1", sz="7200"),
        leg("1110", "BTC", "-0.12", subType="2"),
    ]
    for order in (legs, legs[::-1]):
        (sold,) = records(archived(*order))
        assert isinstance(sold, Fill)
        assert (sold.side, sold.quantity, sold.fees[0].asset) == (
            Side.SELL,
            Decimal("0.12"),
            "USDT",
        )


def test_a_trade_of_a_contract_is_the_fill_of_the_api() -> None:
    (closed,) = records(
        archived(
            leg(
                "1111",
                "USDT",
                "-13.4",
                instType="SWAP",
                instId="BTC-USDT-SWAP",
                sz="3",
                fee="-0.9",
                pnl="-12.5",
            )
        )
    )
    assert closed == LINEAR_FILL


def test_a_bill_is_the_record_that_the_policy_makes_of_the_row_of_the_api() -> None:
    raw = bill(77, "-0.5", SECOND_MS, subType="9")
    desk = desks("okx")(DataType.TRANSFERS, "interest")
    (served,) = desk.records({**raw, "type": "7"})
    (one,) = [each for each in archived(raw) if isinstance(each, Stated)]
    assert (one.record, one.exact) == (served, True)
    assert served == replace(CHARGED, transfer_id="77", time=served.time)


def test_a_move_names_the_trading_account_alone() -> None:
    (one,) = records(archived(bill(623950854533513219, "11", FIRST_MS, subType="11")))
    assert one == replace(MOVE, from_wallet=None)


def test_funding_stands_in_the_result() -> None:
    (one,) = records(
        archived(
            bill(
                5,
                "-0.25",
                FIRST_MS,
                subType="173",
                pnl="-0.25",
                instId="BTC-USDT-SWAP",
                instType="SWAP",
            )
        )
    )
    assert isinstance(one, Transfer)
    assert (one.scope, one.kind, one.quantity, one.symbol) == (
        "funding",
        TransferKind.FUNDING,
        Decimal("-0.25"),
        "BTC/USDT:USDT",
    )


def test_a_subtype_that_is_not_known_is_kept_under_its_number() -> None:
    (one,) = records(archived(bill(5, "-0.25", FIRST_MS, subType="9999")))
    assert isinstance(one, Transfer)
    assert (one.kind, one.word) == (TransferKind.UNCLASSIFIED, "subtype 9999")


def test_a_leg_without_its_counterpart_is_named() -> None:
    assert left_out(archived(leg("1111", "BTC", "0.11988"))) == [
        (2, "the other leg of its trade is missing")
    ]


def test_a_sweep_is_one_fill() -> None:
    (one,) = records(
        archived(
            bill(6, "0.01", FIRST_MS, subType="236", ccy="BTC"),
            bill(5, "-100", FIRST_MS, subType="237"),
        )
    )
    assert isinstance(one, Fill)
    assert (one.kind, one.symbol, one.quantity, one.cost) == (
        "dust",
        "BTC/USDT",
        Decimal("0.01"),
        Decimal(100),
    )
