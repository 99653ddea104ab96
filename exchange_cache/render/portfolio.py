"""The portfolio as a screen: the answer first, then what endangers it, then what qualifies it.

Nothing is omitted silently: small holdings are one row, and what has no price, or an average of a
part, is named under the tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from exchange_cache.data_types import COSTS_OPEN
from exchange_cache.money import EXACT
from exchange_cache.render import words
from exchange_cache.render.dangers import danger_lines, sound_accounts
from exchange_cache.render.health import as_of
from exchange_cache.render.holdings import Selection, holding_blocks, select
from exchange_cache.render.layout import (
    Block,
    Line,
    Screen,
    flowed,
    joined,
    text,
    width_of,
    wrapped,
)
from exchange_cache.render.notes import note_lines
from exchange_cache.render.parts import calm_tone, tone
from exchange_cache.render.positions import position_blocks
from exchange_cache.render.signs import Signs
from exchange_cache.render.terminal import Terminal
from exchange_cache.value.ordering import sorted_holdings
from exchange_cache.value.states import NOTICEABLE

if TYPE_CHECKING:
    from exchange_cache.value.reading import PortfolioReading


class PortfolioOptions(NamedTuple):
    """How the portfolio is shown.

    ``min_value`` sums up smaller holdings (None: those below 0.1 % of the total), and with ``all_``
    nothing is summed up or shortened. ``by`` is asset, account, wallet or exchange
    (``exchanges`` names that of each account). ``sort`` is value, asset, pnl or change.
    ``refreshing`` is set if a sync was just started. ``past`` is the source of a reading of an
    earlier moment. ``period`` describes the period of realised results (``since 2026-01-01 ``).
    ``assets`` are the only ones of the reading. ``unfold`` is the command that shows what the
    lines under the tables sum up.
    """

    min_value: Decimal | None = None
    by: str = "asset"
    sort: str = "value"
    exchanges: Mapping[str, str] = MappingProxyType({})
    refreshing: bool = False
    past: str = ""
    period: str = ""
    assets: tuple[str, ...] = ()
    all_: bool = False
    unfold: str = "excache status"


def portfolio_screen(
    reading: PortfolioReading, *, now: datetime, terminal: Terminal, options: PortfolioOptions
) -> Screen:
    """The whole screen."""
    signs = Signs(terminal.unicode)
    ordered = sorted_holdings(reading.holdings, options.sort)
    chosen = select(ordered, reading, options.min_value, all_=options.all_ or bool(options.assets))
    blocks = [
        Block(lines=_header(reading, now, signs, terminal.width, options)),
        Block(
            lines=()
            if options.past
            else danger_lines(reading, signs, terminal.width, refreshing=options.refreshing)
        ),
        *_tables(reading, chosen, terminal, options),
    ]
    if not reading.holdings and not options.past:
        what = " or ".join(options.assets) or "anything"
        empty = wrapped((), f"No account holds {what}.", terminal.width)
        blocks.append(Block(lines=empty, spaced=True))
    blocks += position_blocks(reading, terminal, all_=options.all_ or bool(options.assets))
    notes = note_lines(
        reading,
        chosen.rows,
        signs=signs,
        width=terminal.width,
        all_=options.all_,
        past=bool(options.past),
        unfold=options.unfold,
    )
    blocks.append(Block(lines=notes, spaced=True))
    return Screen(blocks=tuple(block for block in blocks if block.lines or block.grid))


def _tables(
    reading: PortfolioReading, chosen: Selection, terminal: Terminal, options: PortfolioOptions
) -> list[Block]:
    if options.by == "asset":
        several = len(reading.holdings) + len(reading.positions) > 1
        total = several and not _is_partly_priced(reading)
        return holding_blocks(reading, chosen, terminal, total=total)
    from exchange_cache.render.groups import group_blocks

    return group_blocks(reading, chosen, options.by, terminal, exchanges=options.exchanges)


# --- head -----------------------------------------------------------------------------------------


def _header(
    reading: PortfolioReading,
    now: datetime,
    signs: Signs,
    width: int | None,
    options: PortfolioOptions,
) -> tuple[Line, ...]:
    """The total, its change and how old it is, then the results."""
    totals, asset = reading.totals, reading.reporting_asset
    digits = words.money_digits(asset)
    answer = [_total(reading, options), _change(totals.change_24h_value, totals.change_24h, digits)]
    state = text(options.past, "warn") or _state(reading, now, signs)
    stale = EXACT.multiply(abs(totals.value), NOTICEABLE)
    results = [
        _result("unrealised ", totals.unrealised_pnl, digits),
        _result(f"realised {options.period}", totals.realised_pnl, digits),
        _unknown_results(reading),
        (
            text(f"{words.money(totals.stale_value, asset)} of it stale", "warn")
            if totals.stale_value > stale and not options.past  # else a note names its prices
            else ()
        ),
        _left_out(reading),
    ]
    first = joined(answer, 3)
    gap = 5 if width is None else width - width_of(first) - width_of(state)
    if gap < 2:
        return flowed([*answer, state, *results], width)
    return ((*first, *text(" " * gap), *state), *flowed(results, width))


def _is_partly_priced(reading: PortfolioReading) -> bool:
    """Whether most assets have no price: then the sum of the others is not the total."""
    priced = sum(holding.value is not None for holding in reading.holdings)
    return 2 * priced < len(reading.holdings)


def _total(reading: PortfolioReading, options: PortfolioOptions) -> Line:
    """The total; not as the answer where most assets have no price, or nothing is known."""
    title = text(f"{', '.join(options.assets) or 'Portfolio'}   ", "title")
    totals = reading.totals
    priced = sum(holding.value is not None for holding in reading.holdings)
    if not priced and (reading.holdings or options.past):
        why = (
            f"unknown: nothing has a price in {reading.reporting_asset}"
            if reading.holdings
            else "nothing is stored of that time"
        )
        return (*title, *text(why, "warn"))
    figure = words.money(totals.value, reading.reporting_asset)
    if _is_partly_priced(reading):
        of = f" of {priced} of {len(reading.holdings)} assets, the others have no price"
        return (*title, *text(figure), *text(of, "warn"))
    shown = (*title, *text(figure, "bad" if totals.value < 0 else "strong"))
    missing = sum(found.code == "unreadable_row" for found in reading.warnings)
    left = f" without {words.count(missing, 'row')} that cannot be read" if missing else ""
    return (*shown, *text(left, "warn")) if left else shown


def _unknown_results(reading: PortfolioReading) -> Line:
    """Why neither the unrealised nor the realised result is known, where a note says how it will
    be."""
    if reading.totals.unrealised_pnl is not None or reading.totals.realised_pnl is not None:
        return ()
    codes = {found.code for found in reading.warnings}
    if codes & {"quote_rates_missing", "cost_in_other_asset"}:
        return text(f"results not known in {reading.reporting_asset}", "warn")
    return text("results not computed yet", "warn") if COSTS_OPEN in codes else ()


def _left_out(reading: PortfolioReading) -> Line:
    """What the change in 24 h leaves out: assets with a value, and results of open positions."""
    if reading.totals.change_24h is None:
        return ()
    without = sum(
        holding.value is not None and holding.change_24h is None for holding in reading.holdings
    )
    named = [
        *([words.count(without, "asset")] if without else []),
        *(["positions"] if any(one.unrealised_value for one in reading.positions) else []),
    ]
    return text(f"24 h without {', '.join(named)}", "quiet") if named else ()


def _change(value: Decimal | None, fraction: Decimal | None, digits: int) -> Line:
    if value is None and fraction is None:
        return ()
    change = words.signed(value, digits) if value is not None else ""
    share = f"{words.change(fraction)} %"
    figure = f"{change} ({share})" if change and fraction is not None else change or share
    role = calm_tone(value if value is not None else fraction, fraction)
    return (*text(figure, role), *text(" 24 h"))


def _result(label: str, value: Decimal | None, digits: int) -> Line:
    return (
        (*text(label, "quiet"), *text(words.signed(value, digits), tone(value)))
        if value is not None
        else ()
    )


def _state(reading: PortfolioReading, now: datetime, signs: Signs) -> Line:
    """How old the figures are, and how many accounts are well: ``3 min ago, 6 of 6 ✓``."""
    moment = as_of(reading.freshness, reading.main_accounts, reading.oldest)
    if moment is None:
        return text("never synced", "bad")
    age, accounts = words.ago(now - moment), len(reading.accounts)
    sound = sound_accounts(reading)
    if not sound:
        return text(age, "quiet")
    role = "good" if sound == accounts else "warn"
    return (*text(f"{age}, ", "quiet"), *text(f"{sound} of {accounts} {signs.good}", role))
