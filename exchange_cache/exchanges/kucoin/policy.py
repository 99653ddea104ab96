"""KuCoin (classic accounts): high-frequency fills per symbol, older spot fills and futures for all
symbols, in 7-day windows."""

from __future__ import annotations

from dataclasses import replace

from exchange_cache.adapter.allowances import Limits
from exchange_cache.adapter.policy import (
    DAY,
    CallPolicy,
    CandlePolicy,
    CursorPaging,
    ExchangePolicy,
    IdPaging,
    NumberPaging,
    StreamPolicy,
    TimeBounds,
)
from exchange_cache.exchanges.kucoin import rows
from exchange_cache.exchanges.kucoin.ids import grammar
from exchange_cache.exchanges.kucoin.key import CODES, KEY_QUESTION
from exchange_cache.exchanges.kucoin.wallets import WALLETS
from exchange_cache.exchanges.kucoin.words import LEDGER
from exchange_cache.records import MARGIN, DataType, FillKind, TransferKind

_DOCS = "https://www.kucoin.com/docs-new"
_BOUNDS = TimeBounds(start="startAt", end="endAt")
_WEEK = 7 * DAY
_FOUNDED = 1_550_448_000_000  # 2019-02-18: the present API's history begins
_HF = 1_669_852_800_000  # 2022-12: high-frequency accounts
_PAGES = NumberPaging(param="currentPage", total="data.totalNum", pages="data.totalPage")
_LAST_ID = CursorPaging(param="lastId", path="data.lastId")

_FILLS = StreamPolicy(
    data_type=DataType.FILLS,
    scope="spot",
    method="privateGetHfFills",
    needs_symbol=True,
    market_field="symbol",
    bounds=_BOUNDS,
    paging=_LAST_ID,
    page_size=100,
    window=_WEEK,
    history_start_ms=_HF,
    rows="data.items",
    newest_first=True,
    source=f"{_DOCS}/rest/spot-trading/orders/get-trade-history",
)

_SPOT = (
    _FILLS,
    StreamPolicy(
        data_type=DataType.FILLS,
        scope="spot-classic",
        method="privateGetFills",
        market_field="symbol",
        bounds=_BOUNDS,
        paging=_PAGES,
        page_size=500,
        limit_param="pageSize",
        window=_WEEK,
        history_start_ms=_FOUNDED,
        rows="data.items",
        optional=True,
        note="fills from before the high-frequency account, for all symbols",
        source=f"{_DOCS}/abandoned-endpoints/spot-trading/get-filled-list",
    ),
    StreamPolicy(
        data_type=DataType.ORDERS,
        scope="spot",
        method="privateGetHfOrdersDone",
        needs_symbol=True,
        market_field="symbol",
        bounds=_BOUNDS,
        paging=_LAST_ID,
        page_size=100,
        window=_WEEK,
        retention=180 * DAY,
        rows="data.items",
        source=f"{_DOCS}/rest/spot-trading/orders/get-closed-orders",
    ),
)


def _margin(wallet: str, trade_type: str) -> tuple[StreamPolicy, ...]:
    """Fills and orders of cross or isolated margin: per symbol, in so many windows that only the
    wallet's own symbols are requested."""
    fills = replace(
        _FILLS,
        scope=wallet,
        category=MARGIN,
        method="privateGetHfMarginFills",
        params={"tradeType": trade_type},
        only={"tradeType": trade_type},
        parser=rows.margin_fill,
        wallet=wallet,
        opened_by=frozenset({wallet}),
        swept=False,
        optional=True,
        note=(
            "symbols of the assets that the wallet holds or received, and those named in the"
            " settings"
        ),
        source=f"{_DOCS}/rest/margin-trading/orders/get-trade-history",
    )
    orders = replace(
        fills,
        data_type=DataType.ORDERS,
        method="privateGetHfMarginOrdersDone",
        parser=None,
        retention=180 * DAY,
        source=f"{_DOCS}/rest/margin-trading/orders/get-closed-orders",
    )
    return fills, orders


_CONTRACT_FILLS = StreamPolicy(
    data_type=DataType.FILLS,
    scope="futures",
    category="linear",
    method="futuresPrivateGetFills",
    market_field="symbol",
    mixed=True,
    bounds=_BOUNDS,
    paging=_PAGES,
    page_size=1000,
    limit_param="pageSize",
    window=_WEEK,
    retention=90 * DAY,
    rows="data.items",
    optional=True,
    note="three months",
    source=f"{_DOCS}/rest/futures-trading/orders/get-trade-history",
)

_FUTURES = (
    _CONTRACT_FILLS,
    replace(
        _CONTRACT_FILLS,
        data_type=DataType.ORDERS,
        method="futuresPrivateGetOrders",
        params={"status": "done"},
        note="",
        source=f"{_DOCS}/rest/futures-trading/orders/get-order-list",
    ),
)


def _funding(scope: str, category: str) -> StreamPolicy:
    """Funding of contracts: per contract, newest first. According to ccxt, the start is ignored
    together with a page size."""
    return StreamPolicy(
        data_type=DataType.TRANSFERS,
        scope=scope,
        category=category,
        method="futuresPrivateGetFundingHistory",
        parser=rows.funding,
        needs_symbol=True,
        market_field="symbol",
        bounds=_BOUNDS,
        paging=IdPaging(
            param="offset", field="id", backward=True, more="data.hasMore", stop_field="timePoint"
        ),
        page_size=100,
        limit_param="maxCount",
        history_start_ms=_FOUNDED,
        proven=90 * DAY,
        rows="data.dataList",
        transfer_kind=TransferKind.FUNDING,
        optional=True,
        note=(
            "how far back is not documented: everything is requested, three months (as of fills)"
            " are complete"
        ),
        source=f"{_DOCS}/rest/futures-trading/funding-fees/get-private-funding-history",
    )


def _moved(scope: str, method: str, kind: TransferKind) -> StreamPolicy:
    return StreamPolicy(
        data_type=DataType.TRANSFERS,
        scope=scope,
        method=method,
        bounds=_BOUNDS,
        paging=_PAGES,
        page_size=500,
        limit_param="pageSize",
        window=_WEEK,
        history_start_ms=_FOUNDED,
        rows="data.items",
        transfer_kind=kind,
        source=f"{_DOCS}/rest/account-info",
    )


POLICY = ExchangePolicy(
    exchange="kucoin",
    title="KuCoin",
    wallets=WALLETS,
    streams=(
        *_SPOT,
        *_margin("margin", "MARGIN_TRADE"),
        *_margin("margin-isolated", "MARGIN_ISOLATED_TRADE"),
        *_FUTURES,
        _funding("funding-linear", "linear"),
        _funding("funding-inverse", "inverse"),
        _moved("deposits", "privateGetDeposits", TransferKind.DEPOSIT),
        _moved("withdrawals", "privateGetWithdrawals", TransferKind.WITHDRAWAL),
        StreamPolicy(
            data_type=DataType.TRANSFERS,
            scope="ledger",
            method="privateGetAccountsLedgers",
            parser=rows.ledger,
            meanings=LEDGER,
            bounds=_BOUNDS,
            paging=_PAGES,
            page_size=500,
            limit_param="pageSize",
            window=DAY,
            retention=364 * DAY,
            witness=True,
            rows="data.items",
            transfer_kind=TransferKind.INTERNAL,
            optional=True,
            note=(
                "everything of the main and trade accounts that no other list reports; one day a"
                " request, one year"
            ),
            source=f"{_DOCS}/rest/account-info/account-funding/get-account-ledgers-spot-margin",
        ),
        StreamPolicy(
            data_type=DataType.FILLS,
            scope="converts",
            method="privateGetConvertOrderHistory",
            parser=rows.convert,
            bounds=_BOUNDS,
            paging=NumberPaging(total="data.totalNum", pages="data.totalPage"),
            page_size=100,
            limit_param="pageSize",
            window=_WEEK,
            history_start_ms=_HF,
            rows="data.items",
            fill_kind=FillKind.CONVERT,
            optional=True,
            source=f"{_DOCS}/rest/convert/get-convert-order-history",
        ),
    ),
    positions=tuple(
        CallPolicy(
            category=category,
            wallet="futures",
            method="futuresPrivateGetPositions",
            market_field="symbol",
            mixed=True,
            rows="data",
            figures=("currentQty",),
            optional=True,
        )
        for category in ("linear", "inverse")
    ),
    open_orders=(
        CallPolicy(
            category="spot",
            wallet="trade_hf",
            method="privateGetHfOrdersActive",
            needs_symbol=True,
            market_field="symbol",
            rows="data",
        ),
        *(
            CallPolicy(
                category=category,
                wallet="futures",
                method="futuresPrivateGetOrders",
                params={"status": "active", "pageSize": 1000},
                paging=_PAGES,
                market_field="symbol",
                mixed=True,
                rows="data.items",
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
            rows="data.ticker",
            market_field="symbol",
            figures=("last",),
            blank=True,
        ),
    ),
    options={"options": {"uta": False, "hf": True, "fetchMarkets": {"fetchTickersFees": False}}},
    credentials=("api_key", "secret", "password"),
    discovery_quotes=("USDT", "USDC", "BTC", "ETH", "KCS", "EUR", "BRL", "TRY"),
    grammar=grammar,
    unlisted_ids={
        "spot": "{base}-{quote}",
        "linear": "{base}{quote}M",
        "inverse": "{base}{quote}M",
    },
    codes=CODES,
    limits=Limits(
        signed_per_account=True,
        at_once=8,
        source="https://www.kucoin.com/docs-new/rate-limit",
    ),
    key_question=KEY_QUESTION,
    candles=CandlePolicy(
        source="https://www.kucoin.com/docs-new/rest/spot-trading/market-data/get-klines"
    ),
    guarantee=(
        "Spot fills are complete for every requested symbol; futures reach back three months,"
        " finished spot orders six. Funding is read per contract, as far back as KuCoin serves it."
        " Moves, interest and bonuses of the main and trade accounts reach back one year, converts"
        " to the end of 2022. Interest that KuCoin Earn adds to a subscribed product is in no list"
        " of the API: only the balance contains it. Margin fills and orders are read for the pairs"
        " of assets that the margin wallets hold or received, and for those in the setting symbols:"
        " a pair that was only borrowed and repaid needs that setting."
    ),
    # what exists: kucoin.com/docs-new: Sub-Account, Unified Account, Copy Trading, Margin Credit,
    # VIP Lending, Structured Earn, Affiliate, Broker
    not_read=(
        "unified accounts",
        "sub-accounts",
        "copy trading",
        "trading bots",
        "lending to margin traders",
        "VIP and OTC loans",
        "dual investment and other structured products",
        "P2P orders and KuCoin Pay",
        "rebates of affiliates and brokers",
    ),
    source=_DOCS,
)
