"""KuCoin: what margin, funding, ledger and converts request, and which wallet each row names."""

from __future__ import annotations

from typing import Any

import pytest

from exchange_cache.errors import BadResponse
from exchange_cache.exchanges import narrowed, policy_for
from exchange_cache.records import Transfer
from tests.exchanges.builders import NOW_MS, adapter_for, stream
from tests.exchanges.scripted import (
    DAY,
    END,
    FILLS,
    ORDERS,
    START,
    TRANSFERS,
    Case,
    Mirror,
    brief,
    run_mirror,
    run_stream,
)

AT = NOW_MS - 3_600_000
TYPES = (("margin", "MARGIN_TRADE"), ("margin-isolated", "MARGIN_ISOLATED_TRADE"))


def page(rows: list[Any], last: int) -> dict[str, Any]:
    return {"code": "200000", "data": {"lastId": last, "items": rows}}


def trade(number: int, kind: str, **more: Any) -> dict[str, Any]:
    return {
        "id": 3000 + number,
        "symbol": "BTC-USDT",
        "tradeId": number,
        "orderId": "o1",
        "counterOrderId": "c1",
        "side": "sell",
        "liquidity": "taker",
        "forceTaker": False,
        "price": "50000",
        "size": "0.06",
        "funds": "3000",
        "fee": "3",
        "feeRate": "0.001",
        "feeCurrency": "USDT",
        "stop": "",
        "tradeType": kind,
        "tax": "0",
        "taxRate": "0",
        "type": "market",
        "createdAt": AT,
        **more,
    }


def order(kind: str) -> dict[str, Any]:
    return {
        "id": "o1",
        "symbol": "BTC-USDT",
        "opType": "DEAL",
        "type": "limit",
        "side": "sell",
        "price": "50000",
        "size": "0.1",
        "funds": "5000",
        "dealSize": "0.06",
        "dealFunds": "3000",
        "remainSize": "0",
        "remainFunds": "0",
        "cancelledSize": "0.04",
        "cancelledFunds": "2000",
        "fee": "3",
        "feeCurrency": "USDT",
        "timeInForce": "GTC",
        "cancelExist": True,
        "tradeType": kind,
        "active": False,
        "inOrderBook": False,
        "createdAt": AT,
        "lastUpdatedAt": AT,
    }


MARGIN = (
    *(
        Case(
            exchange="kucoin",
            data_type=FILLS,
            scopes=(scope,),
            path="/api/v3/hf/margin/fills",
            symbol="BTC/USDT",
            replies=[page([trade(7, kind)], 3007), page([], 3007)],
            asks=[
                {
                    "symbol": "BTC-USDT",
                    "tradeType": kind,
                    "startAt": START,
                    "endAt": END,
                    "limit": 100,
                    "lastId": None,
                },
                {"tradeType": kind, "lastId": 3007},
            ],
            makes=[("7", "margin", "BTC/USDT", "sell", "0.06", "50000", "3000", {"USDT": "3"})],
        )
        for scope, kind in TYPES
    ),
    *(
        Case(
            exchange="kucoin",
            data_type=ORDERS,
            scopes=(scope,),
            path="/api/v3/hf/margin/orders/done",
            symbol="BTC/USDT",
            replies=[page([order(kind)], 0)],
            asks=[
                {
                    "symbol": "BTC-USDT",
                    "tradeType": kind,
                    "startAt": START,
                    "endAt": END,
                    "limit": 100,
                }
            ],
            makes=[("o1", "margin", "BTC/USDT", "sell", "canceled", "0.1", "0.06", "50000")],
        )
        for scope, kind in TYPES
    ),
)


def listed(*rows: Any, more: bool = False) -> dict[str, Any]:
    return {"code": "200000", "data": {"dataList": list(rows), "hasMore": more}}


def paid(number: int, market: str, funding: str, settle: str, at: int = AT) -> dict[str, Any]:
    return {
        "id": number,
        "symbol": market,
        "timePoint": at,
        "fundingRate": "0.0001",
        "markPrice": "50000",
        "positionQty": 12,
        "positionCost": "600",
        "funding": funding,
        "settleCurrency": settle,
        "context": "{}",
        "marginMode": "CROSS",
    }


def numbered(total: int, *rows: Any) -> dict[str, Any]:
    return {
        "code": "200000",
        "data": {
            "currentPage": 1,
            "pageSize": 500,
            "totalNum": total,
            "totalPage": 2,
            "items": list(rows),
        },
    }


def entry(number: int, word: str, direction: str, amount: str = "5") -> dict[str, Any]:
    return {
        "id": str(number),
        "currency": "USDT",
        "amount": amount,
        "fee": "0",
        "balance": "1",
        "accountType": "MAIN",
        "bizType": word,
        "direction": direction,
        "createdAt": AT,
        "context": "{}",
    }


OTHERS = (
    Case(
        exchange="kucoin",
        data_type=TRANSFERS,
        scopes=("funding-linear",),
        path="/api/v1/funding-history",
        symbol="BTC/USDT:USDT",
        replies=[
            listed(
                paid(9, "XBTUSDTM", "0.06", "USDT"),
                paid(8, "XBTUSDTM", "-0.0553539600", "USDT"),
            ),
            listed(),
        ],
        asks=[
            {"symbol": "XBTUSDTM", "startAt": START, "endAt": END, "maxCount": 100, "offset": None},
            {"symbol": "XBTUSDTM", "startAt": START, "endAt": END, "maxCount": 100, "offset": 8},
        ],
        makes=[
            ("XBTUSDTM:9", "funding", "USDT", "0.06", None, "ok"),
            ("XBTUSDTM:8", "funding", "USDT", "-0.05535396", None, "ok"),
        ],
    ),
    Case(  # an answer that ignores the start ends the walk where it leaves the window
        exchange="kucoin",
        data_type=TRANSFERS,
        scopes=("funding-inverse",),
        path="/api/v1/funding-history",
        symbol="BTC/USD:BTC",
        replies=[listed(paid(7, "XBTUSDM", "-0.00000012", "XBT", START - 1), more=True)],
        asks=[
            {"symbol": "XBTUSDM", "startAt": START, "endAt": END, "maxCount": 100, "offset": None}
        ],
        makes=[("XBTUSDM:7", "funding", "BTC", "-0.00000012", None, "ok")],
    ),
    Case(
        exchange="kucoin",
        data_type=TRANSFERS,
        scopes=("ledger",),
        path="/api/v1/accounts/ledgers",
        replies=[
            numbered(
                7,
                entry(1, "Transfer", "out"),
                entry(2, "Staking Profits", "in", "0.1"),
                entry(3, "Deposit", "in"),
                entry(4, "Trade_Exchange", "in"),
                entry(5, "Instant Exchange", "out"),
                entry(6, "Refunded Fees", "out", "0.2"),
            ),
            numbered(7, entry(7, "Deposit", "in")),
        ],
        asks=[
            {"startAt": START, "endAt": END, "currentPage": 1, "pageSize": 500},
            {"currentPage": 2},
        ],
        makes=[
            ("1", "internal", "USDT", "5", None, "ok"),
            ("2", "reward", "USDT", "0.1", None, "ok"),
            ("6", "fee", "USDT", "-0.2", None, "ok"),
        ],
    ),
    Case(
        exchange="kucoin",
        data_type=FILLS,
        scopes=("converts",),
        path="/api/v1/convert/order/history",
        replies=[
            numbered(
                1,
                {
                    "clientOrderId": "c",
                    "orderId": "o1",
                    "status": "SUCCESS",
                    "fromCurrency": "USDT",
                    "fromCurrencySize": "100",
                    "toCurrency": "BTC",
                    "toCurrencySize": "0.002",
                    "accountType": "BOTH",
                    "price": "0.00002",
                    "orderTime": AT,
                },
            )
        ],
        asks=[{"startAt": START, "endAt": END, "page": 1, "pageSize": 100}],
        makes=[("o1", "spot", "BTC/USDT", "buy", "0.002", None, "100", {}, "convert")],
    ),
)


@pytest.mark.parametrize(
    "case", (*MARGIN, *OTHERS), ids=lambda case: f"{case.data_type}-{case.scopes[0]}"
)
def test_a_stream_asks_as_documented_and_its_rows_become_records(case: Case) -> None:
    run_stream(case, case.scopes[0])


def test_a_fill_of_another_wallet_is_dropped_and_one_that_names_none_is_refused() -> None:
    both = [trade(7, "TRADE"), trade(8, "MARGIN_TRADE")]
    with adapter_for("kucoin", lambda asked: page(both, 0)) as (adapter, _stub):
        made = adapter.page(stream(adapter, FILLS, "margin"), "BTC/USDT", DAY, {}).records
    assert [record.fill_id for record in made] == ["8"]
    nameless = {**trade(9, "TRADE"), "tradeType": None}
    served = adapter_for("kucoin", lambda asked: page([nameless], 0))
    with served as (adapter, _stub), pytest.raises(BadResponse, match="MARGIN_TRADE"):
        adapter.page(stream(adapter, FILLS, "margin"), "BTC/USDT", DAY, {})


def side(asset: str, total: str, liability: str = "0") -> dict[str, Any]:
    return {
        "currency": asset,
        "borrowEnabled": True,
        "transferInEnabled": True,
        "total": total,
        "hold": "0",
        "available": total,
        "liability": liability,
        "interest": "0",
        "maxBorrowSize": "0",
    }


def test_isolated_pairs_are_summed_net_of_what_is_owed() -> None:
    pairs = [
        {
            "symbol": "BTC-USDT",
            "status": "DEBT",
            "baseAsset": side("BTC", "0.5"),
            "quoteAsset": side("USDT", "100", "2500.5"),
        },
        {
            "symbol": "ETH-USDT",
            "status": "EFFECTIVE",
            "baseAsset": side("ETH", "3"),
            "quoteAsset": side("USDT", "40"),
        },
    ]
    reply = {"code": "200000", "data": {"timestamp": AT, "assets": pairs}}
    run_mirror(
        Mirror(
            exchange="kucoin",
            what="wallet",
            name="margin-isolated",
            path="/api/v3/isolated/accounts",
            reply=reply,
            makes=[
                ("BTC", "0.5", "0.5", False),
                ("USDT", "140", "-2360.5", False),
                ("ETH", "3", "3", False),
            ],
        )
    )


@pytest.mark.parametrize(
    ("name", "wallet"),
    [
        ("MARGIN", "margin"),
        ("MARGIN_V2", "margin"),
        ("ISOLATED", "margin-isolated"),
        ("TRADE_HF", "trade_hf"),
    ],
)
def test_the_ledger_names_wallets_as_the_balances_do(name: str, wallet: str) -> None:
    """What was sent to a margin wallet is how its symbols are found."""
    row = {
        "id": "1",
        "currency": "BTC",
        "amount": "0.5",
        "fee": "0",
        "balance": "1",
        "accountType": name,
        "bizType": "Transfer",
        "direction": "in",
        "createdAt": AT,
        "context": "{}",
    }
    reply = {
        "code": "200000",
        "data": {"currentPage": 1, "pageSize": 500, "totalNum": 1, "totalPage": 1, "items": [row]},
    }
    with adapter_for("kucoin", lambda asked: reply) as (adapter, _stub):
        (made,) = adapter.page(stream(adapter, TRANSFERS, "ledger"), None, DAY, {}).records
    assert isinstance(made, Transfer) and made.to_wallet == wallet


def test_margin_is_asked_of_accounts_that_have_the_wallet_and_of_what_it_touched_alone() -> None:
    margin = [item for item in policy_for("kucoin").streams if item.category == "margin"]
    assert {(item.wallet, item.opened_by, item.swept) for item in margin} == {
        (name, frozenset({name}), False) for name, _ in TYPES
    }
    spot_only = narrowed(policy_for("kucoin"), ("trade_hf",), "main")
    assert all(item.category != "margin" for item in spot_only.streams)


def ledger_record(word: str, direction: str, wallet: str = "MAIN") -> Any:
    row = {
        "id": "1",
        "currency": "KCS",
        "amount": "5",
        "fee": "0",
        "balance": "9",
        "accountType": wallet,
        "bizType": word,
        "direction": direction,
        "createdAt": AT,
        "context": "{}",
    }
    reply = {
        "code": "200000",
        "data": {"currentPage": 1, "pageSize": 500, "totalNum": 1, "totalPage": 1, "items": [row]},
    }
    with adapter_for("kucoin", lambda asked: reply) as (adapter, _stub):
        (made,) = adapter.page(stream(adapter, TRANSFERS, "ledger"), None, DAY, {}).records
    return made


@pytest.mark.parametrize(
    "word",
    ["Staking Profits", "Soft Staking Profits", "Distribution", "Vote for Coin", "Voting Earnings"],
)
def test_what_a_holding_brings_is_a_reward(word: str) -> None:
    assert brief(ledger_record(word, "in"))[1:4] == ("reward", "KCS", "5")


@pytest.mark.parametrize(
    ("word", "direction", "ends"),
    [("Staking", "out", ("main", "earn")), ("Redemption", "in", ("earn", "main"))],
)
def test_what_is_staked_and_redeemed_is_a_move(
    word: str, direction: str, ends: tuple[str, str]
) -> None:
    made = ledger_record(word, direction)
    assert brief(made)[1:4] == ("internal", "KCS", "5")
    assert (made.from_wallet, made.to_wallet) == ends
