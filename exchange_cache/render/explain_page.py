"""``excache explain`` for people: the average first, then what it leaves out and what to do, then
the newest events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Context, Decimal, localcontext

from exchange_cache.cost.basis import AssetBasis
from exchange_cache.cost.reconcile import Reconciled
from exchange_cache.money import EXACT
from exchange_cache.render import words
from exchange_cache.render.layout import (
    Block,
    Grid,
    GridColumn,
    Line,
    Number,
    Screen,
    aligned,
    cells,
    flowed,
    joined,
    padded,
    text,
    width_of,
    wrapped,
)
from exchange_cache.render.parts import price_column, tone
from exchange_cache.render.rest import Rest, rest_title
from exchange_cache.render.terminal import Terminal

_FOUR = Context(prec=4)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainPage:
    """What the screen states.

    ``price`` is the present one, ``averages`` those of accounts if they differ, ``rows`` the events
    to show, the newest first, of ``events`` in all (None: they follow the page). ``notes`` close
    the screen.
    """

    result: Reconciled
    basis: AssetBasis | None
    reporting: str
    price: Decimal | None
    averages: Sequence[tuple[str, Decimal]] = ()
    rest: Sequence[Rest] = ()
    rows: Sequence[Mapping[str, object]] | None = ()
    events: int = 0
    since: datetime | None = None
    notes: Sequence[str] = ()

    @property
    def worth(self) -> Decimal | None:
        """What the units that the average covers are worth."""
        if self.price is None:
            return None
        with localcontext(EXACT):
            return self.result.explained * self.price


def explain_screen(page: ExplainPage, terminal: Terminal) -> Screen:
    """The answer, what it leaves out, the accounts and the newest events."""
    width = terminal.width
    averages = [text(f"{name} {words.price(average)}") for name, average in page.averages]
    by_account = _by_account(averages, width) if averages else ()
    notes = [line for note in page.notes for line in wrapped((), note, width)]
    return Screen(
        blocks=(
            Block(lines=_answer(page, width)),
            Block(lines=_rest_lines(page, width), spaced=True),
            Block(lines=by_account, spaced=True),
            *_events(page),
            Block(lines=tuple(notes), spaced=True),
        )
    )


def _by_account(averages: Sequence[Line], width: int | None) -> tuple[Line, ...]:
    """The averages behind their heading, continued under the first of them."""
    head = text("By account", "head")
    indent = width_of(head) + 3
    first, *more = flowed(averages, None if width is None else width - indent)
    return joined([head, first], 3), *((*text(" " * indent), *line) for line in more)


def _answer(page: ExplainPage, width: int | None) -> tuple[Line, ...]:
    """How much was paid for how much, and what it is worth."""
    result, asset = page.result, page.result.asset
    sentence = _sentence(page)
    if asset == page.reporting:
        return wrapped((), sentence, width, role="title")
    now = _now(page)
    lines = list(wrapped((), sentence, width, role="title"))
    if now and width is not None and width_of(lines[-1]) + 2 + width_of(now) <= width:
        lines[-1] = (*padded(lines[-1], width - width_of(now)), *now)
    elif now:
        lines = [joined([lines[0], now], 3)] if width is None else [*lines, now]
    figures: list[tuple[str, str, str]] = []
    if result.average_entry_price is not None:
        digits = words.money_digits(page.reporting)
        gained = _gained(page)
        figures = [
            ("paid", words.fixed(abs(result.cost), digits), ""),
            ("worth", words.fixed(None if page.worth is None else abs(page.worth), digits), ""),
            ("unrealised", words.signed(gained, digits), tone(gained)),
        ]
    realised = None if page.basis is None else page.basis.realised_pnl
    if realised:
        shown = words.signed(realised, words.money_digits(page.reporting))
        figures.append(("realised", shown, tone(realised)))
    parts = [(*text(f"{name} "), *text(shown, role)) for name, shown, role in figures]
    return (*lines, *flowed(parts, width))


def _sentence(page: ExplainPage) -> str:
    result, asset = page.result, page.result.asset
    held = words.brief(result.balance)
    if asset == page.reporting:
        return f"{asset}: {held} held. Everything is valued in {asset}, so it has no average."
    if not result.balance:
        return f"{asset}: none is held."
    if result.average_entry_price is None:
        return f"{asset}: {held} held, and no cost of them is known."
    average = f"{words.price(result.average_entry_price)} {page.reporting} on average"
    few = tuple(words.brief(_FOUR.plus(one)) for one in (result.explained, result.balance))
    covered = held if not result.unknown else f"{few[0]} of {few[1]}"
    if result.balance < 0:
        return f"{asset} owed: sold at {average} ({covered})"
    return f"{asset}: bought at {average} ({covered})"


def _gained(page: ExplainPage) -> Decimal | None:
    if page.worth is None:
        return None
    with localcontext(EXACT):
        return page.worth - page.result.cost


def _now(page: ExplainPage) -> Line:
    """``now 2,976.18 +7.7 %``."""
    if page.price is None:
        return text("no price now", "quiet")
    gained, cost = _gained(page), abs(page.result.cost)
    line = text(f"now {words.price(page.price)}")
    if page.result.average_entry_price is None or not cost or gained is None:
        return line
    with localcontext(EXACT):
        share = gained / cost
    role = "" if words.is_flat(share) else tone(share)
    return (*line, *text(" "), *text(f"{words.change(share)} %", role))


def _rest_lines(page: ExplainPage, width: int | None) -> tuple[Line, ...]:
    if not page.rest or page.result.asset == page.reporting:
        return ()
    if not page.result.unknown:
        return tuple(line for one in page.rest for line in wrapped((), one.text, width))
    lines: list[Line] = [text(rest_title(page.result), "head")]
    known = [words.brief(one.quantity) if one.quantity else "" for one in page.rest]
    wide = max(len(one) for one in known)
    for shown, one in zip(known, page.rest, strict=True):
        head = text(f"{shown:>{wide}} " if wide else "", "strong")
        own = wrapped(head, one.text, width, command=one.command)
        if one.command and width is not None and width_of(own[-1]) > width:
            left = max(0, width - cells(one.command))
            own = (*own[:-1], (*text(" " * min(left, 2)), *text(one.command, "command")))
        lines += own
    return tuple(lines)


def _events(page: ExplainPage) -> tuple[Block, ...]:
    """The newest events, one line each."""
    rows = page.rows
    if rows is None:
        return ()
    if not rows:
        title = "No event explains it." if not page.events else "No event in that time."
        return (Block(lines=(text(title, "quiet"),), spaced=True),)
    since = f" since {words.day(page.since)}" if page.since else ""
    if len(rows) < page.events and not since:
        title = f"Newest {len(rows):,} of {words.count(page.events, 'event')} (--all, --since)"
    else:
        title = f"{words.count(len(rows), 'event')}{since}, the newest first"
    values = [[_decimal(row.get(key)) for row in rows] for key in ("quantity", "held", "price")]
    quantities, held, prices = values
    averages = [_decimal(row.get("average")) for row in rows]
    grid = Grid(
        columns=(
            GridColumn(heading="Date", cells=tuple(text(_day(row.get("time"))) for row in rows)),
            _words("Event", [str(row.get("event") or "") for row in rows]),
            _words("Account", [str(row.get("account") or "") for row in rows], drop=2),
            GridColumn(
                heading="Quantity",
                cells=aligned([Number(words.brief(one)) for one in quantities]),
                align="right",
            ),
            price_column("Price", prices, drop=1),
            GridColumn(
                heading="Held",
                cells=aligned([Number(words.brief(one)) for one in held]),
                align="right",
            ),
            price_column("Average", averages),
        )
    )
    return (
        Block(lines=(text(title, "head"),), spaced=True),
        Block(grid=grid),
    )


def _words(heading: str, values: Sequence[str], *, drop: int = 0) -> GridColumn:
    return GridColumn(heading=heading, cells=tuple(text(value) for value in values), drop=drop)


def _day(value: object) -> str:
    return words.day(value) if isinstance(value, datetime) else words.UNKNOWN


def _decimal(value: object) -> Decimal | None:
    return value if isinstance(value, Decimal) else None
