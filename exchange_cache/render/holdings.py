"""The grid of holdings on the portfolio screen.

Average entry and price are always shown. Small holdings are one row, debts are called owed, and the
rows add up to the total.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from exchange_cache.money import EXACT, ROUNDING, ZERO
from exchange_cache.render import words
from exchange_cache.render.layout import (
    Block,
    Foot,
    Grid,
    GridColumn,
    Line,
    Number,
    aligned,
    cells,
    fitted,
    foot_line,
    least_width,
    text,
)
from exchange_cache.render.parts import (
    brief_column,
    brief_price_column,
    calm_tone,
    change_column,
    code_column,
    result_column,
)
from exchange_cache.render.signs import Signs
from exchange_cache.render.terminal import Terminal
from exchange_cache.value.states import COST_KEPT_IN, NAMED_ACCOUNTS, NOT_COMPUTED

if TYPE_CHECKING:
    from exchange_cache.value.reading import Holding, PortfolioReading

#: The mark of an average that covers a part of its holding.
PARTIAL = "~"
#: Less of the total than this is a small holding.
SMALL = Decimal("0.001")
BAR = 8
#: How many decimals are aligned, the most that leave room for the changes of a day.
_ALIGNED = (4, 3, 2, 1)
#: What drops after everything else: up to the changes of a day. What drops first: the share.
_FIRST, _SHARE = 4, 8


class Selection(NamedTuple):
    """Which holdings have rows, and which are summed up in one: those below ``least``, as the words
    ``below`` state it."""

    rows: tuple[Holding, ...]
    small: tuple[Holding, ...]
    below: str


def select(
    holdings: Sequence[Holding], reading: PortfolioReading, min_value: Decimal | None, *, all_: bool
) -> Selection:
    """The holdings with rows: those of at least ``min_value``, or of 0.1 % of the whole; with
    ``all_`` every one. A single small holding has a row of its own."""
    priced = [one for one in holdings if one.value is not None]
    unpriced = [one for one in holdings if one.value is None]
    if all_ or not priced:
        return Selection((*priced, *unpriced), (), "")
    if min_value is None:
        gross = sum((abs(one.value or ZERO) for one in priced), ZERO)
        least = EXACT.multiply(max(reading.totals.value, gross), SMALL)
        below = "0.1 %"
    else:
        least, below = min_value, f"{words.quantity(min_value)} {reading.reporting_asset}"
    small = tuple(one for one in priced if abs(one.value or ZERO) < least)
    if min_value is None and len(small) < 2:
        small = ()
    return Selection(tuple(one for one in priced if one not in small), small, below)


def holding_blocks(
    reading: PortfolioReading, chosen: Selection, terminal: Terminal, *, total: bool
) -> list[Block]:
    """The grid; ``total`` adds a row that sums up."""
    feet = [
        foot
        for foot in (
            small_foot(reading, chosen),
            _open_results(reading),
            _total(reading) if total else None,
        )
        if foot
    ]
    if not chosen.rows:
        return [Block(lines=tuple(foot_line(foot) for foot in feet), spaced=True)] if feet else []
    columns = fitting(lambda most: _columns(reading, chosen.rows, terminal, most), terminal.width)
    return [Block(grid=Grid(columns=columns, feet=tuple(feet)), spaced=True)]


def fitting(
    made: Callable[[int], tuple[GridColumn, ...]], width: int | None
) -> tuple[GridColumn, ...]:
    """The columns that fit, with the most aligned decimals that leave room for the changes of a
    day. Where a wide column drops, a narrow one of those dropped before it may fit."""
    for most in _ALIGNED:
        columns = made(most)
        needed = [column for column in columns if column.drop <= _FIRST]
        if width is None or least_width(needed) <= width:
            break
    if width is None:
        return columns
    columns = _closer(columns, width)
    kept = {column.heading for column, _ in fitted(columns, width)}
    optional = (column for column in columns if _FIRST < column.drop < _SHARE)
    for column in sorted(optional, key=lambda column: column.drop):
        more = kept | {column.heading}
        if least_width([one for one in columns if one.heading in more]) <= width:
            kept = more
    return tuple(column for column in columns if column.heading in kept)


def _closer(columns: tuple[GridColumn, ...], width: int) -> tuple[GridColumn, ...]:
    """The columns one cell closer to each other, from the right, as far as the changes of a day
    need it to fit; as they are if that is not enough."""
    closer = list(columns)
    for place in range(len(columns) - 1, 0, -1):
        if least_width([column for column in closer if column.drop <= _FIRST]) <= width:
            return tuple(closer)
        closer[place] = closer[place]._replace(gap=1)
    return columns


def _columns(
    reading: PortfolioReading, rows: Sequence[Holding], terminal: Terminal, most: int
) -> tuple[GridColumn, ...]:
    signs, asset = Signs(terminal.unicode), reading.reporting_asset
    digits = words.money_digits(asset)
    marks = [PARTIAL if is_partial(one, asset) else "" for one in rows]
    realised = [Number(words.signed(h.realised_pnl, digits)) for h in rows]
    return (
        code_column("Asset", [named(one, signs) for one in rows], signs),
        brief_column("Quantity", [one.quantity for one in rows], 6 if most > 3 else most),
        brief_price_column("Price", [one.price for one in rows], most),
        brief_price_column("Avg entry", [h.average_entry_price for h in rows], most, marks=marks),
        GridColumn(
            heading="Value",
            cells=aligned([Number(words.fixed(one.value, digits)) for one in rows]),
            align="right",
            gap=1 if any(marks) else 2,
        ),
        result_column(
            "Unrealised", [(h.unrealised_pnl, h.unrealised_fraction) for h in rows], asset, drop=1
        ),
        change_column("24 h", [one.change_24h for one in rows], drop=_FIRST),
        GridColumn(
            heading="Share",
            cells=aligned([Number(words.percent(one.share)) for one in rows]),
            align="right",
            drop=_SHARE,
        ),
        *([_bars(rows, signs)] if terminal.is_tty else []),
        GridColumn(heading="Realised", cells=aligned(realised), align="right", drop=7),
        _accounts(rows, signs),
    )


def named(holding: Holding, signs: Signs) -> str:
    """The asset; a debt is owed."""
    return f"{holding.asset} owed" if holding.quantity < 0 else holding.asset


def _bars(rows: Sequence[Holding], signs: Signs) -> GridColumn:
    top = max((one.share or ZERO for one in rows), default=ZERO)
    shares = [EXACT.divide(one.share or ZERO, top) if top > 0 else ZERO for one in rows]
    bars = tuple(text(signs.thin_bar(share, BAR), "bar") for share in shares)
    return GridColumn(
        heading="", fill=lambda _: bars, least=BAR, most=BAR, drop=9, gap=1, ornament=True
    )


def _accounts(rows: Sequence[Holding], signs: Signs) -> GridColumn:
    """Where a holding is, the largest part first: ``main 4.3, savings 2.9 …``."""
    texts = [_parts(one) for one in rows]
    longest = max((cells(", ".join(parts)) for parts in texts), default=0)
    return GridColumn(
        heading="Accounts",
        fill=lambda width: tuple(text(_as_fits(parts, width, signs)) for parts in texts),
        least=min(longest, 20),
        most=longest,
        drop=6,
    )


def _parts(holding: Holding) -> list[str]:
    held = holding.largest_parts
    if len(held) == 1:
        return [held[0][0]]
    parts = [f"{name} {words.rough(total)}" for name, total in held[:NAMED_ACCOUNTS]]
    more = [name for name, _ in held[NAMED_ACCOUNTS:]]  # one, which says that there are more
    return [*parts, *more]


def _as_fits(parts: Sequence[str], width: int, signs: Signs) -> str:
    """As many parts as fit, and an ellipsis where there are more; each is measured once."""
    room, end, fitting = width - cells(f" {signs.ellipsis}"), 0, 0
    if len(parts) > NAMED_ACCOUNTS:
        width = room
    for number, part in enumerate(parts[:NAMED_ACCOUNTS], start=1):
        end += cells(part) + (2 if number > 1 else 0)
        if end <= (width if number == len(parts) else room):
            fitting = number
        if end > width:
            break
    if fitting == len(parts):
        return ", ".join(parts)
    return f"{', '.join(parts[:fitting])} {signs.ellipsis}" if fitting else signs.ellipsis


# --- what sums up ---------------------------------------------------------------------------------


def small_foot(reading: PortfolioReading, chosen: Selection, within: str = "") -> Foot | None:
    """The row of the small holdings."""
    if not chosen.small:
        return None
    label = f"{len(chosen.small):,} below {chosen.below} (--all){within}"
    return text(label, "quiet"), _sums(reading, chosen.small)


def _open_results(reading: PortfolioReading) -> Foot | None:
    """The results of positions that no wallet contains: without them the rows would not add up."""
    own = [
        one.unrealised_value
        for one in reading.positions
        if not one.in_wallet and one.unrealised_value
    ]
    if not own:
        return None
    digits = words.money_digits(reading.reporting_asset)
    return text("open positions"), (("Value", text(words.fixed(_sum(own), digits))),)


def _total(reading: PortfolioReading) -> Foot:
    digits = words.money_digits(reading.reporting_asset)
    figures = [("Value", text(words.fixed(reading.totals.value, digits), "strong"))]
    figures += _sums(reading, reading.holdings)[1:]
    return text("Total", "strong"), tuple(figures)


def _sums(reading: PortfolioReading, own: Sequence[Holding]) -> tuple[tuple[str, Line], ...]:
    digits = words.money_digits(reading.reporting_asset)
    value = _sum([one.value for one in own if one.value is not None])
    figures = [("Value", text(words.fixed(value, digits)))]
    results = [one.unrealised_pnl for one in own if one.unrealised_pnl is not None]
    if results:
        result = _sum(results)
        figures.append(("Unrealised", text(words.signed(result, digits), calm_tone(result, None))))
    return tuple(figures)


def _sum(figures: Sequence[Decimal]) -> Decimal:
    total = ZERO
    for figure in figures:
        total = EXACT.add(total, figure)
    return total


# --- averages of a part ---------------------------------------------------------------------------


def is_partial(holding: Holding, reporting_asset: str) -> bool:
    """Whether the average leaves more than a rounding difference uncovered, for a reason of this
    holding alone."""
    unknown = abs(holding.unknown_quantity)
    return (
        holding.asset != reporting_asset
        and not _reported_once(holding)
        and (
            unknown > abs(holding.quantity) * ROUNDING
            or (unknown > 0 and holding.explained_quantity == 0)
        )
    )


def _reported_once(holding: Holding) -> bool:
    """Whether one finding states for all holdings why their costs are not shown."""
    return bool(holding.unknown_reasons) and holding.unknown_reasons[0].startswith(
        (COST_KEPT_IN, NOT_COMPUTED)
    )


def covered(holding: Holding) -> str:
    """How much of a holding its average covers, in whole percent: ``84 %``; never 100 %."""
    if not holding.quantity or holding.explained_quantity == 0:
        return "0 %"
    hundredths = int(EXACT.divide(holding.explained_quantity, holding.quantity) * 100)
    return f"{min(hundredths, 99)} %" if hundredths >= 1 else "<1 %"
