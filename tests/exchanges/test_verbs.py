"""The verbs that parsers of several exchanges share."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal as Dec

import ccxt
import pytest

from exchange_cache.adapter.rows import Desk
from exchange_cache.errors import BadResponse
from exchange_cache.exchanges.verbs import (
    amount_of,
    amount_or_zero,
    column,
    fill_of,
    ids,
    kind_by_word,
    listed,
    market_of,
    netted,
    side,
    signed,
)
from exchange_cache.records import DataType, Fee, Fill, Side, Transfer, TransferKind
from tests.exchanges.builders import open_stubbed, stream

AT = datetime(2025, 5, 31, 20, tzinfo=UTC)
CLIENT = ccxt.kraken()


@pytest.fixture
def desk() -> Desk:
    adapter = open_stubbed("bitget", "http://127.0.0.1:1")
    return adapter._session.desk(stream(adapter, DataType.FILLS, "spot"))


def made(desk: Desk, **more: object) -> Fill:
    values: dict[str, object] = {"price": "50000", "amount": "0.1", **more}
    return fill_of(
        desk,
        {},
        market_of(desk, {"symbol": "BTCUSDT"}),
        fill_id="1",
        time=AT,
        side="sell",
        **values,  # type: ignore[arg-type]
    )


def test_a_fill_is_made_of_plain_figures(desk: Desk) -> None:
    whole = made(desk, order_id="2", cost="4999.9", charges=[("BGB", "0.5")], realised="-3")
    assert whole == Fill(
        account="main",
        category="spot",
        symbol="BTC/USDT",
        fill_id="1",
        order_id="2",
        time=AT,
        side=Side.SELL,
        base="BTC",
        quote="USDT",
        quantity=Dec("0.1"),
        price=Dec(50000),
        cost=Dec("4999.9"),
        fees=(Fee(asset="BGB", amount=Dec("0.5")),),
        realised_pnl=Dec(-3),
    )


def test_fees_that_are_not_stated_are_unknown_and_an_empty_list_is_none(desk: Desk) -> None:
    assert (made(desk).fees, made(desk).fees_known) == ((), False)
    assert (made(desk, charges=[]).fees, made(desk, charges=[]).fees_known) == ((), True)


@pytest.mark.parametrize(
    ("kind", "amount", "found"),
    [
        ("internal", "5", ("internal", "5", None, "spot")),
        ("internal", "-5", ("internal", "5", "spot", None)),
        ("reward", "5", ("reward", "5", None, None)),
        ("reward", "-5", ("unclassified", "-5", None, None)),
        ("deposit", "-5", ("unclassified", "-5", None, None)),
        ("withdrawal", "-5", ("withdrawal", "5", None, None)),
        ("withdrawal", "5", ("unclassified", "5", None, None)),
        ("fee", "-5", ("fee", "-5", None, None)),
        ("funding", "-5", ("funding", "-5", None, None)),
    ],
)
def test_a_signed_row_has_the_kind_that_its_sign_allows(
    desk: Desk, kind: str, amount: str, found: tuple[str, str, str | None, str | None]
) -> None:
    row = signed(
        desk,
        {},
        transfer_id="1",
        kind=TransferKind(kind),
        time=AT,
        asset="BTC",
        amount=Dec(amount),
    )
    assert isinstance(row, Transfer)
    assert (row.kind, row.quantity, row.from_wallet, row.to_wallet) == (
        found[0],
        Dec(found[1]),
        *found[2:],
    )


def test_words_and_ids_of_ledgers(desk: Desk) -> None:
    table = {"interest": TransferKind.REWARD, "inter": TransferKind.FEE}
    assert kind_by_word("Loan_Interest", table) is TransferKind.REWARD
    assert kind_by_word("transfer", table) is TransferKind.UNCLASSIFIED
    assert ids(desk, {"a": "x", "b": None, "c": 3}, "a", "b", "c") == "x:3"
    with pytest.raises(BadResponse, match="has none of a, b"):
        ids(desk, {}, "a", "b")


def test_a_column_sums_by_asset_and_misses_nothing() -> None:
    rows = [{"coin": "XBT", "n": "1.5"}, {"coin": "BTC", "n": "0.5"}, {"coin": "ETH", "n": 0}]
    assert {
        code: row["total"]
        for code, row in column(CLIENT, {"rows": rows}, "rows", "coin", "n").items()
    } == {"BTC": "2", "ETH": "0"}
    with pytest.raises(BadResponse, match="a row at 'rows' has no coin or no n"):
        column(CLIENT, {"rows": [{"coin": "BTC", "n": ""}]}, "rows", "coin", "n")
    with pytest.raises(BadResponse, match="no 'rows' in the answer"):
        column(CLIENT, {}, "rows", "coin", "n")


def test_a_row_that_an_answer_repeats_is_one_part_of_a_wallet() -> None:
    rows = [{"id": "1", "coin": "BTC", "n": "1"}, {"id": "2", "coin": "BTC", "n": "1"}]
    assert listed({"data": [*rows, *rows]}, "data") == rows


def test_sides_of_pairs_are_net_of_what_is_owed_and_summed() -> None:
    rows = [
        {"a": "XBT", "free": "1", "locked": "0.5", "loan": "0.25", "interest": "0.01"},
        {"a": "BTC", "free": "2", "locked": "", "loan": "", "interest": ""},
    ]
    sides = [side(row, "a", "free", "locked", "loan", "interest") for row in rows]
    assert netted(CLIENT, sides) == {
        "BTC": {"free": "3", "used": "0.5", "total": "3.24", "debt": "0.26"}
    }
    with pytest.raises(KeyError, match="loan"):
        side({"a": "BTC", "free": "1", "locked": "0"}, "a", "free", "locked", "loan")


def test_an_empty_text_is_no_amount() -> None:
    assert (amount_of(""), amount_of("1.5")) == (0, Dec("1.5"))
    assert amount_or_zero({"x": ""}, "x") == amount_or_zero({}, "x") == 0
    with pytest.raises(ValueError, match="None"):
        amount_of(None)
