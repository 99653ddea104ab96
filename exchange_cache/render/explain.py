"""An average entry price as an auditable list of events, and its reconciliation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from exchange_cache.cost.basis import AssetBasis, BasisStep
from exchange_cache.cost.bounds import Bounds
from exchange_cache.cost.reconcile import Reconciled, difference_causes, reason_words
from exchange_cache.cost.reported_averages import AverageCheck, check_words, reported_words
from exchange_cache.ledger.afterwards import Afterwards
from exchange_cache.ledger.income import INCOME_KINDS, policy_words
from exchange_cache.ledger.rates import priced_by
from exchange_cache.money import ZERO
from exchange_cache.render import words
from exchange_cache.render.afterwards import afterwards_document
from exchange_cache.render.listing import Column, Listing
from exchange_cache.value.places import PlaceDifference

HOUR_SECONDS = 3600

EXPLAIN_COLUMNS = (
    Column(key="time", heading="When", kind="time"),
    Column(key="event", heading="Event"),
    Column(key="account", heading="Account", priority=6),
    Column(key="quantity", heading="Quantity", kind="decimal"),
    Column(key="price", heading="Price", kind="price", priority=3),
    Column(key="held", heading="Held", kind="decimal"),
    Column(key="unknown", heading="Unknown", kind="decimal", priority=2),
    Column(key="cost_held", heading="Cost held", kind="decimal", digits=2, priority=4),
    Column(key="average", heading="Average", kind="price", priority=1),
    Column(key="priced_by"),
    Column(key="note", heading="Note", kind="text", priority=5),
)


def explain_listing(
    title: str,
    rows: Iterable[Mapping[str, object]],
    now: datetime,
    *,
    closing: Sequence[str] = (),
    exchange_averages: Iterable[AverageCheck] = (),
    reconciliation: Mapping[str, object] | None = None,
    changed: Sequence[Afterwards] = (),
) -> Listing:
    """The events, closed by the lines of the reconciliation.

    Rows have the keys of :data:`EXPLAIN_COLUMNS`; a missing key is unknown. ``reconciliation`` and
    what exchanges ``changed`` afterwards are keys of the JSON document.
    """
    empty = "No event explains this asset. Fetch the history: excache sync --full"
    beside: dict[str, object] = {
        "exchange_averages": [_average(check) for check in exchange_averages],
        "changed_afterwards": afterwards_document(changed),
    }
    if reconciliation is not None:
        beside["reconciliation"] = reconciliation
    return Listing(
        title=title,
        columns=EXPLAIN_COLUMNS,
        rows=tuple(rows),
        as_of=now,
        notes=tuple(closing),
        empty=empty,
        beside=beside,
    )


def exchange_average_lines(checks: Iterable[AverageCheck]) -> list[str]:
    """The averages that each exchange reports, and whether the fills agree; together those of one
    wallet that cannot be compared for one reason."""
    verdicts = {"agrees": ": agrees", "differs": ": DIFFERS"}
    together: dict[tuple[object, ...], list[AverageCheck]] = {}
    for check in checks:
        alone = None if check.verdict == "not_comparable" else check.reported.method
        key = (check.account, check.wallet, check.reason, alone)
        together.setdefault(key, []).append(check)
    return [
        f"The exchange's own average ({last.account} {last.wallet}):"
        f" {'; '.join([*map(reported_words, others), check_words(last)])}"
        f"{verdicts.get(last.verdict, '')}"
        for *others, last in together.values()
    ]


def pricing_lines(steps: Iterable[BasisStep], income: str) -> list[str]:
    """How many events are priced by the day or week, and how income in kind is booked, where there
    is any."""
    steps = tuple(steps)
    coarse = Counter(priced_by(one.resolution) for one in steps if one.resolution > HOUR_SECONDS)
    lines = [
        f"Priced by the {width}: {count} of {len(steps)} events, as no hourly price of their time"
        " is served"
        for width, count in sorted(coarse.items(), key=str)
    ]
    if any(one.kind in INCOME_KINDS for one in steps):
        lines.append(policy_words(income))
    return lines


def bounds_lines(bounds: Bounds | None, result: Reconciled) -> list[str]:
    """Between what an average over the whole holding would lie."""
    if bounds is None:
        return []
    last = bounds.until - timedelta(days=1)
    days = f"{bounds.since:%Y-%m-%d}" + (f" to {last:%Y-%m-%d}" if last > bounds.since else "")
    return [
        f"Bounds, not an average: all {words.quantity(result.balance)} cost from"
        f" {words.price(bounds.low)} to {words.price(bounds.high)} each, if those of unknown cost"
        f" cost a price of the days in which they came ({days})"
    ]


def bounds_document(bounds: Bounds | None) -> dict[str, object] | None:
    """The exact bounds, and the days (the last one inclusive) in which units of unknown cost
    came."""
    if bounds is None:
        return None
    return {
        "low": bounds.low,
        "high": bounds.high,
        "first_day": f"{bounds.since:%Y-%m-%d}",
        "last_day": f"{bounds.until - timedelta(days=1):%Y-%m-%d}",
    }


def _average(check: AverageCheck) -> dict[str, object]:
    return {
        "account": check.account,
        "wallet": check.wallet,
        "name": check.reported.name,
        "method": check.reported.method,
        "unit": check.reported.unit,
        "price": check.reported.price,
        "quantity": check.reported.quantity,
        "by_fills_low": check.low,
        "by_fills_high": check.high,
        "verdict": check.verdict,
        "reason": check.reason,
    }


def reconciliation_document(
    result: Reconciled,
    basis: AssetBasis | None,
    places: Sequence[PlaceDifference],
    own: Iterable[AssetBasis],
    *,
    method: str,
) -> dict[str, object]:
    """The exact values of the closing lines.

    ``accounts`` are those whose events and balance differ.
    """
    return {
        "asset": result.asset,
        "events_quantity": result.events_quantity,
        "balance": result.balance,
        "unrealised_inside": result.unrealised_inside,
        "difference": result.difference,
        "average_entry_price": result.average_entry_price,
        "explained_quantity": result.explained,
        "unknown_quantity": result.unknown,
        "unknown_reasons": [reason_words(reason) for reason in result.reasons],
        "account_averages": [
            {"account": one.account, "average_entry_price": one.average_entry_price} for one in own
        ],
        "accounts": [
            {
                "account": place.account,
                "events_quantity": place.events,
                "balance": place.balance,
                "difference": place.difference,
                "causes": list(place.causes),
            }
            for place in places
        ],
        **_set_aside(basis),
        "likely_causes": list(difference_causes(result)),
        "method": method,
        "inputs_sha256": None if basis is None else basis.inputs_sha256,
    }


def _set_aside(basis: AssetBasis | None) -> dict[str, object]:
    """Units that no balance contains, and their cost."""
    return {
        "unread_quantity": ZERO if basis is None else basis.unread_quantity,
        "unread_cost": ZERO if basis is None else -basis.unread,
        "subscribed_quantity": ZERO if basis is None else basis.subscribed_quantity,
        "subscribed_cost": ZERO if basis is None else -basis.subscribed,
    }
