"""Bitget: classic accounts (spot, margin, three kinds of futures) and unified ones; an account is
one or the other.

The policy has both: endpoints of the other kind answer 40084 or 40085, which counts as "not
offered". Nearly all history ends after 90 days.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from exchange_cache.adapter.policy import (
    DAY,
    CallPolicy,
    CandlePolicy,
    CursorPaging,
    ExchangePolicy,
    IdPaging,
    StreamPolicy,
)
from exchange_cache.errors import KeyRefused, NotOffered, OutOfRetention, PermissionMissing
from exchange_cache.exchanges.bitget import rows, words
from exchange_cache.exchanges.bitget.bills import SPOT_BILLS
from exchange_cache.exchanges.bitget.ids import grammar
from exchange_cache.exchanges.bitget.margin import MARGIN_STREAMS
from exchange_cache.exchanges.bitget.unified import CATEGORIES, PAGES, records, traded
from exchange_cache.exchanges.bitget.wallets import PRODUCTS, WALLETS, wallet_of
from exchange_cache.records import DataType, FillKind, TransferKind

_DOCS = "https://www.bitget.com/api-doc"
_RETENTION = 89 * DAY
_WEEK, _MONTH = (days * DAY - timedelta(minutes=1) for days in (7, 30))  # "must not exceed"
_FOUNDED = 1_532_476_800_000  # 2018-07-25
_END_ID = CursorPaging(param="idLessThan", path="data.endId")


def _before(field: str) -> IdPaging:
    return IdPaging(param="idLessThan", field=field, backward=True)


_FILLS = StreamPolicy(
    data_type=DataType.FILLS,
    scope="spot",
    method="privateSpotGetV2SpotTradeFills",
    parser=rows.fill,
    market_field="symbol",
    paging=_before("tradeId"),
    page_size=100,
    window=_MONTH,
    retention=_RETENTION,
    backfill="oldest_first",
    rows="data",
    optional=True,
    note="90 days, all symbols",
    source=f"{_DOCS}/spot/trade/Get-Fills",
)

_SPOT = (
    _FILLS,
    replace(
        _FILLS,
        data_type=DataType.ORDERS,
        method="privateSpotGetV2SpotTradeHistoryOrders",
        parser=rows.order,
        paging=_before("orderId"),
        note="90 days",
        source=f"{_DOCS}/spot/trade/Get-History-Orders",
    ),
)


def _futures(product: str, category: str) -> tuple[StreamPolicy, ...]:
    """Fills, orders and funding of one kind of futures."""
    scope, place = product.lower(), f"{_DOCS}/contract"
    fills = StreamPolicy(
        data_type=DataType.FILLS,
        scope=scope,
        category=category,
        method="privateMixGetV2MixOrderFillHistory",
        params={"productType": product},
        parser=rows.fill,
        market_field="symbol",
        paging=_END_ID,
        page_size=100,
        window=_WEEK,
        retention=_RETENTION,
        backfill="oldest_first",
        rows="data.fillList",
        newest_first=True,
        null_is_empty=True,  # {"fillList": null, "endId": null}
        optional=True,
        note="90 days, one week a request",
        source=f"{place}/trade/Get-Fill-History",
    )
    orders = replace(
        fills,
        data_type=DataType.ORDERS,
        method="privateMixGetV2MixOrderOrdersHistory",
        parser=rows.order,
        rows="data.entrustedList",
        note="90 days",
        source=f"{place}/trade/Get-Orders-History",
    )
    funding = replace(
        orders,
        data_type=DataType.TRANSFERS,
        scope=f"funding-{scope}",
        method="privateMixGetV2MixAccountBill",
        params={"productType": product, "businessType": "contract_settle_fee"},
        only={"businessType": "contract_settle_fee"},
        parser=rows.futures_bill,
        meanings=words.FUTURES,
        window=_MONTH,
        backfill="newest_first",
        rows="data.bills",
        transfer_kind=TransferKind.FUNDING,
        source=f"{place}/account/Get-Account-Bill",
    )
    rest = replace(
        funding,
        scope=f"bills-{scope}",
        params={"productType": product},
        only={},
        meanings=words.FUTURES_REST,
        market_field="",
        transfer_kind=None,
        note="all bills, for what no other history reports; 90 days",
    )
    return fills, orders, funding, rest


def _moved(kind: TransferKind, document: str) -> tuple[StreamPolicy, StreamPolicy]:
    """Deposits or withdrawals of classic and of unified accounts."""
    classic = StreamPolicy(
        data_type=DataType.TRANSFERS,
        scope=f"{kind}s",
        method=f"privateSpotGetV2SpotWallet{kind.title()}Records",
        paging=_before("orderId"),
        page_size=100,
        window=89 * DAY,
        history_start_ms=_FOUNDED,
        rows="data",
        transfer_kind=kind,
        optional=True,
        note="90 days a request",
        source=f"{_DOCS}/spot/account/Get-{document}-Record",
    )
    unified = replace(
        classic,
        scope=f"uta-{kind}s",
        method=f"privateUtaGetV3Account{kind.title()}Records",
        paging=IdPaging(param="cursor", field="orderId", backward=True),
        window=29 * DAY,
        note="unified accounts; 30 days a request",
        source=f"{_DOCS}/uta/account",
    )
    return classic, unified


_TRADED_OTHERWISE = (
    StreamPolicy(
        data_type=DataType.FILLS,
        scope="converts",
        method="privateConvertGetV2ConvertConvertRecord",
        parser=rows.convert,
        paging=_END_ID,
        page_size=100,
        window=89 * DAY,
        history_start_ms=_FOUNDED,
        rows="data.dataList",
        fill_kind=FillKind.CONVERT,
        optional=True,
        note="90 days a request",
        source=f"{_DOCS}/common/convert/Get-Convert-Record",
    ),
    StreamPolicy(
        data_type=DataType.FILLS,
        scope="dust",
        method="privateConvertGetV2ConvertBgbConvertRecords",
        parser=rows.dust,
        paging=_before("orderId"),
        page_size=100,
        window=89 * DAY,
        retention=_RETENTION,
        rows="data",
        fill_kind=FillKind.DUST,
        optional=True,
        note="small balances converted into BGB",
        source=f"{_DOCS}/common/convert/Get-BGB-Convert-Records",
    ),
)


def _list(
    category: str,
    wallet: str,
    method: str,
    params: dict[str, object],
    path: str,
    paging: CursorPaging | IdPaging,
) -> CallPolicy:
    return CallPolicy(
        category=category,
        wallet=wallet,
        method=method,
        parser=rows.order,
        params={"limit": 100, **params},
        paging=paging,
        market_field="symbol",
        rows=path,
        null_is_empty=path.endswith("entrustedList"),  # Bitget's value where no order is open
        optional=True,
    )


# bitget.com/api-doc/common/error-code
_CODES = {
    "40012": KeyRefused,  # apikey or password is incorrect
    "40014": PermissionMissing,  # incorrect permissions
    "40018": KeyRefused,  # invalid IP
    "43111": OutOfRetention,
    "40084": NotOffered,  # the endpoint of a classic account, asked of a unified one
    "40085": NotOffered,  # the other way round
}

POLICY = ExchangePolicy(
    exchange="bitget",
    title="Bitget",
    wallets=WALLETS,
    streams=(
        *_SPOT,
        *MARGIN_STREAMS,
        *(stream for product, category in PRODUCTS for stream in _futures(product, category)),
        *(stream for name, category in CATEGORIES for stream in traded(name, category)),
        *_moved(TransferKind.DEPOSIT, "Deposit"),
        *_moved(TransferKind.WITHDRAWAL, "Withdraw"),
        *SPOT_BILLS,
        *_TRADED_OTHERWISE,
        *(records(name, category) for name, category in CATEGORIES),
    ),
    positions=(
        *(
            CallPolicy(
                category=category,
                wallet=wallet_of(product),
                method="privateMixGetV2MixPositionAllPosition",
                params={"productType": product},
                market_field="symbol",
                rows="data",
                figures=("total",),
                optional=True,
            )
            for product, category in PRODUCTS
        ),
        *(
            CallPolicy(
                category=category,
                scope=f"uta {product}",
                wallet="unified",
                method="privateUtaGetV3PositionCurrentPosition",
                params={"category": product},
                market_field="symbol",
                rows="data.list",
                figures=("total",),
                optional=True,
            )
            for product, category in PRODUCTS
        ),
    ),
    open_orders=(
        _list(
            "spot",
            "spot",
            "privateSpotGetV2SpotTradeUnfilledOrders",
            {},
            "data",
            _before("orderId"),
        ),
        *(
            _list(
                category,
                wallet_of(product),
                "privateMixGetV2MixOrderOrdersPending",
                {"productType": product},
                "data.entrustedList",
                _END_ID,
            )
            for product, category in PRODUCTS
        ),
        *(
            _list(
                category,
                "unified",
                "privateUtaGetV3TradeUnfilledOrders",
                {"category": name},
                "data.list",
                PAGES,
            )
            for name, category in CATEGORIES
        ),
    ),
    tickers=(
        CallPolicy(
            category="spot",
            method="fetch_tickers",
            params={"type": "spot"},
            rows="data",
            market_field="symbol",
            figures=("lastPr",),
            blank=True,
        ),
    ),
    options={"options": {"uta": False, "fetchMarkets": {"types": ["spot", "swap"]}}},
    credentials=("api_key", "secret", "password"),
    discovery_quotes=("USDT", "USDC", "BTC", "ETH", "EUR"),
    grammar=grammar,
    unlisted_ids={"spot": "{base}{quote}", "linear": "{base}{quote}", "inverse": "{base}{quote}"},
    unlisted_contract_sizes={"linear": "1", "inverse": "1"},
    contract_amounts="base",
    codes=_CODES,
    candles=CandlePolicy(source=f"{_DOCS}/spot/market/Get-History-Candle-Data"),
    guarantee=(
        "Fills, orders and funding of spot, futures and unified accounts are complete for 90 days;"
        " Bitget serves nothing older, so sync at least that often. Deposits, withdrawals and"
        " converts are requested from the beginning, fills of classic margin wallets for the"
        " symbols of the assets that they hold or received."
    ),
    # what exists: bitget.com/api-doc: Spot (bot-assets), Copy Trading, Earn, Loan, Ins Loan, P2P,
    # Broker
    not_read=(
        "sub-accounts",
        "trading bots",
        "copy trading",
        "crypto loans and institutional loans",
        "P2P orders",
        "rebates and commissions of brokers and affiliates",
        "on-chain trades",
    ),
    source=_DOCS,
)
