import io
import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from exchange_cache.findings import ALARMS, Finding
from exchange_cache.records import DataType
from exchange_cache.render.output import write_portfolio
from exchange_cache.render.portfolio import PortfolioOptions
from exchange_cache.value.freshness import State
from tests.render.builders import (
    ASCII,
    NOW,
    PIPED,
    example,
    finding,
    holding,
    position,
    printed,
    reading,
    totals,
    tty,
    verdict,
    verdicts,
    wallet,
)


def screen(value, terminal=PIPED, form="table", **options) -> str:
    return printed(
        write_portfolio,
        value,
        form=form,
        terminal=terminal,
        now=NOW,
        options=PortfolioOptions(**options),
    )


AT_100 = """\
Portfolio   128,185.66 USDT     +1,204.11 (+0.95 %) in 24 h     as of 14:03 UTC, 12 min ago
unrealised +26,683.67   realised +3,211.40
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


def test_an_asset_outside_the_encoding_becomes_question_marks():
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii", newline="")
    write_portfolio(reading(holding("币安", "1")), stream, form="table", terminal=ASCII, now=NOW)
    stream.seek(0)
    assert "\n??" in stream.read()


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


def test_a_long_code_is_shortened_before_any_digit_is():
    value = reading(holding("1000000MOGWIFHATLONGCODE", "123456789.12345678", "2", average="1"))
    assert screen(value, tty(50)).endswith("1000000MOGW…  123,456,789.12345678  246,913,578.25\n")


def test_nothing_held_is_said_in_words():
    assert (
        screen(reading(), tty(80))
        == "Portfolio   0.00 USDT     as of 14:03 UTC, 12 min ago\nmain ✓\n\nNo account holds"
        " anything.\n"
    )


def test_an_account_that_never_synced_says_so_with_the_cure():
    shown = screen(reading(freshness=verdicts("main", age=None), oldest=None), tty(80))
    assert "main ✗ never synced   excache reload --account main" in shown
    assert "Portfolio   0.00 USDT     never synced" in shown


def test_a_refused_key_names_the_command_that_checks_it():
    refused = verdicts(
        "kraken",
        age=timedelta(hours=3),
        error="the key was refused (EAPI:Invalid key)",
        code="key_refused",
    )
    shown = screen(reading(freshness=refused))
    assert "kraken ! everything 3 h old (the key was refused (EAPI:Invalid key))" in shown
    assert "excache account check kraken" in shown


def test_a_fresh_part_whose_last_try_failed_is_not_called_well():
    shown = screen(reading(freshness=(verdict("main", error="timed out", code="unavailable"),)))
    assert (
        "main ! balances 12 min old, last try failed (timed out)   excache reload --account main"
        in shown
    )


@pytest.mark.parametrize("code", sorted(ALARMS))
def test_an_account_from_which_something_is_gone_is_not_called_well(code):
    gone = Finding(code=code, account="main", message="1 BTC left main (worth 50,000 USDT)")
    shown = screen(reading(freshness=(verdict("main"), verdict("bybit")), warnings=(gone,)))
    assert "main !   bybit ✓" in shown


def test_while_refreshing_there_is_nothing_to_cure():
    stale = (verdict("main", age=timedelta(hours=2)),)
    assert "main ! balances 2 h old (refreshing now)\n" in screen(
        reading(freshness=stale), refreshing=True
    )


def test_what_an_exchange_does_not_offer_is_no_trouble():
    own = (verdict("main"), verdict("main", DataType.POSITIONS, age=None, state=State.NOT_OFFERED))
    assert "main ✓\n" in screen(reading(freshness=own))


def test_the_head_tells_the_age_of_the_oldest_fresh_part():
    own = (
        verdict("a", age=timedelta(minutes=3)),
        verdict("b", age=timedelta(minutes=50)),
        verdict("c", age=timedelta(days=3)),
    )
    assert "as of 13:25 UTC, 50 min ago" in screen(reading(freshness=own))


def test_stale_prices_are_marked_at_the_value_with_their_age():
    sol = holding("SOL", "2", "150", average="1", state="stale", price_age=timedelta(hours=5))
    shown = screen(
        reading(sol, holding("ETH", "1", "9"), freshness=verdicts("main", age=timedelta(hours=5)))
    )
    assert "300.00 ¹" in shown
    assert "¹ valued at a stale price: SOL 5 h old   excache reload" in shown


def test_the_stale_part_of_the_total_is_named():
    assert "3,200.00 USDT of it stale" in screen(
        reading(totals=totals("9000", stale_value=Decimal(3200)))
    )


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


def test_what_an_account_lacks_for_one_cause_is_one_finding_without_its_details():
    lost = [
        finding(
            "out_of_retention",
            "fills of spot (BTC/USDT) before 2024-11-23 are out of retention",
            account="bybit",
            hint="excache basis set A",
        ),
        finding(
            "out_of_retention",
            "transfers of moves before 2024-11-23 are out of retention",
            account="bybit",
        ),
    ]
    assert screen(reading(warnings=tuple(lost))).endswith(
        "! bybit: fills of spot before 2024-11-23 are out of retention; "
        "transfers of moves before 2024-11-23 are out of retention   excache basis set A\n"
    )


def test_one_error_of_several_parts_is_reported_once():
    down = "kraken did not answer ({}): connection refused"
    own = (
        verdict("main", error=down.format("balances of wallet spot"), code="unavailable"),
        verdict(
            "main",
            DataType.PRICES,
            error="spot, linear: " + down.format("prices spot"),
            code="unavailable",
        ),
    )
    shown = screen(reading(freshness=own))
    assert "last try failed (kraken did not answer: connection refused)   excache reload" in shown


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


def test_positions_stand_under_their_account_in_the_order_of_the_accounts():
    value = reading(
        positions=(
            position("b"),
            position(
                "a", symbol="BTC/USD:BTC", settle_asset="BTC", unrealised_pnl=Decimal("0.0123")
            ),
        )
    )
    shown = screen(reading(positions=value.positions, accounts=("a", "b")))
    assert shown.index("Positions (a)") < shown.index("Positions (b)")
    assert "+0.0123 BTC" in shown


def test_by_account_every_account_has_its_subtotal():
    both = (wallet("BTC", "1", "main"), wallet("BTC", "2", "bybit"))
    value = reading(
        holding("BTC", "3", "100", wallets=both), holding("ETH", "1", "50"), totals=totals("350")
    )
    assert (
        screen(value, by="account").split("\n\n")[1] == "Asset  Quantity   Value   Share\n"
        "bybit   200.00 USDT   57.1 %\n"
        "  BTC         2  200.00  57.1 %\n"
        "main   150.00 USDT   42.9 %\n"
        "  BTC         1  100.00  28.6 %\n"
        "  ETH         1   50.00  14.3 %\n"
    )


def test_positions_near_their_liquidation_fit_a_narrow_terminal():
    near = position(
        "binance-main",
        "1000000MOG/USDT:USDT",
        distance="0.055",
        contracts=Decimal("1160.000"),
        unrealised_pnl=Decimal("-12345.67"),
        liquidation_price=Decimal("2805.72"),
    )
    shown = screen(reading(positions=(near,), accounts=("binance-main",)), tty(80))
    assert "5.5 % away" in shown
    assert [line for line in shown.splitlines() if len(line) > 80] == []


def test_by_exchange_the_open_positions_are_in_the_sum():
    value = reading(
        holding("BTC", "3", "100", wallets=(wallet("BTC", "1", "a"), wallet("BTC", "2", "b"))),
        positions=(position("b", settle_asset="USDT", unrealised_pnl=Decimal("50")),),
        totals=totals("350"),
    )
    shown = screen(value, by="exchange", exchanges={"a": "kraken", "b": "okx"}).split("\n\n")[1]
    assert (
        shown == "Asset             Quantity   Value   Share\n"
        "okx   250.00 USDT   71.4 %\n"
        "  BTC                    2  200.00  57.1 %\n"
        "  open positions         -   50.00  14.3 %\n"
        "kraken   100.00 USDT   28.6 %\n"
        "  BTC                    1  100.00  28.6 %"
    )


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


def test_plain_has_the_facts_of_the_table_without_bars():
    shown = screen(example(), form="plain", min_value=Decimal(10))
    assert shown == screen(example(), PIPED, min_value=Decimal(10)).replace(
        "5.39  <0.1 %", "5.39   <0.1 %"
    )


def test_markdown_is_a_pipe_table():
    shown = screen(
        reading(holding("BTC", "1.5", "100", average="50", share="1", pnl="75", fraction="1")),
        form="markdown",
    )
    assert (
        shown
        == "Portfolio   150.00 USDT     as of 14:03 UTC, 12 min ago\n\nmain ✓\n\n| Asset   |  "
        " Quantity |   Price |   Value |   Share |   Avg entry |    Unrealised PnL |   24 h"
        " |\n|:--------|-----------:|--------:|--------:|--------:|------------:|------------------:|-------:|\n|"  # noqa: E501
        " BTC     |        1.5 |  100.00 |  150.00 | 100.0 % |       50.00 | +75.00 (+100.0 %) |"
        "      - |\n"
    )
