"""Events: what fills and transfers changed, valued in the reporting asset. ``cost`` consumes them.

A fill has at least two legs: one asset is added, another removed, both at the same value; the legs
contain every fee. An event states nothing beyond its legs; ``cost`` decides how they change an
asset's book.

Decisions:
- The value of a fill is the amount paid, fees included: the quote's amount (as it is, if the quote
  is the reporting asset; otherwise at its rate at the fill's time), or the base's at its rate.
  Without a rate the bought part is *unknown*, and the sold part is removed without a result.
- A fee in a third asset has its value at the fill's time. It raises the cost of a purchase or
  lowers the proceeds of a sale, and the fee asset is disposed of at that value. So the gain or loss
  on the fee asset is realised there, once, and money neither appears nor vanishes. Without a rate
  the fee is an expense at its own cost, and a note states that the average does not contain it. A
  rebate is the same with the opposite sign.
- A reward, an airdrop or received interest is income at its market value at receipt, without a
  rate an unknown quantity; or, as configured, costs nothing and is no income (``income``).
  ``treatments`` has a line for each kind.
- An adjustment of the exchange and a row that its policy cannot classify are neither deposits nor
  withdrawals nor income: what leaves goes at its cost, what arrives has no known cost.
- Units moved to a wallet that is not read, or given for an allotment that has not come yet, are set
  aside with their cost (``cost.aside``) and return with it.
- An unpaired deposit is an unknown quantity, unless the caller lists its asset as ``cash``: a
  national currency is added at its rate of the day.
- A withdrawal to the outside removes units at their cost and realises nothing. A fee outside a
  trade is removed at its cost.
- Units that a margin wallet removes beyond its holding are borrowed: they open a short at their
  proceeds, and units added later cover it. Interest on a debt increases the debt, at its value of
  the day.
- A unified account borrows in the same wallet that holds its own assets. Up to the amount lent and
  not yet paid back, it removes borrowed units as a margin wallet does.
- A transfer between own accounts is one event at the earlier of its two times, so that clock skew
  oversells nothing.
- An asset event (a rename, for example) has no legs: it carries units with their cost from one
  asset to another (``asset_events``, ``bookings``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from exchange_cache.clock import to_ms
from exchange_cache.ledger.bookings import Carry
from exchange_cache.ledger.rates import Rates
from exchange_cache.money import ZERO, rounded
from exchange_cache.records import Fee


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedBasis:
    """The cost of units without a price, as the user states it: ``price`` in the reporting asset.
    Without an account it applies to any."""

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
ADJUSTMENT = "adjustment"
UNCLASSIFIED = "unclassified"
UNREAD = "unread"  # to and from wallets that are not read
SUBSCRIBED = "subscribed"
ASIDE = (UNREAD, SUBSCRIBED)  # units that are set aside with their cost, and return with it
FLOWS = (
    *(TRADE, FEE, DEPOSIT, WITHDRAWAL, INCOME, FUNDING, DERIVATIVE, EXPENSE, MOVE),
    *(ADJUSTMENT, UNCLASSIFIED, *ASIDE),
)
LENT = "lent"  # changes how much may be owed, and nothing that is owned


class Leg(NamedTuple):
    """A change of one asset. ``value`` None: unknown; ``at_cost``: removed at its cost.

    ``lends``: the leg changes a wallet that lends units it does not hold. ``there``: the leg
    belongs to the account that receives a move. ``resolution``: the width in seconds of the candle
    that gave the value (0: none).
    """

    asset: str
    quantity: Decimal
    value: Decimal | None
    flow: str
    at_cost: bool = False
    reason: str = ""
    lends: bool = False
    there: bool = False
    resolution: int = 0


@dataclass(slots=True, kw_only=True)
class LedgerEvent:
    """One event at one account (a move: from ``account`` to ``to_account``). Nothing changes it;
    it is not frozen because making one then takes a third of the time."""

    time: datetime
    # buy, sell, convert, dust, fiat, derivative, stated, move, borrow, repay, the kinds of
    # transfers; rename, redenomination, reuse, merger, split_off
    kind: str
    account: str
    symbol: str | None
    source_id: str
    legs: tuple[Leg, ...]
    order: tuple[object, ...]
    digest: bytes
    subject: str  # the asset to which the event's fees are booked
    price: Decimal | None = None
    fees: tuple[Fee, ...] = ()
    fees_value: Decimal = ZERO
    to_account: str | None = None
    flags: tuple[str, ...] = ()  # no_rate, fee_missing, fee_unvalued
    note: str = ""
    carry: Carry | None = None  # the cost of one asset goes on under another; then without legs

    @property
    def moment(self) -> datetime:
        """When it takes effect: ``time`` is when it was logged, which may be later."""
        moment = self.order[0]
        assert isinstance(moment, datetime)
        return moment


def natural(text: str) -> tuple[int, str]:
    """A sort key for ids that puts 9 before 10."""
    return (len(text), text)


def event_order(time: datetime, rank: int, account: str, *parts: str) -> tuple[object, ...]:
    """At the same instant: receipts, then trades by id, then moves, then removals."""
    return (time, rank, account, parts[0] if parts else "", *(natural(part) for part in parts[1:]))


def digest_of(
    kind: str,
    account: str,
    source: str,
    time: datetime,
    legs: Iterable[Leg],
    flags: tuple[str, ...] = (),
) -> bytes:
    """The event's inputs as one canonical line, independent of how their numbers were written."""
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
    rate = rates.rate(asset, at)
    if rate is None:
        return Leg(asset, quantity, None, flow, at_cost=quantity < 0, reason="no_rate")
    value = rounded(abs(quantity) * rate.value)
    return Leg(asset, quantity, value, flow, reason="no_rate", resolution=rate.resolution)
