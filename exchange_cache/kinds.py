"""Why assets were exchanged or moved, and what became of orders."""

from __future__ import annotations

from enum import StrEnum


class FillKind(StrEnum):
    """Why two assets were exchanged. LEVERAGED moves nothing: the ledger reports its result."""

    TRADE = "trade"
    CONVERT = "convert"
    DUST = "dust"
    FIAT = "fiat"
    LEVERAGED = "leveraged"


class TransferKind(StrEnum):
    """Why an asset moved without a trade.

    DEPOSIT, WITHDRAWAL, INTERNAL, LOAN and REPAYMENT have a positive quantity; in every other kind
    a negative quantity left the account.
    """

    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    INTERNAL = "internal"  # between wallets of one account (also earn subscribe / redeem)
    LOAN = "loan"
    REPAYMENT = "repayment"
    REWARD = "reward"  # staking, dividend, cashback, rebate, bonus
    AIRDROP = "airdrop"
    INTEREST = "interest"  # earned on what is lent, or paid on what is borrowed
    FUNDING = "funding"  # funding payment of a perpetual
    FEE = "fee"  # charged outside a trade
    INSURANCE = "insurance"  # paid to or by an insurance fund
    SETTLEMENT = "settlement"  # the result of a delivery, an exercise or a daily settlement
    LIQUIDATION = "liquidation"  # the result of a liquidation that no fill reports
    SUBSCRIPTION = "subscription"  # given for a new asset, or the units allotted for it
    ADJUSTMENT = "adjustment"  # a correction by the exchange
    UNCLASSIFIED = "unclassified"  # its word is in no table


class OrderStatus(StrEnum):
    """What became of an order."""

    OPEN = "open"
    CLOSED = "closed"
    CANCELED = "canceled"
    EXPIRED = "expired"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


#: Kinds whose quantity is never negative: the kind states the direction.
UNSIGNED_KINDS = frozenset(
    {
        TransferKind.DEPOSIT,
        TransferKind.WITHDRAWAL,
        TransferKind.INTERNAL,
        TransferKind.LOAN,
        TransferKind.REPAYMENT,
    }
)
