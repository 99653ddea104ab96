"""Derives the cost of the ledger in steps, from the newest state that still holds.

Each step reads a window of rows, applies its events and stores the states behind them, in one
transaction: what is interrupted goes on where it stopped. Rows that are added, changed or removed
before the newest state lower the moment up to which the states hold (triggers of the cache do);
what takes more than one row to know is compared with what it was. Readers continue in memory and
store nothing.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from decimal import Decimal, localcontext
from functools import partial

from exchange_cache.cache.cost_position import Position
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.clock import from_ms, to_ms
from exchange_cache.cost.averages import state_findings
from exchange_cache.cost.basis import AssetBasis, Method
from exchange_cache.cost.contracts import Contracts
from exchange_cache.cost.derivatives import DerivativeBasis
from exchange_cache.cost.fold import POOL, Fold, FoldSettings, Holding
from exchange_cache.cost.player import Player
from exchange_cache.findings import Finding
from exchange_cache.ledger.events import LedgerEvent
from exchange_cache.ledger.timeline import Timeline
from exchange_cache.money import EXACT, FIAT, to_text
from exchange_cache.sync.late_rows import LateRows
from exchange_cache.sync.ledger_inputs import Inputs
from exchange_cache.sync.links import links_of

#: A position stays after so many rows.
STEP = 2500
#: Late rows make a window longer, up to so many times.
_LONG = 4
#: After every row.
LATEST = datetime(9000, 1, 1, tzinfo=UTC)
METHODS = tuple(Method)


class Ledger:
    """The ledger of a cache as states that can be continued from."""

    def __init__(
        self,
        repository: ExchangeCacheRepository,
        inputs: Inputs,
        *,
        only: Collection[str] | None = None,
    ) -> None:
        self.inputs, self._only = inputs, only
        self.cash = FIAT
        self.states = repository.cost_states(inputs.reporting_asset)
        self._rows_of = partial(repository.ledger_rows, inputs.without)
        self._rows = self._rows_of(None if only is None else self.read_for(only))
        self.timeline = inputs.timeline(self._rows)
        self._links = frozenset(links_of(self.timeline))
        self._settings = inputs.fixed(self.timeline.accounts)

    # --- where the states still hold --------------------------------------------------------------

    def valid_until(self) -> int:
        """The moment (ms) up to which the stored states hold; 0 if nothing of them does."""
        progress = self.states.progress()
        if progress is None or not self._is_as_derived(progress.settings):
            return 0
        changed = self.states.late.links() ^ self._links
        return min([progress.valid_ms, *(one.at_ms for one in changed)])

    def _is_as_derived(self, text: str) -> bool:
        """Whether the settings are those of the states; dust limits count of assets that have
        any."""
        known = json.loads(text)
        if known["fixed"] != self._settings:
            return False
        ours = _texts(self.inputs.dust)
        return all(known["dust"].get(one) == ours.get(one) for one in self.states.assets())

    # --- deriving ---------------------------------------------------------------------------------

    def bring_up_to_date(self) -> Player:
        """Derive and store the states of all rows; the player behind the newest of them."""
        late = LateRows(self, self.inputs.assets, self.inputs.reporting_asset)
        with self.states.write():
            self._begin(late)
        late.apply()
        position = self.states.newest()
        player = self._player(METHODS, position, live=True)
        while (end := self._end(position)) is not None:
            with self.states.write():
                progress = self.states.progress()
                if progress is None or progress.valid_ms != position.at_ms:
                    return self.bring_up_to_date()  # a row from before was changed meanwhile
                position = self._step(player, position, *end)
        self.inputs.rates.missing |= self.states.unrated()
        return player

    def _begin(self, late: LateRows) -> None:
        """Note what changed before the newest states."""
        states, valid_ms = self.states, self.valid_until()
        known = states.late.links()
        if valid_ms < states.newest().at_ms:
            states.note_cut(valid_ms)
        if self._is_known():
            late.note(valid_ms, known ^ self._links)
        else:
            settings = json.dumps({"fixed": self._settings, "dust": _texts(self.inputs.dust)})
            states.begin_again(settings)
            known = frozenset()
        states.late.change_links(known - self._links, self._links - known)

    def _is_known(self) -> bool:
        """Whether there are states, derived with these settings."""
        progress = self.states.progress()
        return progress is not None and self._is_as_derived(progress.settings)

    def _end(self, position: Position) -> tuple[int, bool] | None:
        """The end of the next window, and whether the position there stays, as it does after
        ``STEP`` rows; None after all rows."""
        first, last = self._rows.next_time(position.at_ms), self._rows.last_time()
        if first is None or last is None:
            return None
        left = max(1, STEP - (position.events - self.states.last_kept().events))
        full = self._rows.time_after(first, left)
        if full is None:
            return last + 1, False
        return max(full, first + 1), True

    def _step(self, player: Player, position: Position, end_ms: int, kept: bool) -> Position:
        player.play(from_ms(position.at_ms), from_ms(end_ms))
        now = Position(
            at_ms=end_ms,
            kept=kept,
            events=player.events,
            last_event=None if player.last is None else player.last.time,
            last_order=player.order,
        )
        self.note_unrated()
        changed = player.contracts.changed
        self.states.store(player.fold, changed, position, now)
        changed.clear()
        return now

    def note_unrated(self) -> None:
        self.states.add_unrated(self.inputs.rates.missing)

    def play_rest(self, player: Player) -> frozenset[str]:
        """Play what happens after all rows (a rename to come); the assets that it changes."""
        player.play(from_ms(self.states.newest().at_ms), LATEST)
        holdings = player.fold.holdings.values()
        return frozenset(holding.asset for holding in holdings if holding.changed)

    def answer(self, player: Player, rest: frozenset[str], now: datetime) -> None:
        """Store the cost of every asset whose state changed, and of those in ``rest``. The states
        of the player, which is behind everything, cannot be used afterwards."""
        fold = player.fold
        stale = frozenset(self.states.unanswered()) | rest
        for asset in stale:
            fold.known(POOL, asset)
        own = [holding for holding in fold.holdings.values() if holding.asset in stale]
        dust = {one.asset for one in own if any(state.has_dust() for state in one.states)}
        bases = [basis for holding in own for basis in self._finished(player, holding)]
        with self.states.write():
            self.states.save_bases(stale, bases, now)
            self.states.set_unanswered(rest | dust)

    def findings(self, player: Player, method: Method) -> tuple[Finding, ...]:
        """What the states of all accounts show to be missing from their history."""
        for asset in self.states.assets():
            player.fold.known(POOL, asset)
        return tuple(state_findings(player.fold.accounts_states(method)))

    def contracts(
        self, player: Player, hedged: Collection[tuple[str, str]]
    ) -> tuple[DerivativeBasis, ...]:
        """Every contract behind the player."""
        with localcontext(EXACT):
            return player.contracts.bases(self.states.contract_places(), hedged)

    # --- some assets (``late_rows``) --------------------------------------------------------------

    def read_for(self, codes: Collection[str]) -> frozenset[str]:
        """The codes whose rows the events of these need: what a fill of a contract realises, beside
        a fee in one of them, follows from the fills before."""
        if not codes or not self.states.contract_places():
            return frozenset(codes)
        return frozenset(codes) | self.states.late.settled_in(codes, 0)

    def is_apart(self) -> bool:
        """Whether the reporting asset is part of an asset event."""
        return self.inputs.apart()

    def narrow(self, codes: frozenset[str]) -> Timeline:
        """The events of these codes alone."""
        return self.timeline.of_codes(self._rows_of(codes), codes)

    def player_of(self, position: Position, only: Collection[str], *, live: bool) -> Player:
        """The states of these assets at a position."""
        return self._player(METHODS, position, live=live, only=only)

    def is_long(self, start_ms: int, end_ms: int) -> bool:
        """Whether a window has several times as many rows as it should."""
        end = self._rows.time_after(start_ms, _LONG * STEP)
        return end is not None and end < end_ms

    # --- reading ----------------------------------------------------------------------------------

    def is_current(self) -> bool:
        """Whether the stored costs are those of all rows."""
        newest = self.states.newest().at_ms
        return self.valid_until() == newest > 0 and self._rows.next_time(newest) is None

    def position(self, until_ms: int) -> Position:
        """The newest position up to a moment (ms) at which the states hold."""
        return self.states.position(min(self.valid_until(), until_ms))

    def played(
        self,
        methods: tuple[Method, ...],
        *,
        until: datetime | None = None,
        after_ms: int | None = None,
        explain: Collection[str] = (),
    ) -> Player:
        """The states of the events before ``until``, continued in memory from a stored position:
        the newest that holds or, with ``after_ms``, an earlier one."""
        *_, player = self.windows(methods, until=until, after_ms=after_ms, explain=explain)
        return player

    def windows(
        self,
        methods: tuple[Method, ...],
        *,
        until: datetime | None = None,
        after_ms: int | None = None,
        explain: Collection[str] = (),
        journal: bool = False,
    ) -> Iterator[Player]:
        """The same player behind each window of events; ``journal``: its states keep what is
        closed."""
        end = LATEST if until is None else until
        valid = min(self.valid_until(), to_ms(end))
        position = self.states.position(valid if after_ms is None else min(valid, after_ms))
        player = self._player(methods, position, explain=explain, journal=journal)
        for start, stop in self._rows.windows(position.at_ms, to_ms(end), STEP):
            player.play(from_ms(start), from_ms(stop))
            yield player

    def events(self) -> Iterator[LedgerEvent]:
        """Every event, from the first on; a window of them is in memory."""
        contracts = Contracts()
        with localcontext(EXACT):
            for start, stop in self._rows.windows(0, to_ms(LATEST), STEP):
                window = self.timeline.between(from_ms(start), from_ms(stop), contracts.result)
                yield from list(window)

    def bases(self, player: Player) -> list[AssetBasis]:
        """Every cost (of the assets that are followed) behind the player, whose states cannot be
        used afterwards."""
        for asset in self.states.assets():
            if self._only is None or asset in self._only:
                player.fold.known(POOL, asset)
        holdings = player.fold.holdings
        found = (self._finished(player, holdings[place]) for place in sorted(holdings))
        return [basis for bases in found for basis in bases]

    def _finished(self, player: Player, holding: Holding) -> Iterator[AssetBasis]:
        if player.last is None:
            return
        states = dict(zip(player.fold.settings.methods, player.fold.each(holding), strict=True))
        for basis in player.fold.finished(holding, player.last, player.order):
            state = states[basis.method]
            shared = state.reporting and not self.inputs.apart()
            method = METHODS[0] if shared else basis.method  # which all methods share
            yield self.states.days.joined(basis, holding, state, method)

    def _player(
        self,
        methods: tuple[Method, ...],
        position: Position,
        *,
        live: bool = False,
        explain: Collection[str] = (),
        only: Collection[str] | None = None,
        journal: bool = False,
    ) -> Player:
        settings = FoldSettings(
            reporting_asset=self.inputs.reporting_asset,
            methods=methods,
            dust=self.inputs.dust,
            explain=explain,
            alone=len(self.timeline.accounts) == 1,
            apart=self.inputs.apart(),
            journal=journal,
            only=self._only if only is None else only,
        )
        states = self.states
        fold = Fold(settings, lambda fold, asset: states.holdings(fold, asset, position, live=live))
        contracts = Contracts(lambda place: states.contract(place, position.at_ms))
        player = Player(fold, self.timeline, contracts)
        player.resume(position.at_ms, position.last_event, position.last_order, position.events)
        return player


def _texts(dust: dict[str, Decimal]) -> dict[str, str]:
    return {asset: to_text(amount) for asset, amount in dust.items()}
