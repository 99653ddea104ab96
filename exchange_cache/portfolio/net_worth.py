"""Net worth before the first snapshot, reconstructed from stored fills, transfers and past prices.

The holdings of the first snapshot are taken back movement by movement. Each midnight (UTC) is
valued at stored prices only: that on the straight line between the last price before it and the
first one after it, each at most ``REACH`` away, else the one of them that is. What has no such
price is in no total and named, and so is what the ledger cannot know: a holding before its first
stored movement, a quantity below zero that is no debt, and results of positions that were open.

A sync stores the points of each day, so that a read computes nothing, and the days that they are
made of (``past_days``) for other questions.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, localcontext

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import from_ms, to_ms
from exchange_cache.ledger.replay import Place
from exchange_cache.money import EXACT, ZERO, published, to_text
from exchange_cache.portfolio.past import PastReader
from exchange_cache.portfolio.past_days import (
    Days,
    days_from,
    days_in,
    held_at,
    midnights,
)
from exchange_cache.portfolio.series import RECONSTRUCTED, Worth
from exchange_cache.value.difference import Standing
from exchange_cache.zones import local

#: How far from a moment a price may be.
REACH = timedelta(days=31)
DAY = timedelta(days=1)
#: Increased when points would become others by the same rows.
_RULES = 2
#: No account has this name; its value is that of all of them.
_EVERYBODY = "*"
_KEY, _DAYS = "net_worth_past", "net_worth_days"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Midnights since ``since`` and before ``end``, thinned to ``every`` (None: as usual)."""

    since: datetime | None = None
    end: datetime | None = None
    every: str | None = "day"

    def of(self, moments: Iterable[datetime]) -> list[datetime]:
        """Those that are selected."""
        found = [
            one
            for one in moments
            if (self.end is None or one < self.end) and (self.since is None or one >= self.since)
        ]
        span = found[-1] - found[0] if found else timedelta()
        every = self.every or _step(span)
        return list(
            {_bucket(one - timedelta(milliseconds=1), every): one for one in found}.values()
        )


def reconstructed(
    days: Days,
    *,
    accounts: Collection[str],
    asset: str,
    until: datetime,
    by: str | None = None,
    selection: Selection | None = None,
) -> tuple[Worth, ...]:
    """The points before ``until``, oldest first; ``by`` as in ``series``."""
    moments = (selection or Selection()).of(midnights(days.first_ms, until))
    prices = Prices(days.sightings())
    points = []
    with localcontext(EXACT):
        for moment, held in held_at(days, moments, accounts):
            points.append(_valued(held, days.anchor, prices, asset, moment, by))
    return tuple(reversed(points))


def days_before(
    past: PastReader,
    repository: ExchangeCacheRepository,
    accounts: Collection[str],
    asset: str,
    until: datetime,
) -> Days:
    """The days before ``until``, from all rows."""
    days = days_from(_anchor(past, until))
    _read(days, past, repository, accounts, asset, 0)
    return days


def _read(
    days: Days,
    past: PastReader,
    repository: ExchangeCacheRepository,
    accounts: Collection[str],
    asset: str,
    start_ms: int,
) -> None:
    """Read the day of a moment and all after it again."""
    start_ms = days.forget_from(start_ms)
    for flows in past.windows(from_ms(start_ms + 1 if start_ms else 0), from_ms(days.end_ms())):
        days.add_flows(flows)
    days.read_prices(repository, accounts, asset, start_ms)


def _anchor(past: PastReader, until: datetime) -> Standing:
    """The holdings that are taken back: the first that a snapshot shows whole, else the present."""
    return past.observed_from(until) or past.standing_now()


def remember_past(
    past: PastReader,
    repository: ExchangeCacheRepository,
    accounts: Sequence[str],
    asset: str,
    now: datetime,
) -> None:
    """Store the points before the first snapshot, unless they are those that are stored. Only the
    days that rows have changed since are read again."""
    until = first_snapshot(repository, asset, now)
    if until is None:
        return
    observed = past.observed_from(until)
    made_of = {
        "rules": _RULES,
        "asset": asset,
        "accounts": sorted(accounts),
        "ignored": past.ignored(),
        "until": to_ms(until),
        "anchor": None if observed is None else to_ms(observed.at),
    }
    start_ms = _changed_from(repository, made_of)
    if start_ms is None:
        return
    days = days_from(observed or past.standing_now())
    known = repository.progress.recalled(_EVERYBODY, _DAYS) if start_ms else None
    if isinstance(known, Mapping):
        older = days_in(known)
        days.moves, days.seen, days.first_ms = older.moves, older.seen, older.first_ms
        start_ms = min(start_ms, older.begin_ms(), days.begin_ms())
    else:
        start_ms = 0
    _read(days, past, repository, accounts, asset, start_ms)
    points = reconstructed(days, accounts=accounts, asset=asset, until=until)
    names = sorted({name for one in points for name in one.gaps})
    place = {name: number for number, name in enumerate(names)}
    rows = [
        [to_ms(one.at), to_text(one.value), [place[name] for name in one.gaps]] for one in points
    ]
    progress = repository.cost_states(asset).progress()
    settled_ms = min(days.end_ms(), 0 if progress is None else progress.valid_ms)
    kept = {
        "made_of": made_of,
        "settled": settled_ms,
        "end": days.end_ms(),
        "rest": list(repository.derived.known_between(asset, settled_ms, days.end_ms())),
        "gaps": names,
        "points": rows,
    }
    repository.progress.remember(_EVERYBODY, {_KEY: kept, _DAYS: days.document()}, now)
    repository.forget_costs_cut()


def _changed_from(repository: ExchangeCacheRepository, made_of: Mapping[str, object]) -> int | None:
    """The moment (ms) from which rows are others than those of the stored points; None if all are
    the same. Rows before the states of cost were derived are known to be the same by where these
    were cut back to, those after them by their number."""
    known = _stored(repository)
    if known is None or known["made_of"] != made_of:
        return 0
    settled, end, asset = known["settled"], known["end"], str(made_of["asset"])
    assert isinstance(settled, int) and isinstance(end, int)
    cut = repository.costs_cut()
    if cut is not None and cut < end:
        return min(cut, settled)
    rest = list(repository.derived.known_between(asset, settled, end))
    return None if rest == known["rest"] else settled


def remembered_days(
    repository: ExchangeCacheRepository, accounts: Collection[str], asset: str
) -> Days | None:
    """The stored days; None if there are none of these accounts in this asset."""
    known = _stored(repository)
    if known is None or not isinstance(made_of := known["made_of"], Mapping):
        return None
    if made_of.get("asset") != asset or not set(accounts) <= set(made_of.get("accounts", ())):
        return None
    days = repository.progress.recalled(_EVERYBODY, _DAYS)
    return days_in(days) if isinstance(days, Mapping) else None


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
    return _step(points[-1].at - points[0].at if points else timedelta())


def _step(span: timedelta) -> str:
    return "day" if span < 120 * DAY else "week" if span < 1461 * DAY else "month"


def _bucket(moment: datetime, every: str) -> tuple[int, ...]:
    if every == "month":
        return moment.year, moment.month
    if every == "week":
        return tuple(moment.isocalendar())[:2]
    return (moment.toordinal(),)


def _stored(repository: ExchangeCacheRepository) -> Mapping[str, object] | None:
    known = repository.progress.recalled(_EVERYBODY, _KEY)
    return known if isinstance(known, Mapping) else None


# --- valuing --------------------------------------------------------------------------------------


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
