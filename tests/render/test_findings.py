"""Findings as lines."""

from tests.render.builders import (
    finding,
    reading,
    screen,
)


def test_what_an_account_lacks_for_one_cause_is_one_finding_without_its_details():
    lost = [
        finding(
            "history_failed",
            "fills of spot (BTC/USDT) before 2024-11-23 could not be read",
            account="bybit",
            hint="excache basis set A",
        ),
        finding(
            "history_failed",
            "transfers between wallets before 2024-11-23 could not be read",
            account="bybit",
        ),
    ]
    assert screen(reading(warnings=tuple(lost))).endswith(
        "! bybit: fills of spot before 2024-11-23 could not be read; "
        "transfers between wallets before 2024-11-23 could not be read   excache basis set A\n"
    )
