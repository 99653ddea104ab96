"""The portfolio by account or by wallet: what lies where, with a subtotal for each place."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from exchange_cache.domain.money import EXACT
from exchange_cache.domain.reading import Holding, PortfolioReading
from exchange_cache.render import words
from exchange_cache.render.layout import Block, Foot, Grid, GridColumn, Line, Number, aligned, foot_line, joined, text
from exchange_cache.render.parts import code_column, money_column, quantity_column
from exchange_cache.render.signs import Signs
from exchange_cache.render.terminal import Terminal


def group_blocks(reading: PortfolioReading, holdings: Sequence[Holding], by: str, terminal: Terminal, *, foot: Foot | None) -> list[Block]:
    """One grid with a heading and subtotal per account (``by`` account) or per account and wallet; averages belong to the whole holding."""
    places: dict[str, dict[str, tuple[Decimal, Decimal | None]]] = {}
    for holding in holdings:
        for part in holding.wallets:
            rows = places.setdefault(part.account if by == "account" else f"{part.account} / {part.wallet}", {})
            rows[holding.asset] = _plus(rows.get(holding.asset), part.total, holding.price)
    if not places:
        return [Block(lines=(foot_line(foot),), spaced=True)] if foot else []
    ordered = sorted(places.items(), key=lambda place: (-_sum(place[1]), place[0]))
    lines = [(asset, quantity, value) for _, own in ordered for asset, (quantity, value) in own.items()]
    values = [value for _, _, value in lines]
    total = reading.totals.priced_value
    grid = Grid(
        columns=(
            code_column("Asset", [f"  {asset}" for asset, _, _ in lines], Signs(terminal.unicode), role=""),
            quantity_column("Quantity", [quantity for _, quantity, _ in lines]),
            money_column("Value", values, reading.reporting_asset),
            GridColumn(heading="Share", cells=aligned([Number(_share(value, total)) for value in values]), align="right", drop=1),
        ),
        groups=tuple(_headings(ordered, reading.reporting_asset)),
        group_heading=by.capitalize(),
        foot=foot,
    )
    return [Block(grid=grid, spaced=True)]


def _plus(have: tuple[Decimal, Decimal | None] | None, quantity: Decimal, price: Decimal | None) -> tuple[Decimal, Decimal | None]:
    whole = quantity if have is None else EXACT.add(have[0], quantity)
    return whole, None if price is None else EXACT.multiply(whole, price)


def _sum(rows: dict[str, tuple[Decimal, Decimal | None]]) -> Decimal:
    return sum((value for _, value in rows.values() if value is not None), Decimal(0))


def _share(value: Decimal | None, total: Decimal) -> str:
    return words.UNKNOWN if value is None or total <= 0 else words.percent(EXACT.divide(value, total))


def _headings(ordered: list[tuple[str, dict[str, tuple[Decimal, Decimal | None]]]], asset: str) -> list[tuple[int, Line]]:
    headings: list[tuple[int, Line]] = []
    index = 0
    for place, rows in ordered:
        headings.append((index, joined([text(place, "strong"), text(words.money(_sum(rows), asset))], 3)))
        index += len(rows)
    return headings
