"""What an entry states besides its amounts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from exchange_cache.export.entries import Change, Entry, Head
from exchange_cache.money import ZERO, to_text
from exchange_cache.records import Fee

#: The keys of what an entry states besides its amounts.
KEYS = ("time", "id", "tx", "price", "fees", "to", "flags", "settled", "lent", "note")


def iso(moment: datetime) -> str:
    """``2026-01-31T12:00:00.123Z``, without a fraction where there is none."""
    text = moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds")
    return text.replace("+00:00", "Z")


def left_out(head: Head) -> str:
    """What the options select, where that is not everything."""
    named = ", ".join(name for name, _ in head.accounts) if head.chosen else ""
    since, until = (None if one is None else iso(one) for one in (head.since, head.until))
    parts = (
        ("account", named),
        ("asset", head.asset),
        ("from", since),
        ("before", until),
    )
    found = ", ".join(f"{word} {text}" for word, text in parts if text)
    return f"a part: {found}: everything else is left out" if found else ""


def caption(entry: Entry) -> str:
    """``buy BTC/USDT``, ``deposit ETH``."""
    event = entry.event
    return f"{event.kind.replace('_', ' ')} {event.symbol or event.subject}"


def fee_text(fees: tuple[Fee, ...]) -> str:
    """``0.001 BNB, -0.5 USDT`` (a rebate is negative)."""
    return ", ".join(f"{to_text(fee.amount)} {fee.asset}" for fee in fees if fee.amount)


def details(entry: Entry) -> Iterator[tuple[str, str]]:
    """Key and text of everything else."""
    event = entry.event
    texts = (
        iso(event.time),
        event.source_id,
        entry.tx_id or "",
        "" if event.price is None else to_text(event.price),
        fee_text(event.fees),
        event.to_account or "",
        ", ".join(event.flags),
        _sum(entry.changes, "settled"),
        _sum(entry.changes, "lent"),
        event.note,
    )
    yield from ((key, text) for key, text in zip(KEYS, texts, strict=True) if text)


def _sum(changes: tuple[Change, ...], name: str) -> str:
    """Amounts that no posting shows: units that were opened before, units that may be owed."""
    found = [(getattr(one, name), one.place.asset) for one in changes]
    return ", ".join(f"{to_text(amount)} {asset}" for amount, asset in found if amount)


def priced(change: Change) -> Iterator[tuple[Decimal, Decimal]]:
    """A change as units and their total cost, which is not negative; as a removal of all and an
    addition of what is left where units and cost do not change alike."""
    yield from _alike(
        change.units,
        change.cost,
        (change.before.units + change.opened, change.before.cost),
        (change.after.units, change.after.cost),
    )


def owed_priced(change: Change) -> Iterator[tuple[Decimal, Decimal]]:
    """The same of what is owed, whose units are negative."""
    before, after = change.before, change.after
    yield from _alike(
        -change.owed,
        -change.proceeds,
        (-before.owed, -before.proceeds),
        (-after.owed, -after.proceeds),
    )


def _alike(
    units: Decimal,
    cost: Decimal,
    before: tuple[Decimal, Decimal],
    after: tuple[Decimal, Decimal],
) -> Iterator[tuple[Decimal, Decimal]]:
    if not units and not cost:
        return
    if units and units * cost >= ZERO:
        yield units, abs(cost)
        return
    for number, total in ((-before[0], before[1]), after):
        if number:
            yield number, abs(total)
