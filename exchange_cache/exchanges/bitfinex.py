"""Bitfinex: all symbols and all time in large pages; rows are lists, and everything is read by
POST."""

from __future__ import annotations

from exchange_cache.adapter.policy import (
    CallPolicy,
    ExchangePolicy,
    StreamPolicy,
    TimeBounds,
    TimePaging,
    WalletPolicy,
)
from exchange_cache.records import DataType, TransferKind

_DOCS = "https://docs.bitfinex.com/reference"
_BOUNDS = TimeBounds(start="start", end="end")
_FOUNDED = 1_357_000_000_000  # 2013


def _back(field: str) -> TimePaging:
    return TimePaging(field=field, id_field="0", backward=True)


POLICY = ExchangePolicy(
    exchange="bitfinex",
    title="Bitfinex",
    wallets=tuple(
        WalletPolicy(
            name=name,
            method="privatePostAuthRWallets",
            parser=f"bitfinex_{kind}",
            source=f"{_DOCS}/rest-auth-wallets{what}",
        )
        for name, kind, what in (
            ("spot", "exchange", ""),
            (
                "margin",
                "margin",
                (
                    ": loans of margin positions are in the positions; unsettled interest is a"
                    " field of its own, left out"
                ),
            ),
            ("funding", "funding", ""),
        )
    ),
    streams=(
        StreamPolicy(
            data_type=DataType.FILLS,
            scope="trades",
            method="privatePostAuthRTradesHist",
            parser="bitfinex_fill",
            market_field="1",
            mixed=True,
            also=frozenset({"margin", "linear"}),
            bounds=_BOUNDS,
            paging=_back("2"),
            page_size=2500,
            history_start_ms=_FOUNDED,
            note=(
                "without a limit Bitfinex answers 25 rows; margin trades are recorded as positions"
            ),
            source=f"{_DOCS}/rest-auth-trades",
        ),
        StreamPolicy(
            data_type=DataType.ORDERS,
            scope="orders",
            method="privatePostAuthROrdersHist",
            parser="bitfinex_order",
            market_field="3",
            mixed=True,
            also=frozenset({"margin", "linear"}),
            bounds=_BOUNDS,
            page_size=2500,
            history_start_ms=_FOUNDED,
            note="canceled without a fill: two weeks",
            source=f"{_DOCS}/rest-auth-orders-history",
        ),
        StreamPolicy(
            data_type=DataType.TRANSFERS,
            scope="movements",
            method="privatePostAuthRMovementsHist",
            bounds=_BOUNDS,
            paging=_back("5"),
            page_size=1000,
            history_start_ms=_FOUNDED,
            source=f"{_DOCS}/rest-auth-movements: deposits and withdrawals by their sign",
        ),
        StreamPolicy(
            data_type=DataType.TRANSFERS,
            scope="ledger",
            method="privatePostAuthRLedgersHist",
            parser="bitfinex_ledger",
            bounds=_BOUNDS,
            paging=_back("3"),
            page_size=2500,
            history_start_ms=_FOUNDED,
            transfer_kind=TransferKind.OTHER,
            optional=True,
            note="lending income, funding, moves; trades and movements come from their own lists",
            source=f"{_DOCS}/rest-auth-ledgers",
        ),
    ),
    positions=(
        CallPolicy(
            category="linear",
            wallet="margin",
            method="privatePostAuthRPositions",
            parser="bitfinex_position",
            market_field="0",
            mixed=True,
            rows="",
            optional=True,
        ),
    ),
    open_orders=tuple(
        CallPolicy(
            category=category,
            wallet="spot" if category == "spot" else "margin",
            method="privatePostAuthROrders",
            parser="bitfinex_order",
            market_field="3",
            mixed=True,
            rows="",
            texts=("8",),
            optional=category != "spot",
        )
        for category in ("spot", "margin", "linear")
    ),
    tickers=(CallPolicy(category="spot", method="fetch_tickers"),),
    discovery_quotes=("USD", "USDT", "BTC", "EUR", "ETH"),
    unlisted_ids={"spot": "t{base}{quote}", "linear": "t{base}F0:{quote}F0"},
    unlisted_contract_sizes={"linear": "1"},
    guarantee=(
        "Fills, deposits, withdrawals and the ledger are complete for all symbols and all time."
        " Orders canceled without a fill are served for two weeks. Results of margin positions are"
        " computed from their fills."
    ),
    source=_DOCS,
)
