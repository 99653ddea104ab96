"""BingX: spot fills and orders of three months for all symbols; contract fills of one month per
symbol."""

from __future__ import annotations

from datetime import timedelta

from exchange_cache.adapter.policy import (
    DAY,
    CallPolicy,
    CandlePolicy,
    ExchangePolicy,
    NumberPaging,
    OffsetPaging,
    RawRows,
    StreamPolicy,
    TimeBounds,
    WalletPolicy,
)
from exchange_cache.errors import KeyRefused, PermissionMissing
from exchange_cache.exchanges.bingx import rows
from exchange_cache.exchanges.bingx.ids import grammar
from exchange_cache.records import DataType, TransferKind

_DOCS = "https://bingx-api.github.io/docs/"
_DOCS_V3 = "https://bingx-api.github.io/docs-v3/"
_FOUNDED = 1_546_300_800_000  # 2019
_WEEK = 7 * DAY - timedelta(minutes=1)
_MONTH, _QUARTER = 29 * DAY, 89 * DAY

_MOVES = (
    ("spot", "USDTMPerp"),
    ("USDTMPerp", "spot"),
    ("fund", "spot"),
    ("spot", "fund"),
    ("fund", "USDTMPerp"),
    ("USDTMPerp", "fund"),
)

POLICY = ExchangePolicy(
    exchange="bingx",
    title="BingX",
    wallets=(
        WalletPolicy(
            name="spot",
            trades=frozenset({"spot"}),
            params={"type": "spot"},
            must_have="data.balances",
            rows=(RawRows(path="data.balances.*", name="asset", figures=("free", "locked")),),
            source=f"{_DOCS}#/en-us/spot/account-api.html",
        ),
        WalletPolicy(
            name="funding",
            params={"type": "funding"},
            must_have="data.assets",
            rows=(RawRows(path="data.assets.*", name="asset", figures=("free", "locked")),),
            optional=True,
            source=f"{_DOCS}#/en-us/common/account-api",
        ),
        *(
            WalletPolicy(
                name=name,
                trades=trades,
                method=method,
                parser=rows.contracts_wallet,
                must_have="data",
                rows=(RawRows(path="data.*", name="asset", figures=("balance",), blank=True),),
                optional=True,
                source=(
                    f"{_DOCS}: balance, without the unrealised result (ccxt's total is what can be"
                    " withdrawn)"
                ),
            )
            for name, method, trades in (
                ("linear", "swapV3PrivateGetUserBalance", frozenset({"linear"})),
                ("inverse", "cswapV1PrivateGetUserBalance", frozenset({"inverse"})),
                ("standard", "contractV1PrivateGetBalance", frozenset()),
            )
        ),
    ),
    streams=(
        StreamPolicy(
            data_type=DataType.ORDERS,
            scope="spot",
            method="spotV1PrivateGetTradeHistoryOrders",
            market_field="symbol",
            paging=NumberPaging(param="pageIndex"),
            page_size=100,
            limit_param="pageSize",
            window=_WEEK,
            retention=_QUARTER,
            rows="data.orders",
            note="how far back is not documented: 90 days are requested",
            source=f"{_DOCS}#/en-us/spot/trade-api.html (history orders)",
        ),
        StreamPolicy(
            data_type=DataType.FILLS,
            scope="spot",
            method="spotV1PrivateGetTradeMyTrades",
            parser=rows.fill,
            market_field="symbol",
            page_size=500,
            window=_WEEK,
            retention=_QUARTER,
            backfill="oldest_first",
            rows="data.fills",
            note=(
                "all symbols; the smaller of two documented page sizes; for a window that begins"
                " more than three months ago BingX returns the newest fills instead, so none is"
                " requested"
            ),
            source=f"{_DOCS_V3}#/en/Spot/Trades%20Endpoints/Query%20transaction%20details",
        ),
        StreamPolicy(
            data_type=DataType.FILLS,
            scope="linear",
            category="linear",
            method="swapV2PrivateGetTradeFillHistory",
            parser=rows.contract_fill,
            needs_symbol=True,
            market_field="symbol",
            bounds=TimeBounds(start="startTs", end="endTs"),
            paging=NumberPaging(param="pageIndex"),
            page_size=500,
            limit_param="pageSize",
            window=_WEEK,
            retention=_MONTH,
            proven=_WEEK,
            backfill="oldest_first",
            rows="data.fill_history_orders",
            null_is_empty=True,
            optional=True,
            note=(
                "how far back is not documented: a month is requested, a week (ccxt) counts as"
                " complete; ccxt reads another list, without ids"
            ),
            source=f"{_DOCS}#/en-us/swapV2/trade-api.html (historical transaction details)",
        ),
        StreamPolicy(
            data_type=DataType.ORDERS,
            scope="linear",
            category="linear",
            method="swapV1PrivateGetTradeFullOrder",
            market_field="symbol",
            page_size=500,
            window=_WEEK,
            retention=_QUARTER,
            rows="data.orders",
            optional=True,
            note="the cost is average x filled: cumQuote is rounded to whole units",
            source=f"{_DOCS}#/en-us/swapV2/trade-api.html (all orders)",
        ),
        StreamPolicy(
            data_type=DataType.ORDERS,
            scope="inverse",
            category="inverse",
            method="cswapV1PrivateGetTradeOrderHistory",
            market_field="symbol",
            page_size=500,
            window=_WEEK,
            retention=_QUARTER,
            rows="data.orders",
            optional=True,
            source=f"{_DOCS}#/en-us/cswap/trade-api.html (order history)",
        ),
        StreamPolicy(
            data_type=DataType.TRANSFERS,
            scope="income",
            category="linear",
            method="swapV2PrivateGetUserIncome",
            parser=rows.income,
            meanings=rows.INCOME,
            market_field="symbol",
            page_size=1000,
            window=_WEEK,
            retention=_QUARTER,
            rows="data",
            transfer_kind=TransferKind.FUNDING,
            optional=True,
            note="90 days; names the symbols that were traded",
            source=f"{_DOCS}#/en-us/swapV2/account-api.html (fund flow)",
        ),
        *(
            StreamPolicy(
                data_type=DataType.TRANSFERS,
                scope=scope,
                method=method,
                parser=rows.withdrawal if kind is TransferKind.WITHDRAWAL else None,
                paging=OffsetPaging(param="offset"),
                page_size=1000,
                window=_QUARTER,
                history_start_ms=_FOUNDED,
                transfer_kind=kind,
                source=f"{_DOCS}#/en-us/spot/wallet-api.html ({scope})",
            )
            for scope, method, kind in (
                ("deposits", "spotV3PrivateGetCapitalDepositHisrec", TransferKind.DEPOSIT),
                ("withdrawals", "spotV3PrivateGetCapitalWithdrawHistory", TransferKind.WITHDRAWAL),
            )
        ),
        *(
            StreamPolicy(
                data_type=DataType.TRANSFERS,
                scope=f"moves-{source.lower()}-{target.lower()}",
                method="apiV3PrivateGetAssetTransferRecord",
                params={"fromAccount": source, "toAccount": target},
                paging=NumberPaging(param="pageIndex", total="total"),
                page_size=100,
                limit_param="pageSize",
                window=30 * DAY,
                retention=_QUARTER,
                rows="rows?",
                transfer_kind=TransferKind.INTERNAL,
                optional=True,
                source=f"{_DOCS}#/en-us/common/account-api (asset transfer records)",
            )
            for source, target in _MOVES
        ),
    ),
    positions=tuple(
        CallPolicy(
            category=category,
            wallet=category,
            method=method,
            market_field="symbol",
            rows="data",
            figures=("positionAmt",),
            optional=True,
        )
        for category, method in (
            ("linear", "swapV2PrivateGetUserPositions"),
            ("inverse", "cswapV1PrivateGetUserPositions"),
        )
    ),
    open_orders=tuple(
        CallPolicy(
            category=category,
            wallet=category,
            method=method,
            market_field="symbol",
            rows="data.orders",
            optional=category != "spot",
        )
        for category, method in (
            ("spot", "spotV1PrivateGetTradeOpenOrders"),
            ("linear", "swapV2PrivateGetTradeOpenOrders"),
            ("inverse", "cswapV1PrivateGetTradeOpenOrders"),
        )
    ),
    tickers=(
        CallPolicy(
            category="spot",
            method="fetch_tickers",
            params={"type": "spot"},
            rows="data",
            market_field="symbol",
            figures=("lastPrice",),
            blank=True,
        ),
    ),
    discovery_quotes=("USDT", "USDC", "BTC"),
    grammar=grammar,
    unlisted_ids={
        "spot": "{base}-{quote}",
        "linear": "{base}-{quote}",
        "inverse": "{base}-{quote}",
    },
    unlisted_contract_sizes={"linear": "1"},
    codes={
        "100004": PermissionMissing,  # the API key was created without the permission
        "100413": KeyRefused,
        "100419": KeyRefused,  # IP does not match IP whitelist
    },
    candles=CandlePolicy(
        source="https://bingx-api.github.io/docs-v3/#/en/Spot/Market%20Data/Kline%20Data"
    ),
    guarantee=(
        "Spot fills are complete for three months, for all symbols. Contract fills of 30 days are"
        " requested for the symbols that orders, balances and the contract ledger name, and are"
        " complete for a week; orders and funding for 90 days."
    ),
    # what exists: bingx-api.github.io/docs-v3: Account, Copy Trade, Dual Investment, Sub-account
    not_read=(
        "sub-accounts",
        "copy trading",
        "trading bots",
        "dual investment and Wealth products",
        "loans",
        "P2P orders",
        "rebates",
        "fills of coin-margined and standard contracts",
    ),
    source=_DOCS,
)
