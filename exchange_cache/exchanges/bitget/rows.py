"""Bitget's raw rows: fills whose fee and side ccxt misreads, bills, and sweeps into BGB."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from exchange_cache.adapter import translate, translate_moves
from exchange_cache.adapter.meanings import part_in
from exchange_cache.adapter.rows import Desk, Record
from exchange_cache.adapter.values import (
    Row,
    number,
    required_number,
    required_text,
    text,
    text_or_empty,
)
from exchange_cache.exchanges.bitget.wallets import wallet_of
from exchange_cache.exchanges.verbs import Charge, booked, fill_of, happened, ids, market_of, one_of
from exchange_cache.money import EXACT
from exchange_cache.records import Fee, FillKind


def fill(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A fill of a classic or a unified account. Classic fees are negative when paid, unified ones
    positive.

    In hedge mode the classic ``side`` is that of the position, so the side of a closing row is the
    opposite of the trade's (https://www.bitget.com/api-doc/contract/trade/Place-Order: close long
    is "buy" with tradeSide "close").
    """
    market = desk.market or market_of(desk, row)  # rows of margin wallets name none
    unified = "execId" in row
    made = fill_of(
        desk,
        row,
        market,
        fill_id=required_text(desk.origin, row, "execId" if unified else "tradeId"),
        order_id=text(row, "orderId"),
        time=desk.time(row, "createdTime" if unified else "cTime"),
        side=_side(row, desk),
        price=row.get("execPrice") or row.get("priceAvg") or row.get("price"),
        amount=row.get("execQty") or row.get("baseVolume") or row.get("size"),
        cost=row.get("execValue") or row.get("amount"),  # that of contracts is computed
        charges=_charges(row, desk, unified=unified),
        liquidity=text(row, "tradeScope"),
        realised=row.get("execPnl") or row.get("profit"),
    )
    return (made,)


def _side(row: Row, desk: Desk) -> str:
    """The side of the trade: ``liquidation_sell`` and the like are sales, and closing in hedge mode
    is the opposite of the position."""
    trade_side = text_or_empty(row, "tradeSide").lower()
    side = text_or_empty(row, "side").lower().replace("-", "_").rpartition("_")[2]
    if trade_side.endswith("close_long"):
        return "sell"
    if trade_side.endswith("close_short"):
        return "buy"
    if trade_side == "close" and "execId" not in row and one_of(desk, row, "posMode", _IS_HEDGE):
        return {"buy": "sell", "sell": "buy"}.get(side, side)
    return side


_IS_HEDGE = {"hedge_mode": True, "one_way_mode": False}


def _charges(row: Row, desk: Desk, *, unified: bool) -> list[Charge] | None:
    detail = row.get("feeDetail")
    parts = [detail] if isinstance(detail, Mapping) else detail
    if not isinstance(parts, list) or not parts:
        return None
    field = "fee" if unified else "totalFee"
    charges: list[Charge] = []
    for part in parts:
        amount, asset = number(desk.origin, part, field), text(part, "feeCoin")
        if amount is not None:
            paid = amount if unified else EXACT.minus(amount)
            charges.append((desk.code(asset) if asset else None, str(paid)))
    return charges


def order(row: Row, desk: Desk) -> tuple[Record, ...]:
    """An order without its fees (``feeDetail``), which ccxt cannot read where nothing was filled.

    ccxt does not read the average of unified orders, reads the ordered amount of margin orders as
    the filled one, and turns the side of closing orders only where they are marked reduce-only,
    which those of the hedge mode are not. The size of a market buy of a pair is in quote: ccxt
    takes what was filled for it.
    """
    renamed = {key: value for key, value in row.items() if key != "feeDetail"}
    if row.get("category") is not None:
        renamed |= {"priceAvg": row.get("avgPrice"), "quoteVolume": row.get("cumExecValue")}
    if row.get("baseSize") is not None:
        renamed["quoteVolume"] = row.get("amount")
    market = market_of(desk, row)
    parsed, stated = desk.parsed_order(renamed, market)
    if market["spot"] and row.get("side") == "buy" and row.get("orderType") == "market":
        stated = {**stated, "amount": None}
    return (translate.order(desk.origin, parsed | {"side": _side(row, desk)}, stated, market),)


def bill(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A row of the spot account's bills (``size`` is the signed effect); its group and its type
    together say what it is."""
    word = required_text(desk.origin, row, "businessType")
    words = f"{row.get('groupType')}: {word}".lower().replace("_", " ").replace("-", " ")
    made = booked(
        desk,
        row,
        transfer_id=required_text(desk.origin, row, "billId"),
        word=part_in(desk.stream.meanings, words) or word,
        time=desk.time(row, "cTime"),
        asset=desk.asset(row, "coin"),
        amount=required_number(desk.origin, row, "size"),
    )
    return tuple(replace(transfer, word=word) for transfer in made)


def futures_bill(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A row of the bills of a futures account."""
    return booked(
        desk,
        row,
        transfer_id=required_text(desk.origin, row, "billId"),
        word=required_text(desk.origin, row, "businessType"),
        time=desk.time(row, "cTime"),
        asset=desk.asset(row, "coin"),
        amount=required_number(desk.origin, row, "amount"),
        market_id=text(row, "symbol"),
        wallet=wallet_of(str(desk.stream.params["productType"])),
    )


def uta_record(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A financial record of a unified account."""
    return booked(
        desk,
        row,
        transfer_id=required_text(desk.origin, row, "id"),
        word=required_text(desk.origin, row, "type"),
        time=desk.time(row, "ts"),
        asset=desk.asset(row, "coin"),
        amount=required_number(desk.origin, row, "amount"),
        market_id=text(row, "symbol"),
    )


def convert(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A convert; its rate includes the fee (``fee``, in the coin received, is 0 so far)."""
    return (translate_moves.conversion(desk.origin, desk.client.parse_conversion(row)),)


def dust(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A small balance converted into BGB; ``toAmount`` is net of the fee."""
    if not happened(
        desk, row, "status", "success", "successful", "finish", at="ctime", optional=True
    ):
        return ()
    fees = tuple(
        Fee(asset=desk.asset(part, "feeCoin"), amount=amount)
        for part in row.get("feeDetail") or ()
        if (amount := number(desk.origin, part, "fee"))
    )
    target = desk.asset(row, "toCoin")
    net = required_number(desk.origin, row, "toAmount")
    gross = EXACT.add(net, sum(fee.amount for fee in fees if fee.asset == target))
    return (
        translate_moves.swap_fill(
            desk.origin,
            fill_id=ids(desk, row, "orderId", "fromCoin"),
            order_id=text(row, "orderId"),
            time=desk.time(row, "ctime"),
            given=(desk.asset(row, "fromCoin"), required_number(desk.origin, row, "fromAmount")),
            got=(target, gross),
            fees=fees,
            kind=FillKind.DUST,
        ),
    )
