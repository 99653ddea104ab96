"""Gate's raw rows: finished orders by the reason of their end, flash swaps, the spot ledger,
funding."""

from __future__ import annotations

from exchange_cache.adapter import translate, translate_moves
from exchange_cache.adapter.rows import Desk, Record
from exchange_cache.adapter.translate import Row, number, required_number, required_text, text
from exchange_cache.exchanges.verbs import booked, ids, market_of


def order(row: Row, desk: Desk) -> tuple[Record, ...]:
    """An order. ccxt does not know all words of ``finish_as`` (reduce_only, stp …), so the unfilled
    amount decides how a finished one ended."""
    known = dict(row)
    if row.get("status") in {"finished", "closed", "cancelled"}:
        left = number(desk.origin, row, "left")
        known["finish_as"] = "filled" if left is not None and left == 0 else "cancelled"
    market = market_of(desk, row, "contract" if "contract" in row else "currency_pair")
    parsed, stated = desk.parsed_order(known, market)
    # Gate states the unfilled amount
    return (translate.order(desk.origin, parsed, {**stated, "filled": parsed["filled"]}, market),)


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


def book(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A row of the spot ledger. ``code`` says what it is more exactly than ``type``, which is
    deprecated, and which older rows have alone."""
    word, code = required_text(desk.origin, row, "type"), text(row, "code")
    return booked(
        desk,
        row,
        transfer_id=required_text(desk.origin, row, "id"),
        word=code if code and code in desk.stream.meanings else word,
        time=desk.time(row, "time"),
        asset=desk.asset(row, "currency"),
        amount=required_number(desk.origin, row, "change"),
    )


def funding(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A funding payment; old rows have no id, but a contract pays at most once at a time."""
    settle = str(desk.stream.params["settle"])
    contract = text(row, "contract") or required_text(desk.origin, row, "text").partition(":")[0]
    return booked(
        desk,
        row,
        transfer_id=text(row, "id") or ids(desk, {**row, "contract": contract}, "contract", "time"),
        word=required_text(desk.origin, row, "type"),
        time=desk.time(row, "time", "s"),
        asset=desk.code(settle.upper()),
        amount=required_number(desk.origin, row, "change"),
        market_id=contract,
    )
