"""How the cost and a difference treat each kind of transfer: one table for what arrives, one for
what leaves.

Deposits, withdrawals, moves, loans and subscriptions are not in the tables: several rows decide
about them (``pairing``, ``unread``, ``subscriptions``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from exchange_cache.ledger.events import (
    ADJUSTMENT,
    DERIVATIVE,
    EXPENSE,
    FUNDING,
    INCOME,
    UNCLASSIFIED,
)
from exchange_cache.records import TransferKind


class Cause(StrEnum):
    """Why a holding changed. MOVES are transfers between own accounts, and units that an asset
    event turned into others; UNREAD those to and from wallets that are not read."""

    TRADES = "trades"
    FEES = "fees"
    FUNDING = "funding"
    REWARDS = "rewards"
    DEPOSITS = "deposits"
    WITHDRAWALS = "withdrawals"
    MOVES = "moves"
    UNREAD = "unread_wallets"
    SUBSCRIBED = "subscribed"
    ADJUSTMENTS = "adjustments"
    UNCLASSIFIED = "unclassified"


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """``flow``: where the value of the units comes from or goes to (``events``); ``cause``: the
    part of a difference that they belong to.

    ``valued``: their value is the market value of their time; otherwise the cost of what arrives is
    unknown. ``at_cost``: they leave at their cost, without a gain or a loss.
    """

    flow: str
    cause: Cause
    valued: bool = True
    at_cost: bool = False


_INCOME = Treatment(flow=INCOME, cause=Cause.REWARDS)
_FUNDING = Treatment(flow=FUNDING, cause=Cause.FUNDING)
_CLOSED = Treatment(flow=DERIVATIVE, cause=Cause.TRADES)
_REFUND = Treatment(flow=EXPENSE, cause=Cause.FEES)
_CHARGE = Treatment(flow=EXPENSE, cause=Cause.FEES, at_cost=True)
_ADJUSTMENT = Treatment(flow=ADJUSTMENT, cause=Cause.ADJUSTMENTS, valued=False, at_cost=True)
_UNCLASSIFIED = Treatment(flow=UNCLASSIFIED, cause=Cause.UNCLASSIFIED, valued=False, at_cost=True)

RECEIVED: Mapping[TransferKind, Treatment] = {
    TransferKind.REWARD: _INCOME,
    TransferKind.AIRDROP: _INCOME,
    TransferKind.INTEREST: _INCOME,
    TransferKind.FUNDING: _FUNDING,
    TransferKind.SETTLEMENT: _CLOSED,
    TransferKind.LIQUIDATION: _CLOSED,
    TransferKind.FEE: _REFUND,
    TransferKind.INSURANCE: _REFUND,
    TransferKind.ADJUSTMENT: _ADJUSTMENT,
    TransferKind.UNCLASSIFIED: _UNCLASSIFIED,
}
#: A reward taken back lowers income; interest that is paid is a charge.
GIVEN: Mapping[TransferKind, Treatment] = {
    **RECEIVED,
    TransferKind.INTEREST: _CHARGE,
    TransferKind.FEE: _CHARGE,
    TransferKind.INSURANCE: _CHARGE,
}
#: Kinds whose units the user may state a cost for, where they have none.
RECEIPTS = frozenset(
    kind for kind, one in RECEIVED.items() if one.flow in {INCOME, ADJUSTMENT, UNCLASSIFIED}
)


def treatment(kind: TransferKind, quantity: Decimal) -> Treatment | None:
    """The treatment of a row; None where several rows decide."""
    return (GIVEN if quantity < 0 else RECEIVED).get(kind)
