"""Why the value changed: the parts of the change, then the assets, then the findings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from exchange_cache.findings import Finding
from exchange_cache.render import words
from exchange_cache.render.findings import finding_lines
from exchange_cache.render.findings_data import finding_document
from exchange_cache.render.formats import Rows
from exchange_cache.render.layout import (
    Block,
    Foot,
    Grid,
    GridColumn,
    Line,
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
from exchange_cache.value.difference import PARTS, AssetDifference, Difference, Parts

_WORDS = {
    "price": ("Price", "price changes of what was held"),
    "trades": ("Trades", "compared with no trading, closed contracts included"),
    "deposits": ("Deposits", ""),
    "withdrawals": ("Withdrawals", ""),
    "moves": ("Own transfers", "in transit at one of the two times"),
    "unread_wallets": ("Unread wallets", "moved to and from wallets that are not read"),
    "subscribed": ("Subscribed", "given or returned, without an allotment"),
    "adjustments": ("Adjustments", "by the exchange"),
    "unclassified": ("Unclassified", "rows whose word is not known"),
    "fees": ("Fees", ""),
    "funding": ("Funding", ""),
    "rewards": ("Rewards", ""),
    "open_positions": ("Open positions", "change in their unrealised results"),
    "unpriced": ("Without a price", "at one of the two times; not in the change above"),
    "unexplained": ("Unexplained", "not explained by any stored fill or transfer"),
}
_APART = ("unread_wallets", "subscribed", "adjustments", "unclassified")
_BAD = ("unexplained", "unclassified")
#: How many assets without a price are named.
_NAMED = 8
#: So many assets of which nothing changed are one row.
_FOLDED = 3
_ALWAYS = ("price", "trades", "deposits", "withdrawals", "fees", "funding", "unexplained")


def difference_document(
    found: Difference, findings: Sequence[Finding], watched_since: datetime | None
) -> dict[str, object]:
    """Exact values; in total and per row, ``value_after`` - ``value_before`` = sum of the parts."""
    return {
        "schema": SCHEMA,
        "since": found.start,
        "until": found.end,
        "reporting_asset": found.reporting_asset,
        "value_before": found.value_before,
        "value_after": found.value_after,
        "change": found.parts.total,
        "parts": _parts(found.parts),
        "rows": [_row(row) for row in found.assets],
        "unexplained": [
            {
                "account": one.account,
                "asset": one.asset,
                "quantity": one.quantity,
                "value": one.value,
            }
            for one in found.unexplained
        ],
        "watched_since": watched_since,
        "valued_at_the_end": found.priced_late,
        "unpriced_before": found.unpriced_before,
        "unpriced_after": found.unpriced_after,
        "partly_assumed": found.partial,
        "warnings": [finding_document(one) for one in findings],
    }


def _parts(parts: Parts) -> dict[str, Decimal]:
    return {name: getattr(parts, name) for name in PARTS}


def _row(row: AssetDifference) -> dict[str, object]:
    return {
        "asset": row.asset,
        "quantity_before": row.quantity_before,
        "quantity_after": row.quantity_after,
        "value_before": row.value_before,
        "value_after": row.value_after,
        **_parts(row.parts),
    }


def difference_rows(found: Difference) -> Rows:
    """One row per asset."""
    names = ("asset", "quantity_before", "quantity_after", "value_before", "value_after", *PARTS)
    rows = [_row(row) for row in found.assets]
    return names, ([row[name] for name in names] for row in rows)


def difference_screen(
    found: Difference,
    findings: Sequence[Finding],
    watched_since: datetime | None,
    *,
    now: datetime,
    terminal: Terminal,
    cure: str | None = None,
) -> Screen:
    """The change, its parts, the assets and the alarms; ``cure`` fetches missing prices."""
    signs = Signs(terminal.unicode)
    blocks = [
        Block(lines=_header(found, now, signs, terminal.width, cure)),
        Block(lines=_unpriced(found, signs, terminal.width, cure)),
        Block(grid=_parts_grid(found), spaced=True),
        Block(lines=_observation(found, watched_since, signs, terminal.width)),
        *_assets(found, signs),
        Block(lines=_remarks(found, terminal.width), spaced=True),
        Block(lines=finding_lines(findings, signs, terminal.width), spaced=True),
    ]
    return Screen(blocks=tuple(block for block in blocks if block.lines or block.grid))


def _header(
    found: Difference, now: datetime, signs: Signs, width: int | None, cure: str | None
) -> tuple[Line, ...]:
    """The change of what is comparable; without a percentage while missing prices can be
    fetched."""
    asset, change = found.reporting_asset, found.comparable
    digits = words.money_digits(asset)
    whole = not (found.unpriced_before or found.unpriced_after)
    share = ""
    if cure is None and found.fraction is not None:
        share = f" ({words.percent(found.fraction, 2, sign=True)})"
    before, after = words.fixed(found.value_before, digits), words.fixed(found.value_after, digits)
    return flowed(
        [
            (
                *text("Change   ", "title"),
                *text(f"{words.signed(change, digits)} {asset}{share}", tone(change)),
                *text("" if whole else " of what has a price at both times"),
            ),
            text(f"{before} {signs.arrow} {after}") if whole and not found.partial else (),
            text(
                _span(found.start, found.end, now),
                "quiet",
            ),
        ],
        width,
    )


def _span(start: datetime, end: datetime, now: datetime) -> str:
    """``09:00 to 14:15 UTC`` of today; days are named at both ends as soon as one is another."""
    today = words.day(start) == words.day(end) == words.day(now)
    shown = words.clock_time(start, now) if today else words.minute(start)
    return f"{shown} to {words.zoned_time(end, now) if today else words.zoned_minute(end)}"


def _unpriced(
    found: Difference, signs: Signs, width: int | None, cure: str | None
) -> tuple[Line, ...]:
    """What has no price at one of the two times, and the command that fetches it."""
    lines: list[Line] = []
    times = ((found.start, found.unpriced_before), (found.end, found.unpriced_after))
    shown = [(moment, assets) for moment, assets in times if assets]
    for at, (moment, assets) in enumerate(shown, start=1):
        named = ", ".join(assets[:_NAMED])
        more = len(assets) - _NAMED
        named += f" and {more} more" if more > 0 else ""
        served = "" if cure else ", and none of your exchanges serves one"
        lines += wrapped(
            text(f"{signs.attention} ", "warn"),
            f"no price of {words.day(moment)} is stored for {named}{served}",
            width,
            command=cure if at == len(shown) else None,
        )
    return tuple(lines)


def _parts_grid(found: Difference) -> Grid:
    digits = words.money_digits(found.reporting_asset)
    shown = [
        (name, getattr(found.parts, name))
        for name in PARTS
        if name in _ALWAYS or getattr(found.parts, name)
    ]
    numbers = [
        result_number(
            value, digits, "quiet" if name == "unpriced" else "bad" if name in _BAD else None
        )
        for name, value in shown
    ]
    return Grid(
        columns=(
            GridColumn(heading="", cells=tuple(text(_WORDS[name][0]) for name, _ in shown)),
            GridColumn(heading="", cells=aligned(numbers), align="right"),
            GridColumn(
                heading="",
                cells=tuple(
                    text(_WORDS[name][1] if value else "", "quiet") for name, value in shown
                ),
                drop=1,
            ),
        ),
        headings=False,
    )


def _observation(
    found: Difference, watched_since: datetime | None, signs: Signs, width: int | None
) -> tuple[Line, ...]:
    """How the holdings of the two times are known."""
    lines = _watched(found, watched_since, signs, width)
    if not found.partial:
        return lines
    sentence = (
        f"What was held on {words.day(found.start)} is not completely known, because the stored"
        " history does not reach so far: the change has no percentage."
    )
    command = f"excache portfolio --at {words.typed(found.start)}"
    return (*lines, *wrapped((), sentence, width, role="warn", command=command))


def _watched(
    found: Difference, watched_since: datetime | None, signs: Signs, width: int | None
) -> tuple[Line, ...]:
    if watched_since is None:
        sentence = (
            "No snapshot exists between the two times: holdings are replayed from the ledger, so"
            " nothing unexplained can appear, and results of open positions are not included."
        )
        return wrapped((), sentence, width, role="quiet")
    if watched_since > found.start:
        sentence = (
            f"Balances are stored from {words.zoned_minute(watched_since)}; earlier holdings are"
            " replayed from the ledger, without the results of open positions."
        )
        return wrapped((), sentence, width, role="quiet")
    if found.unexplained:
        return ()
    agreed = "every balance agrees with the stored fills and transfers"
    return ((*text(f"{signs.good} ", "good"), *text(agreed, "quiet")),)


def _assets(found: Difference, signs: Signs) -> list[Block]:
    rows = [
        row for row in found.assets if row.value_before or row.value_after or row.parts != Parts()
    ]
    changed = [row for row in rows if row.parts != Parts()]
    still = [row for row in rows if row.parts == Parts()]
    if not rows:
        return []
    if len(still) >= _FOLDED:
        rows = changed
    asset, digits = found.reporting_asset, words.money_digits(found.reporting_asset)

    def part(heading: str, *names: str, drop: int, quiet: bool = False) -> GridColumn:
        sums = [sum((getattr(row.parts, name) for name in names), Decimal(0)) for row in rows]
        numbers = [
            result_number(value or None, digits, "quiet" if quiet else None) for value in sums
        ]
        return GridColumn(heading=heading, cells=aligned(numbers), align="right", drop=drop)

    def amounts(heading: str, numbers: Sequence[Decimal | None], drop: int) -> GridColumn:
        return money_column(heading, numbers, asset, drop=drop)

    then = [row.value_before if row.priced_before else None for row in rows]
    now = [row.value_after if row.priced_after else None for row in rows]
    unpriced = any(row.parts.unpriced for row in rows)
    apart = any(getattr(row.parts, name) for row in rows for name in _APART)
    columns = (
        code_column("Asset", [row.asset for row in rows], signs),
        amounts("Then", then, 3),
        part("Price", "price", drop=0),
        part("Trades", "trades", "open_positions", drop=0),
        part("In and out", "deposits", "withdrawals", "moves", drop=0),
        *([part("Set apart", *_APART, drop=0)] if apart else []),
        part("Fees, funding", "fees", "funding", drop=2),
        part("Rewards", "rewards", drop=4),
        part("Unexplained", "unexplained", drop=0),
        *([part("No price", "unpriced", drop=0, quiet=True)] if unpriced else []),
        amounts("Now", now, 1),
    )
    feet = (_unchanged(still, digits),) if len(still) >= _FOLDED else ()
    grid = Grid(columns=columns if rows else (), headings=bool(rows), feet=feet)
    return [Block(grid=grid, spaced=True)]


def _unchanged(still: Sequence[AssetDifference], digits: int) -> Foot:
    """The assets of which nothing changed, as one row."""
    value = sum((row.value_after for row in still if row.value_after is not None), Decimal(0))
    shown = text(words.fixed(value, digits))
    return text(f"{len(still):,} unchanged", "quiet"), (("Then", shown), ("Now", shown))


def _remarks(found: Difference, width: int | None) -> tuple[Line, ...]:
    if not found.priced_late:
        return ()
    sentence = (
        "No price of the day is stored for some of what was added or removed of"
        f" {words.listed(found.priced_late)}: it is valued at the price at the end."
    )
    return wrapped((), sentence, width, role="quiet")
