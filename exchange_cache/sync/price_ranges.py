"""The lowest and highest prices of the days in which units of unknown cost came, for the bounds of
an average.

One request per market covers a range: by days, or by weeks where it is longer than a page of days.
A range counts only where candles of one route cover all of it. A route of several legs combines
their lows and their highs, so that its range is never too narrow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal, localcontext

from exchange_cache.cache.derived import Derived
from exchange_cache.cache.stored import PriceRange
from exchange_cache.cost.basis import AssetBasis
from exchange_cache.cost.bounds import Days, days_of
from exchange_cache.errors import ExchangeFault
from exchange_cache.money import EXACT
from exchange_cache.sync.candles import CANDLES_PER_REQUEST, RESOLUTIONS, CandleSource, Resolution
from exchange_cache.sync.rates import ASK_AGAIN
from exchange_cache.value.rate_routes import Route, Routes

_, _DAILY, _WEEKLY = RESOLUTIONS


def needed_ranges(bases: Iterable[AssetBasis], reporting_asset: str) -> set[tuple[str, Days]]:
    """The days of every unknown part of every cost."""
    return {
        (basis.asset, days)
        for basis in bases
        if basis.unknown_quantity and basis.asset != reporting_asset
        for reason in basis.unknown_reasons
        if (days := days_of(reason)) is not None
    }


def open_ranges(
    derived: Derived, needed: Iterable[tuple[str, Days]], quote: str, now: datetime
) -> list[tuple[str, Days]]:
    """Those to request: never requested, requested before their last day was over, or unserved and
    not requested for a while."""
    stored = {(one.asset, (one.since, one.until)): (one, at) for one, at in derived.ranges(quote)}

    def is_settled(key: tuple[str, Days]) -> bool:
        if key not in stored:
            return False
        known, asked = stored[key]
        if asked < known.until <= now:
            return False
        return known.low is not None or now - asked < ASK_AGAIN

    return sorted(key for key in needed if not is_settled(key))


def ranges_of(
    source: CandleSource,
    requested: Sequence[tuple[str, Days]],
    quote: str,
    tick: Callable[[str, int, int], None] = lambda asset, number, total: None,
) -> Iterator[PriceRange]:
    """Each range as it is fetched; one that a failure leaves open is left out. ``tick`` is called
    before each, with its asset, its number and that of all."""
    routes = Routes(source.listings, quote)
    for number, (asset, days) in enumerate(requested, start=1):
        tick(asset, number, len(requested))
        if (found := _range(source, routes.of(asset), asset, quote, days)) is not None:
            yield found


def _range(
    source: CandleSource, routes: Iterable[Route], asset: str, quote: str, days: Days
) -> PriceRange | None:
    since, until = days
    resolution = _DAILY if (until - since).days <= CANDLES_PER_REQUEST else _WEEKLY
    is_unsure = source.blind
    for route in routes:
        try:
            found = _of_route(source, route, days, resolution)
        except ExchangeFault:
            is_unsure = True
            continue
        if found is not None:
            return _made(asset, quote, days, found, route.names)
    return None if is_unsure else _made(asset, quote, days, (None, None), ())


def _made(
    asset: str,
    quote: str,
    days: Days,
    prices: tuple[Decimal | None, Decimal | None],
    route: tuple[str, ...],
) -> PriceRange:
    low, high = prices
    since, until = days
    return PriceRange(
        asset=asset, quote=quote, since=since, until=until, low=low, high=high, route=route
    )


def _of_route(
    source: CandleSource, route: Route, days: Days, resolution: Resolution
) -> tuple[Decimal, Decimal] | None:
    low = high = Decimal(1)
    for leg in route.legs:
        found = source.low_high(leg, *days, resolution)
        if found is None:
            return None
        with localcontext(EXACT):
            if leg.inverse:
                low, high = low / found[1], high / found[0]
            else:
                low, high = low * found[0], high * found[1]
    return low, high
