"""The price of an asset in the reporting asset, through cached tickers.

A graph whose edges are spot tickers, usable in both directions; USDT, USDC and USD are separate
assets like any others. An account's own exchange takes precedence (the same code may be another
coin elsewhere). A fresh route precedes a stale one, even over other accounts. Then follow: the
shortest route, where a bridge through an illiquid asset counts as an extra leg, the more liquid
bridges, and the newer prices. One search per account covers all its assets.

A route is stale if one of its legs was fetched longer ago than the time-to-live, or is a last trade
older than a day.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, localcontext
from typing import NamedTuple

from exchange_cache.clock import SKEW, to_ms
from exchange_cache.money import EXACT, published
from exchange_cache.records import Price

#: Assets preferred as bridges, the most liquid first.
HUBS = ("USDT", "USDC", "USD", "BTC", "ETH", "EUR", "BNB")
LONGEST_ROUTE = 4
#: Two accounts whose prices of one asset differ by more than this may mean different assets.
PRICE_CONFLICT = Decimal("0.2")
LAST_TRADE_TTL = timedelta(days=1)

_RANK = {asset: rank for rank, asset in enumerate(HUBS)}


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceQuote:
    """A price with its source: legs such as ``BTC/USDT@main`` from the asset to the reporting
    asset.

    ``as_of`` is that of the oldest leg (None for the reporting asset itself); ``basis`` is last,
    mid or mark, per leg if they differ; ``change_24h`` is a fraction, None if a leg does not report
    its price of 24 hours ago.
    """

    asset: str
    value: Decimal
    route: tuple[str, ...]
    as_of: datetime | None
    basis: str
    stale: bool
    change_24h: Decimal | None


def fresh_values(quotes: Mapping[str, PriceQuote]) -> dict[str, Decimal]:
    """The fresh prices by account."""
    return {account: quote.value for account, quote in quotes.items() if not quote.stale}


def conflicting(quotes: Mapping[str, PriceQuote]) -> bool:
    """Whether the accounts' prices of one asset differ so much that it may be two assets."""
    values = fresh_values(quotes).values()
    return len(values) > 1 and max(values) - min(values) > min(values) * PRICE_CONFLICT


_Ends = frozenset[str]
"""The two assets of a market."""


def _ends(price: Price) -> _Ends:
    return frozenset((price.base, price.quote))


class _Edge(NamedTuple):
    price: Price
    as_of: datetime
    age_order: int
    stale: bool


class _Step(NamedTuple):
    """How the search reached an asset: through which edge, from which nearer asset."""

    edge: _Edge
    nearer: str


#: Smaller is better: length, legs of other accounts, illiquidity of the bridges, age, and then
#: names, so that ties are stable.
_Cost = tuple[int, int, int, int, str, str]
_START: _Cost = (0, 0, 0, 0, "", "")


class PriceGraph:
    """All cached prices as routes. ``exchange_of`` maps accounts to exchanges."""

    def __init__(
        self,
        prices: Iterable[Price],
        *,
        reporting_asset: str,
        now: datetime,
        ttl: timedelta,
        exchange_of: Mapping[str, str] | None = None,
    ) -> None:
        self.reporting_asset = reporting_asset
        self._exchange_of = exchange_of or {}
        self._edges = [edge for price in prices if (edge := _edge(price, now, ttl)) is not None]
        self._any_stale = any(edge.stale for edge in self._edges)
        self._own: dict[str, list[_Edge]] = defaultdict(list)
        for edge in self._edges:
            self._own[edge.price.account].append(edge)
        self._best_edges: dict[tuple[str | None, bool], dict[_Ends, list[_Edge]]] = {}
        self._trees: dict[tuple[str | None, bool], dict[str, _Step]] = {}

    def quote(self, asset: str, account: str | None = None) -> PriceQuote | None:
        """The best price of ``asset`` for ``account`` (None: for any); None without a route."""
        if asset == self.reporting_asset:
            return PriceQuote(
                asset=asset,
                value=Decimal(1),
                route=(),
                as_of=None,
                basis="",
                stale=False,
                change_24h=Decimal(0),
            )
        owners = (None,) if account is None else (account, None)
        for with_stale in (False, True) if self._any_stale else (False,):
            for owner in owners:
                tree = self._tree(owner, with_stale)
                if asset in tree:
                    return self._read(asset, tree)
        return None

    def _tree(self, owner: str | None, with_stale: bool) -> dict[str, _Step]:
        key = (owner, with_stale)
        if key not in self._trees:
            near = self._neighbours(owner, with_stale)
            self._trees[key] = _search(near, self.reporting_asset, owner)
        return self._trees[key]

    def _neighbours(
        self, owner: str | None, with_stale: bool
    ) -> dict[str, list[tuple[str, _Edge]]]:
        near: dict[str, list[tuple[str, _Edge]]] = defaultdict(list)
        home = self._exchange_of.get(owner or "")
        own = self._own.get(owner or "", ()) if owner is not None else ()
        edges = [one for one in own if with_stale or not one.stale]
        if owner is None or home is not None:
            # Between two assets an account's own edge beats those of others, whatever the route.
            ends = {_ends(one.price) for one in edges}
            best = self._best(home, with_stale)
            edges += [one for pair in best.keys() - ends for one in best[pair]]
        for edge in edges:
            near[edge.price.base].append((edge.price.quote, edge))
            near[edge.price.quote].append((edge.price.base, edge))
        return near

    def _best(self, exchange: str | None, with_stale: bool) -> dict[_Ends, list[_Edge]]:
        """The edges of an exchange (None: of all) that a route may take: none that another one
        between the same two assets beats by age and by name, whatever the rest of the route is.
        Thousands of accounts have the same tickers."""
        key = (exchange, with_stale)
        if key not in self._best_edges:
            markets: dict[_Ends, list[_Edge]] = defaultdict(list)
            for edge in self._edges:
                price = edge.price
                if (with_stale or not edge.stale) and (
                    exchange is None or self._exchange_of.get(price.account) == exchange
                ):
                    markets[_ends(price)].append(edge)
            self._best_edges[key] = {ends: [*_unbeaten(own)] for ends, own in markets.items()}
        return self._best_edges[key]

    def _read(self, asset: str, tree: Mapping[str, _Step]) -> PriceQuote:
        legs: list[_Step] = []
        place = asset
        while place != self.reporting_asset:
            legs.append(tree[place])
            place = tree[place].nearer
        prices = [leg.edge.price for leg in legs]
        with localcontext(EXACT):
            value = _product(
                [
                    (price.value, price.quote == leg.nearer)
                    for price, leg in zip(prices, legs, strict=True)
                ]
            )
            before = _product(
                [
                    (price.open_24h, price.quote == leg.nearer)
                    for price, leg in zip(prices, legs, strict=True)
                ]
            )
            assert value is not None
            return PriceQuote(
                asset=asset,
                value=value,
                route=tuple(f"{price.symbol}@{price.account}" for price in prices),
                as_of=min(leg.edge.as_of for leg in legs),
                basis="+".join(dict.fromkeys(price.basis or "" for price in prices)),
                stale=any(leg.edge.stale for leg in legs),
                change_24h=None if before is None else published(value / before - 1),
            )


def _edge(price: Price, now: datetime, ttl: timedelta) -> _Edge | None:
    """The ticker as an edge; None for derivatives and for tickers without a figure."""
    if (
        price.category != "spot"
        or price.base == price.quote
        or ":" in price.symbol
        or price.value is None
    ):
        return None
    as_of = price.fetched_at if price.as_of is None else min(price.as_of, price.fetched_at)
    age = now - price.fetched_at
    stale = age > ttl or age < -SKEW or now - as_of > max(ttl, LAST_TRADE_TTL)
    return _Edge(price, as_of, -to_ms(as_of), stale)


def _unbeaten(edges: Iterable[_Edge]) -> Iterator[_Edge]:
    def names(edge: _Edge) -> tuple[str, str]:
        return edge.price.symbol, edge.price.account

    least: tuple[str, str] | None = None
    for edge in sorted(edges, key=lambda one: (one.age_order, *names(one))):
        if least is None or names(edge) < least:
            least = names(edge)
            yield edge


def _search(
    near: Mapping[str, list[tuple[str, _Edge]]], start: str, owner: str | None
) -> dict[str, _Step]:
    """Dijkstra outwards from the reporting asset: for every reachable asset the first step back."""
    best: dict[str, _Cost] = {start: _START}
    steps: dict[str, _Step] = {}
    done: set[str] = set()
    queue: list[tuple[_Cost, str, int]] = [(_START, start, 0)]
    while queue:
        cost, place, legs = heapq.heappop(queue)
        if place in done:
            continue
        done.add(place)
        if legs == LONGEST_ROUTE:
            continue
        through = 0 if place == start else 1
        rank = _RANK.get(place)
        length = cost[0] + 1 + (through if rank is None else 0)
        illiquid = cost[2] + (through * (len(HUBS) if rank is None else rank))
        for other, edge in near.get(place, ()):
            if other in done:
                continue
            price = edge.price
            foreign = cost[1] + (owner is not None and price.account != owner)
            reached = (
                length,
                foreign,
                illiquid,
                max(cost[3], edge.age_order) if cost[3] else edge.age_order,
                price.symbol,
                price.account,
            )
            if other not in best or reached < best[other]:
                best[other] = reached
                steps[other] = _Step(edge, place)
                heapq.heappush(queue, (reached, other, legs + 1))
    return steps


def _product(legs: Iterable[tuple[Decimal | None, bool]]) -> Decimal | None:
    """The product of the legs, inverse ones as divisors; None if a leg has no figure."""
    above = below = Decimal(1)
    for price, forward in legs:
        if price is None or price <= 0:
            return None
        above, below = (above * price, below) if forward else (above, below * price)
    return above if below == 1 else published(above / below)
