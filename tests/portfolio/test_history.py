"""Figures of a snapshot come back as they were, however many digits a quotient of our own has."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from exchange_cache.cache.stored import Snapshot
from exchange_cache.money import EXACT
from exchange_cache.portfolio.history import reading_of, snapshot_details
from exchange_cache.portfolio.series import printed_prices, series
from tests.render.builders import holding, position, reading

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
#: 60 digits behind ten zeros: no exchange sends it, a division makes it.
QUOTIENT = EXACT.divide(Decimal("0.0000000001"), Decimal(7))


def _snapshot() -> Snapshot:
    shown = reading(
        holding("PEPE", "3", price=str(QUOTIENT)),
        positions=(position(entry_price=QUOTIENT, mark_price=QUOTIENT, unrealised_pnl=QUOTIENT),),
    )
    return Snapshot(
        id=1, taken_at=NOON, reporting_asset="USDT", value=QUOTIENT, stale_value=Decimal(0),
        details=snapshot_details(shown),
    )  # fmt: skip


def test_a_quotient_in_a_snapshot_is_read_back_to_the_last_digit() -> None:
    again = reading_of(_snapshot())
    assert again.positions[0].position.mark_price == QUOTIENT
    assert again.positions[0].unrealised_value == QUOTIENT
    assert again.holdings[0].price == QUOTIENT


def test_a_quotient_in_a_snapshot_breaks_no_history() -> None:
    assert [price for _, _, price in printed_prices(_snapshot())] == [QUOTIENT]
    assert series([_snapshot()])[0].parts == {}
