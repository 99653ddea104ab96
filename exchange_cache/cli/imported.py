"""What ``excache import`` says of the files that it imported."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from exchange_cache.money import grouped

if TYPE_CHECKING:
    from exchange_cache.cache.imports import Outcome
    from exchange_cache.ledger.coverage import Span


def row_of(outcome: Outcome, dry_run: bool) -> dict[str, object]:
    """What a file brought, for the list."""
    file = outcome.file
    broken = [one.first_break for one in outcome.proofs if one.table == file.table]
    return {
        "file": file.name,
        "account": file.account,
        "table": f"{file.exchange} {file.table}",
        "rows": file.rows,
        "new": outcome.new,
        "known": outcome.known,
        "conflicting": outcome.conflicting,
        "left_out": sum(file.left_out.values()),
        "id": None if dry_run else file.id,
        "exchange": file.exchange,
        "edition": file.edition,
        "start": file.start_at,
        "end": file.end_at,
        "records": file.records,
        "unknown": file.unknown,
        "again": outcome.again,
        "dry_run": dry_run,
        "reasons": dict(file.left_out),
        "differences": [
            {
                "line": one.line,
                "what": one.what,
                "file": one.file,
                "api": one.api,
                "within": one.within,
            }
            for one in outcome.differences
        ],
        "coverage": [
            {
                "data_type": str(one.data_type),
                "scope": one.scope,
                "start": one.span.start_ms,
                "end": one.span.end_ms,
                "grade": str(one.grade),
            }
            for one in outcome.after
        ],
        "open_ended": outcome.open_ended,
        "first_break": next((one.words for one in broken if one is not None), None),
    }


def notes(outcomes: Sequence[Outcome], dry_run: bool) -> Iterator[str]:
    """What is said below the list: reasons, differences, the first break, coverage."""
    for one in outcomes:
        yield from _of_file(one)
    for account in dict.fromkeys(one.file.account for one in outcomes):
        yield from _gained([one for one in outcomes if one.file.account == account])
    if dry_run:
        yield "Nothing was stored: this was a dry run."
    elif any(not one.again for one in outcomes):
        numbers = [one.file.id for one in outcomes if not one.again]
        if any(one.new for one in outcomes):
            yield "The next sync fetches the past prices of new rows: excache sync"
        yield f"Undo: excache import undo {numbers[-1]}"


def _of_file(outcome: Outcome) -> Iterator[str]:
    from exchange_cache.render import words

    file = outcome.file
    if outcome.again:
        yield f"{file.name}: imported before (id {file.id}), so it adds nothing."
        return
    if file.start_at is not None and file.end_at is not None:
        yield f"{file.name}: {words.day(file.start_at)} to {words.day(file.end_at)}."
    if outcome.open_ended is not None:
        yield (
            f"  line {outcome.open_ended}, its last one, has no line end: if the exchange's page"
            " shows more, the file was cut off"
        )
    for reason, number in file.left_out.items():
        line = outcome.first_lines.get(reason)
        yield f"  left out {number:,}, first in line {line}: {reason}"
    for one in outcome.differences:
        other = "an earlier row of the same id" if one.within else "the API"
        yield f"  line {one.line}: {one.what} is {one.file}; {other} states {one.api}, which counts"
    if outcome.conflicting > len(outcome.differences):
        yield f"  and {outcome.conflicting - len(outcome.differences):,} rows more that differ"
    for proof in outcome.proofs:
        if proof.table == file.table and proof.first_break is not None:
            yield f"  first break: {proof.first_break.words}"


def _gained(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """What coverage of an account grew by all of its files, and what it rests on."""
    from exchange_cache.scope_names import history_name

    known = {(one.data_type, one.scope, one.span, one.grade) for one in outcomes[0].before}
    spans: dict[tuple[str, str], list[Span]] = {}
    for one in outcomes[-1].after:
        if (one.data_type, one.scope, one.span, one.grade) not in known:
            name = history_name(one.data_type, one.scope)
            spans.setdefault((name, one.grade), []).append(one.span)
    gained: dict[str, list[str]] = {}
    for (name, grade), own in spans.items():
        gained.setdefault(f"{_days(own)}, {grade} by files", []).append(name)
    if gained:
        yield f"The history of {outcomes[0].file.account} grew by:"
    for words, names in gained.items():
        yield f"  {named(names)}: {words}"


def named(scopes: Sequence[str], most: int = 4) -> str:
    """Histories that have one fate: the first of them, and how many more."""
    more = len(scopes) - most
    return ", ".join(scopes) if more <= 0 else f"{', '.join(scopes[:most])} and {more} more"


def _days(spans: Sequence[Span]) -> str:
    from exchange_cache.clock import from_ms
    from exchange_cache.render import words

    start = min(one.start_ms for one in spans)
    end = max(one.end_ms for one in spans)
    parts = f" in {len(spans)} parts" if len(spans) > 1 else ""
    return f"{words.day(from_ms(start))} to {words.day(from_ms(end))}{parts}"


def superfluous_notes(before: dict[int, Decimal], after: dict[int, Decimal]) -> Iterator[str]:
    """The costs stated by hand that an import makes superfluous."""
    for number, quantity in after.items():
        if quantity > before.get(number, 0):
            yield (
                f"The cost that you stated as {number} is superfluous for {grouped(quantity)} units"
                f" now, which the import explains. Remove it: excache basis remove {number}"
            )
