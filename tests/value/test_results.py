"""Profit and loss for people: lines per asset or account that add up to the total."""

from __future__ import annotations

from decimal import Decimal

from exchange_cache.value.reading import PortfolioReading
from exchange_cache.value.results import POOLING, PnlReport, pnl_report
from tests.cost.builders import at, balance, basis_book, fill, price, transfer
from tests.value.builders import reading

D = Decimal
EVENTS = (
    transfer("deposit", "500", "USDT"),
    transfer("deposit", "500", "USDT", account="second"),
    fill("buy", "1", "100", hour=1),
    fill("buy", "1", "200", hour=1, account="second"),
    fill("sell", "0.5", "300", hour=50),
)
BOOK = basis_book(*EVENTS)
BEFORE = basis_book(*EVENTS, until=at(24))
READING: PortfolioReading = reading(
    balance("0.5"),
    balance("550", "USDT"),
    balance("1", account="second"),
    balance("300", "USDT", account="second"),
    price("BTC/USDT", "300"),
    price("BTC/USDT", "300", account="second"),
    events=EVENTS,
    accounts=("main", "second"),
)


def report(by: str, *, period: bool = False) -> PnlReport:
    return pnl_report(
        READING,
        BOOK.bases,
        before=BEFORE.bases if period else (),
        since=at(24) if period else None,
        by=by,
    )


def test_lines_per_asset_add_up_to_the_total() -> None:
    """1.5 BTC at 300 and 850 USDT; the average of all accounts is 150."""
    found = report("asset")
    assert [(line.name, line.identity.value) for line in found.lines] == [
        ("USDT", 850),
        ("BTC", 450),
    ]
    total = found.total.identity
    assert (total.value, total.net_deposits, total.realised, total.unrealised) == (
        1300,
        1000,
        75,
        225,
    )
    assert sum(line.identity.realised for line in found.lines) == 75


def test_accounts_have_their_own_averages_and_a_line_states_the_difference() -> None:
    found = report("account")
    assert [
        (line.name, line.identity.realised, line.identity.unrealised) for line in found.lines
    ] == [
        ("main", 100, 100),
        ("second", 0, 100),
        (POOLING, -25, 25),
    ]
    assert found.total.identity.realised == 75


def test_a_period_has_only_what_happened_in_it() -> None:
    found = report("asset", period=True)
    assert found.since == at(24)
    assert (found.total.period.realised, found.total.period.net_deposits) == (75, 0)
    assert found.total.identity.net_deposits == 1000
