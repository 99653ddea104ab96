"""What gives way in narrow lists."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from exchange_cache.render.compact import Degree, fee_text, time_cells
from exchange_cache.render.lists import (
    fills_listing,
    orders_listing,
    positions_listing,
    prices_listing,
    transfers_listing,
)
from tests.builders import fill, order, price, transfer
from tests.render.builders import NOW, READ, listed, position, tty

_NEW_YEAR = datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC)
_SECOND = timedelta(seconds=1)


def test_a_year_gives_way_only_where_all_times_share_it():
    times = [_NEW_YEAR, None, _NEW_YEAR - _SECOND]
    assert time_cells("Time", times, Degree.ONE_YEAR) == (
        "Time 2025",
        ["12-31 23:59", "-", "12-31 23:59"],
    )
    assert time_cells("Time", [*times, _NEW_YEAR + _SECOND], Degree.SIX_DIGITS) == (
        "Time",
        ["2025-12-31 23:59", "-", "2025-12-31 23:59", "2026-01-01 00:00"],
    )
    assert time_cells("Time", [None], Degree.ONE_YEAR) == ("Time", ["-"])
    assert time_cells("Time", [_NEW_YEAR], Degree.MINUTES) == ("Time", ["2025-12-31 23:59"])


@pytest.mark.parametrize(
    ("stored", "short"),
    [
        ("12345.6789012 USDT + 0.1 BNB", "12,350 USDT + 0.1 BNB"),
        ("0.000123456 BTC", "0.0001235 BTC"),
        ("-0.5 USDT", "-0.5 USDT"),
        ("", ""),
        (None, "-"),
    ],
)
def test_fees_have_four_digits_where_room_is_short(stored, short):
    assert fee_text(stored) == short


def _fills(*accounts, times=(READ,)):
    return [
        fill(
            account=account,
            fill_id=f"{account}{number}",
            symbol="1000PEPE/USDT:USDT",
            amount="1234567.12345678",
            price="63998.12",
            fees=("12.34567891 USDT",),
            time=time,
        )
        for account in accounts
        for number, time in enumerate(times)
    ]


@pytest.mark.parametrize("width", [40, 60, 80, 100, 140])
def test_fills_of_several_accounts_keep_account_fee_and_time_at_every_width(width):
    shown = listed(
        fills_listing(_fills("savings", "main", times=(READ, _NEW_YEAR)), NOW), terminal=tty(width)
    )
    assert max(map(len, shown.splitlines())) <= width
    assert shown.count("savings") == shown.count("main") == 2
    assert len(re.findall(r"12\.3\d* USDT", shown)) == 4
    assert shown.count("2025-12-31 23:59") == 2
    for heading in ("Time", "Account", "Symbol", "Side", "Quantity", "Price", "Fee"):
        assert heading in shown


def test_fills_of_several_accounts_at_80_columns_are_one_line_each():
    assert (
        listed(fills_listing(_fills("savings", "main"), NOW), terminal=tty(80))
        == "2 fills   times in UTC\n"
        "\n"
        "Time 2026    Account  Symbol       Side  Quantity      Price    Cost  Fee\n"
        "01-31 14:03  savings  1000PEPE/U…  buy   1.23457M  63,998.12  79.01B  12.35 USDT\n"
        "01-31 14:03  main     1000PEPE/U…  buy   1.23457M  63,998.12  79.01B  12.35 USDT\n"
    )


@pytest.mark.parametrize("width", [60, 80])
def test_every_list_of_several_accounts_names_the_account_of_each_row(width):
    names = ("savings", "business")
    listings = (
        orders_listing(
            [
                order(name, "canceled", account=name, amount="12345.12345678", filled="1.5")
                for name in names
            ],
            NOW,
        ),
        transfers_listing([transfer(name, "12345.12345678", account=name) for name in names], NOW),
        positions_listing([position(name).position for name in names], NOW),
        prices_listing([price(last="63998.12345", account=name) for name in names], NOW),
    )
    for listing in listings:
        shown = listed(listing, terminal=tty(width))
        assert shown.count("savings") == shown.count("business") == 1
        assert max(map(len, shown.splitlines())) <= width


def test_programs_and_pipes_get_every_second_and_digit():
    listing = fills_listing(_fills("savings", "main"), NOW)
    for form in ("json", "csv"):
        assert listed(listing, form).count("1234567.12345678") == 2
    for form in ("plain", "markdown", "table"):
        shown = listed(listing, form)
        assert shown.count("2026-01-31 14:03:00") == 2
        assert shown.count("1,234,567.12345678") == shown.count("12.34567891 USDT") == 2
