"""The portfolio by account, wallet or exchange, with subtotals that add up to the total.

A part of a holding has the average of its account, where the accounts' averages differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from exchange_cache.money import EXACT, ZERO
from exchange_cache.render import words
from exchange_cache.render.holdings import PARTIAL, Selection, fitting, is_partial, small_foot
from exchange_cache.render.layout import (
    Block,
    Grid,
    GridColumn,
    Line,
    Number,
    aligned,
    foot_line,
    joined,
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
from exchange_cache.value.ordering import group_name, price_at

if TYPE_CHECKING:
    from exchange_cache.value.grouping import GroupValue
    from exchange_cache.value.reading import Holding, PortfolioReading

#: The row of a group for the results of open positions that no balance contains.
POSITIONS = "open PnL"


@dataclass(slots=True)
class _Row:
    """A part of a holding in one group. ``cost`` and ``explained``: of the units whose cost is
    known; ``partial``: these are not all."""

    asset: str
    quantity: Decimal | None = None
    value: Decimal | None = None
    price: Decimal | None = None
    change: Decimal | None = None
    cost: Decimal = ZERO
    explained: Decimal = ZERO
    partial: bool = False

    @property
    def average(self) -> Decimal | None:
        return EXACT.divide(self.cost, self.explained) if self.explained else None

    def result(self, reporting_asset: str) -> tuple[Decimal | None, Decimal | None]:
        """The unrealised result of the known part, and as a fraction of its cost."""
        if self.price is None or not self.explained or self.asset == reporting_asset:
            return None, None
        result = EXACT.subtract(EXACT.multiply(self.explained, self.price), self.cost)
        return result, EXACT.divide(result, abs(self.cost)) if self.cost else None


def group_blocks(
    reading: PortfolioReading,
    chosen: Selection,
    by: str,
    terminal: Terminal,
    *,
    exchanges: Mapping[str, str] | None = None,
) -> list[Block]:
    """One grid with a heading and a subtotal per group, small holdings included."""
    from exchange_cache.value.grouping import group_values

    names = exchanges or {}
    groups = group_values(reading, by, exchange_of=names)
    places = _places(reading, chosen.rows, groups, by, names)
    small = small_foot(reading, chosen, ", in the sums above")
    feet = (small,) if small else ()
    if not places:
        return [Block(lines=tuple(map(foot_line, feet)), spaced=True)] if feet else []
    shown = [(group, places[group.name]) for group in groups if group.name in places]
    rows = [row for _, own in shown for row in own]
    columns = fitting(lambda most: _columns(reading, rows, terminal, most), terminal.width)
    grid = Grid(
        columns=columns,
        groups=tuple(_headings(shown, reading.reporting_asset)),
        group_heading=by.capitalize(),
        feet=feet,
    )
    return [Block(grid=grid, spaced=True)]


def _columns(
    reading: PortfolioReading, rows: Sequence[_Row], terminal: Terminal, most: int
) -> tuple[GridColumn, ...]:
    signs, asset = Signs(terminal.unicode), reading.reporting_asset
    digits, total = words.money_digits(asset), reading.totals.value
    marks = [PARTIAL if row.partial else "" for row in rows]
    return (
        code_column("Asset", [_named(row) for row in rows], signs, role=""),
        brief_column("Quantity", [row.quantity for row in rows], most),
        brief_price_column("Price", [row.price for row in rows], most),
        brief_price_column("Avg entry", [row.average for row in rows], most, marks=marks),
        GridColumn(
            heading="Value",
            cells=aligned([Number(words.fixed(row.value, digits)) for row in rows]),
            align="right",
            gap=1 if any(marks) else 2,
        ),
        result_column("Unrealised", [row.result(asset) for row in rows], asset, drop=1),
        change_column("24 h", [row.change for row in rows], drop=4),
        GridColumn(
            heading="Share",
            cells=aligned([Number(_share(row.value, total)) for row in rows]),
            align="right",
            drop=8,
        ),
    )


def _named(row: _Row) -> str:
    """The asset below the name of its group; a debt is owed."""
    return (
        f" {row.asset} owed" if row.quantity is not None and row.quantity < 0 else f" {row.asset}"
    )


def _places(
    reading: PortfolioReading,
    holdings: Sequence[Holding],
    groups: Sequence[GroupValue],
    by: str,
    names: Mapping[str, str],
) -> dict[str, list[_Row]]:
    """The rows of each group in the order of the holdings, then its open positions."""
    found: dict[str, dict[str, _Row]] = {}
    for holding in holdings:
        for part in holding.wallets:
            name = group_name(by, holding.asset, part.account, part.wallet, names)
            row = found.setdefault(name, {}).setdefault(holding.asset, _Row(holding.asset))
            _add(row, holding, part.account, part.total, reading.reporting_asset)
    places = {place: list(rows.values()) for place, rows in found.items()}
    for group in groups:
        if group.positions_value:
            own = _Row(POSITIONS, value=group.positions_value)
            places.setdefault(group.name, []).append(own)
    return places


def _add(row: _Row, holding: Holding, account: str, total: Decimal, reporting_asset: str) -> None:
    """Add a part of a holding; of the costs of its account the same part."""
    row.quantity = EXACT.add(row.quantity or ZERO, total)
    row.change = holding.change_24h
    price = price_at(holding, account)
    if price is not None:
        row.value = EXACT.add(row.value or ZERO, EXACT.multiply(total, price))
        row.price = price if row.quantity == total else EXACT.divide(row.value, row.quantity or 1)
    explained, average, partial = _cost(holding, account, reporting_asset)
    units = EXACT.multiply(total, explained)
    row.partial = row.partial or partial
    row.explained = EXACT.add(row.explained, units)
    row.cost = EXACT.add(row.cost, EXACT.multiply(units, average))


def _cost(holding: Holding, account: str, reporting_asset: str) -> tuple[Decimal, Decimal, bool]:
    """Which part of an account's units its average covers, the average, and whether that is less
    than all; where the averages do not differ, those of the whole holding."""
    own = next((one for one in holding.account_averages if one.account == account), None)
    if own is None:
        known, average = holding.explained_quantity, holding.average_entry_price
        whole = holding.quantity
        partial = is_partial(holding, reporting_asset)
    else:
        known, average = own.explained_quantity, own.average_entry_price
        whole = EXACT.add(known, own.unknown_quantity)
        partial = known != whole and is_partial(holding, reporting_asset)
    if average is None or not whole:
        return ZERO, ZERO, partial
    return EXACT.divide(known, whole), average, partial


def _share(value: Decimal | None, total: Decimal) -> str:
    return (
        words.UNKNOWN if value is None or total <= 0 else words.percent(EXACT.divide(value, total))
    )


def _headings(shown: Iterable[tuple[GroupValue, list[_Row]]], asset: str) -> list[tuple[int, Line]]:
    headings: list[tuple[int, Line]] = []
    index = 0
    for group, rows in shown:
        share = text(words.percent(group.share), "quiet") if group.share is not None else ()
        results = [result for row in rows if (result := row.result(asset)[0]) is not None]
        total = ZERO
        for one in results:
            total = EXACT.add(total, one)
        shown_total = text(words.signed(total, words.money_digits(asset)), calm_tone(total, None))
        unrealised = (*text("unrealised ", "quiet"), *shown_total) if results else ()
        money = text(words.money(group.value, asset))
        heading = joined([text(group.name, "strong"), money, share, unrealised], 3)
        headings.append((index, heading))
        index += len(rows)
    return headings
