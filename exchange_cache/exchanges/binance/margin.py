"""Binance's margin wallets, cross and isolated: fills, orders, interest, sweeps of small balances.

None of it is requested for an account that never opened margin trading. Both wallets trade on the
spot markets; their trade ids continue the sequence of spot trades of the symbol.
"""

from __future__ import annotations

from datetime import timedelta

from exchange_cache.adapter.policy import (
    DAY,
    CallPolicy,
    IdPaging,
    NumberPaging,
    RawRows,
    StreamPolicy,
    WalletPolicy,
)
from exchange_cache.exchanges.binance import rows, wallets
from exchange_cache.records import MARGIN, DataType, FillKind, TransferKind

_DOCS = "https://developers.binance.com/docs"
_MARGIN = 1_556_668_800_000  # 2019-05, before which there was no margin trading
_DUST = 1_606_780_800_000  # served since 2020-12-01

_OWING = ("free", "locked", "borrowed", "interest")
_OPENED = frozenset({"margin", "margin-isolated"})


def _margin(wallet: str, isolated: bool) -> tuple[StreamPolicy, ...]:
    """Fills, orders and interest of the cross wallet or of the isolated pairs."""
    params = {"isIsolated": "TRUE" if isolated else "FALSE"}
    return (
        StreamPolicy(
            data_type=DataType.FILLS,
            scope=wallet,
            category=MARGIN,
            method="sapiGetMarginMyTrades",
            params=params,
            only=params,
            needs_symbol=True,
            market_field="symbol",
            paging=IdPaging(param="fromId", field="id", step=1, start="0", whole_history=True),
            page_size=1000,
            history_start_ms=_MARGIN,
            wallet=wallet,
            opened_by=_OPENED,
            optional=True,
            note="by trade id per symbol; only for accounts with a margin wallet",
            source=f"{_DOCS}/margin_trading/trade/Query-Margin-Account-Trade-List",
        ),
        StreamPolicy(
            data_type=DataType.ORDERS,
            scope=wallet,
            category=MARGIN,
            method="sapiGetMarginAllOrders",
            params=params,
            only=params,
            needs_symbol=True,
            market_field="symbol",
            paging=IdPaging(
                param="orderId", field="orderId", step=1, start="0", whole_history=True
            ),
            page_size=500,
            history_start_ms=_MARGIN,
            wallet=wallet,
            opened_by=_OPENED,
            swept=False,
            at_most_every=DAY,
            optional=True,
            note="weight 200: symbols with fills or a pair only, once a day or when there is news",
            source=f"{_DOCS}/margin_trading/trade/Query-Margin-Account-All-Orders",
        ),
        StreamPolicy(
            data_type=DataType.TRANSFERS,
            scope=f"{wallet}-interest",
            category=MARGIN,
            method="sapiGetMarginInterestHistory",
            parser=rows.margin_interest,
            needs_symbol=isolated,
            symbol_param="isolatedSymbol",
            paging=NumberPaging(param="current", total="total"),
            page_size=100,
            limit_param="size",
            window=30 * DAY - timedelta(minutes=1),
            retention=90 * DAY,
            rows="rows",
            transfer_kind=TransferKind.INTEREST,
            wallet=wallet,
            opened_by=_OPENED,
            swept=False,
            optional=True,
            note="90 days; the cross wallet's rows only, unless a pair is named",
            source=f"{_DOCS}/margin_trading/borrow-and-repay/Get-Interest-History",
        ),
    )


MARGIN_STREAMS = (
    *_margin("margin", isolated=False),
    *_margin("margin-isolated", isolated=True),
    StreamPolicy(
        data_type=DataType.FILLS,
        scope="margin-dust",
        category=MARGIN,
        method="sapiGetAssetDribblet",
        params={"accountType": "MARGIN"},
        parser=rows.dust,
        page_size=100,
        limit_param="",
        history_start_ms=_DUST,
        rows="userAssetDribblets?",
        fill_kind=FillKind.DUST,
        opened_by=_OPENED,
        optional=True,
        note="sweeps of the margin wallet",
        source=f"{_DOCS}/wallet/asset/dust-log",
    ),
)

MARGIN_WALLETS = (
    WalletPolicy(
        name="margin",
        trades=frozenset({MARGIN}),
        method="sapiGetMarginAccount",
        parser=wallets.margin,
        must_have="userAssets",
        rows=(RawRows(path="userAssets.*", name="asset", figures=_OWING),),
        optional=True,
        source=(
            f"{_DOCS}/margin_trading/account/Query-Cross-Margin-Account-Details: free + locked -"
            " borrowed - interest"
        ),
    ),
    WalletPolicy(
        name="margin-isolated",
        trades=frozenset({MARGIN}),
        method="sapiGetMarginIsolatedAccount",
        parser=wallets.isolated,
        must_have="assets",
        rows=tuple(
            RawRows(path=f"assets.*.{side}", name="asset", figures=_OWING)
            for side in ("baseAsset", "quoteAsset")
        ),
        market_rows="assets",
        optional=True,
        source=(
            f"{_DOCS}/margin_trading/account/Query-Isolated-Margin-Account-Info: both sides of"
            " every pair, less what is owed"
        ),
    ),
)

MARGIN_OPEN_ORDERS = (
    CallPolicy(
        category=MARGIN,
        wallet="margin",
        method="sapiGetMarginOpenOrders",
        params={"isIsolated": "FALSE"},
        market_field="symbol",
        rows="",
        opened_by=_OPENED,
        optional=True,
    ),
    CallPolicy(
        category=MARGIN,
        wallet="margin-isolated",
        method="sapiGetMarginOpenOrders",
        params={"isIsolated": "TRUE"},
        needs_symbol=True,
        market_field="symbol",
        rows="",
        opened_by=_OPENED,
        optional=True,
    ),
)
