"""HTX: spot of all symbols in windows of 48 hours, contracts per symbol; four to six months."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from exchange_cache.adapter.policy import (
    DAY,
    CallPolicy,
    CandlePolicy,
    CursorPaging,
    ExchangePolicy,
    FanOut,
    IdPaging,
    NumberPaging,
    StreamPolicy,
    TimeBounds,
)
from exchange_cache.errors import PermissionMissing
from exchange_cache.exchanges.htx import rows, words
from exchange_cache.exchanges.htx.ids import grammar
from exchange_cache.exchanges.htx.wallets import WALLETS
from exchange_cache.records import DataType, TransferKind

_DOCS = "https://www.htx.com/en-us/opend/newApiPages"
_SPOT_BOUNDS = TimeBounds(start="start-time", end="end-time")
_BOUNDS = TimeBounds(start="start_time", end="end_time")
_TWO_DAYS = 2 * DAY - timedelta(minutes=1)
_CONTRACTS = 89 * DAY

_SPOT = (
    StreamPolicy(
        data_type=DataType.FILLS,
        scope="spot",
        method="spotPrivateGetV1OrderMatchresults",
        params={"direct": "next"},
        market_field="symbol",
        bounds=_SPOT_BOUNDS,
        paging=IdPaging(param="from", field="id", backward=True, in_order=True),
        page_size=500,
        limit_param="size",
        window=_TWO_DAYS,
        retention=119 * DAY,
        backfill="oldest_first",
        rows="data",
        note=(
            "120 days, 48 hours a request, all symbols; ids are not sequential, the next page"
            " begins at the last row's"
        ),
        source=f"{_DOCS}/?id=7ec4de21-7773-11ed-9966-0242ac110003 (match results)",
    ),
    StreamPolicy(
        data_type=DataType.ORDERS,
        scope="spot",
        method="spotPrivateGetV1OrderHistory",
        market_field="symbol",
        bounds=_SPOT_BOUNDS,
        page_size=1000,
        limit_param="size",
        window=_TWO_DAYS,
        retention=179 * DAY,
        forgets=timedelta(hours=2),
        backfill="oldest_first",
        rows="data",
        note="180 days, 48 hours a request; canceled without a fill: two hours",
        source=f"{_DOCS}/?id=7ec4db3d-7773-11ed-9966-0242ac110003 (order history)",
    ),
    *(
        StreamPolicy(
            data_type=DataType.TRANSFERS,
            scope=scope,
            method="spotPrivateGetV1QueryDepositWithdraw",
            parser=rows.move,
            params={"type": word, "direct": "prev"},
            only={"type": word},
            paging=IdPaging(param="from", field="id", start="1", step=1, whole_history=True),
            page_size=500,
            limit_param="size",
            rows="data",
            transfer_kind=kind,
            note="by id, oldest first, from the first one on",
            source=(
                f"{_DOCS}/?id=7ec4f3d9-7773-11ed-9966-0242ac110003 (deposit-withdraw): direct=prev"
                " is ascending"
            ),
        )
        for scope, word, kind in (
            ("deposits", "deposit", TransferKind.DEPOSIT),
            ("withdrawals", "withdraw", TransferKind.WITHDRAWAL),
        )
    ),
    StreamPolicy(
        data_type=DataType.TRANSFERS,
        scope="moves",
        method="spotPrivateGetV5AccountUniversalTransferRecords",
        bounds=_BOUNDS,
        page_size=100,
        window=7 * DAY,
        retention=_CONTRACTS,
        rows="data",
        transfer_kind=TransferKind.INTERNAL,
        optional=True,
        source="ccxt fetchTransfers: v5/account/universal_transfer_records",
    ),
    StreamPolicy(
        data_type=DataType.TRANSFERS,
        scope="ledger",
        method="spotPrivateGetV2AccountLedger",
        parser=rows.ledger,
        paging=CursorPaging(param="fromId", path="nextId"),
        page_size=500,
        window=10 * DAY - timedelta(minutes=1),
        retention=179 * DAY,
        rows="data",
        fan_out=FanOut(method="spotPrivateGetV1AccountAccounts", param="accountId"),
        meanings=words.LEDGER,
        optional=True,
        note="moves of every spot account and sub-account; ten days a request, 180 days",
        source=f"{_DOCS}/?id=7ec501f7-7773-11ed-9966-0242ac110003: serves moves alone, so far",
    ),
)


def _linear_orders(scope: str, mode: str) -> StreamPolicy:
    return StreamPolicy(
        data_type=DataType.ORDERS,
        scope=scope,
        category="linear",
        method="contractPrivateGetV5TradeOrderHistory",
        parser=rows.linear_order,
        params={"margin_mode": mode},
        only={"margin_mode": mode},
        needs_symbol=True,
        market_field="contract_code",
        symbol_param="contract_code",
        bounds=_BOUNDS,
        page_size=100,
        window=_TWO_DAYS,
        retention=_CONTRACTS,
        backfill="oldest_first",
        rows="data",
        optional=True,
        note="90 days",
        source=f"{_DOCS}/?id=8cb89359-77b5-11ed-9966-19589bc57bc (order history)",
    )


_LINEAR = (
    StreamPolicy(
        data_type=DataType.FILLS,
        scope="linear",
        category="linear",
        method="contractPrivateGetV5TradeOrderDetails",
        parser=rows.linear_fill,
        needs_symbol=True,
        market_field="contract_code",
        symbol_param="contract_code",
        bounds=_BOUNDS,
        page_size=100,
        window=_TWO_DAYS,
        retention=_CONTRACTS,
        proven=3 * DAY,
        backfill="oldest_first",
        rows="data",
        optional=True,
        note="times may be 90 days old, but the documentation promises three; 48 hours a request",
        source=f"{_DOCS}/?id=8cb89359-77b5-11ed-9966-195898804f0 (execution details, last 3 days)",
    ),
    _linear_orders("linear", "cross"),
    _linear_orders("linear-isolated", "isolated"),
    StreamPolicy(
        data_type=DataType.TRANSFERS,
        scope="funding-linear",
        category="linear",
        method="contractPrivateGetV5AccountBills",
        params={"type": "30,31"},
        only={"type": "30,31"},
        parser=rows.funding,
        meanings=words.CONTRACTS,
        market_field="contract_code",
        bounds=_BOUNDS,
        page_size=100,
        window=_TWO_DAYS,
        retention=_CONTRACTS,
        rows="data",
        transfer_kind=TransferKind.FUNDING,
        optional=True,
        note="90 days",
        source="ccxt fetchFundingHistory: v5/account/bills",
    ),
)


def _inverse(
    data_type: DataType, scope: str, method: str, source: str, **more: Any
) -> StreamPolicy:
    """A history of the coin-margined swaps: ``direct=prev`` is newest first, and its next page lies
    before the smallest ``query_id``."""
    return StreamPolicy(
        data_type=data_type,
        scope=scope,
        category="inverse",
        method=method,
        needs_symbol=True,
        market_field="contract_code",
        symbol_param="contract",
        bounds=_BOUNDS,
        paging=IdPaging(param="from_id", field="query_id", backward=True),
        limit_param="",
        window=_TWO_DAYS,
        retention=_CONTRACTS,
        backfill="oldest_first",
        rows="data",
        optional=True,
        note="90 days, 48 hours a request",
        source=source,
        **more,
    )


_INVERSE = (
    _inverse(
        DataType.FILLS,
        "inverse",
        "contractPrivatePostSwapApiV3SwapMatchresultsExact",
        f"{_DOCS}/?id=5d51abec-77b6-11ed-9966-0242ac110003 (history match results, new)",
        params={"trade_type": 0, "direct": "prev"},
    ),
    _inverse(
        DataType.ORDERS,
        "inverse",
        "contractPrivatePostSwapApiV3SwapHisorders",
        f"{_DOCS}/?id=5d51a7ee-77b6-11ed-9966-0242ac110003 (history orders, new)",
        params={"trade_type": 0, "type": 1, "status": "0", "direct": "prev"},
    ),
    _inverse(
        DataType.TRANSFERS,
        "funding-inverse",
        "contractPrivatePostSwapApiV3SwapFinancialRecordExact",
        "ccxt fetchFundingHistory: swap-api/v3/swap_financial_record_exact",
        params={"type": "30,31", "direct": "prev"},
        only={"type": "30,31"},
        parser=rows.funding,
        meanings=words.CONTRACTS,
        transfer_kind=TransferKind.FUNDING,
    ),
)


def _positions(category: str, wallet: str, method: str, scope: str = "") -> CallPolicy:
    """Open positions; ccxt reads one without a direction as short."""
    return CallPolicy(
        category=category,
        scope=scope,
        wallet=wallet,
        method=method,
        market_field="contract_code",
        rows="data",
        figures=("volume",),
        texts=("direction",),
        optional=True,
    )


POLICY = ExchangePolicy(
    exchange="htx",
    title="HTX",
    wallets=WALLETS,
    streams=(*_SPOT, *_LINEAR, *_INVERSE),
    positions=(
        _positions("linear", "linear", "contractPrivateGetV5TradePositionOpens"),
        _positions("inverse", "inverse", "contractPrivatePostSwapApiV1SwapPositionInfo"),
        _positions(
            "inverse",
            "inverse-dated",
            "contractPrivatePostApiV1ContractPositionInfo",
            scope="dated",
        ),
    ),
    open_orders=(
        CallPolicy(
            category="spot",
            wallet="spot",
            method="spotPrivateGetV1OrderOpenOrders",
            params={"size": 500, "direct": "next"},  # without a direction ``from`` is refused
            paging=IdPaging(param="from", field="id", backward=True),
            market_field="symbol",
            rows="data",
        ),
        CallPolicy(
            category="linear",
            wallet="linear",
            method="contractPrivateGetV5TradeOrderOpens",
            parser=rows.linear_order,
            params={"limit": 100},
            page_size=100,
            market_field="contract_code",
            rows="data",
            optional=True,
        ),
        CallPolicy(
            category="inverse",
            wallet="inverse",
            method="contractPrivatePostSwapApiV1SwapOpenorders",
            params={"page_size": 50},
            paging=NumberPaging(
                param="page_index", total="data.total_size", pages="data.total_page"
            ),
            needs_symbol=True,
            market_field="contract_code",
            symbol_param="contract_code",
            rows="data.orders",
            optional=True,
        ),
    ),
    tickers=(
        CallPolicy(
            category="spot",
            method="fetch_tickers",
            params={"type": "spot"},
            rows="data",
            market_field="symbol",
            figures=("close",),
            blank=True,
        ),
    ),
    discovery_quotes=("USDT", "USDC", "BTC", "ETH", "HT", "USDD", "HUSD"),
    grammar=grammar,
    unlisted_ids={"spot": "{base}{quote}", "linear": "{base}-{quote}", "inverse": "{base}-{quote}"},
    # {"err-msg":"Signature not valid: API key has no permission [...]"}
    words={"API key has no permission": PermissionMissing},
    candles=CandlePolicy(source="ccxt htx.fetch_ohlcv (market/history/candles)"),
    guarantee=(
        "Spot fills reach back 120 days and spot orders 180; contracts 90 days, for the requested"
        " symbols. Fills of USDT-margined contracts are promised for three days only: sync daily."
        " Deposits and withdrawals are complete."
    ),
    # what exists: huobiapi.github.io/docs: Sub user management, Margin Loan, C2C; Copy Trading
    not_read=(
        "sub-users",
        "crypto loans and Earn products",
        "copy trading and trading bots",
        "P2P orders",
        "converts, interest and rebates (no interface reports them)",
        "fills of dated coin-margined futures",
    ),
    source=_DOCS,
)
