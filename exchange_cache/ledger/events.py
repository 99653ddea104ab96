"""Events: what fills and transfers changed, valued in the reporting asset. The cost basis consumes
them.

A fill has at least two legs: one asset is added, another removed, both at the same value; every fee
is inside the legs. The legs are all there is to know of an event; what they do to an asset's book
is the business of ``cost``.

Decisions:
- The value of a fill is what was paid, fees included: the quote's amount (itself, when it is the
  reporting asset; else at its rate at the fill's time), else the base's at its rate. Without any
  rate the bought part is *unknown* and the sold part's cost leaves without a result.
- A fee in a third asset is worth its value at the fill's time: it raises the price of what is
  bought, or lowers the proceeds of what is sold, and the fee asset is disposed of at that value.
  So the fee asset's gain or loss since it was bought is realised there, once, and money neither
  appears nor vanishes. Without a rate it leaves at its own cost as an expense, and a note states
  that the average does not contain it. A rebate is the same with the other sign.
- A reward is income at its market value at receipt; without a rate it is an unknown quantity.
- An unpaired deposit is an unknown quantity, unless the caller names its asset as ``cash``: money
  of a country costs what it is worth on the day, so it is added at its rate.
- A withdrawal to the outside takes its cost along and realises nothing. A fee outside a trade
  leaves at its cost.
- What a margin wallet removes beyond what is held was borrowed: it opens a short at its proceeds,
  and what is added next covers it. Interest on a debt makes the debt larger, at what it is worth on
  the day.
- A unified account borrows by a move from LOAN, in the wallet that it also owns things in: up to
  what it was lent and has not paid back, it removes borrowed units as a margin wallet does.
- A transfer between own accounts is one event at the earlier of its two times, so that clock skew
  oversells nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from exchange_cache.clock import to_ms
from exchange_cache.ledger.rates import Rates
from exchange_cache.money import ZERO
from exchange_cache.records import Fee


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedBasis:
    """What units without a price cost, as the user states: ``price`` in the reporting asset. No
    account: any account."""

    account: str | None
    asset: str
    quantity: Decimal
    price: Decimal
    at: datetime

    def __post_init__(self) -> None:
        if self.quantity <= 0:
            raise ValueError(f"a stated quantity must be positive, not {self.quantity}")
        if self.price < 0:
            raise ValueError(f"a stated price must not be negative, not {self.price}")


#: Flows: the source or destination of a leg's value. Those of trades cancel out over the assets of
#: a fill.
TRADE = "trade"
FEE = "fee"  # of a trade, in a third asset
DEPOSIT = "deposit"
WITHDRAWAL = "withdrawal"
INCOME = "income"
FUNDING = "funding"
DERIVATIVE = "derivative"
EXPENSE = "expense"
MOVE = "move"
FLOWS = (TRADE, FEE, DEPOSIT, WITHDRAWAL, INCOME, FUNDING, DERIVATIVE, EXPENSE, MOVE)
LENT = "lent"  # moves nothing that is owned: so much more may be owed, or less


class Leg(NamedTuple):
    """A change of one asset. ``value`` None: unknown; ``at_cost``: removed at what it cost.

    ``lends``: it leaves or enters a wallet that lends what is not there. ``there``: it happened at
    the other end of a move, at the account that the units were sent to.
    """

    asset: str
    quantity: Decimal
    value: Decimal | None
    flow: str
    at_cost: bool = False
    reason: str = ""
    lends: bool = False
    there: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEvent:
    """One thing that happened at one account (a move: from ``account`` to ``to_account``)."""

    time: datetime
    # buy, sell, convert, dust, fiat, deposit, withdrawal, reward, move, fee, funding, derivative,
    # stated, other
    kind: str
    account: str
    symbol: str | None
    source_id: str
    legs: tuple[Leg, ...]
    order: tuple[object, ...]
    digest: bytes
    subject: str  # the asset that the event's fees are booked on
    price: Decimal | None = None
    fees: tuple[Fee, ...] = ()
    fees_value: Decimal = ZERO
    to_account: str | None = None
    flags: tuple[str, ...] = ()  # no_rate, fee_missing, fee_unvalued
    note: str = ""


def natural(text: str) -> tuple[int, str]:
    """An order of ids in which 9 precedes 10."""
    return (len(text), text)


def event_order(time: datetime, rank: int, account: str, *parts: str) -> tuple[object, ...]:
    """Same instant: what is received, then trades by id, then moves, then what leaves."""
    return (time, rank, account, parts[0] if parts else "", *(natural(part) for part in parts[1:]))


def digest_of(
    kind: str,
    account: str,
    source: str,
    time: datetime,
    legs: Iterable[Leg],
    flags: tuple[str, ...] = (),
) -> bytes:
    """The event's inputs in one canonical line, however their numbers were written."""
    changes = ";".join(
        [
            f"{leg.asset} {leg.quantity.normalize()!s} {leg.value and leg.value.normalize()!s}"
            f" {leg.flow}"
            for leg in legs
        ]
    )
    return f"{kind}|{account}|{source}|{to_ms(time)}|{changes}|{' '.join(flags)}\n".encode()


def cash_leg(asset: str, quantity: Decimal, flow: str, at: datetime, rates: Rates) -> Leg:
    """Money added or removed without a counterpart; without a rate it is removed at its cost."""
    value = rates.value(asset, abs(quantity), at)
    return Leg(
        asset, quantity, value, flow, at_cost=value is None and quantity < 0, reason="no_rate"
    )
