"""OKX: a trading and a funding account; nearly all history ends after three months."""

from __future__ import annotations

from exchange_cache.adapter.allowances import Limits
from exchange_cache.adapter.policy import (
    DAY,
    CallPolicy,
    CandlePolicy,
    ExchangePolicy,
    IdPaging,
    RawRows,
    StreamPolicy,
    TimeBounds,
    TimePaging,
    WalletPolicy,
)
from exchange_cache.exchanges.okx import access, archives, rows, trading, wallets, words
from exchange_cache.exchanges.okx.ids import FORMER, grammar
from exchange_cache.records import DataType, FillKind, TransferKind

_DOCS = "https://www.okx.com/docs-v5/en"
_FOUNDED = 1_514_764_800_000  # 2018
_BILLS_BEGIN = 1_612_137_600_000  # 2021-02-01
#: Endpoints whose only bounds are exclusive timestamps: rows newer than ``before``, older than
#: ``after``.
_AROUND = TimeBounds(start="before", end="after", start_exclusive=True)


def _chain(scope: str, method: str, id_field: str, kind: TransferKind) -> StreamPolicy:
    return StreamPolicy(
        data_type=DataType.TRANSFERS,
        scope=scope,
        method=method,
        bounds=_AROUND,
        paging=TimePaging(field="ts", id_field=id_field, backward=True),
        page_size=100,
        history_start_ms=_FOUNDED,
        rows="data",
        transfer_kind=kind,
        source=f"{_DOCS}/#funding-account-rest-api-get-{scope[:-1]}-history",
    )


def _open(category: str, kind: str) -> CallPolicy:
    return CallPolicy(
        category=category,
        wallet="trading",
        method="privateGetTradeOrdersPending",
        params={"instType": kind, "limit": 100},
        paging=IdPaging(param="after", field="ordId", backward=True),
        market_field="instId",
        mixed=category in {"linear", "inverse"},
        rows="data",
        optional=kind != "SPOT",
    )


def _positions(category: str) -> CallPolicy:
    return CallPolicy(
        category=category,
        wallet="trading",
        method="privateGetAccountPositions",
        figures=("pos",),
        market_field="instId",
        mixed=True,
        rows="data",
        optional=True,
    )


POLICY = ExchangePolicy(
    exchange="okx",
    title="OKX",
    wallets=(
        WalletPolicy(
            name="trading",
            trades=frozenset({"spot", "margin", "linear", "inverse", "option"}),
            method="privateGetAccountBalance",
            parser=wallets.trading,
            averages=wallets.trading_averages,
            must_have="data.0",
            rows=(RawRows(path="data.0.details.*", name="ccy", figures=("cashBal",)),),
            source=(
                f"{_DOCS}/#trading-account-rest-api-get-balance: cashBal less accrued interest,"
                " below zero where borrowed (ccxt's total, eq, contains unrealised results)"
            ),
        ),
        WalletPolicy(
            name="funding",
            params={"type": "funding"},
            must_have="data",
            rows=(RawRows(path="data.*", name="ccy", figures=("bal",)),),
            source=f"{_DOCS}/#funding-account-rest-api-get-balance",
        ),
        WalletPolicy(
            name="earn",
            method="privateGetFinanceSavingsBalance",
            parser=wallets.savings,
            must_have="data",
            rows=(RawRows(path="data.*", name="ccy", figures=("amt",)),),
            optional=True,
        ),
        WalletPolicy(
            name="earn-staking",
            method="privateGetFinanceStakingDefiOrdersActive",
            parser=wallets.staking,
            must_have="data",
            rows=(RawRows(path="data.*.investData.*", name="ccy", figures=("amt",)),),
            optional=True,
        ),
    ),
    streams=(
        *(
            stream
            for scope, kind, category in trading.TYPES
            for stream in trading.traded(scope, kind, category)
        ),
        _chain("deposits", "privateGetAssetDepositHistory", "depId", TransferKind.DEPOSIT),
        _chain("withdrawals", "privateGetAssetWithdrawalHistory", "wdId", TransferKind.WITHDRAWAL),
        trading.bills("moves", "1", TransferKind.INTERNAL),
        trading.bills("interest", "7", TransferKind.INTEREST),
        trading.bills("funding", "8", TransferKind.FUNDING),
        trading.bills("bills-rest", "", None),
        StreamPolicy(
            data_type=DataType.TRANSFERS,
            scope="funding-ledger",
            method="privateGetAssetBillsHistory",
            parser=rows.funding_bill,
            meanings=words.FUNDING,
            bounds=_AROUND,
            paging=TimePaging(field="ts", id_field="billId", backward=True),
            page_size=100,
            history_start_ms=_BILLS_BEGIN,
            witness=True,
            rows="data",
            optional=True,
            note=(
                "rewards, airdrops, yields and everything else of the funding account that no other"
                " list reports; since February 2021"
            ),
            source=f"{_DOCS}/#funding-account-rest-api-asset-bills-history",
        ),
        StreamPolicy(
            data_type=DataType.TRANSFERS,
            scope="savings-interest",
            method="privateGetFinanceSavingsLendingHistory",
            parser=rows.savings_interest,
            bounds=_AROUND,
            paging=TimePaging(field="ts", id_field="ccy", backward=True),
            page_size=100,
            retention=30 * DAY,
            rows="data",
            transfer_kind=TransferKind.INTEREST,
            optional=True,
            note="the past month",
            source=f"{_DOCS}/#financial-product-simple-earn-flexible-get-lending-history",
        ),
        *(
            StreamPolicy(
                data_type=DataType.TRANSFERS,
                scope=f"fiat-{name}",
                method=method,
                parser=rows.fiat,
                bounds=TimeBounds(start="after", end="before"),
                paging=TimePaging(field="cTime", id_field="ordId", backward=True),
                page_size=100,
                history_start_ms=_FOUNDED,
                rows="data",
                transfer_kind=kind,
                optional=True,
                note="here after is the start and before the end",
                source=f"{_DOCS}/#funding-account-rest-api-get-fiat-{name[:-1]}-order-history",
            )
            for name, method, kind in (
                ("deposits", "privateGetFiatDepositOrderHistory", TransferKind.DEPOSIT),
                ("withdrawals", "privateGetFiatWithdrawalOrderHistory", TransferKind.WITHDRAWAL),
            )
        ),
        StreamPolicy(
            data_type=DataType.FILLS,
            scope="dust",
            method="privateGetTradeEasyConvertHistory",
            parser=rows.easy_convert,
            bounds=_AROUND,
            paging=TimePaging(field="uTime", id_field="fromCcy", backward=True),
            page_size=100,
            retention=7 * DAY,
            rows="data",
            fill_kind=FillKind.DUST,
            optional=True,
            note="seven days",
            source=f"{_DOCS}/#order-book-trading-trade-get-easy-convert-history",
        ),
        StreamPolicy(
            data_type=DataType.FILLS,
            scope="converts",
            method="privateGetAssetConvertHistory",
            parser=rows.convert,
            bounds=_AROUND,
            paging=TimePaging(field="ts", id_field="tradeId", backward=True),
            page_size=100,
            history_start_ms=_FOUNDED,
            rows="data",
            fill_kind=FillKind.CONVERT,
            optional=True,
            source=f"{_DOCS}/#funding-account-rest-api-get-convert-history",
        ),
    ),
    positions=(
        *(_positions(category) for category in ("linear", "inverse", "option")),
        CallPolicy(
            category="margin",
            wallet="trading",
            method="privateGetAccountPositions",
            params={"instType": "MARGIN"},
            parser=rows.margin_position,
            market_field="instId",
            rows="data",
            texts=("posCcy", "posSide", "ccy"),
            figures=("pos",),
            optional=True,
            source=f"{_DOCS}/#trading-account-rest-api-get-positions: cashBal contains no result",
        ),
    ),
    open_orders=(
        _open("spot", "SPOT"),
        _open("margin", "MARGIN"),
        *(
            _open(category, kind)
            for kind in ("SWAP", "FUTURES")
            for category in ("linear", "inverse")
        ),
        _open("option", "OPTION"),
    ),
    tickers=(
        CallPolicy(
            category="spot",
            method="fetch_tickers",
            params={"type": "spot"},
            rows="data",
            market_field="instId",
            figures=("last",),
            blank=True,
        ),
    ),
    options={
        "options": {"fetchMarkets": {"types": ["spot", "swap", "future"]}},
        "has": {"fetchCurrencies": False},
    },
    credentials=("api_key", "secret", "password"),
    discovery_quotes=("USDT", "USDC", "BTC", "ETH", "EUR", "USD"),
    grammar=grammar,
    former=FORMER,
    unlisted_ids={
        **dict.fromkeys(("spot", "margin"), "{base}-{quote}"),
        **dict.fromkeys(("linear", "inverse"), "{base}-{quote}-SWAP"),
    },
    corrected=rows.corrected,
    codes=access.CODES,
    # "Private endpoints are based on User ID", public ones on the address
    limits=Limits(
        signed_per_account=True,
        at_once=3,
        source="https://www.okx.com/docs-v5/en/#overview-rate-limits",
    ),
    key_question=access.KEY_QUESTION,
    archives=archives.ARCHIVES,
    candles=CandlePolicy(
        source=f"{_DOCS}/#order-book-trading-market-data-get-candlesticks-history"
    ),
    guarantee=(
        "Fills, orders, funding payments and moves are complete for three months. Older fills,"
        " funding payments, interest and moves are read from the archives of bills that OKX makes"
        " by quarter, back to February 2021; that takes hours, and brings no orders. OKX serves"
        " orders canceled without a fill for two hours. Deposits, withdrawals,"
        " bank transfers and converts are read from the beginning, rewards, yields and everything"
        " else of the funding account since February 2021, interest of flexible savings for one"
        " month, sweeps of small balances for seven days. Margin positions count with their"
        " unrealised result."
    ),
    not_read=access.NOT_READ,
    source=_DOCS,
)
