"""Gate's raw rows: finished orders by the reason of their end, flash swaps, the spot ledger,
funding."""

from __future__ import annotations

from exchange_cache.adapter import translate, translate_moves
from exchange_cache.adapter.rows import Desk, Record
from exchange_cache.adapter.translate import Row, number, required_number, required_text, text
from exchange_cache.exchanges.verbs import booked, happened, ids, market_of
from exchange_cache.money import EXACT, published, to_text


def order(row: Row, desk: Desk) -> tuple[Record, ...]:
    """An order. ccxt does not know all words of ``finish_as`` (reduce_only, stp …), so the unfilled
    amount decides how a finished one ended. That of a market buy is in quote, as its ``amount``,
    and may be less than the smallest order: its ``status`` decides.

    Source: https://www.gate.com/docs/developers/apiv4/#list-orders
    """
    known = dict(row)
    in_quote = _in_quote(row)
    if row.get("status") in {"finished", "closed", "cancelled"}:
        left = number(desk.origin, row, "left")
        whole = row["status"] == "closed" if in_quote else left is not None and left == 0
        known["finish_as"] = "filled" if whole else "cancelled"
    market = market_of(desk, row, "contract" if "contract" in row else "currency_pair")
    parsed, stated = desk.parsed_order(known, market)
    stated = {**stated, "filled": parsed["filled"]}  # Gate states the unfilled amount
    if in_quote:
        stated = {**stated, **_spent(row, desk)}
    return (translate.order(desk.origin, parsed, stated, market),)


def _in_quote(row: Row) -> bool:
    spot = "contract" not in row
    return spot and row.get("type") == "market" and row.get("side") == "buy"


def _spent(row: Row, desk: Desk) -> dict[str, object]:
    """What a market buy received and spent; it asks for no amount of the base."""
    cost, average, filled = (
        number(desk.origin, row, name)
        for name in ("filled_total", "avg_deal_price", "filled_amount")
    )
    if filled is None and cost is not None:
        filled = published(EXACT.divide(cost, average)) if average else None if cost else cost
    return {
        "amount": None,
        "filled": None if filled is None else to_text(filled),
        "cost": None if cost is None else to_text(cost),
    }


def flash_swap(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A flash swap; only those with status 1 happened."""
    if not happened(desk, row, "status", "1", at="create_time"):
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
