"""The state of the accounts in words, with the command that resolves each problem."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from exchange_cache.errors import distinct_causes
from exchange_cache.render.layout import Line, flowed, joined, text, wrapped
from exchange_cache.render.signs import Signs
from exchange_cache.render.words import age, listed
from exchange_cache.value.states import State

if TYPE_CHECKING:
    from exchange_cache.value.freshness import Freshness

_SHOWN = {"balances", "positions", "prices"}
CHECKED = {"key_refused", "no_permission", "clock_skew", "secret", "config"}


def cure(account: str, code: str | None) -> str:
    """The command that resolves an account's problem or shows its cause."""
    return (
        f"excache account check {account}"
        if code in CHECKED
        else f"excache reload --account {account}"
    )


def health_lines(
    verdicts: Iterable[Freshness],
    *,
    signs: Signs,
    width: int | None,
    refreshing: bool = False,
    alarmed: Collection[str | None] = (),
) -> tuple[Line, ...]:
    """One line for the healthy accounts, then one per account with problems, in the given order.

    An account in ``alarmed`` is never healthy, however fresh its data.
    """
    by_account: dict[str, list[Freshness]] = {}
    for verdict in verdicts:
        by_account.setdefault(verdict.account, []).append(verdict)
    healthy = [
        account
        for account, own in by_account.items()
        if not any(is_trouble(verdict) for verdict in own)
    ]
    marks = {name: (signs.attention, "bad") for name in healthy if name in alarmed}
    lines = list(
        flowed(
            [
                (*text(f"{name} "), *text(*marks.get(name, (signs.good, "good"))))
                for name in healthy
            ],
            width,
        )
    )
    for account, own in by_account.items():
        if account not in healthy:
            lines += _trouble_lines(account, own, signs, width, refreshing)
    return tuple(lines)


def is_trouble(verdict: Freshness) -> bool:
    """Stale, never synced, or fresh with a failed last attempt."""
    return verdict.state in {State.STALE, State.MISSING} or (
        verdict.error is not None and verdict.state != State.NOT_OFFERED
    )


def _trouble_lines(
    account: str, own: list[Freshness], signs: Signs, width: int | None, refreshing: bool
) -> tuple[Line, ...]:
    troubled = [verdict for verdict in own if is_trouble(verdict)]
    needed = [verdict for verdict in own if verdict.state != State.NOT_OFFERED]
    if all(verdict.state == State.MISSING for verdict in needed):
        sentence = "never synced"
        sign, role = signs.failed, "bad"
    else:
        sentence = "; ".join(_sentences(troubled, len(needed)))
        sign, role = signs.attention, "warn"
    command = cure(
        account, next((verdict.error_code for verdict in troubled if verdict.error_code), None)
    )
    errors = distinct_causes(
        verdict.error.removesuffix(f"; {command}") for verdict in troubled if verdict.error
    )
    remarks = [*errors, *(["refreshing now"] if refreshing else [])]
    words = f"{sentence} ({'; '.join(remarks)})" if remarks else sentence
    shown = None if refreshing and command.startswith("excache reload") else command
    return wrapped(
        (*joined([text(account), text(sign, role)], 1), *text(" ")), words, width, command=shown
    )


def _sentences(troubled: list[Freshness], needed: int) -> list[str]:
    """One sentence for data types in the same state.

    ``balances and orders 3 h 12 min old``, ``everything 2 d old``.
    """
    groups: dict[tuple[str, int], list[Freshness]] = {}
    alone = [verdict for verdict in troubled if verdict.lost and not verdict.due]
    for verdict in troubled:
        if verdict in alone:
            continue
        minutes = 0 if verdict.age is None else verdict.age // timedelta(minutes=1)
        last = (
            "never synced"
            if verdict.state == State.MISSING
            else "old"
            if verdict.state == State.STALE
            else "old, last try failed"
        )
        groups.setdefault((last, minutes), []).append(verdict)
    sentences = []
    for (last, _), own in groups.items():
        which = (
            "everything"
            if len(own) == needed > 1
            else listed(str(verdict.data_type) for verdict in own)
        )
        oldest = max((verdict.age for verdict in own if verdict.age is not None), default=None)
        old = f"of unknown age, {last}" if oldest is None else f"{age(oldest)} {last}"
        sentences.append(f"{which} {last}" if last == "never synced" else f"{which} {old}")
    return sentences + [
        f"{part.name} {age(part.age)} old" for verdict in alone for part in verdict.lost
    ]


def as_of(
    verdicts: Iterable[Freshness], matters: Collection[str], oldest: datetime | None
) -> datetime | None:
    """The time in the header: the oldest success of fresh data, else of the accounts that
    ``matters`` names, else ``oldest``.

    Stale data have lines of their own, and so has a price that is older than its last request.
    """
    read = [v for v in verdicts if str(v.data_type) in _SHOWN and v.succeeded_at]
    fresh = [v for v in read if v.state == State.FRESH]
    own = [v for v in read if v.account in matters]
    times = [v.succeeded_at for v in fresh or own or read if v.succeeded_at]
    return min(times, default=oldest)
