"""Brings the stored states of cost up to date after late rows: those of the assets that such a row
concerns, and no others.

A late row concerns its codes, whatever asset events lead to and from them, and, where it takes more
than one row to know, the codes of all of them. These assets are cut back to the position before the
row and derived again from their own rows alone. The reporting asset is part of most rows: only the
windows with a late row are read for it, and what differs at their ends is added to every later
state (``cost.shifting``). Where rows change how others are read, or a window has become too long,
all assets are cut back.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal, localcontext
from itertools import pairwise
from typing import Protocol

from exchange_cache.cache.cost_late import CONTRACT, RATE, Late, Link
from exchange_cache.cache.cost_position import Position
from exchange_cache.cache.cost_states import CostStates
from exchange_cache.clock import from_ms
from exchange_cache.cost.fold import POOL, Holding
from exchange_cache.cost.player import Player
from exchange_cache.cost.shifting import Shift, shift, shift_between
from exchange_cache.ledger.asset_events import AssetEvents
from exchange_cache.ledger.timeline import Timeline
from exchange_cache.money import EXACT
from exchange_cache.sync.links import convert_links

#: More late rates than these are not looked up one by one.
_MANY_RATES = 200
_HOUR_MS = 3_600_000

#: A window of the history: the positions at its ends.
_Window = tuple[Position, Position]


class Source(Protocol):
    """The ledger whose states these are."""

    states: CostStates
    timeline: Timeline

    def is_apart(self) -> bool:
        """Whether the reporting asset is part of an asset event."""

    def narrow(self, codes: frozenset[str]) -> Timeline:
        """The events of these codes alone."""

    def player_of(self, position: Position, only: Collection[str], *, live: bool) -> Player:
        """The states of these assets at a position."""

    def note_unrated(self) -> None:
        """Remember the rates that were missing so far, within a write."""

    def is_long(self, start_ms: int, end_ms: int) -> bool:
        """Whether a window has more rows than are to be read at once."""


class LateRows:
    """What was added, changed or removed before the newest states."""

    def __init__(self, source: Source, assets: AssetEvents, reporting_asset: str) -> None:
        self._source, self._assets, self._reporting = source, assets, reporting_asset
        self._states = source.states

    def note(self, valid_ms: int, links: Collection[Link]) -> None:
        """Note what the changed links concern; cut all assets back where that is not enough."""
        newest = self._states.newest().at_ms
        behind = [one for one in links if one.at_ms < newest]
        self._note_links(behind)
        cuts = [one.at_ms for one in behind if one.codes is None]
        if valid_ms < min((one.at_ms for one in self._states.late.all()), default=newest):
            cuts.append(valid_ms)
        cuts += self._note_rates()
        cuts += [
            start.at_ms
            for start, end in self._windows(self._states.late.all())
            if self._source.is_long(start.at_ms, end.at_ms)
        ]
        if cuts:
            self._states.cut_back(self._states.position(min(cuts)))

    def apply(self) -> None:
        """Derive the states of the assets that late rows concern again."""
        with localcontext(EXACT):
            while late := self._states.late.all():
                self._apply(late)
        with self._states.write():
            self._states.hold_until(self._states.newest().at_ms)

    # --- which assets -----------------------------------------------------------------------------

    def _note_links(self, links: Iterable[Link]) -> None:
        times = [one.at_ms for one in self._states.positions()]
        for one in links:
            before = times[bisect_right(times, one.at_ms) - 1]
            self._states.late.note(Late(code, before) for code in one.moved)

    def _note_rates(self) -> list[int]:
        """Replace late rates by the codes of the rows that they value; the moments to cut all
        assets back to, where there are too many."""
        rates = [one for one in self._states.late.all() if one.why == RATE]
        if len(rates) > _MANY_RATES:
            return [min(one.at_ms for one in rates)]
        for one in rates:
            end_ms = one.at_ms + _HOUR_MS
            codes = self._related((one.code,))
            self._states.late.note(self._states.late.with_codes(codes, one.at_ms, end_ms))
            self._note_links(self._converts(codes, one.at_ms, end_ms))
        self._states.late.forget(rates)
        return []

    def _converts(self, codes: Collection[str], start_ms: int, end_ms: int) -> Iterable[Link]:
        """The converts of several rows that happened in a part of the history: a row of one may be
        later."""
        for one in convert_links(self._source.timeline):
            if start_ms <= one.at_ms < end_ms and not one.moved.isdisjoint(codes):
                yield one

    def _related(self, codes: Iterable[str]) -> frozenset[str]:
        """These codes and every asset whose units or rows pass under them."""
        found = frozenset(codes)
        while True:
            named = {
                asset
                for aliases in self._assets.aliases.values()
                for code, asset in aliases.items()
                if code in found
            }
            more = self._assets.related(found | named)
            if more == found:
                return found
            found = more

    def _windows(self, late: Iterable[Late]) -> list[_Window]:
        """The parts of the history that have late rows."""
        starts = {one.at_ms for one in late}
        return [both for both in pairwise(self._states.positions()) if both[0].at_ms in starts]

    # --- deriving ---------------------------------------------------------------------------------

    def _apply(self, late: frozenset[Late]) -> None:
        first = min(one.at_ms for one in late)
        settled = [one.code for one in late if one.why == CONTRACT]
        own = frozenset(one for one in late if self._reporting in self._related((one.code,)))
        if own and not settled and self._shift(late, own):
            late -= own
        if not late:
            return
        codes = self._related(one.code for one in late)
        if settled:
            codes = self._related(codes | self._states.late.fees_of_contracts(settled, first))
        self._replay(late, codes, self._states.position(first))

    def _replay(self, late: frozenset[Late], codes: frozenset[str], start: Position) -> None:
        """Derive these assets from a position on, window by window."""
        states, touched = self._states, {one.at_ms for one in late}
        settles = codes | states.late.settled_in(codes, start.at_ms)
        with states.write():
            states.cut_assets(codes, settles, start.at_ms)
        whole, narrow = self._source.timeline, self._source.narrow(settles)
        player = self._source.player_of(start, codes, live=True)
        for before, after in pairwise(states.positions()):
            if before.at_ms < start.at_ms:
                continue
            player.timeline = whole if before.at_ms in touched else narrow
            played = player.events
            player.play(from_ms(before.at_ms), from_ms(after.at_ms))
            with states.write():
                if states.late.all() != late:
                    return  # another row came meanwhile: begin again
                changed = player.contracts.changed
                own = {place: one for place, one in changed.items() if one.settle in settles}
                self._source.note_unrated()
                states.store_changes(player.fold, own, after.at_ms, before.at_ms)
                changed.clear()
                if before.at_ms in touched:
                    count = player.events - played
                    self._end_differently(before.at_ms, after.at_ms, player, count)
        with states.write():
            states.late.forget(late)

    def _end_differently(self, before_ms: int, at_ms: int, player: Player, count: int) -> None:
        """Correct the position behind a window whose events, so many, were played, and what later
        ones have of it."""
        states = self._states
        before, former = states.position(before_ms), states.position(at_ms)
        more = before.events + count - former.events
        last, order = before.last_event, before.last_order
        if count and player.last is not None:
            last, order = player.last.time, player.order
        for one in states.positions():
            if one.at_ms >= at_ms:
                now = replace(one, events=one.events + more)
                if (one.last_event, one.last_order) == (former.last_event, former.last_order):
                    now = replace(now, last_event=last, last_order=order)
                states.set_position(now)

    # --- the reporting asset ----------------------------------------------------------------------

    def _shift(self, late: frozenset[Late], own: frozenset[Late]) -> bool:
        """Bring the reporting asset up to date by what its late rows change; False, having done
        nothing, where that is no sum or the windows to read are most of the history."""
        states, windows = self._states, self._windows(own)
        behind = [one for one in states.positions() if one.at_ms > windows[0][0].at_ms]
        if 2 * len(windows) > max(2, len(behind)):
            return False
        found: dict[int, dict[str, Shift]] = {}
        players: list[Player] = []
        for before, after in windows:
            player = self._source.player_of(before, (self._reporting,), live=False)
            made = self._shift_of(player, before, after)
            if made is None:
                return False
            found[after.at_ms] = made
            players.append(player)
        with states.write():
            if states.late.all() != late:
                return False
            self._source.note_unrated()
            self._store(found)
            for (before, after), player in zip(windows, players, strict=True):
                count = player.events - before.events
                self._end_differently(before.at_ms, after.at_ms, player, count)
            states.late.forget(own)
        return True

    def _shift_of(
        self, player: Player, before: Position, after: Position
    ) -> dict[str, Shift] | None:
        """What late rows change in one window, by account (and pooled)."""
        asset, fold = self._reporting, player.fold
        began = {one.account: one for one in self._held(player, before.at_ms)}
        fold.known(POOL, asset)
        player.play(from_ms(before.at_ms), from_ms(after.at_ms))
        former = {one.account: one for one in self._held(player, after.at_ms)}
        now = {one.account: one for one in fold.holdings.values()}
        if not began.keys() == former.keys() == now.keys():
            return None
        found = {}
        for account, held in now.items():
            days = self._days(former[account], since=began[account])
            made = shift_between(former[account], held, days)
            if made is None:
                return None
            if not made.changes_nothing:
                found[account] = made
                if POOL not in now:  # one that begins later has what its first account had
                    found[POOL] = made
        return found

    def _held(self, player: Player, at_ms: int) -> Iterable[Holding]:
        position = Position(at_ms=at_ms)
        return self._states.holdings(player.fold, self._reporting, position, live=False)

    def _days(self, held: Holding, *, since: Holding) -> Mapping[date, Decimal]:
        """What a state had realised by day, from the newest day of an earlier state on."""
        (state,), (earlier,) = held.states, since.states
        if not state.by_day:
            return {}
        last = max(state.by_day)
        first = max(earlier.by_day, default=date.min)
        days = self._states.days.between(held.account, held.asset, first, last)
        return {**days, last: state.by_day[last]}

    def _store(self, found: Mapping[int, Mapping[str, Shift]]) -> None:
        """Add the shifts to every state at or after the end of their window."""
        states, asset = self._states, self._reporting
        fold = self._source.player_of(Position(), (asset,), live=False).fold
        for account in sorted({name for shifts in found.values() for name in shifts}):
            own = {at_ms: by[account] for at_ms, by in found.items() if account in by}
            times = {*own, *states.times(account, asset, min(own))}
            later = {
                at_ms: one
                for at_ms in times
                for one in states.holdings(fold, asset, Position(at_ms=at_ms), live=False)
                if one.account == account
            }
            if not later:
                continue  # there is no pool
            newest = dict(later[max(later)].states[0].by_day)
            for at_ms, holding in later.items():
                shift(holding, [own[one] for one in sorted(own) if one <= at_ms])
            states.replace(later)
            for one in own.values():
                states.days.add(account, asset, one.days, newest)
