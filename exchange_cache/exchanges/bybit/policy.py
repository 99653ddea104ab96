"""Bybit (unified account): four categories of history in 7-day windows, two years back, oldest
first because the edge moves.

What an account did before it was upgraded to a unified one is told by endpoints of its own, which
never tell anything new.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from exchange_cache.adapter.policy import (
    DAY,
    CallPolicy,
    CursorPaging,
    ExchangePolicy,
    NumberPaging,
    StreamPolicy,
    TimeBounds,
    WalletPolicy,
)
from exchange_cache.exchanges.bybit import rows
from exchange_cache.records import DataType, FillKind, TransferKind

_DOCS = "https://bybit-exchange.github.io/docs/v5"
_CURSOR = CursorPaging(param="cursor", path="result.nextPageCursor")
_RETENTION = 730 * DAY
_FOUNDED = 1_541_030_400_000  # 2018-11
# 2025-09: loans are apart from the wallet since the 26th (help centre, Manual Borrow in UTA Loan)
_LENDS_SINCE = 1_756_684_800_000
_WEEK = 7 * DAY
_HALF_YEAR = 180 * DAY


def _category(name: str) -> tuple[StreamPolicy, ...]:
    """Fills and orders of one product category."""
    return (
        StreamPolicy(
            data_type=DataType.FILLS,
            scope=name,
            category=name,
            method="privateGetV5ExecutionList",
            params={"category": name},
            parser=rows.execution,
            market_field="symbol",
            paging=_CURSOR,
            page_size=100,
            window=_WEEK,
            retention=_RETENTION,
            backfill="oldest_first",
            rows="result.list",
            note="two years",
            source=f"{_DOCS}/order/execution",
        ),
        StreamPolicy(
            data_type=DataType.ORDERS,
            scope=name,
            category=name,
            method="privateGetV5OrderHistory",
            params={"category": name},
            market_field="symbol",
            paging=_CURSOR,
            page_size=50,
            window=_WEEK,
            retention=_RETENTION,
            backfill="oldest_first",
            rows="result.list",
            note=(
                "two years; older than 7 days only orders with fills, canceled without a fill: 24"
                " hours"
            ),
            source=f"{_DOCS}/order/order-list",
        ),
    )


def _before(name: str) -> tuple[StreamPolicy, ...]:
    """Fills and orders of one product category from before the upgrade.

    A week is asked again each week, in case the account was upgraded meanwhile: until then nothing
    is told here, and what happened since the last sync before the upgrade would be told nowhere
    else.
    """
    retention = _HALF_YEAR if name == "option" else _RETENTION
    fills = StreamPolicy(
        data_type=DataType.FILLS,
        scope=f"pre-upgrade-{name}",
        category=name,
        method="privateGetV5PreUpgradeExecutionList",
        params={"category": name},
        parser=rows.pre_upgrade,
        market_field="symbol",
        paging=_CURSOR,
        page_size=100,
        window=_WEEK,
        retention=retention,
        history_start_ms=_FOUNDED,
        backfill="oldest_first",
        overlap=_WEEK,
        recheck=_WEEK,
        rows="result.list",
        optional=True,
        note=_BEFORE_NOTES.get(name, "before the unified account"),
        source=f"{_DOCS}/pre-upgrade/execution",
    )
    orders = replace(
        fills,
        data_type=DataType.ORDERS,
        method="privateGetV5PreUpgradeOrderHistory",
        parser=None,
        page_size=50,
        note=_BEFORE_ORDER_NOTES.get(
            name, "before the unified account; older than 7 days only filled ones"
        ),
        source=f"{_DOCS}/pre-upgrade/order-list",
    )
    return fills, orders


_BEFORE_NOTES = {
    "linear": "before the unified account, funding too; contracts settled in USDC: six months",
    "inverse": "before the unified account, or in its first version (UTA 1.0); funding too",
    "option": "before the unified account; six months",
}
_BEFORE_ORDER_NOTES = {
    "linear": "before the unified account, settled in USDT; older than 7 days only filled ones",
    "option": "before the unified account; six months; older than 7 days only filled ones",
}


def _log(word: str, kind: TransferKind) -> StreamPolicy:
    """One type of rows of the unified account's ledger."""
    return StreamPolicy(
        data_type=DataType.TRANSFERS,
        scope=f"log-{word.lower().replace('_', '-')}",
        category="linear",
        method="privateGetV5AccountTransactionLog",
        params={"accountType": "UNIFIED", "type": word},
        parser=rows.log,
        paging=_CURSOR,
        page_size=50,
        window=_WEEK,
        retention=_RETENTION,
        backfill="oldest_first",
        rows="result.list",
        transfer_kind=kind,
        optional=True,
        source=f"{_DOCS}/account/transaction-log",
    )


def _open(category: str, settle: str | None = None) -> CallPolicy:
    return CallPolicy(
        category=category,
        wallet="unified",
        method="privateGetV5OrderRealtime",
        params={"category": category, "limit": 50}
        | ({} if settle is None else {"settleCoin": settle}),
        paging=_CURSOR,
        market_field="symbol",
        rows="result.list",
        source=f"{_DOCS}/order/open-order",
    )


def _positions(category: str, settle: str | None = None) -> CallPolicy:
    return CallPolicy(
        category=category,
        wallet="unified",
        method="privateGetV5PositionList",
        params={"category": category, "limit": 200}
        | ({} if settle is None else {"settleCoin": settle}),
        paging=_CURSOR,
        market_field="symbol",
        rows="result.list",
        source=f"{_DOCS}/position",
    )


_MOVED = (
    StreamPolicy(
        data_type=DataType.TRANSFERS,
        scope="deposits",
        method="privateGetV5AssetDepositQueryRecord",
        paging=_CURSOR,
        page_size=50,
        window=30 * DAY,
        history_start_ms=_FOUNDED,
        rows="result.rows",
        transfer_kind=TransferKind.DEPOSIT,
        source=f"{_DOCS}/asset/deposit/deposit-record",
    ),
    StreamPolicy(
        data_type=DataType.TRANSFERS,
        scope="internal-deposits",
        method="privateGetV5AssetDepositQueryInternalRecord",
        parser=rows.internal_deposit,
        paging=_CURSOR,
        page_size=50,
        window=30 * DAY,
        history_start_ms=_FOUNDED,
        rows="result.rows",
        transfer_kind=TransferKind.DEPOSIT,
        optional=True,
        note="from other users of Bybit, off the chain",
        source=f"{_DOCS}/asset/deposit/internal-deposit-record",
    ),
    StreamPolicy(
        data_type=DataType.TRANSFERS,
        scope="withdrawals",
        method="privateGetV5AssetWithdrawQueryRecord",
        params={"withdrawType": 2},
        paging=_CURSOR,
        page_size=50,
        window=30 * DAY,
        history_start_ms=_FOUNDED,
        rows="result.rows",
        transfer_kind=TransferKind.WITHDRAWAL,
        source=f"{_DOCS}/asset/withdraw/withdraw-record",
    ),
    StreamPolicy(
        data_type=DataType.TRANSFERS,
        scope="moves",
        method="privateGetV5AssetTransferQueryInterTransferList",
        paging=_CURSOR,
        page_size=50,
        window=_WEEK,
        retention=_RETENTION,
        rows="result.list",
        transfer_kind=TransferKind.INTERNAL,
        optional=True,
        source=f"{_DOCS}/asset/transfer/inter-transfer-list",
    ),
    StreamPolicy(
        data_type=DataType.TRANSFERS,
        scope="funding-ledger",
        method="privateGetV5AssetFundinghistory",
        parser=rows.funding_record,
        bounds=TimeBounds(start="createTimeFrom", end="createTimeTo", unit="s"),
        paging=_CURSOR,
        page_size=100,
        window=_WEEK
        - timedelta(
            minutes=1
        ),  # its bounds are rounded outwards to seconds and may not be more than a week apart
        retention=_RETENTION,
        proven=_WEEK,
        backfill="oldest_first",
        rows="result.list",
        optional=True,
        note=(
            "airdrops, interest of Earn and fiat of the funding account; how far back is not"
            " documented: two years are asked, the week that is served by default is believed"
        ),
        source=f"{_DOCS}/asset/fund-history",
    ),
    _log("SETTLEMENT", TransferKind.FUNDING),
    _log("INTEREST", TransferKind.FEE),
    *(
        replace(_log(word, TransferKind.INTERNAL), history_start_ms=_LENDS_SINCE)
        for word in ("BORROW", "REPAY")
    ),
    _log("AIRDROP", TransferKind.REWARD),
    _log("BONUS", TransferKind.REWARD),
)

POLICY = ExchangePolicy(
    exchange="bybit",
    title="Bybit",
    wallets=(
        WalletPolicy(
            name="unified",
            method="privateGetV5AccountWalletBalance",
            params={"accountType": "UNIFIED"},
            parser=rows.unified_wallet,
            must_have="result.list",
            source=(
                f"{_DOCS}/account/wallet-balance: walletBalance less spotBorrow, which it includes,"
                " without unrealised PnL"
            ),
        ),
        WalletPolicy(
            name="funding",
            params={"type": "funding"},
            must_have="result.balance",
            optional=True,
            source=f"{_DOCS}/asset/balance/all-balance",
        ),
        *(
            WalletPolicy(
                name=name,
                method="privateGetV5EarnPosition",
                params={"category": category},
                parser=rows.earn_wallet,
                optional=True,
                source=f"{_DOCS}/earn/position",
            )
            for name, category in (("earn", "FlexibleSaving"), ("earn-onchain", "OnChain"))
        ),
    ),
    streams=(
        *_category("spot"),
        *_category("linear"),
        *_category("inverse"),
        *_category("option"),
        *_before("spot"),
        *_before("linear"),
        *_before("inverse"),
        *_before("option"),
        *_MOVED,
        StreamPolicy(
            data_type=DataType.FILLS,
            scope="converts",
            method="privateGetV5AssetExchangeQueryConvertHistory",
            parser=rows.convert,
            paging=NumberPaging(param="index"),
            page_size=100,
            fill_kind=FillKind.CONVERT,
            rows="result.list",
            history_start_ms=_FOUNDED,
            optional=True,
            source=(
                f"{_DOCS}/asset/convert/get-convert-history: those made through the API; takes no"
                " time, all pages are read each time"
            ),
        ),
    ),
    positions=(
        _positions("linear", "USDT"),
        _positions("linear", "USDC"),
        _positions("inverse"),
        _positions("option"),
    ),
    open_orders=(
        _open("spot"),
        _open("linear", "USDT"),
        _open("linear", "USDC"),
        _open("inverse"),
        _open("option"),
    ),
    tickers=(
        CallPolicy(
            category="spot", method="fetch_tickers", params={"category": "spot", "type": "spot"}
        ),
        CallPolicy(
            category="linear",
            method="fetch_tickers",
            params={"category": "linear", "type": "swap", "subType": "linear"},
            optional=True,
        ),
        CallPolicy(
            category="inverse",
            method="fetch_tickers",
            params={"category": "inverse", "type": "swap", "subType": "inverse"},
            optional=True,
        ),
    ),
    options={
        "has": {"fetchCurrencies": False},
        "options": {"fetchMarkets": {"types": ["spot", "linear", "inverse"]}, "recvWindow": 10_000},
    },
    discovery_quotes=("USDT", "USDC", "BTC", "ETH", "EUR", "DAI", "USDE"),
    unlisted_ids={"spot": "{base}{quote}", "linear": "{base}{quote}", "inverse": "{base}{quote}"},
    unlisted_contract_sizes={"linear": "1", "inverse": "1", "option": "1"},
    guarantee=(
        "Fills and orders are complete for two years, those made before the upgrade to a unified"
        " account included; Bybit serves nothing older. Of that earlier time, options and contracts"
        " settled in USDC are served for six months, and orders of the latter are not read. Orders"
        " canceled without a fill are served for 24 hours. Converts are told when they were made"
        " through the API, and not when they were made in the app or on the website. Of the funding"
        " account's ledger, airdrops, interest of Earn and fiat are read, up to two years back; its"
        " other types are not documented, and what no list of its own tells of them (payments, the"
        " card) is in the balance alone. Loans are read as moves from and to `loan`, since"
        " September 2025; what was borrowed and sold before, and loans paid back by converting"
        " other assets, look like missing history. Moves between the main account and its"
        " sub-accounts are not read."
    ),
    source=_DOCS,
)
