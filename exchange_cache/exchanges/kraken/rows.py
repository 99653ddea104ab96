"""Kraken rows and the wallet that ccxt does not parse, or parses incompletely."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from exchange_cache.adapter import translate, translate_moves
from exchange_cache.adapter.markets import Market
from exchange_cache.adapter.meanings import classified, sides
from exchange_cache.adapter.policy import Legs
from exchange_cache.adapter.rows import Desk, Record
from exchange_cache.adapter.translate import (
    Row,
    number,
    required_number,
    required_text,
    text,
    text_or_empty,
)
from exchange_cache.booked import BookedFees
from exchange_cache.errors import BadResponse
from exchange_cache.exchanges.kraken import words
from exchange_cache.exchanges.verbs import amount_or_zero, on_margin, owing
from exchange_cache.money import EXACT, ZERO, published, to_amount, to_amount_or_none, to_text
from exchange_cache.records import Fee, FillKind, OrderStatus, TransferKind


def order(row: Row, desk: Desk) -> tuple[Record, ...]:
    """An order with the cost that Kraken states, which ccxt computes anew; with the flag ``viqc``
    its volume is in quote, so its amount is unknown."""
    market = desk.market_by_id(str((row.get("descr") or {}).get("pair")), "spot")
    parsed, stated = desk.parsed_order(row, market)
    made = translate.order(desk.origin, parsed, {**stated, "cost": row.get("cost")}, market)
    if "viqc" not in text_or_empty(row, "oflags"):
        return (made,)
    status = OrderStatus.CLOSED if row.get("status") == "closed" else made.status
    return (replace(made, amount=None, status=status),)


def trade(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A spot trade. One with leverage moves no assets: ledger rows of the type ``margin`` report
    its result and its fee.

    Source: https://support.kraken.com/hc/en-us/articles/360001169383 (ledger: "trade" is
    non-margin, "margin" is profit or loss)
    """
    market = desk.market_by_id(required_text(desk.origin, row, "pair"), "spot")
    made = translate.fill(desk.origin, *desk.parsed_trade(row, market), market)
    return (replace(made, kind=FillKind.LEVERAGED) if _leveraged(row, desk) else made,)


def _leveraged(row: Row, desk: Desk) -> bool:
    figures = [number(desk.origin, row, name) for name in ("margin", "leverage")]
    return any(figures) or bool(
        {"initiating", "closing"} & set(text_or_empty(row, "misc").split(","))
    )


def _word(row: Row) -> str:
    return words.word_of(text_or_empty(row, "type"), text_or_empty(row, "subtype").lower())


def _is_leg(row: Row) -> bool:
    """Whether a ledger row may be a leg of a convert or of a trade; the others have the same
    ``refid``, which is the id of the trade."""
    return _word(row) in words.LEGS or row.get("type") == "trade"


_SIDES = sides(words.LEDGER)


def ledger(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A ledger row that is no trade. A leg of a convert that did not become a fill (the other leg
    is missing, or several assets were given at once) is one side of an exchange. A single leg of a
    trade states only a part of it, which the fills report."""
    required_text(desk.origin, row, "type")
    amount, word = required_number(desk.origin, row, "amount"), _word(row)
    found = classified(_SIDES, word, amount)
    if found is None:
        return ()
    code = desk.asset(row, "asset")
    asset, fee, refid = asset_of(code), number(desk.origin, row, "fee"), text(row, "refid")
    if found.kind is TransferKind.INTERNAL and found.from_wallet is found.to_wallet is None:
        wallet = "spot" if asset == code else "earn"
        ends = (None, wallet) if amount >= 0 else (wallet, None)
        found = found._replace(from_wallet=ends[0], to_wallet=ends[1])
    return (
        desk.transfer(
            row,
            transfer_id=required_text(desk.origin, row, "id"),
            **found._asdict(),
            time=desk.time(row, "time", "s"),
            asset=asset,
            fee=Fee(asset=asset, amount=fee) if fee else None,
            tx_id=refid,
            word=word,
            reference=refid,
        ),
    )


def asset_of(code: str) -> str:
    """The asset of a staking code (DOT28.S), which the ledger row moves."""
    stem, dot, suffix = code.partition(".")
    return (
        stem.rstrip("0123456789") or stem
        if dot and suffix in {"S", "M", "F", "B", "P", "HOLD"}
        else code
    )


def _joined(legs: list[Row], desk: Desk) -> tuple[Record, ...] | None:
    """The record of the ledger rows of one ``refid``; None while it is incomplete."""
    return _booked(legs, desk) if legs[0].get("type") == "trade" else _swap(legs, desk)


def _booked(legs: list[Row], desk: Desk) -> tuple[Record, ...] | None:
    """What a trade was charged, by asset: the list of trades states its fee in the quote even where
    it is charged in the base (order flag ``fcib``) or in fee credits, whose row has no amount.

    Sources: https://docs.kraken.com/api-reference/account-data/get-ledgers-info;
    https://docs.kraken.com/api-reference/trading/add-order (oflags); rotki/rotki,
    tests/exchanges/test_kraken.py (a trade charged in EUR and KFEE).
    """
    if len(legs) < 2:
        return None
    made = BookedFees(
        account=desk.origin.account,
        fill_id=required_text(desk.origin, legs[0], "refid"),
        time=desk.time(legs[0], "time", "s"),
        fees=tuple(sorted(_fees(legs, desk), key=lambda fee: fee.asset)),
    )
    return (made,)


def _fees(legs: list[Row], desk: Desk) -> tuple[Fee, ...]:
    return tuple(
        Fee(asset=asset_of(desk.asset(row, "asset")), amount=fee)
        for row in legs
        if (fee := number(desk.origin, row, "fee"))
    )


def _swap(legs: list[Row], desk: Desk) -> tuple[Record, ...] | None:
    """A convert from the ledger rows of one ``refid``. A sale of a tokenised share for euros has
    two more rows, of the dollars between: rows of one asset that sum to zero drop out.

    Nothing, where all rows do (a move between an asset and its staking code); None unless one asset
    was given for another.
    """
    moved: dict[str, Decimal] = {}
    fees: list[Fee] = []
    for row in legs:
        asset, fee = asset_of(desk.asset(row, "asset")), number(desk.origin, row, "fee")
        amount = required_number(desk.origin, row, "amount")
        moved[asset] = EXACT.add(moved.get(asset, ZERO), amount)
        fees += [Fee(asset=asset, amount=fee)] if fee else []
    given = [(asset, amount) for asset, amount in moved.items() if amount < 0]
    got = [(asset, amount) for asset, amount in moved.items() if amount > 0]
    if not given and not got and not fees:
        return ()
    if len(given) != 1 or len(got) != 1:
        return None
    return (
        translate_moves.swap_fill(
            desk.origin,
            fill_id=required_text(desk.origin, legs[0], "refid"),
            time=desk.time(legs[0], "time", "s"),
            given=given[0],
            got=got[0],
            fees=tuple(fees),
            kind=FillKind.CONVERT,
        ),
    )


#: Converts, and what trades were charged.
LEGS = Legs(is_leg=_is_leg, field="refid", time_field="time", time_unit="s", make=_joined)


# --- positions ------------------------------------------------------------------------------------


def position(row: Row, market: Market) -> tuple[Row, Market]:
    """An open margin position, consolidated by market. ``cost`` and ``vol`` are those of its
    opening, ``vol_closed`` is the part that is closed, ``value`` and ``net`` are the present value
    and the unrealised result of the rest; no wallet contains it.

    Source: https://docs.kraken.com/api-reference/account-data/get-open-positions
    """
    cost, opened = to_amount(str(row["cost"])), to_amount(str(row["vol"]))
    left = EXACT.subtract(opened, to_amount(str(row["vol_closed"])))
    value = to_amount_or_none(row.get("value"))
    structure = {
        "contracts": to_text(left),
        "side": row.get("type"),
        "entryPrice": _price(cost, opened),
        "markPrice": None if value is None else _price(value, left),
        "unrealizedPnl": row.get("net"),
        "initialMargin": row.get("margin"),
        "leverage": row.get("leverage"),
    }
    return structure, on_margin(market, market["quote"])


def _price(worth: Decimal, quantity: Decimal) -> Decimal | None:
    return published(EXACT.divide(worth, quantity)) if quantity else None


# --- wallets --------------------------------------------------------------------------------------


def _held(client: Any, asset_id: str, row: Mapping[str, Any]) -> Decimal:
    if row["balance"] in (None, ""):
        raise BadResponse(f"{client.id}: the balance of {asset_id} is null")
    return to_amount(str(row["balance"]))


def wallet(response: Any, client: Any) -> Mapping[str, Any]:
    """The spot balance less the used part of a credit line, which some accounts have. A balance of
    null is unknown: the hold beside it does not say what is held.

    "available balance = balance + credit - credit_used - hold_trade", so ``balance`` contains the
    used credit. It does not contain the loans of margin positions.
    Source: https://docs.kraken.com/api-reference/account-data/get-extended-balance
    """
    found = {}
    for asset_id, row in response["result"].items():
        held = _held(client, asset_id, row)
        used, debt = (amount_or_zero(row, name) for name in ("hold_trade", "credit_used"))
        found[str(client.safe_currency_code(asset_id))] = owing(
            EXACT.subtract(held, debt), EXACT.subtract(held, used), used, debt
        )
    return found
