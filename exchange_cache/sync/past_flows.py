"""The movements of a part of the history, without reading the rest.

What a fill of a contract realised follows from the stored state of the contract. Deposits,
withdrawals and converts are read whole, because two rows of them mean something together. An asset
event that no row books changes all that was held, so of its assets every row is read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from decimal import Decimal, localcontext

from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import from_ms, to_ms
from exchange_cache.cost.contracts import Contracts
from exchange_cache.ledger.replay import Flow, flows
from exchange_cache.money import EXACT
from exchange_cache.records import Fill, Transfer
from exchange_cache.sync.derivation import LATEST, Ledger

#: So many rows are read at a time.
WINDOW = 10_000


class PastFlows:
    """The movements of some accounts."""

    def __init__(
        self, repository: ExchangeCacheRepository, ledger: Ledger, accounts: Collection[str]
    ) -> None:
        self._repository, self._ledger = repository, ledger
        self._assets = ledger.inputs.assets
        self._without = repository.ledger_rows().accounts() - frozenset(accounts)
        self._rows = repository.ledger_rows(self._without)
        whole = (*self._rows.ends(), *(self._rows.internal() if self._assets.unread else ()))
        self._ends: tuple[Transfer, ...] = whole

    def between(self, start_ms: int, end_ms: int) -> tuple[Flow, ...]:
        """The movements with ``start_ms`` <= time < ``end_ms``, oldest first."""
        start, end = from_ms(start_ms), from_ms(end_ms)
        fills = [*self._rows.fills(start, end), *self._rows.converts()]
        results = self._results(start_ms, end_ms) if any(map(_is_derivative, fills)) else {}
        transfers = (*self._ends, *self._rows.transfers(start, end))
        found = _within(flows(fills, transfers, self._assets, results), start_ms, end_ms)
        renamed = self.carried(start_ms, end_ms, self._known(start_ms, found))
        if not renamed:
            return tuple(found)
        found = [flow for flow in found if flow.asset not in renamed]
        found += self.of_assets(renamed, start_ms, end_ms)
        return tuple(sorted(found, key=lambda flow: (flow.time, flow.account, flow.asset)))

    def windows(self, start_ms: int, end_ms: int) -> Iterator[tuple[Flow, ...]]:
        """The same, about ``WINDOW`` rows at a time."""
        while (first := self._rows.next_time(start_ms)) is not None and first < end_ms:
            stop = self._rows.time_after(first, WINDOW)
            stop = end_ms if stop is None else min(max(stop, first + 1), end_ms)
            yield self.between(start_ms, stop)
            start_ms = stop
        if start_ms < end_ms:
            yield self.between(start_ms, end_ms)  # what asset events change without a row

    def whole(self, start_ms: int, end_ms: int) -> list[Flow]:
        """The movements of rows that are read whole: deposits, withdrawals and subscriptions."""
        internal = self._ledger.timeline.between_accounts
        rows = [one for one in self._ends if one.kind != "internal" or one.key in internal]
        return _within(flows((), rows, self._assets), start_ms, end_ms)

    def carried(self, start_ms: int, end_ms: int, known: Collection[str] | None) -> frozenset[str]:
        """The assets among the known ones (None: any) that an asset event concerns in a part of the
        history, and those that they come from or go to."""
        carries = self._ledger.timeline.carries
        events = {one.event for one in carries if start_ms <= to_ms(one.time) < end_ms}
        if known is not None:
            events = {one for one in events if one.old in known or one.new in known}
        return self._assets.related({code for one in events for code in (one.old, one.new)})

    def of_assets(self, assets: Collection[str], start_ms: int, end_ms: int) -> list[Flow]:
        """The movements of these assets, from all rows that move them."""
        if not assets:
            return []
        rows = self._repository.ledger_rows(self._without, assets)
        fills = [*rows.fills(from_ms(0), LATEST), *rows.converts()]
        transfers = (*self._ends, *rows.transfers(from_ms(0), LATEST))
        found = _within(flows(fills, transfers, self._assets), start_ms, end_ms)
        return [flow for flow in found if flow.asset in assets]

    def _known(self, start_ms: int, found: Collection[Flow]) -> Collection[str] | None:
        """The assets that any row concerns; None where rows from before are in no state."""
        valid_ms = self._ledger.valid_until()
        first = self._rows.next_time(valid_ms)
        if first is not None and first < start_ms:
            return None
        return {*self._ledger.states.assets(), *(flow.asset for flow in found)}

    # --- contracts --------------------------------------------------------------------------------

    def contracts(self, end_ms: int) -> tuple[Contracts, int]:
        """The contracts at the newest state that holds up to a moment, and when that was (ms)."""
        states = self._ledger.states
        at_ms = self._ledger.position(end_ms).at_ms
        return Contracts(lambda place: states.contract(place, at_ms)), at_ms

    def derivatives(self, start_ms: int, end_ms: int) -> Iterator[Fill]:
        """The fills of contracts and options in a part of the history."""
        return self._rows.derivatives(from_ms(start_ms), from_ms(end_ms))

    def _results(self, start_ms: int, end_ms: int) -> dict[tuple[str, str, str, str], Decimal]:
        contracts, at_ms = self.contracts(start_ms)
        found = {}
        with localcontext(EXACT):
            for fill in self.derivatives(at_ms, end_ms):
                result = contracts.result(fill)
                if to_ms(fill.time) >= start_ms:
                    found[fill.key] = result
        return found


def _is_derivative(fill: Fill) -> bool:
    return fill.is_derivative


def _within(found: Collection[Flow], start_ms: int, end_ms: int) -> list[Flow]:
    return [flow for flow in found if start_ms <= to_ms(flow.time) < end_ms]
