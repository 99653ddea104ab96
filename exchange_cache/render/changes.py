"""What a reload changed, for screens and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from exchange_cache.errors import cause
from exchange_cache.records import Fill
from exchange_cache.render import words
from exchange_cache.render.layout import (
    Block,
    Grid,
    GridColumn,
    Line,
    Number,
    Screen,
    aligned,
    cells,
    flowed,
    padded,
    text,
    width_of,
    wrapped,
)
from exchange_cache.render.listing import Listing, listing_document
from exchange_cache.render.lists import fees_text, fills_listing
from exchange_cache.render.machine import SCHEMA
from exchange_cache.render.parts import result_number
from exchange_cache.render.signs import Signs
from exchange_cache.render.terminal import Terminal
from exchange_cache.value.changes import AccountOutcome, AssetChange, Changes, TypeOutcome
from exchange_cache.zones import zone_name

_SHOWN_FILLS = 12
_SIGNIFICANT = 6


def changes_screen(changes: Changes, *, now: datetime, terminal: Terminal) -> Screen:
    """The outcome of each account, then new fills, then changed holdings."""
    signs = Signs(terminal.unicode)
    blocks = [Block(lines=_outcomes(changes.accounts, now, signs, terminal.width))]
    by_account: dict[str, list[Fill]] = {}
    for record in changes.fills:
        by_account.setdefault(record.account, []).append(record)
    blocks += [_fills_block(account, own, now) for account, own in by_account.items()]
    if changes.assets:
        blocks.append(
            Block(grid=_assets(changes.assets, changes.reporting_asset, signs), spaced=True)
        )
    any_read = any(own.state == "ok" for outcome in changes.accounts for own in outcome.types)
    if any_read and not changes.fills and not changes.assets:
        blocks.append(Block(lines=(text("Nothing changed.", "quiet"),), spaced=True))
    return Screen(blocks=tuple(blocks))


def changes_document(changes: Changes) -> dict[str, object]:
    """Schema 1: exact values, averages in the reporting asset."""
    fills = listing_document(fills_listing(changes.fills, changes.as_of))
    return {
        "schema": SCHEMA,
        "as_of": changes.as_of,
        "reporting_asset": changes.reporting_asset,
        "accounts": [_account(outcome) for outcome in changes.accounts],
        "new_fills": fills["rows"],
        "assets": [
            {
                "asset": change.asset,
                "quantity_before": change.quantity_before,
                "quantity_after": change.quantity_after,
                "average_entry_price_before": change.average_before,
                "average_entry_price_after": change.average_after,
                "realised_pnl_before": change.realised_before,
                "realised_pnl_after": change.realised_after,
            }
            for change in changes.assets
        ],
    }


def _account(outcome: AccountOutcome) -> dict[str, object]:
    return {
        "account": outcome.account,
        "took_ms": None if outcome.took is None else outcome.took // timedelta(milliseconds=1),
        "error": outcome.error,
        "hint": outcome.hint,
        "kept_from": outcome.kept_from,
        "types": [
            {
                "data_type": own.data_type,
                "state": own.state,
                "new_rows": own.new_rows,
                "error": own.error,
                "hint": own.hint,
                "kept_from": own.kept_from,
            }
            for own in outcome.types
        ],
    }


# --- outcomes -------------------------------------------------------------------------------------


def _outcomes(
    accounts: Sequence[AccountOutcome], now: datetime, signs: Signs, width: int | None
) -> tuple[Line, ...]:
    named = max((cells(outcome.account) for outcome in accounts), default=0) + 3
    room = None if width is None else max(30, width - named)
    lines: list[Line] = []
    for outcome in accounts:
        took = text(words.took(outcome.took), "quiet") if outcome.took is not None else ()
        parts = list(_parts(outcome.types, signs))
        rows = list(flowed([*parts, took], room, 2)) if parts else []
        for head, sentence, hint in _troubles(outcome, now, signs):
            if room is not None and width_of(head) > room // 2:
                rows.append(head)
                head = text("  ")
            rows += wrapped(head, sentence, room, command=hint)
        for index, row in enumerate(rows):
            lines.append(
                (*padded(text(outcome.account if index == 0 else "", "strong"), named), *row)
            )
    return tuple(lines)


def _parts(types: Sequence[TypeOutcome], signs: Signs) -> Iterator[Line]:
    """What was read: mirrors, then the histories that have new rows, or that none has."""
    read = [own for own in types if own.state in {"ok", "skipped"}]
    histories = [own for own in read if own.new_rows is not None]
    for own in read:
        name = text(f"{own.data_type} ")
        if own.state == "skipped":
            yield (*name, *text("fresh", "quiet"))
        elif own.new_rows is None:
            yield (*name, *text(signs.good, "good"))
    for own in histories:
        if own.new_rows:
            yield (*text(f"{own.data_type} "), *text(f"+{own.new_rows:,}", "good"))
    if histories and not any(own.new_rows for own in histories):
        yield text("nothing new", "quiet")


def _troubles(
    outcome: AccountOutcome, now: datetime, signs: Signs
) -> list[tuple[Line, str, str | None]]:
    """Per distinct error the data types that it affects, its sentence with what is kept, and the
    command to look into it."""
    if outcome.error is not None:
        kept = _kept("its balances of", outcome.kept_from, now)
        return [(text(f"{signs.failed}  ", "bad"), outcome.error + kept, outcome.hint)]
    causes: dict[tuple[str, str, str | None], list[str]] = {}
    texts: dict[str, dict[str, None]] = {}
    for own in outcome.types:
        if own.state in {"failed", "no_permission"}:
            sentence = own.error or own.state.replace("_", " ")
            kept = _kept("those of", own.kept_from, now)
            why = cause(sentence)
            texts.setdefault(why, {})[sentence] = None
            causes.setdefault((why, kept, own.hint), []).append(str(own.data_type))
    return [
        (
            _failed(types, signs),
            (why if len(texts[why]) > 1 else next(iter(texts[why]))) + kept,
            hint,
        )
        for (why, kept, hint), types in causes.items()
    ]


def _kept(what: str, moment: datetime | None, now: datetime) -> str:
    return f"; kept {what} {words.zoned_time(moment, now)}" if moment else "; none are cached"


def _failed(types: Sequence[str], signs: Signs) -> Line:
    """``balances ✗  positions ✗  ``."""
    parts = [(*text(f"{name} "), *text(signs.failed, "bad"), *text("  ")) for name in types]
    return tuple(span for part in parts for span in part)


# --- fills and holdings ---------------------------------------------------------------------------


def _fills_block(account: str, fills: Sequence[Fill], now: datetime) -> Block:
    shown = fills[-_SHOWN_FILLS:]
    fees = [_fee(each) for each in shown]
    columns = [
        GridColumn(heading="Time", cells=tuple(text(_when(each.time, now)) for each in shown)),
        GridColumn(
            heading="Side",
            cells=tuple(text(each.side, "good" if each.side == "buy" else "bad") for each in shown),
        ),
        GridColumn(heading="Quantity", cells=_quantities(shown), align="right"),
        GridColumn(
            heading="",
            cells=tuple(
                text(f"{each.base} at {words.price(each.price)} {each.quote}") for each in shown
            ),
            gap=1,
        ),
    ]
    if any(fees):
        columns.append(GridColumn(heading="", cells=tuple(fees), gap=3, drop=2))
    earlier = text(
        f"and {len(fills) - len(shown):,} earlier ones: excache fills --account {account}", "quiet"
    )
    grid = Grid(
        columns=tuple(columns),
        headings=False,
        groups=((0, text(f"New fills ({account}), times in {zone_name()}", "head")),),
        feet=((earlier, ()),) if len(fills) > len(shown) else (),
    )
    return Block(grid=grid, spaced=True)


def _when(moment: datetime, now: datetime) -> str:
    today = words.day(moment) == words.day(now)
    return words.second_of_day(moment) if today else words.full_time(moment)


def _quantities(fills: Sequence[Fill]) -> tuple[Line, ...]:
    digits = words.quantity_digits([each.quantity for each in fills])
    return aligned([Number(words.fixed(each.quantity, digits)) for each in fills])


def _fee(record: Fill) -> Line:
    if not record.fees_known:
        return text("fee unknown", "warn")
    return text(f"fee {fees_text(record.fees)}", "quiet") if record.fees else ()


def _assets(changes: Sequence[AssetChange], asset: str, signs: Signs) -> Grid:
    quantities = [_quantity_pair(change) for change in changes]
    averages = [
        (words.price(change.average_before), words.price(change.average_after))
        for change in changes
    ]
    moved = [change.average_before != change.average_after for change in changes]
    columns = [
        GridColumn(
            heading="Changed", cells=tuple(text(change.asset, "strong") for change in changes)
        ),
        GridColumn(heading="Quantity", cells=_pairs(quantities, signs)),
    ]
    if any(moved):
        shown = tuple(
            pair if differs else ()
            for pair, differs in zip(_pairs(averages, signs), moved, strict=True)
        )
        columns.append(GridColumn(heading=f"Average entry ({asset})", cells=shown, gap=3))
    if any(change.realised for change in changes):
        numbers = [_realised(change.realised, asset) for change in changes]
        columns.append(
            GridColumn(heading="Realised", cells=aligned(numbers), align="right", gap=3, drop=1)
        )
    return Grid(columns=tuple(columns))


def _realised(number: Decimal | None, asset: str) -> Number:
    if not number:
        return Number("0.00" if number is not None else words.UNKNOWN, "quiet")
    return result_number(number, words.money_digits(asset))


def _quantity_pair(change: AssetChange) -> tuple[str, str]:
    """Both quantities with six significant digits, or as many more as their difference needs."""
    before, after = change.quantity_before, change.quantity_after
    own = words.quantity_digits((before, after))
    largest = max((abs(one).adjusted() for one in (before, after) if one), default=0)
    moved = after - before
    digits = max(0, _SIGNIFICANT - 1 - largest, 1 - moved.adjusted() if moved else 0)
    return words.fixed(before, min(own, digits)), words.fixed(after, min(own, digits))


def _pairs(pairs: Sequence[tuple[str, str]], signs: Signs) -> tuple[Line, ...]:
    old = aligned([Number(before, "quiet") for before, _ in pairs])
    new = aligned([Number(after) for _, after in pairs])
    return tuple(
        (*left, *text(f" {signs.arrow} ", "quiet"), *right)
        for left, right in zip(old, new, strict=True)
    )


def changes_listing(changes: Changes) -> Listing:
    """The new fills as a list, for CSV and the plain formats."""
    return fills_listing(changes.fills, changes.as_of)
