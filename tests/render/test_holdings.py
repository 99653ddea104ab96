"""The grid of holdings on the portfolio screen."""

from dataclasses import replace
from decimal import Decimal

import pytest

from tests.render.builders import (
    PIPED,
    holding,
    position,
    reading,
    screen,
    totals,
    tty,
    wallet,
)


def grid(shown: str) -> list[str]:
    """The lines of the table of holdings."""
    return shown.split("\n\n")[1].splitlines()


def test_quantities_have_at_most_six_significant_digits_aligned_at_the_point() -> None:
    value = reading(
        holding("ETH", "17.344123456", "2976.18", average="2762.98"),
        holding("BTC", "0.5279351234", "41215.9", average="53134.99"),
        holding("PEPE", "64016512.9", "0.00001074", average="0.000007"),
        holding("USDC", "45147.2345", "0.9997", average="0.9999"),
    )
    lines = grid(screen(value, tty(100)))[1:5]
    assert [line.split()[:4] for line in lines] == [
        ["ETH", "17.3441", "2,976.18", "2,762.98"],
        ["USDC", "45,147.2", "0.9997", "0.9999"],
        ["BTC", "0.527935", "41,215.90", "53,134.99"],
        ["PEPE", "64.0165M", "0.0000107", "0.0000070"],
    ]
    assert lines[0].index("17.") + 2 == lines[1].index("45,147.") + 6 == lines[3].index("64.") + 2


@pytest.mark.parametrize("width", [60, 66, 72, 80, 90, 100, 120, 140, 200])
def test_average_and_price_never_drop_and_the_changes_of_a_day_drop_first(width: int) -> None:
    rows = [
        replace(
            holding("ETH", "17.3441", "2976.18", average="2762.98", pnl="3092.37", change="0.01"),
            realised_pnl=Decimal("-403.15"),
        ),
        holding("BTC", "0.527935", "41215.9", average="53134.99", fraction="-0.2", pnl="-5478.93"),
    ]
    heading = grid(screen(reading(*rows), tty(width)))[0].split()
    assert {"Asset", "Quantity", "Price", "Avg", "Value"} <= set(heading)
    assert "24" in heading or width < 80
    assert "24" not in heading or "Unrealised" in heading
    assert "Share" not in heading or {"24", "Realised", "Accounts"} <= set(heading)
    assert "Share" in heading or width < 120


def test_small_holdings_are_one_row_with_their_sums_and_all_unfolds_them() -> None:
    value = reading(
        holding("BTC", "1", "10000", average="9000", pnl="1000", fraction="0.1"),
        holding("A", "3", "1", pnl="-2", average="1"),
        holding("B", "4", "1"),
    )
    lines = grid(screen(value, tty(80)))
    assert [line.split()[0] for line in lines] == ["Asset", "BTC", "2", "Total"]
    assert lines[2].split() == ["2", "below", "0.1", "%", "(--all)", "7.00", "-2.00"]
    assert lines[2].index("7.00") == lines[1].index("10,000.00", 30) + 5
    assert lines[3].split() == ["Total", "10,007.00", "+998.00"]
    for options in ({"all_": True}, {"min_value": Decimal(0)}, {"assets": ("A", "B", "BTC")}):
        names = [line.split()[0] for line in grid(screen(value, tty(80), **options))]
        assert names == ["Asset", "BTC", "A", "B", "Total"] or names[1:4] == ["BTC", "B", "A"]
    stated = grid(screen(value, tty(80), min_value=Decimal(5)))
    assert stated[2].split()[:5] == ["2", "below", "5", "USDT", "(--all)"]


def test_a_single_small_holding_keeps_its_row() -> None:
    value = reading(holding("BTC", "1", "10000"), holding("A", "3", "1"))
    assert "below" not in screen(value, tty(80))


def test_the_rows_add_up_to_the_total_with_the_results_no_wallet_contains() -> None:
    value = reading(
        holding("BTC", "1", "100"),
        holding("ETH", "1", "50"),
        positions=(position(unrealised_pnl=Decimal("-20")),),
        totals=totals("130"),
    )
    lines = grid(screen(value, tty(80)))
    assert [line.split()[-1] for line in lines[3:]] == ["-20.00", "130.00"]
    assert lines[3].startswith("open positions")
    inside = replace(value, positions=(replace(value.positions[0], in_wallet=True),))
    assert "open positions" not in screen(inside, tty(80))


def test_a_debt_is_owed_and_not_red() -> None:
    value = reading(
        holding("BTC", "1", "50000"),
        holding("ATOM", "-56.5", "8.3", average="8.2", pnl="-5.65", fraction="-0.0122"),
    )
    (line,) = [line for line in screen(value).splitlines() if line.startswith("ATOM")]
    assert line.split()[:7] == ["ATOM", "owed", "-56.5", "8.30", "8.20", "-468.95", "-5.65"]
    coloured = screen(value, tty(100, colour=True))
    assert "\x1b[31m-5.65\x1b[0m" in coloured
    assert "\x1b[31m-468.95" not in coloured
    assert "\x1b[31m-56.5" not in coloured


def test_a_loss_that_rounds_to_zero_percent_is_not_red() -> None:
    flat = holding(
        "USDC", "45147", "1", average="1", pnl="-7.46", fraction="-0.0002", change="-0.0004"
    )
    coloured = screen(reading(flat), tty(100, colour=True))
    assert "\x1b[31m" not in coloured
    line = next(line for line in screen(reading(flat)).splitlines() if line.startswith("USDC"))
    assert line.split()[5:9] == ["-7.46", "0.0", "0.0", "%"]


def test_an_average_of_a_part_is_marked_and_an_unknown_one_too() -> None:
    value = reading(
        holding("SOL", "2", "150", average="118.4", explained="1"),
        holding("SUI", "2", "100"),
        holding("BTC", "1", "50", average="40"),
    )
    sol, sui, btc = grid(screen(value, tty(80)))[1:4]
    assert "118.40 ~" in sol
    assert "- ~" in sui
    assert "~" not in btc


def test_accounts_are_named_with_their_parts_as_far_as_they_fit() -> None:
    parts = tuple(wallet("ETH", total, name) for name, total in (("okx", "2.9"), ("main", "4.31")))
    value = reading(
        holding("ETH", "7.21", "100", wallets=parts), holding("BTC", "1", "5", average="1")
    )
    lines = grid(screen(value, PIPED))
    assert lines[1].endswith("  main 4.3, okx 2.9")
    assert lines[2].endswith("  main")
    many = tuple(wallet("ETH", "1", f"account-{number}") for number in range(9))
    wide = grid(screen(reading(holding("ETH", "9", "100", wallets=many)), tty(140)))[1]
    assert wide.endswith(" …")
    assert "account-0 1, account-1 1" in wide


def test_the_share_has_a_thin_bar_of_eight_cells_on_a_wide_terminal() -> None:
    value = reading(holding("A", "1", "75", share="0.75"), holding("B", "1", "25", share="0.25"))
    lines = grid(screen(value, tty(140)))
    assert "75.0 % ━━━━━━━━" in lines[1]
    assert "25.0 % ━━╸" in lines[2]
    assert "━" not in screen(value, PIPED)
    assert "75.0 %" in screen(value, PIPED)


def test_huge_and_tiny_figures_stay_readable() -> None:
    value = reading(
        holding("SHIB", "123456789012", "0.00001234", average="0.00000912"),
        holding("BTC", "0.00000001", "64010.1", average="1"),
        holding("1000000MOGWIFHATLONGCODE", "3", "0.000000000012345", average="1"),
        totals=totals("1523456.78"),
    )
    lines = grid(screen(value, tty(100), all_=True))
    assert [line.split()[1:5] for line in lines[1:4]] == [
        ["123.457B", "0.0000123", "0.0000091", "1,523,456.78"],
        ["0.00000001", "64,010.10", "1.00", "<0.01"],
        ["3", "0.000000000012", "1.00", "<0.01"],
    ]


def test_what_is_worth_nothing_that_is_known_has_rows_only_if_all_is_unpriced() -> None:
    assert grid(screen(reading(holding("A", "1", None))))[1].startswith("A ")
    both = screen(reading(holding("A", "1", None), holding("B", "1")))
    assert [line.split()[0] for line in grid(both)] == ["Asset", "B", "Total"]
    assert "! no price: A   excache prices" in both
