"""The accounts of an export to a double-entry program, and what each change posts to them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from exchange_cache.export.entries import (
    OPENING,
    UNEXPLAINED,
    UNREALISED,
    Change,
    Entry,
    Place,
)
from exchange_cache.ledger import events as le
from exchange_cache.money import ZERO
from exchange_cache.records import TransferKind

Account = tuple[str, str]

#: The parts of a place that are in the balance of its exchange.
INSIDE = (UNEXPLAINED, UNREALISED)
#: Account names beside those of places.
GAINS = ("Income", "Gains")
UNKNOWN_COST = ("Income", "Unknown-Cost")
UNVALUED = ("Expenses", "Unvalued")
UNKNOWN = ("Equity", "Unknown")
CONVERSIONS = ("Equity", "Conversions")
LEFT_OUT = ("Equity", "Left-Out")

_FLOWS = {
    le.DEPOSIT: ("Equity", "Deposits"),
    le.WITHDRAWAL: ("Equity", "Withdrawals"),
    le.INCOME: ("Income", "Rewards"),
    le.FUNDING: ("Income", "Funding"),
    le.DERIVATIVE: ("Income", "Contracts"),
    le.EXPENSE: ("Expenses", "Fees"),
    le.ADJUSTMENT: ("Equity", "Adjustments"),
    le.UNCLASSIFIED: ("Equity", "Unclassified"),
    OPENING: ("Equity", "Opening"),
    UNEXPLAINED: ("Equity", "Unexplained"),
    UNREALISED: ("Equity", "Unrealised"),
}
_KINDS: dict[tuple[str, str], Account] = {
    (le.INCOME, TransferKind.AIRDROP): ("Income", "Airdrops"),
    (le.INCOME, TransferKind.INTEREST): ("Income", "Interest"),
    (le.EXPENSE, TransferKind.INTEREST): ("Expenses", "Interest"),
    (le.EXPENSE, TransferKind.INSURANCE): ("Expenses", "Insurance"),
}


class Counter(NamedTuple):
    """An amount of the reporting asset at an account that holds nothing. ``asset``: whose result
    it is, where that is a part of the account; ``booked``: the program itself can derive it."""

    account: Account
    place: Place
    amount: Decimal
    asset: str = ""
    booked: bool = False


def account_of(flow: str, kind: str) -> Account:
    """The account where units of a flow come from or go to."""
    return _KINDS.get((flow, kind)) or _FLOWS.get(flow, UNKNOWN)


def counters(change: Change, kind: str) -> Iterator[Counter]:
    """What balances a change, but for the values that cancel out within its entry. At most one
    follows from the cost of the units that are removed."""
    derived = _derived(change)
    place = change.place
    if change.gain or derived == "gain":
        yield Counter(GAINS, place, -change.gain, place.asset, derived == "gain")
    if change.unexplained:
        yield Counter(UNKNOWN_COST, place, -change.unexplained)
    if change.written_off or derived == "written_off":
        yield Counter(UNVALUED, place, change.written_off, booked=derived == "written_off")
    if not change.is_internal and (change.flowed or derived == "flow"):
        found = account_of(change.flow, kind)
        yield Counter(found, place, -change.flowed, booked=derived == "flow")


def _derived(change: Change) -> str:
    """Which of its amounts follows from the cost of removed units."""
    if not any(one.cost is not None for one in (*change.taken, *change.covered)):
        return ""
    if change.written_off:
        return "written_off"
    if change.worth is not None or change.gain:
        return "gain"
    return "" if change.is_internal else "flow"


def has_own(change: Change, kind: str) -> bool:
    """Whether an amount is left for the program to derive."""
    return any(one.booked for one in counters(change, kind))


def split(entry: Entry) -> tuple[tuple[Change, ...], tuple[Change, ...]]:
    """The changes of an entry that one transaction may hold, and those that need a transaction of
    their own behind it: a program derives one amount of a transaction, and removes no units that
    the same transaction adds."""
    kind = entry.event.kind
    together: list[Change] = []
    apart: list[Change] = []
    grown: set[Place] = set()
    for one in entry.changes:
        derived = has_own(one, kind)
        free = one.place not in grown and not any(has_own(each, kind) for each in together)
        (together if free or not derived else apart).append(one)
        if one.added:
            grown.add(one.place)
    return tuple(together), tuple(apart)


def exchanged(changes: tuple[Change, ...]) -> Decimal:
    """The value that changes received from others of their entry."""
    return sum((one.flowed for one in changes if one.is_internal), ZERO)
