"""Between domain records and table rows, both ways, exactly: Decimals as canonical text, times as integer milliseconds."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from exchange_cache.clock import from_ms, to_ms
from exchange_cache.domain.money import to_text, to_text_or_none
from exchange_cache.domain.records import (
    AverageMethod,
    Balance,
    Fee,
    Fill,
    FillKind,
    Order,
    OrderStatus,
    Position,
    Price,
    Side,
    ToldAverage,
    Transfer,
    TransferKind,
)
from exchange_cache.errors import CacheUnreadable

Row = dict[str, Any]
Record = TypeVar("Record")


def ms_or_none(moment: datetime | None) -> int | None:
    return None if moment is None else to_ms(moment)


def time_or_none(ms: int | None) -> datetime | None:
    return None if ms is None else from_ms(ms)


def number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def balance_row(value: Balance) -> Row:
    return {
        "account": value.account,
        "wallet": value.wallet,
        "code": value.code,
        "asset": value.asset,
        "free": to_text_or_none(value.free),
        "used": to_text_or_none(value.used),
        "total": to_text(value.total),
        "debt": to_text_or_none(value.debt),
        "earn": value.earn,
        "includes_unrealised": value.includes_unrealised,
        "fetched_ms": to_ms(value.fetched_at),
        "as_of_ms": ms_or_none(value.as_of),
        "told_averages": _averages_text(value.told_averages),
    }


def to_balance(row: tuple[Any, ...]) -> Balance:
    return Balance(
        account=row[0],
        wallet=row[1],
        code=row[2],
        asset=row[3],
        free=number(row[4]),
        used=number(row[5]),
        total=Decimal(row[6]),
        debt=number(row[7]),
        earn=bool(row[8]),
        includes_unrealised=bool(row[9]),
        fetched_at=from_ms(row[10]),
        as_of=time_or_none(row[11]),
        told_averages=_to_averages(row[12]),
    )


def _averages_text(averages: tuple[ToldAverage, ...]) -> str | None:
    """JSON, the numbers as text; NULL where the exchange tells none."""
    told = [
        [item.name, str(item.method), to_text(item.price), item.unit, to_text_or_none(item.quantity), ms_or_none(item.counts_from)]
        for item in averages
    ]
    return json.dumps(told, separators=(",", ":")) if told else None


def _to_averages(text: str | None) -> tuple[ToldAverage, ...]:
    return tuple(
        ToldAverage(
            name=name,
            method=AverageMethod(method),
            price=Decimal(price),
            unit=unit,
            quantity=number(quantity),
            counts_from=time_or_none(since),
        )
        for name, method, price, unit, quantity, since in json.loads(text or "[]")
    )


def position_row(value: Position, part: str) -> Row:
    return {
        "account": value.account,
        "category": value.category,
        "symbol": value.symbol,
        "side": value.side,
        "part": part,
        "wallet": value.wallet,
        "contracts": to_text(value.contracts),
        "contract_size": to_text(value.contract_size),
        "base_quantity": to_text_or_none(value.base_quantity),
        "entry_price": to_text_or_none(value.entry_price),
        "mark_price": to_text_or_none(value.mark_price),
        "notional": to_text_or_none(value.notional),
        "unrealised_pnl": to_text_or_none(value.unrealised_pnl),
        "settle_asset": value.settle_asset,
        "leverage": to_text_or_none(value.leverage),
        "liquidation_price": to_text_or_none(value.liquidation_price),
        "margin": to_text_or_none(value.margin),
        "margin_mode": value.margin_mode,
        "fetched_ms": to_ms(value.fetched_at),
        "as_of_ms": ms_or_none(value.as_of),
    }


def to_position(row: tuple[Any, ...]) -> Position:
    return Position(
        account=row[0],
        category=row[1],
        symbol=row[2],
        side=row[3],
        wallet=row[5],
        contracts=Decimal(row[6]),
        contract_size=Decimal(row[7]),
        base_quantity=number(row[8]),
        entry_price=number(row[9]),
        mark_price=number(row[10]),
        notional=number(row[11]),
        unrealised_pnl=number(row[12]),
        settle_asset=row[13],
        leverage=number(row[14]),
        liquidation_price=number(row[15]),
        margin=number(row[16]),
        margin_mode=row[17],
        fetched_at=from_ms(row[18]),
        as_of=time_or_none(row[19]),
    )


def order_row(value: Order, seen_ms: int) -> Row:
    return {
        "account": value.account,
        "category": value.category,
        "symbol": value.symbol,
        "order_id": value.order_id,
        "client_order_id": value.client_order_id,
        "created_ms": to_ms(value.created_at),
        "updated_ms": ms_or_none(value.updated_at),
        "side": str(value.side),
        "type": value.type,
        "status": str(value.status),
        "base": value.base,
        "quote": value.quote,
        "price": to_text_or_none(value.price),
        "average": to_text_or_none(value.average),
        "amount": to_text_or_none(value.amount),
        "filled": to_text_or_none(value.filled),
        "cost": to_text_or_none(value.cost),
        "reduce_only": value.reduce_only,
        "fetched_ms": to_ms(value.fetched_at),
        "seen_ms": seen_ms,
    }


def to_order(row: tuple[Any, ...]) -> Order:
    return Order(
        account=row[0],
        category=row[1],
        symbol=row[2],
        order_id=row[3],
        client_order_id=row[4],
        created_at=from_ms(row[5]),
        updated_at=time_or_none(row[6]),
        side=Side(row[7]),
        type=row[8],
        status=OrderStatus(row[9]),
        base=row[10],
        quote=row[11],
        price=number(row[12]),
        average=number(row[13]),
        amount=number(row[14]),
        filled=number(row[15]),
        cost=number(row[16]),
        reduce_only=None if row[17] is None else bool(row[17]),
        fetched_at=from_ms(row[18]),
    )


def fees_text(fees: tuple[Fee, ...]) -> str:
    return json.dumps([[fee.asset, to_text(fee.amount)] for fee in fees], separators=(",", ":")) if fees else "[]"


def to_fees(text: str) -> tuple[Fee, ...]:
    return () if text == "[]" else tuple(Fee(asset=asset, amount=Decimal(amount)) for asset, amount in json.loads(text))


def read(
    make: Callable[[tuple[Any, ...]], Record], found: Iterable[tuple[Any, ...]], what: str
) -> tuple[Record, ...]:
    """The records of rows; CacheUnreadable where an earlier version stored what no record takes."""
    try:
        return tuple(make(row) for row in found)
    except (ValueError, ArithmeticError) as error:
        raise CacheUnreadable(
            f"an earlier version stored a {what} that cannot be: {error}",
            hint="excache sync repairs it",
        ) from error


def fill_row(value: Fill, seen_ms: int) -> Row:
    return {
        "account": value.account,
        "category": value.category,
        "symbol": value.symbol,
        "fill_id": value.fill_id,
        "order_id": value.order_id,
        "time_ms": to_ms(value.time),
        "side": str(value.side),
        "base": value.base,
        "quote": value.quote,
        "quantity": to_text(value.quantity),
        "price": to_text(value.price),
        "cost": to_text(value.cost),
        "fees": fees_text(value.fees),
        "fees_known": value.fees_known,
        "kind": str(value.kind),
        "liquidity": value.liquidity,
        "settle": value.settle,
        "contracts": to_text_or_none(value.contracts),
        "contract_size": to_text_or_none(value.contract_size),
        "realised_pnl": to_text_or_none(value.realised_pnl),
        "seen_ms": seen_ms,
    }


def to_fill(row: tuple[Any, ...]) -> Fill:
    return Fill(
        account=row[0],
        category=row[1],
        symbol=row[2],
        fill_id=row[3],
        order_id=row[4],
        time=from_ms(row[5]),
        side=Side(row[6]),
        base=row[7],
        quote=row[8],
        quantity=Decimal(row[9]),
        price=Decimal(row[10]),
        cost=Decimal(row[11]),
        fees=to_fees(row[12]),
        fees_known=bool(row[13]),
        kind=FillKind(row[14]),
        liquidity=row[15],
        settle=row[16],
        contracts=number(row[17]),
        contract_size=number(row[18]),
        realised_pnl=number(row[19]),
    )


def transfer_row(value: Transfer, seen_ms: int) -> Row:
    return {
        "account": value.account,
        "scope": value.scope,
        "transfer_id": value.transfer_id,
        "kind": str(value.kind),
        "time_ms": to_ms(value.time),
        "asset": value.asset,
        "quantity": to_text(value.quantity),
        "fee_asset": value.fee.asset if value.fee else None,
        "fee": to_text(value.fee.amount) if value.fee else None,
        "status": value.status,
        "tx_id": value.tx_id,
        "network": value.network,
        "from_wallet": value.from_wallet,
        "to_wallet": value.to_wallet,
        "symbol": value.symbol,
        "seen_ms": seen_ms,
    }


def to_transfer(row: tuple[Any, ...]) -> Transfer:
    return Transfer(
        account=row[0],
        scope=row[1],
        transfer_id=row[2],
        kind=TransferKind(row[3]),
        time=from_ms(row[4]),
        asset=row[5],
        quantity=Decimal(row[6]),
        fee=None if row[7] is None else Fee(asset=row[7], amount=Decimal(row[8])),
        status=row[9],
        tx_id=row[10],
        network=row[11],
        from_wallet=row[12],
        to_wallet=row[13],
        symbol=row[14],
    )


def price_row(value: Price) -> Row:
    return {
        "account": value.account,
        "symbol": value.symbol,
        "category": value.category,
        "base": value.base,
        "quote": value.quote,
        "last": to_text_or_none(value.last),
        "bid": to_text_or_none(value.bid),
        "ask": to_text_or_none(value.ask),
        "mark": to_text_or_none(value.mark),
        "open_24h": to_text_or_none(value.open_24h),
        "fetched_ms": to_ms(value.fetched_at),
        "as_of_ms": ms_or_none(value.as_of),
    }


def to_price(row: tuple[Any, ...]) -> Price:
    return Price(
        account=row[0],
        symbol=row[1],
        category=row[2],
        base=row[3],
        quote=row[4],
        last=number(row[5]),
        bid=number(row[6]),
        ask=number(row[7]),
        mark=number(row[8]),
        open_24h=number(row[9]),
        fetched_at=from_ms(row[10]),
        as_of=time_or_none(row[11]),
    )
