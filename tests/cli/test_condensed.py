"""Rows of ``explain`` on a screen: small events that follow each other are summed up."""

from __future__ import annotations

from decimal import Decimal

from exchange_cache.cli.condensed import condensed_rows

D = Decimal


def row(event: str, quantity: str, account: str = "main") -> dict[str, object]:
    return {"event": event, "quantity": D(quantity), "account": account, "note": "id 1"}


def test_only_small_events_that_follow_each_other_are_summed_up() -> None:
    rows = [
        row("buy BTC/USDT", "1"),
        row("reward", "0.1"),
        row("funding", "-0.3", "other"),
        row("sell BTC/USDT", "-0.5"),
        row("reward", "0.2"),
    ]
    shown, summed = condensed_rows(rows)
    assert [(one["event"], one["quantity"], one["account"]) for one in shown] == [
        ("buy BTC/USDT", D(1), "main"),
        ("2 x funding, reward", D("-0.2"), "several"),
        ("sell BTC/USDT", D("-0.5"), "main"),
        ("reward", D("0.2"), "main"),
    ]
    assert (summed, shown[1]["note"], shown[3]["note"]) == (2, "", "id 1")
