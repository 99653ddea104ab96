"""Crypto.com Exchange: everything by POST, one day a request, half a year back."""

from __future__ import annotations

from datetime import timedelta

from exchange_cache.adapter.policy import (
    DAY,
    CallPolicy,
    ExchangePolicy,
    NumberPaging,
    StreamPolicy,
    TimeBounds,
    TimePaging,
    WalletPolicy,
)
from exchange_cache.records import DataType, TransferKind

_DOCS = "https://exchange-docs.crypto.com/exchange/v1/rest-ws/index.html"
_NANO = TimeBounds(start="start_time", end="end_time", unit="ns")
_BOUNDS = TimeBounds(start="start_time", end="end_time")
_TS = TimeBounds(start="start_ts", end="end_ts")
_ONE_DAY = DAY - timedelta(minutes=1)
_HALF_YEAR = 179 * DAY
_FOUNDED = 1_573_689_600_000  # 2019-11-14


def _daily(data_type: DataType, scope: str, method: str, id_field: str, name: str) -> StreamPolicy:
    return StreamPolicy(
        data_type=data_type,
        scope=scope,
        method=method,
        market_field="instrument_name",
        mixed=True,
        bounds=_NANO,
        paging=TimePaging(
            field="create_time_ns", field_unit="ns", id_field=id_field, backward=True
        ),
        page_size=100,
        window=_ONE_DAY,
        retention=_HALF_YEAR,
        backfill="oldest_first",
        rows="result.data",
        note=(
            "six months, one day a request, all symbols; the newest 100 before the end, which is"
            " why the walk counts nanoseconds"
        ),
        source=f"{_DOCS}#{name}",
    )


POLICY = ExchangePolicy(
    exchange="cryptocom",
    title="Crypto.com Exchange",
    wallets=(
        WalletPolicy(
            name="trading",
            must_have="result.data.0",
            source=(
                f"{_DOCS}#private-user-balance: quantities, without the unrealised result; how what"
                " is borrowed is shown is not documented; staked amounts are not read"
            ),
        ),
    ),
    streams=(
        _daily(
            DataType.FILLS,
            "trades",
            "v1PrivatePostPrivateGetTrades",
            "trade_id",
            "private-get-trades",
        ),
        _daily(
            DataType.ORDERS,
            "orders",
            "v1PrivatePostPrivateGetOrderHistory",
            "order_id",
            "private-get-order-history",
        ),
        StreamPolicy(
            data_type=DataType.TRANSFERS,
            scope="journal",
            method="v1PrivatePostPrivateGetTransactions",
            parser="cryptocom_journal",
            mixed=True,
            bounds=_NANO,
            paging=TimePaging(
                field="event_timestamp_ns", field_unit="ns", id_field="journal_id", backward=True
            ),
            page_size=100,
            window=_ONE_DAY,
            retention=_HALF_YEAR,
            rows="result.data",
            transfer_kind=TransferKind.FUNDING,
            optional=True,
            note="funding, interest, conversions, adjustments, moves between sub-accounts",
            source=f"{_DOCS}#private-get-transactions",
        ),
        *(
            StreamPolicy(
                data_type=DataType.TRANSFERS,
                scope=scope,
                method=method,
                bounds=_TS,
                paging=NumberPaging(first=0),
                page_size=200,
                limit_param="page_size",
                window=89 * DAY,
                history_start_ms=_FOUNDED,
                rows=f"result.{rows}",
                transfer_kind=kind,
                source=f"{_DOCS}#private-get-{scope[:-1]}-history",
            )
            for scope, method, rows, kind in (
                (
                    "deposits",
                    "v1PrivatePostPrivateGetDepositHistory",
                    "deposit_list",
                    TransferKind.DEPOSIT,
                ),
                (
                    "withdrawals",
                    "v1PrivatePostPrivateGetWithdrawalHistory",
                    "withdrawal_list",
                    TransferKind.WITHDRAWAL,
                ),
            )
        ),
        StreamPolicy(
            data_type=DataType.TRANSFERS,
            scope="staking",
            method="v1PrivatePostPrivateStakingGetRewardHistory",
            parser="cryptocom_staking",
            bounds=_BOUNDS,
            paging=NumberPaging(first=0),
            page_size=500,
            window=30 * DAY,
            retention=_HALF_YEAR,
            rows="result.data",
            transfer_kind=TransferKind.REWARD,
            optional=True,
            source=f"{_DOCS}#private-staking-get-reward-history",
        ),
    ),
    positions=(
        CallPolicy(
            category="linear",
            wallet="trading",
            method="v1PrivatePostPrivateGetPositions",
            parser="cryptocom_position",
            market_field="instrument_name",
            mixed=True,
            rows="result.data",
        ),
    ),
    open_orders=tuple(
        CallPolicy(
            category=category,
            wallet="trading",
            method="v1PrivatePostPrivateGetOpenOrders",
            market_field="instrument_name",
            mixed=True,
            rows="result.data",
        )
        for category in ("spot", "linear")
    ),
    tickers=(CallPolicy(category="spot", method="fetch_tickers"),),
    discovery_quotes=("USD", "USDT", "USDC", "BTC"),
    unlisted_ids={"spot": "{base}_{quote}", "linear": "{base}{quote}-PERP"},
    unlisted_contract_sizes={"linear": "1"},
    guarantee=(
        "Fills, orders, funding and staking rewards are complete for six months; the exchange keeps"
        " nothing older. Deposits and withdrawals are asked from the beginning. Staked amounts are"
        " not in the balances."
    ),
    source=_DOCS,
)
