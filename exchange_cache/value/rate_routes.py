"""Which markets convert an asset to the reporting asset, in an order that is the same in every run.

A leg is one market of one account's exchange; a route is one leg, two over a bridge, or three over
two currencies (dollars, their stablecoins, euros), each at its market price. Direct markets precede
bridges, and one bridge precedes two; equal routes keep the order of the accounts. The order depends
on the accounts and their listings, never on the order of requests, so splitting a sync into several
runs gives the same rates. Pure: ``sync.rates`` makes the requests, this module only decides.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count, pairwise, takewhile

#: Assets that a route may use as a bridge, the best first.
BRIDGES = ("USDT", "USDC", "USD", "EUR", "BTC", "ETH", "BNB")
#: Those of which a route may cross two, on one exchange.
PEERS = ("USDT", "USDC", "USD", "EUR")
_DIRECT = -1
#: The pairs of peers, in order after the single bridges.
_PAIRS = tuple((one, other) for one in PEERS for other in PEERS if one != other)


@dataclass(frozen=True, slots=True)
class Leg:
    """One market that converts ``base`` to ``quote`` (inverse: by division)."""

    account: str
    symbol: str
    inverse: bool

    @property
    def name(self) -> str:
        return f"{self.symbol}@{self.account}"


#: Smaller is better: the bridge, then account and direction of each leg.
_Place = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Route:
    """One to three legs; ``place`` orders the routes of an asset."""

    place: _Place
    legs: tuple[Leg, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(leg.name for leg in self.legs)


class Routes:
    """All routes over the accounts' listings.

    ``listings``: symbols by account, the preferred account first.
    """

    def __init__(self, listings: Mapping[str, Collection[str]], reporting_asset: str) -> None:
        self._listings = listings
        self._reporting = reporting_asset
        self._ranks = {account: rank for rank, account in enumerate(listings)}
        #: The routes that were asked for, and those behind them, which are made one by one: over
        #: two markets there are as many as pairs of accounts.
        self._known: dict[str, tuple[list[Route], Iterator[Route]]] = {}

    def of(self, asset: str) -> Iterator[Route]:
        """Every route of an asset, the best first."""
        made, rest = self._known.setdefault(asset, ([], self._made(asset)))
        for number in count():
            if number == len(made):
                if (route := next(rest, None)) is None:
                    return
                made.append(route)
            yield made[number]

    def better(self, asset: str, names: tuple[str, ...]) -> Iterator[Route]:
        """The routes that precede a known one.

        None precedes a route of an account that is no longer selected: its prices stay.
        """
        place = self._place(asset, names)
        if place is None:
            return iter(())
        return takewhile(lambda route: route.place < place, self.of(asset))

    def _made(self, asset: str) -> Iterator[Route]:
        """The routes in the order of their places."""
        for leg in self._legs(asset, self._reporting):
            yield self._route(_DIRECT, leg)
        for number, bridge in enumerate(BRIDGES):
            if bridge not in (asset, self._reporting):
                seconds = tuple(self._legs(bridge, self._reporting))
                for first in self._legs(asset, bridge):
                    yield from (self._route(number, first, second) for second in seconds)
        for number, pair in enumerate(_PAIRS, len(BRIDGES)):
            if not {asset, self._reporting} & set(pair):
                for account in self._listings:
                    yield from self._over_two(number, account, (asset, *pair, self._reporting))

    def _over_two(self, number: int, account: str, path: tuple[str, ...]) -> Iterator[Route]:
        """The route over two peers, all of it on one account's exchange."""
        legs = [next(self._legs(*pair, (account,)), None) for pair in pairwise(path)]
        known = tuple(leg for leg in legs if leg is not None)
        if len(known) == len(legs):
            yield self._route(number, *known)

    def _route(self, bridge: int, *legs: Leg) -> Route:
        return Route(
            ((bridge,), *((self._ranks[leg.account], int(leg.inverse)) for leg in legs)), legs
        )

    def _legs(self, base: str, quote: str, accounts: Iterable[str] | None = None) -> Iterator[Leg]:
        for account in self._listings if accounts is None else accounts:
            listed = self._listings[account]
            for symbol, inverse in ((f"{base}/{quote}", False), (f"{quote}/{base}", True)):
                if symbol in listed:
                    yield Leg(account, symbol, inverse)

    def _place(self, asset: str, names: tuple[str, ...]) -> _Place | None:
        """The place of a stored route, even if its market is no longer listed."""
        legs: list[Leg] = []
        base = asset
        for name in names:
            symbol, _, account = name.rpartition("@")
            first, _, second = symbol.partition("/")
            legs.append(Leg(account, symbol, base == second))
            base = first if base == second else second
        bridge = _between(legs)
        if bridge is None or any(leg.account not in self._ranks for leg in legs):
            return None
        return self._route(bridge, *legs).place


def _between(legs: list[Leg]) -> int | None:
    """The number of the bridge that a stored route uses, or of its two peers; None if it is one no
    longer."""
    if len(legs) == 1:
        return _DIRECT
    crossed: list[str] = []
    for leg in legs[:-1]:
        base, _, quote = leg.symbol.partition("/")
        crossed.append(base if leg.inverse else quote)
    if len(crossed) == 1 and crossed[0] in BRIDGES:
        return BRIDGES.index(crossed[0])
    pair = (crossed[0], crossed[-1]) if len(crossed) == 2 else ("", "")
    return len(BRIDGES) + _PAIRS.index(pair) if pair in _PAIRS else None


def useful(listed: Collection[str], assets: Iterable[str], reporting_asset: str) -> list[str]:
    """The listed symbols that can be a leg for any of these assets, sorted."""
    ends = (reporting_asset, *BRIDGES)
    bases = {*assets, *ends}
    pairs = ((base, end) for base in bases for end in ends if base != end)
    return sorted(
        {
            symbol
            for one, other in pairs
            for symbol in (f"{one}/{other}", f"{other}/{one}")
            if symbol in listed
        }
    )
