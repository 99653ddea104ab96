"""Binance's statement of all wallets: its editions, its operations, and what cannot be paired."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given, settings, strategies as st

from exchange_cache.exchanges.binance.file_words import EXCHANGES, FEES, LEGS, OPERATIONS
from exchange_cache.exchanges.binance.files import TABLES
from exchange_cache.records import Fee, Fill, FillKind, Side, Transfer, TransferKind
from exchange_cache.statements.table import Found, Stated
from tests.effort import examples
from tests.exchanges.file_cases import changes, left_out, read, records, summed

HEADER = "User_ID,UTC_Time,Account,Operation,Coin,Change,Remark"
AT = "2024-03-17 09:56:26"
WALLETS = ("spot", "funding", "earn", "linear", "inverse", "margin", "margin-isolated")

SAMPLE = """\
User ID,Time,Account,Operation,Coin,Change,Remark
1,26-03-17 09:56:26,Spot,Transaction Buy,ETH,0.017,
1,26-03-17 09:56:26,Spot,Transaction Spend,USDT,-28.4,
"""


def stated(*rows: tuple[str, str, str, str], at: str = AT) -> list[Found]:
    """Rows of one second: account, operation, coin, change."""
    lines = (f"1,{at},{account},{word},{coin},{change},\n" for account, word, coin, change in rows)
    return read(TABLES, HEADER + "\n" + "".join(lines))


def test_the_sample_is_one_trade_in_the_zone_of_the_file_name() -> None:
    (one,) = records(
        read(TABLES, SAMPLE, zone=timezone(timedelta(hours=-6)), file_name="x202603230400(UTC--6)")
    )
    assert isinstance(one, Fill)
    assert (one.symbol, one.side, one.quantity, one.cost, one.time) == (
        "ETH/USDT",
        Side.BUY,
        Decimal("0.017"),
        Decimal("28.4"),
        datetime(2026, 3, 17, 15, 56, 26, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    "header",
    ["UTC_Time,Account,Operation,Coin,Change,Remark", HEADER],
)
def test_both_earlier_editions_are_in_utc(header: str) -> None:
    user = "1," if header.startswith("User") else ""
    text = f"{header}\n{user}2019-01-05 10:00:00,Spot,Deposit,BTC,0.5,\n"
    (one,) = records(read(TABLES, text))
    assert one.time == datetime(2019, 1, 5, 10, tzinfo=UTC)


def test_a_trade_is_the_sum_by_asset_and_operation_of_its_second() -> None:
    found = stated(
        ("Spot", "Transaction Buy", "BTC", "0.01"),
        ("Spot", "Transaction Buy", "BTC", "0.02"),
        ("Spot", "Transaction Spend", "USDT", "-2400"),
        ("Spot", "Transaction Fee", "BNB", "-0.001"),
        ("Spot", "Transaction Fee", "BNB", "-0.002"),
    )
    (one,) = [each for each in found if isinstance(each, Stated)]
    assert isinstance(one.record, Fill)
    assert not one.exact
    assert one.lines == (2, 3, 4, 5, 6)
    assert (one.record.quantity, one.record.cost, one.record.fees) == (
        Decimal("0.03"),
        Decimal(2400),
        (Fee(asset="BNB", amount=Decimal("0.003")),),
    )


def test_operations_are_spelt_in_any_case() -> None:
    (one,) = records(
        stated(
            ("Spot", "transaction  sold", "BTC", "-0.01"),
            ("Spot", "TRANSACTION REVENUE", "USDT", "800"),
        )
    )
    assert isinstance(one, Fill) and one.side is Side.SELL


@pytest.mark.parametrize(
    "rows",
    [
        (("Buy", "BTC", "0.01"), ("Sell", "USDT", "-800"), ("Fee", "BTC", "-0.00001")),
        (("Buy", "BTC", "0.01"), ("Buy", "USDT", "-800"), ("Fee", "BTC", "-0.00001")),
        (
            ("Transaction Related", "BTC", "0.01"),
            ("Transaction Related", "USDT", "-800"),
            ("Fee", "BTC", "-0.00001"),
        ),
    ],
)
def test_the_operations_of_earlier_years_are_trades(rows: tuple[tuple[str, str, str], ...]) -> None:
    (one,) = records(stated(*(("Spot", *row) for row in rows)))
    assert isinstance(one, Fill)
    assert (one.side, one.symbol, one.fees) == (
        Side.BUY,
        "BTC/USDT",
        (Fee(asset="BTC", amount=Decimal("0.00001")),),
    )


def test_a_purchase_and_a_sale_of_one_second_are_two_trades() -> None:
    found = stated(
        ("Spot", "Transaction Buy", "ETH", "1"),
        ("Spot", "Transaction Sold", "BTC", "-0.01"),
        ("Spot", "Transaction Spend", "USDT", "-2000"),
        ("Spot", "Transaction Revenue", "USDT", "800"),
        ("Spot", "Transaction Fee", "ETH", "-0.001"),
        ("Spot", "Transaction Fee", "USDT", "-0.8"),
    )
    assert {
        (one.symbol, one.side, one.fees) for one in records(found) if isinstance(one, Fill)
    } == {
        ("ETH/USDT", Side.BUY, (Fee(asset="ETH", amount=Decimal("0.001")),)),
        ("BTC/USDT", Side.SELL, (Fee(asset="USDT", amount=Decimal("0.8")),)),
    }


def test_a_fee_that_belongs_to_no_one_trade_is_a_charge_by_itself() -> None:
    found = records(
        stated(
            ("Spot", "Transaction Buy", "ETH", "1"),
            ("Spot", "Transaction Sold", "BTC", "-0.01"),
            ("Spot", "Transaction Spend", "USDT", "-2000"),
            ("Spot", "Transaction Revenue", "USDT", "800"),
            ("Spot", "Transaction Fee", "BNB", "-0.001"),
        )
    )
    assert [(one.kind, one.quantity) for one in found if isinstance(one, Transfer)] == [
        (TransferKind.FEE, Decimal("-0.001"))
    ]
    assert not any(one.fees for one in found if isinstance(one, Fill))


def test_several_assets_bought_in_one_second_are_never_paired_by_a_guess() -> None:
    rows = (
        ("Spot", "Transaction Buy", "ETH", "1"),
        ("Spot", "Transaction Buy", "BTC", "0.02"),
        ("Spot", "Transaction Spend", "USDT", "-2000"),
        ("Spot", "Transaction Spend", "USDT", "-1600"),
        ("Spot", "Transaction Fee", "BNB", "-0.001"),
    )
    found = stated(*rows)
    made = records(found)
    assert all(isinstance(one, Transfer) for one in made)
    assert {one.kind for one in made if isinstance(one, Transfer)} == {
        TransferKind.SUBSCRIPTION,
        TransferKind.FEE,
    }
    assert len({one.reference for one in made if isinstance(one, Transfer)}) == 1
    assert changes(found) == summed((coin, change) for _, _, coin, change in rows)


def test_a_trade_on_margin_is_one_of_the_margin_wallet() -> None:
    (one,) = records(
        stated(
            ("Cross Margin", "Transaction Buy", "BTC", "0.01"),
            ("Cross Margin", "Transaction Spend", "USDT", "-800"),
        )
    )
    assert isinstance(one, Fill) and one.category == "margin"


def test_a_convert_is_a_convert_and_a_sweep_of_one_asset_is_a_sweep() -> None:
    converted, swept = records(
        stated(
            ("Spot", "Binance Convert", "USDT", "-100"),
            ("Spot", "Binance Convert", "BNB", "0.2"),
        )
        + stated(
            ("Spot", "Small Assets Exchange BNB", "XRP", "-1"),
            ("Spot", "Small assets exchange BNB", "BNB", "0.001"),
        )
    )
    assert isinstance(converted, Fill) and isinstance(swept, Fill)
    assert (converted.kind, swept.kind) == (FillKind.CONVERT, FillKind.DUST)


def test_a_sweep_of_several_assets_is_one_exchange_of_all_of_them() -> None:
    rows = (
        ("Spot", "Small assets exchange BNB", "XRP", "-1"),
        ("Spot", "Small assets exchange BNB", "BNB", "0.001"),
        ("Spot", "Small assets exchange BNB", "DOGE", "-3"),
        ("Spot", "Small assets exchange BNB", "BNB", "0.002"),
    )
    found = stated(*rows)
    made = [one for one in records(found) if isinstance(one, Transfer)]
    assert len(made) == 4
    assert len({one.reference for one in made}) == 1 and made[0].reference
    assert changes(found) == summed((coin, change) for _, _, coin, change in rows)


def test_a_swap_of_tokens_is_a_row_for_each_side_as_in_the_list_of_the_api() -> None:
    word = "Token Swap - Redenomination/Rebranding"
    rows = (("Spot", word, "LUNA", "-10"), ("Spot", word, "LUNC", "10"))
    made = records(stated(*rows))
    assert [(one.kind, one.quantity) for one in made if isinstance(one, Transfer)] == [
        (TransferKind.SUBSCRIPTION, Decimal(-10)),
        (TransferKind.SUBSCRIPTION, Decimal(10)),
    ]


def test_the_two_ends_of_a_move_are_one_move() -> None:
    word = "Transfer Between Spot Account and UM Futures Account"
    (one,) = records(stated(("Spot", word, "USDT", "-100"), ("USD-M Futures", word, "USDT", "100")))
    assert isinstance(one, Transfer)
    assert (one.kind, one.from_wallet, one.to_wallet, one.quantity) == (
        TransferKind.INTERNAL,
        "spot",
        "linear",
        Decimal(100),
    )


def test_a_move_without_its_other_end_names_its_own_wallet() -> None:
    (one,) = records(stated(("Spot", "Savings purchase", "USDT", "-100")))
    assert isinstance(one, Transfer)
    assert (one.from_wallet, one.to_wallet) == ("spot", "earn")


def test_flexible_earn_is_the_asset_itself() -> None:
    found = stated(
        ("Spot", "Savings purchase", "USDT", "-100"), ("Spot", "Savings purchase", "LDUSDT", "100")
    )
    (one,) = records(found)
    assert isinstance(one, Transfer)
    assert (one.asset, one.from_wallet, one.to_wallet) == ("USDT", "spot", "spot")
    assert changes(found, WALLETS) == {}


def test_an_asset_that_begins_like_earn_is_itself() -> None:
    (one,) = records(stated(("Spot", "Deposit", "LDO", "7")))
    assert isinstance(one, Transfer) and one.asset == "LDO"


def test_a_bonus_of_earn_that_stands_twice_counts_once() -> None:
    found = stated(
        ("Earn", "Simple Earn Flexible - Rewards Income", "USDT", "0.5"),
        ("Spot", "Simple Earn Flexible Interest", "USDT", "0.5"),
        at="2026-03-17 09:56:26",
    )
    assert left_out(found) == [(2, "a copy of line 3")]
    assert changes(found) == {"USDT": Decimal("0.5")}


def test_a_bonus_of_earn_that_stands_once_counts() -> None:
    found = stated(("Earn", "Simple Earn Flexible - Rewards Income", "USDT", "0.5"))
    assert changes(found) == {"USDT": Decimal("0.5")}


@pytest.mark.parametrize(
    ("word", "change", "kind"),
    [
        ("Realize profit and loss", "-3", TransferKind.SETTLEMENT),
        ("Realized Profit and Loss", "3", TransferKind.SETTLEMENT),
        ("Fee", "-0.1", TransferKind.FEE),
        ("Funding Fee", "-0.2", TransferKind.FUNDING),
        ("Insurance Fund Compensation", "0.3", TransferKind.INSURANCE),
    ],
)
def test_futures_are_results_fees_and_funding(word: str, change: str, kind: TransferKind) -> None:
    (one,) = records(stated(("USDT-Futures", word, "USDT", change)))
    assert isinstance(one, Transfer)
    assert (one.kind, one.quantity, one.word) == (kind, Decimal(change), word)


@pytest.mark.parametrize(
    ("account", "word", "change", "kind"),
    [
        ("Cross Margin", "Margin Loan", "5", TransferKind.LOAN),
        ("Cross Margin", "Margin Repayment", "-5", TransferKind.REPAYMENT),
        ("Isolated Margin", "Isolated Margin Loan", "5", TransferKind.LOAN),
        ("Spot", "Distribution", "5", TransferKind.REWARD),
        ("Spot", "Airdrop Assets", "5", TransferKind.AIRDROP),
        ("Spot", "HODLer Airdrops Distribution", "5", TransferKind.AIRDROP),
        ("Spot", "Savings Interest", "5", TransferKind.INTEREST),
        ("Spot", "Withdraw", "-5", TransferKind.WITHDRAWAL),
        ("Spot", "Send", "-5", TransferKind.WITHDRAWAL),
        ("Funding", "Binance Card Spending", "-5", TransferKind.WITHDRAWAL),
        ("Funding", "Binance Card Cashback", "5", TransferKind.REWARD),
    ],
)
def test_operations_are_what_their_words_say(
    account: str, word: str, change: str, kind: TransferKind
) -> None:
    found = stated((account, word, "USDT", change))
    (one,) = records(found)
    assert isinstance(one, Transfer) and one.kind is kind
    assert changes(found) == {"USDT": Decimal(change)}


@pytest.mark.parametrize(
    ("account", "wallet"),
    [
        ("Spot Wallet", "spot"),
        ("USD-MFutures", "linear"),
        ("COIN-M Futures", "inverse"),
        ("CrossMargin", "margin"),
        ("Isolated Margin Account", "margin-isolated"),
        ("P2P", "funding"),
        ("Something New", "something new"),
    ],
)
def test_a_wallet_has_several_spellings(account: str, wallet: str) -> None:
    (one,) = records(stated((account, "transfer_out", "USDT", "-1")))
    assert isinstance(one, Transfer) and one.from_wallet == wallet


def test_an_unknown_operation_is_kept_as_it_stands() -> None:
    (one,) = records(stated(("Spot", "Moon Landing", "USDT", "5")))
    assert isinstance(one, Transfer)
    assert (one.kind, one.word) == (TransferKind.UNCLASSIFIED, "Moon Landing")


def test_equal_rows_of_one_second_are_two_events() -> None:
    found = records(stated(*[("Spot", "Distribution", "USDT", "0.5")] * 2))
    assert len({one.key for one in found}) == 2


WORDS = sorted({*OPERATIONS, *LEGS, *EXCHANGES, *FEES, "moon landing"})
ROWS = st.tuples(
    st.integers(0, 3),
    st.sampled_from(["Spot", "Funding", "USD-M Futures", "Cross Margin", "Earn"]),
    st.sampled_from(WORDS),
    st.sampled_from(["BTC", "ETH", "USDT", "BNB", "LDUSDT"]),
    st.integers(-4, 4).map(lambda number: Decimal(number) / 4),
)


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(ROWS, min_size=1, max_size=14))
def test_whatever_stands_in_a_statement_its_quantities_are_conserved(
    rows: list[tuple[int, str, str, str, Decimal]],
) -> None:
    rows = sorted(rows, key=lambda row: row[0])
    lines = [
        f"1,2024-03-17 09:56:0{second},{account},{word},{coin},{change},"
        for second, account, word, coin, change in rows
    ]
    found = read(TABLES, "\n".join((HEADER, *lines)))
    left = {line for line, _ in left_out(found)}
    moves = {word for word, meaning in OPERATIONS.items() if meaning.kind is TransferKind.INTERNAL}
    counted = [
        (line, row)
        for line, row in enumerate(rows, start=2)
        if line not in left and row[2] not in moves
    ]
    assert changes(found) == summed((row[3].removeprefix("LD"), str(row[4])) for _, row in counted)
    lines_stated = {line for one in found if isinstance(one, Stated) for line in one.lines}
    assert lines_stated | left == set(range(2, len(rows) + 2))
    moved = [row for line, row in enumerate(rows, start=2) if row[2] in moves and line not in left]
    ends = sum(
        len(one.lines) * one.record.quantity
        for one in found
        if isinstance(one, Stated)
        and isinstance(one.record, Transfer)
        and one.record.kind is TransferKind.INTERNAL
    )
    assert ends == sum(abs(row[4]) for row in moved)


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize(("apart", "copies"), [(1, 1), (40, 1), (61, 0)])
def test_a_bonus_and_its_credit_some_seconds_apart_count_once(
    apart: int, copies: int, backwards: bool
) -> None:
    at = datetime(2026, 3, 17, 9, 56, 26, tzinfo=UTC)
    first, second = (f"{at + timedelta(seconds=n):%Y-%m-%d %H:%M:%S}" for n in (0, apart))
    lines = [
        f"1,{first},Earn,Simple Earn Flexible - Rewards Income,USDT,0.5,",
        f"1,{second},Spot,Simple Earn Flexible Interest,USDT,0.5,",
        f"1,{second},Spot,Simple Earn Flexible Interest,USDT,0.25,",
    ]
    found = read(TABLES, "\n".join([HEADER, *(lines[::-1] if backwards else lines)]))
    assert len(left_out(found)) == copies
    assert changes(found) == {"USDT": Decimal("1.25") - Decimal("0.5") * copies}
