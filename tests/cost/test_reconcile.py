"""What the balance makes of a basis: differences, their causes, reasons in words."""

from __future__ import annotations

from decimal import Decimal

from exchange_cache.cost.reconcile import difference_causes, reason_words, reconcile
from tests.cost.builders import basis_book, fill


def test_reasons_have_words() -> None:
    assert (
        reason_words("deposit 2026-01-05..2026-02-03 x3")
        == "deposited without a known price (from 2026-01-05 to 2026-02-03, 3 times)"
    )
    assert reason_words("something new") == "something new"


def test_reconciliation_names_the_difference_and_likely_causes() -> None:
    basis = basis_book(fill("buy", "2", "100")).pooled["BTC"]
    same = reconcile(basis, Decimal(2), asset="BTC", reporting_asset="USDT")
    assert (same.difference, same.unknown, same.reasons, difference_causes(same)) == (
        0,
        0,
        (),
        (),
    )
    more = reconcile(basis, Decimal(3), asset="BTC", reporting_asset="USDT")
    assert (more.difference, more.events_quantity) == (1, 2)
    assert difference_causes(more)[0].startswith(
        "1 BTC was received before the stored history begins"
    )
    less = reconcile(basis, Decimal(1), asset="BTC", reporting_asset="USDT")
    assert (less.difference, less.scaled_off) == (-1, 100)
