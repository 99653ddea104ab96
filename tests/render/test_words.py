from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from exchange_cache.render import words


@pytest.mark.parametrize(
    ("seconds", "said", "short"),
    [
        (0, "0 s", "0 s"),
        (59, "59 s", "59 s"),
        (720, "12 min", "12 min"),
        (3600, "1 h", "1 h"),
        (11520, "3 h 12 min", "3 h"),
        (86400, "1 d", "1 d"),
        (100800, "1 d 4 h", "1 d"),
        (2 * 86400 + 7200, "2 d", "2 d"),
        (-30, "0 s", "0 s"),
    ],
)
def test_ages_are_reported_in_the_units_people_use(seconds, said, short):
    assert words.age(timedelta(seconds=seconds)) == said
    assert words.short_age(timedelta(seconds=seconds)) == short


def test_an_unknown_age_is_never():
    assert words.age(None) == "never"
    assert words.short_age(None) == "-"


@pytest.mark.parametrize(
    ("number", "digits", "shown"),
    [
        ("1234567.895", 2, "1,234,567.90"),
        ("0.125", 2, "0.12"),
        ("0", 2, "0.00"),
        ("-0", 2, "0.00"),
        ("0.004", 2, "<0.01"),
        ("-0.004", 2, ">-0.01"),
        ("0.00000001", 8, "0.00000001"),
        ("0.000000000012", 8, "<0.00000001"),
        ("123456789012", 8, "123,456,789,012.00000000"),
        ("1E+3", 0, "1,000"),
    ],
)
def test_what_is_too_small_to_show_never_turns_into_zero(number, digits, shown):
    assert words.fixed(Decimal(number), digits) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("64010.1", "64,010.10"),
        ("150.2", "150.20"),
        ("2.15434", "2.1543"),
        ("1", "1.00"),
        ("0.00001234", "0.00001234"),
        ("0.000000000012345", "0.000000000012345"),
        ("3.3333333333", "3.3333"),
        ("0", "0.00"),
    ],
)
def test_a_price_has_the_digits_that_its_size_gives_meaning(number, shown):
    assert words.price(Decimal(number)) == shown


@pytest.mark.parametrize(
    ("fraction", "shown"),
    [
        ("0.012", "+1.2 %"),
        ("-0.0875", "-8.8 %"),
        ("0", "0.0 %"),
        ("123.4", "+12,340 %"),
        (None, "-"),
    ],
)
def test_percentages_have_their_sign(fraction, shown):
    assert words.percent(None if fraction is None else Decimal(fraction), sign=True) == shown


def test_results_have_their_sign():
    assert [words.signed(Decimal(n), 2) for n in ("27451.02", "-3039.441", "0", "-0.001")] == [
        "+27,451.02",
        "-3,039.44",
        "0.00",
        "0.00",
    ]


def test_money_has_the_decimals_of_its_asset():
    assert words.money(Decimal("1.23456789"), "BTC") == "1.23456789 BTC"
    assert words.money(Decimal("1234.5"), "USDT") == "1,234.50 USDT"
    assert words.money(None, "USDT") == "-"


def test_a_column_has_the_precision_that_its_longest_fraction_needs():
    assert words.quantity_digits([Decimal("1.20"), Decimal("0.12345"), None, Decimal("1E+2")]) == 5
    assert words.quantity_digits([Decimal("0.123456789123")]) == 8
    assert words.quantity_digits([]) == 0


def test_times_of_other_days_have_their_date():
    now = datetime(2026, 1, 31, 14, 15, tzinfo=UTC)
    assert words.clock_time(now, now) == "14:15"
    assert words.clock_time(now - timedelta(days=1), now) == "2026-01-30 14:15"


def test_words_are_listed_as_people_list_them():
    assert [words.listed(w) for w in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]


def test_durations_are_reported_to_a_tenth_while_short():
    assert [words.took(timedelta(milliseconds=ms)) for ms in (40, 1449, 9960, 61000)] == [
        "0.0 s",
        "1.4 s",
        "10.0 s",
        "1 min",
    ]


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("17.34411234", "17.3441"),
        ("45147.2345", "45,147.2"),
        ("0.52793512", "0.527935"),
        ("64016512.9", "64.0165M"),
        ("999999.7", "1M"),
        ("123456789012", "123.457B"),
        ("-1234567890123", "-1.23457T"),
        ("80.10000", "80.1"),
        ("5000", "5,000"),
        ("0", "0"),
        ("0.0000123456789", "0.00001235"),
        ("0.000000000012", "<0.00000001"),
        (None, "-"),
    ],
)
def test_a_quantity_in_brief_has_at_most_six_significant_digits(number, shown):
    assert words.brief(None if number is None else Decimal(number)) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("41215.9", "41,215.90"),
        ("2976.184", "2,976.18"),
        ("0.99971", "0.9997"),
        ("0.58", "0.5800"),
        ("0.0012345", "0.001234"),
        ("0.00001074", "0.0000107"),
        ("0.000007", "0.0000070"),
        ("0.000000934", "0.00000093"),
        ("0", "0.00"),
        (None, "-"),
    ],
)
def test_small_prices_in_brief_stay_comparable(number, shown):
    assert words.brief_price(None if number is None else Decimal(number)) == shown


@pytest.mark.parametrize(
    ("fraction", "shown", "flat"),
    [
        ("0.0773", "+7.7", False),
        ("-0.2241", "-22.4", False),
        ("-0.0004", "0.0", True),
        ("0.0005", "0.0", True),
        ("0.00051", "+0.1", False),
        ("123.4", "+12,340", False),
    ],
)
def test_a_change_that_rounds_to_zero_has_no_sign(fraction, shown, flat):
    assert words.change(Decimal(fraction)) == shown
    assert words.is_flat(Decimal(fraction)) is flat


def test_a_quantity_beside_others_is_rough():
    rough = [words.rough(Decimal(number)) for number in ("4.312", "14713.6", "0.05312", "559.4")]
    assert rough == ["4.3", "14,700", "0.053", "559"]


def test_a_number_that_is_too_large_for_any_decimals_is_shown_as_it_is():
    assert words.fixed(Decimal("1e308"), 8).replace(",", "") == "1" + "0" * 308
    assert words.fixed(Decimal("-1e59"), 0).replace(",", "") == "-1" + "0" * 59
