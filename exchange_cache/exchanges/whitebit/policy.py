"""WhiteBIT: fills and orders per market for half a year, by offset inside a window; deposits and
withdrawals as one list without times.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from exchange_cache.adapter.policy import (
    DAY,
    KEY,
    CallPolicy,
    CandlePolicy,
    ExchangePolicy,
    OffsetPaging,
    RawRows,
    StreamPolicy,
    TimeBounds,
    WalletPolicy,
)
from exchange_cache.errors import KeyRefused, PermissionMissing, RateLimited
from exchange_cache.exchanges.whitebit import rows
from exchange_cache.exchanges.whitebit.ids import grammar
from exchange_cache.records import DataType, FillKind, TransferKind

_DOCS = "https://docs.whitebit.com/api-reference"
_TRADING, _ACCOUNT = f"{_DOCS}/trading", f"{_DOCS}/account-wallet"
_FOUNDED = 1_541_030_400_000  # 2018-11
_HALF_YEAR = 180 * DAY
_MONTH = 30 * DAY
_OFFSET = OffsetPaging(param="offset")
_COUNTED = OffsetPaging(param="offset", total="total")
_DATES = TimeBounds(start="startDate", end="endDate", unit="s")


def _per_market(data_type: DataType, category: str, **more: Any) -> StreamPolicy:
    return StreamPolicy(
        data_type=data_type,
        scope=category,
        category=category,
        needs_symbol=True,
        symbol_param="market",
        bounds=_DATES,
        paging=_OFFSET,
        page_size=500,
        retention=_HALF_YEAR,
        **more,
    )


def _fills(category: str) -> StreamPolicy:
    return _per_market(
        DataType.FILLS,
        category,
        method="v4PrivatePostTradeAccountExecutedHistory",
        note="six months; spot, margin and futures alike",
        source=f"{_TRADING}/query-executed-order-history",
    )


def _orders(category: str) -> StreamPolicy:
    return _per_market(
        DataType.ORDERS,
        category,
        method="v4PrivatePostTradeAccountOrderHistory",
        parser=rows.order,
        window=_MONTH,
        rows="*",
        note="six months, 31 days a request; rows are grouped under their market's name",
        source=f"{_TRADING}/query-executed-orders",
    )


def _whole_list(scope: str, kind: TransferKind, **more: Any) -> StreamPolicy:
    return StreamPolicy(
        data_type=DataType.TRANSFERS,
        scope=scope,
        bounds=TimeBounds(start=None, end=None),
        page_size=100,
        history_start_ms=_FOUNDED,
        rows="records",
        transfer_kind=kind,
        note="no time parameter and no stated order, so every sync reads the whole list",
        **more,
    )


def _moves(scope: str, direction: int, kind: TransferKind) -> StreamPolicy:
    return _whole_list(
        scope,
        kind,
        method="v4PrivatePostMainAccountHistory",
        params={"transactionMethod": direction},
        only={"method": str(direction)},
        parser=rows.move,
        paging=_COUNTED,
        source=f"{_ACCOUNT}/get-deposit-withdraw-history",
    )


POLICY = ExchangePolicy(
    exchange="whitebit",
    title="WhiteBIT",
    wallets=(
        WalletPolicy(
            name="main",
            params={"account": "main"},
            rows=(RawRows(path="*", name=KEY, figures=("main_balance",)),),
            source=f"{_ACCOUNT}/main-balance",
        ),
        WalletPolicy(
            name="spot",
            trades=frozenset({"spot"}),
            params={"account": "spot"},
            rows=(RawRows(path="*", name=KEY, figures=("available", "freeze")),),
            source=f"{_TRADING}/trading-balance",
        ),
        WalletPolicy(
            name="collateral",
            trades=frozenset({"margin", "linear"}),
            method="v4PrivatePostCollateralAccountBalanceSummary",
            parser=rows.collateral_wallet,
            rows=(
                RawRows(
                    path="*",
                    name="asset",
                    figures=("balance", "borrow", "availableWithoutBorrow"),
                ),
            ),
            optional=True,
            source=f"{_TRADING}/collateral-account-balance-summary",
        ),
    ),
    streams=(
        _fills("spot"),
        _fills("linear"),
        _orders("spot"),
        _orders("linear"),
        StreamPolicy(
            data_type=DataType.FILLS,
            scope="converts",
            method="v4PrivatePostConvertHistory",
            parser=rows.conversion,
            bounds=TimeBounds(start="from", end="to", unit="s"),
            paging=_COUNTED,
            page_size=100,
            window=_MONTH - timedelta(minutes=1),
            retention=_HALF_YEAR,
            rows="records",
            fill_kind=FillKind.CONVERT,
            optional=True,
            note="six months, 30 days a request",
            source=f"{_DOCS}/convert/convert-history",
        ),
        _moves("deposits", 1, TransferKind.DEPOSIT),
        _moves("withdrawals", 2, TransferKind.WITHDRAWAL),
        _whole_list(
            "funding",
            TransferKind.FUNDING,
            category="linear",
            method="v4PrivatePostCollateralAccountFundingHistory",
            parser=rows.funding,
            needs_symbol=True,
            symbol_param="market",
            market_field="market",
            paging=_OFFSET,
            optional=True,
            source=f"{_TRADING}/funding-history",
        ),
    ),
    positions=(
        CallPolicy(
            category="linear",
            wallet="collateral",
            method="v4PrivatePostCollateralAccountPositionsOpen",
            parser=rows.position,
            rows="",
            market_field="market",
            mixed=True,
            texts=("positionSide",),
            figures=("amount",),
            optional=True,
            source=f"{_TRADING}/open-positions",
        ),
    ),
    open_orders=tuple(
        CallPolicy(
            category=category,
            wallet=wallet,
            method="v4PrivatePostOrders",
            params={"limit": 100},
            parser=rows.order,
            paging=_OFFSET,
            page_size=100,
            rows="",
            market_field="market",
            mixed=True,
            source=f"{_TRADING}/query-unexecuted-orders",
        )
        for category, wallet in (("spot", "spot"), ("linear", "collateral"))
    ),
    tickers=(
        CallPolicy(
            category="spot",
            method="fetch_tickers",
            rows="",
            market_field=KEY,
            figures=("last_price",),
            blank=True,
        ),
    ),
    discovery_quotes=("USDT", "USDC", "EUR", "BTC", "ETH", "UAH", "TRY"),
    grammar=grammar,
    unlisted_ids={"spot": "{base}_{quote}", "linear": "{base}_PERP"},
    unlisted_contract_sizes={"linear": "1"},
    words={
        # docs.whitebit.com, "Authentication": "Enable your key" is the answer to a disabled key or
        # an IP address that is not allowed, "Too many requests." to a nonce that is not larger than
        # the last; "to perform this action" is from ccxt's ``exceptions`` table (code 4)
        "Enable your key in API settings": KeyRefused,
        "permission to use this endpoint": PermissionMissing,
        "not authorized to perform this action": PermissionMissing,
        "Too many requests.": RateLimited,
    },
    candles=CandlePolicy(source="https://docs.whitebit.com/public/http-v1/#kline"),
    guarantee=(
        "WhiteBIT serves fills, orders and converts for six months, fills and orders per market:"
        " sync at least twice a year. Deposits, withdrawals and funding are complete. Fills do not"
        " state whether they are of spot or margin: those of margin count as spot, and margin"
        " positions on spot markets are left out. Moves between the three balances, WhiteBIT codes,"
        " lending plans and interest on loans are not read. It is not documented whether the amount"
        " of a withdrawal contains its fee: the fee counts in addition."
    ),
    # what exists: docs.whitebit.com: Sub-Accounts, Codes, Crypto Lending, Mining Pool, Collateral
    # Trading
    not_read=(
        "sub-accounts",
        "lending plans",
        "WhiteBIT codes",
        "moves between the balances",
        "margin positions on spot markets",
        "interest on loans",
        "the mining pool",
    ),
    source=_DOCS,
)
