"""Open positions of all accounts in one table, the nearest to its liquidation first."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from exchange_cache.money import EXACT, ZERO
from exchange_cache.render import words
from exchange_cache.render.dangers import is_near
from exchange_cache.render.holdings import fitting
from exchange_cache.render.layout import Block, Foot, Grid, GridColumn, Line, Number, aligned, text
from exchange_cache.render.parts import (
    brief_column,
    brief_price_column,
    calm_tone,
    code_column,
    result_column,
    tone,
)
from exchange_cache.render.signs import Signs
from exchange_cache.render.terminal import Terminal

if TYPE_CHECKING:
    from exchange_cache.value.reading import PortfolioReading, PositionReading

_RESULT = "PnL"
#: Of more positions than the first, as many as the second have rows, and all near a liquidation.
_MOST, _SHOWN = 25, 20
#: Longer symbols are shortened where the terminal is narrow.
_SYMBOL = 15


def position_blocks(
    reading: PortfolioReading, terminal: Terminal, *, all_: bool = False
) -> list[Block]:
    """The table; no block without positions. A long one sums up what is far from a liquidation,
    unless ``all_``."""
    if not reading.positions:
        return []
    every = sorted(reading.positions, key=_nearest)
    rows = every if all_ or len(every) <= _MOST else every[: max(_SHOWN, _near(every))]
    signs = Signs(terminal.unicode)
    asset = reading.reporting_asset
    columns = fitting(lambda most: _columns(rows, asset, signs, most), terminal.width)
    feet = tuple(filter(None, (_rest(every[len(rows) :], asset), _total(every, asset))))
    return [Block(grid=Grid(columns=columns, feet=feet), spaced=True)]


def _near(rows: Sequence[PositionReading]) -> int:
    return sum(map(is_near, rows))


def _nearest(own: PositionReading) -> tuple[bool, Decimal, str, str, str]:
    distance, position = own.liquidation_distance, own.position
    place = (position.account, position.symbol, position.side)
    return (distance is None, distance or ZERO, *place)


def _columns(
    rows: Sequence[PositionReading], asset: str, signs: Signs, most: int
) -> tuple[GridColumn, ...]:
    positions = [row.position for row in rows]
    liquidations = [own.liquidation_price for own in positions]
    return (
        code_column("Positions", [own.symbol for own in positions], signs, least=_SYMBOL),
        code_column("Account", [own.account for own in positions], signs, role=""),
        GridColumn(heading="Side", cells=tuple(text(own.side) for own in positions)),
        GridColumn(
            heading="",
            cells=tuple(text(_leverage(own.leverage)) for own in positions),
            align="right",
            drop=3,
            gap=1,
        ),
        brief_column("Size", [own.contracts for own in positions], most, drop=2),
        brief_price_column("Entry", [own.entry_price for own in positions], most, drop=1),
        brief_price_column("Mark", [own.mark_price for own in positions], most, drop=6),
        _results(rows, asset),
        brief_price_column("Liquidation", liquidations, most, drop=5),
        _distances(rows, signs),
    )


def _results(rows: Sequence[PositionReading], asset: str) -> GridColumn:
    """Results in the reporting asset; one that cannot be converted stays in its settle asset."""
    column = result_column(
        _RESULT, [(row.unrealised_value, row.unrealised_fraction) for row in rows], asset
    )
    cells = tuple(_own_result(row) or cell for row, cell in zip(rows, column.cells, strict=True))
    return column._replace(cells=cells)


def _own_result(row: PositionReading) -> Line:
    own = row.position.unrealised_pnl
    if row.unrealised_value is not None or own is None:
        return ()
    settled = row.position.settle_asset
    return text(f"{words.signed(own, max(2, words.quantity_digits([own])))} {settled}", tone(own))


def _leverage(leverage: Decimal | None) -> str:
    return "" if leverage is None else f"{words.quantity(leverage)}x"


def _distances(rows: Sequence[PositionReading], signs: Signs) -> GridColumn:
    """How far the mark price is from the liquidation; a near one has a sign."""
    shares = [
        Number(
            f"{signs.danger} {words.percent(own.liquidation_distance)}"
            if is_near(own)
            else words.percent(own.liquidation_distance),
            "bad" if is_near(own) else "",
        )
        for own in rows
    ]
    return GridColumn(heading="To liq.", cells=aligned(shares), align="right")


def _total(rows: Sequence[PositionReading], asset: str) -> Foot | None:
    """The sum of all results that are known; none of a single one."""
    known = [row.unrealised_value for row in rows if row.unrealised_value is not None]
    if len(known) < 2:
        return None
    return text("Total", "strong"), ((_RESULT, _sum(known, asset)),)


def _rest(rows: Sequence[PositionReading], asset: str) -> Foot | None:
    """The row of the positions that have none, with the sum of their known results."""
    if not rows:
        return None
    known = [row.unrealised_value for row in rows if row.unrealised_value is not None]
    figures = ((_RESULT, _sum(known, asset)),) if known else ()
    return text(f"{len(rows):,} more (--all)", "quiet"), figures


def _sum(values: Sequence[Decimal], asset: str) -> Line:
    total = ZERO
    for value in values:
        total = EXACT.add(total, value)
    return text(words.signed(total, words.money_digits(asset)), calm_tone(total, None))
