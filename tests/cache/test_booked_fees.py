"""Fees that a ledger books in place of those that the list of fills states, in any order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import permutations

import pytest

from exchange_cache.booked import BookedFees
from exchange_cache.cache.booked_fees import BookedFeesRow
from exchange_cache.cache.repository import ExchangeCacheRepository
from exchange_cache.cache.streams import StreamKey, StreamState
from exchange_cache.records import DataType, Fee, Fill
from tests.builders import NOW, fill

STATED = (Fee(asset="USDT", amount=Decimal("0.96032")),)
IN_BASE = (Fee(asset="BTC", amount=Decimal("0.000032")),)
CREDITS = (Fee(asset="KFEE", amount=Decimal("1.145")), Fee(asset="USDT", amount=Decimal("0.5")))
TRADE = replace(fill("T1"), fees=STATED)


def booked(*fees: Fee, name: str = "T1") -> BookedFees:
    return BookedFees(account="main", fill_id=name, time=TRADE.time, fees=fees)


Save = Callable[..., None]


@pytest.fixture
def save(repository: ExchangeCacheRepository) -> Save:
    fills = StreamState(key=StreamKey(account="main", data_type=DataType.FILLS, scope="spot"))
    ledger = StreamState(key=StreamKey(account="main", data_type=DataType.TRANSFERS, scope="l"))

    def save(*records: Fill | BookedFees, refresh: bool = False) -> None:
        for record in records:
            state = fills if isinstance(record, Fill) else ledger
            repository.ledger.save_page(state, [record], NOW, refresh=refresh)

    return save


def _fees(repository: ExchangeCacheRepository) -> tuple[Fee, ...]:
    (stored,) = repository.ledger.fills()
    assert stored.fees_known
    return stored.fees


def _kept(repository: ExchangeCacheRepository) -> int:
    return len(repository._database.rows(BookedFeesRow.select(BookedFeesRow.fill_id)))


@pytest.mark.parametrize("refresh", [False, True])
@pytest.mark.parametrize("fees", [IN_BASE, CREDITS, ()])
def test_booked_fees_take_the_place_of_stated_ones_in_any_order_and_stay(
    repository: ExchangeCacheRepository, save: Save, fees: tuple[Fee, ...], refresh: bool
) -> None:
    for order in permutations((TRADE, booked(*fees), TRADE, booked(*fees))):
        save(*order, refresh=refresh)
        assert _fees(repository) == fees
    assert repository.ledger.revisions.versions() == (), "the exchange changed nothing afterwards"


def test_fees_that_both_state_are_kept_once(
    repository: ExchangeCacheRepository, save: Save
) -> None:
    save(TRADE, booked(Fee(asset="USDT", amount=Decimal("0.960320"))))
    assert (_fees(repository), _kept(repository), repository.ledger.changes()) == (STATED, 0, 0)


def test_a_change_is_counted_so_that_averages_are_derived_again(
    repository: ExchangeCacheRepository, save: Save
) -> None:
    save(TRADE, booked(*IN_BASE))
    assert (_kept(repository), repository.ledger.changes()) == (1, 1)
    save(booked(*IN_BASE), TRADE)
    assert repository.ledger.changes() == 1


def test_a_booking_that_grew_replaces_what_it_was(
    repository: ExchangeCacheRepository, save: Save
) -> None:
    """A page may end between the rows of one trade, the last of which comes with the next run."""
    save(TRADE, booked(CREDITS[1]), booked(*CREDITS), TRADE)
    assert (_fees(repository), _kept(repository)) == (CREDITS, 1)


def test_other_fills_and_accounts_keep_their_fees(
    repository: ExchangeCacheRepository, save: Save
) -> None:
    other = replace(TRADE, fill_id="T2", time=TRADE.time + timedelta(hours=3))
    save(TRADE, other, booked(*IN_BASE), booked(*IN_BASE, name="T9"))
    assert {one.fill_id: one.fees for one in repository.ledger.fills()} == {
        "T1": IN_BASE,
        "T2": STATED,
    }
