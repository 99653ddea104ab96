"""HTX's raw rows: linear fills whose fee ccxt negates, funding, and the spot ledger."""

from __future__ import annotations

from exchange_cache.adapter import translate
from exchange_cache.adapter.rows import Desk, Record
from exchange_cache.adapter.translate import Row, number, required_number, required_text, text
from exchange_cache.adapter.translate_moves import status as unified_status
from exchange_cache.exchanges.verbs import booked, fill_of, ids, market_of
from exchange_cache.records import Fee, TransferKind


def linear_fill(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A fill of the v5 contract interface; ``trade_fee`` is positive when paid (older interfaces:
    negative), and in USDT whatever ``fee_currency`` says."""
    fee, market = text(row, "trade_fee"), market_of(desk, row, "contract_code")
    return (
        fill_of(
            desk,
            row,
            market,
            fill_id=required_text(desk.origin, row, "id"),
            order_id=text(row, "order_id"),
            time=desk.time(row, "created_time"),
            side=required_text(desk.origin, row, "side"),
            price=row.get("trade_price"),
            amount=row.get("trade_volume"),
            charges=None if fee is None else [(str(market["settle"]), fee)],
            liquidity=str(row["role"]).lower() if row.get("role") else None,
            realised=row.get("profit"),
        ),
    )


def linear_order(row: Row, desk: Desk) -> tuple[Record, ...]:
    """An order of the v5 contract interface; fills refer to ``order_id``, ``id`` is the row's."""
    market = market_of(desk, row, "contract_code")
    known = {key: value for key, value in row.items() if key != "id"}
    return (translate.order(desk.origin, *desk.parsed_order(known, market), market),)


def move(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A deposit or withdrawal; the amount excludes ``fee``. ccxt needs all networks to read it."""
    asset, fee = desk.asset(row, "currency"), number(desk.origin, row, "fee")
    return (
        desk.transfer(
            row,
            transfer_id=required_text(desk.origin, row, "id"),
            kind=desk.stream.transfer_kind or TransferKind.UNCLASSIFIED,
            time=desk.time(row, "created-at"),
            asset=asset,
            quantity=required_number(desk.origin, row, "amount").copy_abs(),
            fee=Fee(asset=asset, amount=fee.copy_abs()) if fee else None,
            status=unified_status(desk.client.parse_transaction_status(text(row, "state"))),
            tx_id=text(row, "tx-hash"),
            network=text(row, "chain"),
        ),
    )


def funding(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A funding payment (bill types 30: received, 31: paid)."""
    amount, word = (
        required_number(desk.origin, row, "amount"),
        required_text(desk.origin, row, "type"),
    )
    unified = "created_time" in row
    return booked(
        desk,
        row,
        transfer_id=required_text(desk.origin, row, "id"),
        word=word,
        time=desk.time(row, "created_time" if unified else "ts"),
        asset=desk.asset(row, "currency" if unified else "asset"),
        amount=-amount.copy_abs() if word == "31" else amount,
        market_id=text(row, "contract_code"),
    )


def ledger(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A row of the ledger of a spot account; ``transactId`` may be 0 in every row."""
    word = required_text(desk.origin, row, "transactType")
    own = text(row, "transactId")
    return booked(
        desk,
        row,
        transfer_id=own
        if own not in {None, "0"}
        else ids(desk, row, "accountId", "transactTime", "currency", "transactAmt"),
        word=(text(row, "transferType") or word) if word == "transfer" else word,
        time=desk.time(row, "transactTime"),
        asset=desk.asset(row, "currency"),
        amount=required_number(desk.origin, row, "transactAmt"),
    )
