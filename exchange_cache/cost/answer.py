"""The answer of an asset's state after the last event."""

from __future__ import annotations

import hashlib
from decimal import Decimal

from exchange_cache.cost.asset_state import AssetState
from exchange_cache.cost.basis import AssetBasis, Method
from exchange_cache.cost.reconcile import unknown_reasons
from exchange_cache.ledger import events as le
from exchange_cache.ledger.events import LedgerEvent
from exchange_cache.money import ZERO, to_text


def finish(
    state: AssetState, last: LedgerEvent, order: int, asset: str, method: Method, digest: bytes
) -> AssetBasis:
    """The answer in the reporting ``asset``, after ``last``, the last of all events.
    ``digest``: that of the events which concern this state."""
    if state.has_dust():
        state.sweep(last, order)
    book, flows, trail = state.book, state.flows, state.trail
    seed = f"{method}|{asset}|{state.asset}|{to_text(book.dust)}\n".encode()
    return AssetBasis(
        asset=state.asset,
        account=state.account,
        quantity=state.quantity,
        explained_quantity=state.known,
        unknown_quantity=book.unknown,
        cost=state.cost,
        average_entry_price=state.average,
        realised_pnl=state.realised,
        fees_paid=state.fees,
        unknown_reasons=unknown_reasons(book, state.oversold_at),
        fills_count=trail.fills,
        first_event=trail.first,
        last_event=trail.last,
        method=method,
        inputs_sha256=hashlib.sha256(seed + digest).hexdigest(),
        oversold_quantity=book.oversold,
        trading_pnl=state.trading,
        derivative_pnl=flows[le.DERIVATIVE],
        funding=flows[le.FUNDING],
        income=flows[le.INCOME],
        expenses=flows[le.EXPENSE],
        deposited=flows[le.DEPOSIT] + flows[le.WITHDRAWAL],
        traded=flows[le.TRADE] + flows[le.FEE],
        moved=flows[le.MOVE],
        adjusted=flows[le.ADJUSTMENT],
        unclassified=flows[le.UNCLASSIFIED],
        unread=flows[le.UNREAD],
        subscribed=flows[le.SUBSCRIBED],
        unread_quantity=_set_aside(state, le.UNREAD),
        subscribed_quantity=_set_aside(state, le.SUBSCRIBED),
        unexplained_proceeds=state.unexplained,
        written_off=state.written_off,
        realised_by_day=tuple(sorted(state.by_day.items())),
    )


def _set_aside(state: AssetState, flow: str) -> Decimal:
    return state.aside[flow].quantity if flow in state.aside else ZERO
