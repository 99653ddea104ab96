"""Files of the past that exchanges make on order: how far they are, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from exchange_cache.render.todo import Todo
from exchange_cache.render.words import age, count, day, listed
from exchange_cache.value.archives import ArchiveProgress

_ORDER = "excache sync --archives"


def archive_lines(progress: Iterable[ArchiveProgress], now: datetime) -> tuple[str, ...]:
    """``Archives of main: bills by quarter: 12 files read, back to 2021-02-01; 3 being made since
    2 h; 8 to order (0 of 12 orders left today)``: a line per archive that is not finished. Those of
    an account of which nothing is ordered yet share one, with the sum of their files."""
    groups: dict[tuple[str, str], list[ArchiveProgress]] = {}
    for one in progress:
        if one.is_open:
            state = _how(one) if _is_untouched(one) else one.title
            groups.setdefault((one.account, state), []).append(one)
    return tuple(
        f"Archives of {account}: {listed(one.title for one in own)}: {_state(own, now)}"
        for (account, _), own in groups.items()
    )


def _is_untouched(one: ArchiveProgress) -> bool:
    return not (one.read or one.making or one.problems)


def _state(own: list[ArchiveProgress], now: datetime) -> str:
    if all(map(_is_untouched, own)):
        return f"{sum(one.missing for one in own)} to order{_how(own[0])}"
    return "; ".join(part for one in own for part in _parts(one, now))


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
    shared = f"; {one.shared}" if one.shared else ""
    return f"{one.left} of {one.most} orders left this {one.window}{shared}"


def archive_todos(progress: Iterable[ArchiveProgress]) -> list[Todo]:
    """What a person can do: order files of accounts, and look at what went wrong; all else happens
    by itself."""
    known = tuple(progress)
    files: dict[str, int] = {}
    for one in known:
        if one.missing and one.by_request and not one.requested:
            files[one.account] = files.get(one.account, 0) + one.missing
    found = [
        Todo(f"{account}: {count(number, 'file')} of its past can be ordered", _ORDER)
        for account, number in files.items()
    ]
    wrong = dict.fromkeys(one.account for one in known if one.problems)
    return found + [
        Todo(f"{account}: files of its past have problems", f"excache status --account {account}")
        for account in wrong
    ]


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
