"""Files of the past that exchanges make on order: how far they are, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from exchange_cache.render.words import age, count, day, listed
from exchange_cache.value.archives import ArchiveProgress


def archive_lines(progress: Iterable[ArchiveProgress], now: datetime) -> tuple[str, ...]:
    """``Archives of okx: bills by quarter: 12 files read, back to 2021-02-01; 3 being made since
    2 h; 8 to order (0 of 12 orders left this day)``: a line per archive that is not finished. Those
    of an account that wait for the user's word share one."""
    open_ones = [one for one in progress if one.is_open]
    waiting: dict[str, list[ArchiveProgress]] = {}
    for one in open_ones:
        if _waits(one):
            waiting.setdefault(one.account, []).append(one)
    return (
        *(
            f"Archives of {one.account}: {one.title}: {'; '.join(_parts(one, now))}"
            for one in open_ones
            if not _waits(one)
        ),
        *(_on_request(account, own) for account, own in waiting.items()),
    )


def _waits(one: ArchiveProgress) -> bool:
    """Whether nothing happens, and nothing happened, without the user's word."""
    idle = not (one.read or one.making or one.problems)
    return one.by_request and not one.requested and idle


def _on_request(account: str, own: Sequence[ArchiveProgress]) -> str:
    titles = listed([one.title for one in own])
    files = count(sum(one.missing for one in own), "file")
    each = " each" if len(own) > 1 else ""
    shared = f"; {own[0].shared}" if own[0].shared else ""
    allowance = f"({_allowance(own[0])}{each}{shared})"
    return f"Archives of {account}: {files} of {titles}: excache sync --archives {allowance}"


def _parts(one: ArchiveProgress, now: datetime) -> Iterable[str]:
    if one.read and one.back_to is not None:
        yield f"{count(one.read, 'file')} read, back to {day(one.back_to)}"
    if one.making and one.since is not None:
        yield f"{one.making} being made since {age(now - one.since)}"
    if one.missing:
        yield f"{one.missing} to order{_how(one)}"
    yield from one.problems


def _how(one: ArchiveProgress) -> str:
    allowance = _allowance(one)
    if one.by_request and not one.requested:
        inside = f"; {allowance}" if allowance else ""
        return f" on request: excache sync --archives{inside}"
    return f" ({allowance})" if allowance else ""


def _allowance(one: ArchiveProgress) -> str:
    if one.most is None or one.left is None:
        return ""
    return f"{one.left} of {one.most} orders left this {one.window}"


def archive_rows(progress: Iterable[ArchiveProgress]) -> list[dict[str, object]]:
    """The archives as a list in the document of ``status``."""
    return [
        {
            "account": one.account,
            "archive": one.title,
            "files_read": one.read,
            "new_rows": one.new_rows,
            "back_to": one.back_to,
            "being_made": one.making,
            "ordered_at": one.since,
            "to_order": one.missing,
            "orders_left": one.left,
            "orders_most": one.most,
            "orders_per": one.window or None,
            "on_request": one.by_request,
            "problems": list(one.problems),
        }
        for one in progress
    ]
