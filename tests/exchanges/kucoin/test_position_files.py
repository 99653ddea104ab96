"""KuCoin's file of closed positions: what futures changed the balance by."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

from exchange_cache.exchanges.kucoin.files import TABLES
from exchange_cache.records import Transfer, TransferKind
from exchange_cache.statements.table import Found
from tests.exchanges.file_cases import left_out, read, records

HEADER = (
    "UID,Account Type,Symbol,Close Type,Realized PNL,Total Realized PNL,Total Funding Fees,"
    'Total Trading Fees,Position Opening Time(UTC+01:00),",Position Closing Time(UTC+01:00)"'
)


def listed(*rows: str) -> list[Found]:
    return read(TABLES, "\n".join((HEADER, *rows)), zone=timezone(timedelta(hours=1)))


def row(symbol: str, realised: str, funding: str, fees: str, closed: str = "11:00:00") -> str:
    return (
        f"1,futuresAccount,{symbol},CLOSE_LONG,{realised},{realised},{funding},{fees},"
        f"2026-01-09 10:00:00,2026-01-10 {closed}"
    )


def test_a_position_realised_its_result_less_its_trading_fees() -> None:
    """The figures of the API's example: 0.5837 - 0.03766066 - 0.03389521 = 0.51214413."""
    (one,) = records(listed(row("XBTUSDTM", "0.51214413", "-0.03389521", "0.03766066")))
    assert isinstance(one, Transfer)
    assert (one.kind, one.asset, one.quantity, one.symbol, one.time, one.word) == (
        TransferKind.SETTLEMENT,
        "USDT",
        Decimal("0.5837") - Decimal("0.03766066"),
        "BTC/USDT:USDT",
        datetime(2026, 1, 10, 10, tzinfo=UTC),
        "CLOSE_LONG",
    )


def test_an_inverse_position_is_settled_in_its_base() -> None:
    (one,) = records(listed(row("XBTUSDM", "-0.001", "0.0002", "0.0001")))
    assert isinstance(one, Transfer)
    assert (one.asset, one.quantity, one.symbol) == ("BTC", Decimal("-0.0012"), "BTC/USD:BTC")


def test_equal_positions_of_a_second_are_two_and_one_without_a_result_is_none() -> None:
    found = listed(*[row("XBTUSDTM", "1", "0", "0")] * 2, row("XBTUSDTM", "-0.1", "-0.1", "0"))
    first, second = records(found)
    assert isinstance(first, Transfer) and isinstance(second, Transfer)
    assert first.transfer_id != second.transfer_id
    assert left_out(found) == [(4, "changes no balance")]


def test_a_contract_that_no_list_has_waits() -> None:
    assert left_out(listed(row("NOSUCH", "1", "0", "0"))) == [
        (2, "'NOSUCH' is in no list of markets")
    ]
