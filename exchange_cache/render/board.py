"""The progress of a running sync per account: events in, lines out. Draws nothing itself."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Protocol

from exchange_cache.render import words
from exchange_cache.render.layout import Grid, GridColumn, Line, grid_lines, joined, text
from exchange_cache.render.parts import code_column
from exchange_cache.render.signs import Signs
from exchange_cache.scope_names import history_name

#: No rate and no remaining time are shown until a run has lasted this long.
_RATE_AFTER = timedelta(seconds=2)


class Event(Protocol):
    """One step of one account, as the sync reports it.

    ``rows``, ``requests``, ``done`` and ``planned`` count the account's run so far. ``state``:
    asking | done | failed | skipped | finished | interrupted.
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
    def rows(self) -> int: ...
    @property
    def requests(self) -> int: ...
    @property
    def done(self) -> int: ...
    @property
    def planned(self) -> int: ...
    @property
    def message(self) -> str | None: ...


@dataclass(slots=True)
class _Progress:
    started: timedelta
    changed: timedelta
    doing: str = ""
    rows: int = 0
    requests: int = 0
    done: int = 0
    planned: int = 0
    finished: bool = False
    interrupted: bool = False
    failures: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Board:
    """The state of all accounts, safe to update from several threads.

    Times are spans of a monotonic clock.
    """

    accounts: tuple[str, ...] = ()
    _progress: dict[str, _Progress] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def tell(self, event: Event, at: timedelta) -> None:
        """Record one event."""
        with self._lock:
            own = self._progress.setdefault(event.account, _Progress(started=at, changed=at))
            own.changed = at
            own.rows, own.requests, own.done, own.planned = (
                event.rows,
                event.requests,
                event.done,
                event.planned,
            )
            if event.state == "asking":
                own.doing = history_name(event.data_type or "", event.scope)
            if event.state == "failed":
                own.failures.append(
                    event.message or f"{history_name(event.data_type or '', event.scope)} failed"
                )
            own.finished = own.finished or event.state == "finished"
            own.interrupted = own.interrupted or event.state == "interrupted"

    def lines(self, at: timedelta, *, width: int | None, unicode: bool) -> tuple[Line, ...]:
        """One line per account: progress, current step, rows, rate and remaining time."""
        with self._lock:
            names = [
                *self.accounts,
                *(name for name in self._progress if name not in self.accounts),
            ]
            rows = [(name, self._progress.get(name)) for name in names]
            return _lines(rows, at, Signs(unicode), width) if rows else ()

    def summary(self, at: timedelta, *, unicode: bool) -> Line:
        """``✓ 12,004 rows, 420 requests in 1 min``, then the accounts that failed."""
        with self._lock:
            all_of_them = list(self._progress.values())
            started = min((own.started for own in all_of_them), default=at)
            failed = [
                name for name, own in self._progress.items() if own.failures or own.interrupted
            ]
        signs = Signs(unicode)
        rows, requests = (
            sum(own.rows for own in all_of_them),
            sum(own.requests for own in all_of_them),
        )
        counts = (
            f"{words.count(rows, 'row')}, {words.count(requests, 'request')} in"
            f" {words.took(at - started)}"
        )
        trouble = text(f"{words.listed(failed)} not complete", "bad") if failed else ()
        return joined(
            [
                (
                    *text(
                        f"{signs.failed if failed else signs.good} ", "bad" if failed else "good"
                    ),
                    *text(counts),
                ),
                trouble,
            ],
            3,
        )


def _lines(
    rows: Sequence[tuple[str, _Progress | None]], at: timedelta, signs: Signs, width: int | None
) -> tuple[Line, ...]:
    columns = (
        GridColumn(heading="", cells=tuple(text(name, "strong") for name, _ in rows)),
        _bar_column([own for _, own in rows], signs),
        GridColumn(
            heading="", cells=tuple(_share(own, signs) for _, own in rows), align="right", gap=1
        ),
        code_column("", [_doing(own) for _, own in rows], signs, role=""),
        GridColumn(heading="", cells=tuple(_count(own) for _, own in rows), align="right", drop=2),
        GridColumn(
            heading="", cells=tuple(_rate(own, at) for _, own in rows), align="right", drop=3
        ),
        GridColumn(
            heading="", cells=tuple(_remaining(own, at) for _, own in rows), align="right", drop=1
        ),
    )
    return grid_lines(Grid(columns=columns, headings=False), width)


def _bar_column(all_of_them: Sequence[_Progress | None], signs: Signs) -> GridColumn:
    def fill(width: int) -> tuple[Line, ...]:
        lines = []
        for own in all_of_them:
            bar = signs.bar(_fraction(own), width)
            rest = ("░" if signs.unicode else ".") * (width - len(bar))
            lines.append(
                (*text(bar, "bad" if own and own.failures else "bar"), *text(rest, "quiet"))
            )
        return tuple(lines)

    return GridColumn(heading="", fill=fill, least=10, most=20, drop=4)


def _fraction(own: _Progress | None) -> Decimal:
    if own is None:
        return Decimal(0)
    if own.finished:
        return Decimal(1)
    return Decimal(own.done) / own.planned if own.planned else Decimal(0)


def _share(own: _Progress | None, signs: Signs) -> Line:
    if own is not None and own.finished:
        return text(signs.failed if own.failures else signs.good, "bad" if own.failures else "good")
    return text(f"{int(_fraction(own) * 100)} %", "quiet")


def _doing(own: _Progress | None) -> str:
    if own is None:
        return "waiting"
    if own.interrupted:
        return "interrupted"
    if not own.finished:
        return own.doing
    return own.failures[-1] if own.failures else "done"


def _count(own: _Progress | None) -> Line:
    return text(words.count(own.rows, "row")) if own and (own.rows or own.requests) else ()


def _rate(own: _Progress | None, at: timedelta) -> Line:
    if own is None or not own.rows:
        return ()
    spent = (own.changed if own.finished else at) - own.started
    return (
        text(f"{own.rows * 1000 // (spent // timedelta(milliseconds=1)):,}/s", "quiet")
        if spent >= _RATE_AFTER
        else ()
    )


def _remaining(own: _Progress | None, at: timedelta) -> Line:
    if own is None:
        return ()
    if own.finished:
        return text(f"in {words.took(own.changed - own.started)}", "quiet")
    spent = at - own.started
    if own.interrupted or spent < _RATE_AFTER or not own.done or own.planned <= own.done:
        return ()
    return text(f"{words.age(spent * (own.planned - own.done) // own.done)} left", "quiet")
