"""Bitget's classic margin wallets: fills, orders and interest of the crossed one and of the
isolated pairs, and moves in and out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from exchange_cache.adapter.policy import DAY, IdPaging, StreamPolicy
from exchange_cache.adapter.rows import Desk, Record
from exchange_cache.adapter.values import Row, required_number, required_text
from exchange_cache.exchanges.bitget import rows
from exchange_cache.exchanges.bitget.words import MARGIN as MARGIN_WORDS
from exchange_cache.exchanges.verbs import booked
from exchange_cache.money import EXACT
from exchange_cache.records import MARGIN, DataType, TransferKind

_DOCS = "https://www.bitget.com/api-doc/margin"
_API = "privateMarginGetV2Margin"
_RETENTION = 89 * DAY

_OUT = ("_out", "liquidation_fee", "confiscated")


def interest(row: Row, desk: Desk) -> tuple[Record, ...]:
    """Interest charged on the debt of a margin wallet."""
    return (
        desk.transfer(
            row,
            transfer_id=required_text(desk.origin, row, "interestId"),
            kind=TransferKind.INTEREST,
            time=desk.time(row, "cTime"),
            asset=desk.asset(row, "interestCoin"),
            quantity=EXACT.minus(required_number(desk.origin, row, "interestAmount")),
            from_wallet=desk.stream.wallet,
            symbol=None if desk.market is None else str(desk.market["symbol"]),
        ),
    )


def flow(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A row of the crossed margin wallet's flows; its type states the direction."""
    word = required_text(desk.origin, row, "marginType")
    amount = required_number(desk.origin, row, "amount").copy_abs()
    return booked(
        desk,
        row,
        transfer_id=required_text(desk.origin, row, "marginId"),
        word=word,
        time=desk.time(row, "cTime"),
        asset=desk.asset(row, "coin"),
        amount=EXACT.minus(amount) if word.endswith(_OUT) else amount,
        wallet=desk.stream.wallet,
    )


def _before(field: str) -> IdPaging:
    return IdPaging(param="idLessThan", field=field, backward=True)


def _wallet(wallet: str, kind: str, pages: tuple[str, str, str]) -> tuple[StreamPolicy, ...]:
    """Fills, orders and interest of one wallet: 90 days a request, so one request per symbol."""
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
            "90 days; symbols of the assets that the wallet holds or received, and those named in"
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
    charged = replace(
        fills,
        data_type=DataType.TRANSFERS,
        scope=f"{wallet}-interest",
        method=f"{_API}{kind}InterestHistory",
        parser=interest,
        needs_symbol=isolated,
        paging=_before("interestId"),
        rows="data.resultList",
        transfer_kind=TransferKind.INTEREST,
        note="90 days",
        source=f"{_DOCS}/{pages[2]}",
    )
    return fills, orders, charged


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
        parser=flow,
        paging=_before("marginId"),
        page_size=100,
        window=_RETENTION - timedelta(minutes=1),
        retention=_RETENTION,
        rows="data.resultList",
        wallet="margin",
        opened_by=frozenset({"margin"}),
        meanings=MARGIN_WORDS,
        optional=True,
        note=(
            "90 days; moves into the wallet name the symbols to request; trades and loans have"
            " lists of their own"
        ),
        source=f"{_DOCS}/cross/record (Get Cross Financial History)",
    ),
)
