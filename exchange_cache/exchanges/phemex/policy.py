"""Phemex: spot and coin-margined contracts per symbol, contracts in USDT and USDC for all symbols,
newest first."""

from __future__ import annotations

from datetime import timedelta

from exchange_cache.adapter.policy import (
    DAY,
    CallPolicy,
    CandlePolicy,
    ExchangePolicy,
    FanOut,
    OffsetPaging,
    RawRows,
    StreamPolicy,
    TimeBounds,
    WalletPolicy,
)
from exchange_cache.errors import KeyRefused, PermissionMissing
from exchange_cache.exchanges.phemex import rows
from exchange_cache.exchanges.phemex.ids import grammar
from exchange_cache.records import DataType, FillKind, TransferKind

_DOCS = "https://phemex-docs.github.io/"
_BOUNDS = TimeBounds(start="start", end="end")
_NONE = TimeBounds(start=None, end=None)
_FOUNDED = 1_574_640_000_000  # 2019-11-25
_TWO_DAYS = 2 * DAY - timedelta(minutes=1)
_QUARTER = 89 * DAY


def _by_symbol(
    data_type: DataType, scope: str, category: str, method: str, path: str, **params: object
) -> StreamPolicy:
    fills = data_type is DataType.FILLS
    return StreamPolicy(
        data_type=data_type,
        scope=scope,
        category=category,
        method=method,
        params=params,
        parser=rows.fill if fills else rows.order,
        needs_symbol=True,
        market_field="symbol",
        bounds=_BOUNDS,
        paging=OffsetPaging(param="offset"),
        page_size=200,
        window=_TWO_DAYS,
        retention=_QUARTER,
        backfill="oldest_first",
        rows=path,
        optional=category != "spot",
        note=(
            "two days a request (ccxt); how far back is not documented: 90 days are requested;"
            " without withCount the total may be wrong"
        ),
        source=f"{_DOCS}, ccxt .features",
    )


def _listed(data_type: DataType, settle: str) -> StreamPolicy:
    fills = data_type is DataType.FILLS
    return StreamPolicy(
        data_type=data_type,
        scope=f"linear-{settle.lower()}",
        category="linear",
        method=(
            "privateGetExchangeOrderV2TradingList"
            if fills
            else "privateGetExchangeOrderV2OrderList"
        ),
        params={"currency": settle},
        parser=rows.fill if fills else rows.order,
        market_field="symbol",
        bounds=_NONE,
        paging=OffsetPaging(param="offset", stop_field="createdAt"),
        page_size=200,
        history_start_ms=_FOUNDED,
        rows="data.rows",
        optional=True,
        note="no end parameter: newest first, until before the window"
        + ("; funding is among the trades" if fills else ""),
        source=f"{_DOCS}#query-user-{'trade' if fills else 'order-history'}-2",
    )


def _wallet_list(scope: str, method: str, kind: TransferKind) -> StreamPolicy:
    return StreamPolicy(
        data_type=DataType.TRANSFERS,
        scope=scope,
        method=method,
        parser=rows.wallet,
        bounds=_NONE,
        paging=OffsetPaging(param="offset", may_repeat=True),
        page_size=200,
        history_start_ms=_FOUNDED,
        rows="data",
        transfer_kind=kind,
        note="no time parameter: all pages are read each time",
        source=f"{_DOCS}#query-{scope[:-1]}-history",
    )


_CONTRACTS = RawRows(
    path="data.account", name="currency", figures=("accountBalanceRv|accountBalanceEv",)
)

POLICY = ExchangePolicy(
    exchange="phemex",
    title="Phemex",
    wallets=(
        WalletPolicy(
            name="spot",
            trades=frozenset({"spot"}),
            params={"type": "spot"},
            must_have="data",
            rows=(RawRows(path="data.*", name="currency", figures=("balanceEv",)),),
            source=f"{_DOCS}#query-wallets",
        ),
        *(
            WalletPolicy(
                name=f"futures-{code.lower()}",
                trades=frozenset({"linear", "inverse", "option"}),
                method=method,
                params={"currency": code},
                parser=rows.contracts_wallet,
                must_have="data.account",
                rows=(_CONTRACTS,),
                optional=True,
                source=f"{_DOCS}: account balance, without the unrealised result",
            )
            for code, method in (
                ("USDT", "privateGetGAccountsAccountPositions"),
                ("USDC", "privateGetGAccountsAccountPositions"),
                ("BTC", "privateGetAccountsAccountPositions"),
                ("USD", "privateGetAccountsAccountPositions"),
            )
        ),
    ),
    streams=(
        _by_symbol(
            DataType.FILLS, "spot", "spot", "privateGetExchangeSpotOrderTrades", "data.rows"
        ),
        _by_symbol(DataType.ORDERS, "spot", "spot", "privateGetApiDataSpotsOrders", "*"),
        _listed(DataType.FILLS, "USDT"),
        _listed(DataType.ORDERS, "USDT"),
        _listed(DataType.FILLS, "USDC"),
        _listed(DataType.ORDERS, "USDC"),
        _by_symbol(
            DataType.FILLS, "inverse", "inverse", "privateGetExchangeOrderTrade", "data.rows"
        ),
        _by_symbol(DataType.ORDERS, "inverse", "inverse", "privateGetExchangeOrderList", "*"),
        _wallet_list("deposits", "privateGetExchangeWalletsDepositList", TransferKind.DEPOSIT),
        _wallet_list(
            "withdrawals", "privateGetExchangeWalletsWithdrawList", TransferKind.WITHDRAWAL
        ),
        StreamPolicy(
            data_type=DataType.TRANSFERS,
            scope="moves",
            method="privateGetAssetsTransfer",
            parser=rows.transfer,
            bounds=_BOUNDS,
            paging=OffsetPaging(param="offset"),
            page_size=200,
            history_start_ms=_FOUNDED,
            rows="data.rows",
            fan_out=FanOut(method="privateGetSpotWallets", param="currency", field="currency"),
            transfer_kind=TransferKind.INTERNAL,
            optional=True,
            note="once per currency of the spot wallet",
            source=f"{_DOCS}#query-transfer-history",
        ),
        StreamPolicy(
            data_type=DataType.FILLS,
            scope="converts",
            method="privateGetAssetsConvert",
            parser=rows.convert,
            paging=OffsetPaging(param="offset"),
            page_size=200,
            history_start_ms=_FOUNDED,
            rows="data.rows",
            fill_kind=FillKind.CONVERT,
            optional=True,
            source=f"{_DOCS}#query-conversion-history",
        ),
    ),
    positions=tuple(
        CallPolicy(
            category=category,
            scope=settle,
            wallet=f"futures-{settle.lower()}",
            method=method,
            params={"currency": settle},
            market_field="symbol",
            mixed=True,
            rows="data.positions",
            figures=("sizeRq|size",),
            optional=True,
        )
        for category, settle, method in (
            ("linear", "USDT", "privateGetGAccountsAccountPositions"),
            ("linear", "USDC", "privateGetGAccountsAccountPositions"),
            ("inverse", "BTC", "privateGetAccountsAccountPositions"),
        )
    ),
    open_orders=tuple(
        CallPolicy(
            category=category,
            wallet=wallet,
            method="fetch_open_orders",
            needs_symbol=True,
            rows="data" if category == "spot" else "data.rows",
            optional=category != "spot",
        )
        for category, wallet in (
            ("spot", "spot"),
            ("linear", "futures-usdt"),
            ("inverse", "futures-btc"),
        )
    ),
    tickers=(
        CallPolicy(
            category="spot",
            method="fetch_tickers",
            params={"type": "spot"},
            rows="result",
            market_field="symbol",
            figures=("lastEp|closeEp|closeRp",),
            blank=True,
        ),
    ),
    discovery_quotes=("USDT", "USDC", "BTC", "ETH"),
    grammar=grammar,
    unlisted_ids={"spot": "s{base}{quote}", "linear": "{base}{quote}", "inverse": "{base}{quote}"},
    unlisted_contract_sizes={"linear": "1"},
    words={
        "401 Insufficient privilege": PermissionMissing,
        "401 Request IP mismatch": KeyRefused,
    },
    candles=CandlePolicy(source="https://phemex-docs.github.io/#query-kline"),
    guarantee=(
        "Contracts in USDT and USDC are read for all symbols as far back as Phemex serves them;"
        " spot and coin-margined contracts for 90 days, for the requested symbols. Deposits,"
        " withdrawals, moves and converts are requested from the beginning."
    ),
    # what exists: phemex-docs.github.io: Sub-account, Margin Trading, UTA; platform products
    # without an API
    not_read=(
        "sub-accounts",
        "unified trading accounts",
        "margin trading on spot",
        "copy trading",
        "trading bots",
        "savings, staking and other Earn products",
        "loans",
        "P2P orders",
    ),
    source=_DOCS,
)
