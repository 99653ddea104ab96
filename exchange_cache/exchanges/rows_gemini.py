"""Gemini's raw rows: transfers of several kinds."""

from __future__ import annotations

from exchange_cache.adapter.translate import Row, number, required_number, required_text, text
from exchange_cache.exchanges.rows import Desk, Record
from exchange_cache.records import Fee, TransferKind

_KINDS = {
    "deposit": TransferKind.DEPOSIT,
    "withdrawal": TransferKind.WITHDRAWAL,
    "reward": TransferKind.REWARD,
    "admincredit": TransferKind.OTHER,
    "admindebit": TransferKind.OTHER,
}
_STATUS = {
    "complete": "ok",
    "advanced": "ok",
    "pending": "pending",
    "cancelled": "canceled",
    "failed": "failed",
}


def gemini_transfer(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A row of v1/transfers; amounts have no sign, so a debit gets one here."""
    word = required_text(desk.origin, row, "type").lower().replace(" ", "")
    kind = _KINDS.get(word, TransferKind.OTHER)
    amount = required_number(desk.origin, row, "amount").copy_abs()
    asset, fee = desk.asset(row, "currency"), number(desk.origin, row, "feeAmount")
    return (
        desk.transfer(
            row,
            transfer_id=text(row, "eid") or required_text(desk.origin, row, "withdrawalId"),
            kind=kind,
            time=desk.time(row, "timestampms"),
            asset=asset,
            quantity=amount.copy_negate()
            if kind is TransferKind.OTHER and "debit" in word
            else amount,
            fee=Fee(asset=asset, amount=fee) if fee else None,
            status=_STATUS.get(str(row.get("status") or "complete").lower(), "pending"),
            tx_id=text(row, "txHash"),
            network=text(row, "method"),
        ),
    )
