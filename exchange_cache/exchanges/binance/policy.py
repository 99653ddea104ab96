"""Binance: spot fills by id per symbol, and many small histories besides trading.

The spot wallet lists flexible simple-earn positions as LD twins (LDBTC). The endpoint of flexible
positions is not read, because it would count them twice; locked positions have only their own.
"""

from __future__ import annotations

from exchange_cache.adapter.policy import (
    DAY,
    CallPolicy,
    CandlePolicy,
    ExchangePolicy,
    IdPaging,
    NumberPaging,
    OffsetPaging,
    OnePage,
    RawRows,
    RowParser,
    StreamPolicy,
    TimeBounds,
    WalletPolicy,
)
from exchange_cache.exchanges.binance import access, archives, rows, wallets
from exchange_cache.exchanges.binance.contracts import (
    CONTRACT_OPEN_ORDERS,
    CONTRACT_POSITIONS,
    CONTRACT_STREAMS,
    CONTRACT_WALLETS,
)
from exchange_cache.exchanges.binance.ids import grammar
from exchange_cache.exchanges.binance.margin import (
    MARGIN_OPEN_ORDERS,
    MARGIN_STREAMS,
    MARGIN_WALLETS,
)
from exchange_cache.exchanges.binance.words import DISTRIBUTIONS
from exchange_cache.records import DataType, FillKind, TransferKind

_DOCS = "https://developers.binance.com/docs"
_FOUNDED = 1_499_990_400_000  # 2017-07-14, the first trades
_SIMPLE_EARN = 1_659_312_000_000  # 2022-08-01, before which there was no simple earn
_FIAT_BOUNDS = TimeBounds(start="beginTime", end="endTime")

_SPOT = (
    StreamPolicy(
        data_type=DataType.FILLS,
        scope="spot",
        method="privateGetMyTrades",
        needs_symbol=True,
        market_field="symbol",
        paging=IdPaging(param="fromId", field="id", step=1, start="0", whole_history=True),
        page_size=1000,
        history_start_ms=_FOUNDED,
        note="by trade id per symbol, from the first trade on",
        source=(
            f"{_DOCS}/binance-spot-api-docs/rest-api/account-endpoints#account-trade-list-user_data"
        ),
    ),
    StreamPolicy(
        data_type=DataType.ORDERS,
        scope="spot",
        method="privateGetAllOrders",
        needs_symbol=True,
        market_field="symbol",
        paging=IdPaging(param="orderId", field="orderId", step=1, start="0", whole_history=True),
        page_size=1000,
        history_start_ms=_FOUNDED,
        source=f"{_DOCS}/binance-spot-api-docs/rest-api/account-endpoints#all-orders-user_data",
    ),
)


def _on_chain(kind: TransferKind, method: str, parser: RowParser, page: str) -> StreamPolicy:
    return StreamPolicy(
        data_type=DataType.TRANSFERS,
        scope=f"{kind}s",
        method=method,
        parser=parser,
        paging=OffsetPaging(param="offset"),
        page_size=1000,
        window=89 * DAY,
        history_start_ms=_FOUNDED,
        transfer_kind=kind,
        source=f"{_DOCS}/wallet/capital/{page}",
    )


_MOVED = (
    _on_chain(
        TransferKind.DEPOSIT, "sapiGetCapitalDepositHisrec", rows.deposit, "deposite-history"
    ),
    _on_chain(
        TransferKind.WITHDRAWAL,
        "sapiGetCapitalWithdrawHistory",
        rows.withdrawal,
        "withdraw-history",
    ),
    StreamPolicy(
        data_type=DataType.TRANSFERS,
        scope="dividends",
        method="sapiGetAssetAssetDividend",
        parser=rows.dividend,
        meanings=DISTRIBUTIONS,
        paging=OnePage(total="total"),
        page_size=500,
        window=90 * DAY,
        history_start_ms=_FOUNDED,
        rows="rows?",
        transfer_kind=TransferKind.REWARD,
        source=f"{_DOCS}/wallet/asset/assets-divided-record",
    ),
    *(
        StreamPolicy(
            data_type=DataType.TRANSFERS,
            scope=f"earn-{word.lower()}",
            method="sapiGetSimpleEarnFlexibleHistoryRewardsRecord",
            params={"type": word},
            only={"type": word},
            parser=rows.earn_reward,
            paging=NumberPaging(param="current", total="total"),
            page_size=100,
            limit_param="size",
            window=89 * DAY,
            history_start_ms=_SIMPLE_EARN,
            rows="rows?",
            transfer_kind=TransferKind.REWARD,
            optional=True,
            source=(
                f"{_DOCS}/simple_earn/flexible-locked/history/Get-Flexible-Rewards-History: three"
                " months a request"
            ),
        )
        for word in ("BONUS", "REALTIME", "REWARDS")
    ),
    *(
        StreamPolicy(
            data_type=DataType.TRANSFERS,
            scope=f"moves-{word.lower()}",
            method="sapiGetAssetTransfer",
            params={"type": word},
            only={"type": word},
            paging=NumberPaging(param="current", total="total"),
            page_size=100,
            limit_param="size",
            window=90 * DAY,
            retention=180 * DAY,
            rows="rows?",  # absent when there are none
            transfer_kind=TransferKind.INTERNAL,
            optional=True,
            source=f"{_DOCS}/wallet/asset/query-user-universal-transfer",
        )
        for word in wallets.MOVES
    ),
    *(
        StreamPolicy(
            data_type=DataType.TRANSFERS,
            scope=f"fiat-{name}",
            method="sapiGetFiatOrders",
            params={"transactionType": word},
            parser=rows.fiat_order,
            bounds=_FIAT_BOUNDS,
            paging=NumberPaging(total="total"),
            page_size=500,
            limit_param="rows",
            history_start_ms=_FOUNDED,
            rows="data?",
            transfer_kind=kind,
            optional=True,
            note="two requests a minute are allowed",
            source=f"{_DOCS}/fiat/rest-api/Get-Fiat-Deposit-Withdraw-History",
        )
        for name, word, kind in (
            ("deposits", "0", TransferKind.DEPOSIT),
            ("withdrawals", "1", TransferKind.WITHDRAWAL),
        )
    ),
)

_OTHER_TRADES = (
    StreamPolicy(
        data_type=DataType.FILLS,
        scope="converts",
        method="sapiGetConvertTradeFlow",
        parser=rows.convert,
        paging=OnePage(more="moreData"),
        page_size=1000,
        window=30 * DAY,
        history_start_ms=1_577_836_800_000,  # convert began in 2020
        rows="list?",
        fill_kind=FillKind.CONVERT,
        optional=True,
        source=f"{_DOCS}/convert/trade/Get-Convert-Trade-History",
    ),
    StreamPolicy(
        data_type=DataType.FILLS,
        scope="dust",
        method="sapiGetAssetDribblet",
        parser=rows.dust,
        page_size=100,
        limit_param="",
        history_start_ms=1_606_780_800_000,  # served since 2020-12-01
        rows="userAssetDribblets?",
        fill_kind=FillKind.DUST,
        optional=True,
        note="served since December 2020, 100 sweeps a request",
        source=f"{_DOCS}/wallet/asset/dust-log",
    ),
    *(
        StreamPolicy(
            data_type=DataType.FILLS,
            scope=f"card-{name}",
            method="sapiGetFiatPayments",
            params={"transactionType": word},
            parser=rows.fiat_payment,
            bounds=_FIAT_BOUNDS,
            paging=NumberPaging(total="total"),
            page_size=500,
            limit_param="rows",
            history_start_ms=_FOUNDED,
            rows="data?",
            fill_kind=FillKind.FIAT,
            optional=True,
            source=f"{_DOCS}/fiat/rest-api/Get-Fiat-Payments-History",
        )
        for name, word in (("buys", "0"), ("sells", "1"))
    ),
)

POLICY = ExchangePolicy(
    exchange="binance",
    title="Binance",
    wallets=(
        WalletPolicy(
            name="spot",
            trades=frozenset({"spot"}),
            params={"type": "spot"},
            must_have="balances",
            rows=(RawRows(path="balances.*", name="asset", figures=("free", "locked")),),
            source="api/v3/account; LD codes are flexible earn",
        ),
        WalletPolicy(
            name="funding",
            params={"type": "funding"},
            rows=(RawRows(name="asset", figures=("free", "locked", "freeze", "withdrawing")),),
            optional=True,
            source="POST sapi/v1/asset/get-funding-asset",
        ),
        *CONTRACT_WALLETS,
        *MARGIN_WALLETS,
        WalletPolicy(
            name="earn",
            method="sapiGetSimpleEarnLockedPosition",
            params={"size": 100},
            parser=wallets.locked_earn,
            rows=(RawRows(path="rows.*", name="asset", figures=("amount",)),),
            optional=True,
            source="locked positions; flexible ones are the LD codes of the spot wallet",
        ),
    ),
    streams=(
        *_SPOT,
        *_MOVED,
        *_OTHER_TRADES,
        *MARGIN_STREAMS,
        *CONTRACT_STREAMS,
    ),
    positions=CONTRACT_POSITIONS,
    open_orders=(
        CallPolicy(
            category="spot",
            wallet="spot",
            method="privateGetOpenOrders",
            market_field="symbol",
            rows="",
        ),
        *MARGIN_OPEN_ORDERS,
        *CONTRACT_OPEN_ORDERS,
    ),
    tickers=(
        CallPolicy(
            category="spot",
            method="fetch_tickers",
            params={"type": "spot"},
            rows="",
            market_field="symbol",
            figures=("lastPrice",),
            blank=True,
        ),
    ),
    options={
        "options": {
            "fetchMarkets": {"types": ["spot", "linear", "inverse"]},
            "fetchMargins": False,
            "fetchCurrencies": False,
            "fetchOpenOrders": {"warnWithoutSymbol": False},
            "recvWindow": 10_000,
        }
    },
    earn_prefixes=("LD",),
    real_codes=frozenset({"LDO", "LD"}),
    discovery_quotes=(
        "USDT",
        "USDC",
        "FDUSD",
        "BUSD",
        "BTC",
        "ETH",
        "BNB",
        "EUR",
        "TRY",
        "TUSD",
        "BRL",
        "GBP",
        "AUD",
        "USDP",
        "PAX",
        "JPY",
    ),
    grammar=grammar,
    unlisted_ids={
        "spot": "{base}{quote}",
        "margin": "{base}{quote}",
        "linear": "{base}{quote}",
        "inverse": "{base}{quote}_PERP",
    },
    unlisted_contract_sizes={"linear": "1"},
    codes=access.CODES,
    ambiguous=access.AMBIGUOUS,
    key_question=access.KEY_QUESTION,
    allowances=access.ALLOWANCES,
    limits=access.LIMITS,
    candles=CandlePolicy(
        source=(
            "https://developers.binance.com/docs/binance-spot-api-docs/rest-api/"
            "market-data-endpoints"
        ),
    ),
    archives=archives.ARCHIVES,
    guarantee=(
        "Spot and margin fills and spot orders are complete for every requested symbol. Binance has"
        " no request for all symbols at once: balances, transfers, converts and income name the"
        " symbols to begin with, and later syncs work through all others; for margin trading, if"
        " the account has a margin wallet, through those that can be traded on margin today. Margin"
        " orders are read for symbols with margin fills. Contract fills reach back six months;"
        " contract orders, funding and margin interest 90 days; archives have more, on request."
    ),
    not_read=access.NOT_READ,
    source=_DOCS,
)
