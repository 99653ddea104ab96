"""The portfolio by account, wallet or exchange, with subtotals that add up to the total."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from exchange_cache.money import EXACT
from exchange_cache.render import words
from exchange_cache.render.layout import (
    Block,
    Foot,
    Grid,
    GridColumn,
    Line,
    Number,
    aligned,
    foot_line,
    joined,
    text,
)
from exchange_cache.render.parts import code_column, money_column, quantity_column
from exchange_cache.render.signs import Signs
from exchange_cache.render.terminal import Terminal
from exchange_cache.value.ordering import group_name, price_at

if TYPE_CHECKING:
    from exchange_cache.value.grouping import GroupValue
    from exchange_cache.value.reading import Holding, PortfolioReading

#: The row of a group for the results of open positions that no balance contains.
POSITIONS = "open positions"

_Row = tuple[str, Decimal | None, Decimal | None]


def group_blocks(
    reading: PortfolioReading,
    holdings: Sequence[Holding],
    by: str,
    terminal: Terminal,
    *,
    foot: Foot | None,
    exchanges: Mapping[str, str] | None = None,
) -> list[Block]:
    """One grid with a heading and a subtotal per group, holdings summed up in the foot included.

    It shows no averages: they belong to whole holdings.
    """
    from exchange_cache.value.grouping import group_values

    names = exchanges or {}
    groups = group_values(reading, by, exchange_of=names)
    places = _places(holdings, groups, by, names)
    if not places:
        return [Block(lines=(foot_line(foot),), spaced=True)] if foot else []
    shown = [(group, places[group.name]) for group in groups if group.name in places]
    lines = [row for _, own in shown for row in own]
    values = [value for _, _, value in lines]
    total = reading.totals.value
    grid = Grid(
        columns=(
            code_column(
                "Asset", [f"  {name}" for name, _, _ in lines], Signs(terminal.unicode), role=""
            ),
            quantity_column("Quantity", [quantity for _, quantity, _ in lines]),
            money_column("Value", values, reading.reporting_asset),
            GridColumn(
                heading="Share",
                cells=aligned([Number(_share(value, total)) for value in values]),
                align="right",
                drop=1,
            ),
        ),
        groups=tuple(_headings(shown, reading.reporting_asset)),
        group_heading=by.capitalize(),
        foot=foot,
    )
    return [Block(grid=grid, spaced=True)]


def _places(
    holdings: Sequence[Holding], groups: Sequence[GroupValue], by: str, names: Mapping[str, str]
) -> dict[str, list[_Row]]:
    """The rows of each group in the order of the holdings, then its open positions."""
    found: dict[str, dict[str, tuple[Decimal, Decimal | None]]] = {}
    for holding in holdings:
        for part in holding.wallets:
            rows = found.setdefault(
                group_name(by, holding.asset, part.account, part.wallet, names), {}
            )
            rows[holding.asset] = _plus(
                rows.get(holding.asset), part.total, price_at(holding, part.account)
            )
    places: dict[str, list[_Row]] = {
        place: [(asset, quantity, value) for asset, (quantity, value) in rows.items()]
        for place, rows in found.items()
    }
    for group in groups:
        if group.positions_value:
            places.setdefault(group.name, []).append((POSITIONS, None, group.positions_value))
    return places


def _plus(
    have: tuple[Decimal, Decimal | None] | None, quantity: Decimal, price: Decimal | None
) -> tuple[Decimal, Decimal | None]:
    whole = quantity if have is None else EXACT.add(have[0], quantity)
    return whole, None if price is None else EXACT.multiply(whole, price)


def _share(value: Decimal | None, total: Decimal) -> str:
    return (
        words.UNKNOWN if value is None or total <= 0 else words.percent(EXACT.divide(value, total))
    )


def _headings(shown: Sequence[tuple[GroupValue, list[_Row]]], asset: str) -> list[tuple[int, Line]]:
    headings: list[tuple[int, Line]] = []
    index = 0
    for group, rows in shown:
        share = text(words.percent(group.share), "quiet") if group.share is not None else ()
        headings.append(
            (
                index,
                joined(
                    [text(group.name, "strong"), text(words.money(group.value, asset)), share], 3
                ),
            )
        )
        index += len(rows)
    return headings
