"""The progress of a running sync per account: events in, values out. Draws nothing itself."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from exchange_cache.data_types import DataType
from exchange_cache.render import words
from exchange_cache.render.pace import Pace
from exchange_cache.scope_names import known_name, scope_name

#: Events with this name concern the work after the histories.
REST = ""
#: The data types whose rows are counted as new.
_HISTORIES = frozenset({DataType.FILLS, DataType.ORDERS, DataType.TRANSFERS})

#: How the scope of a list of open orders begins.
_OPEN = "open "


class Event(Protocol):
    """One step of one account (``REST``: of the work after all of them), as the sync reports it.

    ``rows``, ``new_rows``, ``requests``, ``done`` and ``planned`` count the account's run so far.
    ``state``: asking | done | failed | skipped | finished | interrupted. ``before``: the end of the
    past that is read.
    """

    @property
    def account(self) -> str: ...
    @property
    def data_type(self) -> str | None: ...
    @property
    def scope(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def new_rows(self) -> int: ...
    @property
    def requests(self) -> int: ...
    @property
    def done(self) -> int: ...
    @property
    def planned(self) -> int: ...
    @property
    def message(self) -> str | None: ...
    @property
    def before(self) -> datetime | None: ...


@dataclass(slots=True)
class Standing:
    """How far one account is; times are spans of a monotonic clock."""

    started: timedelta
    changed: timedelta
    pace: Pace
    doing: str = ""
    new_rows: int = 0
    requests: int = 0
    done: int = 0
    planned: int = 0  # 0: what there is to do is not known yet
    state: str = "asking"  # or finished, interrupted
    reads_histories: bool = False
    failures: list[str] = field(default_factory=list)
    _before: int = 0  # the steps before those of the histories, which are few and quick
    _part: float = 0  # the part that is done; it never falls
    _filled: bool = False  # another count of the work after the histories came before

    def note(self, event: Event, at: timedelta) -> None:
        self.changed = at
        self.new_rows, self.requests = event.new_rows, event.requests
        if event.state == "asking":
            self.doing = doing_words(event)
            if _is_history(event) and not self.reads_histories:
                self.reads_histories, self._before = True, event.done
        if self.reads_histories or event.data_type is None:
            self._advance(event.done - self._before, event.planned - self._before)
            self.pace.note(at, self.done)
        if event.state == "asking":
            return
        if event.state == "failed":
            what = f"{event.data_type or ''} {event.scope} failed".strip()
            self.failures.append(event.message or what)
        elif event.state in {"finished", "interrupted"}:
            self.state = event.state

    @property
    def is_running(self) -> bool:
        return self.state == "asking"

    def _advance(self, done: int, planned: int) -> None:
        """Move on by the steps that were done, as a part of those that were left: a plan that grows
        with each symbol that is found slows the bar down, and never turns it back."""
        if done < self.done:
            self._filled = True
        elif planned > self.done:
            self._part += (1 - self._part) * min(1, (done - self.done) / (planned - self.done))
        self.done, self.planned = done, planned

    @property
    def percent(self) -> int | None:
        """The part that is done, of what is known to be there; None where that is not known."""
        if self.planned <= 0 or self._filled:
            return None
        return min(99, int(self._part * 100 + 1e-9))

    def left(self, at: timedelta) -> timedelta | None:
        """The time that is left of this account's run, if it can be estimated."""
        return self.pace.left(at, self.planned)


class Overview(NamedTuple):
    """All accounts at one moment, in order; None: one that waits. ``rest`` is the work after them;
    ``left`` is the time until all accounts are done, then that of the work after them, if it can
    be estimated."""

    accounts: Mapping[str, Standing | None]
    rest: Standing | None
    started: timedelta
    left: timedelta | None

    @property
    def begun(self) -> Sequence[Standing]:
        return [own for own in self.accounts.values() if own is not None]

    @property
    def ended(self) -> Sequence[Standing]:
        return [own for own in self.begun if not own.is_running]

    @property
    def trouble(self) -> Sequence[str]:
        """The accounts that are not complete."""
        return [
            name
            for name, own in self.accounts.items()
            if own is not None and (own.failures or own.state == "interrupted")
        ]

    @property
    def new_rows(self) -> int:
        return sum(own.new_rows for own in self.begun)


@dataclass(slots=True)
class Board:
    """The state of all accounts, safe to update from several threads."""

    accounts: tuple[str, ...] = ()
    _standings: dict[str, Standing] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def tell(self, event: Event, at: timedelta) -> None:
        """Record one event."""
        with self._lock:
            own = self._standings.get(event.account)
            if own is None:
                own = Standing(started=at, changed=at, pace=Pace(started=at))
                self._standings[event.account] = own
            own.note(event, at)

    def overview(self, at: timedelta) -> Overview:
        with self._lock:
            known = dict(self._standings)
            rest = known.pop(REST, None)
            accounts = {name: known.get(name) for name in (*self.accounts, *known)}
            begun = [own for own in accounts.values() if own is not None]
            started = min((own.started for own in begun), default=at)
            left = _left(list(accounts.values()), at)
            if rest is not None and rest.percent is not None:
                left = rest.left(at)
        return Overview(accounts=accounts, rest=rest, started=started, left=left)


def _left(accounts: Sequence[Standing | None], at: timedelta) -> timedelta | None:
    """The time until the last account is done: that of the slowest which runs, then the usual time
    of those that wait, as many at once as run now."""
    running = [own for own in accounts if own is not None and own.is_running]
    estimates = [own.left(at) for own in running]
    known = [one for one in estimates if one is not None]
    if not running or len(known) < len(running):
        return None
    waiting = sum(own is None for own in accounts)
    ended = [own.changed - own.started for own in accounts if own and not own.is_running]
    if waiting and not ended:
        return None
    rounds = -(-waiting // len(running))
    usual = sum(ended, timedelta()) / len(ended) if ended else timedelta()
    return max(known) + rounds * usual


def _is_history(event: Event) -> bool:
    return event.data_type in _HISTORIES and not event.scope.startswith(_OPEN)


def doing_words(event: Event) -> str:
    """What an account reads: ``fills ETH/EUR``, ``orders before 2024-05``, ``balances``."""
    if event.data_type is None:
        return event.scope
    kind = str(event.data_type)
    if event.data_type not in _HISTORIES:
        return kind
    scope, _, symbol = event.scope.partition(" ")
    name = known_name(event.scope) or scope_name(scope)
    if event.scope.startswith(_OPEN):
        return f"open {kind} of {scope_name(symbol)}"
    if "/" in symbol:
        name = f"{kind} {symbol}"
    elif event.data_type != DataType.TRANSFERS and "conversions" not in name:
        name = kind if name in {"spot", "all markets"} else f"{kind} of {name}"
    if event.before is None or " before " in name:
        return name
    return f"{name} before {words.month(event.before)}"
