"""The portfolio as a screen: the answer first, then its notes, then findings with commands.

Nothing is omitted silently: small holdings are summed up in one line, unpriced ones are named, and
an average that explains only part of its holding has a numbered note.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from exchange_cache.data_types import ALARMS
from exchange_cache.money import EXACT
from exchange_cache.render import words
from exchange_cache.render.findings import finding_lines, in_brief
from exchange_cache.render.health import as_of, health_lines, is_trouble
from exchange_cache.render.holdings import Notes, holding_blocks
from exchange_cache.render.layout import (
    Block,
    Foot,
    Line,
    Screen,
    flowed,
    text,
    wrapped,
)
from exchange_cache.render.parts import (
    tone,
)
from exchange_cache.render.positions import position_blocks
from exchange_cache.render.signs import Signs
from exchange_cache.render.terminal import Terminal
from exchange_cache.value.ordering import price_at, sorted_holdings

if TYPE_CHECKING:
    from exchange_cache.findings import Finding
    from exchange_cache.value.reading import Holding, PortfolioReading

#: Prefixes of finding codes that other parts of the screen show: the Unpriced line, the footnotes
#: and the health lines.
SHOWN_OF_ASSETS = ("unpriced", "unknown", "partial", "unexplained")
#: An account with a smaller share of what is held does not date the whole.
_NOTICEABLE = Decimal("0.01")
#: Permanent facts, which ``status`` names; here they are causes in footnotes.
SHOWN_BY_STATUS = ("own_",)
SHOWN_OF_ACCOUNTS = ("stale", "missing", "never_synced", "sync_failed")


class PortfolioOptions(NamedTuple):
    """How the portfolio is shown.

    ``min_value`` sums up smaller holdings. ``by`` is asset, account, wallet or exchange
    (``exchanges`` names that of each account). ``sort`` is value, asset, pnl or change.
    ``refreshing`` is set if a sync was just started. ``past`` is the source of a reading of an
    earlier moment. ``period`` describes the period of realised results (``since 2026-01-01 ``).
    ``assets`` are the only ones of the reading.
    """

    min_value: Decimal = Decimal(0)
    by: str = "asset"
    sort: str = "value"
    exchanges: Mapping[str, str] = MappingProxyType({})
    refreshing: bool = False
    past: str = ""
    period: str = ""
    assets: tuple[str, ...] = ()


def portfolio_screen(
    reading: PortfolioReading, *, now: datetime, terminal: Terminal, options: PortfolioOptions
) -> Screen:
    """The whole screen."""
    signs = Signs(terminal.unicode)
    notes = Notes(signs)
    large, dust, unpriced = _by_size(reading, options)
    lines: list[Block] = [Block(lines=_header(reading, now, terminal.width, options))]
    lines.append(
        Block(
            lines=health_lines(
                reading.freshness,
                signs=signs,
                width=terminal.width,
                refreshing=options.refreshing,
                alarmed=_alarmed(reading.warnings),
            )
        )
    )
    if options.by == "asset":
        lines += holding_blocks(reading, large, _dust(reading, dust, options), notes, terminal, now)
    else:
        from exchange_cache.render.groups import group_blocks

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
    if not reading.holdings and not options.past:
        what = " or ".join(options.assets) or "anything"
        lines.append(
            Block(lines=wrapped((), f"No account holds {what}.", terminal.width), spaced=True)
        )
    lines += position_blocks(reading, terminal)
    lines.append(Block(lines=notes.lines(terminal.width), spaced=True))
    lines.append(
        Block(
            lines=finding_lines(in_brief(_remaining(reading)), signs, terminal.width), spaced=True
        )
    )
    return Screen(blocks=tuple(block for block in lines if block.lines or block.grid))


def _by_size(
    reading: PortfolioReading, options: PortfolioOptions
) -> tuple[list[Holding], list[Holding], list[Holding]]:
    """Large holdings in the selected order, small ones, unpriced ones."""
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


def _alarmed(findings: Iterable[Finding]) -> frozenset[str | None]:
    """The accounts with an unexplained outflow that nobody has accepted."""
    return frozenset(one.account for one in findings if one.code in ALARMS and one.accepted is None)


def _header(
    reading: PortfolioReading, now: datetime, width: int | None, options: PortfolioOptions
) -> tuple[Line, ...]:
    totals, asset = reading.totals, reading.reporting_asset
    digits = words.money_digits(asset)
    parts = [
        _total(reading, options),
        _change(totals.change_24h_value, totals.change_24h, digits),
        text(options.past, "warn") or _as_of(reading, now),
    ]
    results = [
        _result("unrealised ", totals.unrealised_pnl, digits),
        _result(f"realised {options.period}", totals.realised_pnl, digits),
        (
            text(f"{words.money(totals.stale_value, asset)} of it stale", "warn")
            if totals.stale_value and not options.past  # a finding names what is priced later
            else ()
        ),
        _left_out(reading),
    ]
    first = flowed(parts, width, 5)
    return (
        (*first, *flowed(results, width)) if len(first) == 1 else flowed([*parts, *results], width)
    )


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
    if 2 * priced < len(reading.holdings):
        of = f" of {priced} of {len(reading.holdings)} assets, the others have no price"
        return (*title, *text(figure), *text(of, "warn"))
    return (*title, *text(figure, "bad" if totals.value < 0 else "strong"))


def _left_out(reading: PortfolioReading) -> Line:
    """How many assets with a value the change in 24 h leaves out."""
    if reading.totals.change_24h is None:
        return ()
    without = sum(
        holding.value is not None and holding.change_24h is None for holding in reading.holdings
    )
    return text(f"24 h without {words.count(without, 'asset')}", "quiet") if without else ()


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
    moment = as_of(reading.freshness, _accounts_that_matter(reading), reading.oldest)
    if moment is None:
        return text("never synced", "bad")
    return text(f"as of {words.zoned_time(moment, now)}, {words.ago(now - moment)}", "quiet")


def _accounts_that_matter(reading: PortfolioReading) -> frozenset[str]:
    """The accounts with a noticeable part of what is held."""
    held: dict[str, Decimal] = {}
    for holding in reading.holdings:
        for part in holding.wallets:
            worth = abs(EXACT.multiply(part.total, price_at(holding, part.account) or Decimal(0)))
            held[part.account] = EXACT.add(held.get(part.account, Decimal(0)), worth)
    least = EXACT.multiply(sum(held.values(), Decimal(0)), _NOTICEABLE)
    return frozenset(name for name, worth in held.items() if worth and worth >= least)


# --- small and unpriced holdings ------------------------------------------------------------------


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
    within = "" if options.by == "asset" else ", included in the sums above"
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
    parts = [
        f"{holding.asset} {words.quantity(holding.quantity)}"
        + (f" ({reasons[holding.asset]})" if holding.asset in reasons else "")
        for holding in unpriced
    ]
    return wrapped(text("Unpriced: ", "warn"), ", ".join(parts), width)


# --- findings -------------------------------------------------------------------------------------


def _remaining(reading: PortfolioReading) -> tuple[Finding, ...]:
    """The findings that no other part of the screen shows."""
    held = {holding.asset for holding in reading.holdings}
    stale = {holding.asset for holding in reading.holdings if holding.price_state == "stale"}
    troubled = {verdict.account for verdict in reading.freshness if is_trouble(verdict)}
    return tuple(
        found
        for found in reading.warnings
        if found.accepted is None
        and not found.code.startswith(SHOWN_BY_STATUS)
        and not (found.asset in held and found.code.startswith(SHOWN_OF_ASSETS))
        and not (found.asset in stale and found.code == "stale_price")
        and not (found.account in troubled and found.code.startswith(SHOWN_OF_ACCOUNTS))
    )
