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
