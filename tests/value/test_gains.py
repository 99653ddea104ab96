"""Terms, tax years and totals, by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from exchange_cache.cost.event_place import next_place
from exchange_cache.cost.journal import Disposal, Entry, Result
from exchange_cache.value.gains import GainsReport, Held, TaxRules, Term

D = Decimal


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def lot(
    opened: str | None,
    closed: str,
    proceeds: str | None = "3",
    cost: str | None = "2",
    *,
    account: str = "main",
    short: bool = False,
) -> Disposal:
    return Disposal(
        place=0,
        closed_at=moment(closed),
        opened=None if opened is None else next_place(0, moment(opened)),
        account=account,
        asset="BTC",
        kind="sell",
        symbol="BTC/USDT",
        source_id="1",
        quantity=D(1),
        proceeds=None if proceeds is None else D(proceeds),
        cost=None if cost is None else D(cost),
        short=short,
    )


def result(flow: str, closed: str, value: str, account: str = "main") -> Result:
    return Result(
        place=0,
        closed_at=moment(closed),
        account=account,
        asset="USDT",
        flow=flow,
        value=D(value),
    )


@pytest.mark.parametrize(
    ("opened", "closed", "term"),
    [
        ("2024-01-15T10:00", "2025-01-14T09:00", Term.SHORT),
        ("2024-01-15T10:00", "2025-01-15T23:00", Term.SHORT),  # one year, and not more
        ("2024-01-15T10:00", "2025-01-16T00:00", Term.LONG),
        ("2024-02-29T10:00", "2025-02-28T10:00", Term.SHORT),
        ("2024-02-29T10:00", "2025-03-01T00:00", Term.LONG),
        (None, "2025-03-01T00:00", Term.UNDATED),
    ],
)
def test_a_lot_is_long_after_more_than_a_year(opened: str | None, closed: str, term: Term) -> None:
    assert TaxRules().term(lot(opened, closed)) is term


@pytest.mark.parametrize(
    ("held", "term"), [(Held(0, 365), Term.LONG), (Held(0, 366), Term.SHORT), (Held(2), Term.SHORT)]
)
def test_the_threshold_is_settable(held: Held, term: Term) -> None:
    assert TaxRules(short=held).term(lot("2024-01-15", "2025-01-15")) is term


def test_what_has_no_gain_or_no_lot_has_no_term() -> None:
    rules = TaxRules()
    assert rules.term(lot("2020-01-01", "2025-01-01", cost=None)) is Term.UNKNOWN
    assert rules.term(lot("2020-01-01", "2025-01-01", proceeds=None)) is Term.UNKNOWN
    assert rules.term(lot("2020-01-01", "2025-01-01", short=True)) is Term.SHORT
    assert rules.term(result("funding", "2025-01-01", "1")) is Term.NONE


@pytest.mark.parametrize(
    ("closed", "begins", "zone", "named"),
    [
        ("2025-12-31T23:30", (1, 1), "UTC", "2025"),
        ("2025-12-31T23:30", (1, 1), "Europe/Berlin", "2026"),
        ("2026-01-01T02:00", (1, 1), "America/New_York", "2025"),
        ("2025-04-05T12:00", (4, 6), "Europe/London", "2024/25"),
        ("2025-04-05T23:30", (4, 6), "Europe/London", "2025/26"),  # summer time: April 6, 0:30
        ("1999-07-01T00:00", (7, 1), "UTC", "1999/00"),
    ],
)
def test_a_tax_year_begins_where_it_is_said_in_the_zone_of_the_user(
    closed: str, begins: tuple[int, int], zone: str, named: str
) -> None:
    rules = TaxRules(begins=begins, zone=ZoneInfo(zone))
    year = rules.year(moment(closed))
    assert rules.named(year) == named
    first, last = rules.span(year)
    assert first <= moment(closed) < last


ENTRIES: tuple[Entry, ...] = (
    lot("2023-01-01", "2024-02-01", "10", "4"),  # long, +6
    lot("2024-01-01", "2024-02-01", "3", "5", account="other"),  # short, -2
    lot(None, "2024-03-01", "9", "8"),  # undated, +1
    lot("2024-01-01", "2024-03-01", "7", None),
    lot("2024-01-01", "2024-03-01", None, "2"),
    result("funding", "2024-03-01", "-1"),
    result("derivative", "2024-03-02", "20", "other"),
    result("income", "2025-01-01", "5"),
    result("expense", "2025-01-02", "-3"),
)


def test_totals_add_up_by_year_and_account() -> None:
    report = GainsReport(rules=TaxRules())
    passed = list(report.counted(iter(ENTRIES)))
    assert [(entry, year) for entry, year, _ in passed] == [
        (entry, str(entry.closed_at.year)) for entry in ENTRIES
    ]
    assert [(one.year, one.account) for one in report.totals] == [
        ("2024", "main"),
        ("2024", "other"),
        ("2024", None),
        ("2025", "main"),
    ]
    main, other, both, later = report.totals
    assert (main.disposals, main.unknown_disposals, main.unrated_disposals) == (4, 2, 1)
    assert (main.long_term, main.short_term, main.undated, main.gain) == (6, 0, 1, 7)
    assert (main.proceeds, main.cost) == (19, 12)
    assert (main.unknown_proceeds, main.unknown_cost) == (7, 2)
    assert (main.funding, main.realised) == (-1, 6)
    assert (other.short_term, other.derivatives, other.realised) == (-2, 20, 18)
    assert (both.gain, both.realised, both.disposals) == (5, 24, 5)
    assert (later.income, later.expenses, later.gain, later.realised) == (5, -3, 0, 2)
    assert (report.whole.realised, report.whole.disposals, report.years) == (26, 5, (2024, 2025))
