"""Bybit (unified account): four categories of history of two years in 7-day windows, oldest first
because the retention edge moves.

The history of an account before its upgrade to a unified one has its own endpoints, which never
get new rows.
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
    NumberPaging,
    StreamPolicy,
    TimeBounds,
)
from exchange_cache.exchanges.bybit import rows, words
from exchange_cache.exchanges.bybit.ids import FORMER, grammar
from exchange_cache.exchanges.bybit.key import CODES, KEY_QUESTION, LIMITS, NOT_READ
from exchange_cache.exchanges.bybit.wallets import WALLETS
from exchange_cache.records import DataType, FillKind, TransferKind

_DOCS = "https://bybit-exchange.github.io/docs/v5"
_CURSOR = CursorPaging(param="cursor", path="result.nextPageCursor")
_RETENTION = 730 * DAY
_FOUNDED = 1_541_030_400_000  # 2018-11
# 2025-09: loans are apart from the wallet since the 26th (help centre, Manual Borrow in UTA Loan)
_LENDS_SINCE = 1_756_684_800_000
_WEEK = 7 * DAY
_HALF_YEAR = 180 * DAY
_CATEGORIES = ("spot", "linear", "inverse", "option")


def _category(name: str) -> tuple[StreamPolicy, StreamPolicy]:
    """Fills and orders of one product category."""
    fills = StreamPolicy(
        data_type=DataType.FILLS,
        scope=name,
        category=name,
        method="privateGetV5ExecutionList",
        params={"category": name},
        echoes={"result.category": name},
        parser=rows.execution,
        market_field="symbol",
        paging=_CURSOR,
        page_size=100,
        window=_WEEK,
        retention=_RETENTION,
        backfill="oldest_first",
        rows="result.list",
        newest_first=True,
        sequence="seq",  # equal for what one match fills, missing in classic spot
        note="two years",
        source=f"{_DOCS}/order/execution",
    )
    orders = replace(
        fills,
        data_type=DataType.ORDERS,
        method="privateGetV5OrderHistory",
        parser=None,
        page_size=50,
        forgets=DAY,
        note=(
            "two years; older than 7 days only orders with fills, canceled without a fill: 24 hours"
        ),
        source=f"{_DOCS}/order/order-list",
    )
    return fills, orders


def _before(name: str) -> tuple[StreamPolicy, StreamPolicy]:
    """Fills and orders of one product category from before the upgrade.

    Each week requests the last week again, in case the account was upgraded: these endpoints report
    nothing before the upgrade, and only they report the time between the last sync and it.
    """
    filled = "older than 7 days only filled ones"
    fills, orders = (
        replace(
            stream,
            scope=f"pre-upgrade-{name}",
            retention=_HALF_YEAR if name == "option" else _RETENTION,
            forgets=None,
            history_start_ms=_FOUNDED,
            overlap=_WEEK,
            recheck=_WEEK,
            optional=True,
        )
        for stream in _category(name)
    )
    return (
        replace(
            fills,
            method="privateGetV5PreUpgradeExecutionList",
            parser=rows.pre_upgrade,
            note=_BEFORE_NOTES.get(name, "before the unified account"),
            source=f"{_DOCS}/pre-upgrade/execution",
        ),
        replace(
            orders,
            method="privateGetV5PreUpgradeOrderHistory",
            note=f"{_BEFORE_ORDER_NOTES.get(name, 'before the unified account')}; {filled}",
            source=f"{_DOCS}/pre-upgrade/order-list",
        ),
    )


_BEFORE_NOTES = {
    "linear": "before the unified account, funding too; contracts settled in USDC: six months",
    "inverse": "before the unified account, or in its first version (UTA 1.0); funding too",
    "option": "before the unified account; six months",
}
_BEFORE_ORDER_NOTES = {
    "linear": "before the unified account, settled in USDT",
    "option": "before the unified account; six months",
}


def _log(word: str, kind: TransferKind | None) -> StreamPolicy:
    """One type of rows of the unified account's ledger."""
    return StreamPolicy(
        data_type=DataType.TRANSFERS,
        scope=f"log-{word.lower().replace('_', '-')}",
        category="linear",
        method="privateGetV5AccountTransactionLog",
        params={"accountType": "UNIFIED", "type": word},
        only={"type": word},
        parser=rows.log,
        meanings=words.LOG,
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


_SETTLED = _log("SETTLEMENT", TransferKind.FUNDING)

_LEDGER = (
    _SETTLED,
    _log("INTEREST", TransferKind.INTEREST),
    *(
        replace(_log(word, TransferKind.INTERNAL), history_start_ms=_LENDS_SINCE)
        for word in ("BORROW", "REPAY")
    ),
    _log("AIRDROP", TransferKind.AIRDROP),
    _log("BONUS", TransferKind.REWARD),
    replace(
        _SETTLED,
        scope="log-rest",
        params={"accountType": "UNIFIED"},
        only={},
        meanings=words.REST,
        transfer_kind=None,
        witness=True,
        note="the whole ledger, for what no other history reports",
    ),
)

_DEPOSITS = StreamPolicy(
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
)

_MOVES = StreamPolicy(
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
)

_MOVED = (
    _DEPOSITS,
    replace(
        _DEPOSITS,
        scope="internal-deposits",
        method="privateGetV5AssetDepositQueryInternalRecord",
        parser=rows.internal_deposit,
        witness=True,
        optional=True,
        note="from other users of Bybit, off the chain",
        source=f"{_DOCS}/asset/deposit/internal-deposit-record",
    ),
    replace(
        _DEPOSITS,
        scope="withdrawals",
        method="privateGetV5AssetWithdrawQueryRecord",
        params={"withdrawType": 2},
        transfer_kind=TransferKind.WITHDRAWAL,
        source=f"{_DOCS}/asset/withdraw/withdraw-record",
    ),
    _MOVES,
    replace(
        _MOVES,
        scope="funding-ledger",
        method="privateGetV5AssetFundinghistory",
        parser=rows.funding_record,
        meanings=words.FUNDING,
        witness=True,
        bounds=TimeBounds(start="createTimeFrom", end="createTimeTo", unit="s"),
        page_size=100,
        # its bounds are rounded outwards to seconds and may not be more than a week apart
        window=_WEEK - timedelta(minutes=1),
        proven=_WEEK,
        backfill="oldest_first",
        transfer_kind=None,
        note=(
            "airdrops, Earn, fiat, card and payments of the funding account; how far back is not"
            " documented: two years are requested, the week that is served by default is complete"
        ),
        source=f"{_DOCS}/asset/fund-history",
    ),
)

_CONVERTS = StreamPolicy(
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
        f"{_DOCS}/asset/convert/get-convert-history: those made through the API; has no time"
        " parameter, all pages are read each time"
    ),
)


def _list(call: CallPolicy, category: str, settle: str = "") -> CallPolicy:
    """A list of open positions or orders in one category; linear ones per settle asset."""
    settled = {"settleCoin": settle} if settle else {}
    return replace(call, category=category, params={"category": category, **call.params, **settled})


_POSITIONS = CallPolicy(
    category="",
    wallet="unified",
    method="privateGetV5PositionList",
    params={"limit": 200},
    paging=_CURSOR,
    market_field="symbol",
    rows="result.list",
    figures=("size",),
    source=f"{_DOCS}/position",
)
_ORDERS = replace(
    _POSITIONS,
    method="privateGetV5OrderRealtime",
    params={"limit": 50},
    figures=(),
    source=f"{_DOCS}/order/open-order",
)
_CONTRACTS = (("linear", "USDT"), ("linear", "USDC"), ("inverse", ""), ("option", ""))


def _tickers(category: str, **params: str) -> CallPolicy:
    return CallPolicy(
        category=category,
        method="fetch_tickers",
        params={"category": category, **params},
        rows="result.list",
        market_field="symbol",
        figures=("lastPrice",),
        blank=True,
        optional=category != "spot",
    )


POLICY = ExchangePolicy(
    exchange="bybit",
    title="Bybit",
    wallets=WALLETS,
    streams=(
        *(stream for name in _CATEGORIES for stream in _category(name)),
        *(stream for name in _CATEGORIES for stream in _before(name)),
        *_MOVED,
        *_LEDGER,
        _CONVERTS,
    ),
    positions=tuple(_list(_POSITIONS, *contracts) for contracts in _CONTRACTS),
    open_orders=tuple(_list(_ORDERS, *kind) for kind in (("spot", ""), *_CONTRACTS)),
    tickers=(
        _tickers("spot", type="spot"),
        _tickers("linear", type="swap", subType="linear"),
        _tickers("inverse", type="swap", subType="inverse"),
    ),
    options={
        "has": {"fetchCurrencies": False},
        "options": {"fetchMarkets": {"types": ["spot", "linear", "inverse"]}, "recvWindow": 10_000},
    },
    discovery_quotes=("USDT", "USDC", "BTC", "ETH", "EUR", "DAI", "USDE"),
    grammar=grammar,
    former=FORMER,
    unlisted_ids={"spot": "{base}{quote}", "linear": "{base}{quote}", "inverse": "{base}{quote}"},
    unlisted_contract_sizes={"linear": "1", "inverse": "1", "option": "1"},
    codes=CODES,
    limits=LIMITS,
    key_question=KEY_QUESTION,
    candles=CandlePolicy(source="https://bybit-exchange.github.io/docs/v5/market/kline"),
    guarantee=(
        "Fills and orders are complete for two years, those made before the upgrade to a unified"
        " account included; Bybit serves nothing older. Of that earlier time, options and contracts"
        " settled in USDC are served for six months, and orders of the latter are not read. Orders"
        " canceled without a fill are served for 24 hours. Converts are reported when they were"
        " made through the API, and not when they were made in the app or on the website. Of the"
        " funding account's ledger, all is read, up to two years back, but its types are not"
        " documented: rows of a type that is not known are kept as unclassified. Loans are read"
        " since September 2025; what was borrowed and sold before, and loans paid back by"
        " converting other assets, look like missing history. Moves between the main account and"
        " its sub-accounts are read as deposits and withdrawals, from the funding account alone."
    ),
    not_read=NOT_READ,
    source=_DOCS,
)
