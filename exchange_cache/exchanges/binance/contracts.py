"""Binance's futures: USD-M (linear, ``fapi``) and COIN-M (inverse, ``dapi``) contracts, which an
account may not have opened."""

from __future__ import annotations

from datetime import timedelta

from exchange_cache.adapter.policy import DAY, CallPolicy, RawRows, StreamPolicy, WalletPolicy
from exchange_cache.exchanges.binance import rows, wallets, words
from exchange_cache.records import DataType, TransferKind

_DOCS = "https://developers.binance.com/docs/derivatives"
_WEEK = 7 * DAY


def _streams(category: str, api: str, order_page: int) -> tuple[StreamPolicy, ...]:
    """Fills, orders and the income ledger of one kind of contracts."""
    place = "usds-margined-futures" if api == "fapi" else "coin-margined-futures"
    return (
        StreamPolicy(
            data_type=DataType.TRANSFERS,
            scope=f"{category}-income",
            category=category,
            method=f"{api}PrivateGetIncome",
            parser=rows.income,
            meanings=words.INCOME[category],
            market_field="symbol",
            page_size=1000,
            window=_WEEK,
            retention=90 * DAY,
            transfer_kind=TransferKind.FUNDING,
            optional=True,
            note="funding, settlements and other income, and the symbols that were traded",
            source=f"{_DOCS}/{place}/account/rest-api/Get-Income-History",
        ),
        StreamPolicy(
            data_type=DataType.FILLS,
            scope=category,
            category=category,
            method=f"{api}PrivateGetUserTrades",
            needs_symbol=True,
            market_field="symbol",
            page_size=1000,
            window=_WEEK,
            retention=180 * DAY,
            optional=True,
            note="the last six months only",
            sequence="id",  # ``fromId`` asks from an id on: it grows
            source=f"{_DOCS}/{place}/trade/rest-api/Account-Trade-List",
        ),
        StreamPolicy(
            data_type=DataType.ORDERS,
            scope=category,
            category=category,
            method=f"{api}PrivateGetAllOrders",
            needs_symbol=True,
            market_field="symbol",
            page_size=order_page,
            window=_WEEK - timedelta(minutes=1),  # "must be less than 7 days"
            retention=90 * DAY,
            forgets=3 * DAY,
            optional=True,
            note="90 days; canceled without a fill: 3 days",
            source=f"{_DOCS}/{place}/trade/rest-api/All-Orders",
        ),
    )


def _wallet(name: str, method: str, path: str) -> WalletPolicy:
    return WalletPolicy(
        name=name,
        trades=frozenset({name}),
        method=method,
        parser=wallets.contracts,
        must_have="assets",
        rows=(RawRows(path="assets.*", name="asset", figures=("walletBalance",)),),
        optional=True,
        source=f"{path}: walletBalance (ccxt's total, marginBalance, moves with every tick)",
    )


def _positions(category: str, method: str) -> CallPolicy:
    return CallPolicy(
        category=category,
        wallet=category,
        method=method,
        parser="parse_position_risk",
        market_field="symbol",
        rows="",
        figures=("positionAmt",),
        optional=True,
    )


def _open_orders(category: str, method: str) -> CallPolicy:
    return CallPolicy(
        category=category,
        wallet=category,
        method=method,
        market_field="symbol",
        rows="",
        optional=True,
    )


CONTRACT_STREAMS = (*_streams("linear", "fapi", 1000), *_streams("inverse", "dapi", 100))
CONTRACT_WALLETS = (
    _wallet("linear", "fapiPrivateV3GetAccount", "fapi/v3/account"),
    _wallet("inverse", "dapiPrivateGetAccount", "dapi/v1/account"),
)
CONTRACT_POSITIONS = (
    _positions("linear", "fapiPrivateV3GetPositionRisk"),
    _positions("inverse", "dapiPrivateGetPositionRisk"),
)
CONTRACT_OPEN_ORDERS = (
    _open_orders("linear", "fapiPrivateGetOpenOrders"),
    _open_orders("inverse", "dapiPrivateGetOpenOrders"),
)
