"""KuCoin: converts, moves and rewards."""

from __future__ import annotations

from typing import Any

import pytest

from tests.exchanges.builders import NOW_MS
from tests.exchanges.scripted import END, FILLS, START, TRANSFERS, Case, each, run_stream

AT = NOW_MS - 5_000


def kucoin(total: int, *rows: Any) -> dict[str, Any]:
    return {
        "code": "200000",
        "data": {
            "currentPage": 1,
            "pageSize": 500,
            "totalNum": total,
            "totalPage": 1,
            "items": list(rows),
        },
    }


def ledger(number: int, word: str, direction: str, amount: str = "5") -> dict[str, Any]:
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


KUCOIN = (
    Case(
        exchange="kucoin",
        data_type=TRANSFERS,
        scopes=("ledger",),
        path="/api/v1/accounts/ledgers",
        replies=[
            kucoin(
                7,
                ledger(1, "Transfer", "out"),
                ledger(2, "Staking Profits", "in", "0.1"),
                ledger(3, "Deposit", "in"),
                ledger(4, "Trade_Exchange", "in"),
                ledger(5, "Instant Exchange", "out"),
                ledger(6, "Refunded Fees", "out", "0.2"),
            ),
            kucoin(7),
        ],
        asks=[
            {"startAt": START, "endAt": END, "currentPage": 1, "pageSize": 500},
            {"currentPage": 2},
        ],
        makes=[
            ("1", "internal", "USDT", "5", None, "ok"),
            ("2", "reward", "USDT", "0.1", None, "ok"),
            ("6", "other", "USDT", "-0.2", None, "ok"),
        ],
    ),
    Case(
        exchange="kucoin",
        data_type=FILLS,
        scopes=("converts",),
        path="/api/v1/convert/order/history",
        replies=[
            kucoin(
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


@pytest.mark.parametrize(("case", "scope"), each(KUCOIN))
def test_streams(case: Case, scope: str) -> None:
    run_stream(case, scope)
