"""Bitget's raw rows: fills whose fee and side ccxt misreads, bills, and sweeps into BGB."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from exchange_cache.adapter import translate, translate_moves
from exchange_cache.adapter.rows import Desk, Record
from exchange_cache.adapter.translate import Row, number, required_number, required_text, text
from exchange_cache.exchanges.verbs import (
    Charge,
    column,
    fill_of,
    ids,
    kind_by_word,
    listed,
    market_of,
    netted,
    side,
    signed,
)
from exchange_cache.money import EXACT
from exchange_cache.records import Fee, FillKind, TransferKind


def fill(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A fill of a classic or a unified account. Classic fees are negative when paid, unified ones
    positive.

    In hedge mode the classic ``side`` is that of the position, so a closing row says the opposite
    of what was done (https://www.bitget.com/api-doc/contract/trade/Place-Order: close long is "buy"
    with tradeSide "close").
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
        side=_side(row),
        price=row.get("execPrice") or row.get("priceAvg") or row.get("price"),
        amount=row.get("execQty") or row.get("baseVolume") or row.get("size"),
        cost=row.get("execValue") or row.get("quoteVolume") or row.get("amount"),
        charges=_charges(row, desk, unified=unified),
        liquidity=text(row, "tradeScope"),
        realised=row.get("execPnl") or row.get("profit"),
    )
    return (made,)


def _side(row: Row) -> str:
    """What was done: ``liquidation_sell`` and the like are sales, and closing in hedge mode is the
    opposite of the position."""
    told, trade_side = str(row.get("side")).lower(), str(row.get("tradeSide") or "").lower()
    side = told.replace("-", "_").rpartition("_")[2]
    if trade_side.endswith("close_long"):
        return "sell"
    if trade_side.endswith("close_short"):
        return "buy"
    if trade_side == "close" and row.get("posMode") == "hedge_mode" and "execId" not in row:
        return {"buy": "sell", "sell": "buy"}.get(side, side)
    return side


def _charges(row: Row, desk: Desk, *, unified: bool) -> list[Charge] | None:
    detail = row.get("feeDetail")
    found = [detail] if isinstance(detail, Mapping) else detail
    if not isinstance(found, list) or not found:
        return None
    charges: list[Charge] = []
    for part in found:
        amount = number(desk.origin, part, "fee" if unified else "totalFee")
        asset = text(part, "feeCoin")
        if amount is not None:
            charges.append(
                (
                    desk.code(asset) if asset else None,
                    str(amount if unified else EXACT.minus(amount)),
                )
            )
    return charges


def order(row: Row, desk: Desk) -> tuple[Record, ...]:
    """An order; ccxt cannot read the empty ``feeDetail`` of orders without a fill, nor the average
    of unified ones.

    It turns the side of closing orders only where they are called reduce-only, which those of the
    hedge mode are not.
    """
    cleaned: dict[str, Any] = {
        key: value
        for key, value in row.items()
        if not (key == "feeDetail" and value in ("", [], None))
    }
    if cleaned.get("category") is not None:
        found = cleaned.get("feeDetail")
        renamed = {"priceAvg": row.get("avgPrice"), "quoteVolume": row.get("cumExecValue")}
        cleaned |= renamed | {"feeDetail": found if isinstance(found, list) else []}
    if cleaned.get("baseSize") is not None:
        cleaned["quoteVolume"] = row.get(
            "amount"
        )  # of margin orders: what was filled; ccxt takes what was ordered
    market = market_of(desk, row)
    parsed, stated = desk.parsed_order(cleaned, market)
    return (translate.order(desk.origin, parsed | {"side": _side(row)}, stated, market),)


#: Words of ``businessType`` in the spot account's bills.
_BILLS = {
    "interest": TransferKind.REWARD,
    "reward": TransferKind.REWARD,
    "airdrop": TransferKind.REWARD,
    "rebate": TransferKind.REWARD,
    "subscri": TransferKind.INTERNAL,
    "redeem": TransferKind.INTERNAL,
    "redemption": TransferKind.INTERNAL,
    "transfer": TransferKind.INTERNAL,
}


def bill(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A row of the spot account's bills (``size`` is the signed effect)."""
    word = required_text(desk.origin, row, "businessType")
    moving = row.get("groupType") == "transfer"
    return (
        signed(
            desk,
            row,
            transfer_id=required_text(desk.origin, row, "billId"),
            kind=TransferKind.INTERNAL if moving else kind_by_word(word, _BILLS),
            time=desk.time(row, "cTime"),
            asset=desk.asset(row, "coin"),
            amount=required_number(desk.origin, row, "size"),
        ),
    )


def funding(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A funding payment out of the contract account's bills."""
    return (
        signed(
            desk,
            row,
            transfer_id=required_text(desk.origin, row, "billId"),
            kind=TransferKind.FUNDING,
            time=desk.time(row, "cTime"),
            asset=desk.asset(row, "coin"),
            amount=required_number(desk.origin, row, "amount"),
            symbol=str(market_of(desk, row)["symbol"]),
        ),
    )


_UTA_FUNDING = frozenset({"CONTRACT_MAIN_SETTLE_FEE_USER_IN", "CONTRACT_MAIN_SETTLE_FEE_USER_OUT"})


def uta_record(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A financial record of a unified account; only funding is taken (trades, deposits and moves
    have their own lists)."""
    if row.get("type") not in _UTA_FUNDING:
        return ()
    symbol = text(row, "symbol")
    return (
        signed(
            desk,
            row,
            transfer_id=required_text(desk.origin, row, "id"),
            kind=TransferKind.FUNDING,
            time=desk.time(row, "ts"),
            asset=desk.asset(row, "coin"),
            amount=required_number(desk.origin, row, "amount"),
            symbol=str(desk.market_by_id(symbol, desk.stream.category)["symbol"])
            if symbol
            else None,
        ),
    )


def convert(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A convert; its fee is inside the rate (``fee`` is told in the coin received, and is 0 so
    far)."""
    return (translate_moves.conversion(desk.origin, desk.client.parse_conversion(row)),)


def dust(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A small balance turned into BGB; ``toAmount`` is net of the fee."""
    if str(row.get("status", "success")).lower() not in {"success", "successful", "finish"}:
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


def interest(row: Row, desk: Desk) -> tuple[Record, ...]:
    """Interest charged on what a margin wallet owes."""
    return (
        desk.transfer(
            row,
            transfer_id=required_text(desk.origin, row, "interestId"),
            kind=TransferKind.FEE,
            time=desk.time(row, "cTime"),
            asset=desk.asset(row, "interestCoin"),
            quantity=EXACT.minus(required_number(desk.origin, row, "interestAmount")),
            from_wallet=desk.stream.wallet,
            symbol=None if desk.market is None else str(desk.market["symbol"]),
        ),
    )


#: Words of ``marginType``: what the fills, the loans (which balances are net of) and the interest
#: tell.
_MARGIN_ELSEWHERE = frozenset({"borrow", "repay", "deal_in", "deal_out"})

_MARGIN_OUT = ("_out", "liquidation_fee", "confiscated")


def margin_flow(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A row of the crossed margin wallet's flows; which way it went is told by its type."""
    word = required_text(desk.origin, row, "marginType")
    if word in _MARGIN_ELSEWHERE:
        return ()
    amount, out = required_number(desk.origin, row, "amount").copy_abs(), word.endswith(_MARGIN_OUT)
    moving, wallet = word.startswith("transfer"), desk.stream.wallet
    kind = (
        TransferKind.INTERNAL
        if moving
        else TransferKind.FEE
        if word == "liquidation_fee"
        else TransferKind.OTHER
    )
    return (
        desk.transfer(
            row,
            transfer_id=required_text(desk.origin, row, "marginId"),
            kind=kind,
            time=desk.time(row, "cTime"),
            asset=desk.asset(row, "coin"),
            quantity=amount if moving or not out else EXACT.minus(amount),
            from_wallet=wallet if out else None,
            to_wallet=None if out else wallet,
        ),
    )


# --- wallets --------------------------------------------------------------------------------------


def margin_wallet(response: Any, client: Any) -> Mapping[str, Any]:
    """Cross or isolated margin; isolated pairs repeat a coin. ``totalAmount`` contains what was
    borrowed, ``net`` does not."""
    rows = listed(response, "data")
    owned, parts = (
        column(client, response, "data", "coin", "net"),
        ("available", "frozen", "borrow", "interest"),
    )
    found = netted(client, (side(row, "coin", *parts) for row in rows))
    return {code: {**figures, "total": owned[code]["total"]} for code, figures in found.items()}


def earn_wallet(response: Any, client: Any) -> Mapping[str, Any]:
    return column(client, response, "data", "coin", "amount")
