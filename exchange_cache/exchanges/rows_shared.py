"""What raw row parsers of several exchanges share: fills out of plain figures, fees, and words for
ledger rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from exchange_cache.adapter import translate
from exchange_cache.adapter.markets import Market
from exchange_cache.adapter.translate import Row, required_text, text
from exchange_cache.clock import to_ms
from exchange_cache.exchanges.rows import Desk, Record
from exchange_cache.records import Fill, TransferKind

#: (asset, amount): what was paid, negative for a rebate.
Charge = tuple[str | None, Any]


def fill(
    desk: Desk,
    row: Row,
    market: Market,
    *,
    fill_id: str,
    time: datetime,
    side: str,
    price: Any,
    amount: Any,
    order_id: str | None = None,
    cost: Any = None,
    charges: Iterable[Charge] | None = None,
    liquidity: str | None = None,
    realised: Any = None,
) -> Fill:
    """A fill of plain figures in the exchange's own units. ``charges`` None: the exchange does not
    tell fees; empty: there were none."""
    fees = [{"currency": asset, "cost": amount} for asset, amount in charges or ()]
    trade: dict[str, Any] = {
        "id": fill_id,
        "order": order_id,
        "timestamp": to_ms(time),
        "side": side,
        "price": price,
        "amount": amount,
        "cost": cost,
        "takerOrMaker": liquidity,
        "fees": fees or ([{"currency": None, "cost": "0"}] if charges is not None else []),
        "info": {"realizedPnl": realised, "id": fill_id},
    }
    return translate.fill(desk.origin, trade, market)


def market_of(desk: Desk, row: Row, field: str = "symbol") -> Market:
    """The market that a row names."""
    return desk.market_by_id(required_text(desk.origin, row, field), desk.stream.category)


def signed(
    desk: Desk,
    row: Row,
    *,
    transfer_id: str,
    kind: TransferKind,
    time: datetime,
    asset: str,
    amount: Decimal,
    symbol: str | None = None,
) -> Record:
    """A ledger row by its signed effect: kinds that have no sign of their own become OTHER where
    theirs is wrong, moves know their end."""
    if kind is TransferKind.INTERNAL:
        inward = amount >= 0
        wallet = desk.origin.wallet or desk.stream.category
        return desk.transfer(
            row,
            transfer_id=transfer_id,
            kind=kind,
            time=time,
            asset=asset,
            quantity=amount.copy_abs(),
            from_wallet=None if inward else wallet,
            to_wallet=wallet if inward else None,
        )
    wrong = (kind in {TransferKind.REWARD, TransferKind.DEPOSIT} and amount < 0) or (
        kind is TransferKind.WITHDRAWAL and amount > 0
    )
    kind = TransferKind.OTHER if wrong else kind
    unsigned = kind in {TransferKind.REWARD, TransferKind.DEPOSIT, TransferKind.WITHDRAWAL}
    quantity = amount.copy_abs() if unsigned else amount
    return desk.transfer(
        row,
        transfer_id=transfer_id,
        kind=kind,
        time=time,
        asset=asset,
        quantity=quantity,
        symbol=symbol,
    )


def kind_by_word(
    word: str, table: Mapping[str, TransferKind], default: TransferKind = TransferKind.OTHER
) -> TransferKind:
    """The kind whose key is contained in the exchange's word, first match first."""
    return next((kind for part, kind in table.items() if part in word.lower()), default)


def ids(desk: Desk, row: Row, *fields: str) -> str:
    """An id out of several fields, for rows that have none of their own."""
    parts = [found for name in fields if (found := text(row, name)) is not None]
    if not parts:
        raise desk.origin.bad(f"has none of {', '.join(fields)}", row)
    return ":".join(parts)
