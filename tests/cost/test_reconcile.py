"""What the balance makes of a basis: differences, their causes, reasons in words."""

from __future__ import annotations

from decimal import Decimal

from exchange_cache.cost.reconcile import difference_causes, reason_words, reconcile, unseen_units
from exchange_cache.money import grouped
from tests.cost.builders import basis_book, fill, transfer


def test_reasons_have_words() -> None:
    assert (
        reason_words("deposit 2026-01-05..2026-02-03 x3")
        == "deposited without a known price (from 2026-01-05 to 2026-02-03, 3 times)"
    )
    assert reason_words("reward 2026-01-05..2026-02-03 x1476").endswith(", 1,476 times)")
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
    many = reconcile(basis, Decimal("1234569.5"), asset="BTC", reporting_asset="USDT")
    assert difference_causes(many, grouped)[0].startswith("1,234,567.5 BTC was received")
    assert difference_causes(many)[0].startswith("1234567.5 BTC was received")
    less = reconcile(basis, Decimal(1), asset="BTC", reporting_asset="USDT")
    assert (less.difference, less.scaled_off) == (-1, 100)


def test_unseen_units_are_those_that_no_row_added() -> None:
    bought = basis_book(fill("buy", "2", "100")).pooled["BTC"]
    for balance, unseen in (("2", "0"), ("2.5", "0.5"), ("1", "0"), ("-1", "0")):
        known = reconcile(bought, Decimal(balance), asset="BTC", reporting_asset="USDT")
        assert unseen_units(known, bought) == Decimal(unseen)
    alone = reconcile(None, Decimal(3), asset="BTC", reporting_asset="USDT")
    assert unseen_units(alone, None) == 3


def test_units_received_without_a_price_are_not_unseen() -> None:
    basis = basis_book(fill("buy", "2", "100"), transfer("deposit", "1")).pooled["BTC"]
    known = reconcile(basis, Decimal("3.25"), asset="BTC", reporting_asset="USDT")
    assert known.unknown == Decimal("1.25")
    assert unseen_units(known, basis) == Decimal("0.25")
