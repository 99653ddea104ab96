"""Binance's archives: which calls they make, what they count against, and what they cover."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from exchange_cache.adapter.allowlist import archive_calls
from exchange_cache.adapter.archives import ArchivePolicy, Period
from exchange_cache.clock import to_ms
from exchange_cache.exchanges.binance import POLICY
from exchange_cache.ledger.coverage import Span
from exchange_cache.records import DataType

ARCHIVES = {one.name: one for one in POLICY.archives}
YEAR = Period(
    key="2024",
    span=Span(
        to_ms(datetime(2024, 1, 1, tzinfo=UTC)),
        to_ms(datetime(2025, 1, 1, tzinfo=UTC)),
    ),
)


@pytest.mark.parametrize(
    ("name", "covers", "a_month"),
    [
        ("usdm-trades", (DataType.FILLS, "linear"), 5),
        ("usdm-income", (DataType.TRANSFERS, "linear-income"), 5),
        ("usdm-orders", (DataType.ORDERS, "linear"), 10),
        ("coinm-trades", (DataType.FILLS, "inverse"), 5),
        ("coinm-income", (DataType.TRANSFERS, "inverse-income"), 5),
        ("coinm-orders", (DataType.ORDERS, "inverse"), 10),
    ],
)
def test_an_archive_covers_one_history_and_counts_against_the_downloads_of_the_month(
    name: str, covers: tuple[DataType, str], a_month: int
) -> None:
    archive = ARCHIVES[name]
    assert archive.covers == (covers,)
    assert any((one.data_type, one.scope) == covers for one in POLICY.streams)
    assert archive.by_request  # the user shares them with the web page
    assert archive.allowance is not None
    assert (archive.allowance.most, archive.allowance.per) == (a_month, None)


@pytest.mark.parametrize("archive", POLICY.archives, ids=lambda one: one.name)
def test_a_year_is_ordered_by_a_call_that_was_reviewed_to_its_last_millisecond(
    archive: ArchivePolicy,
) -> None:
    order = archive.order(YEAR)
    assert order.params == {
        "startTime": 1_704_067_200_000,
        "endTime": 1_735_689_599_999,
    }
    section, word = ("fapi", "USD-M") if archive.name.startswith("usdm") else ("dapi", "COIN-M")
    data = {"trades": "trade", "orders": "order"}.get(archive.name.split("-")[1], "income")
    assert order.method == f"{section}PrivateGet{data.title()}Asyn"
    reason = archive_calls()["binance"][f"GET {section}Private {data}/asyn"]
    assert word in reason and "counts against the downloads of the month" in reason
