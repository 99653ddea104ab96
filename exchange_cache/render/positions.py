"""Open positions, a table per account."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from exchange_cache.render import words
from exchange_cache.render.layout import Block, Grid, GridColumn, Line, Number, aligned, text
from exchange_cache.render.parts import code_column, pnl_column, price_column, quantity_column, tone
from exchange_cache.render.signs import Signs
from exchange_cache.render.terminal import Terminal

if TYPE_CHECKING:
    from exchange_cache.value.reading import PortfolioReading, PositionReading

_NEAR = Decimal("0.1")  # of the mark price: a closer liquidation is stated in words


def position_blocks(reading: PortfolioReading, terminal: Terminal) -> list[Block]:
    """One block per account with positions, in the order of the reading's accounts."""
    by_account: dict[str, list[PositionReading]] = {}
    for own in reading.positions:
        by_account.setdefault(own.position.account, []).append(own)
    order = [account for account in reading.accounts if account in by_account]
    order += [account for account in by_account if account not in order]
    signs = Signs(terminal.unicode)
    return [
        Block(grid=_grid(account, by_account[account], reading.reporting_asset, signs), spaced=True)
        for account in order
    ]


def _grid(account: str, rows: Sequence[PositionReading], asset: str, signs: Signs) -> Grid:
    positions = [row.position for row in rows]
    columns = (
        code_column(f"Positions ({account})", [own.symbol for own in positions], signs),
        GridColumn(heading="Side", cells=tuple(text(own.side) for own in positions)),
        quantity_column("Contracts", [own.contracts for own in positions], drop=1),
        price_column("Entry", [own.entry_price for own in positions], drop=3),
        price_column("Mark", [own.mark_price for own in positions], drop=4),
        _results(rows, asset),
        GridColumn(
            heading="Lev",
            cells=tuple(text(_leverage(own.leverage)) for own in positions),
            align="right",
            drop=5,
        ),
        _liquidations(rows),
    )
    return Grid(columns=columns)


def _results(rows: Sequence[PositionReading], asset: str) -> GridColumn:
    """Results in the reporting asset; one that cannot be converted stays in its settle asset."""
    column = pnl_column(
        "Unrealised PnL", [(row.unrealised_value, row.unrealised_fraction) for row in rows], asset
    )
    cells = tuple(_own_result(row) or cell for row, cell in zip(rows, column.cells, strict=True))
    return GridColumn(heading=column.heading, cells=cells, align="right")


def _own_result(row: PositionReading) -> Line:
    own = row.position.unrealised_pnl
    if row.unrealised_value is not None or own is None:
        return ()
    settled = row.position.settle_asset
    return text(f"{words.signed(own, max(2, words.quantity_digits([own])))} {settled}", tone(own))


def _leverage(leverage: Decimal | None) -> str:
    return words.UNKNOWN if leverage is None else f"{words.quantity(leverage)}x"


def _liquidations(rows: Sequence[PositionReading]) -> GridColumn:
    numbers = aligned(
        [
            Number(words.price(row.position.liquidation_price), "bad" if _near(row) else "")
            for row in rows
        ]
    )
    remarks = [
        f"  {words.percent(row.liquidation_distance)} away" if _near(row) else "" for row in rows
    ]
    widest = max(map(len, remarks))
    cells = tuple(
        (*number, *text(remark.ljust(widest), "bad"))
        for number, remark in zip(numbers, remarks, strict=True)
    )
    return GridColumn(heading="Liquidation", cells=cells, align="right", tail=widest)


def _near(row: PositionReading) -> bool:
    return row.liquidation_distance is not None and abs(row.liquidation_distance) < _NEAR
