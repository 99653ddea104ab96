"""Bitfinex: all symbols and all time in large pages; rows are lists, and everything is read by
POST.
"""

from __future__ import annotations

from typing import Any

from exchange_cache.adapter.policy import (
    CallPolicy,
    CandlePolicy,
    ExchangePolicy,
    RawRows,
    StreamPolicy,
    TimeBounds,
    TimePaging,
    WalletPolicy,
)
from exchange_cache.errors import KeyRefused, PermissionMissing
from exchange_cache.exchanges.bitfinex import words
from exchange_cache.exchanges.bitfinex.ids import grammar
from exchange_cache.exchanges.bitfinex.rows import fill, ledger, order, position, wallet_of_kind
from exchange_cache.records import DataType, TransferKind

_DOCS = "https://docs.bitfinex.com/reference"
_BOUNDS = TimeBounds(start="start", end="end")
_FOUNDED = 1_357_000_000_000  # 2013


def _back(field: str) -> TimePaging:
    return TimePaging(field=field, id_field="0", backward=True)


def _wallet(name: str, kind: str, trades: frozenset[str], note: str = "") -> WalletPolicy:
    return WalletPolicy(
        name=name,
        trades=trades,
        method="privatePostAuthRWallets",
        parser=wallet_of_kind(kind),
        rows=(RawRows(name="1", texts=("0",), figures=("2",), only=("0", kind)),),
        source=f"{_DOCS}/rest-auth-wallets{note}",
    )


def _history(
    data_type: DataType, scope: str, method: str, page_size: int, source: str, **more: Any
) -> StreamPolicy:
    return StreamPolicy(
        data_type=data_type,
        scope=scope,
        method=method,
        bounds=_BOUNDS,
        page_size=page_size,
        history_start_ms=_FOUNDED,
        source=f"{_DOCS}/{source}",
        **more,
    )


POLICY = ExchangePolicy(
    exchange="bitfinex",
    title="Bitfinex",
    wallets=(
        _wallet("spot", "exchange", frozenset({"spot"})),
        _wallet(
            "margin",
            "margin",
            frozenset({"margin", "linear"}),
            ": loans of margin positions are in the positions; unsettled interest is a field of its"
            " own, left out",
        ),
        _wallet("funding", "funding", frozenset()),
    ),
    streams=(
        _history(
            DataType.FILLS,
            "trades",
            "privatePostAuthRTradesHist",
            2500,
            "rest-auth-trades",
            parser=fill,
            market_field="1",
            mixed=True,
            also=frozenset({"margin", "linear"}),
            paging=_back("2"),
            note=(
                "without a limit Bitfinex returns 25 rows; margin trades are recorded as positions"
            ),
        ),
        _history(
            DataType.ORDERS,
            "orders",
            "privatePostAuthROrdersHist",
            2500,
            "rest-auth-orders-history",
            parser=order,
            market_field="3",
            mixed=True,
            also=frozenset({"margin", "linear"}),
            note="canceled without a fill: two weeks",
        ),
        _history(
            DataType.TRANSFERS,
            "movements",
            "privatePostAuthRMovementsHist",
            1000,
            "rest-auth-movements: deposits and withdrawals by their sign",
            paging=_back("5"),
        ),
        _history(
            DataType.TRANSFERS,
            "ledger",
            "privatePostAuthRLedgersHist",
            2500,
            "rest-auth-ledgers",
            parser=ledger,
            meanings=words.LEDGER,
            paging=_back("3"),
            transfer_kind=TransferKind.UNCLASSIFIED,
            optional=True,
            note="lending income, funding, moves; trades and movements have their own lists",
        ),
    ),
    positions=(
        CallPolicy(
            category="linear",
            wallet="margin",
            method="privatePostAuthRPositions",
            parser=position,
            market_field="0",
            mixed=True,
            rows="",
            figures=("2",),
            optional=True,
        ),
    ),
    open_orders=tuple(
        CallPolicy(
            category=category,
            wallet="spot" if category == "spot" else "margin",
            method="privatePostAuthROrders",
            parser=order,
            market_field="3",
            mixed=True,
            rows="",
            texts=("8",),
            optional=category != "spot",
        )
        for category in ("spot", "margin", "linear")
    ),
    tickers=(
        CallPolicy(
            category="spot",
            method="fetch_tickers",
            rows="",
            market_field="0",
            figures=("7",),
            blank=True,
        ),
    ),
    discovery_quotes=("USD", "USDT", "BTC", "EUR", "ETH"),
    grammar=grammar,
    unlisted_ids={"spot": "t{base}{quote}", "linear": "t{base}F0:{quote}F0"},
    unlisted_contract_sizes={"linear": "1"},
    words={
        # ["error", 10001, "api_key: permission invalid (#10001)"], ["error", 10100, "apikey:
        # invalid"]
        "(#10001)": PermissionMissing,
        "apikey: invalid": KeyRefused,
    },
    candles=CandlePolicy(source="https://docs.bitfinex.com/reference/rest-public-candles"),
    guarantee=(
        "Fills, deposits, withdrawals and the ledger are complete for all symbols and all time."
        " Orders canceled without a fill are served for two weeks. Results of margin positions are"
        " computed from their fills."
    ),
    # what exists: docs.bitfinex.com, REST: Merchants, Positions, Funding, Sub-accounts
    not_read=(
        "sub-accounts",
        "single funding offers, loans and credits (the funding wallet contains them)",
        "Bitfinex Pay invoices",
        "Bitfinex Borrow",
        "OTC trades",
    ),
    source=_DOCS,
)
