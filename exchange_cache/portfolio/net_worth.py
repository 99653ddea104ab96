"""Net worth before the first snapshot, reconstructed from stored fills, transfers and past prices.

The holdings of the first snapshot are taken back movement by movement. Each midnight (UTC) is
valued at stored prices only: that on the straight line between the last price before it and the
first one after it, each at most ``REACH`` away, else the one of them that is. What has no such
price is in no total and named, and so is what the ledger cannot know: a holding before its first
stored movement, a quantity below zero that is no debt, and results of positions that were open.

A sync stores the points of each day, so that a read computes nothing.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal, localcontext

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import from_ms, to_ms
from exchange_cache.ledger.replay import Flow, Place
from exchange_cache.money import EXACT, ZERO, published, to_text
from exchange_cache.portfolio.past import PastReader
from exchange_cache.portfolio.series import RECONSTRUCTED, Worth
from exchange_cache.records import FillKind
from exchange_cache.value.difference import Standing
from exchange_cache.zones import local

#: How far from a moment a price may be.
REACH = timedelta(days=31)
DAY = timedelta(days=1)
#: Increased when points would become others by the same rows.
_RULES = 1
_BEGINNING = datetime(1971, 1, 1, tzinfo=UTC)
#: No account has this name; its value is that of all of them.
_EVERYBODY = "*"
_KEY = "net_worth_past"


def reconstructed(
    past: PastReader,
    repository: ExchangeCacheRepository,
    *,
    accounts: Sequence[str],
    asset: str,
    until: datetime,
    by: str | None = None,
) -> tuple[Worth, ...]:
    """The points of each day before ``until``, oldest first; ``by`` as in ``series``."""
    return _from(_anchor(past, until), past, repository, accounts, asset, until, by)


def _anchor(past: PastReader, until: datetime) -> Standing:
    """The holdings that are taken back: the first that a snapshot shows whole, else the present."""
    return past.observed_from(until) or past.standing_now()


def _end(anchor: Standing) -> datetime:
    """After it no row changes anything."""
    return max(anchor.at, *anchor.times.values()) + timedelta(milliseconds=1)


def _from(
    anchor: Standing,
    past: PastReader,
    repository: ExchangeCacheRepository,
    accounts: Collection[str],
    asset: str,
    until: datetime,
    by: str | None = None,
) -> tuple[Worth, ...]:
    flows = [
        one
        for one in past.recent_flows(_BEGINNING)
        if one.time <= anchor.times.get(one.account, anchor.at)
    ]
    prices = Prices(_sightings(repository, accounts, asset, _end(anchor)))
    with localcontext(EXACT):
        points = list(_backwards(anchor.quantities, flows, prices, asset, until, by))
    return tuple(reversed(points))


def remember_past(
    past: PastReader,
    repository: ExchangeCacheRepository,
    accounts: Sequence[str],
    asset: str,
    now: datetime,
) -> None:
    """Store the points before the first snapshot, unless they are those that are stored."""
    until = first_snapshot(repository, asset, now)
    if until is None:
        return
    anchor = _anchor(past, until)
    made_of = {
        "rules": _RULES,
        "asset": asset,
        "accounts": sorted(accounts),
        "until": to_ms(until),
        "rows": list(repository.derived.known_before(asset, _end(anchor))),
        "changes": repository.ledger.changes(),
    }
    known = _stored(repository)
    if known is not None and known.get("made_of") == made_of:
        return
    points = _from(anchor, past, repository, accounts, asset, until)
    names = sorted({name for one in points for name in one.gaps})
    place = {name: number for number, name in enumerate(names)}
    rows = [
        [to_ms(one.at), to_text(one.value), [place[name] for name in one.gaps]] for one in points
    ]
    kept = {"made_of": made_of, "gaps": names, "points": rows}
    repository.progress.remember(_EVERYBODY, {_KEY: kept}, now)


def remembered_past(
    repository: ExchangeCacheRepository, accounts: Collection[str], asset: str
) -> tuple[Worth, ...] | None:
    """The stored points; None if there are none of these accounts in this asset."""
    known = _stored(repository)
    if known is None or not isinstance(made_of := known["made_of"], Mapping):
        return None
    if made_of.get("asset") != asset or made_of.get("accounts") != sorted(accounts):
        return None
    names, points = known["gaps"], known["points"]
    assert isinstance(names, list) and isinstance(points, list)
    return tuple(
        Worth(
            at=from_ms(at),
            value=Decimal(value),
            parts={},
            gaps=tuple(names[one] for one in gaps),
            source=RECONSTRUCTED,
        )
        for at, value, gaps in points
    )


def first_snapshot(
    repository: ExchangeCacheRepository, asset: str, now: datetime
) -> datetime | None:
    """When the first snapshot was stored; one of the future has a wrong time."""
    until = now + timedelta(milliseconds=1)
    return min((one.at for one in repository.derived.worths(asset, until=until)), default=None)


def thinned(points: Iterable[Worth], every: str) -> tuple[Worth, ...]:
    """The last point of each day, week (from Monday) or month of the screens' zone; a midnight
    there closes the day before."""
    last: dict[tuple[int, ...], Worth] = {}
    for one in points:
        last[_bucket(local(one.at - timedelta(milliseconds=1)), every)] = one
    return tuple(last.values())


def usual_step(points: Sequence[Worth]) -> str:
    """By day, by week from four months on, by month from four years on."""
    span = points[-1].at - points[0].at if points else timedelta()
    return "day" if span < 120 * DAY else "week" if span < 1461 * DAY else "month"


def _bucket(moment: datetime, every: str) -> tuple[int, ...]:
    if every == "month":
        return moment.year, moment.month
    if every == "week":
        return tuple(moment.isocalendar())[:2]
    return (moment.toordinal(),)


def _stored(repository: ExchangeCacheRepository) -> Mapping[str, object] | None:
    known = repository.progress.memory(_EVERYBODY).get(_KEY)
    return known if isinstance(known, Mapping) else None


# --- taking back ----------------------------------------------------------------------------------


def _backwards(
    anchor: Mapping[Place, Decimal],
    flows: Sequence[Flow],
    prices: Prices,
    asset: str,
    until: datetime,
    by: str | None,
) -> Iterator[Worth]:
    """The points from the last midnight before ``until`` to the first movement."""
    if not flows:
        return
    begun: dict[Place, datetime] = {}
    for flow in flows:
        begun.setdefault((flow.account, flow.asset), flow.time)
    held, left = defaultdict(lambda: ZERO, anchor), list(flows)
    moment = (until - timedelta(milliseconds=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    while moment > flows[0].time:
        while left and left[-1].time > moment:
            flow = left.pop()
            held[flow.account, flow.asset] -= flow.quantity
        known = {
            place: quantity
            for place, quantity in held.items()
            if quantity and place in begun and begun[place] <= moment
        }
        yield _valued(known, anchor, prices, asset, moment, by)
        moment -= DAY


def _valued(
    held: Mapping[Place, Decimal],
    anchor: Mapping[Place, Decimal],
    prices: Prices,
    asset: str,
    moment: datetime,
    by: str | None,
) -> Worth:
    parts: dict[str, Decimal] = defaultdict(lambda: ZERO)
    gaps: set[str] = set()
    for (account, held_asset), quantity in held.items():
        if quantity < 0 and anchor.get((account, held_asset), ZERO) >= 0:
            gaps.add(f"{account} {held_asset} history")
            continue
        price = Decimal(1) if held_asset == asset else prices.at(held_asset, moment)
        if price is None:
            gaps.add(f"{held_asset} price")
            continue
        parts[account if by == "account" else held_asset] += quantity * price
    return Worth(
        at=moment,
        value=published(sum(parts.values(), ZERO)),
        parts={name: published(one) for name, one in parts.items()} if by else {},
        gaps=tuple(sorted(gaps)),
        source=RECONSTRUCTED,
    )


# --- prices ---------------------------------------------------------------------------------------

Sighting = tuple[str, datetime, Decimal]


class Prices:
    """The price of an asset at any moment near stored ones."""

    def __init__(self, sightings: Iterable[Sighting]) -> None:
        seen: dict[str, dict[datetime, Decimal]] = defaultdict(dict)
        for asset, at, value in sightings:
            seen[asset][at] = value
        self._seen = {asset: sorted(own.items()) for asset, own in seen.items()}

    def at(self, asset: str, moment: datetime) -> Decimal | None:
        """On the line between the nearest prices within ``REACH``; None without one."""
        seen = self._seen.get(asset, [])
        place = bisect_left(seen, moment, key=lambda one: one[0])
        before = seen[place - 1] if place else None
        after = seen[place] if place < len(seen) else None
        if before is not None and moment - before[0] > REACH:
            before = None
        if after is not None and after[0] - moment > REACH:
            after = None
        if before is None or after is None:
            one = before or after
            return None if one is None else one[1]
        span = Decimal((after[0] - before[0]) // timedelta(milliseconds=1))
        part = Decimal((moment - before[0]) // timedelta(milliseconds=1))
        return before[1] + (after[1] - before[1]) * part / span if span else after[1]


def _sightings(
    repository: ExchangeCacheRepository, accounts: Collection[str], asset: str, end: datetime
) -> Iterator[Sighting]:
    """Candles that open before ``end``, at their ends, and spot trades in the asset itself."""
    for rate in repository.derived.rates(asset, until=end):
        if rate.value is not None:
            yield rate.asset, rate.at + timedelta(seconds=rate.resolution_s), rate.value
    rows = repository.ledger_rows()
    rows = repository.ledger_rows(rows.accounts() - frozenset(accounts))
    for fill in rows.fills(_BEGINNING, end):
        is_trade = fill.category == "spot" and fill.kind is FillKind.TRADE and fill.price > 0
        if is_trade and fill.quote == asset:
            yield fill.base, fill.time, fill.price
