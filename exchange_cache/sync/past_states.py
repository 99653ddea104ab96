"""What the stored states of cost show of earlier moments: costs, contracts and holdings.

Each continues in memory from the nearest state before the moment, so that what it takes does not
depend on the length of the history. Nothing is stored.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal, localcontext
from functools import cached_property

from exchange_cache.cache.filter import Filter
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import from_ms, to_ms
from exchange_cache.cost.basis import AssetBasis, Method
from exchange_cache.cost.derivatives import DerivativeBasis
from exchange_cache.cost.fold import POOL, Fold
from exchange_cache.cost.player import Player
from exchange_cache.ledger import events as le
from exchange_cache.ledger.events import LedgerEvent
from exchange_cache.ledger.replay import Flow, Place
from exchange_cache.money import EXACT, ZERO
from exchange_cache.records import TransferKind
from exchange_cache.sync.costs import CostSettings, ledger_of
from exchange_cache.sync.derivation import Ledger
from exchange_cache.sync.past_flows import PastFlows

Quantities = dict[Place, Decimal]


class PastStates:
    """The earlier moments of some accounts; use it within one snapshot of the repository."""

    def __init__(
        self,
        repository: ExchangeCacheRepository,
        settings: CostSettings,
        accounts: Collection[str],
    ) -> None:
        self._repository, self._settings = repository, settings
        self._accounts = frozenset(accounts)

    def forget(self) -> None:
        """Read what is stored again."""
        for name in ("_ledger", "_flows"):
            self.__dict__.pop(name, None)

    def costs(self, moment: datetime) -> tuple[AssetBasis, ...]:
        """Every cost by the events up to a moment, with today's knowledge."""
        player = self._ledger.played((Method(self._settings.method),), until=from_ms(_end(moment)))
        return tuple(self._ledger.bases(player))

    def contracts(
        self, moment: datetime, hedged: Collection[tuple[str, str]]
    ) -> tuple[DerivativeBasis, ...]:
        """Every contract by the fills up to a moment, and the settlements before it."""
        contracts, start_ms = self._flows.contracts(_end(moment))
        settled = self._repository.ledger.transfers(
            Filter(accounts=self._accounts, until=moment, kind=TransferKind.SETTLEMENT)
        )
        with localcontext(EXACT):
            for fill in self._flows.derivatives(start_ms, _end(moment)):
                contracts.result(fill)
            found = contracts.bases(self._ledger.states.contract_places(), hedged, settled)
        return tuple(one for one in found if one.account in self._accounts)

    def flows(self, since: datetime, until: datetime) -> tuple[Flow, ...]:
        """The movements from one moment to another, oldest first."""
        return self._flows.between(to_ms(since), _end(until))

    def windows(self, since: datetime, until: datetime) -> Iterator[tuple[Flow, ...]]:
        """The same, some rows at a time."""
        return self._flows.windows(to_ms(since), _end(until))

    def moved(self, moment: datetime, times: Mapping[str, datetime]) -> Quantities:
        """What the movements after a moment added, by account until its own time; what is before
        the moment counts against it."""
        start = _end(moment)
        accounts: dict[int, set[str]] = defaultdict(set)
        for account, time in times.items():
            accounts[_end(time)].add(account)
        held = self._held(sorted({start, *accounts}))
        found: Quantities = {}
        with localcontext(EXACT):
            for end, own in accounts.items():
                moved = self._difference(held, min(start, end), max(start, end))
                sign = 1 if end >= start else -1
                found |= {place: sign * one for place, one in moved.items() if place[0] in own}
        return {place: quantity for place, quantity in found.items() if quantity}

    @cached_property
    def _ledger(self) -> Ledger:
        return ledger_of(self._repository, self._settings)

    @cached_property
    def _flows(self) -> PastFlows:
        return PastFlows(self._repository, self._ledger, self._accounts)

    # --- holdings ---------------------------------------------------------------------------------

    def _held(self, ends: Iterable[int]) -> dict[int, Quantities]:
        """What events add up to before each of these moments (ms), which grow."""
        found: dict[int, Quantities] = {}
        player: Player | None = None
        at_ms = 0
        for end_ms in ends:
            if player is None or self._ledger.position(end_ms).at_ms > at_ms:
                player = self._ledger.played((Method.AVERAGE,), until=from_ms(end_ms))
            else:
                player.play(from_ms(at_ms), from_ms(end_ms))
            at_ms = end_ms
            found[end_ms] = dict(_quantities(player.fold, self._ledger.states.assets()))
        return found

    def _difference(self, held: Mapping[int, Quantities], start: int, end: int) -> Quantities:
        """What movements added from one moment to another (ms): the difference of what events add
        up to, where a row is an event of its own."""
        found: Quantities = defaultdict(lambda: ZERO)
        for sign, quantities in ((-1, held[start]), (1, held[end])):
            for place, quantity in quantities.items():
                found[place] += sign * quantity
        for event in self._ledger.timeline.whole(from_ms(start), from_ms(end)):
            for place, quantity in changes(event):
                found[place] -= quantity
        renamed = self._flows.carried(start, end, {asset for _, asset in found})
        found = defaultdict(
            lambda: ZERO, {at: one for at, one in found.items() if at[1] not in renamed}
        )
        own = (flow for flow in self._flows.whole(start, end) if flow.asset not in renamed)
        for flow in (*own, *self._flows.of_assets(renamed, start, end)):
            found[flow.account, flow.asset] += flow.quantity
        return found


def _end(moment: datetime) -> int:
    """The first millisecond after a moment: what happened then is included."""
    return to_ms(moment) + 1


def _quantities(fold: Fold, assets: Iterable[str]) -> Iterator[tuple[Place, Decimal]]:
    with localcontext(EXACT):
        for asset in assets:
            fold.known(POOL, asset)
        for (account, asset), holding in fold.holdings.items():
            if account != POOL:
                yield (account, asset), holding.states[0].quantity


def changes(event: LedgerEvent) -> Iterator[tuple[Place, Decimal]]:
    """What the legs of an event add to each account."""
    for leg in event.legs:
        if leg.flow == le.MOVE:
            yield (event.account, leg.asset), -leg.quantity
            yield (event.to_account or "", leg.asset), leg.quantity
        elif leg.flow != le.LENT:
            yield ((leg.there and event.to_account) or event.account, leg.asset), leg.quantity
