"""Which markets convert an asset to the reporting asset, in an order that is the same in every run.

A leg is one market of one account's exchange; a route is one leg, or two over a bridge. Direct
markets precede bridges; equal routes keep the order of the accounts. The order depends on the
accounts and their listings, never on the order of requests, so splitting a sync into several runs
gives the same rates. Pure: ``sync.rates`` makes the requests, this module only decides.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile

#: Assets that a route may use as a bridge, the best first.
BRIDGES = ("USDT", "USDC", "USD", "EUR", "BTC", "ETH", "BNB")
_DIRECT = -1


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
    """One or two legs; ``place`` orders the routes of an asset."""

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
        self._known: dict[str, tuple[Route, ...]] = {}

    def of(self, asset: str) -> tuple[Route, ...]:
        """Every route of an asset, the best first."""
        if asset not in self._known:
            self._known[asset] = tuple(sorted(self._made(asset), key=lambda route: route.place))
        return self._known[asset]

    def better(self, asset: str, names: tuple[str, ...]) -> tuple[Route, ...]:
        """The routes that precede a known one.

        None precedes a route of an account that is no longer selected: its prices stay.
        """
        place = self._place(asset, names)
        return (
            ()
            if place is None
            else tuple(takewhile(lambda route: route.place < place, self.of(asset)))
        )

    def _made(self, asset: str) -> Iterator[Route]:
        for leg in self._legs(asset, self._reporting):
            yield self._route(_DIRECT, leg)
        for number, bridge in enumerate(BRIDGES):
            if bridge not in (asset, self._reporting):
                seconds = tuple(self._legs(bridge, self._reporting))
                for first in self._legs(asset, bridge):
                    yield from (self._route(number, first, second) for second in seconds)

    def _route(self, bridge: int, *legs: Leg) -> Route:
        return Route(
            ((bridge,), *((self._ranks[leg.account], int(leg.inverse)) for leg in legs)), legs
        )

    def _legs(self, base: str, quote: str) -> Iterator[Leg]:
        for account, listed in self._listings.items():
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
        bridge = _between(asset, legs)
        if bridge is None or any(leg.account not in self._ranks for leg in legs):
            return None
        return self._route(bridge, *legs).place


def _between(asset: str, legs: list[Leg]) -> int | None:
    """The number of the bridge that a stored route uses; None if it is no longer a bridge."""
    if len(legs) == 1:
        return _DIRECT
    crossed = [end for end in legs[0].symbol.split("/") if end != asset] if legs else []
    return BRIDGES.index(crossed[0]) if crossed and crossed[0] in BRIDGES else None


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
