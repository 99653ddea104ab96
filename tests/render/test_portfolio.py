"""The portfolio screen as a whole: its head, and what the parts make together."""

import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.golden import hold_golden
from tests.render.builders import (
    ASCII,
    PIPED,
    example,
    finding,
    holding,
    position,
    reading,
    screen,
    totals,
    tty,
    verdict,
    verdicts,
    wallet,
)

GOLDEN = Path(__file__).parent / "golden"
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def three():
    """A small portfolio without any trouble."""
    return reading(
        holding("BTC", "0.42", "64010.1", share="0.9", average="41200.11", pnl="9580.2"),
        holding("ETH", "1.05", "3020.55", share="0.1", average="3310.02", change="-0.004"),
        holding("USDT", "12.5", "1", share="0.0004", average="1", change="0"),
    )


def three_hundred():
    """Three hundred assets at six accounts, of all sizes, with debts and averages of a part."""
    names = ("main", "okx", "kraken", "bybit", "coinbase", "kucoin")
    rows = []
    for number in range(1, 301):
        asset = f"A{number:03}"
        quantity = Decimal(-7 if number % 50 == 0 else 1000) / number
        price = Decimal(10) ** (4 - number % 11) * Decimal("1.2345678")
        average = price * Decimal("0.9") if number % 7 else price * Decimal("1.1")
        explained = quantity if number % 5 else quantity / 2
        worth = quantity * price
        rows.append(
            holding(
                asset,
                str(round(quantity, 9)),
                str(price),
                share=str(round(worth / Decimal(20_000_000), 6)),
                average=str(average),
                explained=str(round(explained, 9)),
                reasons=() if number % 5 else ("deposited without a known price",),
                pnl=str(round(worth - quantity * average, 4)),
                fraction=str(round(price / average - 1, 6)),
                change=str(Decimal(number % 13 - 6) / 100),
                wallets=tuple(
                    wallet(asset, str(round(quantity / 3, 8)), names[(number + at) % 6])
                    for at in range(3)
                ),
            )
        )
    positions = tuple(
        position(names[at % 6], f"A{at:03}/USDT:USDT", distance=f"0.{at:02}", side="short")
        for at in range(4, 44, 4)
    )
    return reading(
        *rows,
        positions=positions,
        accounts=names,
        freshness=tuple(one for name in names for one in verdicts(name)),
    )


READINGS = {"example": example, "three": three, "three_hundred": three_hundred}


@pytest.mark.parametrize("name", READINGS)
@pytest.mark.parametrize("width", [80, 100, 140, 200])
def test_the_golden_screens_of_terminals(name: str, width: int) -> None:
    shown = screen(READINGS[name](), tty(width))
    hold_golden(GOLDEN, f"portfolio_{name}_{width}", shown)
    assert max(map(len, shown.splitlines())) <= width


@pytest.mark.parametrize("name", READINGS)
def test_the_golden_screens_of_pipes(name: str) -> None:
    hold_golden(GOLDEN, f"portfolio_{name}_piped", screen(READINGS[name](), PIPED))


def test_the_golden_screen_in_colour() -> None:
    hold_golden(GOLDEN, "portfolio_example_80_colour", screen(example(), tty(80, colour=True)))


def test_the_golden_screen_in_ascii() -> None:
    shown = screen(example(), ASCII)
    assert shown.isascii()
    hold_golden(GOLDEN, "portfolio_example_100_ascii", shown)


@pytest.mark.parametrize("by", ["account", "wallet", "exchange"])
def test_the_golden_screens_of_groups(by: str) -> None:
    names = {name: f"exchange of {name}" for name in ("main", "okx", "kraken")}
    shown = screen(example(), tty(80), by=by, exchanges=names)
    hold_golden(GOLDEN, f"portfolio_example_80_by_{by}", shown)


def test_the_golden_screen_with_everything_unfolded() -> None:
    hold_golden(GOLDEN, "portfolio_example_80_all", screen(example(), tty(80), all_=True))


@pytest.mark.parametrize("name", READINGS)
@pytest.mark.parametrize("width", [80, 140])
def test_colour_only_adds_to_the_words(name: str, width: int) -> None:
    coloured = screen(READINGS[name](), tty(width, colour=True))
    assert "\x1b[" in coloured
    assert COLOURS.sub("", coloured) == screen(READINGS[name](), tty(width))


def test_a_pipe_has_all_columns_and_no_bars() -> None:
    shown = screen(example(), PIPED)
    for heading in ("Unrealised", "24 h", "Share", "Realised", "Accounts", "Mark", "Liquidation"):
        assert heading in shown
    assert "━" not in shown
    assert "\x1b" not in shown


def test_the_head_ends_with_the_age_and_the_accounts_that_are_well() -> None:
    value = reading(
        holding("BTC", "1", "100"),
        freshness=(verdict("a"), verdict("b", error="down", code="unavailable")),
        accounts=("a", "b"),
    )
    head = screen(value, tty(80)).splitlines()[0]
    assert head.endswith("12 min ago, 1 of 2 ✓")
    assert len(head) == 80


def test_a_change_of_the_day_states_its_percentage_to_a_tenth() -> None:
    def changed(value: str, fraction: str) -> str:
        both = {"change_24h": Decimal(fraction), "change_24h_value": Decimal(value)}
        return screen(reading(totals=totals("1000", **both)), tty(100, colour=True))

    assert "\x1b[31m-2,490.04 (-0.8 %)\x1b[0m 24 h" in changed("-2490.04", "-0.0084")
    assert "\x1b[32m+5.00 (+0.5 %)\x1b[0m 24 h" in changed("5", "0.005")
    assert " -0.20 (0.0 %) 24 h" in changed("-0.2", "-0.0002")


def test_a_long_code_is_shortened_before_any_digit_is() -> None:
    value = reading(holding("1000000MOGWIFHATLONGCODE", "123456789.12345678", "2", average="1"))
    row, continued = screen(value, tty(50)).split("\n\n")[1].splitlines()[2:4]
    assert row.split() == ["1000000MO…", "123.457M", "2.00", "1.00"]
    assert continued.split() == ["246,913,578.25"]


def test_nothing_held_is_said_in_words() -> None:
    assert screen(reading(), PIPED) == (
        "Portfolio   0.00 USDT     12 min ago, 1 of 1 ✓\n\nNo account holds anything.\n"
    )


def test_no_total_is_the_answer_where_most_or_all_assets_have_no_price() -> None:
    few = screen(
        reading(holding("BTC", "1"), holding("A", "1", None), holding("B", "1", None)), tty(200)
    )
    assert "USDT of 1 of 3 assets, the others have no price" in few
    assert "Total" not in few
    assert screen(reading(holding("A", "1", None)), tty(200)).startswith(
        "Portfolio   unknown: nothing has a price in USDT "
    )
    half = reading(holding("BTC", "1"), holding("A", "1", None))
    assert "the others have no price" not in screen(half, tty(200))


def test_a_noticeable_stale_part_of_the_total_is_named() -> None:
    assert "3,200.00 USDT of it stale" in screen(
        reading(totals=totals("9000", stale_value=Decimal(3200)))
    )
    assert "stale" not in screen(reading(totals=totals("9000", stale_value=Decimal(5))))


def test_assets_that_the_change_of_the_day_leaves_out_are_counted() -> None:
    some = {"change_24h": Decimal("0.01"), "change_24h_value": Decimal(1)}
    value = reading(
        holding("A", "1", "100", change="0.01"),
        holding("B", "1", "9"),
        totals=totals("109", **some),
    )
    assert "24 h without 1 asset\n" in screen(value)


def test_negative_totals_and_changes_have_their_sign() -> None:
    value = reading(
        totals=totals("-3476.1", change_24h=Decimal("-0.5"), change_24h_value=Decimal("-99.1"))
    )
    assert "Portfolio   -3,476.10 USDT   -99.10 (-50.0 %) 24 h" in screen(value)


def test_a_finding_shown_elsewhere_is_shown_once_and_others_never_vanish() -> None:
    value = reading(
        holding("FOO", "1", None),
        warnings=(
            finding("unpriced", "delisted", asset="FOO"),
            finding("unpriced", "shown nowhere else", asset="GONE"),
            finding("stale_data", "main is well, so this is shown", account="main"),
        ),
    )
    assert "! no price: FOO " in screen(value)
    assert "! 2 more findings   excache status" in screen(value)
    shown = screen(value, all_=True)
    assert shown.count("delisted") == 1
    assert "! shown nowhere else" in shown
    assert "! main: main is well, so this is shown" in shown


@pytest.mark.parametrize(
    ("sort", "order"), [("value", "CBAD"), ("asset", "ABCD"), ("pnl", "ACBD"), ("change", "BACD")]
)
def test_holdings_are_sorted_as_asked_and_the_unknown_comes_last(sort: str, order: str) -> None:
    value = reading(
        holding("D", "1", "1"),
        holding("C", "1", "30", pnl="5", change="-0.1"),
        holding("B", "1", "20", pnl="-5", change="0.2"),
        holding("A", "1", "10", pnl="9", change="0.1"),
    )
    lines = screen(value, sort=sort).split("\n\n")[1].splitlines()[1:-1]
    assert "".join(line[0] for line in lines) == order


def test_a_past_moment_states_its_source_instead_of_an_age() -> None:
    shown = screen(
        reading(holding("BTC", "1", "100"), freshness=verdicts("main", age=timedelta(days=9))),
        tty(100),
        past="replayed from the ledger to 2026-01-01 00:00 UTC",
    )
    assert "replayed from the ledger to 2026-01-01 00:00 UTC" in shown
    assert "ago" not in shown
    assert "old" not in shown


def test_a_portfolio_of_positions_alone_adds_up_and_states_what_24_h_leaves_out():
    usdt = holding("USDT", "1500", "1", share="1", average="1", change="0")
    changed = totals("2028", change_24h=Decimal(0), change_24h_value=Decimal(0))
    shown = screen(reading(usdt, totals=changed, positions=(position(),)), tty(80))
    assert "24 h without positions\n" in shown
    assert re.search(r"(?m)^open positions +528\.00$", shown)
    assert re.search(r"(?m)^Total +2,028\.00", shown)
