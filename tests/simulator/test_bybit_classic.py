"""What the simulated Bybit tells of the time before its account became unified: everything once,
and by the endpoints for it alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import ccxt
import pytest

from exchange_cache.simulator.server import Simulator, running_simulator
from tests.simulator.builders import NOW_MS
from tests.simulator.bybit_world import (
    DAY,
    KEPT,
    WEEK,
    bybit_client,
    bybit_venue,
    everything,
    pages,
)


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with running_simulator(bybit_venue(), limit_scale=1000) as running:
        yield running


@pytest.fixture(scope="module")
def client(simulator: Simulator) -> Any:
    return bybit_client(simulator)


@pytest.fixture(scope="module")
def reported(client: Any) -> dict[str, list[Any]]:
    call = client.privateGetV5PreUpgradeExecutionList
    return {
        category: everything(call, category=category, limit=100)
        for category in ("spot", "linear", "inverse")
    }


def _trades(rows: list[Any]) -> list[Any]:
    return [row for row in rows if row["execType"] == "Trade"]


@pytest.mark.parametrize("category", ["spot", "linear", "inverse"])
def test_every_fill_of_two_years_from_before_the_upgrade_is_reported(
    reported: dict[str, list[Any]], simulator: Simulator, category: str
) -> None:
    upgraded = simulator.venue.account("bybit").upgraded_ms
    fills = simulator.venue.fills("bybit", kind=category, start=NOW_MS - KEPT, end=upgraded - 1)
    assert sorted(row["execId"] for row in _trades(reported[category])) == sorted(
        fill.id for fill in fills
    )
    assert len(fills) > 3


def test_the_same_fill_is_never_reported_by_both_endpoints(
    reported: dict[str, list[Any]], client: Any, simulator: Simulator
) -> None:
    upgraded = simulator.venue.account("bybit").upgraded_ms
    around = {
        "category": "spot",
        "startTime": upgraded - WEEK // 2,
        "endTime": upgraded + WEEK // 2,
        "limit": 100,
    }
    unified = {
        row["execId"] for page in pages(client.privateGetV5ExecutionList, **around) for row in page
    }
    assert unified.isdisjoint(row["execId"] for row in reported["spot"])


def test_rows_do_not_name_the_coin_of_the_fee(
    reported: dict[str, list[Any]], simulator: Simulator
) -> None:
    for row in _trades(reported["spot"]):
        fill = simulator.venue.fill(
            "bybit", simulator.venue.market_by_id("bybit", row["symbol"]).symbol, row["execId"]
        )
        assert "feeCurrency" not in row
        assert Decimal(row["execFee"]) == fill.fees[0][1]


def test_funding_of_that_time_is_reported_here_and_not_in_the_log(
    reported: dict[str, list[Any]], simulator: Simulator
) -> None:
    upgraded = simulator.venue.account("bybit").upgraded_ms
    paid = simulator.venue.incomes("bybit", kind="funding", start=NOW_MS - KEPT, end=upgraded - 1)
    rows = [
        row
        for category in ("linear", "inverse")
        for row in reported[category]
        if row["execType"] == "Funding"
    ]
    assert sorted(Decimal(row["execFee"]) for row in rows) == sorted(
        -income.amount for income in paid
    )
    assert len(paid) > 3


def test_pages_follow_a_token(client: Any, reported: dict[str, list[Any]]) -> None:
    newest = int(reported["spot"][-1]["execTime"])
    window = {"category": "spot", "startTime": newest - WEEK, "endTime": newest}
    found = list(pages(client.privateGetV5PreUpgradeExecutionList, limit=2, **window))
    ids = [row["execId"] for page in found for row in page]
    (whole, last) = pages(client.privateGetV5PreUpgradeExecutionList, limit=100, **window)
    assert (found[-1], last) == ([], [])
    assert ids == [row["execId"] for row in whole]
    assert len(ids) > 2


def test_orders_of_that_time_are_reported_once_they_were_filled(
    client: Any, simulator: Simulator
) -> None:
    upgraded = simulator.venue.account("bybit").upgraded_ms
    for category in ("spot", "linear"):
        rows = everything(client.privateGetV5PreUpgradeOrderHistory, category=category, limit=50)
        orders = simulator.venue.orders(
            "bybit", kind=category, start=NOW_MS - KEPT, end=upgraded - 1
        )
        assert sorted(row["orderId"] for row in rows) == sorted(o.id for o in orders if o.filled)


def test_windows_are_as_everywhere(client: Any) -> None:
    for call in (
        client.privateGetV5PreUpgradeExecutionList,
        client.privateGetV5PreUpgradeOrderHistory,
    ):
        with pytest.raises(ccxt.BadRequest, match="7 days"):
            call({"category": "spot", "startTime": NOW_MS - WEEK - 1, "endTime": NOW_MS})


def test_contracts_settled_in_usdc_are_reported_for_six_months() -> None:
    venue = bybit_venue()
    venue.state.accounts["bybit"] = replace(venue.account("bybit"), upgraded_ms=NOW_MS)
    with running_simulator(venue, limit_scale=1000) as running:
        rows = everything(
            bybit_client(running).privateGetV5PreUpgradeExecutionList, category="linear", limit=100
        )
    linear = venue.fills("bybit", kind="linear", start=NOW_MS - KEPT, end=NOW_MS - 1)
    kept = {f.id for f in linear if f.market.settle == "USDT" or f.time_ms >= NOW_MS - 180 * DAY}
    assert {row["execId"] for row in _trades(rows)} == kept
    assert {f.market.settle for f in linear if f.id not in kept} == {"USDC"}
