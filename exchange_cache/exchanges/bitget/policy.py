"""Bitget: classic accounts (spot, margin, three kinds of futures) and unified ones; an account has
one or the other.

Both are in the policy: the endpoints of the kind that an account is not answer 40084 or 40085,
which counts as "not offered". Nearly all history ends after 90 days.
"""

from __future__ import annotations

from datetime import timedelta

from exchange_cache.adapter.policy import (
    DAY,
    CallPolicy,
    CursorPaging,
    ExchangePolicy,
    IdPaging,
    StreamPolicy,
    WalletPolicy,
)
from exchange_cache.exchanges.bitget import rows
from exchange_cache.exchanges.bitget.margin import MARGIN_STREAMS
from exchange_cache.records import DataType, FillKind, TransferKind

_DOCUMENT = {TransferKind.DEPOSIT: "Deposit", TransferKind.WITHDRAWAL: "Withdraw"}
_DOCS = "https://www.bitget.com/api-doc"
_RETENTION = 89 * DAY
_WEEK, _MONTH = (days * DAY - timedelta(minutes=1) for days in (7, 30))  # "must not exceed"
_FOUNDED = 1_532_476_800_000  # 2018-07-25
_END_ID = CursorPaging(param="idLessThan", path="data.endId")
_UTA = CursorPaging(param="cursor", path="data.cursor")

_PRODUCTS = (("USDT-FUTURES", "linear"), ("USDC-FUTURES", "linear"), ("COIN-FUTURES", "inverse"))
_UTA_CATEGORIES = (("SPOT", "spot"), ("MARGIN", "margin"), *_PRODUCTS)


def _before(field: str) -> IdPaging:
    return IdPaging(param="idLessThan", field=field, backward=True)


_SPOT = (
    StreamPolicy(
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
    ),
    StreamPolicy(
        data_type=DataType.ORDERS,
        scope="spot",
        method="privateSpotGetV2SpotTradeHistoryOrders",
        parser=rows.order,
        market_field="symbol",
        paging=_before("orderId"),
        page_size=100,
        window=_MONTH,
        retention=_RETENTION,
        backfill="oldest_first",
        rows="data",
        optional=True,
        note="90 days",
        source=f"{_DOCS}/spot/trade/Get-History-Orders",
    ),
)


def _futures(product: str, category: str) -> tuple[StreamPolicy, ...]:
    """Fills, orders and funding of one kind of futures."""
    scope, place = product.lower(), f"{_DOCS}/contract"
    return (
        StreamPolicy(
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
            optional=True,
            note="90 days, one week a request",
            source=f"{place}/trade/Get-Fill-History",
        ),
        StreamPolicy(
            data_type=DataType.ORDERS,
            scope=scope,
            category=category,
            method="privateMixGetV2MixOrderOrdersHistory",
            params={"productType": product},
            parser=rows.order,
            market_field="symbol",
            paging=_END_ID,
            page_size=100,
            window=_WEEK,
            retention=_RETENTION,
            backfill="oldest_first",
            rows="data.entrustedList",
            optional=True,
            note="90 days",
            source=f"{place}/trade/Get-Orders-History",
        ),
        StreamPolicy(
            data_type=DataType.TRANSFERS,
            scope=f"funding-{scope}",
            category=category,
            method="privateMixGetV2MixAccountBill",
            params={"productType": product, "businessType": "contract_settle_fee"},
            parser=rows.funding,
            market_field="symbol",
            paging=_END_ID,
            page_size=100,
            window=_MONTH,
            retention=_RETENTION,
            rows="data.bills",
            transfer_kind=TransferKind.FUNDING,
            optional=True,
            note="90 days",
            source=f"{place}/account/Get-Account-Bill",
        ),
    )


def _unified(name: str, category: str) -> tuple[StreamPolicy, ...]:
    """Fills and orders of one category of a unified account."""
    return tuple(
        StreamPolicy(
            data_type=data_type,
            scope=f"uta-{name.lower()}",
            category=category,
            method=method,
            params={"category": name},
            parser=parser,
            market_field="symbol",
            paging=_UTA,
            page_size=100,
            window=_MONTH,
            retention=_RETENTION,
            backfill="oldest_first",
            rows="data.list",
            optional=True,
            note="unified accounts; 90 days",
            source=f"{_DOCS}/uta/trade/{page}",
        )
        for data_type, method, parser, page in (
            (DataType.FILLS, "privateUtaGetV3TradeFills", rows.fill, "Get-Order-Fills"),
            (
                DataType.ORDERS,
                "privateUtaGetV3TradeHistoryOrders",
                rows.order,
                "Get-Order-History",
            ),
        )
    )


def _moved(scope: str, classic: str, unified: str, kind: TransferKind) -> tuple[StreamPolicy, ...]:
    return (
        StreamPolicy(
            data_type=DataType.TRANSFERS,
            scope=scope,
            method=classic,
            paging=_before("orderId"),
            page_size=100,
            window=89 * DAY,
            history_start_ms=_FOUNDED,
            rows="data",
            transfer_kind=kind,
            optional=True,
            note="90 days a request",
            source=f"{_DOCS}/spot/account/Get-{_DOCUMENT[kind]}-Record",
        ),
        StreamPolicy(
            data_type=DataType.TRANSFERS,
            scope=f"uta-{scope}",
            method=unified,
            paging=IdPaging(param="cursor", field="orderId", backward=True),
            page_size=100,
            window=29 * DAY,
            history_start_ms=_FOUNDED,
            rows="data",
            transfer_kind=kind,
            optional=True,
            note="unified accounts; 30 days a request",
            source=f"{_DOCS}/uta/account",
        ),
    )


def _bills(scope: str, group: str, kind: TransferKind) -> StreamPolicy:
    return StreamPolicy(
        data_type=DataType.TRANSFERS,
        scope=scope,
        method="privateSpotGetV2SpotAccountBills",
        params={"groupType": group},
        parser=rows.bill,
        paging=_before("billId"),
        page_size=500,
        window=_MONTH,
        retention=_RETENTION,
        rows="data",
        transfer_kind=kind,
        optional=True,
        note="the spot account's bills, 90 days",
        source=f"{_DOCS}/spot/account/Get-Account-Bills",
    )


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
        note="small balances turned into BGB",
        source=f"{_DOCS}/common/convert/Get-BGB-Convert-Records",
    ),
)

_WALLETS = (
    WalletPolicy(
        name="spot",
        params={"type": "spot"},
        must_have="data",
        optional=True,
        source=f"{_DOCS}/spot/account/Get-Account-Assets",
    ),
    *(
        WalletPolicy(
            name=f"futures-{product.partition('-')[0].lower()}",
            params={"type": "swap", "productType": product},
            must_have="data",
            includes_unrealised=True,
            optional=True,
            source=f"{_DOCS}/contract/account/Get-Account-List: accountEquity",
        )
        for product, _ in _PRODUCTS
    ),
    *(
        WalletPolicy(
            name=name,
            method=method,
            parser=rows.margin_wallet,
            must_have="data",
            market_rows="data" if place == "isolated" else "",
            optional=True,
            source=f"{_DOCS}/margin/{place}/account: net = totalAmount - borrow - interest",
        )
        for name, method, place in (
            ("margin", "privateMarginGetV2MarginCrossedAccountAssets", "cross"),
            ("margin-isolated", "privateMarginGetV2MarginIsolatedAccountAssets", "isolated"),
        )
    ),
    WalletPolicy(
        name="earn",
        method="privateEarnGetV2EarnAccountAssets",
        parser=rows.earn_wallet,
        must_have="data",
        optional=True,
        source=f"{_DOCS}/earn/account/Earn-Assets",
    ),
    WalletPolicy(
        name="unified",
        params={"uta": True, "type": "spot"},
        must_have="data.assets",
        includes_unrealised=True,
        optional=True,
        source=(
            f"{_DOCS}/uta/account/Get-Account-Assets: equity, with what is owed in debt beside it;"
            " coin equity = balance + frozen margin + unrealized PnL (uta/intro), and whether"
            " balance is below zero where borrowed is not documented"
        ),
    ),
    WalletPolicy(
        name="funding",
        params={"uta": True, "type": "funding"},
        must_have="data",
        optional=True,
        source=f"{_DOCS}/uta/account/Get-Account-Funding-Assets: unified accounts only",
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
        null_is_empty=path.endswith("entrustedList"),  # what Bitget sends where no order is open
        optional=True,
    )


POLICY = ExchangePolicy(
    exchange="bitget",
    title="Bitget",
    wallets=_WALLETS,
    streams=(
        *_SPOT,
        *MARGIN_STREAMS,
        *(stream for product, category in _PRODUCTS for stream in _futures(product, category)),
        *(stream for name, category in _UTA_CATEGORIES for stream in _unified(name, category)),
        *_moved(
            "deposits",
            "privateSpotGetV2SpotWalletDepositRecords",
            "privateUtaGetV3AccountDepositRecords",
            TransferKind.DEPOSIT,
        ),
        *_moved(
            "withdrawals",
            "privateSpotGetV2SpotWalletWithdrawalRecords",
            "privateUtaGetV3AccountWithdrawalRecords",
            TransferKind.WITHDRAWAL,
        ),
        _bills("moves", "transfer", TransferKind.INTERNAL),
        _bills("earn", "financial", TransferKind.REWARD),
        *_TRADED_OTHERWISE,
        *(
            StreamPolicy(
                data_type=DataType.TRANSFERS,
                scope=f"uta-funding-{product.lower()}",
                category=category,
                method="privateUtaGetV3AccountFinancialRecords",
                params={"category": product},
                parser=rows.uta_record,
                market_field="symbol",
                paging=_UTA,
                page_size=100,
                window=_MONTH,
                retention=_RETENTION,
                rows="data.list",
                transfer_kind=TransferKind.FUNDING,
                optional=True,
                note="unified accounts; 90 days",
                source=f"{_DOCS}/uta/account/Get-Account-Financial-Records",
            )
            for product, category in _PRODUCTS
        ),
    ),
    positions=(
        *(
            CallPolicy(
                category=category,
                wallet=f"futures-{product.partition('-')[0].lower()}",
                method="privateMixGetV2MixPositionAllPosition",
                params={"productType": product},
                market_field="symbol",
                rows="data",
                optional=True,
            )
            for product, category in _PRODUCTS
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
                optional=True,
            )
            for product, category in _PRODUCTS
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
                f"futures-{product.partition('-')[0].lower()}",
                "privateMixGetV2MixOrderOrdersPending",
                {"productType": product},
                "data.entrustedList",
                _END_ID,
            )
            for product, category in _PRODUCTS
        ),
        *(
            _list(
                category,
                "unified",
                "privateUtaGetV3TradeUnfilledOrders",
                {"category": name},
                "data.list",
                _UTA,
            )
            for name, category in _UTA_CATEGORIES
        ),
    ),
    tickers=(CallPolicy(category="spot", method="fetch_tickers", params={"type": "spot"}),),
    options={"options": {"uta": False, "fetchMarkets": {"types": ["spot", "swap"]}}},
    credentials=("api_key", "secret", "password"),
    discovery_quotes=("USDT", "USDC", "BTC", "ETH", "EUR"),
    unlisted_ids={"spot": "{base}{quote}", "linear": "{base}{quote}", "inverse": "{base}{quote}"},
    unlisted_contract_sizes={"linear": "1", "inverse": "1"},
    contract_amounts="base",
    guarantee=(
        "Fills, orders and funding of spot, futures and unified accounts are complete for 90 days;"
        " Bitget serves nothing older, so sync at least that often. Deposits, withdrawals and"
        " converts are asked from the beginning. Fills of classic margin wallets are asked for the"
        " symbols of what they hold or were sent."
    ),
    source=_DOCS,
)
