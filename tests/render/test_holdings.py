"""Holdings and the notes that qualify their figures."""

from dataclasses import replace
from datetime import timedelta

from exchange_cache.records import DataType
from tests.render.builders import (
    finding,
    holding,
    reading,
    screen,
    totals,
    tty,
    verdict,
    verdicts,
)


def test_stale_prices_are_marked_at_the_value_with_their_age():
    sol = holding("SOL", "2", "150", average="1", state="stale", price_age=timedelta(hours=5))
    shown = screen(
        reading(sol, holding("ETH", "1", "9"), freshness=verdicts("main", age=timedelta(hours=5)))
    )
    assert "300.00 ¹" in shown
    assert "¹ valued at a stale price: SOL 5 h old   excache reload" in shown


def test_without_room_for_averages_their_marks_stand_beside_the_result():
    shown = screen(
        reading(holding("SOL", "123456.12345678", "150", average="118.40", explained="2")), tty(60)
    )
    assert "Avg entry" not in shown
    assert [line.endswith(" ¹") for line in shown.splitlines() if line.startswith("SOL")] == [True]


def test_a_stale_price_that_was_just_fetched_is_not_cured_by_a_reload():
    own = (verdict("main", DataType.PRICES), verdict("main"))
    old = replace(
        holding("SRM", "2", "150", average="1", state="stale", price_age=timedelta(days=510)),
        price_route=("SRM/USDT@main",),
    )
    shown = screen(
        reading(
            old,
            freshness=own,
            warnings=(finding("stale_price", "the price of SRM is 510 d old", asset="SRM"),),
        )
    )
    assert "¹ valued at a stale price: all 510 d old   excache prices --asset SRM" in shown
    assert shown.count("510 d") == 1


def test_an_unexplained_holding_says_why():
    shown = screen(
        reading(holding("SOL", "2", "150", reasons=("arrived by deposit on 2024-11-02",)))
    )
    assert "- ¹" in shown
    assert (
        "¹ no fill explains 2 SOL: arrived by deposit on 2024-11-02   excache explain SOL" in shown
    )


def test_an_unknown_part_that_no_digit_would_show_has_no_note():
    shown = screen(
        reading(
            holding("SOL", "50", "150", average="90", explained="49.99999", reasons=("left over",))
        )
    )
    assert "explains" not in shown
    shown = screen(
        reading(
            holding("SOL", "50", "150", average="90", explained="49.9999", reasons=("left over",))
        )
    )
    assert "¹ explains 49.9999 of 50 SOL: left over" in shown


def test_a_debt_is_a_negative_holding_with_its_average():
    shown = screen(
        reading(holding("ATOM", "-56.5", "8.3", average="8.2", pnl="-5.65", fraction="-0.0122"))
    )
    (line,) = [line for line in shown.splitlines() if line.startswith("ATOM")]
    assert line.split() == [
        "ATOM",
        "-56.5",
        "8.30",
        "-468.95",
        "-",
        "8.20",
        "-5.65",
        "(-1.2",
        "%)",
        "-",
    ]


def test_three_hundred_partial_averages_share_a_note():
    many = [holding(f"A{i:03}", "2", "1.5", average="1", explained="1") for i in range(300)]
    shown = screen(reading(*many), tty(100))
    assert "¹ explains 1 of 2 A000   excache explain A000" in shown
    assert "⁴ these also explain only part: A003, A004, A005" in shown
    assert "A014 and 285 more" in shown
    assert "¹ explains" in shown and "⁵" not in shown
    assert (
        len([line for line in shown.splitlines() if line.startswith("A") and "3.00" in line]) == 300
    )


def test_huge_and_tiny_figures_keep_all_their_digits():
    value = reading(
        holding("SHIB", "123456789012", "0.00001234", average="0.00000912"),
        holding("BTC", "0.00000001", "64010.1", average="1"),
        holding("1000000MOGWIFHATLONGCODE", "3", "0.000000000012345", average="1"),
        totals=totals("1523456.78"),
    )
    assert (
        screen(value, tty(80)).split("\n\n")[1]
        == "Asset                         Quantity         Value   Avg entry  Unrealised PnL\n"
        "SHIB          123,456,789,012.00000000  1,523,456.78  0.00000912               -\n"
        "BTC                         0.00000001         <0.01  1.00                     -\n"
        "1000000MOGW…                3.00000000         <0.01  1.00                     -\n"
    )
