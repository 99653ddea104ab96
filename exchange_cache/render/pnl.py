"""Profit and loss per asset or account, and the identity that proves the total."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from exchange_cache.render import words
from exchange_cache.render.formats import Rows
from exchange_cache.render.layout import (
    Block,
    Grid,
    GridColumn,
    Line,
    Number,
    Screen,
    aligned,
    flowed,
    text,
    wrapped,
)
from exchange_cache.render.machine import SCHEMA
from exchange_cache.render.parts import code_column, money_column, result_number, tone
from exchange_cache.render.signs import Signs
from exchange_cache.render.terminal import Terminal
from exchange_cache.value.pnl import APART, PnlIdentity
from exchange_cache.value.results import PnlLine, PnlReport

_IDENTITY = (
    "value", "net_deposits", "realised", "unrealised", "unknown", "residual",
    "deposited", "traded", "moved", "trading", "derivatives", "funding", "income", "expenses",
    "unrealised_holdings", "unrealised_positions", "fees_paid", *APART,
)  # fmt: skip
_PERIOD = (
    "net_deposits",
    "realised",
    "trading",
    "derivatives",
    "funding",
    "income",
    "expenses",
    "fees_paid",
    *APART,
)


def pnl_document(report: PnlReport) -> dict[str, object]:
    """For each line the ``identity`` over all time, and the figures of the ``period``."""
    return {
        "schema": SCHEMA,
        "as_of": report.as_of,
        "reporting_asset": report.reporting_asset,
        "since": report.since,
        "by": report.by,
        "rows": [_document(line) for line in report.lines],
        "total": _document(report.total),
        "unpriced_assets": report.unpriced_assets,
    }


def _document(line: PnlLine) -> dict[str, object]:
    return {
        "name": line.name,
        "identity": {name: getattr(line.identity, name) for name in _IDENTITY},
        "period": {name: getattr(line.period, name) for name in _PERIOD},
    }


def pnl_rows(report: PnlReport) -> Rows:
    """One row per line, the total last; the figures of the period are ``period_…``."""
    rows = [
        [
            line.name,
            *(getattr(line.identity, name) for name in _IDENTITY),
            *(getattr(line.period, name) for name in _PERIOD),
        ]
        for line in (*report.lines, report.total)
    ]
    return (report.by, *_IDENTITY, *(f"period_{name}" for name in _PERIOD)), rows


def pnl_screen(report: PnlReport, *, terminal: Terminal) -> Screen:
    """The results of the period, the lines and the identity."""
    asset, total = report.reporting_asset, report.total
    blocks = [Block(lines=_header(report, terminal.width))]
    lines = [line for line in report.lines if _has_figures(line)]
    if not lines:
        return Screen(
            blocks=(
                *blocks,
                Block(lines=wrapped((), "No account holds anything.", terminal.width), spaced=True),
            )
        )
    shown = (*lines, total)
    signs = Signs(terminal.unicode)
    columns = (
        code_column(report.by.capitalize(), [line.name for line in lines] + ["Total"], signs),
        money_column("Value", [line.identity.value for line in shown], asset, drop=1),
        _results(
            "Net deposits",
            shown,
            asset,
            lambda line: line.period.net_deposits,
            drop=4,
            coloured=False,
        ),
        _results("Realised", shown, asset, lambda line: line.period.realised),
        _results("Funding", shown, asset, lambda line: line.period.funding, drop=3),
        _results(
            "Fees paid",
            shown,
            asset,
            lambda line: line.period.fees_paid,
            drop=2,
            coloured=False,
            plus=False,
        ),
        _results("Unrealised", shown, asset, lambda line: line.identity.unrealised),
        _results(
            "Unknown", shown, asset, lambda line: line.identity.unknown, drop=5, coloured=False
        ),
    )
    blocks.append(Block(grid=Grid(columns=columns), spaced=True))
    blocks.append(Block(lines=_proof(report, terminal.width), spaced=True))
    return Screen(blocks=tuple(block for block in blocks if block.lines or block.grid))


def _has_figures(line: PnlLine) -> bool:
    return line.identity != PnlIdentity() or line.period != PnlIdentity()


def _header(report: PnlReport, width: int | None) -> tuple[Line, ...]:
    asset, total, digits = (
        report.reporting_asset,
        report.total,
        words.money_digits(report.reporting_asset),
    )
    realised, unrealised = total.period.realised, total.identity.unrealised
    when = "over all time" if report.since is None else f"since {words.day(report.since)}"
    return flowed(
        [
            (
                *text(f"Realised {when}   ", "title"),
                *text(f"{words.signed(realised, digits)} {asset}", tone(realised)),
            ),
            (*text("unrealised now "), *text(words.signed(unrealised, digits), tone(unrealised))),
            text(f"fees paid {words.fixed(total.period.fees_paid, digits)}"),
            text(f"funding {words.signed(total.period.funding, digits)}"),
        ],
        width,
    )


def _results(
    heading: str,
    shown: Sequence[PnlLine],
    asset: str,
    figure: Callable[[PnlLine], Decimal],
    *,
    drop: int = 0,
    coloured: bool = True,
    plus: bool = True,
) -> GridColumn:
    digits = words.money_digits(asset)
    numbers = [
        result_number(figure(line), digits, None if coloured else "")
        if plus
        else Number(words.fixed(figure(line), digits))
        for line in shown
    ]
    return GridColumn(heading=heading, cells=aligned(numbers), align="right", drop=drop)


def _proof(report: PnlReport, width: int | None) -> tuple[Line, ...]:
    """The identity in words, and what its unknown part means."""
    found, digits = report.total.identity, words.money_digits(report.reporting_asset)
    terms = [
        (name, getattr(found, name))
        for name in ("net_deposits", "realised", "unrealised", "unknown", *APART)
    ]
    results = (
        " ".join(
            f"{words.signed(value, digits)} {name.replace('_', ' ')}"
            for name, value in terms
            if value
        )
        or "0"
    )
    exactly = (
        "to the last digit"
        if found.residual == 0
        else f"except {words.signed(found.residual, digits)}, counted twice or not at all"
    )
    identity_text = (
        f"Value {words.fixed(found.value, digits)} = {results.removeprefix('+')} (over all time,"
        f" {exactly})."
    )
    lines = list(wrapped((), identity_text, width, role="" if found.residual == 0 else "bad"))
    if found.unknown:
        why = (
            "Unknown is not explained by any stored fill or transfer. Its cost counts neither as"
            " zero nor as today's price."
        )
        lines += wrapped((), why, width, command=_unknown_command(report))
    lines += [line for name in APART if getattr(found, name) for line in _apart(name, width)]
    if report.unpriced_assets:
        lines += wrapped(text("Unpriced: ", "warn"), ", ".join(report.unpriced_assets), width)
    return tuple(lines)


def _unknown_command(report: PnlReport) -> str:
    """Explains the asset with the largest unknown part; lines of accounts name no asset."""
    if report.by != "asset":
        return "excache pnl --by asset"
    largest = max(report.lines, key=lambda line: abs(line.identity.unknown))
    return f"excache explain {largest.name}"


_MEANS = {
    "adjustments": "Adjustments were made by the exchange.",
    "unclassified": (
        "Unclassified are rows whose word is not known: neither deposits nor withdrawals nor"
        " income."
    ),
    "unread_wallets": (
        "Unread wallets is what was moved to and from wallets that are not read, at its cost: it is"
        " in no total."
    ),
    "subscribed": "Subscribed is what was given for an allotment not known yet, at its cost.",
}


def _apart(name: str, width: int | None) -> tuple[Line, ...]:
    command = "excache transfers --kind unclassified" if name == "unclassified" else ""
    return wrapped((), _MEANS[name], width, command=command)
