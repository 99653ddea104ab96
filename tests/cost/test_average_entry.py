"""The average entry price out of a history, or the reason why there is none."""

from __future__ import annotations

from decimal import Decimal

import pytest

from exchange_cache.cost.average_entry import AverageEntryPrice, get_average_entry_price
from exchange_cache.records import Fill, Transfer
from tests.cost.builders import Rates, fill, transfer

D = Decimal


def average(
    *events: Fill | Transfer, balance: str | None = None, method: str = "average"
) -> AverageEntryPrice:
    return get_average_entry_price(
        "BTC",
        [event for event in events if isinstance(event, Fill)],
        [event for event in events if isinstance(event, Transfer)],
        reporting_asset="USDT",
        rates=Rates(),
        balance=None if balance is None else D(balance),
        method=method,
    )


def test_fees_are_included() -> None:
    found = average(fill("buy", "1", "100", "2 USDT"), fill("buy", "1", "200", hour=1))
    assert (found.average, found.explained_quantity, found.unknown_quantity) == (151, 2, 0)
    assert found.reasons == ()


def test_fills_of_all_accounts_are_pooled() -> None:
    found = average(fill("buy", "1", "100"), fill("buy", "3", "200", account="second", hour=1))
    assert (found.average, found.explained_quantity) == (175, 4)


def test_the_method_decides_which_units_a_sale_removes() -> None:
    bought = fill("buy", "1", "100"), fill("buy", "1", "200", hour=1)
    sold = fill("sell", "1", "300", hour=2)
    assert average(*bought, sold, method="fifo").average == 200
    assert average(*bought, sold, method="lifo").average == 100


def test_the_balance_decides_what_is_explained() -> None:
    found = average(fill("buy", "1", "100"), balance="3")
    assert (found.average, found.explained_quantity, found.unknown_quantity) == (100, 1, 2)
    assert found.reasons == ("not_in_history",)
    assert found.words == ("held, but not explained by any stored fill or transfer",)


def test_an_unpriced_deposit_has_no_average_but_a_reason_with_its_day() -> None:
    found = average(transfer("deposit", "1"))
    assert (found.average, found.explained_quantity, found.unknown_quantity) == (None, 0, 1)
    assert found.reasons == ("deposit 2026-01-01",)


@pytest.mark.parametrize(
    ("events", "balance", "reason"),
    [
        ((), None, "no_history"),
        ((fill("buy", "1", "100"), fill("sell", "1", "110", hour=1)), None, "not_held"),
        ((fill("buy", "1", "100"),), "0", "not_held"),
    ],
)
def test_nothing_held_is_a_reason(
    events: tuple[Fill, ...], balance: str | None, reason: str
) -> None:
    found = average(*events, balance=balance)
    assert (found.average, found.unknown_quantity, found.reasons) == (None, 0, (reason,))


def test_an_unknown_average_needs_a_reason() -> None:
    with pytest.raises(ValueError, match="needs a reason"):
        AverageEntryPrice(
            asset="BTC",
            reporting_asset="USDT",
            average=None,
            explained_quantity=D(0),
            unknown_quantity=D(0),
        )
