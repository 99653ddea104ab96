"""Every kind of transfer is in the table, or decided by several rows."""

from __future__ import annotations

from decimal import Decimal

import pytest

from exchange_cache.ledger.treatments import GIVEN, RECEIVED, Cause, treatment
from exchange_cache.records import TransferKind
from exchange_cache.value.difference import PARTS

BY_SEVERAL_ROWS = {"deposit", "withdrawal", "internal", "loan", "repayment", "subscription"}


def test_every_kind_is_treated_once() -> None:
    assert set(RECEIVED) == set(GIVEN)
    assert {str(kind) for kind in TransferKind} == {*BY_SEVERAL_ROWS, *map(str, RECEIVED)}
    assert not BY_SEVERAL_ROWS & set(map(str, RECEIVED))


def test_every_cause_is_a_part_of_a_difference() -> None:
    assert {str(cause) for cause in Cause} <= set(PARTS)


@pytest.mark.parametrize(
    ("kind", "quantity", "flow", "cause"),
    [
        ("reward", "-1", "income", "rewards"),
        ("interest", "1", "income", "rewards"),
        ("interest", "-1", "expense", "fees"),
        ("insurance", "-50", "expense", "fees"),
        ("settlement", "-300", "derivative", "trades"),
        ("liquidation", "5", "derivative", "trades"),
        ("adjustment", "-1", "adjustment", "adjustments"),
        ("unclassified", "1", "unclassified", "unclassified"),
    ],
)
def test_the_sign_decides_where_the_value_goes(
    kind: str, quantity: str, flow: str, cause: str
) -> None:
    found = treatment(TransferKind(kind), Decimal(quantity))
    assert found is not None
    assert (found.flow, found.cause) == (flow, cause)
