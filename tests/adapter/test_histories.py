"""Histories over real HTTP: what is asked, with which parameters, and what becomes of the answer.
Exchange by exchange."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal as Dec
from typing import Any

import pytest

from exchange_cache.errors import BadResponse
from exchange_cache.ledger.converts import moving_fills
from exchange_cache.ledger.coverage import Span
from exchange_cache.records import (
    Fee,
    Fill,
    FillKind,
    Order,
    OrderStatus,
    Transfer,
    TransferKind,
)
from exchange_cache.unidentified import UnidentifiedRow
from tests.adapter.raw_answers import (
    FILLS,
    ORDERS,
    PEM,
    TRANSFERS,
    WEEK,
    binance_order,
    binance_trade,
    binance_trades,
    bybit,
    classic_execution,
    coinbase_row,
    execution,
    kraken,
    kraken_trade,
    okx_fill,
)
from tests.exchanges.builders import DAY_MS, NOW_MS, adapter_for, stream, walk
from tests.exchanges.stub import Asked


def test_binance_walks_2500_fills_by_id_in_four_requests_and_goes_on_there() -> None:
    with adapter_for("binance", binance_trades) as (adapter, stub):
        policy = stream(adapter, FILLS, "spot")
        pages = walk(adapter, policy, "BTC/USDT", None)
        assert [asked.params["fromId"] for asked in stub.to("/myTrades")] == [
            "0",
            "1000",
            "2000",
            "2501",
        ]
        assert all(
            asked.params["symbol"] == "BTCUSDT" and asked.params["limit"] == "1000"
            for asked in stub.asked
        )
        assert len({record.key for page in pages for record in page.records}) == 2500
        assert pages[-1].last_id == "2500"
        page = adapter.page(policy, "BTC/USDT", None, {"last_id": pages[-1].last_id})
        assert (page.records, page.next, page.last_id, stub.asked[-1].params["fromId"]) == (
            (),
            None,
            "2500",
            "2501",
        )


def test_binance_fills_are_exact() -> None:
    with adapter_for("binance", lambda asked: [binance_trade(7)]) as (adapter, _stub):
        (made,) = adapter.page(stream(adapter, FILLS, "spot"), "BTC/USDT", None, {}).records
    assert isinstance(made, Fill)
    assert (made.price, made.cost, made.fees, made.liquidity) == (
        Dec("50000.00000001"),
        Dec("50.00000000"),
        (Fee(asset="BNB", amount=Dec("0.00001")),),
        "taker",
    )


def test_the_next_walk_of_orders_begins_before_the_oldest_one_still_open() -> None:
    book = [
        binance_order(1, "FILLED", executedQty="2", cummulativeQuoteQty="199"),
        binance_order(5, "NEW"),
        binance_order(9, "CANCELED"),
    ]

    def script(asked: Asked) -> Any:
        return [row for row in book if row["orderId"] >= int(asked.params["orderId"])][:2]

    with adapter_for("binance", script) as (adapter, _stub):
        policy = stream(adapter, ORDERS, "spot")
        pages = walk(adapter, policy, "BTC/USDT", None)
        assert pages[-1].last_id == "4"
        first = pages[0].records[0]
        assert isinstance(first, Order) and (first.average, first.cost, first.price) == (
            Dec("99.5"),
            Dec(199),
            Dec(100),
        )
        book[1] = binance_order(5, "FILLED", executedQty="2", cummulativeQuoteQty="200")
        again = walk(adapter, policy, "BTC/USDT", None, {"last_id": "4"})
        assert [r.status for page in again for r in page.records if isinstance(r, Order)] == [
            OrderStatus.CLOSED,
            OrderStatus.CANCELED,
        ]
        assert again[-1].last_id == "9"


def test_binance_contract_fills_ask_one_week_and_a_full_page_is_halved() -> None:
    row = {
        "symbol": "BTCUSDT",
        "id": 1,
        "orderId": 2,
        "side": "SELL",
        "price": "50000",
        "qty": "0.5",
        "realizedPnl": "12.5",
        "quoteQty": "25000",
        "commission": "10",
        "commissionAsset": "USDT",
        "time": NOW_MS - 5,
        "positionSide": "BOTH",
        "maker": True,
        "buyer": False,
    }
    full = [{**row, "id": number} for number in range(1000)]
    answers = [full, [row]]
    with adapter_for("binance", lambda asked: answers.pop(0)) as (adapter, stub):
        policy = stream(adapter, FILLS, "linear")
        assert adapter.page(policy, "BTC/USDT:USDT", WEEK, {}).too_full
        page = adapter.page(policy, "BTC/USDT:USDT", WEEK, {})
        (made,) = page.records
        assert (page.too_full, page.next) == (False, None)
        assert isinstance(made, Fill) and (made.category, made.quantity, made.realised_pnl) == (
            "linear",
            Dec("0.5"),
            Dec("12.5"),
        )
        assert {
            key: stub.asked[0].params[key] for key in ("symbol", "startTime", "endTime", "limit")
        } == {
            "symbol": "BTCUSDT",
            "startTime": str(WEEK.start_ms),
            "endTime": str(WEEK.end_ms),
            "limit": "1000",
        }


def test_binance_income_makes_funding_and_names_symbols() -> None:
    rows = [
        {
            "symbol": "ETHUSDT",
            "incomeType": "REALIZED_PNL",
            "income": "5",
            "asset": "USDT",
            "time": NOW_MS,
            "tranId": 1,
            "tradeId": "9",
        },
        {
            "symbol": "BTCUSDT",
            "incomeType": "FUNDING_FEE",
            "income": "-0.37500000",
            "asset": "USDT",
            "time": NOW_MS,
            "tranId": 2,
        },
        {
            "symbol": "",
            "incomeType": "TRANSFER",
            "income": "100",
            "asset": "USDT",
            "time": NOW_MS,
            "tranId": 3,
        },
        {
            "symbol": "",
            "incomeType": "WELCOME_BONUS",
            "income": "1",
            "asset": "USDT",
            "time": NOW_MS,
            "tranId": 4,
        },
    ]
    with adapter_for("binance", lambda asked: rows) as (adapter, _stub):
        page = adapter.page(stream(adapter, TRANSFERS, "linear-income"), None, WEEK, {})
    assert page.row_count == 4 and page.symbols == ("BTC/USDT:USDT", "ETH/USDT:USDT")
    funding, bonus = page.records
    assert isinstance(funding, Transfer) and isinstance(bonus, Transfer)
    assert (funding.kind, funding.quantity, funding.symbol) == (
        TransferKind.FUNDING,
        Dec("-0.37500000"),
        "BTC/USDT:USDT",
    )
    assert (bonus.kind, bonus.transfer_id) == (TransferKind.REWARD, "WELCOME_BONUS:4")


def test_binance_dust_is_one_fill_per_asset_with_its_service_charge() -> None:
    sweep = {
        "operateTime": NOW_MS,
        "transId": 45,
        "userAssetDribbletDetails": [
            {
                "transId": 45,
                "serviceChargeAmount": "0.00002",
                "amount": "10",
                "operateTime": NOW_MS,
                "transferedAmount": "0.00098",
                "fromAsset": "ADA",
            },
            {
                "transId": 45,
                "serviceChargeAmount": "0.0001",
                "amount": "3",
                "operateTime": NOW_MS,
                "transferedAmount": "0.0049",
                "fromAsset": "USDT",
            },
        ],
    }
    with adapter_for("binance", lambda asked: {"total": 1, "userAssetDribblets": [sweep]}) as (
        adapter,
        _stub,
    ):
        ada, usdt = adapter.page(stream(adapter, FILLS, "dust"), None, WEEK, {}).records
    assert isinstance(ada, Fill) and isinstance(usdt, Fill)
    assert (ada.symbol, ada.quantity, ada.cost, ada.fees) == (
        "ADA/BNB",
        Dec(10),
        Dec("0.00100"),
        (Fee(asset="BNB", amount=Dec("0.00002")),),
    )
    assert (usdt.symbol, usdt.side, usdt.kind) == ("BNB/USDT", "buy", FillKind.DUST)


def test_binance_deposits_page_by_offset_and_absent_rows_of_moves_are_none() -> None:
    def script(asked: Asked) -> Any:
        if "hisrec" in asked.path:
            row = {
                "id": "1",
                "amount": "2",
                "coin": "BTC",
                "network": "BTC",
                "status": 1,
                "txId": "abc",
                "insertTime": NOW_MS,
            }
            return [row] if "offset" not in asked.params else []
        return {"total": 0}

    with adapter_for("binance", script) as (adapter, stub):
        pages = walk(adapter, stream(adapter, TRANSFERS, "deposits"), None, WEEK)
        assert [asked.params.get("offset") for asked in stub.asked] == [None, "1"]
        (made,) = pages[0].records
        assert isinstance(made, Transfer) and (made.kind, made.status, made.tx_id) == (
            TransferKind.DEPOSIT,
            "ok",
            "abc",
        )
        assert (
            adapter.page(stream(adapter, TRANSFERS, "moves-main_funding"), None, WEEK, {}).records
            == ()
        )


def test_bybit_follows_cursors_and_stops_on_the_second_empty_page_that_names_another() -> None:
    pages = {
        None: bybit([execution(1), execution(2)], "A"),
        "A": bybit([execution(3)], "B"),
        "B": bybit([], "C"),
        "C": bybit([], "D"),
    }
    with adapter_for("bybit", lambda asked: pages[asked.params.get("cursor")]) as (adapter, stub):
        made = walk(adapter, stream(adapter, FILLS, "spot"), None, WEEK)
        assert [asked.params.get("cursor") for asked in stub.asked] == [None, "A", "B", "B", "C"]
        assert {asked.params["category"] for asked in stub.asked} == {"spot"}
        assert {
            (asked.params["startTime"], asked.params["endTime"], asked.params["limit"])
            for asked in stub.asked
        } == {(str(WEEK.start_ms), str(WEEK.end_ms), "100")}
        fill = made[0].records[0]
        assert isinstance(fill, Fill) and fill.fees == (Fee(asset="BTC", amount=Dec("0.00001")),)
        assert [len(page.records) for page in made] == [2, 1, 0, 0, 0]


def test_bybit_cursors_that_alternate_end_after_a_few_requests_and_not_after_100_000() -> None:
    pages = {
        None: bybit([execution(1)], "A"),
        "A": bybit([execution(2)], "B"),
        "B": bybit([execution(3)], "A"),
    }
    with adapter_for("bybit", lambda asked: pages[asked.params.get("cursor")]) as (adapter, stub):
        with pytest.raises(BadResponse, match="a circle"):
            walk(adapter, stream(adapter, FILLS, "spot"), None, WEEK)
        assert [asked.params.get("cursor") for asked in stub.asked] == [None, "A", "B", "B", "B"]


def test_bybit_funding_in_the_execution_list_is_no_fill() -> None:
    rows = [execution(1), execution(2, execType="Funding"), execution(3, execType="BustTrade")]
    with adapter_for("bybit", lambda asked: bybit(rows)) as (adapter, _stub):
        page = adapter.page(stream(adapter, FILLS, "linear"), None, WEEK, {})
    assert page.row_count == 3
    assert [record.key[3] for record in page.records] == ["e1", "e3"]
    assert {record.category for record in page.records if isinstance(record, Fill)} == {"linear"}


def test_bybit_taxes_beside_the_fee_leave_it_unknown() -> None:
    tax = {
        "feeCoin": "BTC",
        "feeType": "GST",
        "subFeeType": "IND_GST",
        "feeRate": "0.0000027",
        "fee": "0.0000018",
    }
    rows = [
        execution(number, extraFees=stated) for number, stated in enumerate(("", "[]", [], [tax]))
    ]
    with adapter_for("bybit", lambda asked: bybit(rows)) as (adapter, _stub):
        made = adapter.page(stream(adapter, FILLS, "spot"), None, WEEK, {}).records
    assert [item.fees_known for item in made if isinstance(item, Fill)] == [True, True, True, False]


def test_bybit_a_partly_filled_and_canceled_order_is_kept_as_canceled_with_its_fill() -> None:
    row = {
        "symbol": "BTCUSDT",
        "orderId": "o1",
        "side": "Buy",
        "orderType": "Limit",
        "price": "100",
        "qty": "2",
        "cumExecQty": "0.5",
        "cumExecValue": "49.5",
        "avgPrice": "99",
        "orderStatus": "PartiallyFilledCanceled",
        "createdTime": str(NOW_MS),
        "updatedTime": str(NOW_MS),
        "leavesQty": "0",
    }
    with adapter_for("bybit", lambda asked: bybit([row])) as (adapter, stub):
        (made,) = adapter.page(stream(adapter, ORDERS, "spot"), None, WEEK, {}).records
        assert "orderStatus" not in stub.asked[0].params
    assert isinstance(made, Order) and (made.status, made.filled, made.average) == (
        OrderStatus.CANCELED,
        Dec("0.5"),
        Dec(99),
    )


@pytest.mark.parametrize("category", ["spot", "linear", "inverse", "option"])
def test_bybit_asks_for_the_time_before_the_upgrade_by_category_and_token(category: str) -> None:
    symbol = "ETH-14JUN23-1750-C" if category == "option" else "BTCUSDT"
    first = bybit([classic_execution(1, symbol=symbol)], "page_token%3D96184191%26")
    with adapter_for("bybit", lambda asked: bybit([]) if "cursor" in asked.params else first) as (
        adapter,
        stub,
    ):
        walk(adapter, stream(adapter, FILLS, f"pre-upgrade-{category}"), None, WEEK)
    assert {asked.path for asked in stub.asked} == {"/v5/pre-upgrade/execution/list"}
    assert [asked.params.get("cursor") for asked in stub.asked] == [None, "page_token=96184191&"]
    for asked in stub.asked:
        expected = {
            "category": category,
            "startTime": str(WEEK.start_ms),
            "endTime": str(WEEK.end_ms),
            "limit": "100",
        }
        assert {name: asked.params[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("category", "row", "symbol", "fee"),
    [
        (
            "spot",
            {"side": "Buy", "execFee": "0.0002"},
            "BTC/USDT",
            Fee(asset="BTC", amount=Dec("0.0002")),
        ),
        ("spot", {}, "BTC/USDT", Fee(asset="USDT", amount=Dec("3.4"))),
        ("linear", {}, "BTC/USDT:USDT", Fee(asset="USDT", amount=Dec("3.4"))),
        (
            "inverse",
            {"symbol": "BTCUSD", "execFee": "-0.0001"},
            "BTC/USD:BTC",
            Fee(asset="BTC", amount=Dec("-0.0001")),
        ),
    ],
)
def test_bybit_a_fill_of_the_classic_account_is_a_fill_like_any_other(
    category: str, row: dict[str, str], symbol: str, fee: Fee
) -> None:
    with adapter_for("bybit", lambda asked: bybit([classic_execution(1, **row)])) as (
        adapter,
        _stub,
    ):
        (made,) = adapter.page(
            stream(adapter, FILLS, f"pre-upgrade-{category}"), None, WEEK, {}
        ).records
    assert isinstance(made, Fill) and made.fees == (fee,) and made.fees_known
    assert made.key == (
        "main",
        category,
        symbol,
        "c1",
    ), "the key that the unified endpoint would give it"


def test_bybit_funding_of_the_classic_account_is_paid_when_its_fee_is_positive() -> None:
    rows = [
        classic_execution(1, execType="Funding", execFee="0.6364003"),
        classic_execution(2, execType="Funding", execFee="-0.25"),
    ]
    with adapter_for("bybit", lambda asked: bybit(rows)) as (adapter, _stub):
        made = adapter.page(stream(adapter, FILLS, "pre-upgrade-linear"), None, WEEK, {}).records
    assert [
        (item.kind, item.transfer_id, item.quantity, item.asset, item.symbol)
        for item in made
        if isinstance(item, Transfer)
    ] == [
        (TransferKind.FUNDING, "c1", Dec("-0.6364003"), "USDT", "BTC/USDT:USDT"),
        (TransferKind.FUNDING, "c2", Dec("0.25"), "USDT", "BTC/USDT:USDT"),
    ]


def test_bybit_an_order_of_the_classic_account() -> None:
    row = {
        "orderId": "67836246",
        "symbol": "BTCUSDT",
        "price": "27203.40",
        "qty": "0.200",
        "side": "Sell",
        "isLeverage": "",
        "orderStatus": "Filled",
        "avgPrice": "28632.126000",
        "leavesQty": "0.000",
        "cumExecQty": "0.200",
        "cumExecValue": "5726.4252",
        "cumExecFee": "3.43585512",
        "timeInForce": "IOC",
        "orderType": "Market",
        "reduceOnly": True,
        "createdTime": "1682487465732",
        "updatedTime": "1682487465735",
    }
    with adapter_for("bybit", lambda asked: bybit([row])) as (adapter, stub):
        (made,) = adapter.page(
            stream(adapter, ORDERS, "pre-upgrade-linear"), None, WEEK, {}
        ).records
    assert (stub.asked[0].path, stub.asked[0].params["limit"]) == (
        "/v5/pre-upgrade/order/history",
        "50",
    )
    assert isinstance(made, Order) and (made.status, made.average, made.filled) == (
        OrderStatus.CLOSED,
        Dec("28632.126"),
        Dec("0.2"),
    )


def test_bybit_what_other_users_sent_is_a_deposit() -> None:
    row = {
        "id": "1103",
        "amount": "0.1",
        "type": 1,
        "coin": "ETH",
        "address": "xxxx***@gmail.com",
        "status": 2,
        "createdTime": "1705393280",
        "fromMemberId": "118027304",
        "txID": "77c37e5c-d9fa-41e5-bd13-c9b59d95",
        "taxDepositRecordsId": "0",
        "taxStatus": 0,
    }
    rows = [row, row | {"id": "1104", "status": 1}, row | {"id": "1105", "status": 3}]
    month = Span(NOW_MS - 30 * DAY_MS, NOW_MS)
    with adapter_for(
        "bybit", lambda asked: bybit([] if "cursor" in asked.params else rows, "next", name="rows")
    ) as (adapter, stub):
        made = walk(adapter, stream(adapter, TRANSFERS, "internal-deposits"), None, month)[
            0
        ].records
    assert [asked.path for asked in stub.asked] == ["/v5/asset/deposit/query-internal-record"] * 2
    assert {
        (asked.params["startTime"], asked.params["endTime"], asked.params["limit"])
        for asked in stub.asked
    } == {(str(month.start_ms), str(month.end_ms), "50")}
    assert [
        (item.transfer_id, item.kind, item.status) for item in made if isinstance(item, Transfer)
    ] == [
        ("1103", TransferKind.DEPOSIT, "ok"),
        ("1104", TransferKind.DEPOSIT, "pending"),
        ("1105", TransferKind.DEPOSIT, "failed"),
    ]
    first = made[0]
    assert isinstance(first, Transfer) and (first.asset, first.quantity) == ("ETH", Dec("0.1"))
    assert first.time == datetime(2024, 1, 16, 8, 21, 20, tzinfo=UTC)


def test_kraken_pages_by_offset_in_seconds_until_the_count() -> None:
    book = {f"T{number}": kraken_trade(number) for number in range(120)}

    def script(asked: Asked) -> Any:
        start = int(asked.params.get("ofs", 0))
        return kraken(trades=dict(list(book.items())[start : start + 50]), count=120)

    with adapter_for("kraken", script) as (adapter, stub):
        pages = walk(adapter, stream(adapter, FILLS, "spot"), None, Span(1_500, 3_000_001))
        assert [asked.params.get("ofs") for asked in stub.asked] == [None, "50", "100"]
        assert {(asked.params["start"], asked.params["end"]) for asked in stub.asked} == {
            ("0", "3001")
        }
        assert len({record.key for page in pages for record in page.records}) == 120
        made = pages[0].records[0]
        assert isinstance(made, Fill) and (made.symbol, made.cost, made.fees) == (
            "BTC/USD",
            Dec("30.0001"),
            (Fee(asset="USD", amount=Dec("0.048")),),
        )


@pytest.mark.parametrize(
    "leveraged",
    [
        {"margin": "6.00002", "leverage": "5", "misc": ""},
        {"margin": "0.00000", "leverage": "0", "misc": "closing"},
        {"margin": "6.00002", "misc": "initiating"},
    ],
)
def test_kraken_a_trade_with_leverage_is_listed_and_moves_no_coins(
    leveraged: dict[str, str],
) -> None:
    """It was taken for a purchase: the holding that it claimed was never there."""
    trades = {
        "T1": kraken_trade(1) | {"margin": "0.00000", "leverage": "0", "misc": ""},
        "T2": kraken_trade(2) | leveraged,
    }
    with adapter_for("kraken", lambda asked: kraken(trades=trades, count=2)) as (adapter, _stub):
        page = adapter.page(stream(adapter, FILLS, "spot"), None, WEEK, {})
    assert page.row_count == 2
    made = [item for item in page.records if isinstance(item, Fill)]
    assert [(item.fill_id, item.kind) for item in made] == [
        ("T1", FillKind.TRADE),
        ("T2", FillKind.LEVERAGED),
    ]
    assert set(moving_fills(made).values()) == {made[0]}


def test_kraken_the_ledger_states_what_trades_with_leverage_brought_and_cost() -> None:
    row = {
        "refid": "T2",
        "time": 1_748_000_000,
        "aclass": "currency",
        "subtype": "",
        "asset": "ZUSD",
        "balance": "100",
    }
    rows = {
        "L1": row | {"type": "margin", "amount": "0.0000", "fee": "0.0480"},
        "L2": row | {"type": "margin", "amount": "-12.5000", "fee": "0.0520"},
        "L3": row | {"type": "rollover", "amount": "0.0000", "fee": "0.0200"},
    }
    with adapter_for("kraken", lambda asked: kraken(ledger=rows, count=3)) as (adapter, _stub):
        made = adapter.page(stream(adapter, TRANSFERS, "ledger"), None, WEEK, {}).records
    assert [
        (item.kind, item.asset, item.quantity, item.fee)
        for item in made
        if isinstance(item, Transfer)
    ] == [
        (TransferKind.SETTLEMENT, "USD", Dec("0"), Fee(asset="USD", amount=Dec("0.048"))),
        (TransferKind.SETTLEMENT, "USD", Dec("-12.5"), Fee(asset="USD", amount=Dec("0.052"))),
        (TransferKind.FEE, "USD", Dec("0"), Fee(asset="USD", amount=Dec("0.02"))),
    ]


def test_kraken_closed_orders_ask_seconds_and_keep_canceled_ones() -> None:
    def order(status: str, filled: str, flags: str = "fciq") -> dict[str, Any]:
        return {
            "status": status,
            "opentm": 1_748_000_000.1,
            "closetm": 1_748_000_009.1,
            "vol": "2",
            "vol_exec": filled,
            "cost": "0",
            "fee": "0",
            "price": "99.5" if filled != "0" else "0.00000",
            "oflags": flags,
            "descr": {
                "pair": "XBTUSD",
                "type": "buy",
                "ordertype": "limit",
                "price": "100",
                "order": "buy 2 XBTUSD @ limit 100",
            },
        }

    closed = {
        "O1": order("closed", "2"),
        "O2": order("canceled", "0"),
        "O3": order("canceled", "0.5"),
        "O4": order("closed", "0.02", "viqc"),
    }
    with adapter_for("kraken", lambda asked: kraken(closed=closed, count=4)) as (adapter, stub):
        made = [
            item
            for item in adapter.page(stream(adapter, ORDERS, "spot"), None, WEEK, {}).records
            if isinstance(item, Order)
        ]
        assert stub.asked[0].params["end"] == str(NOW_MS // 1000)
    assert [
        (item.order_id, item.status, item.filled, item.average, item.amount) for item in made
    ] == [
        ("O1", OrderStatus.CLOSED, Dec(2), Dec("99.5"), Dec(2)),
        ("O2", OrderStatus.CANCELED, Dec(0), None, Dec(2)),
        ("O3", OrderStatus.CANCELED, Dec("0.5"), Dec("99.5"), Dec(2)),
        ("O4", OrderStatus.CLOSED, Dec("0.02"), Dec("99.5"), None),
    ]
    assert {item.symbol for item in made} == {"BTC/USD"}


def test_okx_goes_backward_by_bill_id_inside_the_window() -> None:
    def script(asked: Asked) -> Any:
        before = int(asked.params.get("after", 10**6))
        return {
            "code": "0",
            "data": [okx_fill(number) for number in range(250, 0, -1) if number < before][:100],
        }

    with adapter_for("okx", script) as (adapter, stub):
        pages = walk(adapter, stream(adapter, FILLS, "swap"), None, WEEK)
        assert [asked.params.get("after") for asked in stub.asked] == [None, "151", "51", "1"]
        assert (
            stub.asked[0].params["begin"] == str(WEEK.start_ms)
            and stub.asked[0].params["instType"] == "SWAP"
        )
        assert len({record.key for page in pages for record in page.records}) == 250


def test_okx_a_borrowed_sale_is_distinguished_from_a_spot_one() -> None:
    """Both are of one instrument; OKX serves them by ``instType``, and each keeps its own key."""
    rows = [okx_fill(1, "BTC-USDT", side="sell")]
    with adapter_for("okx", lambda asked: {"code": "0", "data": rows}) as (adapter, stub):
        made = [
            adapter.page(stream(adapter, FILLS, scope), None, WEEK, {}).records[0]
            for scope in ("spot", "margin")
        ]
        assert [asked.params["instType"] for asked in stub.asked] == ["SPOT", "MARGIN"]
    assert [item.key[1:3] for item in made] == [("spot", "BTC/USDT"), ("margin", "BTC/USDT")]


def test_okx_linear_and_inverse_come_together_and_each_keeps_its_category() -> None:
    rows = [
        okx_fill(3),
        okx_fill(2, "BTC-USD-SWAP", fee="0.0001", feeCcy="BTC"),
        okx_fill(1, "LUNA-USDT-SWAP"),
    ]
    with adapter_for("okx", lambda asked: {"code": "0", "data": rows}) as (adapter, _stub):
        linear, inverse, unknown = adapter.page(
            stream(adapter, FILLS, "swap"), None, WEEK, {}
        ).records
    assert isinstance(unknown, UnidentifiedRow) and "contract size" in unknown.reason
    assert isinstance(linear, Fill) and isinstance(inverse, Fill)
    assert (linear.category, linear.quantity, linear.cost) == ("linear", Dec("0.05"), Dec(2500))
    assert (inverse.category, inverse.quantity, inverse.cost) == ("inverse", Dec("0.01"), Dec(500))
    assert inverse.fees == (Fee(asset="BTC", amount=Dec("-0.0001")),), "a rebate is negative"


def test_okx_deposits_go_back_by_time_with_exclusive_bounds() -> None:
    times = [NOW_MS - DAY_MS, NOW_MS - 2 * DAY_MS, NOW_MS - 3 * DAY_MS]
    rows = [
        {
            "ccy": "BTC",
            "amt": "1",
            "ts": str(at),
            "depId": str(at),
            "state": "2",
            "txId": f"x{at}",
            "chain": "BTC-Bitcoin",
        }
        for at in times
    ]

    def script(asked: Asked) -> Any:
        after, before = int(asked.params["after"]), int(asked.params["before"])
        return {"code": "0", "data": [row for row in rows if before < int(row["ts"]) < after][:2]}

    with adapter_for("okx", script) as (adapter, _stub):
        pages = walk(adapter, stream(adapter, TRANSFERS, "deposits"), None, Span(times[-1], NOW_MS))
    assert {record.key[2] for page in pages for record in page.records} == {str(at) for at in times}


def test_coinbase_asks_every_account_and_stops_behind_the_window() -> None:
    accounts = [{"id": "acc-btc"}, {"id": "acc-usd"}]
    history = {
        "acc-btc": [
            coinbase_row(1, "staking_reward", "0.1", "BTC", "2025-05-30T00:00:00Z"),
            coinbase_row(2, "send", "1", "BTC", "2020-01-01T00:00:00Z"),
        ],
        "acc-usd": [coinbase_row(3, "fiat_deposit", "500", "USD", "2025-05-31T00:00:00Z")],
    }

    def script(asked: Asked) -> Any:
        if asked.path.endswith("/transactions"):
            rows = history[asked.path.split("/")[-2]]
            return {
                "data": [] if "starting_after" in asked.params else rows,
                "pagination": {"next_starting_after": "more"},
            }
        return {"data": accounts, "pagination": {"next_starting_after": None}}

    credentials = {"api_key": "organizations/a/apiKeys/b", "secret": PEM}
    with adapter_for("coinbase", script, credentials=credentials) as (adapter, stub):
        pages = walk(adapter, stream(adapter, TRANSFERS, "transactions"), None, WEEK)
        assert [asked.path.rsplit("/v2/", 1)[-1] for asked in stub.asked] == [
            "accounts",
            "accounts/acc-btc/transactions",
            "accounts/acc-usd/transactions",
            "accounts/acc-usd/transactions",
        ]
    made = [record for page in pages for record in page.records if isinstance(record, Transfer)]
    assert [(item.transfer_id, item.kind, item.quantity) for item in made] == [
        ("x1", TransferKind.REWARD, Dec("0.1")),
        ("x2", TransferKind.DEPOSIT, Dec(1)),
        ("x3", TransferKind.DEPOSIT, Dec(500)),
    ]


# --- kucoin ---------------------------------------------------------------------------------------


def test_kucoin_spot_fills_follow_last_id_per_symbol() -> None:
    def row(number: int) -> dict[str, Any]:
        return {
            "id": number,
            "symbol": "BTC-USDT",
            "tradeId": number,
            "orderId": "o",
            "side": "buy",
            "liquidity": "taker",
            "price": "50000",
            "size": "0.1",
            "funds": "5000",
            "fee": "5",
            "feeCurrency": "USDT",
            "createdAt": NOW_MS - number,
        }

    def script(asked: Asked) -> Any:
        last = asked.params.get("lastId")
        return {
            "code": "200000",
            "data": {"items": [] if last else [row(1), row(2)], "lastId": 0 if last else 2},
        }

    with adapter_for("kucoin", script) as (adapter, stub):
        pages = walk(adapter, stream(adapter, FILLS, "spot"), "BTC/USDT", WEEK)
        assert [
            (asked.params["symbol"], asked.params.get("lastId"), asked.params["startAt"])
            for asked in stub.asked
        ] == [
            ("BTC-USDT", None, str(WEEK.start_ms)),
            ("BTC-USDT", "2", str(WEEK.start_ms)),
        ]
        assert sum(len(page.records) for page in pages) == 2


def test_kucoin_futures_pages_by_number_to_the_total() -> None:
    row = {
        "symbol": "XBTUSDTM",
        "tradeId": "t1",
        "orderId": "o",
        "side": "sell",
        "liquidity": "maker",
        "price": "50000",
        "size": 10,
        "value": "500",
        "fee": "0.1",
        "feeCurrency": "USDT",
        "createdAt": NOW_MS,
        "tradeTime": NOW_MS * 1_000_000,
    }
    with adapter_for(
        "kucoin", lambda asked: {"code": "200000", "data": {"items": [row], "totalNum": 1}}
    ) as (adapter, stub):
        (page,) = walk(adapter, stream(adapter, FILLS, "futures"), None, WEEK)
        (made,) = page.records
        assert isinstance(made, Fill) and (made.category, made.quantity, made.symbol) == (
            "linear",
            Dec("0.010"),
            "BTC/USDT:USDT",
        )
        assert stub.asked[0].params["currentPage"] == "1"


# --- an exchange without a policy of its own ------------------------------------------------------


def test_the_generic_policy_asks_in_ccxts_words_and_takes_every_row_that_is_served() -> None:
    rows = [binance_trade(number) for number in range(1, 101)]
    with adapter_for("binanceus", lambda asked: rows) as (adapter, stub):
        policy = stream(adapter, FILLS, "spot")
        assert adapter.policy.generic and policy.needs_symbol
        page = adapter.page(policy, "BTC/USDT", WEEK, {})
        assert len(page.records) == 100
        (asked,) = stub.asked
        assert (asked.params["startTime"], asked.params["limit"]) == (str(WEEK.start_ms), "1000")
        assert "endTime" not in asked.params, "an end may be ignored, or refused"


def test_a_row_that_cannot_be_read_refuses_the_page() -> None:
    with adapter_for(
        "binance", lambda asked: [binance_trade(1), {**binance_trade(2), "time": None}]
    ) as (adapter, stub):
        with pytest.raises(BadResponse, match="timestamp"):
            adapter.page(stream(adapter, FILLS, "spot"), "BTC/USDT", None, {})
        assert len(stub.asked) == 1, "an unreadable row is not asked again"


def test_rows_that_a_unified_method_loses_are_noticed() -> None:
    from dataclasses import replace

    rows = [binance_trade(1), {**binance_trade(2), "time": 0}]
    with adapter_for("binance", lambda asked: rows) as (adapter, _stub):
        unified = replace(
            stream(adapter, FILLS, "spot"),
            method="fetch_my_trades",
            params={"since": 1},
            market_field="",
        )
        with pytest.raises(BadResponse, match=r"2 rows were received .* but 1"):
            adapter.page(unified, "BTC/USDT", None, {})
