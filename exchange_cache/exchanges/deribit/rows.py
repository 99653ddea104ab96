"""Deribit's raw rows: amounts in units (quote units for inverse contracts), transfers to others,
and the transaction log."""

from __future__ import annotations

from dataclasses import replace

from exchange_cache.adapter import translate
from exchange_cache.adapter.meanings import Meaning, classified, means
from exchange_cache.adapter.rows import Desk, Record
from exchange_cache.adapter.translate import (
    Row,
    number,
    required_number,
    required_text,
    text,
    text_or_empty,
)
from exchange_cache.adapter.translate_moves import status as unified_status
from exchange_cache.exchanges.verbs import booked, fill_of, market_of, one_of
from exchange_cache.money import ZERO
from exchange_cache.records import Fee, Fill, FillKind, TransferKind


def fill(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A trade; a negative fee is a rebate."""
    fee, asset = text(row, "fee"), text(row, "fee_currency")
    return (
        fill_of(
            desk,
            row,
            market_of(desk, row, "instrument_name"),
            fill_id=required_text(desk.origin, row, "trade_id"),
            order_id=text(row, "order_id"),
            time=desk.time(row, "timestamp"),
            side=required_text(desk.origin, row, "direction"),
            price=row.get("price"),
            amount=row.get("amount"),
            charges=None if fee is None else [(desk.code(asset) if asset else None, fee)],
            liquidity={"M": "maker", "T": "taker"}.get(text_or_empty(row, "liquidity")),
            realised=row.get("profit_loss"),
        ),
    )


def order(row: Row, desk: Desk) -> tuple[Record, ...]:
    """An order; ccxt's cost of inverse orders is that of the whole amount, so only the average is
    read."""
    market = market_of(desk, row, "instrument_name")
    parsed, stated = desk.parsed_order(row, market)
    return (translate.order(desk.origin, parsed, {**stated, "cost": None}, market),)


def move(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A deposit or a withdrawal; a deposit's only id is that of the chain."""
    kind = desk.stream.transfer_kind or TransferKind.UNCLASSIFIED
    asset, fee = desk.asset(row, "currency"), number(desk.origin, row, "fee")
    name = (
        text(row, "id")
        or text(row, "transaction_id")
        or required_text(desk.origin, row, "received_timestamp")
    )
    return (
        desk.transfer(
            row,
            transfer_id=name,
            kind=kind,
            time=desk.time(
                row, "received_timestamp" if kind is TransferKind.DEPOSIT else "created_timestamp"
            ),
            asset=asset,
            quantity=required_number(desk.origin, row, "amount").copy_abs(),
            fee=Fee(asset=asset, amount=fee) if fee else None,
            status=unified_status(desk.client.parse_transaction_status(text(row, "state"))),
            tx_id=text(row, "transaction_id"),
        ),
    )


_TRANSFER_STATES = {
    "confirmed": "ok",
    "prepared": "pending",
    "waiting_for_admin": "pending",
    "cancelled": "canceled",
}


def transfer(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A transfer to or from another user or sub-account, which this key cannot read: a deposit or a
    withdrawal."""
    incoming = one_of(desk, row, "direction", {"income": True, "payment": False})
    return (
        desk.transfer(
            row,
            transfer_id=required_text(desk.origin, row, "id"),
            kind=TransferKind.DEPOSIT if incoming else TransferKind.WITHDRAWAL,
            time=desk.time(row, "created_timestamp"),
            asset=desk.asset(row, "currency"),
            quantity=required_number(desk.origin, row, "amount").copy_abs(),
            status=_TRANSFER_STATES.get(text_or_empty(row, "state"), "pending"),
            from_wallet=None if incoming else "deribit",
            to_wallet="deribit" if incoming else None,
        ),
    )


#: Types of rows of the transaction log: "the most common" ones of the documentation, and others
#: that public readers of the log met. A swap of currencies has a row in the log of each of the two.
#: https://docs.deribit.com/api-reference/account-management/private-get_transaction_log
LOG: dict[str, Meaning] = {
    **means(FillKind.TRADE, "trade", "liquidation"),
    **means(TransferKind.DEPOSIT, "deposit", elsewhere=True),
    **means(TransferKind.WITHDRAWAL, "withdrawal", elsewhere=True),
    **means(TransferKind.INTERNAL, "transfer", elsewhere=True),
    **means(TransferKind.SETTLEMENT, "options_settlement_summary", elsewhere=True),
    **means(TransferKind.FUNDING, "settlement"),
    **means(TransferKind.SETTLEMENT, "delivery"),
    **means(TransferKind.SUBSCRIPTION, "swap"),
    **means(TransferKind.FEE, "negative_balance_fee"),
    **means(TransferKind.REWARD, "usdc_reward", "staking_reward"),
    **means(TransferKind.ADJUSTMENT, "correction"),
}


def log(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A row of the transaction log. A settlement books results, which the fills state, and funding,
    which is read here. A delivery pays out an expired contract, which no fill states: ``change`` is
    its effect on the cash.
    """
    word = required_text(desk.origin, row, "type")
    if classified(LOG, word, ZERO) is None:
        return ()
    amount, instrument = required_number(desk.origin, row, "change"), text(row, "instrument_name")
    if word == "settlement":
        read = required_number if str(instrument).endswith("-PERPETUAL") else number
        amount = read(desk.origin, row, "interest_pl") or ZERO
    if not amount:
        return ()
    return booked(
        desk,
        row,
        transfer_id=required_text(desk.origin, row, "id"),
        word=word,
        time=desk.time(row, "timestamp"),
        asset=desk.asset(row, "currency"),
        amount=amount,
        market_id=instrument,
    )


def corrected(fill: Fill) -> Fill:
    """A fill of an expired option of versions up to 0.3, whose base was like SOL_USDC."""
    return replace(fill, base=fill.base.partition("_")[0])
