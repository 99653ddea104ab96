"""The form of our own: what each type of row becomes, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from exchange_cache.errors import StatementRefused
from exchange_cache.exchanges.manual.files import TABLES, TEMPLATE, TYPES
from exchange_cache.records import Fee, Fill, Side, Transfer, TransferKind
from exchange_cache.statements.reading import Reading, recognise
from exchange_cache.statements.table import Stated
from tests.statements.files import context, written

HEADER = "time,type,asset,quantity,quote,cost,price,fee,fee_asset,id,note"
AT = "2024-05-01 10:00:00"
MOMENT = datetime(2024, 5, 1, 10, tzinfo=UTC)


def read(folder: Path, *lines: str, header: str = HEADER) -> list[Fill | Transfer]:
    known = recognise(written(folder, "\n".join([header, *lines, ""])), TABLES)
    found = Reading(known).found(context())
    return [one.record for one in found if isinstance(one, Stated)]


def test_a_purchase_is_paid_from_outside_as_far_as_the_account_does_not_hold_it(
    tmp_path: Path,
) -> None:
    deposit, bought = read(tmp_path, f"{AT},buy,btc,0.5,eur,20500,,12.50,EUR,,")
    assert isinstance(deposit, Transfer)
    assert (deposit.kind, deposit.asset, deposit.quantity) == (
        TransferKind.DEPOSIT,
        "EUR",
        Decimal("20512.50"),
    )
    assert deposit.time == MOMENT - timedelta(milliseconds=1)
    assert isinstance(bought, Fill)
    assert (bought.symbol, bought.side, bought.quantity) == ("BTC/EUR", Side.BUY, Decimal("0.5"))
    assert (bought.cost, bought.price) == (20500, 41000)
    assert bought.fees == (Fee(asset="EUR", amount=Decimal("12.50")),)


def test_what_a_sale_brought_pays_the_next_purchase(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        f"{AT},deposit,BTC,1,,,,,,,",
        f"{AT},sell,BTC,1,EUR,,30000,,,,",
        f"{AT},buy,ETH,10,EUR,20000,,,,,",
    )
    assert [type(one) for one in found] == [Transfer, Fill, Fill]


@pytest.mark.parametrize(
    ("word", "kind", "quantity"),
    [
        ("deposit", TransferKind.DEPOSIT, "1"),
        ("Withdrawal", TransferKind.WITHDRAWAL, "1"),
        ("reward", TransferKind.REWARD, "1"),
        ("airdrop", TransferKind.AIRDROP, "1"),
        ("interest", TransferKind.INTEREST, "1"),
        ("fee", TransferKind.FEE, "-1"),
        ("adjustment", TransferKind.ADJUSTMENT, "1"),
        ("balance", TransferKind.ADJUSTMENT, "1"),
    ],
)
def test_every_type_is_its_kind(
    tmp_path: Path, word: str, kind: TransferKind, quantity: str
) -> None:
    (record,) = read(tmp_path, f"{AT},{word},BTC,1,,,,,,,")
    assert isinstance(record, Transfer)
    assert (record.kind, record.quantity) == (kind, Decimal(quantity))


def test_a_balance_adds_only_what_the_rows_above_do_not_explain(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        f"{AT},deposit,BTC,1,,,,,,,",
        f"{AT},withdrawal,BTC,0.3,,,,0.01,BTC,,",
        f"{AT},balance,BTC,0.69,,,,,,,",
        f"{AT},balance,BTC,0.5,,,,,,,",
    )
    assert [one.quantity for one in found[2:]] == [Decimal("-0.19")]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (f"{AT},gift,BTC,1,,,,,,,", "'type' is 'gift', not one of buy, sell, deposit"),
        (f"{AT},deposit,BTC,-1,,,,,,,", "'quantity' is negative"),
        (f"{AT},buy,BTC,1,,5,,,,,", "'quote' is empty"),
        (f"{AT},buy,BTC,1,EUR,,,,,,", "needs a quantity, and its 'cost' or its 'price'"),
        ("2024-04-01 10:00:00,deposit,BTC,1,,,,,,,", "older than the row above"),
    ],
)
def test_what_is_not_clear_is_refused_with_its_line(tmp_path: Path, line: str, words: str) -> None:
    with pytest.raises(StatementRefused, match=words) as refused:
        read(tmp_path, f"{AT},deposit,BTC,1,,,,,,,", line)
    assert refused.value.line == 3


def test_the_template_is_a_file_of_the_form(tmp_path: Path) -> None:
    header, *lines = TEMPLATE.splitlines()
    assert len(read(tmp_path, *lines, header=header)) == 4
    assert set(TYPES) >= {line.split(",")[1] for line in lines}
