"""KuCoin's files of an account, of deposits and withdrawals, converts and earnings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from exchange_cache.errors import StatementRefused
from exchange_cache.exchanges.file_records import named_direction
from exchange_cache.exchanges.kucoin.files import TABLES
from exchange_cache.records import Fee, Fill, FillKind, Transfer, TransferKind
from exchange_cache.statements.table import Found
from tests.exchanges.file_cases import changes, left_out, read, records, summed

AHEAD = timezone(timedelta(hours=1))
HEADER = "UID,Account Type,Currency,Side,Amount,Fee,Time(UTC+01:00),Remark,Type"
SAMPLE = "10000000,mainAccount,BTC,Deposit,0.005,0,2026-01-09 12:52:49,,Spot"


def listed(*lines: str) -> list[Found]:
    return read(TABLES, "\n".join((HEADER, *lines)), zone=AHEAD)


def entry(side: str, amount: str, remark: str, asset: str = "USDT", fee: str = "0") -> str:
    return f"1,mainAccount,{asset},{side},{amount},{fee},2026-01-09 12:52:49,{remark},Spot"


def test_the_sample_is_a_deposit() -> None:
    (one,) = records(listed(SAMPLE))
    assert isinstance(one, Transfer)
    assert (one.kind, one.asset, one.quantity, one.fee, one.time) == (
        TransferKind.DEPOSIT,
        "BTC",
        Decimal("0.005"),
        None,
        datetime(2026, 1, 9, 11, 52, 49, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("side", "remark", "kind"),
    [
        ("Deposit", "Airdrop/Fork", TransferKind.AIRDROP),
        ("Deposit", "KuCoin Bonus", TransferKind.REWARD),
        ("Deposit", "Soft Staking Profits", TransferKind.REWARD),
        ("Withdrawal", "KCS Pay Fees", TransferKind.FEE),
        ("Withdrawal", "Transfer", TransferKind.INTERNAL),
        ("Withdrawal", "Staking", TransferKind.INTERNAL),
        ("Withdrawal", "Withdrawal", TransferKind.WITHDRAWAL),
        ("Withdrawal", "", TransferKind.WITHDRAWAL),
        ("Withdrawal", "Liability Interest", TransferKind.INTEREST),
        ("Deposit", "Moon Landing", TransferKind.UNCLASSIFIED),
    ],
)
def test_a_remark_says_what_a_row_is(side: str, remark: str, kind: TransferKind) -> None:
    found = listed(entry(side, "2", remark))
    (one,) = records(found)
    assert isinstance(one, Transfer) and one.kind is kind
    assert changes(found, {"main"}) == {"USDT": Decimal(2 if side == "Deposit" else -2)}


def test_a_withdrawal_is_charged_besides_its_amount() -> None:
    found = listed(entry("Withdrawal", "2", "Withdrawal", fee="0.5"))
    (one,) = records(found)
    assert isinstance(one, Transfer)
    assert (one.quantity, one.fee) == (Decimal(2), Fee(asset="USDT", amount=Decimal("0.5")))


def test_trades_are_left_to_the_file_of_fills() -> None:
    assert left_out(listed(entry("Deposit", "2", "Trade_Exchange"))) == [
        (2, "a trade, which the file of filled orders has")
    ]


def test_the_two_rows_of_a_convert_are_one() -> None:
    found = listed(
        entry("Withdrawal", "20", "Convert"), entry("Deposit", "0.01", "Convert", asset="ETH")
    )
    (one,) = records(found)
    assert isinstance(one, Fill) and one.kind is FillKind.CONVERT
    assert changes(found) == summed([("USDT", "-20"), ("ETH", "0.01")])


def test_a_side_that_is_neither_in_nor_out_is_refused() -> None:
    with pytest.raises(StatementRefused, match="neither in nor out"):
        listed(entry("Sideways", "2", ""))


DEPOSITS = (
    "UID,Account Type,Time(UTC+01:00),Coin,Amount,Fee,Hash,Deposit Address,Transfer Network,Status,"
    "Remarks"
)


def test_only_deposits_that_succeeded_are_counted() -> None:
    found = read(
        TABLES,
        f"{DEPOSITS}\n1,mainAccount,2026-01-09 12:52:49,BTC,0.5,0,0xabc,bc1q,BTC,SUCCESS,Deposit\n"
        "1,mainAccount,2026-01-09 12:52:49,BTC,0.5,0,0xabd,bc1q,BTC,FAILURE,Deposit\n",
        zone=AHEAD,
    )
    (one,) = records(found)
    assert isinstance(one, Transfer)
    assert (one.kind, one.scope, one.transfer_id, one.network) == (
        TransferKind.DEPOSIT,
        "deposits",
        "0xabc",
        "BTC",
    )
    assert left_out(found) == [(3, "its status is failure")]


def test_without_an_address_the_name_of_the_file_states_the_direction() -> None:
    header = "UID,Account Type,Time(UTC),Coin,Amount,Fee,Transfer Network,Status,Remarks"
    text = f"{header}\n1,mainAccount,2022-01-09 12:52:49,BTC,0.5,0.0005,BTC,SUCCESS,\n"
    (one,) = records(read(TABLES, text, file_name="Withdrawal History.csv"))
    assert isinstance(one, Transfer) and one.kind is TransferKind.WITHDRAWAL
    with pytest.raises(StatementRefused, match="deposits or"):
        read(TABLES, text, file_name="file.csv")


def test_the_name_of_a_page_of_both_is_none_of_a_direction() -> None:
    page = "Deposit_Withdrawal History_{} (Bundle).csv"
    for name, kind in (
        ("Deposit History", TransferKind.DEPOSIT),
        ("Withdrawal Record", TransferKind.WITHDRAWAL),
    ):
        assert named_direction(page.format(name)) is kind
    assert named_direction("deposits and withdrawals.csv") is None
    line = "1,mainAccount,2026-01-09 12:52:49,BTC,0.5,0,0xabc,bc1q,BTC,SUCCESS,Deposit"
    (one,) = records(read(TABLES, f"{DEPOSITS}\n{line}\n", file_name=page.format("x")))
    assert isinstance(one, Transfer) and one.kind is TransferKind.DEPOSIT


def test_a_convert_names_the_assets_with_the_amounts() -> None:
    (one,) = records(
        read(
            TABLES,
            "UID,Account Type,Payment Account,Sell,Buy,Price,Tax,Time of Update(UTC+01:00),Status\n"
            "1,mainAccount,Funding Account,20 USDT,0.01 ETH,2000 USDT,,2026-01-09 12:52:49,"
            "Successful\n",
            zone=AHEAD,
        )
    )
    assert isinstance(one, Fill)
    assert (one.kind, one.symbol, one.quantity, one.cost) == (
        FillKind.CONVERT,
        "ETH/USDT",
        Decimal("0.01"),
        Decimal(20),
    )


def test_earnings_are_rewards_in_a_header_with_full_width_brackets() -> None:
    found = read(
        TABLES,
        "UID,Account Type,Order ID,Time(UTC+01:00),Staked Coin,Product Type,Product Name,"
        "Earnings Coin,Earnings Type,Remarks,Amount,Amount（USDT）,Fee\n"
        "1,mainAccount,7,2026-01-09 12:52:49,ETH,Staking,ETH,ETH,Profit,,0.001,2,0\n",
        zone=AHEAD,
    )
    (one,) = records(found)
    assert isinstance(one, Transfer)
    assert (one.kind, one.asset, one.quantity) == (TransferKind.REWARD, "ETH", Decimal("0.001"))
