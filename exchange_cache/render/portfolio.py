"""The portfolio as a screen: the answer first, then what qualifies it, then what is wrong and the
command that cures it.

Pure: a reading becomes a :class:`Screen`; table and plain writers print it. Nothing is left out
silently: small holdings are summed in one line, unpriced ones are named, an average that explains
only part of its holding has a numbered note.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from exchange_cache.cost.reconcile import ROUNDING
from exchange_cache.records import DataType, Finding
from exchange_cache.render import words
from exchange_cache.render.findings import brief, finding_lines, in_brief
from exchange_cache.render.groups import group_blocks
from exchange_cache.render.health import fresh_as_of, health_lines, is_trouble
from exchange_cache.render.layout import (
    Block,
    Foot,
    Grid,
    GridColumn,
    Line,
    Number,
    Screen,
    aligned,
    fitted,
    flowed,
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
from exchange_cache.render.positions import position_blocks
from exchange_cache.render.signs import Signs
from exchange_cache.render.terminal import Terminal
from exchange_cache.value.freshness import State
from exchange_cache.value.grouping import sorted_holdings
from exchange_cache.value.reading import COST_KEPT_IN, Holding, PortfolioReading

_AVERAGE = "Avg entry"
_OWN_NOTES = 3
_NAMED = 12

#: Beginnings of finding codes that the screen tells in a better place: in the Unpriced line or a
#: footnote, and in the health lines.
SHOWN_OF_ASSETS = ("unpriced", "unknown", "partial", "unexplained")
SHOWN_OF_ACCOUNTS = ("stale", "missing", "never_synced", "sync_failed")


@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioOptions:
    """``min_value`` sums up smaller holdings; ``by`` is asset, account, wallet or exchange
    (``exchanges``: of each account); ``sort`` is value, asset, pnl or change; ``refreshing`` when a
    sync was just started. ``past`` says where a reading of an earlier moment comes from, ``period``
    to which time the realised result is limited (``since 2026-01-01 ``).
    """

    min_value: Decimal = Decimal(0)
    by: str = "asset"
    sort: str = "value"
    exchanges: Mapping[str, str] = field(default_factory=dict)
    refreshing: bool = False
    past: str = ""
    period: str = ""


@dataclass(slots=True)
class _Notes:
    """Footnotes in the order in which they are first needed: (head, words, command)."""

    signs: Signs
    entries: list[tuple[str, str | None]] = field(default_factory=list)

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


def portfolio_screen(
    reading: PortfolioReading, *, now: datetime, terminal: Terminal, options: PortfolioOptions
) -> Screen:
    """The whole screen."""
    signs = Signs(terminal.unicode)
    notes = _Notes(signs)
    large, dust, unpriced = _sorted_out(reading, options)
    lines: list[Block] = [Block(lines=_header(reading, now, terminal.width, options))]
    lines.append(
        Block(
            lines=health_lines(
                reading.freshness, signs=signs, width=terminal.width, refreshing=options.refreshing
            )
        )
    )
    if options.by == "asset":
        lines += _holdings(reading, large, _dust(reading, dust, options), notes, terminal, now)
    else:
        lines += group_blocks(
            reading,
            large,
            options.by,
            terminal,
            foot=_dust(reading, dust, options),
            exchanges=options.exchanges,
        )
    lines.append(
        Block(lines=_unpriced(reading, unpriced, terminal.width), spaced=not large and not dust)
    )
    if not reading.holdings:
        lines.append(
            Block(lines=wrapped((), "No account holds anything.", terminal.width), spaced=True)
        )
    lines += position_blocks(reading, terminal)
    lines.append(Block(lines=notes.lines(terminal.width), spaced=True))
    lines.append(
        Block(
            lines=finding_lines(in_brief(_remaining(reading)), signs, terminal.width), spaced=True
        )
    )
    return Screen(blocks=tuple(block for block in lines if block.lines or block.grid))


def _sorted_out(
    reading: PortfolioReading, options: PortfolioOptions
) -> tuple[list[Holding], list[Holding], list[Holding]]:
    """Large holdings in the order asked for, small ones, unpriced ones."""
    ordered = sorted_holdings(reading.holdings, options.sort)
    large = [
        holding
        for holding in ordered
        if holding.value is not None and abs(holding.value) >= options.min_value
    ]
    dust = [
        holding
        for holding in ordered
        if holding.value is not None and abs(holding.value) < options.min_value
    ]
    unpriced = sorted(
        (holding for holding in ordered if holding.value is None), key=lambda holding: holding.asset
    )
    return large, dust, unpriced


# --- head -----------------------------------------------------------------------------------------


def _header(
    reading: PortfolioReading, now: datetime, width: int | None, options: PortfolioOptions
) -> tuple[Line, ...]:
    totals, asset = reading.totals, reading.reporting_asset
    digits = words.money_digits(asset)
    total = (
        *text("Portfolio   ", "title"),
        *text(words.money(totals.value, asset), "bad" if totals.value < 0 else "strong"),
    )
    parts = [
        total,
        _change(totals.change_24h_value, totals.change_24h, digits),
        text(options.past, "warn") or _as_of(reading, now),
    ]
    results = [
        _result("unrealised ", totals.unrealised_pnl, digits),
        _result(f"realised {options.period}", totals.realised_pnl, digits),
        (
            text(f"{words.money(totals.stale_value, asset)} of it at stale figures", "warn")
            if totals.stale_value
            else ()
        ),
    ]
    first = flowed(parts, width, 5)
    return (
        (*first, *flowed(results, width)) if len(first) == 1 else flowed([*parts, *results], width)
    )


def _change(value: Decimal | None, fraction: Decimal | None, digits: int) -> Line:
    if value is None and fraction is None:
        return ()
    change = words.signed(value, digits) if value is not None else ""
    share = words.percent(fraction, 2, sign=True)
    figure = f"{change} ({share})" if change and fraction is not None else change or share
    return (*text(figure, tone(value if value is not None else fraction)), *text(" in 24 h"))


def _result(label: str, value: Decimal | None, digits: int) -> Line:
    return (
        (*text(label, "quiet"), *text(words.signed(value, digits), tone(value)))
        if value is not None
        else ()
    )


def _as_of(reading: PortfolioReading, now: datetime) -> Line:
    moment = fresh_as_of(reading.freshness, reading.oldest)
    if moment is None:
        return text("never synced", "bad")
    return text(f"as of {words.clock_time(moment, now)} UTC, {words.ago(now - moment)}", "quiet")


# --- holdings -------------------------------------------------------------------------------------


def _holdings(
    reading: PortfolioReading,
    large: list[Holding],
    dust: Foot | None,
    notes: _Notes,
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
    notes: _Notes,
    terminal: Terminal,
    values: Sequence[str],
    averages: Sequence[str],
    *,
    beside_result: bool = False,
) -> list[GridColumn]:
    """All columns; the marks of partial averages stand beside the result where there is no room for
    the averages."""
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


def _average_marks(reading: PortfolioReading, large: Sequence[Holding], notes: _Notes) -> list[str]:
    """A note for every average that explains only part of its holding; where they are many, the
    smaller holdings share one."""
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
        said = f"explain only a part as well: {named}"
        marks |= dict.fromkeys((h.asset for h in rest), notes.mark(said, "excache explain ASSET"))
    return [marks.get(h.asset, "") for h in large]


def _is_partial(holding: Holding) -> bool:
    """Whether what the average does not explain is more than rounding: less than that no digit here
    would show."""
    unknown = abs(holding.unknown_quantity)
    return unknown > abs(holding.quantity) * ROUNDING or (
        unknown > 0 and holding.explained_quantity == 0
    )


def _shown_elsewhere(holding: Holding) -> bool:
    """Whether a finding says for all holdings at once why their costs are not shown."""
    return bool(holding.unknown_reasons) and holding.unknown_reasons[0].startswith(COST_KEPT_IN)


def explained(holding: Holding) -> str:
    """The note under a partly explained average: how much it explains, and where the rest came
    from."""
    reasons = "; ".join(brief(reason) for reason in holding.unknown_reasons)
    if holding.explained_quantity == 0:
        said = f"no fill explains {words.quantity(holding.quantity)} {holding.asset}"
    else:
        said = (
            f"explains {words.quantity(holding.explained_quantity)} of"
            f" {words.quantity(holding.quantity)} {holding.asset}"
        )
    return f"{said}: {reasons}" if reasons else said


def _price_marks(
    reading: PortfolioReading, large: Sequence[Holding], notes: _Notes, now: datetime
) -> list[str]:
    """One note for all values that rest on a stale price; none where every price is stale (the
    account's line says so)."""
    stale = [holding for holding in large if holding.price_state == "stale"]
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
    said = [
        f"{'all' if everything and len(ages) == 1 else words.listed(assets)} {old}"
        for old, assets in ages.items()
    ]
    mark = notes.mark(f"valued at a stale price: {'; '.join(said)}", _cure_of_stale(reading, stale))
    return [mark if holding.price_state == "stale" else "" for holding in large]


def _cure_of_stale(reading: PortfolioReading, stale: Sequence[Holding]) -> str:
    """A reload; where the prices were just fetched, the exchange itself has none that is newer (a
    delisted market), so look at them."""
    fetched = {
        item.account
        for item in reading.freshness
        if item.data_type is DataType.PRICES and item.state == State.FRESH
    }
    routes = [step.rsplit("@", 1)[-1] for holding in stale for step in holding.price_route]
    if not routes or any(account not in fetched for account in routes):
        return "excache reload"
    return f"excache prices --asset {stale[0].asset if len(stale) == 1 else 'ASSET'}"


def _dust(
    reading: PortfolioReading, dust: Sequence[Holding], options: PortfolioOptions
) -> Foot | None:
    if not dust:
        return None
    asset = reading.reporting_asset
    value = sum((holding.value for holding in dust if holding.value is not None), Decimal(0))
    share = [holding.share for holding in dust if holding.share is not None]
    least = words.quantity(options.min_value)
    figures = [("Value", text(words.fixed(value, words.money_digits(asset))))]
    if share:
        figures.append(("Share", text(words.percent(sum(share, Decimal(0))))))
    within = "" if options.by == "asset" else ", in the sums above"
    return text(
        f"{len(dust):,} more below {least} {asset} (--min-value 0){within}", "quiet"
    ), tuple(figures)


def _unpriced(
    reading: PortfolioReading, unpriced: Sequence[Holding], width: int | None
) -> tuple[Line, ...]:
    if not unpriced:
        return ()
    reasons = {
        found.asset: found.message
        for found in reading.warnings
        if found.code.startswith("unpriced") and found.asset
    }
    said = [
        f"{holding.asset} {words.quantity(holding.quantity)}"
        + (f" ({reasons[holding.asset]})" if holding.asset in reasons else "")
        for holding in unpriced
    ]
    return wrapped(text("Unpriced: ", "warn"), ", ".join(said), width)


# --- findings -------------------------------------------------------------------------------------


def _remaining(reading: PortfolioReading) -> tuple[Finding, ...]:
    """The findings that no other part of the screen tells."""
    held = {holding.asset for holding in reading.holdings}
    stale = {holding.asset for holding in reading.holdings if holding.price_state == "stale"}
    troubled = {verdict.account for verdict in reading.freshness if is_trouble(verdict)}
    return tuple(
        found
        for found in reading.warnings
        if found.accepted is None
        and not (found.asset in held and found.code.startswith(SHOWN_OF_ASSETS))
        and not (found.asset in stale and found.code == "stale_price")
        and not (found.account in troubled and found.code.startswith(SHOWN_OF_ACCOUNTS))
    )
