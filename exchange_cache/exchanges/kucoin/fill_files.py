"""KuCoin's files of trades: fills ("order splitting"), filled orders, and five editions before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta, timezone

from exchange_cache.exchanges.file_records import Ids, fee, spot_fill
from exchange_cache.exchanges.file_rows import (
    cell,
    column,
    instant,
    market_side,
    needed,
    number,
    refused,
    required,
)
from exchange_cache.records import DataType
from exchange_cache.statements.table import (
    ORDERS,
    FileContext,
    Found,
    LeftOut,
    Row,
    Stated,
    Table,
    Zone,
)

_BEIJING = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Columns:
    """What an edition calls its columns; empty where it has none. The asset of the fee is the
    quote where no column names it."""

    time: str
    symbol: str
    side: str
    price: str
    quantity: str
    cost: str
    fee: str = "fee"
    fee_asset: str = ""
    order: str = ""
    liquidity: str = ""


_NEW = _Columns(
    time="Filled Time(UTC*)",
    symbol="Symbol",
    side="Side",
    price="Avg. Filled Price",
    quantity="Filled Amount",
    cost="Filled Volume",
    fee="Fee",
    fee_asset="Fee Currency",
    order="Order ID",
    liquidity="Maker/Taker",
)
_CREATED = _Columns(
    time="tradeCreatedAt",
    symbol="symbol",
    side="side",
    price="price",
    quantity="size",
    cost="funds",
    fee_asset="feeCurrency",
    order="orderId",
    liquidity="liquidity",
)
_OID = _Columns(
    time="createdDate",
    symbol="symbol",
    side="direction",
    price="dealPrice",
    quantity="amount",
    cost="dealValue",
    order="oid",
)
_UID = _Columns(
    time="created_at",
    symbol="symbol",
    side="direction",
    price="price",
    quantity="amount_coin",
    cost="funds",
)
_FIRST = _Columns(
    time="Time",
    symbol="Pair",
    side="Side",
    price="FilledPrice",
    quantity="Amount",
    cost="Volume",
    fee="Fee",
    fee_asset="FeeCoin",
)


def fills(rows: Iterable[Row], context: FileContext) -> Iterator[Found]:
    """Fills, or orders as far as they were filled; a canceled order may be filled in part."""
    names = next(names for names in (_NEW, *_BEFORE) if _fits(names, context))
    at, ids = column(context, names.time), Ids()
    for row in rows:
        if not number(row, names.quantity):
            yield LeftOut(line=row.line, reason="fills nothing")
            continue
        base, quote = _assets(row, names, context)
        time = instant(row, at, context.zone)
        quantity, cost = required(row, names.quantity), required(row, names.cost)
        side = market_side(row, needed(row, names.side))
        paid_in = cell(row, names.fee_asset) if names.fee_asset else ""
        order = cell(row, names.order) if names.order else ""
        word = cell(row, names.liquidity).lower() if names.liquidity else ""
        margin = "margin" in cell(row, "Account Type").lower()
        record = spot_fill(
            context,
            fill_id=ids.of(time, order, base, quote, side, quantity, cost),
            order_id=order or None,
            time=time,
            side=side,
            base=base,
            quote=quote,
            quantity=quantity,
            cost=cost,
            price=required(row, names.price),
            fees=fee(context.names.asset(paid_in) if paid_in else quote, number(row, names.fee)),
            fees_known=not number(row, "Tax"),  # in which asset it is charged is not documented
            category="margin" if margin else "spot",
            liquidity=word if word in {"maker", "taker"} else None,
        )
        yield Stated(lines=(row.line,), record=record, exact=False)


def _fits(names: _Columns, context: FileContext) -> bool:
    pattern = names.time.removesuffix("*)")
    return any(name.startswith(pattern) for name in context.columns) and {
        names.quantity,
        names.cost,
    } <= set(context.columns)


_BEFORE = (_CREATED, _OID, _UID, _FIRST)


def _assets(row: Row, names: _Columns, context: FileContext) -> tuple[str, str]:
    pair = needed(row, names.symbol)
    base, found, quote = pair.replace("/", "-").partition("-")
    if not found:
        raise refused(row, f"{names.symbol!r} is {pair!r}, not a pair")
    return context.names.asset(base), context.names.asset(quote)


_SOURCE = "BittyTax conv/parsers/kucoin.py, rotki data_import/importers/kucoin.py"
_PAGE = "KuCoin Data & Report Service (https://www.kucoin.com/support/44932890985625)"
_SPLIT = Table(
    exchange="kucoin",
    name="spot filled orders (order splitting)",
    edition="2026",
    columns=(
        *("UID", "Account Type", "Order ID", "Symbol", "Side", "Order Type", "Avg. Filled Price"),
        *("Filled Amount", "Filled Volume", "Filled Volume (USDT)", "Filled Time(UTC*)", "Fee"),
        *("Maker/Taker", "Fee Currency"),
    ),
    optional=("Tax", "Account Mode"),
    zone=Zone.HEADER,
    covers=(DataType.FILLS,),
    wallets=("trade", "trade_hf", "margin", "margin-isolated"),
    scopes=("spot", "spot-classic", "margin", "margin-isolated"),
    read=fills,
    page=_PAGE,
    source=f"header and sample line of an export of 2026 (public importer); {_SOURCE}",
)


def _before(edition: str, *columns: str) -> Table:
    """An edition whose times are in UTC+8 without stating it."""
    return replace(
        _SPLIT,
        name="trades",
        edition=edition,
        columns=columns,
        optional=(),
        zone=Zone.FIXED,
        fixed=_BEIJING,
        source="BittyTax conv/parsers/kucoin.py",
    )


TABLES = (
    _SPLIT,
    replace(
        _SPLIT,
        name="spot filled orders",
        columns=(
            *("UID", "Account Type", "Order ID", "Order Time(UTC*)", "Symbol", "Side"),
            *("Order Type", "Order Price", "Order Amount", "Avg. Filled Price"),
            *("Filled Amount", "Filled Volume", "Filled Volume (USDT)", "Filled Time(UTC*)"),
            *("Fee", "Fee Currency", "Status"),
        ),
        rank=ORDERS,
    ),
    _before(
        "2021",
        *("tradeCreatedAt", "orderId", "symbol", "side", "price", "size", "funds", "fee"),
        *("liquidity", "feeCurrency", "orderType"),
    ),
    _before(
        "2020",
        *("tradeCreatedAt", "symbol", "side", "price", "size", "funds", "fee", "feeCurrency"),
    ),
    _before(
        "2018",
        *("oid", "symbol", "dealPrice", "dealValue", "amount", "fee", "direction", "createdDate"),
    ),
    _before(
        "2018 by user",
        *("uid", "symbol", "order_type", "price", "amount_coin", "direction", "funds", "fee"),
        "created_at",
    ),
    _before(
        "2019",
        *("Time", "Pair", "Side", "FilledPrice", "FilledPriceCoin", "Amount", "AmountCoin"),
        *("Volume", "VolumeCoin", "Fee", "FeeCoin"),
    ),
)
