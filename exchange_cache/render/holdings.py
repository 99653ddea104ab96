"""The grid of holdings on the portfolio screen, and the numbered notes that qualify its figures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from exchange_cache.data_types import DataType
from exchange_cache.money import ROUNDING
from exchange_cache.render import words
from exchange_cache.render.findings import brief
from exchange_cache.render.layout import (
    Block,
    Foot,
    Grid,
    GridColumn,
    Line,
    Number,
    aligned,
    fitted,
    foot_line,
    text,
    wrapped,
)
from exchange_cache.render.parts import (
    code_column,
    money_column,
    pnl_column,
    price_column,
    quantity_column,
    tone,
)
from exchange_cache.render.signs import Signs
from exchange_cache.render.terminal import Terminal
from exchange_cache.value.states import COST_KEPT_IN, NOT_COMPUTED, State

if TYPE_CHECKING:
    from exchange_cache.value.reading import Holding, PortfolioReading

_AVERAGE = "Avg entry"
_OWN_NOTES = 3
_NAMED = 12


class Notes:
    """Numbered footnotes in the order of their first use, each with a command."""

    def __init__(self, signs: Signs) -> None:
        self.signs = signs
        self.entries: list[tuple[str, str | None]] = []

    def mark(self, sentence: str, command: str | None) -> str:
        self.entries.append((sentence, command))
        return self.signs.footnote(len(self.entries))

    def lines(self, width: int | None) -> tuple[Line, ...]:
        lines: list[Line] = []
        for number, (sentence, command) in enumerate(self.entries, start=1):
            lines += wrapped(
                text(f"{self.signs.footnote(number)} "), sentence, width, command=command
            )
        return tuple(lines)


def holding_blocks(
    reading: PortfolioReading,
    large: list[Holding],
    dust: Foot | None,
    notes: Notes,
    terminal: Terminal,
    now: datetime,
) -> list[Block]:
    if not large:
        return [Block(lines=(foot_line(dust),), spaced=True)] if dust else []
    values = _price_marks(reading, large, notes, now)
    averages = _average_marks(reading, large, notes)
    columns = _columns(reading, large, notes, terminal, values, averages)
    if any(averages) and not any(
        column.heading == _AVERAGE for column, _ in fitted(columns, terminal.width)
    ):
        columns = _columns(reading, large, notes, terminal, values, averages, beside_result=True)
    return [Block(grid=Grid(columns=tuple(columns), foot=dust), spaced=True)]


def _columns(
    reading: PortfolioReading,
    large: Sequence[Holding],
    notes: Notes,
    terminal: Terminal,
    values: Sequence[str],
    averages: Sequence[str],
    *,
    beside_result: bool = False,
) -> list[GridColumn]:
    """All columns.

    Without room for the averages, their footnote marks move to the result.
    """
    results = [(h.unrealised_pnl, h.unrealised_fraction) for h in large]
    return [
        code_column("Asset", [holding.asset for holding in large], notes.signs),
        quantity_column("Quantity", [holding.quantity for holding in large]),
        price_column("Price", [holding.price for holding in large], drop=4),
        money_column(
            "Value", [holding.value for holding in large], reading.reporting_asset, marks=values
        ),
        GridColumn(
            heading="Share",
            cells=aligned([Number(words.percent(h.share)) for h in large]),
            align="right",
            drop=5,
        ),
        *([_bars(large, notes.signs)] if terminal.is_tty else []),
        price_column(
            _AVERAGE,
            [h.average_entry_price for h in large],
            drop=2,
            marks=() if beside_result else averages,
        ),
        pnl_column(
            "Unrealised PnL",
            results,
            reading.reporting_asset,
            drop=1,
            marks=averages if beside_result else (),
        ),
        _changes(large),
    ]


def _bars(large: Sequence[Holding], signs: Signs) -> GridColumn:
    top = max((holding.share or Decimal(0) for holding in large), default=Decimal(0))

    def fill(width: int) -> tuple[Line, ...]:
        shares = [
            (holding.share or Decimal(0)) / top if top > 0 else Decimal(0) for holding in large
        ]
        return tuple(text(signs.bar(share, width), "bar") for share in shares)

    return GridColumn(heading="", fill=fill, least=4, most=16, drop=7, gap=1, ornament=True)


def _changes(large: Sequence[Holding]) -> GridColumn:
    numbers = [Number(words.percent(h.change_24h, sign=True), tone(h.change_24h)) for h in large]
    return GridColumn(heading="24 h", cells=aligned(numbers), align="right", drop=6)


def _average_marks(reading: PortfolioReading, large: Sequence[Holding], notes: Notes) -> list[str]:
    """A note for every average that explains only part of its holding.

    Beyond a few, the smaller holdings share one note.
    """
    partial = [
        h
        for h in large
        if _is_partial(h) and h.asset != reading.reporting_asset and not _shown_elsewhere(h)
    ]
    own = partial if len(partial) <= _OWN_NOTES + 1 else partial[:_OWN_NOTES]
    marks = {h.asset: notes.mark(explained(h), f"excache explain {h.asset}") for h in own}
    rest = partial[len(own) :]
    if rest:
        named = ", ".join(h.asset for h in rest[:_NAMED]) + (
            f" and {len(rest) - _NAMED:,} more" if len(rest) > _NAMED else ""
        )
        sentence = f"these also explain only part: {named}"
        marks |= dict.fromkeys(
            (h.asset for h in rest), notes.mark(sentence, f"excache explain {rest[0].asset}")
        )
    return [marks.get(h.asset, "") for h in large]


def _is_partial(holding: Holding) -> bool:
    """Whether the average leaves more than a rounding difference unexplained."""
    unknown = abs(holding.unknown_quantity)
    return unknown > abs(holding.quantity) * ROUNDING or (
        unknown > 0 and holding.explained_quantity == 0
    )


def _shown_elsewhere(holding: Holding) -> bool:
    """Whether one finding explains for all holdings why their costs are not shown."""
    return bool(holding.unknown_reasons) and holding.unknown_reasons[0].startswith(
        (COST_KEPT_IN, NOT_COMPUTED)
    )


def explained(holding: Holding) -> str:
    """The note of a partly explained average: how much it explains, and why not all."""
    reasons = "; ".join(brief(reason) for reason in holding.unknown_reasons)
    if holding.explained_quantity == 0:
        sentence = f"no fill explains {words.quantity(holding.quantity)} {holding.asset}"
    else:
        sentence = (
            f"explains {words.quantity(holding.explained_quantity)} of"
            f" {words.quantity(holding.quantity)} {holding.asset}"
        )
    return f"{sentence}: {reasons}" if reasons else sentence


def _price_marks(
    reading: PortfolioReading, large: Sequence[Holding], notes: Notes, now: datetime
) -> list[str]:
    """One note for all values at a stale price; one that is later than the reading is named by a
    finding."""
    stale = [
        holding
        for holding in large
        if holding.price_state == "stale" and not (holding.price_as_of or now) > now
    ]
    if not stale:
        return [""] * len(large)
    ages: dict[str, list[str]] = {}
    for holding in stale:
        old = (
            words.age(now - holding.price_as_of) + " old"
            if holding.price_as_of
            else "of unknown age"
        )
        ages.setdefault(old, []).append(holding.asset)
    everything = len(stale) == len(large)
    parts = [
        f"{'all' if everything and len(ages) == 1 else words.listed(assets)} {old}"
        for old, assets in ages.items()
    ]
    mark = notes.mark(
        f"valued at a stale price: {'; '.join(parts)}", _stale_price_command(reading, stale)
    )
    return [mark if holding in stale else "" for holding in large]


def _stale_price_command(reading: PortfolioReading, stale: Sequence[Holding]) -> str:
    """A reload, or a look at the prices where they were just fetched.

    A price that is stale right after a fetch is the newest that the exchange has (a delisted
    market).
    """
    fetched = {
        item.account
        for item in reading.freshness
        if item.data_type == DataType.PRICES and item.state == State.FRESH
    }
    routes = [step.rsplit("@", 1)[-1] for holding in stale for step in holding.price_route]
    if not routes or any(account not in fetched for account in routes):
        return "excache reload"
    return f"excache prices --asset {stale[0].asset}" if len(stale) == 1 else "excache prices"
