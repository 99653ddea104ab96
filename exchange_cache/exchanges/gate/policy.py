"""Gate: spot and isolated margin together, futures per settle currency, everything in windows of 30
days at most."""

from __future__ import annotations

from datetime import timedelta

from exchange_cache.adapter.policy import (
    DAY,
    CallPolicy,
    ExchangePolicy,
    NumberPaging,
    OffsetPaging,
    StreamPolicy,
    TimeBounds,
    WalletPolicy,
)
from exchange_cache.exchanges.gate import rows
from exchange_cache.records import DataType, FillKind, TransferKind

_DOCS = "https://www.gate.com/docs/developers/apiv4/en"
_BOUNDS = TimeBounds(start="from", end="to", unit="s")
_NONE = TimeBounds(start=None, end=None)
_WINDOW = 30 * DAY - timedelta(
    minutes=1
)  # "the time range must not exceed 30 days", and seconds are rounded outwards
_OFFSET = OffsetPaging(param="offset")
_PAGES = NumberPaging(reach=100_000)  # "limit * (page - 1) <= 100,000"
_FOUNDED = 1_514_764_800_000  # 2018

_SETTLES = (("usdt", "linear"), ("btc", "inverse"))

_SPOT = (
    StreamPolicy(
        data_type=DataType.FILLS,
        scope="spot",
        method="privateSpotGetMyTrades",
        market_field="currency_pair",
        bounds=_BOUNDS,
        paging=_PAGES,
        page_size=1000,
        window=_WINDOW,
        history_start_ms=_FOUNDED,
        note="without times Gate answers for seven days; spot and isolated margin",
        source=f"{_DOCS}/#query-personal-trading-records",
    ),
    StreamPolicy(
        data_type=DataType.ORDERS,
        scope="spot",
        method="privateSpotGetOrders",
        params={"status": "finished"},
        parser=rows.order,
        market_field="currency_pair",
        bounds=_BOUNDS,
        paging=_PAGES,
        page_size=100,
        window=_WINDOW,
        history_start_ms=_FOUNDED,
        source=f"{_DOCS}/#list-orders",
    ),
    StreamPolicy(
        data_type=DataType.FILLS,
        scope="converts",
        method="privateFlash_swapGetOrders",
        params={"reverse": "true"},
        parser=rows.flash_swap,
        bounds=_NONE,
        paging=NumberPaging(stop_field="create_time"),
        page_size=100,
        history_start_ms=_FOUNDED,
        fill_kind=FillKind.CONVERT,
        optional=True,
        note="flash swaps; takes no time: newest first, until behind the window",
        source=f"{_DOCS}/#query-flash-swap-order-list",
    ),
    StreamPolicy(
        data_type=DataType.TRANSFERS,
        scope="ledger",
        method="privateSpotGetAccountBook",
        parser=rows.book,
        bounds=_BOUNDS,
        paging=_PAGES,
        page_size=1000,
        window=_WINDOW,
        history_start_ms=_FOUNDED,
        transfer_kind=TransferKind.OTHER,
        optional=True,
        note="moves, lending, interest, rebates; sweeps of small balances as rows without a price",
        source=f"{_DOCS}/#query-spot-account-transaction-history",
    ),
    *(
        StreamPolicy(
            data_type=DataType.TRANSFERS,
            scope=scope,
            method=method,
            bounds=_BOUNDS,
            paging=_OFFSET,
            page_size=500,
            window=_WINDOW,
            history_start_ms=_FOUNDED,
            transfer_kind=kind,
            source=f"{_DOCS}/#get-{scope[:-1]}-records",
        )
        for scope, method, kind in (
            ("deposits", "privateWalletGetDeposits", TransferKind.DEPOSIT),
            ("withdrawals", "privateWalletGetWithdrawals", TransferKind.WITHDRAWAL),
        )
    ),
)


def _futures(settle: str, category: str) -> tuple[StreamPolicy, ...]:
    """Fills, orders and funding of the perpetual contracts that settle in one currency."""
    return (
        StreamPolicy(
            data_type=DataType.FILLS,
            scope=f"futures-{settle}",
            category=category,
            method="privateFuturesGetSettleMyTradesTimerange",
            params={"settle": settle},
            market_field="contract",
            bounds=_BOUNDS,
            paging=_OFFSET,
            page_size=1000,
            window=_WINDOW,
            history_start_ms=_FOUNDED,
            optional=True,
            source=f"{_DOCS}/#query-personal-trading-records-by-time-range",
        ),
        StreamPolicy(
            data_type=DataType.ORDERS,
            scope=f"futures-{settle}",
            category=category,
            method="privateFuturesGetSettleOrdersTimerange",
            params={"settle": settle},
            parser=rows.order,
            market_field="contract",
            bounds=_BOUNDS,
            paging=_OFFSET,
            page_size=1000,
            window=_WINDOW,
            history_start_ms=_FOUNDED,
            optional=True,
            source=f"{_DOCS}/#query-futures-order-list-by-time-range",
        ),
        StreamPolicy(
            data_type=DataType.TRANSFERS,
            scope=f"funding-{settle}",
            category=category,
            method="privateFuturesGetSettleAccountBook",
            params={"settle": settle, "type": "fund"},
            parser=rows.funding,
            market_field="contract",
            bounds=_BOUNDS,
            paging=_OFFSET,
            page_size=1000,
            window=_WINDOW,
            history_start_ms=_FOUNDED,
            transfer_kind=TransferKind.FUNDING,
            optional=True,
            source=f"{_DOCS}/#query-futures-account-change-history",
        ),
    )


_DELIVERY = tuple(
    StreamPolicy(
        data_type=data_type,
        scope="delivery-usdt",
        category="linear",
        method=method,
        params=params,
        parser=parser,
        market_field="contract",
        bounds=_NONE,
        paging=OffsetPaging(param="offset", stop_field="create_time", stop_unit="s"),
        page_size=100,
        history_start_ms=_FOUNDED,
        optional=True,
        note="takes no time: newest first, until behind the window",
        source=f"{_DOCS}/#delivery",
    )
    for data_type, method, params, parser in (
        (DataType.FILLS, "privateDeliveryGetSettleMyTrades", {"settle": "usdt"}, None),
        (
            DataType.ORDERS,
            "privateDeliveryGetSettleOrders",
            {"settle": "usdt", "status": "finished"},
            rows.order,
        ),
    )
)

POLICY = ExchangePolicy(
    exchange="gate",
    title="Gate",
    wallets=(
        WalletPolicy(
            name="spot", params={"type": "spot"}, source=f"{_DOCS}/#list-spot-trading-accounts"
        ),
        WalletPolicy(
            name="margin",
            method="privateMarginGetAccounts",
            parser=rows.margin_wallet,
            optional=True,
            source=(
                f"{_DOCS}/#margin-account-list: isolated pairs, available + locked - borrowed -"
                " interest"
            ),
        ),
        *(
            WalletPolicy(
                name=name,
                method=method,
                params={"settle": settle},
                parser=rows.contracts_wallet,
                must_have="currency",
                optional=True,
                source=f"{_DOCS}/#get-futures-account: total, without the unrealised result",
            )
            for name, method, settle in (
                ("futures-usdt", "privateFuturesGetSettleAccounts", "usdt"),
                ("futures-btc", "privateFuturesGetSettleAccounts", "btc"),
                ("delivery-usdt", "privateDeliveryGetSettleAccounts", "usdt"),
            )
        ),
        WalletPolicy(
            name="options",
            method="privateOptionsGetAccounts",
            parser=rows.contracts_wallet,
            must_have="currency",
            optional=True,
            source=f"{_DOCS}/#query-account-information",
        ),
        WalletPolicy(
            name="earn",
            method="privateEarnGetUniLends",
            params={"limit": 100},
            parser=rows.lends_wallet,
            optional=True,
            source=f"{_DOCS}/#query-user-s-lending-order-list: simple earn",
        ),
    ),
    streams=(
        *_SPOT,
        *(stream for settle, category in _SETTLES for stream in _futures(settle, category)),
        *_DELIVERY,
    ),
    positions=(
        *(
            CallPolicy(
                category=category,
                wallet=f"futures-{settle}",
                method="privateFuturesGetSettlePositions",
                params={"settle": settle, "holding": "true"},
                market_field="contract",
                rows="",
                optional=True,
            )
            for settle, category in _SETTLES
        ),
        CallPolicy(
            category="linear",
            scope="delivery usdt",
            wallet="delivery-usdt",
            method="privateDeliveryGetSettlePositions",
            params={"settle": "usdt"},
            market_field="contract",
            rows="",
            optional=True,
        ),
    ),
    open_orders=(
        CallPolicy(
            category="spot",
            wallet="spot",
            method="fetch_open_orders",
            params={"type": "spot", "limit": 100},
            rows="*.orders",
        ),
        *(
            CallPolicy(
                category=category,
                wallet=f"futures-{settle}",
                method="privateFuturesGetSettleOrders",
                parser=rows.order,
                params={"settle": settle, "status": "open", "limit": 100},
                paging=_OFFSET,
                market_field="contract",
                rows="",
                figures=("size",),
                optional=True,
            )
            for settle, category in _SETTLES
        ),
    ),
    tickers=(CallPolicy(category="spot", method="fetch_tickers", params={"type": "spot"}),),
    options={
        "options": {"unifiedAccount": False, "fetchMarkets": {"types": ["spot", "swap", "future"]}},
        "urls": {
            "api": {"private": {"flash_swap": "https://api.gateio.ws/api/v4"}}
        },  # ccxt names the endpoint, but no host for it
    },
    discovery_quotes=("USDT", "USDC", "BTC", "ETH"),
    unlisted_ids={
        "spot": "{base}_{quote}",
        "linear": "{base}_{quote}",
        "inverse": "{base}_{quote}",
    },
    guarantee=(
        "Spot and isolated margin fills, perpetual contracts, deposits and withdrawals are asked in"
        " windows from 2018 on, and complete as far as Gate serves them, flash swaps too. Sweeps of"
        " small balances come from the ledger as rows without a price. Options are not read, nor is"
        " what a unified account has borrowed."
    ),
    source=_DOCS,
)
