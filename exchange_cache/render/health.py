"""The state of the accounts in words, with the command that resolves each problem."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from exchange_cache.errors import distinct_causes
from exchange_cache.render.layout import Line, text, wrapped
from exchange_cache.render.signs import Signs
from exchange_cache.render.words import age, listed
from exchange_cache.value.states import State

if TYPE_CHECKING:
    from exchange_cache.value.freshness import Freshness

_SHOWN = {"balances", "positions", "prices"}
#: What is missing of what is read at once; of a history, a part may be stored.
_MISSING = dict.fromkeys(_SHOWN, "never synced")
#: The most accounts that a command names.
_NAMED = 3
CHECKED = {"key_refused", "no_permission", "clock_skew", "secret", "config"}


def cure(account: str, code: str | None) -> str:
    """The command that resolves an account's problem or shows its cause."""
    return (
        f"excache account check {account}"
        if code in CHECKED
        else f"excache reload --account {account}"
    )


def of_accounts(names: Collection[str], accounts: int | None = None) -> str:
    """The options that restrict a command to these of so many ``accounts``; none for all of them
    and for so many that no line holds them: what is fresh costs the command little."""
    if len(names) == accounts or len(names) > _NAMED:
        return ""
    return "".join(f" --account {name}" for name in names)


def is_trouble(verdict: Freshness) -> bool:
    """Stale, never synced, or fresh with a failed last attempt."""
    return verdict.state in {State.STALE, State.MISSING} or (
        verdict.error is not None and verdict.state != State.NOT_OFFERED
    )


def trouble_lines(
    account: str, own: list[Freshness], signs: Signs, width: int | None, refreshing: bool
) -> tuple[Line, ...]:
    """``! main: balances 3 h 12 min old (what failed)   the command that resolves it``."""
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
    return wrapped(text(f"{sign} ", role), f"{account}: {words}", width, command=shown)


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
            _MISSING.get(str(verdict.data_type), "not complete")
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
        sentences.append(f"{which} {last if own[0].state == State.MISSING else old}")
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
