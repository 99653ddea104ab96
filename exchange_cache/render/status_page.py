"""``excache status`` for people: one line that is true of all accounts, a table of them, and what
to do."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from exchange_cache.data_types import ALARMS
from exchange_cache.render import words
from exchange_cache.render.layout import (
    Block,
    Grid,
    GridColumn,
    Line,
    Screen,
    cells,
    joined,
    padded,
    plain,
    shortened,
    text,
    width_of,
    wrapped,
)
from exchange_cache.render.parts import code_column
from exchange_cache.render.signs import Signs
from exchange_cache.render.terminal import Terminal
from exchange_cache.render.todo import Todo, todos, troubles
from exchange_cache.value.freshness import Freshness, State

if TYPE_CHECKING:
    from datetime import datetime

    from exchange_cache.findings import Finding
    from exchange_cache.render.workers import Worker
    from exchange_cache.value.completeness import Complete

#: So many things to do are shown; ``--all`` shows the others.
SHOWN = 6
_LEAST = 12
_NOT_YET = "not yet"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusPage:
    """What the screen states.

    ``running`` and ``last`` are sentences about runs, ``workers`` those that go on if they are
    several, by the clock of ``now``, ``more`` what the runs give to do, ``size``
    that of the cache in bytes. ``notes`` are quiet lines. ``everything``: nothing is folded.
    """

    verdicts: Sequence[Freshness]
    exchanges: Mapping[str, str]
    generic: Collection[str] = ()
    complete: Mapping[str, Sequence[Complete]]
    findings: Sequence[Finding] = ()
    oversold: Mapping[str, Sequence[str]]
    running: str = ""
    workers: Sequence[Worker] = ()
    now: datetime | None = None
    last: str = ""
    more: Sequence[Todo] = ()
    notes: Sequence[str] = ()
    size: int | None = None
    everything: bool = False

    @property
    def accounts(self) -> dict[str, list[Freshness]]:
        found: dict[str, list[Freshness]] = {}
        for verdict in self.verdicts:
            found.setdefault(verdict.account, []).append(verdict)
        return found


def status_screen(page: StatusPage, terminal: Terminal) -> Screen:
    """The headline, one row per account, and what to do."""
    signs = Signs(terminal.unicode)
    accounts = page.accounts
    if not accounts:
        empty = wrapped((), "No account yet.", terminal.width, command="excache account add main")
        return Screen(blocks=(Block(lines=empty),))
    todo = [
        *todos(accounts, page.findings, page.oversold, running=bool(page.running)),
        *page.more,
    ]
    notes = [line for note in page.notes for line in wrapped((), note, terminal.width)]
    return Screen(
        blocks=(
            Block(lines=_headline(page, accounts, terminal)),
            *_workers(page, signs),
            Block(grid=_grid(page, accounts, signs), spaced=True),
            Block(lines=_todo_lines(todo, terminal.width, page.everything), spaced=True),
            Block(lines=tuple(notes), spaced=True),
        )
    )


def _workers(page: StatusPage, signs: Signs) -> tuple[Block, ...]:
    if not page.workers or page.now is None:
        return ()
    from exchange_cache.render.workers import workers_grid

    return (Block(grid=workers_grid(page.workers, page.now, signs), spaced=True),)


def _headline(
    page: StatusPage, accounts: Mapping[str, Sequence[Freshness]], terminal: Terminal
) -> tuple[Line, ...]:
    """``All fresh. Last sync 3 min ago, ok; next by cron at 19:03.  cache 2.6 MB``"""
    verdict, role = _verdict(accounts, {one.account for one in page.findings if one.code in ALARMS})
    rest = " ".join(filter(None, (page.running, page.last)))
    first, *others = wrapped((), f"{verdict} {rest}".strip(), terminal.width)
    shown = plain(first)
    if shown.startswith(verdict):
        first = (*text(verdict, role), *text(shown[len(verdict) :]))
    lines = (first, *others)
    if page.size is None:
        return lines
    size = text(f"cache {_size(page.size)}", "quiet")
    if terminal.width is None:
        return (*lines[:-1], joined([lines[-1], size], 3))
    room = terminal.width - width_of(size)
    if width_of(lines[-1]) + 2 > room:
        return lines
    return (*lines[:-1], (*padded(lines[-1], room), *size))


def _verdict(
    accounts: Mapping[str, Sequence[Freshness]], alarmed: Collection[str | None]
) -> tuple[str, str]:
    """The state of all accounts in one sentence, and its role."""
    failed, old, never, begun = [], [], [], []
    for name, own in accounts.items():
        needed = [one for one in own if one.state != State.NOT_OFFERED]
        if any(one.failed for one in needed):
            failed.append(name)
        elif needed and all(one.state == State.MISSING for one in needed):
            never.append(name)
        elif any(one.state == State.MISSING for one in needed):
            begun.append(name)
        elif any(one.state == State.STALE for one in needed):
            old.append(name)
    if len(never) == len(accounts):
        return "Nothing is synced yet.", "warn"
    states = (
        (failed, "failed"),
        (never, "never synced"),
        (begun, "not complete"),
        (old, "stale"),
    )
    parts = [f"{_of(names, len(accounts))} {word}" for names, word in states if names]
    if len(begun) == len(accounts):
        parts = ["The first sync is not complete"]
    parts += [f"look at {words.listed(sorted(str(name) for name in alarmed))}"] if alarmed else []
    if not parts:
        return "All fresh.", "good"
    return f"{'; '.join(parts)}.", "bad" if failed or alarmed else "warn"


def _of(names: Sequence[str], total: int) -> str:
    if len(names) == total:
        return "All" if total > 1 else names[0]
    return words.listed(names) if len(names) < 3 else f"{len(names)} of {total} accounts"


def _size(number: int) -> str:
    if number < 1_000_000:
        return f"{max(1, number // 1000):,} kB"
    return f"{number / 1_000_000:,.1f} MB"


def _grid(page: StatusPage, accounts: Mapping[str, Sequence[Freshness]], signs: Signs) -> Grid:
    found = {name: [one for one in page.findings if one.account == name] for name in accounts}
    wrong = [
        troubles(own, found[name], page.oversold.get(name, ())) for name, own in accounts.items()
    ]
    exchanges = [
        words.exchange_name(page.exchanges.get(name, ""), name in page.generic) for name in accounts
    ]
    ages = tuple(_oldest(own, signs) for own in accounts.values())
    return Grid(
        columns=(
            code_column("Account", list(accounts), signs),
            GridColumn(heading="Exchange", cells=tuple(text(one) for one in exchanges), drop=2),
            GridColumn(heading="Oldest", cells=ages),
            _elastic(
                "History complete since",
                [_complete(page.complete.get(name, ()), signs) for name in accounts],
                signs,
                drop=1,
            ),
            *(
                [_elastic("Trouble", [_troubles(one, signs) for one in wrong], signs, role="warn")]
                if any(wrong)
                else []
            ),
        )
    )


def _oldest(own: Sequence[Freshness], signs: Signs) -> Line:
    """The age of the oldest data of an account, marked if it is stale or the last try failed."""
    needed = [one for one in own if one.state != State.NOT_OFFERED]
    ages = [one.age for one in needed if one.age is not None]
    known = len(ages) == sum(one.succeeded_at is not None for one in needed)
    age = ("never" if not ages else words.short_age(max(ages))) if known else "?"
    if any(one.failed for one in needed):
        return text(f"{signs.failed} {age}", "bad")
    if any(one.state in {State.STALE, State.MISSING} for one in needed):
        return text(f"{signs.attention} {age}", "warn")
    return text(age)


def _complete(kinds: Sequence[Complete], signs: Signs) -> list[str]:
    """``start spot · 2026-06 futures``, and shorter ways to say so; one time without kinds if it
    holds for all of them."""
    groups: dict[str, list[str]] = {}
    for one in kinds:
        since = _NOT_YET if one.since is None else words.month(one.since)
        groups.setdefault("start" if one.whole else since, []).append(one.kind)
    if len(groups) < 2:
        return list(groups)
    between = " · " if signs.unicode else "; "
    parts = [_since(since, own) for since, own in groups.items()]
    most = max(groups, key=lambda since: len(groups[since]))
    rest = [_since(since, own) for since, own in groups.items() if since != most]
    main = [part for part in rest if " others" not in part]
    few = [part for part in parts if " others" not in part]
    return [
        between.join(parts),
        between.join([*rest, f"else {most}"]),
        f"{between.join(few)} {signs.ellipsis}",
        f"{between.join([*main, f'else {most}'])} {signs.ellipsis}",
        f"{parts[0]} {signs.ellipsis}",
    ]


def _since(since: str, kinds: Sequence[str]) -> str:
    named = ", ".join(kinds)
    return f"{named} {since}" if since == _NOT_YET else f"{since} {named}"


def _troubles(found: Sequence[str], signs: Signs) -> list[str]:
    """All phrases, and ever fewer of them."""
    return [
        ", ".join(found[:kept]) + ("" if kept == len(found) else f" {signs.ellipsis}")
        for kept in range(len(found), 0, -1)
    ]


def _elastic(
    heading: str, rows: Sequence[Sequence[str]], signs: Signs, *, role: str = "", drop: int = 0
) -> GridColumn:
    """A column of texts, each given in ever shorter forms; the last one is cut if it must be."""

    def fill(width: int) -> tuple[Line, ...]:
        return tuple(text(_fitting(row, width, signs), role) for row in rows)

    longest = max((cells(row[0]) for row in rows if row), default=0)
    least = max((cells(row[-1]) for row in rows if row), default=0)
    return GridColumn(heading=heading, fill=fill, least=min(least, _LEAST), most=longest, drop=drop)


def _fitting(row: Sequence[str], width: int, signs: Signs) -> str:
    if not row:
        return ""
    found = next((form for form in row if cells(form) <= width), None)
    return shortened(row[-1], width, signs.ellipsis) if found is None else found


def _todo_lines(todo: Sequence[Todo], width: int | None, everything: bool) -> tuple[Line, ...]:
    if not todo:
        return ()
    shown = todo if everything or len(todo) <= SHOWN else todo[: SHOWN - 1]
    wide = len(str(len(shown)))
    lines: list[Line] = [text(f"To do ({len(todo)})", "head")]
    for number, one in enumerate(shown, 1):
        head = text(f"{number:>{wide}} ", "strong")
        lines += wrapped(head, one.text, width, command=one.command)
    if len(shown) < len(todo):
        more = f"and {len(todo) - len(shown)} more"
        lines += wrapped(text(" " * (wide + 1)), more, width, command="excache status --all")
    return tuple(lines)
