"""Screens as plain text and Markdown."""

from decimal import Decimal

from tests.render.builders import (
    PIPED,
    example,
    holding,
    reading,
    screen,
)


def test_plain_has_the_facts_of_the_table_without_bars():
    shown = screen(example(), form="plain", min_value=Decimal(10))
    assert shown.split() == screen(example(), PIPED, min_value=Decimal(10)).split()


def test_markdown_is_a_pipe_table():
    shown = screen(
        reading(holding("BTC", "1.5", "100", average="50", share="1", pnl="75", fraction="1")),
        form="markdown",
    )
    head, body = shown.split("\n\n")
    assert head == "Portfolio   150.00 USDT     12 min ago, 1 of 1 ✓"
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in body.splitlines()]
    assert [" ".join(cell.split()) for cell in rows[0]] == [
        *("Asset", "Quantity", "Price", "Avg entry", "Value", "Unrealised %", "24 h", "Share"),
        *("Realised", "Accounts"),
    ]
    assert rows[2] == [
        *("BTC", "1.5", "100.00", "50.00", "150.00", "+75.00 +100.0", "-", "100.0 %", "-", "main"),
    ]
