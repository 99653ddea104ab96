"""One small builder per record: every number as text, every time as hours after T0, everything else
with a plain default."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from exchange_cache.records import (
    Balance,
    Fee,
    Fill,
    Order,
    OrderStatus,
    Position,
    Price,
    Side,
    Transfer,
    TransferKind,
)

T0 = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


def at(hours: float = 0, *, ms: int = 0) -> datetime:
    return T0 + timedelta(hours=hours, milliseconds=ms)


def dec(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def fee(text: str) -> Fee:
    """``fee("0.1 BNB")``"""
    amount, asset = text.split()
    return Fee(asset=asset, amount=Decimal(amount))


def fill(
    fill_id: str = "1",
    amount: str = "0.1",
    price: str = "100",
    *,
    symbol: str = "BTC/USDT",
    account: str = "main",
    time: datetime = T0,
    side: str = "buy",
    fees: tuple[str, ...] = (),
    **more: Any,
) -> Fill:
    base, quote = symbol.split(":")[0].split("/")
    made = Fill(
        account=account,
        category="spot",
        symbol=symbol,
        fill_id=fill_id,
        order_id=None,
        time=time,
        side=Side(side),
        base=base,
        quote=quote,
        quantity=Decimal(amount),
        price=Decimal(price),
        cost=(Decimal(amount) * Decimal(price)).copy_abs(),
        fees=tuple(fee(text) for text in fees),
    )
    return replace(made, **more)


def order(
    order_id: str = "1",
    status: str = "closed",
    *,
    symbol: str = "BTC/USDT",
    account: str = "main",
    created_at: datetime = T0,
    amount: str | None = "1",
    filled: str | None = "0",
    price: str | None = "100",
    **more: Any,
) -> Order:
    base, quote = symbol.split(":")[0].split("/")
    made = Order(
        account=account,
        category="spot",
        symbol=symbol,
        order_id=order_id,
        created_at=created_at,
        side=Side.BUY,
        type="limit",
        status=OrderStatus(status),
        base=base,
        quote=quote,
        price=dec(price),
        average=None,
        amount=dec(amount),
        filled=dec(filled),
        cost=None,
        fetched_at=NOW,
    )
    return replace(made, **more)


def transfer(
    transfer_id: str = "1",
    quantity: str = "1",
    asset: str = "BTC",
    *,
    kind: str = "deposit",
    scope: str = "deposits",
    account: str = "main",
    time: datetime = T0,
    status: str = "ok",
    **more: Any,
) -> Transfer:
    made = Transfer(
        account=account,
        scope=scope,
        transfer_id=transfer_id,
        kind=TransferKind(kind),
        time=time,
        asset=asset,
        quantity=Decimal(quantity),
        status=status,
    )
    return replace(made, **more)


def balance(
    total: str = "1",
    asset: str = "BTC",
    *,
    account: str = "main",
    wallet: str = "spot",
    **more: Any,
) -> Balance:
    made = Balance(
        account=account,
        wallet=wallet,
        code=asset,
        asset=asset,
        free=Decimal(total),
        used=Decimal(0),
        total=Decimal(total),
        fetched_at=NOW,
    )
    return replace(made, **more)


def position(
    symbol: str = "BTC/USDT:USDT",
    side: str = "long",
    contracts: str = "1",
    *,
    account: str = "main",
    **more: Any,
) -> Position:
    made = Position(
        account=account,
        wallet="swap",
        category="linear",
        symbol=symbol,
        side=side,
        contracts=Decimal(contracts),
        contract_size=Decimal(1),
        base_quantity=None,
        entry_price=None,
        mark_price=None,
        notional=None,
        unrealised_pnl=None,
        settle_asset=symbol.split(":")[1],
        fetched_at=NOW,
    )
    return replace(made, **more)


def price(
    symbol: str = "BTC/USDT", last: str | None = "100", *, account: str = "main", **more: Any
) -> Price:
    base, quote = symbol.split(":")[0].split("/")
    return replace(
        Price(
            account=account, symbol=symbol, base=base, quote=quote, last=dec(last), fetched_at=NOW
        ),
        **more,
    )
