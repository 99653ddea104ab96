"""MEXC: spot per symbol for one month only, contracts for 90 days."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from exchange_cache.adapter.policy import (
    DAY,
    CallPolicy,
    CandlePolicy,
    ExchangePolicy,
    NumberPaging,
    RawRows,
    RowParser,
    StreamPolicy,
    TimeBounds,
    WalletPolicy,
)
from exchange_cache.errors import KeyRefused, PermissionMissing
from exchange_cache.exchanges.mexc import rows
from exchange_cache.exchanges.mexc.ids import grammar
from exchange_cache.records import DataType, FillKind, TransferKind

_DOCS = "https://www.mexc.com/api-docs/spot-v3"
_CONTRACT_DOCS = "https://www.mexc.com/api-docs/futures"
_WEEK = 7 * DAY - timedelta(minutes=1)
_MONTH, _QUARTER = 29 * DAY, 89 * DAY
_CONTRACT_BOUNDS = TimeBounds(start="start_time", end="end_time")
_PAGES = NumberPaging(param="page_num")
_FUNDING_PAGES = NumberPaging(
    param="page_num", total="data.totalCount", pages="data.totalPage", stop_field="settleTime"
)

_SPOT = (
    StreamPolicy(
        data_type=DataType.FILLS,
        scope="spot",
        method="spotPrivateGetMyTrades",
        needs_symbol=True,
        market_field="symbol",
        page_size=100,
        window=_WEEK,
        retention=_MONTH,
        backfill="oldest_first",
        note="one month; full pages are requested again in halves",
        source=f"{_DOCS}/spot-account-trade#account-trade-list",
    ),
    StreamPolicy(
        data_type=DataType.ORDERS,
        scope="spot",
        method="spotPrivateGetAllOrders",
        needs_symbol=True,
        market_field="symbol",
        page_size=1000,
        window=_WEEK,
        retention=_WEEK,
        backfill="oldest_first",
        note="seven days",
        source=f"{_DOCS}/spot-account-trade#all-orders",
    ),
    StreamPolicy(
        data_type=DataType.FILLS,
        scope="dust",
        method="spotPrivateGetCapitalConvert",
        parser=rows.dust,
        paging=NumberPaging(total="totalRecords"),
        page_size=1000,
        window=30 * DAY,
        retention=_QUARTER,
        rows="data",
        fill_kind=FillKind.DUST,
        optional=True,
        note="small balances converted into MX",
        source=f"{_DOCS}/wallet-endpoints#dustlog",
    ),
)


def _external(scope: str, method: str, kind: TransferKind) -> StreamPolicy:
    return StreamPolicy(
        data_type=DataType.TRANSFERS,
        scope=scope,
        method=method,
        page_size=1000,
        window=_WEEK,
        retention=_QUARTER,
        transfer_kind=kind,
        note="90 days, seven a request",
        source=f"{_DOCS}/wallet-endpoints#{scope[:-1]}-history",
    )


def _internal(source: str, target: str) -> StreamPolicy:
    return StreamPolicy(
        data_type=DataType.TRANSFERS,
        scope=f"moves-{source.lower()}-{target.lower()}",
        method="spotPrivateGetCapitalTransfer",
        params={"fromAccountType": source, "toAccountType": target},
        only={"fromAccountType": source, "toAccountType": target},
        paging=NumberPaging(total="total"),
        page_size=100,
        limit_param="size",
        window=30 * DAY,
        retention=179 * DAY,
        rows="rows?",
        transfer_kind=TransferKind.INTERNAL,
        optional=True,
        source=f"{_DOCS}/wallet-endpoints#query-user-universal-transfer-history",
    )


_MOVED = (
    _external("deposits", "spotPrivateGetCapitalDepositHisrec", TransferKind.DEPOSIT),
    _external("withdrawals", "spotPrivateGetCapitalWithdrawHistory", TransferKind.WITHDRAWAL),
    _internal("SPOT", "FUTURES"),
    _internal("FUTURES", "SPOT"),
    StreamPolicy(
        data_type=DataType.TRANSFERS,
        scope="funding",
        category="linear",
        method="contractPrivateGetPositionFundingRecords",
        parser=rows.funding,
        market_field="symbol",
        mixed=True,
        bounds=TimeBounds(start=None, end=None),
        paging=_FUNDING_PAGES,
        page_size=100,
        limit_param="page_size",
        retention=_QUARTER,
        rows="data.resultList",
        transfer_kind=TransferKind.FUNDING,
        optional=True,
        note="no time parameter: newest first, until before the window",
        source=f"{_CONTRACT_DOCS} (funding_records)",
    ),
)


def _contracts(data_type: DataType, method: str, parser: RowParser, **more: Any) -> StreamPolicy:
    return StreamPolicy(
        data_type=data_type,
        scope="contracts",
        category="linear",
        method=method,
        parser=parser,
        market_field="symbol",
        mixed=True,
        bounds=_CONTRACT_BOUNDS,
        paging=_PAGES,
        page_size=100,
        limit_param="page_size",
        retention=_QUARTER,
        backfill="oldest_first",
        rows="*",
        optional=True,
        **more,
    )


_CONTRACTS = (
    _contracts(
        DataType.FILLS,
        "contractPrivateGetOrderListOrderDeals",
        rows.contract_fill,
        needs_symbol=True,
        note="90 days",
        source=f"{_CONTRACT_DOCS} (order_deals)",
    ),
    _contracts(
        DataType.ORDERS,
        "contractPrivateGetOrderListHistoryOrders",
        rows.contract_order,
        note="90 days, all symbols: they name the symbols whose fills are requested",
        source=f"{_CONTRACT_DOCS} (history_orders)",
    ),
)

POLICY = ExchangePolicy(
    exchange="mexc",
    title="MEXC",
    wallets=(
        WalletPolicy(
            name="spot",
            trades=frozenset({"spot"}),
            params={"type": "spot"},
            must_have="balances",
            rows=(RawRows(path="balances.*", name="asset", figures=("free", "locked")),),
            source=f"{_DOCS}/spot-account-trade#account-information",
        ),
        WalletPolicy(
            name="futures",
            trades=frozenset({"linear", "inverse", "option"}),
            method="contractPrivateGetAccountAssets",
            parser=rows.contracts_wallet,
            must_have="data",
            rows=(RawRows(path="data.*", name="currency", figures=("equity",)),),
            includes_unrealised=True,
            optional=True,
            source=(
                f"{_CONTRACT_DOCS} (account/assets): equity (ccxt's total excludes the margin of"
                " positions)"
            ),
        ),
    ),
    streams=(*_SPOT, *_MOVED, *_CONTRACTS),
    positions=tuple(
        CallPolicy(
            category=category,
            wallet="futures",
            method="contractPrivateGetPositionOpenPositions",
            market_field="symbol",
            mixed=True,
            rows="data",
            figures=("holdVol",),
            optional=True,
        )
        for category in ("linear", "inverse")
    ),
    open_orders=(
        CallPolicy(
            category="spot",
            wallet="spot",
            method="spotPrivateGetOpenOrders",
            needs_symbol=True,
            market_field="symbol",
            rows="",
        ),
        *(
            CallPolicy(
                category=category,
                wallet="futures",
                method="contractPrivateGetOrderListOpenOrders",
                parser=rows.contract_order,
                params={"page_size": 100},
                paging=_PAGES,
                market_field="symbol",
                mixed=True,
                rows="data",
                optional=True,
            )
            for category in ("linear", "inverse")
        ),
    ),
    tickers=(
        CallPolicy(
            category="spot",
            method="fetch_tickers",
            params={"type": "spot"},
            rows="",
            market_field="symbol",
            figures=("lastPrice",),
            blank=True,
        ),
    ),
    options={
        "options": {
            "fetchMarkets": {"types": {"spot": True, "swap": {"linear": True, "inverse": True}}}
        }
    },
    discovery_quotes=("USDT", "USDC", "BTC", "ETH", "USD1"),
    grammar=grammar,
    unlisted_ids={"spot": "{base}{quote}", "linear": "{base}_{quote}", "inverse": "{base}_{quote}"},
    codes={  # spot "Error codes", and those of the contract API
        "700006": KeyRefused,  # IP non white list
        "700007": PermissionMissing,  # no permission to access the endpoint
        "406": KeyRefused,  # the IP address is not in the whitelist
        "511": PermissionMissing,  # you do not have access to the interface
        "701": PermissionMissing,  # please enable API key read access
        "703": PermissionMissing,  # trading information read access is required
    },
    candles=CandlePolicy(
        source="https://mexcdevelop.github.io/apidocs/spot_v3_en/#kline-candlestick-data"
    ),
    guarantee=(
        "MEXC serves spot fills for one month, spot orders for seven days and contracts for 90"
        " days, per symbol: sync at least weekly. Deposits and withdrawals reach back 90 days."
        " Older history is not available from this API."
    ),
    # what exists: mexc.com/api-docs: Subaccount, Rebate; platform products without an API
    not_read=(
        "sub-accounts",
        "copy trading",
        "trading bots",
        "savings, staking and other Earn products",
        "loans",
        "P2P orders",
        "rebates",
    ),
    source=_DOCS,
)
