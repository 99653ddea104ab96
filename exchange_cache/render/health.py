"""How the accounts are doing, in words: one line for those that are well, one for each trouble,
with the command that cures."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from exchange_cache.errors import distinct_causes
from exchange_cache.render.layout import Line, flowed, joined, text, wrapped
from exchange_cache.render.signs import Signs
from exchange_cache.render.words import age, listed
from exchange_cache.value.freshness import Freshness, State

_CHECKED = {"key_refused", "no_permission", "clock_skew", "secret", "config"}


def cure(account: str, code: str | None) -> str:
    """The command that fixes an account's trouble, or shows what it is."""
    return (
        f"excache account check {account}"
        if code in _CHECKED
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
    """The lines for all accounts, in the order of the verdicts; no account of ``alarmed`` is well,
    however fresh its data are."""
    by_account: dict[str, list[Freshness]] = {}
    for verdict in verdicts:
        by_account.setdefault(verdict.account, []).append(verdict)
    well = [
        account
        for account, own in by_account.items()
        if not any(is_trouble(verdict) for verdict in own)
    ]
    marks = {name: (signs.attention, "bad") for name in well if name in alarmed}
    lines = list(
        flowed(
            [(*text(f"{name} "), *text(*marks.get(name, (signs.good, "good")))) for name in well],
            width,
        )
    )
    for account, own in by_account.items():
        if account not in well:
            lines += _trouble_lines(account, own, signs, width, refreshing)
    return tuple(lines)


def is_trouble(verdict: Freshness) -> bool:
    """Stale, never synced, or fresh but failed at the last try."""
    return verdict.state in {State.STALE, State.MISSING} or (
        verdict.error is not None and verdict.state != State.NOT_OFFERED
    )


def _trouble_lines(
    account: str, own: list[Freshness], signs: Signs, width: int | None, refreshing: bool
) -> tuple[Line, ...]:
    troubled = [verdict for verdict in own if is_trouble(verdict)]
    needed = [verdict for verdict in own if verdict.state != State.NOT_OFFERED]
    if all(verdict.state == State.MISSING for verdict in needed):
        said = "never synced"
        sign, role = signs.failed, "bad"
    else:
        said = "; ".join(_sentences(troubled, len(needed)))
        sign, role = signs.attention, "warn"
    command = cure(
        account, next((verdict.error_code for verdict in troubled if verdict.error_code), None)
    )
    errors = distinct_causes(
        verdict.error.removesuffix(f"; {command}") for verdict in troubled if verdict.error
    )
    remarks = [*errors, *(["refreshing now"] if refreshing else [])]
    words = f"{said} ({'; '.join(remarks)})" if remarks else said
    shown = None if refreshing and command.startswith("excache reload") else command
    return wrapped(
        (*joined([text(account), text(sign, role)], 1), *text(" ")), words, width, command=shown
    )


def _sentences(troubled: list[Freshness], needed: int) -> list[str]:
    """Data types that share a fate share a sentence: ``balances and orders 3 h 12 min old``,
    ``everything 2 d old``."""
    fates: dict[tuple[str, int], list[Freshness]] = {}
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
        fates.setdefault((last, minutes), []).append(verdict)
    said = []
    for (last, _), own in fates.items():
        which = (
            "everything"
            if len(own) == needed > 1
            else listed(str(verdict.data_type) for verdict in own)
        )
        oldest = max((verdict.age for verdict in own if verdict.age is not None), default=None)
        old = f"of unknown age, {last}" if oldest is None else f"{age(oldest)} {last}"
        said.append(f"{which} {last}" if last == "never synced" else f"{which} {old}")
    return said + [f"{part.name} {age(part.age)} old" for verdict in alone for part in verdict.lost]


def fresh_as_of(verdicts: Iterable[Freshness], oldest: datetime | None) -> datetime | None:
    """The time for the head of a screen: the oldest success among what is fresh (the stale is named
    on its own), else ``oldest``."""
    shown = {"balances", "positions", "prices"}
    times = [
        v.succeeded_at
        for v in verdicts
        if v.state == State.FRESH and str(v.data_type) in shown and v.succeeded_at
    ]
    return min(times, default=oldest)
