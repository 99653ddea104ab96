"""Loans in the log of Bybit's unified account: from where to where, and what is charged on them."""

from __future__ import annotations

import pytest

from exchange_cache.records import Transfer
from tests.exchanges.builders import NOW_MS, adapter_for, stream
from tests.exchanges.scripted import DAY, TRANSFERS

LOG_TYPES = (
    ("BORROW", "200", ("internal", "200", "loan", "unified")),
    ("REPAY", "-50.4", ("internal", "50.4", "unified", "loan")),
    ("INTEREST", "-0.4", ("fee", "-0.4", "loan", None)),
)


@pytest.mark.parametrize(
    ("word", "change", "means"), LOG_TYPES, ids=[word for word, _, _ in LOG_TYPES]
)
def test_bybit_logs_loans_as_moves_and_interest_as_charged_on_them(
    word: str, change: str, means: tuple[str | None, ...]
) -> None:
    row = {
        "id": f"1_{word}_7", "symbol": "", "category": "", "side": "None",
        "transactionTime": str(NOW_MS - 3_600_000), "type": word,
        "qty": "", "size": "0", "currency": "USDT", "tradePrice": "0", "funding": "", "fee": "0",
        "cashFlow": change, "change": change, "cashBalance": "1200", "feeRate": "0",
        "bonusChange": "", "tradeId": "", "orderId": "", "orderLinkId": "",
    }  # fmt: skip
    reply = {
        "retCode": 0,
        "retMsg": "OK",
        "result": {"nextPageCursor": "", "list": [row]},
        "time": NOW_MS,
    }
    with adapter_for("bybit", lambda asked: reply) as (adapter, stub):
        (made,) = adapter.page(
            stream(adapter, TRANSFERS, f"log-{word.lower()}"), None, DAY, {}
        ).records
    assert stub.asked[0].params["type"] == word and isinstance(made, Transfer)
    assert (str(made.kind), str(made.quantity), made.from_wallet, made.to_wallet) == means
