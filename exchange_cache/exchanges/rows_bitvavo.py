"""Bitvavo's raw rows: deposits and withdrawals, and what the account history tells beside them and
the trades."""

from __future__ import annotations

from dataclasses import replace

from exchange_cache.adapter import translate_moves
from exchange_cache.adapter.translate import Row, required_number, required_text, text
from exchange_cache.exchanges.rows import Desk, Record
from exchange_cache.exchanges.rows_shared import ids, signed
from exchange_cache.records import TransferKind

_ELSEWHERE = frozenset({"buy", "sell", "deposit", "withdrawal"})
_KINDS = {
    "staking": TransferKind.REWARD,
    "fixed_staking": TransferKind.REWARD,
    "affiliate": TransferKind.REWARD,
    "rebate": TransferKind.REWARD,
    "distribution": TransferKind.REWARD,
    "internal_transfer": TransferKind.OTHER,
    "withdrawal_cancelled": TransferKind.OTHER,
}


def bitvavo_move(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A deposit or a withdrawal. A withdrawal has no ``txId`` until it is sent, and one payment may
    make two deposits of one."""
    kind = desk.stream.transfer_kind or TransferKind.OTHER
    made = translate_moves.transaction(desk.origin, desk.client.parse_transaction(row), kind)
    return (replace(made, transfer_id=ids(desk, row, "timestamp", "symbol", "amount")),)


def bitvavo_history(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A row of the account history: what was received, or what was sent."""
    word = required_text(desk.origin, row, "type")
    if word in _ELSEWHERE:
        return ()
    name, time = (
        required_text(desk.origin, row, "transactionId"),
        desk.time(row, "executedAt", "iso"),
    )
    kind = _KINDS.get(word, TransferKind.OTHER)
    made: list[Record] = []
    for prefix, sign in (("received", 1), ("sent", -1)):
        if text(row, f"{prefix}Amount") is None:
            continue
        amount = required_number(desk.origin, row, f"{prefix}Amount").copy_abs()
        asset = desk.asset(row, f"{prefix}Currency")
        signed_amount = amount if sign > 0 else amount.copy_negate()
        made.append(
            signed(
                desk,
                row,
                transfer_id=f"{name}:{prefix}",
                kind=kind,
                time=time,
                asset=asset,
                amount=signed_amount,
            )
        )
    return tuple(made)
