"""Bitstamp: one list of transactions for everything, newest first, paged by offset."""

from __future__ import annotations

from exchange_cache.adapter.policy import (
    CallPolicy,
    ExchangePolicy,
    OffsetPaging,
    StreamPolicy,
    TimeBounds,
    WalletPolicy,
)
from exchange_cache.records import DataType, TransferKind

_DOCS = "https://www.bitstamp.net/api"
_FOUNDED = 1_312_156_800_000  # 2011-08


def _transactions(
    data_type: DataType, scope: str, parser: str, kind: TransferKind | None, note: str
) -> StreamPolicy:
    return StreamPolicy(
        data_type=data_type,
        scope=scope,
        method="privatePostUserTransactions",
        params={"sort": "desc"},
        parser=parser,
        bounds=TimeBounds(start=None, end=None),
        paging=OffsetPaging(param="offset", stop_field="datetime", stop_unit="iso"),
        page_size=1000,
        history_start_ms=_FOUNDED,
        transfer_kind=kind,
        note=note,
        source=(
            f"{_DOCS}/#tag/Transactions-private/operation/GetUserTransactions: its since and until"
            " reach back 30 days only"
        ),
    )


POLICY = ExchangePolicy(
    exchange="bitstamp",
    title="Bitstamp",
    wallets=(WalletPolicy(name="spot", source=f"{_DOCS}/#tag/Account-balances"),),
    streams=(
        _transactions(DataType.FILLS, "spot", "bitstamp_fill", None, "the trades of the one list"),
        _transactions(
            DataType.TRANSFERS,
            "transactions",
            "bitstamp_move",
            TransferKind.OTHER,
            "all else of the same list",
        ),
    ),
    open_orders=(CallPolicy(category="spot", wallet="spot", method="fetch_open_orders", rows=""),),
    tickers=(CallPolicy(category="spot", method="fetch_tickers"),),
    discovery_quotes=("USD", "EUR", "BTC", "USDT", "USDC", "GBP"),
    unlisted_ids={"spot": "{base}{quote}"},
    guarantee=(
        "Fills, deposits, withdrawals and staking rewards are complete for all symbols and all time"
        " (the last 200,000 rows). Bitstamp offers no list of finished orders, so there are none."
    ),
    source=_DOCS,
)
