"""The past that no call serves any more: a paragraph per account with what brings it, for
``status --missing``; rows per data type for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from exchange_cache.clock import from_ms
from exchange_cache.data_types import DataType
from exchange_cache.money import ZERO
from exchange_cache.render import words
from exchange_cache.render.archives import archive_rows
from exchange_cache.render.layout import EMPTY, Block, Line, Screen, text, wrapped
from exchange_cache.render.listing import for_programs
from exchange_cache.render.signs import Signs
from exchange_cache.render.terminal import Terminal
from exchange_cache.value.archives import ArchiveProgress
from exchange_cache.value.missing import FileSource, Lost, MissingPast

COLUMNS = for_programs(
    "account exchange data_type histories start end worth explains oversold files archives command"
)
NOTHING = "Nothing is missing: no figure of today needs a past that no call serves any more."
#: So many assets are named.
_NAMED = 4
_INDENT = "  "
_ORDER = "excache sync --archives"
_TEMPLATE = "excache import template"


def missing_screen(
    missing: Sequence[MissingPast],
    asset: str,
    now: datetime,
    terminal: Terminal,
    *,
    unfinished: Sequence[str] = (),
) -> Screen:
    """What it is worth, then account by account what brings it."""
    signs, width = Signs(terminal.unicode), terminal.width
    shown = [one for one in missing if one.matters]
    blocks = [Block(lines=_head(shown, asset, width, unfinished))]
    for one in shown:
        blocks.append(Block(lines=tuple(_paragraph(one, asset, now, signs, width)), spaced=True))
    blocks.append(Block(lines=_foot(missing, shown, width), spaced=True))
    return Screen(blocks=tuple(blocks))


def _head(
    shown: Sequence[MissingPast], asset: str, width: int | None, unfinished: Sequence[str]
) -> tuple[Line, ...]:
    if unfinished:
        sentence = f"{words.listed(unfinished)}: more is still being fetched, so this may change."
        more = wrapped((), sentence, width, command="excache sync")
    else:
        more = ()
    if not shown:
        return more or wrapped((), NOTHING, width)
    worth = sum((one.worth for one in shown), ZERO)
    accounts = words.count(len(shown), "account")
    value = words.money(worth, asset)
    sentence = f"Missing of the past: {value} of today's holdings, {accounts}"
    return (*wrapped((), sentence, width, role="title"), *more)


def _paragraph(
    one: MissingPast, asset: str, now: datetime, signs: Signs, width: int | None
) -> Iterator[Line]:
    yield from wrapped(text(f"{one.account}  ", "strong"), _explains(one, asset, signs), width)
    yield from wrapped(text(_INDENT), f"no call serves {_before(one.lost)}", width, role="quiet")
    for source in one.archives:
        for sentence, command in _archived(source.progress, now):
            yield from _bullet(sentence, command, signs, width)
    for file in one.files:
        sooner = "or now: " if one.archives else ""
        yield from _bullet(f"{sooner}{_file(file)}", import_command(one), signs, width)
    if not one.files:
        nothing = f"no file of {one.exchange} is read yet: write its rows in the form"
        yield from _bullet(nothing, _TEMPLATE, signs, width)


def _bullet(
    sentence: str, command: str | None, signs: Signs, width: int | None
) -> tuple[Line, ...]:
    return wrapped(text(f"{_INDENT}{signs.arrow} "), sentence, width, command=command)


def _explains(one: MissingPast, asset: str, signs: Signs) -> str:
    """``2.24 ETH, 0.021 BTC … 5 assets (3,912.33 USDT); sold before it begins: ADA, XRP``"""
    parts = []
    if one.units:
        named = [f"{words.brief(unit.quantity)} {unit.asset}" for unit in one.units]
        value = words.money(one.worth, asset)
        parts.append(f"explains {_few(named, signs)} ({value})")
    others = [name for name in one.oversold if name not in {unit.asset for unit in one.units}]
    if others:
        parts.append(f"sold before the stored history begins: {_few(others, signs)}")
    return "; ".join(parts)


def _few(named: Sequence[str], signs: Signs) -> str:
    if len(named) <= _NAMED:
        return ", ".join(named)
    return f"{', '.join(named[:_NAMED])} {signs.ellipsis} {len(named)} assets"


def _before(lost: Iterable[Lost]) -> str:
    """``fills before 2024-11 (some before 2026-06), transfers before 2026-08``"""
    known = tuple(lost)
    found = []
    for kind in (DataType.FILLS, DataType.TRANSFERS):
        ends = sorted(one.end_ms for one in known if one.data_type is kind)
        if ends:
            first, last = words.month(from_ms(ends[0])), words.month(from_ms(ends[-1]))
            found.append(
                f"{kind} before {first}{f' (some before {last})' if last != first else ''}"
            )
    return " and ".join(found)


def _file(file: FileSource) -> str:
    reach = f"; {file.reach}" if file.reach else ""
    return f"{file.table}: {file.page}{reach}"


def import_command(one: MissingPast) -> str:
    """The command that reads a file of an account; FILE is what the user downloaded."""
    return f"excache import FILE{f' --account {one.account}' if one.named else ''}"


def _archived(one: ArchiveProgress, now: datetime) -> Iterator[tuple[str, str | None]]:
    """When an archive brings it, and the command where it waits for one."""
    parts = []
    if one.making and one.since is not None:
        since = words.age(now - one.since)
        parts.append(f"{words.count(one.making, 'file')} being made since {since}")
    if one.missing and one.by_request and not one.requested:
        shared = f" ({one.shared})" if one.shared else ""
        yield f"on request: {one.title}: {words.count(one.missing, 'file')}{shared}", _ORDER
    elif one.missing:
        parts.append(f"{words.count(one.missing, 'file')} to order {_when(one)}")
    if parts:
        yield f"by itself: {one.title}: {', '.join(parts)}; later syncs read them", None
    for problem in one.problems:
        yield f"{one.title}: {problem}", f"excache status --account {one.account}"


def _when(one: ArchiveProgress) -> str:
    """When the missing files can have been ordered, by the allowance."""
    if one.most is None or one.left is None or one.missing <= one.left:
        return "by the next syncs"
    windows = 1 - (-(one.missing - one.left) // max(1, one.most))
    return f"within {words.count(windows, one.window)}"


def _foot(
    missing: Sequence[MissingPast], shown: Sequence[MissingPast], width: int | None
) -> tuple[Line, ...]:
    lines: list[Line] = []
    others = [one.account for one in missing if not one.matters]
    if others:
        verb = "begins" if len(others) == 1 else "begin"
        history = "The history" if len(others) == 1 else "The histories"
        sentence = f"{history} of {words.listed(others)} {verb} late, and no figure of today"
        lines += wrapped(
            (), f"{sentence} depends on it.", width, command="excache status --coverage"
        )
    if shown:
        sentence = "What no file states can be stated by hand:"
        lines += wrapped((), sentence, width, command="excache basis set --help")
    return tuple(lines) or (EMPTY,)


# --- for programs ---------------------------------------------------------------------------------


def missing_rows(missing: Iterable[MissingPast]) -> Iterator[dict[str, object]]:
    """A row per account and data type; quantities and values are those of the account, because
    either data type may explain them."""
    for one in missing:
        for kind in (DataType.FILLS, DataType.TRANSFERS):
            lost = [item for item in one.lost if item.data_type is kind]
            if lost:
                yield _row(one, kind, lost)


def _row(one: MissingPast, kind: DataType, lost: Sequence[Lost]) -> dict[str, object]:
    start_ms = min(item.start_ms for item in lost)
    files = [file for file in one.files if any(place[0] is kind for place in file.places)]
    archives = [own for own in one.archives if any(place[0] is kind for place in own.places)]
    return {
        "account": one.account,
        "exchange": one.exchange,
        "data_type": str(kind),
        "histories": [item.scope for item in lost],
        "start": from_ms(start_ms) if start_ms else None,
        "end": from_ms(max(item.end_ms for item in lost)),
        "worth": one.worth,
        "explains": [
            {"asset": unit.asset, "quantity": unit.quantity, "value": unit.value}
            for unit in one.units
        ],
        "oversold": list(one.oversold),
        "files": [
            {
                "table": file.table,
                "page": file.page,
                "reach": file.reach or None,
                "histories": [scope for data_type, scope in file.places if data_type is kind],
            }
            for file in files
        ],
        "archives": archive_rows(own.progress for own in archives),
        "command": import_command(one) if files else _TEMPLATE,
    }
