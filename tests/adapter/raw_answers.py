"""Raw rows and answers of several exchanges, for the tests of the engine."""

from __future__ import annotations

from typing import Any

from exchange_cache.ledger.coverage import Span
from exchange_cache.records import (
    DataType,
    ReportedAverage,
)
from tests.exchanges.builders import DAY_MS, NOW_MS, adapter_for
from tests.exchanges.stub import Asked

FILLS, ORDERS, TRANSFERS = DataType.FILLS, DataType.ORDERS, DataType.TRANSFERS


WEEK = Span(NOW_MS - 7 * DAY_MS, NOW_MS)


def binance_trade(number: int, **more: Any) -> dict[str, Any]:
    return {
        "symbol": "BTCUSDT",
        "id": number,
        "orderId": 100 + number,
        "price": "50000.00000001",
        "qty": "0.00100000",
        "quoteQty": "50.00000000",
        "commission": "0.00001",
        "commissionAsset": "BNB",
        "time": NOW_MS - DAY_MS + number,
        "isBuyer": True,
        "isMaker": False,
        **more,
    }


def binance_trades(asked: Asked) -> Any:
    first = int(asked.params["fromId"])
    return [binance_trade(number) for number in range(max(first, 1), min(first + 1000, 2501))]


def binance_order(number: int, status: str, **more: Any) -> dict[str, Any]:
    return {
        "symbol": "BTCUSDT",
        "orderId": number,
        "clientOrderId": f"c{number}",
        "price": "100",
        "origQty": "2",
        "executedQty": "0",
        "cummulativeQuoteQty": "0",
        "status": status,
        "type": "LIMIT",
        "side": "BUY",
        "time": NOW_MS - number,
        "updateTime": NOW_MS,
        **more,
    }


def bybit(
    rows: list[dict[str, Any]] | None, cursor: str = "", name: str = "list", **more: Any
) -> dict[str, Any]:
    """``more``: the category, where an answer repeats it."""
    return {
        "retCode": 0,
        "retMsg": "OK",
        "result": {"nextPageCursor": cursor, name: rows, **more},
    }


def execution(number: int, **more: Any) -> dict[str, Any]:
    return {
        "symbol": "BTCUSDT",
        "execId": f"e{number}",
        "orderId": "o",
        "side": "Buy",
        "execPrice": "50000",
        "execQty": "0.01",
        "execValue": "500",
        "execFee": "0.00001",
        "feeCurrency": "BTC",
        "execTime": str(NOW_MS - number),
        "execType": "Trade",
        "isMaker": False,
        **more,
    }


def classic_execution(number: int, **more: Any) -> dict[str, Any]:
    """A row of v5/pre-upgrade/execution/list as documented: no coin of the fee, nothing of what
    unified accounts have."""
    return {
        "symbol": "BTCUSDT",
        "orderId": f"o{number}",
        "orderLinkId": "",
        "side": "Sell",
        "orderPrice": "27203.40",
        "orderQty": "0.200",
        "leavesQty": "0.000",
        "orderType": "Market",
        "stopOrderType": "UNKNOWN",
        "execFee": "3.4",
        "execId": f"c{number}",
        "execPrice": "28632.10",
        "execQty": "0.200",
        "execType": "Trade",
        "execValue": "5726.42",
        "execTime": str(NOW_MS - number),
        "isMaker": False,
        "feeRate": "0.0006",
        "tradeIv": "",
        "markIv": "",
        "markPrice": "28399.90",
        "indexPrice": "",
        "underlyingPrice": "",
        "blockTradeId": "",
        "closedSize": "0.000",
        **more,
    }


def kraken(**result: Any) -> dict[str, Any]:
    return {"error": [], "result": result}


def kraken_trade(number: int, pair: str = "XXBTZUSD") -> dict[str, Any]:
    return {
        "ordertxid": "O1",
        "pair": pair,
        "time": 1_748_000_000.5 - number,
        "type": "buy",
        "ordertype": "limit",
        "price": "30000.1",
        "cost": "30.0001",
        "fee": "0.048",
        "vol": "0.001",
        "maker": True,
    }


def ledger(
    kind: str, amount: str, asset: str = "XXBT", at: float = 1_748_000_000.1, **more: Any
) -> dict[str, Any]:
    return {
        "refid": "R0",
        "time": at,
        "type": kind,
        "subtype": "",
        "aclass": "currency",
        "asset": asset,
        "amount": amount,
        "fee": "0",
        "balance": "1",
        **more,
    }


def okx_fill(bill: int, inst: str = "BTC-USDT-SWAP", **more: Any) -> dict[str, Any]:
    return {
        "instId": inst,
        "tradeId": f"t{bill}",
        "ordId": "o",
        "billId": str(bill),
        "fillPx": "50000",
        "fillSz": "5",
        "side": "buy",
        "fee": "-0.25",
        "feeCcy": "USDT",
        "ts": str(NOW_MS - bill),
        "execType": "T",
        "fillPnl": "0",
        **more,
    }


def okx_averages(**fields: str) -> list[ReportedAverage]:
    """The averages that the adapter reads from a balance of one BTC with ``fields``."""
    details = [{"ccy": "BTC", "cashBal": "1", "availBal": "1", "frozenBal": "0", **fields}]
    with adapter_for("okx", lambda asked: {"code": "0", "data": [{"details": details}]}) as (
        adapter,
        stub,
    ):
        (held,) = adapter.balances(
            next(wallet for wallet in adapter.policy.wallets if wallet.name == "trading")
        )
    assert len(stub.asked) == 1
    return list(held.told_averages)


#: Made for this test; as in the file that Coinbase lets one download, with its line ends written
#: out.
PEM = "\\n".join(
    (
        "-----BEGIN EC PRIVATE KEY-----",
        "MHcCAQEEIGp9NkIyXGUFWJL0YoK0Th/A5TtGxS5cAdCOxHgeuOmDoAoGCCqGSM49",
        "AwEHoUQDQgAEGg3P6oH3liuHOoSjojPEJNSQWU4TDIEMCyU+CiSHsz1H/SXKBAk1",
        "hs+Vim5PBWdMGNSfoLiXvlD+HsFqh4F2WA==",
        "-----END EC PRIVATE KEY-----",
    )
)


def coinbase_row(
    number: int, kind: str, amount: str, currency: str, at: str, **more: Any
) -> dict[str, Any]:
    return {
        "id": f"x{number}",
        "type": kind,
        "status": "completed",
        "amount": {"amount": amount, "currency": currency},
        "native_amount": {"amount": "100.00", "currency": "USD"},
        "created_at": at,
        **more,
    }
