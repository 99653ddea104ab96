"""Gate: spot and isolated margin together, futures per settle currency, windows of 30 days."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from exchange_cache.adapter.policy import (
    DAY,
    CallPolicy,
    CandlePolicy,
    ExchangePolicy,
    NumberPaging,
    OffsetPaging,
    Paging,
    StreamPolicy,
    TimeBounds,
)
from exchange_cache.errors import KeyRefused, NotOffered, PermissionMissing
from exchange_cache.exchanges.gate import rows, words
from exchange_cache.exchanges.gate.ids import grammar
from exchange_cache.exchanges.gate.wallets import WALLETS
from exchange_cache.records import DataType, FillKind, TransferKind

_DOCS = "https://www.gate.com/docs/developers/apiv4/en"
_BOUNDS = TimeBounds(start="from", end="to", unit="s")
_NONE = TimeBounds(start=None, end=None)
# "the time range must not exceed 30 days", and seconds are rounded outwards
_WINDOW = 30 * DAY - timedelta(minutes=1)
_OFFSET = OffsetPaging(param="offset")
_PAGES = NumberPaging(reach=100_000)  # "limit * (page - 1) <= 100,000"
_FOUNDED = 1_514_764_800_000  # 2018
_NEWEST_FIRST = "no time parameter: newest first, until before the window"

_SETTLES = (("usdt", "linear"), ("btc", "inverse"))


def _windows(
    data_type: DataType,
    scope: str,
    method: str,
    paging: Paging,
    page_size: int,
    source: str,
    **more: Any,
) -> StreamPolicy:
    """A history that is requested in windows, from the beginning on."""
    return StreamPolicy(
        data_type=data_type,
        scope=scope,
        method=method,
        bounds=_BOUNDS,
        paging=paging,
        page_size=page_size,
        window=_WINDOW,
        history_start_ms=_FOUNDED,
        source=f"{_DOCS}/#{source}",
        **more,
    )


_SPOT = (
    _windows(
        DataType.FILLS,
        "spot",
        "privateSpotGetMyTrades",
        _PAGES,
        1000,
        "query-personal-trading-records",
        market_field="currency_pair",
        note="without times Gate serves seven days; spot and isolated margin",
    ),
    _windows(
        DataType.ORDERS,
        "spot",
        "privateSpotGetOrders",
        _PAGES,
        100,
        "list-orders",
        params={"status": "finished"},
        parser=rows.order,
        market_field="currency_pair",
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
        note=f"flash swaps; {_NEWEST_FIRST}",
        source=f"{_DOCS}/#query-flash-swap-order-list",
    ),
    _windows(
        DataType.TRANSFERS,
        "ledger",
        "privateSpotGetAccountBook",
        _PAGES,
        1000,
        "query-spot-account-transaction-history",
        parser=rows.book,
        meanings=words.BOOK,
        optional=True,
        note="all that no other list reports; sweeps of small balances as rows without a price",
    ),
    _windows(
        DataType.TRANSFERS,
        "deposits",
        "privateWalletGetDeposits",
        _OFFSET,
        500,
        "get-deposit-records",
        transfer_kind=TransferKind.DEPOSIT,
    ),
    _windows(
        DataType.TRANSFERS,
        "withdrawals",
        "privateWalletGetWithdrawals",
        _OFFSET,
        500,
        "get-withdrawal-records",
        transfer_kind=TransferKind.WITHDRAWAL,
    ),
)


def _perpetual(
    settle: str,
    category: str,
    data_type: DataType,
    scope: str,
    method: str,
    source: str,
    **more: Any,
) -> StreamPolicy:
    """A history of the perpetual contracts that settle in one currency."""
    return _windows(
        data_type,
        f"{scope}-{settle}",
        f"privateFuturesGetSettle{method}",
        _OFFSET,
        1000,
        source,
        category=category,
        params={"settle": settle, **more.pop("params", {})},
        market_field="contract",
        optional=True,
        **more,
    )


def _perpetuals(settle: str, category: str) -> tuple[StreamPolicy, ...]:
    return (
        _perpetual(
            settle,
            category,
            DataType.FILLS,
            "futures",
            "MyTradesTimerange",
            "query-personal-trading-records-by-time-range",
        ),
        _perpetual(
            settle,
            category,
            DataType.ORDERS,
            "futures",
            "OrdersTimerange",
            "query-futures-order-list-by-time-range",
            parser=rows.order,
        ),
        _perpetual(
            settle,
            category,
            DataType.TRANSFERS,
            "funding",
            "AccountBook",
            "query-futures-account-change-history",
            params={"type": "fund"},
            only={"type": "fund"},
            parser=rows.funding,
            meanings=words.FUTURES,
            transfer_kind=TransferKind.FUNDING,
        ),
    )


def _delivery(data_type: DataType, method: str, **more: Any) -> StreamPolicy:
    return StreamPolicy(
        data_type=data_type,
        scope="delivery-usdt",
        category="linear",
        method=method,
        params={"settle": "usdt", **more.pop("params", {})},
        market_field="contract",
        bounds=_NONE,
        paging=OffsetPaging(param="offset", stop_field="create_time", stop_unit="s"),
        page_size=100,
        history_start_ms=_FOUNDED,
        optional=True,
        note=_NEWEST_FIRST,
        source=f"{_DOCS}/#delivery",
        **more,
    )


POLICY = ExchangePolicy(
    exchange="gate",
    title="Gate",
    wallets=WALLETS,
    streams=(
        *_SPOT,
        *(stream for settle, category in _SETTLES for stream in _perpetuals(settle, category)),
        _delivery(DataType.FILLS, "privateDeliveryGetSettleMyTrades"),
        _delivery(
            DataType.ORDERS,
            "privateDeliveryGetSettleOrders",
            params={"status": "finished"},
            parser=rows.order,
        ),
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
                figures=("size",),
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
            figures=("size",),
            optional=True,
        ),
    ),
    open_orders=(
        CallPolicy(
            category="spot",
            wallet="spot",
            method="privateSpotGetOpenOrders",
            params={"limit": 100},  # of each pair
            paging=NumberPaging(),
            market_field="currency_pair",
            rows="*.orders",
            source=f"{_DOCS}/#list-all-open-orders",
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
    tickers=(
        CallPolicy(
            category="spot",
            method="fetch_tickers",
            params={"type": "spot"},
            rows="",
            market_field="currency_pair",
            figures=("last",),
            blank=True,
        ),
    ),
    options={
        "options": {"unifiedAccount": False, "fetchMarkets": {"types": ["spot", "swap", "future"]}},
        # ccxt names the endpoint, but no host for it
        "urls": {"api": {"private": {"flash_swap": "https://api.gateio.ws/api/v4"}}},
    },
    discovery_quotes=("USDT", "USDC", "BTC", "ETH"),
    grammar=grammar,
    unlisted_ids={
        "spot": "{base}_{quote}",
        "linear": "{base}_{quote}",
        "inverse": "{base}_{quote}",
    },
    codes={  # gate.com/docs/developers/apiv4, "Label list"
        "FORBIDDEN": PermissionMissing,
        "IP_FORBIDDEN": KeyRefused,
        "USER_NOT_FOUND": NotOffered,  # the product was never opened
    },
    candles=CandlePolicy(
        newest=10_000,
        source=("https://github.com/ccxt/ccxt/issues/27887 (the error of the exchange)"),
    ),
    guarantee=(
        "Spot and isolated margin fills, perpetual contracts, deposits, withdrawals and flash swaps"
        " are requested in windows from 2018 on, and complete as far as Gate serves them. Sweeps of"
        " small balances are ledger rows without a price."
    ),
    # what exists: gate.com/docs/developers/apiv4: SubAccount, Unified, EarnUni, Dual investment,
    # Earn, Collateral loan, Multi-collateral loan, Options, Rebate
    not_read=(
        "sub-accounts",
        "classic cross margin",
        "loans of unified accounts and collateral loans",
        "fills, orders and positions of options",
        "staking, fixed-term lending, dual investment, structured products and auto-invest plans",
        "copy trading",
        "trading bots",
        "P2P orders",
        "rebates",
        "Alpha trades",
    ),
    source=_DOCS,
)
