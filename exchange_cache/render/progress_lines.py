"""The lines of a running sync and its last line, from an overview of its accounts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from exchange_cache.render import words
from exchange_cache.render.board import Overview, Standing
from exchange_cache.render.layout import (
    Line,
    cells,
    joined,
    padded,
    plain,
    shortened,
    text,
    width_of,
)
from exchange_cache.render.pace import about
from exchange_cache.render.signs import Signs

#: Above this width requests, rate and elapsed time are shown too.
_WIDE = 120
_NAME = 20
_BAR, _SHORT_BAR = 15, 10
_DOING = 46
_SAFE = "Ctrl-C is safe"
#: So many waiting accounts have a line each; more of them share one.
_WAITING = 2
#: A block of this width moves through the bar of a work of unknown length, one cell at a time.
_BLOCK = 3
_TICK = timedelta(milliseconds=125)


def progress_lines(
    overview: Overview,
    at: timedelta,
    *,
    title: str,
    width: int | None,
    height: int | None,
    unicode: bool,
) -> tuple[Line, ...]:
    """The overall line, then a line per account. Accounts that wait, then those that are done,
    share a line where the terminal has too few."""
    signs = Signs(unicode)
    head = _head(overview, title, width, signs)
    lines = _lines(overview, at, width, signs, fold_ended=False)
    if height is not None and len(lines) + 1 >= height:
        lines = _lines(overview, at, width, signs, fold_ended=True)
    return tuple(_cut(line, width, signs) for line in (head, *lines))


def _cut(line: Line, width: int | None, signs: Signs) -> Line:
    """The line, of a very narrow terminal its beginning."""
    if width is None or width_of(line) <= width:
        return line
    return text(shortened(plain(line), width - 1, signs.ellipsis))


def end_line(
    overview: Overview, at: timedelta, *, first: bool, unicode: bool, width: int | None = None
) -> Line:
    """``✓ 8,747 new rows, 6 accounts, 7 min.``, after a first sync with the command that shows
    them; or what is not complete."""
    signs, spent = Signs(unicode), words.took(at - overview.started)
    many, bad = len(overview.accounts), overview.trouble
    new = words.count(overview.new_rows, "new row")
    if bad:
        head = text(f"{signs.failed} ", "bad")
        counts = f"{new}, {many - len(bad)} of {words.count(many, 'account')}"
        named = text(f"{words.listed(bad)} not complete", "bad")
        line = (*head, *text(f"{counts}, {spent}; "), *named)
        fits = width is None or width_of(line) <= width
        return line if fits else (*head, *text(f"{counts} complete, {spent}"))
    accounts = words.count(many, "account")
    good = text(f"{signs.good} ", "good")
    if not any(own.reads_histories for own in overview.begun):
        return (*good, *text(f"refreshed ({accounts}, {spent})"))
    if not overview.new_rows:
        return (*good, *text(f"nothing new ({accounts}, {spent})"))
    found = (*good, *text(f"{new}, {accounts}, {spent}."))
    return joined([found, text("excache portfolio", "command")], 3) if first else found


# --- the overall line -----------------------------------------------------------------------------


def _head(overview: Overview, title: str, width: int | None, signs: Signs) -> Line:
    ended, many = len(overview.ended), len(overview.accounts)
    far = f": {ended} of {many} accounts done" if many > 1 else ""
    if many and ended == many:
        far = ": now the averages" if overview.rest is not None else ": all accounts done"
    left = f", {about(overview.left)} left" if overview.left is not None else ""
    line = (*text(title, "title"), *text(far + left))
    gap = (width or 80) - width_of(line) - cells(_SAFE)
    return line if gap < 3 else (*line, *text(" " * gap), *text(_SAFE, "quiet"))


# --- a line per account ---------------------------------------------------------------------------


def _lines(
    overview: Overview, at: timedelta, width: int | None, signs: Signs, *, fold_ended: bool
) -> tuple[Line, ...]:
    wide = min(_NAME, max((cells(name) for name in (*overview.accounts, "averages")), default=0))
    rest = None if width is None else width - wide - 2
    lines = [
        (*padded(text(shortened(name, wide, signs.ellipsis), "strong"), wide + 2), *line)
        for name, line in _contents(overview, at, rest, signs, fold_ended)
    ]
    return tuple(lines)


def _contents(
    overview: Overview,
    at: timedelta,
    width: int | None,
    signs: Signs,
    fold_ended: bool,
) -> Iterator[tuple[str, Line]]:
    """The name and the rest of each line, in order."""
    waiting = [name for name, own in overview.accounts.items() if own is None]
    well = [
        name
        for name, own in overview.accounts.items()
        if own is not None and own.state == "finished" and not own.failures
    ]
    if fold_ended and len(well) > 1:
        new = sum(own.new_rows for name in well if (own := overview.accounts[name]) is not None)
        done = f"{len(well)} accounts, {new:,} new"
        yield "done", (*text(f"{signs.good} ", "good"), *text(done))
    for name, own in overview.accounts.items():
        if own is None:
            if len(waiting) <= _WAITING:
                yield name, text("waits", "quiet")
        elif own.is_running:
            yield name, _running(own, at, width, signs)
        elif not (fold_ended and len(well) > 1 and name in well):
            yield name, _ended(own, width, signs)
    if len(waiting) > _WAITING:
        yield "others", text(f"{len(waiting)} accounts wait", "quiet")
    if overview.rest is None:
        yield "averages", text("waits for the accounts", "quiet")
    elif overview.rest.is_running:
        yield "averages", _running(overview.rest, at, width, signs)
    else:
        yield "averages", _ended(overview.rest, width, signs)


def _ended(own: Standing, width: int | None, signs: Signs) -> Line:
    spent = words.took(own.changed - own.started)
    found = f"{own.new_rows:,} new " if own.new_rows else "nothing new "
    new = f"{found if own.reads_histories or own.new_rows else ''}in {spent}"
    if own.state == "interrupted":
        return text(f"stopped; {own.new_rows:,} new", "quiet")
    wide = width is not None and width > _WIDE - _NAME
    sent = text(words.count(own.requests, "request"), "quiet") if wide and own.requests else ()
    if not own.failures:
        return joined([(*text(f"{signs.good} ", "good"), *text(new)), sent], 3)
    kept = f"; {new}" if own.new_rows else ""
    room = None if width is None else width - cells(kept) - cells(signs.failed) - 1
    why = own.failures[-1] if room is None else shortened(own.failures[-1], room, signs.ellipsis)
    return (*text(f"{signs.failed} ", "bad"), *text(why), *text(kept, "quiet"))


def _running(own: Standing, at: timedelta, width: int | None, signs: Signs) -> Line:
    """Bar, percent, what is read and new rows; on a wide terminal requests, rate and elapsed time
    too. Every part has its place, so that nothing shifts while the numbers grow."""
    bar = _BAR if width is None or width >= 90 else _SHORT_BAR
    percent = "" if own.percent is None else f"{own.percent} %"
    new = padded(text(f"{own.new_rows:,} new" if own.new_rows else ""), 11, "right")
    wide = width is not None and width > _WIDE - _NAME
    right = (*new, *(_more(own, at) if wide else ()))
    line = (*_bar(own, at, bar, signs), *padded(text(percent), 7, "right"), *text("  "))
    room = min(_DOING, (width or 70) - width_of(line) - 1 - width_of(right))
    if room < 5:
        return line
    return (*line, *padded(text(shortened(own.doing, room, signs.ellipsis)), room + 1), *right)


def _more(own: Standing, at: timedelta) -> Line:
    """Requests, new rows a second, and the time since the account began."""
    requests = words.count(own.requests, "request") if own.requests else ""
    parts = ((requests, 17), (_rate(own, at), 10), (words.took(at - own.started), 12))
    return tuple(
        span for shown, size in parts for span in padded(text(shown, "quiet"), size, "right")
    )


def _bar(own: Standing, at: timedelta, width: int, signs: Signs) -> Line:
    full, empty = ("█", "░") if signs.unicode else ("#", ".")
    if own.percent is None:
        free = width - _BLOCK
        step = (at - own.started) // _TICK % (2 * free)
        before = min(step, 2 * free - step)
        return (
            *text(empty * before, "quiet"),
            *text(full * _BLOCK, "bar"),
            *text(empty * (free - before), "quiet"),
        )
    bar = signs.bar(Decimal(own.percent) / 100, width)
    return (*text(bar, "bar"), *text(empty * (width - cells(bar)), "quiet"))


def _rate(own: Standing, at: timedelta) -> str:
    """New rows a second since the account began."""
    spent = (at - own.started) // timedelta(seconds=1)
    return f"{own.new_rows // spent:,}/s" if own.new_rows and spent >= 2 else ""
