"""Crypto.com Exchange's raw rows: the journal, staking rewards, positions without an entry
price."""

from __future__ import annotations

from exchange_cache.adapter.markets import Market
from exchange_cache.adapter.translate import Row, required_number, required_text, text
from exchange_cache.exchanges.rows import Desk, Record
from exchange_cache.exchanges.rows_shared import ids, signed
from exchange_cache.money import EXACT, to_amount, to_text
from exchange_cache.records import TransferKind

#: Journal types that other lists tell, or that repeat what fills tell (settled results of a
#: session).
#: https://exchange-developer.crypto.com/exchange/v1/docs/api/rest/private-get-transactions
_ELSEWHERE = frozenset(
    {
        "TRADING",
        "TRADE_FEE",
        "ONCHAIN_WITHDRAW",
        "ONCHAIN_WITHDRAWAL",
        "ONCHAIN_DEPOSIT",
        "REALIZED_PNL",
        "SESSION_RESET",
        "SESSION_RPL",
        "SESSION_SETTLE",
    }
)
_JOURNAL = {
    "FUNDING": TransferKind.FUNDING,
    "MARGIN_TRADE_INTEREST": TransferKind.FEE,
    "SETTLEMENT_FEE": TransferKind.FEE,
    "LIQUIDATION_FEE": TransferKind.FEE,
    "SOFT_STAKE_REWARD": TransferKind.REWARD,
}


def cryptocom_journal(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A row of the journal; trades, their fees and results, deposits and withdrawals have lists of
    their own."""
    word = required_text(desk.origin, row, "journal_type")
    if word in _ELSEWHERE:
        return ()
    kind = _JOURNAL.get(word, TransferKind.OTHER)
    instrument = required_text(desk.origin, row, "instrument_name")
    contract = "-" in instrument
    market = desk.market_by_id(instrument, desk.stream.category) if contract else None
    # a contract's row counts money in transaction_cost, a currency's its own units in
    # transaction_qty
    amount = required_number(
        desk.origin, row, "transaction_cost" if contract else "transaction_qty"
    )
    if not amount:
        return ()
    return (
        signed(
            desk,
            row,
            transfer_id=required_text(desk.origin, row, "journal_id"),
            kind=kind,
            time=desk.time(row, "event_timestamp_ms"),
            asset=desk.code(instrument) if market is None else str(market["settle"]),
            amount=amount,
            symbol=None if market is None else str(market["symbol"]),
        ),
    )


def cryptocom_staking(row: Row, desk: Desk) -> tuple[Record, ...]:
    """A staking reward; rows have no id, but an instrument pays once a moment."""
    return (
        signed(
            desk,
            row,
            transfer_id=ids(desk, row, "staking_inst_name", "event_timestamp_ms"),
            kind=TransferKind.REWARD,
            time=desk.time(row, "event_timestamp_ms"),
            asset=desk.code(
                required_text(desk.origin, row, "reward_inst_name").partition(".")[0]
            ),  # SOL.staked
            amount=required_number(desk.origin, row, "reward_quantity"),
        ),
    )


def cryptocom_position(row: Row, market: Market) -> tuple[Row, Market]:
    """A position: its entry price is what it cost over its size."""
    quantity = to_amount(str(row["quantity"]))
    cost = text(row, "open_pos_cost")
    entry = (
        None
        if cost is None or quantity == 0
        else EXACT.divide(to_amount(cost).copy_abs(), quantity.copy_abs())
    )
    structure = {
        "contracts": to_text(quantity.copy_abs()),
        "side": "short" if quantity < 0 else "long",
        "entryPrice": None if entry is None else to_text(entry),
        "unrealizedPnl": row.get("open_position_pnl"),
        "lastUpdateTimestamp": row.get("update_timestamp_ms"),
    }
    return structure, market
