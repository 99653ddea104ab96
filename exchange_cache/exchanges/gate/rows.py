"""Gate's raw rows: finished orders by what ended them, flash swaps, the spot ledger, funding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from exchange_cache.adapter import translate, translate_moves
from exchange_cache.adapter.rows import Desk, Record
from exchange_cache.adapter.translate import Row, number, required_number, required_text, text
from exchange_cache.exchanges.verbs import (
    column,
    ids,
    listed,
    market_of,
    netted,
    side,
    signed,
)
from exchange_cache.records import TransferKind


def order(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A finished order. ``finish_as`` has words that ccxt does not know (reduce_only, stp …): what
    is left tells how it ended."""
    told = dict(row)
    if row.get("status") in {"finished", "closed", "cancelled"}:
        left = number(desk.origin, row, "left")
        told["finish_as"] = "filled" if left is not None and left == 0 else "cancelled"
    field = "contract" if "contract" in row else "currency_pair"
    market = market_of(desk, row, field)
    parsed, stated = desk.parsed_order(told, market)
    stated = {**stated, "filled": parsed["filled"]}  # Gate states what is left of the amount
    return (translate.order(desk.origin, parsed, stated, market),)


def flash_swap(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A flash swap; only those with status 1 happened."""
    if str(row.get("status")) != "1":
        return ()
    given, got = (
        (desk.asset(row, f"{side}_currency"), required_number(desk.origin, row, f"{side}_amount"))
        for side in ("sell", "buy")
    )
    name, time = required_text(desk.origin, row, "id"), desk.time(row, "create_time")
    return (translate_moves.swap_fill(desk.origin, fill_id=name, time=time, given=given, got=got),)


#: Types of the spot ledger that come with the fills, the converts, the deposits or the withdrawals.
_ELSEWHERE = frozenset(
    {
        "new_order",
        "order_fill",
        "order_fee",
        "deposit",
        "withdraw",
        "cancel_order",
        "flash_swap_buy",
        "flash_swap_sell",
    }
)

_BOOK = {
    "referral_fee": TransferKind.REWARD,
    "point_refr": TransferKind.REWARD,
    "profit": TransferKind.REWARD,
    "interest": TransferKind.FEE,
    "lend": TransferKind.INTERNAL,
    "redeem": TransferKind.INTERNAL,
    "sub_account_transfer": TransferKind.OTHER,
}


def book(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A row of the spot ledger; moves between wallets are named after where they go (futures_in,
    margin_out …)."""
    word = required_text(desk.origin, row, "type")
    if word in _ELSEWHERE:
        return ()
    moving = word.endswith(("_in", "_out"))
    kind = TransferKind.INTERNAL if moving else _BOOK.get(word, TransferKind.OTHER)
    return (
        signed(
            desk,
            row,
            transfer_id=required_text(desk.origin, row, "id"),
            kind=kind,
            time=desk.time(row, "time"),
            asset=desk.asset(row, "currency"),
            amount=required_number(desk.origin, row, "change"),
        ),
    )


def funding(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A funding payment of one settle currency's ledger; old rows have no id, but a contract pays
    once a moment."""
    settle = str(desk.stream.params["settle"])
    contract = text(row, "contract") or required_text(desk.origin, row, "text").partition(":")[0]
    return (
        signed(
            desk,
            row,
            transfer_id=text(row, "id")
            or ids(desk, {**row, "contract": contract}, "contract", "time"),
            kind=TransferKind.FUNDING,
            time=desk.time(row, "time", "s"),
            asset=desk.code(settle.upper()),
            amount=required_number(desk.origin, row, "change"),
            symbol=str(desk.market_by_id(contract, desk.stream.category)["symbol"]),
        ),
    )


# --- wallets --------------------------------------------------------------------------------------


def margin_wallet(response: Any, client: Any) -> Mapping[str, Any]:
    """Isolated pairs: both sides of each, less what was borrowed and the interest on it, which is a
    field of its own."""
    rows = [row for pair in listed(response, "") for row in (pair["base"], pair["quote"])]
    return netted(
        client,
        (side(row, "currency", "available", "locked", "borrowed", "interest") for row in rows),
    )


def contracts_wallet(response: Any, client: Any) -> Mapping[str, Any]:
    """One settle currency: ``total`` is what was paid in and closed, without the unrealised
    result."""
    code = str(client.safe_currency_code(str(response["currency"]).upper()))
    return {code: {"free": response.get("available"), "used": None, "total": response["total"]}}


def lends_wallet(response: Any, client: Any) -> Mapping[str, Any]:
    return column(client, response, "", "currency", "amount")
