"""Rows of Bitfinex: lists, whose fields are named by their place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from exchange_cache.adapter import translate
from exchange_cache.adapter.markets import Market
from exchange_cache.adapter.rows import Desk, Record
from exchange_cache.adapter.translate import (
    Row,
    required_number,
    required_text,
    text,
    text_or_empty,
)
from exchange_cache.exchanges.bitfinex.words import word_of
from exchange_cache.exchanges.verbs import (
    WalletParser,
    booked,
    fill_of,
    listed,
    market_of,
    summed,
)
from exchange_cache.money import EXACT
from exchange_cache.records import Fill


def _named(row: Any, names: str) -> dict[str, Any]:
    """The first fields of a list row by name; ``_`` skips one."""
    return {name: value for name, value in zip(names.split(), row, strict=False) if name != "_"}


def _is_margin(order_type: Any, market: Market) -> bool:
    """Whether an order is of spot (EXCHANGE LIMIT …); LIMIT on a spot pair is of a margin
    position."""
    return not market.get("contract") and not str(order_type or "EXCHANGE").startswith("EXCHANGE")


def fill(row: Any, desk: Desk) -> tuple[Record, ...]:
    """A trade (https://docs.bitfinex.com/reference/rest-auth-trades); a negative fee was paid.

    A margin trade moves no asset: it changes a position that settles in the quote, so it is
    recorded like a derivative's.
    """
    trade = _named(row, "id symbol mts order amount price type _ maker fee fee_currency")
    market = market_of(desk, trade)
    amount = required_number(desk.origin, trade, "amount")
    fee = (
        None
        if trade.get("fee") is None
        else EXACT.minus(required_number(desk.origin, trade, "fee"))
    )
    asset = text(trade, "fee_currency")
    made = fill_of(
        desk,
        trade,
        market,
        fill_id=required_text(desk.origin, trade, "id"),
        order_id=text(trade, "order"),
        time=desk.time(trade, "mts"),
        side="sell" if amount < 0 else "buy",
        price=trade["price"],
        amount=str(amount.copy_abs()),
        charges=None if fee is None else [(desk.code(asset) if asset else None, str(fee))],
        liquidity=_LIQUIDITY.get(text_or_empty(trade, "maker")),
    )
    return (_as_margin(made) if _is_margin(trade.get("type"), market) else made,)


_LIQUIDITY = {"1": "maker", "-1": "taker"}


def _as_margin(made: Fill) -> Fill:
    return replace(
        made,
        category="margin",
        settle=made.quote,
        contracts=made.quantity,
        contract_size=EXACT.create_decimal(1),
    )


def order(row: Any, desk: Desk) -> tuple[Record, ...]:
    """An order (https://docs.bitfinex.com/reference/rest-auth-orders-history), which states the
    unfilled amount; ccxt reads the time of its last change as that of its creation."""
    fields = _named(row, "id _ _ symbol created updated _ _ type")
    market = market_of(desk, fields)
    times = {"timestamp": fields["created"], "lastUpdateTimestamp": fields["updated"]}
    parsed, stated = desk.parsed_order({"result": row}, market)
    stated = {**stated, "filled": parsed["filled"]}
    made = translate.order(desk.origin, parsed | times, stated, market)
    if market.get("contract"):
        return (made,)
    # whatever list asks: the answer has all orders, and each of them is in one wallet
    category = "margin" if _is_margin(fields.get("type"), market) else "spot"
    return (replace(made, category=category),)


def ledger(row: Any, desk: Desk) -> tuple[Record, ...]:
    """A ledger row (https://docs.bitfinex.com/reference/rest-auth-ledgers), by its description."""
    entry = _named(row, "id currency wallet mts _ amount balance _ description")
    return booked(
        desk,
        entry,
        transfer_id=required_text(desk.origin, entry, "id"),
        word=word_of(required_text(desk.origin, entry, "description")),
        time=desk.time(entry, "mts"),
        asset=desk.asset(entry, "currency"),
        amount=required_number(desk.origin, entry, "amount"),
    )


def position(row: Any, market: Market) -> tuple[Row, Market]:
    """A position (https://docs.bitfinex.com/reference/rest-auth-positions), which ccxt reads
    without its size."""
    fields = _named(
        row, "symbol status amount base_price _ _ pl _ liquidation leverage _ id created"
    )
    amount = str(fields["amount"])
    structure = {
        "contracts": amount.removeprefix("-"),
        "side": "short" if amount.startswith("-") else "long",
        "entryPrice": fields.get("base_price"),
        "unrealizedPnl": fields.get("pl"),
        "liquidationPrice": fields.get("liquidation"),
        "leverage": fields.get("leverage"),
        "timestamp": fields.get("created"),
    }
    margin = {
        "contract": True,
        "linear": True,
        "inverse": False,
        "contractSize": "1",
        "settle": market["quote"],
    }
    return structure, market if market.get("contract") else {**market, **margin}


def wallet_of_kind(kind: str) -> WalletParser:
    """One kind of wallet from the list of all; derivative twins (USTF0) count as the asset."""

    def read(response: Any, client: Any) -> Mapping[str, Any]:
        rows = [row for row in listed(response, "") if row[0] == kind]
        held = summed(client, ((row[1], row[2]) for row in rows))
        free = summed(client, ((row[1], row[4]) for row in rows if row[4] is not None))
        return {
            code: {**figures, "free": free[code]["total"] if code in free else None}
            for code, figures in held.items()
        }

    return read
