"""WhiteBIT's raw rows: orders, converts, deposits and withdrawals, funding and positions as ccxt
does not read them, and the collateral wallet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from exchange_cache.adapter import translate, translate_moves
from exchange_cache.adapter.markets import Market
from exchange_cache.adapter.paths import dig_or_none
from exchange_cache.adapter.rows import Desk, Record
from exchange_cache.adapter.translate import Row, number, required_number, required_text, text
from exchange_cache.exchanges.verbs import ids, listed, market_of
from exchange_cache.money import to_amount
from exchange_cache.records import Fee, TransferKind

#: WhiteBIT's words for the state of an order -> those that ccxt reads.
_ORDER_STATES = {
    "NEW": "OPEN",
    "PARTIAL_FILLED": "PARTIALLY_FILLED",
    "CANCELLED": "CANCELED",
    "PARTIAL_CANCELED": "CANCELED",
    "CANCELED_TAKER_BAND": "CANCELED",
    "AUTO_CANCELED_REDUCE_ONLY": "CANCELED",
}

#: The numbers of states; all others are pending (15), or wait for the user or a review.
_PARTIAL = "18"
_MOVE_STATES = {"3": "ok", "7": "ok", _PARTIAL: "ok", "4": "canceled", "9": "canceled"}


def order(row: Row, desk: Desk) -> tuple[Record, ...]:
    """An order; an open one names its market and the amount ``left``, finished ones are requested
    per market. The ``amount`` of a market buy is in quote: ccxt takes what was filled for it."""
    market = desk.market or market_of(desk, row, "market")
    state = text(row, "status") or ("OPEN" if "left" in row else "FILLED")
    parsed, stated = desk.parsed_order({**row, "status": _ORDER_STATES.get(state, state)}, market)
    parsed |= {"reduceOnly": row.get("reduceOnly")}
    if row.get("side") == "buy" and row.get("type") in {"market", "stop market"}:
        stated = {**stated, "amount": None}
    return (translate.order(desk.origin, parsed, stated, market),)


def conversion(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A convert of one or several steps; ccxt reads the end of the first step as that of all."""
    first, last = dig_or_none(row, "path.0"), dig_or_none(row, "path.-1")
    if first is None or last is None:
        raise desk.origin.bad("has no path", row)
    return (
        translate_moves.swap_fill(
            desk.origin,
            fill_id=required_text(desk.origin, row, "id"),
            time=desk.time(row, "date", "s"),
            given=(desk.asset(first, "from"), required_number(desk.origin, row, "give")),
            got=(desk.asset(last, "to"), required_number(desk.origin, row, "receive")),
        ),
    )


def move(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A deposit or a withdrawal; a partial one by its processed amount. ccxt reads WhiteBIT's own
    id as that of the chain."""
    state, asset = text(row, "status"), desk.asset(row, "ticker")
    figures, amount, charge = row, "amount", "fee"
    if state == _PARTIAL:
        figures = dig_or_none(row, "details.partial") or {}
        amount, charge = "processedAmount", "processedFee"
    fee = number(desk.origin, figures, charge)
    return (
        desk.transfer(
            row,
            transfer_id=required_text(desk.origin, row, "transactionId"),
            kind=desk.stream.transfer_kind,
            time=desk.time(row, "createdAt", "s"),
            asset=asset,
            quantity=required_number(desk.origin, figures, amount),
            fee=Fee(asset=asset, amount=fee) if fee else None,
            status=_MOVE_STATES.get(str(state), "pending"),
            tx_id=text(row, "transactionHash"),
            network=text(row, "network"),
        ),
    )


#: The documentation shows the time of a payment in seconds, ccxt's source in milliseconds.
_DIGITS_OF_SECONDS = 10


def funding(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A funding payment of a perpetual, negative where paid. Rows have no id; hedged positions of
    one market differ in their amounts."""
    market = market_of(desk, row, "market")
    unit = (
        "s" if len(required_text(desk.origin, row, "fundingTime")) <= _DIGITS_OF_SECONDS else "ms"
    )
    return (
        desk.transfer(
            row,
            transfer_id=ids(desk, row, "market", "fundingTime", "positionAmount"),
            kind=TransferKind.FUNDING,
            time=desk.time(row, "fundingTime", unit),
            asset=str(market["settle"]),
            quantity=required_number(desk.origin, row, "fundingAmount"),
            symbol=str(market["symbol"]),
        ),
    )


def position(row: Row, market: Market) -> tuple[Mapping[str, Any], Market]:
    """A position of the collateral account. ``pnl`` is the realised result, which ccxt reads as the
    unrealised one. Outside hedge mode the side is BOTH, and the amount has a sign."""
    amount = to_amount(row["amount"])
    signed = "short" if amount < 0 else "long"
    structure = {
        "contracts": str(amount.copy_abs()),
        "side": {"LONG": "long", "SHORT": "short", "BOTH": signed}.get(str(row["positionSide"])),
        "entryPrice": row.get("basePrice"),
        "unrealizedPnl": row.get("unrealizedPnl"),
        "liquidationPrice": row.get("liquidationPrice"),
        "initialMargin": row.get("margin"),
    }
    return structure, market


# --- wallets --------------------------------------------------------------------------------------


def collateral_wallet(response: Any, client: Any) -> Mapping[str, Any]:
    """The collateral wallet; positions contain the loans, not the balance."""
    return {
        str(client.safe_currency_code(row["asset"])): {
            "free": row["availableWithoutBorrow"],
            "used": None,
            "total": row["balance"],
            "debt": row["borrow"],
        }
        for row in listed(response, "")
    }
