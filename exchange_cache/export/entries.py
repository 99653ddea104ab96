"""What an export writes: entries in time order, then balances and prices.

An entry is one event of the ledger with what each of its legs changed: units and their cost by the
chosen method. Amounts without an asset are in the reporting asset. Nothing here is rounded.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from exchange_cache.ledger import events as le
from exchange_cache.ledger.events import LedgerEvent
from exchange_cache.money import ZERO

#: Flows besides those of the ledger: units held when the export begins, and those at its end that
#: no event explains.
OPENING = "opening"
UNEXPLAINED = "unexplained"
UNREALISED = "unrealised"
#: Flows whose values cancel out over the changes of an entry.
INTERNAL = frozenset({le.TRADE, le.FEE, le.MOVE, le.LENT, *le.ASIDE})


class Units(NamedTuple):
    """Units of one lot: ``number`` names the lot within its place, ``cost`` None if unknown."""

    number: int
    acquired: datetime
    quantity: Decimal
    cost: Decimal | None


class Place(NamedTuple):
    """Where units are: an account, and the part of it that no balance contains (``aside``)."""

    account: str
    asset: str
    aside: str = ""


class Held(NamedTuple):
    """What a place holds: units with their cost, units owed with their proceeds."""

    units: Decimal = ZERO
    cost: Decimal = ZERO
    owed: Decimal = ZERO
    proceeds: Decimal = ZERO

    @property
    def balance(self) -> Decimal:
        return self.units - self.owed


@dataclass(slots=True, kw_only=True)
class Change:
    """What one leg changed at one place: ``after`` less ``before``, in units and in cost.

    ``taken`` and ``added`` are the lots, if the method keeps any; ``covered`` and ``borrowed``
    those of what is owed. ``unordered``: the lots taken are not the first ones by their days.
    ``opened``: units that were not held, and are opened before they are removed; ``settled``:
    received units that were opened before. ``lent``: how much more may be owed. ``worth``: the
    proceeds of what was removed. ``unknown``: received units of unknown cost.

    Nothing changes one; it is not frozen because making one then takes half the time. The cost of
    the place changes by ``flowed`` + ``gain`` + ``unexplained`` - ``written_off``.
    """

    place: Place
    flow: str
    before: Held
    after: Held
    reporting: bool = False
    worth: Decimal | None = None
    flowed: Decimal = ZERO
    gain: Decimal = ZERO
    unexplained: Decimal = ZERO
    written_off: Decimal = ZERO
    opened: Decimal = ZERO
    settled: Decimal = ZERO
    unknown: Decimal = ZERO
    taken: tuple[Units, ...] = ()
    added: tuple[Units, ...] = ()
    covered: tuple[Units, ...] = ()
    borrowed: tuple[Units, ...] = ()
    unordered: bool = False
    lent: Decimal = ZERO

    @property
    def units(self) -> Decimal:
        """How many more units the place holds, apart from those opened."""
        return self.after.units - self.before.units - self.opened

    @property
    def cost(self) -> Decimal:
        return self.after.cost - self.before.cost

    @property
    def owed(self) -> Decimal:
        return self.after.owed - self.before.owed

    @property
    def proceeds(self) -> Decimal:
        return self.after.proceeds - self.before.proceeds

    @property
    def quantity(self) -> Decimal:
        """What the leg added (negative: removed) in all."""
        return self.units - self.owed + self.settled

    @property
    def is_any(self) -> bool:
        """Whether anything changed."""
        return self.before != self.after or bool(self.taken or self.opened or self.settled)

    @property
    def is_internal(self) -> bool:
        return self.flow in INTERNAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An event and its changes; ``time`` is never before that of an earlier entry. ``tx_id``: its
    transaction on a chain."""

    event: LedgerEvent
    time: datetime
    changes: tuple[Change, ...]
    tx_id: str | None = None

    @property
    def left_over(self) -> Decimal:
        """The value of what the entry exchanged for changes that the options leave out."""
        return -sum((one.flowed for one in self.changes if one.is_internal), ZERO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What a place holds at the end; ``reported`` by its exchange, or by the events alone."""

    place: Place
    quantity: Decimal
    held: Held
    at: datetime
    reported: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """A price of the end, in the reporting asset."""

    asset: str
    price: Decimal
    at: datetime


Item = Entry | Balance | Price


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What is exported, and how. ``chosen``: not all accounts are exported."""

    reporting_asset: str
    method: str
    version: str
    accounts: tuple[tuple[str, str], ...]  # name, exchange
    asset: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    chosen: bool = False

    @property
    def keeps_lots(self) -> bool:
        return self.method != "average"
