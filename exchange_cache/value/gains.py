"""Gains of tax years: each closed lot with its term, and the totals per year and account.

Called by ``excache gains``; pure. Nothing here is the tax law of a country: the begin of the year
and how long a lot must be held are the caller's. Days are those of a time zone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal, localcontext
from enum import StrEnum
from typing import NamedTuple

from exchange_cache.cost.journal import Disposal, Entry, Result
from exchange_cache.ledger import events as le
from exchange_cache.money import EXACT, ZERO


class Term(StrEnum):
    """How long a lot was held. The cover of a short is short. ``undated``: units are alike, or came
    before the stored history; ``unknown``: the gain is not known; ``none``: no lot."""

    SHORT = "short"
    LONG = "long"
    UNDATED = "undated"
    UNKNOWN = "unknown"
    NONE = "none"


class Held(NamedTuple):
    """The longest time of a short term: calendar years and days. A lot is long once it was held
    for more than that."""

    years: int = 1
    days: int = 0

    def is_exceeded(self, opened: date, closed: date) -> bool:
        return closed > _years_later(opened, self.years) + timedelta(days=self.days)


#: The default of most countries that have terms.
ONE_YEAR = Held()


def _years_later(day: date, years: int) -> date:
    """The same day of a later year; of February 29 the last of the month."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRules:
    """``begins``: month and day of the first day of a tax year."""

    begins: tuple[int, int] = (1, 1)
    short: Held = ONE_YEAR
    zone: tzinfo = UTC

    def day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def year(self, moment: datetime) -> int:
        """The calendar year in which the tax year of a moment begins."""
        day = self.day(moment)
        return day.year if (day.month, day.day) >= self.begins else day.year - 1

    def named(self, year: int) -> str:
        """``2025``, or ``2025/26`` of a year that does not begin in January."""
        return str(year) if self.begins == (1, 1) else f"{year}/{(year + 1) % 100:02d}"

    def span(self, year: int) -> tuple[datetime, datetime]:
        """The first moment of a tax year, and that of the next one."""
        month, day = self.begins
        first, last = (datetime(at, month, day, tzinfo=self.zone) for at in (year, year + 1))
        return first.astimezone(UTC), last.astimezone(UTC)

    def term(self, entry: Entry) -> Term:
        if isinstance(entry, Result):
            return Term.NONE
        if entry.gain is None:
            return Term.UNKNOWN
        if entry.short:
            return Term.SHORT
        opened = entry.opened_at
        if opened is None:
            return Term.UNDATED
        exceeded = self.short.is_exceeded(self.day(opened), self.day(entry.closed_at))
        return Term.LONG if exceeded else Term.SHORT


#: What a total counts of results without lots, by flow.
_OTHERS = {
    le.DERIVATIVE: "derivatives",
    le.FUNDING: "funding",
    le.INCOME: "income",
    le.EXPENSE: "expenses",
}
_GAINS = {Term.SHORT: "short_term", Term.LONG: "long_term", Term.UNDATED: "undated"}


@dataclass(slots=True, kw_only=True)
class Total:
    """A year of an account, or of all. ``proceeds`` and ``cost`` are those of known gains;
    ``unknown_proceeds`` were received for units of unknown cost, and ``unknown_cost`` is that of
    units given for something without a rate, by the ``unrated_disposals`` among the unknown."""

    year: str
    account: str | None
    disposals: int = 0
    unknown_disposals: int = 0
    unrated_disposals: int = 0
    proceeds: Decimal = ZERO
    cost: Decimal = ZERO
    short_term: Decimal = ZERO
    long_term: Decimal = ZERO
    undated: Decimal = ZERO
    unknown_proceeds: Decimal = ZERO
    unknown_cost: Decimal = ZERO
    derivatives: Decimal = ZERO
    funding: Decimal = ZERO
    income: Decimal = ZERO
    expenses: Decimal = ZERO

    def add(self, entry: Entry, term: Term) -> None:
        """Count an entry. Runs inside the EXACT decimal context."""
        if isinstance(entry, Result):
            name = _OTHERS[entry.flow]
            setattr(self, name, getattr(self, name) + entry.value)
            return
        self.disposals += 1
        proceeds, cost = entry.proceeds, entry.cost
        if proceeds is None or cost is None:
            self.unknown_disposals += 1
            self.unrated_disposals += cost is not None
            self.unknown_proceeds += proceeds or ZERO
            self.unknown_cost += cost or ZERO
            return
        self.proceeds += proceeds
        self.cost += cost
        setattr(self, _GAINS[term], getattr(self, _GAINS[term]) + proceeds - cost)

    @property
    def gain(self) -> Decimal:
        """Of all disposals whose gain is known."""
        with localcontext(EXACT):
            return self.short_term + self.long_term + self.undated

    @property
    def realised(self) -> Decimal:
        """Every closed result, as the portfolio shows it."""
        with localcontext(EXACT):
            return self.gain + self.derivatives + self.funding + self.income + self.expenses


@dataclass(slots=True, kw_only=True)
class GainsReport:
    """Totals of entries while they pass through ``counted``; complete after the last one."""

    rules: TaxRules
    _totals: dict[tuple[int, str], Total] = field(default_factory=dict)
    _years: dict[int, Total] = field(default_factory=dict)
    whole: Total = field(default_factory=lambda: Total(year="", account=None))

    def counted(self, entries: Iterable[Entry]) -> Iterator[tuple[Entry, str, Term]]:
        """Every entry with its tax year and its term."""
        for entry in entries:
            year, term = self.rules.year(entry.closed_at), self.rules.term(entry)
            named = self.rules.named(year)
            own = self._totals.setdefault(
                (year, entry.account), Total(year=named, account=entry.account)
            )
            with localcontext(EXACT):
                for total in (
                    own,
                    self._years.setdefault(year, Total(year=named, account=None)),
                    self.whole,
                ):
                    total.add(entry, term)
            yield entry, named, term

    @property
    def years(self) -> tuple[int, ...]:
        return tuple(sorted(self._years))

    @property
    def totals(self) -> tuple[Total, ...]:
        """By year and account; of a year with several accounts, its sum behind them."""
        found: list[Total] = []
        for year in self.years:
            own = [self._totals[place] for place in sorted(self._totals) if place[0] == year]
            found += own if len(own) == 1 else [*own, self._years[year]]
        return tuple(found)


def is_disposal(entry: Entry) -> bool:
    return isinstance(entry, Disposal)
