"""Bitget's classic margin wallets: fills, orders and interest of the crossed one and of the
isolated pairs, and what moved in and out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from exchange_cache.adapter.policy import DAY, IdPaging, StreamPolicy
from exchange_cache.exchanges.bitget import rows
from exchange_cache.records import MARGIN, DataType, TransferKind

_DOCS = "https://www.bitget.com/api-doc/margin"
_API = "privateMarginGetV2Margin"
_RETENTION = 89 * DAY


def _before(field: str) -> IdPaging:
    return IdPaging(param="idLessThan", field=field, backward=True)


def _wallet(wallet: str, kind: str, pages: tuple[str, str, str]) -> tuple[StreamPolicy, ...]:
    """Fills, orders and interest of one wallet: 90 days a request, so that a symbol costs one."""
    isolated = wallet != "margin"
    fills = StreamPolicy(
        data_type=DataType.FILLS,
        scope=wallet,
        category=MARGIN,
        method=f"{_API}{kind}Fills",
        parser=rows.fill,
        needs_symbol=True,
        paging=_before("tradeId"),
        page_size=100,
        window=_RETENTION - timedelta(minutes=1),
        retention=_RETENTION,
        rows="data.fills",
        wallet=wallet,
        opened_by=frozenset({wallet}),
        swept=False,
        optional=True,
        note=(
            "90 days; symbols of the assets that the wallet holds or was sent, and those named in"
            " the settings"
        ),
        source=f"{_DOCS}/{pages[0]}",
    )
    orders = replace(
        fills,
        data_type=DataType.ORDERS,
        method=f"{_API}{kind}HistoryOrders",
        parser=rows.order,
        market_field="symbol",
        paging=_before("orderId"),
        rows="data.orderList",
        source=f"{_DOCS}/{pages[1]}",
    )
    interest = replace(
        fills,
        data_type=DataType.TRANSFERS,
        scope=f"{wallet}-interest",
        method=f"{_API}{kind}InterestHistory",
        parser=rows.interest,
        needs_symbol=isolated,
        paging=_before("interestId"),
        rows="data.resultList",
        transfer_kind=TransferKind.FEE,
        note="90 days",
        source=f"{_DOCS}/{pages[2]}",
    )
    return fills, orders, interest


MARGIN_STREAMS = (
    *_wallet(
        "margin",
        "Crossed",
        (
            "cross/trade/Get-Cross-Order-Fills",
            "cross/trade/Get-Cross-Order-History",
            "cross/record/Get-Cross-Interest-Records",
        ),
    ),
    *_wallet(
        "margin-isolated",
        "Isolated",
        (
            "isolated/trade/Get-Isolated-Transaction-Details",
            "isolated/trade/Get-Isolated-Order-History",
            "isolated/record/Get-Isolated-Interest-Records",
        ),
    ),
    StreamPolicy(
        data_type=DataType.TRANSFERS,
        scope="margin-moves",
        category=MARGIN,
        method=f"{_API}CrossedFinancialRecords",
        parser=rows.margin_flow,
        paging=_before("marginId"),
        page_size=100,
        window=_RETENTION - timedelta(minutes=1),
        retention=_RETENTION,
        rows="data.resultList",
        wallet="margin",
        opened_by=frozenset({"margin"}),
        transfer_kind=TransferKind.OTHER,
        optional=True,
        note=(
            "90 days; what went in names the symbols to ask, trades and loans come from their own"
            " lists"
        ),
        source=f"{_DOCS}/cross/record (Get Cross Financial History)",
    ),
)
