"""Coinbase's transactions: transfers and rewards, and the trades that are not among the fills."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from exchange_cache.adapter import translate
from exchange_cache.adapter.meanings import classified
from exchange_cache.adapter.rows import Desk, Record
from exchange_cache.adapter.translate_moves import status as unified_status, swap_fill
from exchange_cache.adapter.values import (
    Origin,
    Row,
    number,
    required_number,
    required_text,
    text,
    text_or_empty,
)
from exchange_cache.exchanges.coinbase import words
from exchange_cache.exchanges.verbs import market_of
from exchange_cache.money import EXACT
from exchange_cache.records import Fee, Fill, FillKind, Side, Transfer, TransferKind

_STATUS = {
    "completed": "ok",
    "pending": "pending",
    "waiting_for_clearing": "pending",
    "waiting_for_signature": "pending",
    "failed": "failed",
    "expired": "failed",
    "canceled": "canceled",
}


def order(row: Row, desk: Desk) -> tuple[Record, ...]:
    """An order with the cost that Coinbase states (``filled_value``), which ccxt leaves out.

    Source: https://docs.cdp.coinbase.com/api-reference/advanced-trade-api/rest-api/orders/list-orders
    """
    product = required_text(desk.origin, row, "product_id")
    market = desk.market_by_id(product, desk.stream.category)
    parsed, stated = desk.parsed_order(row, market)
    return (
        translate.order(desk.origin, parsed, {**stated, "cost": row.get("filled_value")}, market),
    )


def fill(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A fill. One of a US future (``…-CDE``) moves nothing: the daily settlements among the
    transactions pay out what it realised.

    Source: https://help.coinbase.com/en/derivatives/products/settlement
    """
    market = market_of(desk, row, "product_id")
    made = translate.fill(desk.origin, *desk.parsed_trade(row, market), market)
    settled = required_text(desk.origin, row, "product_id").endswith("-CDE")
    return (replace(made, kind=FillKind.LEVERAGED) if settled else made,)


def transaction(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A row of one asset account. The fills report trades on the exchange; simple buys and converts
    become fills here."""
    word = required_text(desk.origin, row, "type")
    if word in words.FILLS:
        return ()
    amount = required_number(desk.origin, _mapping(row, "amount"), "amount")
    asset = desk.asset(_mapping(row, "amount"), "currency")
    stated = text(row, "status")
    settled = _STATUS.get(str(stated), unified_status(stated))
    if word in words.SIMPLE | words.CONVERTS:
        return _swap(row, word, asset, amount, desk) if amount and settled == "ok" else ()
    fee = _network_fee(desk, row) if amount < 0 else None
    found = classified(desk.stream.meanings, word, _sent(row, amount, fee, asset, desk.origin))
    assert found is not None  # none of these words is elsewhere
    network = _mapping(row, "network")
    return (
        _moved(
            row,
            desk,
            **found._asdict(),
            asset=asset,
            fee=fee,
            status=settled,
            tx_id=text(network, "hash"),
            network=text(network, "network_name"),
        ),
    )


def _moved(row: Row, desk: Desk, **values: Any) -> Transfer:
    return desk.transfer(
        row,
        transfer_id=required_text(desk.origin, row, "id"),
        time=desk.time(row, "created_at", "iso"),
        word=text(row, "type"),
        reference=text(_mapping(row, text_or_empty(row, "type")), "id"),
        **values,
    )


def _mapping(row: Row, field: str) -> Mapping[str, Any]:
    found = row.get(field)
    return found if isinstance(found, Mapping) else {}


def _sent(row: Row, amount: Decimal, fee: Fee | None, asset: str, origin: Origin) -> Decimal:
    """The amount without the network's fee, which a send includes, with the sign of the row. Where
    only the fee is stated, the amount is the rest.

    Source: https://docs.cdp.coinbase.com/coinbase-app/track-apis/transactions (network)
    """
    moved = number(origin, _mapping(_mapping(row, "network"), "transaction_amount"), "amount")
    if moved is not None and fee is not None:
        return moved.copy_sign(amount)
    return EXACT.add(amount, fee.amount) if fee is not None and fee.asset == asset else amount


def _network_fee(desk: Desk, row: Row) -> Fee | None:
    fee = _mapping(_mapping(row, "network"), "transaction_fee")
    if not fee:
        return None
    amount = number(desk.origin, fee, "amount")
    return Fee(asset=desk.asset(fee, "currency"), amount=amount) if amount else None


def _swap(row: Row, word: str, asset: str, amount: Decimal, desk: Desk) -> tuple[Record, ...]:
    """A simple buy or sell at the fiat that was paid; a convert's half at its value in the native
    currency that Coinbase shows.

    The fiat's own account lists the other side. Its row of a simple buy returns nothing; its row of
    a convert states the amount given or received. ``ledger.converts`` joins the halves. Both name
    the same fee, which is part of what left or reached the account of its asset.
    """
    details, simple = _mapping(row, word), word in words.SIMPLE
    total = _mapping(details, "subtotal") or _mapping(row, "native_amount")
    fiat = desk.asset(total, "currency")
    value = required_number(desk.origin, total, "amount").copy_abs()
    if simple and fiat == asset:
        return ()
    if (
        value == 0
    ):  # less than the smallest amount of money shown: the quantity is known, its cost is not
        return (_moved(row, desk, kind=TransferKind.SUBSCRIPTION, asset=asset, quantity=amount),)
    paid, held, fees = (fiat, value), (asset, amount), _fees(desk, _mapping(details, "fee"))
    made = swap_fill(
        desk.origin,
        fill_id=required_text(desk.origin, row, "id"),
        time=desk.time(row, "created_at", "iso"),
        given=paid if amount > 0 else held,
        got=held if amount > 0 else paid,
        fees=fees if simple else (),
        order_id=text(details, "id"),
        kind=FillKind.FIAT if simple else FillKind.CONVERT,
    )
    if simple:
        return (made,)
    half = _half(made, asset, amount, fiat, amount.copy_abs() if fiat == asset else value)
    return (_net_of(half, fees),)


def _fees(desk: Desk, row: Row) -> tuple[Fee, ...]:
    amount = number(desk.origin, row, "amount")
    return (Fee(asset=desk.asset(row, "currency"), amount=amount),) if amount else ()


def _half(made: Fill, asset: str, amount: Decimal, fiat: str, value: Decimal) -> Fill:
    """One account's side of a convert: always its asset against the native currency."""
    return replace(
        made,
        symbol=f"{asset}/{fiat}",
        side=Side.BUY if amount > 0 else Side.SELL,
        base=asset,
        quote=fiat,
        quantity=amount.copy_abs(),
        price=EXACT.divide(value, amount.copy_abs()),
        cost=value,
    )


def _net_of(half: Fill, fees: tuple[Fee, ...]) -> Fill:
    """A half whose quantity is without the fee, where the fee is in its asset; then quantity and
    fee are together what the row states."""
    own = tuple(fee for fee in fees if fee.asset == half.base)
    sign = -1 if half.side is Side.SELL else 1
    quantity = half.quantity
    for fee in own:
        quantity = EXACT.add(quantity, EXACT.multiply(sign, fee.amount))
    cost = EXACT.divide(EXACT.multiply(half.cost, quantity), half.quantity) if own else half.cost
    return replace(half, quantity=quantity, cost=cost, fees=own)


def corrected(fill: Fill) -> Fill:
    """A half of a convert of versions up to 0.4, which took the fee on top of what its row
    states."""
    if fill.kind is not FillKind.CONVERT or fill.order_id is None:
        return fill
    return _net_of(fill, fill.fees)
