"""Deribit: every history once per currency, with ``historical=true``, without which only the last
day is served."""

from __future__ import annotations

from typing import Any

from exchange_cache.adapter.policy import (
    DAY,
    CallPolicy,
    CandlePolicy,
    CursorPaging,
    ExchangePolicy,
    FanOut,
    OffsetPaging,
    RawRows,
    RowParser,
    StreamPolicy,
    TimeBounds,
    TimePaging,
    WalletPolicy,
)
from exchange_cache.errors import PermissionMissing
from exchange_cache.exchanges.deribit import rows
from exchange_cache.exchanges.deribit.ids import FORMER, grammar
from exchange_cache.records import DataType, TransferKind

_DOCS = "https://docs.deribit.com/api-reference"
_FOUNDED = 1_464_739_200_000  # 2016-06
_BOUNDS = TimeBounds(start="start_timestamp", end="end_timestamp")
_NONE = TimeBounds(start=None, end=None)
_CURRENCIES = FanOut(
    method="publicGetGetCurrencies", param="currency", rows="result", field="currency", lasting=True
)
_CATEGORIES = ("spot", "linear", "inverse", "option")


def _moves(
    scope: str, method: str, parser: RowParser, kind: TransferKind | None, field: str
) -> StreamPolicy:
    return StreamPolicy(
        data_type=DataType.TRANSFERS,
        scope=scope,
        method=method,
        parser=parser,
        bounds=_NONE,
        paging=OffsetPaging(param="offset", total="result.count", stop_field=field),
        page_size=1000,
        limit_param="count",
        history_start_ms=_FOUNDED,
        rows="result.data",
        fan_out=_CURRENCIES,
        transfer_kind=kind,
        note="no time parameter: newest first, until before the window",
        source=f"{_DOCS}/wallet/private-get_{scope}",
    )


def _trades(scope: str, historical: str, **more: Any) -> StreamPolicy:
    return StreamPolicy(
        data_type=DataType.FILLS,
        scope=scope,
        category="inverse",
        method="privateGetGetUserTradesByCurrencyAndTime",
        params={"sorting": "asc", "historical": historical},
        parser=rows.fill,
        market_field="instrument_name",
        mixed=True,
        bounds=_BOUNDS,
        paging=TimePaging(field="timestamp", id_field="trade_id", more="result.has_more"),
        page_size=1000,
        limit_param="count",
        history_start_ms=_FOUNDED,
        rows="result.trades",
        sequence="trade_seq",
        fan_out=_CURRENCIES,
        source=(
            f"{_DOCS}/trading/private-get_user_trades_by_currency_and_time, "
            "https://docs.deribit.com/articles/accessing-historical-trades-orders"
        ),
        **more,
    )


POLICY = ExchangePolicy(
    exchange="deribit",
    title="Deribit",
    wallets=(
        WalletPolicy(
            name="trading",
            trades=frozenset({"spot", "margin", "linear", "inverse", "option"}),
            must_have="result.summaries",
            rows=(RawRows(path="result.summaries.*", name="currency", figures=("equity",)),),
            includes_unrealised=True,
            source=(
                f"{_DOCS}/account-management/private-get_account_summaries: equity, all currencies;"
                " may be below zero under cross collateral"
            ),
        ),
    ),
    streams=(
        _trades(
            "trades",
            "true",
            note=(
                "without historical=true: the last 24 hours; the newest appear there after a short"
                " delay, so a day is requested again"
            ),
            overlap=DAY,
        ),
        _trades(
            "trades-recent",
            "false",
            note="the last 24 hours at once: historical=true does not have them yet",
            retention=DAY,
            brings_forward=True,
        ),
        StreamPolicy(
            data_type=DataType.ORDERS,
            scope="orders",
            category="inverse",
            method="privateGetGetOrderHistoryByCurrency",
            params={"historical": "true", "include_old": "true", "include_unfilled": "true"},
            parser=rows.order,
            market_field="instrument_name",
            mixed=True,
            bounds=_NONE,
            paging=OffsetPaging(param="offset", stop_field="last_update_timestamp"),
            page_size=1000,
            limit_param="count",
            history_start_ms=_FOUNDED,
            overlap=DAY,
            rows="result",
            fan_out=_CURRENCIES,
            note=(
                "no time parameter: newest first, until before the window (by the last change,"
                " which is never before the creation); without historical=true: 30 minutes"
            ),
            source=f"{_DOCS}/trading/private-get_order_history_by_currency",
        ),
        _moves(
            "deposits",
            "privateGetGetDeposits",
            rows.move,
            TransferKind.DEPOSIT,
            "received_timestamp",
        ),
        _moves(
            "withdrawals",
            "privateGetGetWithdrawals",
            rows.move,
            TransferKind.WITHDRAWAL,
            "created_timestamp",
        ),
        _moves(
            "transfers",
            "privateGetGetTransfers",
            rows.transfer,
            TransferKind.UNCLASSIFIED,
            "created_timestamp",
        ),
        StreamPolicy(
            data_type=DataType.TRANSFERS,
            scope="log",
            category="inverse",
            method="privateGetGetTransactionLog",
            parser=rows.log,
            meanings=rows.LOG,
            market_field="instrument_name",
            mixed=True,
            bounds=_BOUNDS,
            paging=CursorPaging(param="continuation", path="result.continuation"),
            page_size=250,
            limit_param="count",
            history_start_ms=_FOUNDED,
            rows="result.logs",
            fan_out=_CURRENCIES,
            transfer_kind=TransferKind.FUNDING,
            optional=True,
            note="funding of perpetuals, deliveries, rewards, corrections",
            source=f"{_DOCS}/account-management/private-get_transaction_log",
        ),
    ),
    positions=tuple(
        CallPolicy(
            category=category,
            wallet="trading",
            method="privateGetGetPositions",
            params={"currency": "any"},
            market_field="instrument_name",
            mixed=True,
            rows="result",
            figures=("size",),
        )
        for category in ("linear", "inverse", "option")
    ),
    open_orders=tuple(
        CallPolicy(
            category=category,
            wallet="trading",
            method="privateGetGetOpenOrders",
            parser=rows.order,
            market_field="instrument_name",
            mixed=True,
            rows="result",
        )
        for category in _CATEGORIES
    ),
    tickers=tuple(
        CallPolicy(
            category="spot",
            method="fetch_tickers",
            params={"code": code},
            rows="result",
            market_field="instrument_name",
            figures=("last",),
            blank=True,
            optional=code != "BTC",
        )
        for code in ("BTC", "ETH", "USDC", "USDT")
    ),
    discovery_quotes=("USDC", "USDT", "BTC", "USD"),
    grammar=grammar,
    former=FORMER,
    unlisted_ids={
        "spot": "{base}_{quote}",
        "linear": "{base}_{quote}-PERPETUAL",
        "inverse": "{base}-PERPETUAL",
    },
    unlisted_contract_sizes={"option": "1"},
    contract_amounts="units",
    corrected=rows.corrected,
    codes={
        # "RPC error codes": 13009 also means "check scope of the token", so it decides nothing
        "13021": PermissionMissing,  # forbidden: not enough permissions to execute the request
    },
    candles=CandlePolicy(
        resolutions=("1h", "1d"),
        source=("https://docs.deribit.com/#public-get_tradingview_chart_data"),
    ),
    guarantee=(
        "Fills, orders, deposits, withdrawals and transfers are complete for all currencies and all"
        " time; the newest orders appear after a short delay. The transaction"
        " log states what an option pays at its expiry, and the last result of a delivered future."
        " Transfers between sub-accounts are recorded as deposits and withdrawals."
    ),
    # what exists: docs.deribit.com: private/get_subaccounts, private/get_affiliate_program_info
    not_read=(
        "sub-accounts other than the one of the key",
        "payments of the affiliate program",
    ),
    source=_DOCS,
)
