"""The exposure of every contract while fills are applied, from any state on."""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal

from exchange_cache.cost.derivatives import DerivativeBasis, answers, deliveries
from exchange_cache.ledger.results import SymbolExposure, is_inverse
from exchange_cache.records import Fill, Side, Transfer

#: Account, category and symbol.
Place = tuple[str, str, str]


@dataclass(slots=True, eq=False)
class Contract:
    """One symbol of one account. Whether an account trades it hedged is not stated by its fills, so
    both readings are kept: ``one_way`` decides results, and positions show the one that applies."""

    settle: str
    inverse: bool
    one_way: SymbolExposure
    hedged: SymbolExposure


class Contracts:
    """All contracts; ``changed`` are those that fills changed since they were last stored."""

    def __init__(self, load: Callable[[Place], Contract | None] = lambda place: None) -> None:
        self._load = load
        self.known: dict[Place, Contract] = {}
        self.changed: dict[Place, Contract] = {}

    def result(self, fill: Fill) -> Decimal:
        """Apply a fill; what it realised in the settle asset, before fees: as reported, or else
        computed. An option's is the premium that moved, whatever is reported."""
        if fill.category == "option":
            return fill.cost if fill.side is Side.SELL else -fill.cost
        contract = self._of(fill)
        computed = contract.one_way.apply(fill)
        contract.hedged.apply(fill)
        return computed if fill.realised_pnl is None else fill.realised_pnl

    def _of(self, fill: Fill) -> Contract:
        place = (fill.account, fill.category, fill.symbol)
        contract = self.known.get(place) or self._load(place)
        if contract is None:
            settle, inverse = fill.settle or fill.quote, is_inverse(fill)
            contract = Contract(settle, inverse, SymbolExposure(False), SymbolExposure(True))
        self.known[place] = self.changed[place] = contract
        return contract

    def bases(
        self,
        places: Iterable[Place],
        hedged: Collection[tuple[str, str]],
        settlements: Iterable[Transfer] = (),
    ) -> tuple[DerivativeBasis, ...]:
        """The position of every contract; ``hedged``: (account, symbol) with two sides.
        ``settlements`` close dated contracts that have expired."""
        found: list[DerivativeBasis] = []
        delivered = deliveries(settlements)
        for place in sorted({*places, *self.known}):
            contract = self.known.get(place) or self._load(place)
            if contract is None:
                continue
            account, _, symbol = place
            exposure = contract.hedged if (account, symbol) in hedged else contract.one_way
            own = [one for one in delivered if (one.account, one.symbol) == (account, symbol)]
            exposure = copy.deepcopy(exposure) if own else exposure
            for one in own:
                exposure.deliver(one.quantity, one.time)
            found += answers(exposure, place, contract.settle, contract.inverse)
        return tuple(found)
