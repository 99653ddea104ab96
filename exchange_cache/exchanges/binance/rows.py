"""Binance rows that ccxt does not parse, or parses incompletely."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from exchange_cache.adapter import translate_moves
from exchange_cache.adapter.meanings import part_in
from exchange_cache.adapter.rows import Desk, Record
from exchange_cache.adapter.translate import (
    Row,
    number,
    required_number,
    required_text,
    text,
    text_or_empty,
)
from exchange_cache.exchanges.verbs import booked, happened, one_of, parts_of
from exchange_cache.money import EXACT
from exchange_cache.records import Fee, Fill, FillKind, TransferKind


def _symbol(desk: Desk, market_id: str | None, category: str) -> str | None:
    return None if market_id is None else str(desk.market_by_id(market_id, category)["symbol"])


def deposit(row: Row, desk: Desk) -> tuple[Record, ...]:
    """The type, which ccxt adds before it parses, selects the table of the status codes."""
    return (
        translate_moves.transaction(
            desk.origin,
            desk.client.parse_transaction({**row, "type": "deposit"}),
            TransferKind.DEPOSIT,
        ),
    )


def withdrawal(row: Row, desk: Desk) -> tuple[Record, ...]:
    marked = desk.client.parse_transaction({**row, "type": "withdrawal"})
    return (translate_moves.transaction(desk.origin, marked, TransferKind.WITHDRAWAL),)


_FIAT = {
    "successful": "ok",
    "finished": "ok",
    "completed": "ok",
    "failed": "failed",
    "refunded": "failed",
    "expired": "failed",
}


def fiat_order(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A bank transfer (sapi fiat/orders); a word that is not known is pending, as elsewhere."""
    asset = desk.asset(row, "fiatCurrency")
    fee = number(desk.origin, row, "totalFee")
    return (
        desk.transfer(
            row,
            transfer_id=required_text(desk.origin, row, "orderNo"),
            kind=desk.stream.transfer_kind or TransferKind.DEPOSIT,
            time=desk.time(row, "createTime"),
            asset=asset,
            quantity=required_number(desk.origin, row, "amount"),
            fee=Fee(asset=asset, amount=fee) if fee else None,
            status=_FIAT.get(text_or_empty(row, "status").lower(), "pending"),
        ),
    )


def fiat_payment(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A completed card payment (sapi fiat/payments); the fiat amount includes the fee."""
    if not happened(desk, row, "status", "completed", at="createTime"):
        return ()
    fiat, crypto = desk.asset(row, "fiatCurrency"), desk.asset(row, "cryptoCurrency")
    source, obtained = (
        required_number(desk.origin, row, name) for name in ("sourceAmount", "obtainAmount")
    )
    fee = number(desk.origin, row, "totalFee") or Decimal(0)
    buying = str(desk.stream.params.get("transactionType", "0")) == "0"
    paid, received = (fiat, EXACT.subtract(source, fee)), (crypto, obtained)
    given, got = (
        (paid, received) if buying else ((crypto, source), (fiat, EXACT.add(obtained, fee)))
    )
    return (
        translate_moves.swap_fill(
            desk.origin,
            fill_id=required_text(desk.origin, row, "orderNo"),
            time=desk.time(row, "createTime"),
            given=given,
            got=got,
            fees=(Fee(asset=fiat, amount=fee),) if fee else (),
        ),
    )


def convert(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A successful convert (sapi convert/tradeFlow)."""
    if not happened(desk, row, "orderStatus", "success", at="createTime", optional=True):
        return ()
    return (translate_moves.conversion(desk.origin, desk.client.parse_conversion(row)),)


def dust(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A sweep (sapi asset/dribblet), one fill per asset; ``transferedAmount`` is net of the fee."""
    return tuple(
        _dust_detail(detail, desk) for detail in parts_of(desk, row, "userAssetDribbletDetails")
    )


def _dust_detail(detail: Row, desk: Desk) -> Fill:
    target = desk.code(text(detail, "targetAsset") or "BNB")
    source = desk.asset(detail, "fromAsset")
    net, fee = (
        required_number(desk.origin, detail, name)
        for name in ("transferedAmount", "serviceChargeAmount")
    )
    order = required_text(desk.origin, detail, "transId")
    return translate_moves.swap_fill(
        desk.origin,
        fill_id=f"{order}:{source}",
        order_id=order,
        time=desk.time(detail, "operateTime"),
        given=(source, required_number(desk.origin, detail, "amount")),
        got=(target, EXACT.add(net, fee)),
        fees=(Fee(asset=target, amount=fee),) if fee else (),
        kind=FillKind.DUST,
    )


def margin_interest(row: Row, desk: Desk) -> tuple[Record, ...]:
    """Interest on a margin debt (sapi margin/interestHistory), charged in ``asset``."""
    return (
        desk.transfer(
            row,
            transfer_id=":".join(
                required_text(desk.origin, row, name) for name in ("txId", "asset")
            ),
            kind=TransferKind.INTEREST,
            time=desk.time(row, "interestAccuredTime"),
            asset=desk.asset(row, "asset"),
            quantity=-required_number(desk.origin, row, "interest"),
            from_wallet=desk.stream.wallet,
            symbol=_symbol(desk, text(row, "isolatedSymbol"), "margin"),
        ),
    )


def dividend(row: Row, desk: Desk) -> tuple[Record, ...]:
    """Interest, airdrops and other distributions (sapi asset/assetDividend); ``direction`` -1 is an
    asset debited. One that no known word describes is a reward, by the nature of the list, unless
    it was debited. Rows of one event share ``tranId``.
    """
    stated = required_number(desk.origin, row, "amount")
    stated_way = text(row, "direction") is not None
    debited = stated_way and one_of(desk, row, "direction", {"1": False, "-1": True})
    words = text_or_empty(row, "enInfo").strip()
    made = booked(
        desk,
        row,
        transfer_id=text(row, "id") or required_text(desk.origin, row, "tranId"),
        word=part_in(desk.stream.meanings, words) or ("" if debited or stated < 0 else "reward"),
        time=desk.time(row, "divTime"),
        asset=desk.asset(row, "asset"),
        amount=stated.copy_abs().copy_negate() if debited else stated,
        reference=text(row, "tranId"),
    )
    return tuple(replace(transfer, word=words or None) for transfer in made)


def earn_reward(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A reward of flexible simple earn; a product pays each type at most once at a time."""
    parts = (required_text(desk.origin, row, name) for name in ("projectId", "type", "time"))
    return (
        desk.transfer(
            row,
            transfer_id=":".join(parts),
            kind=TransferKind.REWARD,
            time=desk.time(row, "time"),
            asset=desk.asset(row, "asset"),
            quantity=required_number(desk.origin, row, "rewards"),
            word=text(row, "type"),
        ),
    )


def income(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A row of the futures ledger (fapi/dapi income) that neither the fills nor another list
    reports."""
    word = required_text(desk.origin, row, "incomeType")
    symbol = text(row, "symbol")
    event = required_text(desk.origin, row, "tranId")
    return booked(
        desk,
        row,
        transfer_id=":".join(part for part in (word, event, symbol) if part),
        word=word,
        time=desk.time(row, "time"),
        asset=desk.asset(row, "asset"),
        amount=required_number(desk.origin, row, "income"),
        market_id=symbol,
        reference=event,
    )
