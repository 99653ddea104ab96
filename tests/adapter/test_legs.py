"""The legs of a convert: ledger rows that mean something only together."""

from __future__ import annotations

import json
from decimal import Decimal as Dec
from typing import Any

import pytest

from exchange_cache.errors import BadResponse
from exchange_cache.ledger.coverage import Span
from exchange_cache.records import (
    Fee,
    Fill,
    FillKind,
    Transfer,
    TransferKind,
)
from tests.adapter.raw_answers import PEM, TRANSFERS, WEEK, coinbase_row, kraken, ledger
from tests.exchanges.builders import NOW_MS, adapter_for, open_stubbed, stream, walk
from tests.exchanges.stub import Asked


def test_kraken_ledger_rows_become_moves_rewards_and_converts() -> None:
    rows = {
        "L1": ledger("deposit", "1.5", fee="0.0005"),
        "L2": ledger("withdrawal", "-0.5"),
        "L3": ledger("withdrawal", "0.5"),
        "L4": ledger("trade", "-10"),
        "L5": ledger("earn", "0.01", "DOT28.S", subtype="reward", fee="0.001"),
        "L6": ledger("transfer", "-2", "DOT", subtype="spottostaking"),
        "L7": ledger("spend", "-100", "ZUSD", refid="C1", fee="1"),
        "L8": ledger("receive", "0.003", "XXBT", refid="C1"),
        "L9": ledger("something-new", "-7", "ZUSD"),
    }
    with adapter_for("kraken", lambda asked: kraken(ledger=rows, count=len(rows))) as (
        adapter,
        _stub,
    ):
        page = adapter.page(stream(adapter, TRANSFERS, "ledger"), None, Span(0, NOW_MS), {})
    made = {record.transfer_id: record for record in page.records if isinstance(record, Transfer)}
    assert {key: (item.kind, item.asset, item.quantity) for key, item in made.items()} == {
        "L1": (TransferKind.DEPOSIT, "BTC", Dec("1.5")),
        "L2": (TransferKind.WITHDRAWAL, "BTC", Dec("0.5")),
        "L3": (TransferKind.ADJUSTMENT, "BTC", Dec("0.5")),
        "L5": (TransferKind.REWARD, "DOT", Dec("0.01")),
        "L6": (TransferKind.INTERNAL, "DOT", Dec(2)),
        "L9": (TransferKind.UNCLASSIFIED, "USD", Dec(-7)),
    }
    (convert,) = [record for record in page.records if isinstance(record, Fill)]
    assert (convert.symbol, convert.side, convert.quantity, convert.cost, convert.kind) == (
        "BTC/USD",
        "buy",
        Dec("0.003"),
        Dec(100),
        FillKind.CONVERT,
    )
    assert convert.fees == (Fee(asset="USD", amount=Dec(1)),)


@pytest.mark.parametrize("reference", [None, "", {}, True])
def test_a_leg_without_its_reference_is_an_error(reference: object) -> None:
    """It was left out in silence, as one leg of a trade is that the fills report."""
    rows = {"L1": ledger("trade", "-10", refid="T1"), "L2": ledger("trade", "1", refid="T1")}
    rows["L2"]["refid"] = reference
    with (
        adapter_for("kraken", lambda asked: kraken(ledger=rows, count=len(rows))) as (adapter, _),
        pytest.raises(BadResponse, match=r"refid|documentation"),
    ):
        adapter.page(stream(adapter, TRANSFERS, "ledger"), None, Span(0, NOW_MS), {})


def test_a_convert_whose_legs_lie_on_two_pages_is_joined_in_another_process() -> None:
    rows = {
        "L1": ledger("deposit", "1", at=1_748_000_100.0),
        "L2": ledger("receive", "0.003", refid="C1"),
        "L3": ledger("spend", "-100", "ZUSD", refid="C1"),
    }

    def script(asked: Asked) -> Any:
        start = int(asked.params.get("ofs", 0))
        return kraken(ledger=dict(list(rows.items())[start : start + 2]), count=3)

    with adapter_for("kraken", script) as (adapter, stub):
        policy = stream(adapter, TRANSFERS, "ledger")
        first = adapter.page(policy, None, Span(0, NOW_MS), {})
        assert first.next is not None and [type(record) for record in first.records] == [Transfer]
        other = open_stubbed("kraken", stub.url)
        second = other.page(policy, None, Span(0, NOW_MS), json.loads(json.dumps(first.next)))
    assert second.next is None and [type(record) for record in second.records] == [Fill]


def test_a_lone_leg_is_recorded_when_old_and_left_to_the_next_sync_when_young() -> None:
    old, young = (
        ledger("spend", "-5", "ZUSD", refid="A"),
        ledger("spend", "-6", "ZUSD", refid="B", at=NOW_MS / 1000 - 60),
    )
    with adapter_for("kraken", lambda asked: kraken(ledger={"L1": young, "L2": old}, count=2)) as (
        adapter,
        _stub,
    ):
        page = adapter.page(stream(adapter, TRANSFERS, "ledger"), None, Span(0, NOW_MS), {})
    assert [
        (item.transfer_id, item.kind, item.quantity)
        for item in page.records
        if isinstance(item, Transfer)
    ] == [("L2", TransferKind.SUBSCRIPTION, Dec(-5))]


def test_both_halves_of_a_coinbase_convert_are_kept_and_the_usd_account_says_what_was_paid() -> (
    None
):
    """The native amounts of the two rows differ by the spread; only the USD row tells the 101 that
    left."""
    trade = {"trade": {"id": "t1", "resource": "trade"}}
    history = {
        "acc-usd": [coinbase_row(1, "trade", "-101.00", "USD", "2025-05-31T00:00:00Z", **trade)],
        "acc-btc": [coinbase_row(2, "trade", "0.002", "BTC", "2025-05-31T00:00:00Z", **trade)],
    }

    def script(asked: Asked) -> Any:
        if asked.path.endswith("/transactions"):
            rows = history[asked.path.split("/")[-2]]
            return {
                "data": [] if "starting_after" in asked.params else rows,
                "pagination": {"next_starting_after": "more"},
            }
        return {
            "data": [{"id": "acc-usd"}, {"id": "acc-btc"}],
            "pagination": {"next_starting_after": None},
        }

    credentials = {"api_key": "organizations/a/apiKeys/b", "secret": PEM}
    with adapter_for("coinbase", script, credentials=credentials) as (adapter, _):
        pages = walk(adapter, stream(adapter, TRANSFERS, "transactions"), None, WEEK)
    made = [record for page in pages for record in page.records if isinstance(record, Fill)]
    assert [
        (one.symbol, one.side, one.quantity, one.cost, one.order_id, one.kind) for one in made
    ] == [
        ("USD/USD", "sell", 101, 101, "t1", "convert"),
        ("BTC/USD", "buy", Dec("0.002"), 100, "t1", "convert"),
    ]


def test_a_coinbase_convert_worth_less_than_a_cent_is_kept_without_a_cost() -> None:
    """Its page was refused as a whole, in every run: a value of 0.00 is no price."""
    small = {
        "native_amount": {"amount": "0.00", "currency": "USD"},
        "trade": {"id": "t1", "resource": "trade"},
    }
    row = coinbase_row(7, "trade", "-0.00000004", "BTC", "2025-05-31T00:00:00Z", **small)

    def script(asked: Asked) -> Any:
        rows = (
            []
            if "starting_after" in asked.params
            else [row if asked.path.endswith("/transactions") else {"id": "acc-btc"}]
        )
        return {
            "data": rows,
            "pagination": {
                "next_starting_after": "more" if asked.path.endswith("/transactions") else None
            },
        }

    with adapter_for(
        "coinbase", script, credentials={"api_key": "organizations/a/apiKeys/b", "secret": PEM}
    ) as (adapter, _):
        pages = walk(adapter, stream(adapter, TRANSFERS, "transactions"), None, WEEK)
    (made,) = [record for page in pages for record in page.records]
    assert isinstance(made, Transfer)
    assert (made.transfer_id, made.kind, made.asset, made.quantity) == (
        "x7",
        TransferKind.SUBSCRIPTION,
        "BTC",
        Dec("-0.00000004"),
    )
