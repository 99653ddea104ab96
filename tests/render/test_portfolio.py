import re
from decimal import Decimal

import pytest

from tests.render.builders import (
    ASCII,
    PIPED,
    example,
    finding,
    holding,
    reading,
    screen,
    totals,
    tty,
)

AT_100 = """\
Portfolio   128,185.66 USDT     +1,204.11 (+0.95 %) in 24 h     as of 14:03 UTC, 12 min ago
unrealised +26,683.67   realised +3,211.40   24 h without 3 assets
main ✓   bybit ✓
kraken ! balances 3 h 12 min old (timed out twice)   excache reload --account kraken

Asset        Quantity      Price      Value   Share        Avg entry          Unrealised PnL    24 h
BTC        1.20345678  64,010.10  77,033.39  60.0 % █████  41,200.11    +27,451.02 (+55.4 %)  +1.2 %
ETH       10.50000000   3,020.55  31,715.78  24.7 % ██      3,310.02     -3,039.44  (-8.8 %)  -0.4 %
SOL       80.10000000     150.20  12,031.02   9.4 % ▊         118.40 ¹   +2,270.52 (+26.9 %)  +3.0 %
USDT   7,401.04000000       1.00   7,401.04   5.8 % ▍              -                       -       -
2 more below 10 USDT (--min-value 0)   5.39  <0.1 %
Unpriced: FOOBAR 12.5 (delisted on kraken 2025-03-01)

Positions (main)  Side   Contracts      Entry       Mark    Unrealised PnL  Liquidation
BTC/USDT:USDT     long        0.25  61,900.00  64,012.00  +528.00 (+3.4 %)    50,120.00
ETH/USDT:USDT     short      12.00   3,100.50   3,020.55  +959.40 (+3.4 %)     3,220.10  6.6 % away

¹ explains 71.4 of 80.1 SOL: 8.7 came by deposit on 2024-11-02   excache explain SOL

! kraken: its fills of 2025-06-03 to 06-05 are not fetched yet, so averages may change
  excache sync --account kraken
"""

AT_80 = """\
Portfolio   128,185.66 USDT   +1,204.11 (+0.95 %) in 24 h
as of 14:03 UTC, 12 min ago   unrealised +26,683.67   realised +3,211.40
24 h without 3 assets
main ✓   bybit ✓
kraken ! balances 3 h 12 min old (timed out twice)
         excache reload --account kraken

Asset        Quantity      Price      Value  Avg entry          Unrealised PnL
BTC        1.20345678  64,010.10  77,033.39  41,200.11    +27,451.02 (+55.4 %)
ETH       10.50000000   3,020.55  31,715.78   3,310.02     -3,039.44  (-8.8 %)
SOL       80.10000000     150.20  12,031.02     118.40 ¹   +2,270.52 (+26.9 %)
USDT   7,401.04000000       1.00   7,401.04          -                       -
2 more below 10 USDT (--min-value 0)   5.39   <0.1 %
Unpriced: FOOBAR 12.5 (delisted on kraken 2025-03-01)

Positions (main)  Side   Contracts    Unrealised PnL  Liquidation
BTC/USDT:USDT     long        0.25  +528.00 (+3.4 %)    50,120.00
ETH/USDT:USDT     short      12.00  +959.40 (+3.4 %)     3,220.10  6.6 % away

¹ explains 71.4 of 80.1 SOL: 8.7 came by deposit on 2024-11-02
  excache explain SOL

! kraken: its fills of 2025-06-03 to 06-05 are not fetched yet, so averages may
  change   excache sync --account kraken
"""


def test_the_screen_at_100_columns():
    assert screen(example(), tty(100), min_value=Decimal(10)) == AT_100


def test_the_screen_at_80_columns_keeps_quantities_values_and_warnings():
    assert screen(example(), tty(80), min_value=Decimal(10)) == AT_80


@pytest.mark.parametrize("width", [80, 100, 140])
def test_no_line_is_wider_than_the_terminal(width):
    assert max(len(line) for line in screen(example(), tty(width)).splitlines()) <= width


def test_in_a_pipe_there_are_all_columns_and_no_bars():
    shown = screen(example(), PIPED, min_value=Decimal(10))
    assert (
        "Asset        Quantity      Price      Value   Share  Avg entry          Unrealised PnL   "
        " 24 h\n" in shown
    )
    assert "Lev" in shown
    assert "█" not in shown
    assert "\x1b" not in shown


def test_colour_only_adds_to_the_words():
    coloured = screen(example(), tty(100, colour=True), min_value=Decimal(10))
    assert "\x1b[32m+27,451.02\x1b[0m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == AT_100


def test_without_unicode_everything_is_ascii():
    shown = screen(example(), ASCII, min_value=Decimal(10))
    assert shown.isascii()
    assert "main ok   bybit ok" in shown
    assert "118.40 [1]" in shown
    assert "[1] explains 71.4 of 80.1 SOL" in shown


def test_a_long_code_is_shortened_before_any_digit_is():
    value = reading(holding("1000000MOGWIFHATLONGCODE", "123456789.12345678", "2", average="1"))
    assert screen(value, tty(50)).endswith("1000000MOGW…  123,456,789.12345678  246,913,578.25\n")


def test_nothing_held_is_said_in_words():
    assert (
        screen(reading(), tty(80))
        == "Portfolio   0.00 USDT     as of 14:03 UTC, 12 min ago\nmain ✓\n\nNo account holds"
        " anything.\n"
    )


def test_no_total_is_the_answer_where_most_or_all_assets_have_no_price():
    few = reading(holding("BTC", "1"), holding("A", "1", None), holding("B", "1", None))
    assert "USDT of 1 of 3 assets, the others have no price" in screen(few, tty(200))
    assert screen(reading(holding("A", "1", None)), tty(200)).startswith(
        "Portfolio   unknown: nothing has a price in USDT "
    )
    half = reading(holding("BTC", "1"), holding("A", "1", None))
    assert "the others have no price" not in screen(half, tty(200))


def test_the_stale_part_of_the_total_is_named():
    assert "3,200.00 USDT of it stale" in screen(
        reading(totals=totals("9000", stale_value=Decimal(3200)))
    )


def test_dust_is_summed_and_never_dropped():
    shown = screen(
        reading(holding("A", "3", "1", share="0.01"), holding("B", "4", "1", share="0.02")),
        min_value=Decimal(10),
    )
    assert "2 more below 10 USDT (--min-value 0)   7.00   3.0 %" in shown


def test_a_debt_is_not_dust():
    assert "-500.00" in screen(reading(holding("USD", "-500", "1")), min_value=Decimal(10))


def test_negative_totals_and_changes_have_their_sign():
    value = reading(
        totals=totals("-3476.1", change_24h=Decimal("-0.5"), change_24h_value=Decimal("-99.1"))
    )
    assert "Portfolio   -3,476.10 USDT     -99.10 (-50.00 %) in 24 h" in screen(value)


def test_a_finding_shown_elsewhere_is_shown_once_and_others_never_vanish():
    value = reading(
        holding("FOO", "1", None),
        warnings=(
            finding("unpriced", "delisted", asset="FOO"),
            finding("unpriced", "shown nowhere else", asset="GONE"),
            finding("stale_data", "main is well, so this is shown", account="main"),
            finding(
                "key_expires",
                "the key expires soon",
                account="main",
                hint="excache account check main",
            ),
        ),
    )
    shown = screen(value)
    assert shown.count("delisted") == 1
    assert "! shown nowhere else" in shown
    assert "! main: main is well, so this is shown" in shown
    assert "! main: the key expires soon   excache account check main" in shown


@pytest.mark.parametrize(
    ("sort", "order"), [("value", "CBAD"), ("asset", "ABCD"), ("pnl", "ACBD"), ("change", "BACD")]
)
def test_holdings_are_sorted_as_asked_and_the_unknown_comes_last(sort, order):
    value = reading(
        holding("D", "1", "1"),
        holding("C", "1", "30", pnl="5", change="-0.1"),
        holding("B", "1", "20", pnl="-5", change="0.2"),
        holding("A", "1", "10", pnl="9", change="0.1"),
    )
    lines = screen(value, sort=sort).split("\n\n")[1].splitlines()[1:]
    assert "".join(line[0] for line in lines) == order
