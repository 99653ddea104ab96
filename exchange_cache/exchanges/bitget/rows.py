"""Bitget's raw rows: fills whose fee and side ccxt misreads, bills, and sweeps into BGB."""

from __future__ import annotations

from collections.abc import Mapping

from exchange_cache.adapter import translate, translate_moves
from exchange_cache.adapter.rows import Desk, Record
from exchange_cache.adapter.values import Row, number, required_number, required_text, text
from exchange_cache.exchanges.verbs import Charge, fill_of, ids, kind_by_word, market_of, signed
from exchange_cache.money import EXACT
from exchange_cache.records import Fee, FillKind, TransferKind


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
        side=_side(row),
        price=row.get("execPrice") or row.get("priceAvg") or row.get("price"),
        amount=row.get("execQty") or row.get("baseVolume") or row.get("size"),
        cost=row.get("execValue") or row.get("amount"),  # that of contracts is computed
        charges=_charges(row, desk, unified=unified),
        liquidity=text(row, "tradeScope"),
        realised=row.get("execPnl") or row.get("profit"),
    )
    return (made,)


def _side(row: Row) -> str:
    """The side of the trade: ``liquidation_sell`` and the like are sales, and closing in hedge mode
    is the opposite of the position."""
    trade_side = str(row.get("tradeSide") or "").lower()
    side = str(row.get("side")).lower().replace("-", "_").rpartition("_")[2]
    if trade_side.endswith("close_long"):
        return "sell"
    if trade_side.endswith("close_short"):
        return "buy"
    if trade_side == "close" and row.get("posMode") == "hedge_mode" and "execId" not in row:
        return {"buy": "sell", "sell": "buy"}.get(side, side)
    return side


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
    """A funding payment in the contract account's bills."""
    return (
        desk.transfer(
            row,
            transfer_id=required_text(desk.origin, row, "billId"),
            kind=TransferKind.FUNDING,
            time=desk.time(row, "cTime"),
            asset=desk.asset(row, "coin"),
            quantity=required_number(desk.origin, row, "amount"),
            symbol=str(market_of(desk, row)["symbol"]),
        ),
    )


_UTA_FUNDING = frozenset({"CONTRACT_MAIN_SETTLE_FEE_USER_IN", "CONTRACT_MAIN_SETTLE_FEE_USER_OUT"})


def uta_record(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A financial record of a unified account; only funding is read (trades, deposits and moves
    have their own lists)."""
    if row.get("type") not in _UTA_FUNDING:
        return ()
    return (
        desk.transfer(
            row,
            transfer_id=required_text(desk.origin, row, "id"),
            kind=TransferKind.FUNDING,
            time=desk.time(row, "ts"),
            asset=desk.asset(row, "coin"),
            quantity=required_number(desk.origin, row, "amount"),
            symbol=str(market_of(desk, row)["symbol"]) if text(row, "symbol") else None,
        ),
    )


def convert(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A convert; its rate includes the fee (``fee``, in the coin received, is 0 so far)."""
    return (translate_moves.conversion(desk.origin, desk.client.parse_conversion(row)),)


def dust(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A small balance converted into BGB; ``toAmount`` is net of the fee."""
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
