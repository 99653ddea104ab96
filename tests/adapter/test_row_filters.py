"""Rows that were not asked for, and answers to another request, are not stored as if they were."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from exchange_cache.adapter.policy import ExchangePolicy, StreamPolicy
from exchange_cache.adapter.row_filters import counts, garbled, other_echo
from exchange_cache.errors import BadResponse
from exchange_cache.exchanges import MODULES, policy_for
from exchange_cache.ledger.coverage import Span
from exchange_cache.records import DataType, TransferKind
from tests.adapter.raw_answers import bybit, execution, okx_fill
from tests.exchanges.builders import NOW_MS, adapter_for, stream, walk
from tests.exchanges.scripted import END, START

WEEK = Span(START, END)


def asking(**more: Any) -> StreamPolicy:
    return StreamPolicy(data_type=DataType.TRANSFERS, scope="log", method="x", **more)


@pytest.mark.parametrize(
    ("only", "row", "counted"),
    [
        ({"type": "8"}, {"type": "8"}, True),
        ({"type": "8"}, {"type": 8}, True),
        ({"type": "8"}, {"type": "7"}, False),
        ({"type": "8"}, {}, True),
        ({"type": "30,31"}, {"type": 31}, True),
        ({"type": "30,31"}, {"type": 3}, False),
        ({"isIsolated": "TRUE"}, {"isIsolated": True}, True),
        ({"isIsolated": "TRUE"}, {"isIsolated": False}, False),
        ({"from": "SPOT", "to": "FUTURES"}, {"from": "SPOT", "to": "FUND"}, False),
    ],
)
def test_rows_of_another_kind_do_not_count(
    only: Mapping[str, str], row: Mapping[str, Any], counted: bool
) -> None:
    assert counts(asking(only=only), row) is counted


@pytest.mark.parametrize("value", [["8"], {"a": "8"}, "", "?", [], 8.5])
def test_a_row_whose_kind_is_no_word_is_neither_read_nor_left_out(value: Any) -> None:
    assert garbled(asking(only={"type": "8"}), {"type": value}) == "type"


@pytest.mark.parametrize("row", [{}, {"type": None}, {"type": 7}, {"type": "x"}, {"type": True}])
def test_a_row_that_names_its_kind_or_none_is_clear(row: Mapping[str, Any]) -> None:
    assert garbled(asking(only={"type": "8"}), row) is None


def test_a_history_with_a_garbled_kind_fails_instead_of_leaving_its_rows_out() -> None:
    rows = [bill(1, "1"), bill(2, "8") | {"type": ["1"]}]
    answer = {"code": "0", "msg": "", "data": rows}
    with (
        adapter_for("okx", lambda asked: answer) as (adapter, _stub),
        pytest.raises(BadResponse, match="has no word in 'type'"),
    ):
        walk(adapter, stream(adapter, DataType.TRANSFERS, "moves"), None, WEEK)


def test_reversed_rows_do_not_count() -> None:
    assert not counts(asking(void={"break": "full"}), {"break": "full"})


def test_an_answer_that_names_something_else_answers_another_request() -> None:
    asked = asking(echoes={"result.category": "spot"})
    assert other_echo(asked, {"result": {"category": "linear"}}) == (
        "result.category is 'linear', but the request asked for 'spot'"
    )
    assert other_echo(asked, {"result": {"category": "Spot"}}) is None
    assert other_echo(asked, {"result": {}}) is None


#: Parameters that choose among rows of one list, by the exchanges whose rows say what they are.
#: Fiat orders, sweeps (Binance) and asset transfers (BingX) do not say it.
_FILTERS = frozenset(
    {
        "type",
        "instType",
        "groupType",
        "businessType",
        "tradeType",
        "isIsolated",
        "margin_mode",
        "fromAccountType",
        "transactionMethod",
    }
)
#: Rows of these lists are all of what the parameter chooses: it is the name of the list.
_NAMES_THE_LIST = {"hyperliquid", "htx inverse"}


def unchecked(policy: ExchangePolicy) -> set[str]:
    return {
        one.scope
        for one in policy.streams
        if _FILTERS & set(one.params)
        and not one.only
        and policy.exchange not in _NAMES_THE_LIST
        and f"{policy.exchange} {one.category}" not in _NAMES_THE_LIST
    }


@pytest.mark.parametrize("exchange", sorted(MODULES))
def test_every_history_that_filters_by_kind_checks_its_rows(exchange: str) -> None:
    assert unchecked(policy_for(exchange)) == set()


def bill(number: int, word: str) -> dict[str, Any]:
    """https://www.okx.com/docs-v5/en/#trading-account-rest-api-get-bills-details-last-3-months"""
    return {
        "billId": str(number),
        "type": word,
        "subType": "173",
        "instId": "BTC-USDT-SWAP",
        "ccy": "USDT",
        "balChg": "-1.5",
        "pnl": "-1.5",
        "fee": "0",
        "interest": "0",
        "from": "18",
        "to": "6",
        "ts": str(NOW_MS - number),
    }


def test_okx_a_ledger_that_ignores_its_filter_is_stored_once() -> None:
    rows = [bill(number, word) for number, word in enumerate(("8", "7", "1", "2"))]

    def script(asked: Any) -> Any:
        return {"code": "0", "msg": "", "data": [] if "after" in asked.params else rows}

    with adapter_for("okx", script) as (adapter, _stub):
        made = [
            (scope, record.transfer_id, record.kind)
            for scope in ("moves", "interest", "funding")
            for page in walk(adapter, stream(adapter, DataType.TRANSFERS, scope), None, WEEK)
            for record in page.records
        ]
    assert made == [
        ("moves", "2", TransferKind.INTERNAL),
        ("interest", "1", TransferKind.INTEREST),
        ("funding", "0", TransferKind.FUNDING),
    ]


def test_okx_fills_of_another_type_are_not_taken_for_spot() -> None:
    rows = [okx_fill(1, instType="SWAP"), okx_fill(2, inst="BTC-USDT", instType="SPOT")]

    def script(asked: Any) -> Any:
        return {"code": "0", "msg": "", "data": [] if "after" in asked.params else rows}

    with adapter_for("okx", script) as (adapter, _stub):
        (first, *_) = walk(adapter, stream(adapter, DataType.FILLS, "spot"), None, WEEK)
    assert [record.symbol for record in first.records] == ["BTC/USDT"]


def test_bybit_an_answer_for_another_category_is_a_failed_one() -> None:
    with adapter_for("bybit", lambda asked: bybit([execution(1)], category="spot")) as (
        adapter,
        stub,
    ):
        with pytest.raises(BadResponse, match=r"result\.category is 'spot'"):
            adapter.page(stream(adapter, DataType.FILLS, "linear"), None, WEEK, {})
        assert len(stub.asked) == 3, "asked again"


def test_null_where_a_list_is_documented_is_a_failed_answer() -> None:
    with adapter_for("bybit", lambda asked: bybit(None)) as (adapter, stub):
        with pytest.raises(BadResponse, match=r"'result\.list' is null"):
            adapter.page(stream(adapter, DataType.FILLS, "spot"), None, WEEK, {})
        assert len(stub.asked) == 3


def test_null_in_the_place_of_a_list_that_lies_anywhere_is_a_failed_answer() -> None:
    answer = {"success": True, "code": 0, "data": None}
    with (
        adapter_for("mexc", lambda asked: answer) as (adapter, _stub),
        pytest.raises(BadResponse, match="has no rows"),
    ):
        adapter.page(stream(adapter, DataType.ORDERS, "contracts"), None, WEEK, {})
