"""What qualifies the figures of a portfolio: at most three lines under its tables, each with a
command. With everything unfolded, each finding has its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from exchange_cache.data_types import COSTS_OPEN, REPLICA_BEHIND, SHORT_HISTORY, DataType
from exchange_cache.render import words
from exchange_cache.render.dangers import is_danger
from exchange_cache.render.findings import brief, finding_lines, in_brief
from exchange_cache.render.health import is_trouble
from exchange_cache.render.holdings import PARTIAL, covered, is_partial
from exchange_cache.render.layout import Line, cells, text, wrapped
from exchange_cache.render.signs import Signs

if TYPE_CHECKING:
    from exchange_cache.findings import Finding
    from exchange_cache.value.reading import Holding, PortfolioReading

#: What lists missing history and what brings it.
HISTORY_COMMAND = "excache status --missing"
MOST = 3
#: Beginnings of finding codes that other parts of the screen show.
_OF_ASSETS = ("unpriced", "unknown", "partial", "unexplained")
_OF_ACCOUNTS = ("stale", "missing", "never_synced", "sync_failed")
#: What makes a total or every average wrong stands before what qualifies some figures.
_FIRST = (
    *(REPLICA_BEHIND, COSTS_OPEN, "same_key", "same_user", "price_conflict"),
    *("quote_rates_missing", "cost_in_other_asset"),
    "orders_without_fills",
)
#: Histories of a past moment that are not all stored, so that holdings are uncertain or omitted.
_UNCERTAIN = frozenset({"past_uncertain", "past_unknown", "past_incomplete"})
#: What one line each states of a past moment: its prices, its histories.
_NOTED_OF_THE_PAST = {*_UNCERTAIN, "past_prices", "past_prices_later"}
#: Permanent facts, which ``status`` states.
_OF_STATUS = ("own_", "key_rights")


class Note(NamedTuple):
    """One line: a mark, what is said in one piece, a list that is cut where it is long, how many
    things it names, and a command."""

    mark: str
    sentence: str
    command: str | None
    named: tuple[str, ...] = ()
    noun: str = ""


def note_lines(
    reading: PortfolioReading,
    rows: Sequence[Holding],
    *,
    signs: Signs,
    width: int | None,
    all_: bool,
    past: bool,
    unfold: str,
) -> tuple[Line, ...]:
    """The lines; ``rows`` are the holdings whose averages are shown, and ``unfold`` is the command
    that shows what these lines sum up. ``status`` does not know the findings of a ``past``
    moment."""
    partial = [one for one in rows if is_partial(one, reading.reporting_asset)]
    if all_:
        notes = _each_average(partial)
        if not past:  # there findings name prices and histories, with what can help
            notes += [*_each_price(reading), *_histories(reading, partial)]
        others = in_brief(_others(reading, past=past))
        return (*_lines(notes, signs, width), *finding_lines(others, signs, width))
    if past:
        notes = [*_averages(partial), *_past_prices(reading, unfold)]
        uncertain = _uncertain(reading)
        alone = uncertain if len(in_brief(uncertain)) == 1 else ()
        if not alone:
            notes += _past_histories(uncertain, unfold)
        others = in_brief(
            one
            for one in _others(reading, past=True)
            if one in alone or one.code not in _NOTED_OF_THE_PAST
        )
    else:
        notes = [*_averages(partial), *_prices(reading), *_histories(reading, partial)]
        others = in_brief(_others(reading, past=False))
    first = [one for one in others if one.code in _FIRST][: MOST - 1]
    findings = [one for one in others if one not in first]
    if len(first) + len(notes) + len(findings) > MOST:
        room = max(0, MOST - len(first) - 1)
        shown, more = findings[: max(0, room - len(notes))], findings[max(0, room - len(notes)) :]
        last = [_together(notes[room:], len(more), unfold, signs, width)]
        notes, findings = notes[:room], shown
    else:
        last = []
    return (
        *finding_lines(first, signs, width),
        *_lines(notes, signs, width),
        *finding_lines(findings, signs, width),
        *_lines(last, signs, width),
    )


def _together(
    notes: Sequence[Note], more: int, command: str, signs: Signs, width: int | None
) -> Note:
    """The notes for which no line is left, and the number of other findings, as one line."""
    room = _room(command, width)
    for said in _summaries(notes, more, signs):
        if room is None or cells(said) <= room:
            break
    return Note("!", said, command)


def _summaries(notes: Sequence[Note], more: int, signs: Signs) -> Iterator[str]:
    """What may be said of notes and other findings in one line, the most first."""
    most = max((len(note.named) for note in notes), default=0)
    for names in range(most, -1, -1):
        ends = [words.count(more, "more finding")] if more else []
        yield "; ".join([*(_with_names(note, names, signs) for note in notes), *ends])
    for kept in range(len(notes), -1, -1):
        left = more + len(notes) - kept
        ends = [f"{left:,} more"] if kept else [words.count(left, "more finding")]
        yield "; ".join([*(_with_names(note, 0, signs) for note in notes[:kept]), *ends])


def _lines(notes: Sequence[Note], signs: Signs, width: int | None) -> tuple[Line, ...]:
    lines: list[Line] = []
    for note in notes:
        head = text(f"{note.mark} ", "quiet" if note.mark == PARTIAL else "warn")
        lines += wrapped(head, _said(note, signs, width), width, command=note.command)
    return tuple(lines)


def _said(note: Note, signs: Signs, width: int | None) -> str:
    """The sentence with as many names as leave room for the command on the same line."""
    room = _room(note.command, width)
    for most in range(len(note.named), 0, -1):
        said = _with_names(note, most, signs)
        if room is None or cells(said) <= room:
            return said
    return _with_names(note, 0, signs)


def _with_names(note: Note, most: int, signs: Signs) -> str:
    """The sentence with at most so many of its names, and their number where some are missing."""
    if not note.named:
        return note.sentence
    named = ", ".join(note.named[:most])
    if most < len(note.named):
        more = words.count(len(note.named), note.noun)
        named = f"{named} {signs.ellipsis} {more}" if named else more
    return f"{note.sentence} {named}"


def _room(command: str | None, width: int | None) -> int | None:
    return None if width is None else width - 2 - 3 - cells(command or "")


# --- averages -------------------------------------------------------------------------------------


def _averages(partial: Sequence[Holding]) -> list[Note]:
    """One line for all averages that cover a part of their holding, or nothing of it."""
    if not partial:
        return []
    command = f"excache explain {partial[0].asset}"
    if all(one.explained_quantity == 0 for one in partial):
        named = tuple(one.asset for one in partial)
        return [Note(PARTIAL, "no average:", command, named, "asset")]
    named = tuple(
        f"{one.asset} {covered(one) if one.explained_quantity else 'none'}" for one in partial
    )
    return [Note(PARTIAL, "average of a part:", command, named, "asset")]


def _each_average(partial: Sequence[Holding]) -> list[Note]:
    return [Note(PARTIAL, explained(one), f"excache explain {one.asset}") for one in partial]


def explained(holding: Holding) -> str:
    """How much of a holding its average covers, and why not all."""
    held = f"{words.brief(holding.quantity)} {holding.asset}"
    reasons = "; ".join(brief(reason) for reason in holding.unknown_reasons)
    if holding.explained_quantity == 0:
        sentence = f"what {held} cost is not known"
    else:
        part = words.brief(holding.explained_quantity)
        sentence = f"the average covers {part} of {held} ({covered(holding)})"
    return f"{sentence}: {reasons}" if reasons else sentence


# --- prices ---------------------------------------------------------------------------------------


def _prices(reading: PortfolioReading) -> list[Note]:
    """One line for all prices that are missing or that no reload makes newer."""
    digits = words.money_digits(reading.reporting_asset)
    old = _old_prices(reading)
    named = [f"{one.asset} ({words.fixed(one.value, digits)})" for one in old]
    unpriced = _unpriced(reading)
    named += [one.asset for one in unpriced]
    if not named:
        return []
    kinds = " or ".join([*(["old"] if old else []), *(["no"] if unpriced else [])])
    command = f"excache prices --asset {old[0].asset}" if len(named) == len(old) == 1 else None
    return [Note("!", f"{kinds} price:", command or "excache prices", tuple(named), "asset")]


def _each_price(reading: PortfolioReading) -> Iterator[Note]:
    for one in _old_prices(reading):
        age = "of unknown age"
        if one.price_as_of is not None:
            age = f"{words.age(reading.as_of - one.price_as_of)} old"
        yield Note("!", f"the price of {one.asset} is {age}", f"excache prices --asset {one.asset}")
    reasons = {found.asset: found.message for found in reading.warnings if found.code == "unpriced"}
    for one in _unpriced(reading):
        why = reasons.get(one.asset, "no price is known")
        sentence = f"{words.brief(one.quantity)} {one.asset}: {why}"
        yield Note("!", sentence, "excache prices")


def _past_prices(reading: PortfolioReading, unfold: str) -> list[Note]:
    """One line for all prices of a past moment that are missing or not of its time, with the
    command that fetches them where one can."""
    unpriced = _unpriced(reading)
    stale = [one for one in reading.holdings if one.price_state == "stale"]
    if not unpriced and not stale:
        return []
    found = [one for one in reading.warnings if one.code in {"past_prices", "past_prices_later"}]
    other = "later" if any(one.code == "past_prices_later" for one in found) else "old"
    kinds = [*(["no"] if unpriced else []), *([other] if stale else [])]
    named = tuple(one.asset for one in (*unpriced, *stale))
    command = next((one.hint for one in found if one.hint), unfold)
    return [Note("!", f"{' or '.join(kinds)} price then:", command, named, "asset")]


def _unpriced(reading: PortfolioReading) -> list[Holding]:
    return sorted((one for one in reading.holdings if one.value is None), key=lambda h: h.asset)


def _old_prices(reading: PortfolioReading) -> list[Holding]:
    """The holdings whose price was old when it was fetched: a delisted market. Others are as old as
    the prices of their account, which has a line of its own."""
    prices = {item.account: item for item in reading.freshness if item.data_type == DataType.PRICES}

    def is_delisted(one: Holding) -> bool:
        routes = {step.rsplit("@", 1)[-1] for step in one.price_route}
        fetched = [prices[name] for name in routes if name in prices]
        return one.price_as_of is None or not any(
            item.succeeded_at is not None and one.price_as_of >= item.succeeded_at - item.ttl
            for item in fetched
        )

    return [one for one in reading.holdings if one.price_state == "stale" and is_delisted(one)]


# --- histories and other findings -----------------------------------------------------------------


def _histories(reading: PortfolioReading, partial: Sequence[Holding]) -> list[Note]:
    """One line for the accounts whose history begins late, if a figure suffers from it."""
    found = [one for one in reading.warnings if one.code in SHORT_HISTORY and one.accepted is None]
    if not partial and all(one.code != "sold_more_than_known" for one in found):
        return []
    accounts = tuple(dict.fromkeys(one.account for one in found if one.account))
    if not accounts:
        return []
    return [Note("!", "history begins late at", HISTORY_COMMAND, accounts, "account")]


def _uncertain(reading: PortfolioReading) -> list[Finding]:
    """What makes holdings of a past moment uncertain, or omits them."""
    return [one for one in reading.warnings if one.code in _UNCERTAIN and one.accepted is None]


def _past_histories(found: Sequence[Finding], unfold: str) -> list[Note]:
    """One line for the accounts whose holdings of a past moment are uncertain or omitted."""
    accounts = tuple(dict.fromkeys(one.account for one in found if one.account))
    if not accounts:
        return []
    return [Note("!", "history missing:", unfold, accounts, "account")]


def _others(reading: PortfolioReading, *, past: bool) -> tuple[Finding, ...]:
    """The findings that no other part of the screen shows."""
    held = {holding.asset for holding in reading.holdings}
    stale = {holding.asset for holding in reading.holdings if holding.price_state == "stale"}
    troubled = {verdict.account for verdict in reading.freshness if is_trouble(verdict)}
    return tuple(
        found
        for found in reading.warnings
        if found.accepted is None
        and not is_danger(found)
        and (past or found.code not in SHORT_HISTORY)
        and not found.code.startswith(_OF_STATUS)
        and not (found.asset in held and found.code.startswith(_OF_ASSETS))
        and not (found.asset in stale and found.code == "stale_price")
        and not (found.account in troubled and found.code.startswith(_OF_ACCOUNTS))
    )
