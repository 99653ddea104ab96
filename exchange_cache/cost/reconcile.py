"""Reconciles a cost basis with the balance: the explained and unknown parts of the real holding,
and the difference.

The balance decides. Explained units never exceed it (a larger ledger is scaled down, with a
reason), and the rest of the balance is unknown quantity with its reasons. A debt is negative, and
so are its explained units. Called by valuation and by ``explain``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, localcontext

from exchange_cache.cost.basis import AssetBasis
from exchange_cache.cost.lots import Book, UnknownPart
from exchange_cache.money import EXACT, ROUNDING as ROUNDING, ZERO, published, rounded, to_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """A holding divided by whether its cost is known; ``explained`` + ``unknown`` = ``balance``,
    always.

    ``difference`` = balance - sum of the events (less unrealised PnL contained in the wallet's
    total). ``cost`` applies to the explained part; ``scaled_off`` is the cost of units in the
    ledger that the balance does not contain.
    """

    asset: str
    balance: Decimal
    events_quantity: Decimal
    difference: Decimal
    explained: Decimal
    unknown: Decimal
    cost: Decimal
    scaled_off: Decimal
    average_entry_price: Decimal | None
    reasons: tuple[str, ...]
    unrealised_inside: Decimal = ZERO


def reconcile(
    basis: AssetBasis | None,
    balance: Decimal,
    *,
    asset: str,
    reporting_asset: str,
    unrealised_inside: Decimal = ZERO,
) -> Reconciled:
    """Split ``balance``. ``unrealised_inside``: the unrealised PnL it contains, which no event
    explains."""
    with localcontext(EXACT):
        events = ZERO if basis is None else basis.quantity
        difference = balance - unrealised_inside - events
        reasons: tuple[str, ...] = ()
        if asset == reporting_asset:
            explained, cost, scaled_off = balance, balance, ZERO
        else:
            known = ZERO if basis is None else basis.explained_quantity
            known_cost = ZERO if basis is None else basis.cost
            low, high = (ZERO, known) if known >= 0 else (known, ZERO)
            explained = max(low, min(high, balance))
            cost = known_cost if explained == known else rounded(known_cost * explained / known)
            scaled_off = known_cost - cost
            reasons = _reasons(basis, balance, explained, unrealised_inside)
        return Reconciled(
            asset=asset,
            balance=balance,
            events_quantity=events,
            difference=difference,
            explained=explained,
            unknown=balance - explained,
            cost=cost,
            scaled_off=scaled_off,
            average_entry_price=(
                Decimal(1)
                if asset == reporting_asset
                else published(cost / explained)
                if explained
                else None
            ),
            reasons=reasons,
            unrealised_inside=unrealised_inside,
        )


def _reasons(
    basis: AssetBasis | None, balance: Decimal, explained: Decimal, inside: Decimal
) -> tuple[str, ...]:
    rounding = abs(balance) * ROUNDING
    known = ZERO if basis is None else basis.explained_quantity
    if balance < 0:
        return (
            ("debt",)
            if explained - balance > rounding
            else ("ledger_exceeds_balance",)
            if explained - known > rounding
            else ()
        )
    if known - max(balance - inside, ZERO) > rounding:
        return ("ledger_exceeds_balance",)
    unknown = balance - explained
    if not unknown:
        return ()
    reasons: tuple[str, ...] = ("unrealised_in_wallet",) if inside > 0 else ()
    stored = ZERO if basis is None else basis.unknown_quantity
    if basis is not None:
        extra = unknown - stored - inside > rounding
        reasons += tuple(
            one
            for one in basis.unknown_reasons
            if (stored if not one.startswith("sold_") else extra)
        )
    if unknown - stored - max(inside, ZERO) > rounding:
        reasons += (
            ("no_history",)
            if basis is None or not (basis.fills_count or basis.quantity or basis.first_event)
            else ("not_in_history",)
        )
    return reasons or ("rounding",)


def unknown_reasons(book: Book, oversold_at: datetime | None) -> tuple[str, ...]:
    """Why a book has units of unknown cost, and since when some were sold that it never had."""
    parts = book.parts.values() if book.unknown else ()
    reasons = [reason_text(part) for part in sorted(parts, key=lambda one: (one.first, one.reason))]
    if book.oversold and oversold_at is not None:
        reasons.append(f"sold_more_than_known {oversold_at:%Y-%m-%d}")
    return tuple(reasons)


def reason_text(part: UnknownPart) -> str:
    """The stored form: ``deposit 2026-01-05`` or ``deposit 2026-01-05..2026-02-03 x3``."""
    days = f"{part.first:%Y-%m-%d}"
    if part.last.date() != part.first.date():
        days += f"..{part.last:%Y-%m-%d}"
    return f"{part.reason} {days}" + (f" x{part.count}" if part.count > 1 else "")


_REASON = re.compile(
    r"^(?P<code>\S+)(?: (?P<first>[\d-]+)(?:\.\.(?P<last>[\d-]+))?)?(?: x(?P<count>\d+))?$"
)
_WORDS = {
    "deposit": "deposited without a known price",
    "reward": "received as a reward without a known price",
    "airdrop": "received as an airdrop without a known price",
    "interest": "received as interest without a known price",
    "adjustment": "credited by the exchange as an adjustment, without a price",
    "unclassified": "credited by the exchange under a word that is not known, without a price",
    "unread": "returned from a wallet that is not read, beyond what was moved there",
    "subscription": "allotted by a subscription whose payment is not known",
    "other": "credited by the exchange without a price",
    "rebate": "received as a fee rebate without a known price",
    "no_rate": "bought with an asset that had no known price at the time",
    "transfer": "received from another own account whose history does not contain it",
    "renamed": "received for another asset whose history does not contain it",
    "dust": "a remainder below the smallest amount that can be sold",
    "sold_more_than_known": (
        "earlier history is missing: more was sold than stored fills and transfers account for"
    ),
    "not_in_history": "held, but not explained by any stored fill or transfer",
    "no_history": "no fill or transfer of it is stored",
    "ledger_exceeds_balance": "the history adds up to more than the balance",
    "unrealised_in_wallet": "unrealised result of open positions",
    "debt": "borrowed",
    "rounding": "rounding by the exchange",
}


#: Reasons that concern units which no stored row brought.
UNSEEN = ("not_in_history", "no_history", "sold_more_than_known")
_DAY = re.compile(r" \d{4}-\d\d-\d\d")


def unseen_units(result: Reconciled, basis: AssetBasis | None) -> Decimal:
    """The units held that no stored row added, beyond rounding: those of unknown cost, less those
    that were received on known days."""
    dated = any(one.split()[0] not in UNSEEN and _DAY.search(one) for one in result.reasons)
    stored = basis.unknown_quantity if basis is not None and dated else ZERO
    left = result.unknown - stored - max(result.unrealised_inside, ZERO)
    return left if left > abs(result.balance) * ROUNDING else ZERO


_ABOUT_HISTORY = ("sold_more_than_known", "not_in_history", "no_history", "ledger_exceeds_balance")


def is_about_history(reason: str) -> bool:
    """Whether the reason is that fills or transfers are missing."""
    return reason.startswith(_ABOUT_HISTORY)


def is_history_sentence(sentence: str) -> bool:
    """The same of a reason in words, as a holding has it."""
    return sentence.startswith(tuple(_WORDS[code] for code in _ABOUT_HISTORY))


def reason_words(reason: str) -> str:
    """A stored reason (``deposit 2026-01-05..2026-02-03 x3``) as a sentence; an unknown code stays
    as it is."""
    found = _REASON.match(reason)
    if found is None or found["code"] not in _WORDS:
        return reason
    words = _WORDS[found["code"]]
    if found["first"] is None:
        return words
    days = (
        f"on {found['first']}"
        if found["last"] is None
        else f"from {found['first']} to {found['last']}"
    )
    times = f", {int(found['count']):,} times" if found["count"] else ""
    return f"{words} ({days}{times})"


def difference_causes(
    reconciled: Reconciled, number: Callable[[Decimal], str] = to_text
) -> tuple[str, ...]:
    """Why events and balance may differ, the likeliest cause first; empty if they agree.
    ``number`` writes quantities: screens separate thousands."""
    difference, asset = reconciled.difference, reconciled.asset
    if not difference:
        return ()
    if abs(difference) <= abs(reconciled.balance) * ROUNDING:
        return ("rounding by the exchange",)
    if difference > 0:
        return (
            (
                f"{number(difference)} {asset} was received before the stored history begins, or"
                " in a way that the exchange does not list"
            ),
            "a wallet without history sent it to a wallet that is synced",
        )
    return (
        (
            f"{number(-difference)} {asset} left in a way that the exchange does not list, or"
            " before the stored history begins"
        ),
        "a wallet that is not synced holds it (earn, margin, a sub-account)",
    )
